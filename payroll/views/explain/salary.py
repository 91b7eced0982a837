"""The salary of one person: gross, the law of the month, the known month, deductions, the sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from payroll.gross_to_net.columns import CalculationInput, in_calendar_of
from payroll.gross_to_net.engine import holiday_amounts
from payroll.model.components import (
    BONUS_NETTED,
    DEDUCTIONS_ESTIMATED,
    GARNISHMENT,
    HOLIDAY_LINES,
    NET_AS_PAID,
    ONE_OFF_NET,
    OTHER_DEDUCTIONS,
    RESIDUAL,
    SETTLEMENT,
)
from payroll.model.law import Law
from payroll.model.net_steps import NET_STEPS
from payroll.model.record_frames import NO_END
from payroll.model.streams import SALARIES
from payroll.record.about import PayeeRecord, Row
from payroll.rulebook.components import PAID_BY_BANK, policy_of
from payroll.rulebook.figures import Figure, figure_at, plain_texts
from payroll.views.explain.lines import dropped_lines, lines_of
from payroll.views.explain.recorded import (
    input_of,
    note,
    paid,
    pay_of,
    require_recorded,
    why_estimated,
)
from payroll.views.explain.steps import garnishment_items, settlement_step, step_title, steps_of
from payroll.views.explain.tree import (
    Compared,
    Deduction,
    Estimate,
    ExplainedLine,
    ExplainedStep,
    LawChange,
    Note,
    Part,
)

STREAM = SALARIES.name
#: Lines after the net that the law gives: other people's money, or paid as typed.
DEDUCTIONS = (OTHER_DEDUCTIONS, GARNISHMENT, ONE_OFF_NET, BONUS_NETTED)
_BETWEEN = (
    *(step.id for step in NET_STEPS),
    SETTLEMENT,
    RESIDUAL,
    DEDUCTIONS_ESTIMATED,
    NET_AS_PAID,
)


def salary_part(record: PayeeRecord) -> Part:
    """The person's salary of the run, whether it is paid, held, owed to us or nothing at all."""
    lines, person = lines_of(record, STREAM), record.row("people")
    due = sum(line.cents for line in lines)
    lines = [line for line in lines if line.component not in HOLIDAY_LINES]
    part = Part(
        stream=STREAM,
        earning_period=str(record.order.period),
        payment=paid(record, STREAM),
        along_cents=due - sum(line.cents for line in lines),
        sum_cents=due,
    )
    if not lines:
        return replace(part, notes=_why_nothing(record, person))
    part = replace(
        part,
        gross=tuple(line for line in lines if line.component not in (*_BETWEEN, *DEDUCTIONS)),
        deductions=tuple(
            _deduction(record, line) for line in lines if line.component in DEDUCTIONS
        ),
        dropped=tuple(dropped_lines(record)),
    )
    between = tuple(line for line in lines if line.component in _BETWEEN)
    if person is not None and person["computed"]:
        return _by_law(record, person, part, between)
    return replace(
        part,
        net_lines=between,
        net_cents=sum(line.cents for line in (*part.gross, *between)),
        estimate=_estimate(record, person, part.gross, lines),
    )


