"""The salary of one person: gross, the law of the month, the known month, deductions, the sum."""

from __future__ import annotations

from dataclasses import replace

from payroll.model.net_steps import NET_STEPS
from payroll.model.streams import SALARIES
from payroll.rebuild.bank_month import COMPONENT
from payroll.rebuild.calculation import laws
from payroll.rebuild.estimation import NO_RATIO, percent_ratio
from payroll.rebuild.net import RATIO, SETTLEMENT
from payroll.rebuild.quarter import Quarter
from payroll.rebuild.third_parties import NO_END
from payroll.rulebook.components import PAID_BY_BANK, policy_of
from payroll.rulebook.figures import Figure, figure_at, plain_texts
from payroll.rulebook.law import Law
from payroll.views.explain.lines import dropped_lines, lines_of
from payroll.views.explain.source import Person
from payroll.views.explain.steps import garnishment_items, settlement_step, steps_of
from payroll.views.explain.tree import (
    Change,
    Compared,
    Deduction,
    Estimate,
    Line,
    Note,
    Paid,
    Part,
    Step,
)

STREAM = SALARIES.name
#: Lines after the net that the law gives: other people's money, or paid as typed.
DEDUCTIONS = ("other_deductions", "garnishment", "one_off_net")
_BETWEEN = (
    *(step.id for step in NET_STEPS),
    SETTLEMENT,
    "residual",
    "deductions_estimated",
    COMPONENT,
)


def salary_part(person: Person) -> Part:
    """The person's salary of the run, whether it is paid, held, owed to us or nothing at all."""
    lines = lines_of(person, STREAM)
    part = Part(
        stream=STREAM,
        earning_period=str(person.run.order.period),
        payment=paid(person, STREAM),
        sum_cents=sum(line.cents for line in lines),
    )
    if not lines:
        return replace(part, notes=_why_nothing(person))
    gross = tuple(line for line in lines if line.component not in (*_BETWEEN, *DEDUCTIONS))
    between = tuple(line for line in lines if line.component in _BETWEEN)
    before = sum(line.cents for line in (*gross, *between))
    deductions = tuple(_deduction(person, line) for line in lines if line.component in DEDUCTIONS)
    part = replace(part, gross=gross, deductions=deductions, dropped=tuple(dropped_lines(person)))
    position = person.position
    calculation = person.staff.calculation
    if position is None or not calculation.computed[position]:
        return replace(part, net_lines=between, net_cents=before, estimate=_estimate(person, gross))
    law = calculation.law or laws(person.run.order, person.run.rulebook)[1]
    net = int(calculation.pay["net_cents"].iloc[position])
    row = calculation.people.iloc[[position]].reset_index(drop=True)
    known, residual = _known_month(person, position)
    steps = (*steps_of(row, law, person.run.rulebook, net), *_settlement(person, position, law))
    return replace(
        part,
        net_cents=net - int(calculation.settled[position]),
        steps=steps,
        known_period=str(person.run.order.last_known),
        known=known,
        residual_cents=residual,
        changes=_changes(person, position),
        notes=() if known else (note("no_known_month"),),
    )


def _settlement(person: Person, position: int, law: Law) -> tuple[Step, ...]:
    """The settlement of the quarter as a step, where the month settles one."""
    calculation = person.staff.calculation
    settled = int(calculation.settled[position])
    if not settled:
        return ()
    whole = calculation.quarter
    own = Quarter(*(part[[position]] for part in (whole.wages, whole.withheld, whole.settled)))
    status = int(calculation.people["tax_status"].iloc[position])
    return (settlement_step(own, status, law, person.run.rulebook),)


def note(name: str, cents: dict[str, int] | None = None, **words: str) -> Note:
    """A sentence of the catalogue with its amounts and words."""
    return Note(note=name, cents=cents or {}, words=words)


def paid(person: Person, stream: str) -> Paid | None:
    """The payment of the person in a stream, if it is one."""
    rows = person.run.payments
    rows = rows[(rows["payee_id"] == person.employee_id) & (rows["stream"] == stream)]
    if rows.empty:
        return None
    row = rows.iloc[0]
    return Paid(
        payment_id=row["payment_id"],
        cents=int(row["amount_cents"]),
        status=row["status"],
        hold_rules=row["hold_rules"],
        execution_date=row["execution_date"],
        legal_nature=row["legal_nature"],
    )


def _why_nothing(person: Person) -> tuple[Note, ...]:
    """Why somebody the run knows has no salary line."""
    if person.run.order.section(SALARIES) is None:
        return (note("not_ordered"),)
    if person.position is not None:
        row = person.staff.people.frame.iloc[person.position]
        if row["left_before"]:
            return (note("left_before", source=str(row["leave_source"])),)
        if not row["payable"]:
            return (note("nothing_known"),)
        return (note("nothing_due"),)
    return (note("not_rebuilt"),)