def _by_law(record: PayeeRecord, person: Row, part: Part, lines: tuple[ExplainedLine, ...]) -> Part:
    """The part of somebody whose net the law gives, held against the lines between gross and net.

    Raises PayrollError explain_differs when one of them is another amount.
    """
    old_law, law = record.rulebook.laws(record.order)
    month = input_of(person)
    as_before = in_calendar_of(month.columns, input_of(person, "known_").columns)
    before = CalculationInput({**month.columns, **as_before}, month.count)
    pay, by_old_law = pay_of(month, law), pay_of(before, old_law)
    known, left = _known_month(record, person, old_law)
    settled = -person["settled_cents"]
    anchored = bool(month.cents("gross_cents")[0]) and not person["known_partial"]
    own = {step.id: step.sign * pay[step.cents] for step in NET_STEPS}
    own |= {SETTLEMENT: settled, RESIDUAL: left or 0 if anchored else 0}
    for component, cents in own.items():
        written = sum(line.cents for line in lines if line.component == component)
        require_recorded(record, written == cents)
    require_recorded(record, pay["gross_cents"] == sum(line.cents for line in part.gross))
    changes = _changes(record, (by_old_law, pay), (old_law, law))
    effect = sum(change.new_cents - change.old_cents for change in changes)
    require_recorded(record, not known or effect == _law_effect(record))
    steps = steps_of(month, law, record.rulebook, pay["net_cents"])
    if settled:
        steps.append(quarter_step(record, person, month, law))
        require_recorded(record, -steps[-1].cents == settled)
    return replace(
        part,
        net_cents=pay["net_cents"] + settled,
        steps=tuple(steps),
        known_period=str(record.order.last_known),
        known=known,
        residual_cents=own[RESIDUAL] if known else None,
        changes=changes,
        notes=() if known else (note("no_known_month"),),
    )


def quarter_step(
    record: PayeeRecord, person: Row, month: CalculationInput, law: Law, more_withheld: int = 0
) -> ExplainedStep:
    """How the month's last payment settles the quarter; more_withheld: beside the salary's own."""
    earlier = person["quarter_first_cents"], person["quarter_second_cents"]
    withheld = person["quarter_withheld_cents"] + more_withheld
    return settlement_step(month, earlier, withheld, law, record.rulebook)


def _law_effect(record: PayeeRecord) -> int:
    """What CHANGES says that the law itself changed of the salary."""
    changes = (row for row in record.rows("changes") if row["stream"] == STREAM)
    return sum(row["law_cents"] for row in changes)


def _why_nothing(record: PayeeRecord, person: Row | None) -> tuple[Note, ...]:
    """Why somebody the run knows has no salary line."""
    if record.order.section(SALARIES) is None:
        return (note("not_ordered"),)
    if person is None:
        return (note("not_rebuilt"),)
    if person["left_before"]:
        return (note("left_before", source=person["leave_source"]),)
    return (note("nothing_due" if person["payable"] else "nothing_known"),)


def _known_month(
    record: PayeeRecord, person: Row, law: Law
) -> tuple[tuple[Compared, ...], int | None]:
    """Register and calculation of the known month, and what its net has beyond the calculated one;
    nothing of who is not in its register.
    """
    if not person["in_register"]:
        return (), None
    row = record.row("backtest")
    require_recorded(record, row is not None)
    row = row or {}
    settled = person["known_settled_cents"]
    pay = _known_pay(person, law)
    pay["special_contribution_cents"] += settled
    pay["net_cents"] -= settled
    steps, statutory = record.rulebook.steps, bool(person["statutory"])
    signs = {"gross": 1, **{step.id: step.sign for step in NET_STEPS}, "net": 1}
    rows = [
        Compared(
            entry=entry,
            title=step_title(record.rulebook, entry, statutory=statutory)
            if entry in steps
            else None,
            first_cents=sign * row[f"{entry}_known_cents"],
            second_cents=sign * row[f"{entry}_rebuilt_cents"],
        )
        for entry, sign in signs.items()
    ]
    for item in rows:
        require_recorded(
            record, item.second_cents == signs[item.entry] * pay[f"{item.entry}_cents"]
        )
    left = rows[-1].first_cents - rows[-1].second_cents
    return tuple(item for item in rows if item.first_cents or item.second_cents), left