def _known_month(person: Person, position: int) -> tuple[tuple[Compared, ...], int | None]:
    """Register and calculation of the known month, and the residual between their nets."""
    frame = person.staff.people.frame.iloc[position]
    if not frame["in_register"]:
        return (), None
    pay = person.staff.calculation.known_pay.iloc[position].to_dict()
    settled = int(person.staff.calculation.known_settled[position])
    pay["special_contribution_cents"] += settled
    pay["net_cents"] -= settled
    steps = person.run.rulebook.steps
    rows = [
        Compared(
            entry="gross",
            title=None,
            first_cents=int(frame["gross_before_cents"]),
            second_cents=int(pay["gross_cents"]),
        )
    ]
    rows += [
        Compared(
            entry=step.id,
            title=plain_texts(steps[step.id].title),
            first_cents=step.sign * int(frame[step.register]),
            second_cents=step.sign * int(pay[step.cents]),
        )
        for step in NET_STEPS
    ]
    rows.append(
        Compared(
            entry="net",
            title=None,
            first_cents=int(frame["net_before_cents"]),
            second_cents=int(pay["net_cents"]),
        )
    )
    shown = tuple(row for row in rows if row.first_cents or row.second_cents)
    lines = person.lines
    residual = lines.loc[
        (lines["stream"] == STREAM) & (lines["component"] == "residual"), "amount_cents"
    ]
    return shown, int(residual.sum())


def _changes(person: Person, position: int) -> tuple[Change, ...]:
    """The steps that this month's law computes otherwise than the known month's would."""
    calculation, rulebook = person.staff.calculation, person.run.rulebook
    old_law, law = laws(person.run.order, rulebook)
    changes = []
    for step in NET_STEPS:
        old, new = (
            step.sign * int(frame[step.cents].iloc[position])
            for frame in (calculation.old_law_pay, calculation.pay)
        )
        if old != new:
            changes.append(
                Change(
                    step_id=step.id,
                    title=plain_texts(rulebook.steps[step.id].title),
                    old_cents=old,
                    new_cents=new,
                    figures=_moved(person, old_law, law, step.id),
                )
            )
    return tuple(changes)


def _moved(
    person: Person, old: Law, new: Law, step: str
) -> tuple[tuple[Figure | None, Figure], ...]:
    """(before, after) of each figure of a step that has a new value."""
    rulebook = person.run.rulebook
    pairs = []
    for figure in new.step(step).dated.figures:
        before, after = (figure_at(rulebook, figure, law.step(step).day) for law in (old, new))
        if after is not None and (before is None or before.from_ != after.from_):
            pairs.append((before, after))
    return tuple(pairs)


def _deduction(person: Person, line: Line) -> Deduction:
    """A deduction and, for a garnishment of the register, what the law lets be seized."""
    if line.component != "garnishment" or line.basis == "adjusted" or person.position is None:
        names = {"garnishment": "garnishment_typed", "one_off_net": "typed"}
        return Deduction(line=line, note=note(names.get(line.component, "as_known")))
    staff, position = person.staff, person.position
    frame, law = staff.people.frame.iloc[position], staff.calculation.law
    garnished = staff.garnished.iloc[position]
    known = int(frame["garnishment_cents"])
    if law is None or not staff.calculation.computed[position]:
        return Deduction(line=line, note=note("as_known"))
    household = staff.people.household.iloc[position]
    children = int(household["children"])
    items = garnishment_items(int(garnished["seizable_cents"]), children, law, person.run.rulebook)
    amounts = {"known": known, "seizable": int(garnished["seizable_cents"])}
    if int(garnished["claim_left_cents"]) == NO_END:
        return Deduction(line=line, items=items, note=note("garnishment_follows", amounts))
    kept = -line.cents == known
    name = "garnishment_kept" if kept else "garnishment_within"
    return Deduction(line=line, items=items, note=note(name, amounts))


def _estimate(person: Person, gross: tuple[Line, ...]) -> Estimate | None:
    """How the net was estimated, and why the law could not be applied."""
    if person.position is None:
        return None
    frame = person.staff.people.frame.iloc[person.position]
    lines = person.lines[person.lines["stream"] == STREAM]
    tokens = {token for rule in lines["rule_id"] for token in rule.split()}
    policy = next((token for token in sorted(tokens) if token.startswith("policy:")), "")
    after = sum(line.cents for line in gross)
    unchanged = bool(frame["in_register"]) and after == int(frame["gross_before_cents"])
    ratio: tuple[int, int] = int(frame["ratio_net_cents"]), int(frame["ratio_gross_cents"])
    figure = None
    if policy:
        figure = next(
            (
                item
                for line in lines_of(person, STREAM)
                for item in line.figures
                if item.figure_id == policy
            ),
            None,
        )
    as_paid = frame["origin"] == PAID_BY_BANK
    if as_paid:
        policies = person.run.rulebook.policies
        ratio = percent_ratio(
            policy_of(policies, PAID_BY_BANK).dated(person.run.order.period.first_day)
        )
    elif figure is not None and frame["in_register"] and RATIO not in tokens:
        found = policy_of(person.run.rulebook.policies, NO_RATIO)
        ratio = percent_ratio(found.dated(person.run.order.period.first_day))
    return Estimate(
        why=why_estimated(person),
        ratio_net_cents=ratio[0],
        ratio_gross_cents=ratio[1],
        unchanged=unchanged,
        figure=figure,
        as_paid=as_paid,
    )


def why_estimated(person: Person) -> Note:
    """Which data are missing, so that the law could not be applied."""
    if person.position is None:
        return note("why_nobody")
    frame = person.staff.people.frame.iloc[person.position]
    if frame["origin"] == PAID_BY_BANK:
        return note("why_paid_by_bank")
    if not frame["on_staff"]:
        return note("why_not_on_staff")
    if frame["origin"] == "not_in_register":
        return note("why_not_in_register")
    return note("why_no_law")