def _known_pay(person: Row, law: Law) -> dict[str, int]:
    """PAY of the known month, with the holiday pay that its register has in it."""
    month, gross = input_of(person, "known_"), person["known_holiday_cents"]
    pay = dict(pay_of(month, law))
    if not gross:
        return pay
    found = holiday_amounts(month, np.array([gross]), law)
    own, tax, net = (
        int(found[f"holiday_pay_{name}_cents"][0])
        for name in ("contribution", "withholding", "net")
    )
    more = {
        "gross": gross,
        "personal_contribution": own,
        "taxable": gross - own,
        "withholding": tax,
        "net": net,
    }
    return pay | {f"{name}_cents": pay[f"{name}_cents"] + cents for name, cents in more.items()}


def _changes(
    record: PayeeRecord, pays: tuple[Mapping[str, int], Mapping[str, int]], laws: tuple[Law, Law]
) -> tuple[LawChange, ...]:
    """The steps that this month's law computes otherwise than the known month's would."""
    changes = []
    for step in NET_STEPS:
        old, new = (step.sign * pay[step.cents] for pay in pays)
        if old != new:
            changes.append(
                LawChange(
                    step_id=step.id,
                    title=plain_texts(record.rulebook.steps[step.id].title),
                    old_cents=old,
                    new_cents=new,
                    figures=_moved(record, laws, step.id),
                )
            )
    return tuple(changes)


def _moved(
    record: PayeeRecord, laws: tuple[Law, Law], step: str
) -> tuple[tuple[Figure | None, Figure], ...]:
    """(before, after) of each figure of a step that has a new value."""
    pairs = []
    for figure in laws[1].step(step).figures:
        before, after = (figure_at(record.rulebook, figure, law.step(step).day) for law in laws)
        if after is not None and (before is None or before.from_ != after.from_):
            pairs.append((before, after))
    return tuple(pairs)


def _deduction(record: PayeeRecord, line: ExplainedLine) -> Deduction:
    """A deduction and, for a garnishment of the register, what the law lets be seized."""
    person = record.row("people")
    if line.component != GARNISHMENT or line.basis == "adjusted" or person is None:
        names = {
            GARNISHMENT: "garnishment_typed",
            ONE_OFF_NET: "typed",
            BONUS_NETTED: "bonus_netted",
        }
        limited = line.component == OTHER_DEDUCTIONS and line.basis == "recomputed"
        name = "deduction_limited" if limited else names.get(line.component, "as_known")
        return Deduction(line=line, note=note(name))
    if not person["computed"]:
        return Deduction(line=line, note=note("as_known"))
    law = record.rulebook.laws(record.order)[1]
    seizable, known = person["seizable_cents"], person["garnishment_before_cents"]
    items = garnishment_items(seizable, person["children"], law, record.rulebook)
    amounts = {"known": known, "seizable": seizable}
    if person["claim_left_cents"] == NO_END:
        require_recorded(record, bool(items) and items[-1].cents == -line.cents)
        return Deduction(line=line, items=items, note=note("garnishment_follows", amounts))
    name = "garnishment_kept" if -line.cents == known else "garnishment_within"
    return Deduction(line=line, items=items, note=note(name, amounts))


def _estimate(
    record: PayeeRecord,
    person: Row | None,
    gross: tuple[ExplainedLine, ...],
    lines: list[ExplainedLine],
) -> Estimate | None:
    """How the net was estimated, and why the law could not be applied."""
    if person is None:
        return None
    ratio = person["ratio_net_cents"], person["ratio_gross_cents"]
    as_paid = person["origin"] == PAID_BY_BANK
    if as_paid:
        policy = policy_of(record.rulebook.policies, PAID_BY_BANK)
        ratio = policy.dated(record.order.period.first_day).ratio
    after = sum(line.cents for line in gross)
    figures = (figure for line in lines for figure in line.figures)
    return Estimate(
        why=why_estimated(person),
        ratio_net_cents=ratio[0],
        ratio_gross_cents=ratio[1],
        unchanged=person["in_register"]
        and not person["known_partial"]
        and after == person["gross_before_cents"],
        figure=next((item for item in figures if item.figure_id.startswith("policy:")), None),
        as_paid=as_paid,
    )
