"""The bonus of one person: hours x rates, and the month's pay with it less the pay without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from payroll.gross_to_net.columns import OTHER_BONUS, OTHER_WAGE, CalculationInput
from payroll.model.components import BONUS_GROSS, BONUS_NETTED, GARNISHMENT, SETTLEMENT
from payroll.model.law import Law
from payroll.model.net_steps import NET_STEPS
from payroll.model.streams import BONUSES
from payroll.record.about import PayeeRecord, Row
from payroll.rulebook.bonus_month import counts_when_earned
from payroll.rulebook.components import NO_RATIO, bases_of, policy_of
from payroll.views.explain.lines import lines_of
from payroll.views.explain.recorded import (
    input_of,
    note,
    paid,
    pay_of,
    require_recorded,
    seized_before,
    why_estimated,
)
from payroll.views.explain.salary import quarter_step
from payroll.views.explain.steps import garnishment_items, step_title, steps_of
from payroll.views.explain.tree import Compared, Deduction, Estimate, ExplainedLine, Part

STREAM, WORK_BONUS = BONUSES.name, "work_bonus"


def bonus_part(record: PayeeRecord) -> Part | None:
    """The person's bonus of the run; None when nothing is known of one."""
    ordered = record.order.section(BONUSES)
    if ordered is None:
        return None
    lines = lines_of(record, STREAM)
    part = Part(
        stream=STREAM,
        earning_period=str(ordered.earned),
        payment=paid(record, STREAM),
        sum_cents=sum(line.cents for line in lines),
    )
    if not lines:
        return replace(part, notes=(note("no_bonus_lines"),)) if _expected(record) else None
    gross = tuple(line for line in lines if line.component == BONUS_GROSS)
    between = [
        line for line in lines if line.component not in (BONUS_GROSS, GARNISHMENT, BONUS_NETTED)
    ]
    before = sum(line.cents for line in (*gross, *between))
    netted = tuple(
        Deduction(line=line, note=note("bonus_netted"))
        for line in lines
        if line.component == BONUS_NETTED
    )
    person = record.row("people")
    if person is None or not person["computed"]:
        return replace(
            part,
            gross=gross,
            deductions=netted,
            net_lines=tuple(between),
            net_cents=before,
            estimate=_estimate(record, lines),
        )
    law = record.rulebook.laws(record.order)[1]
    month = input_of(person)
    without = pay_of(month, law)
    taken = sum(line.cents for line in between if line.component == WORK_BONUS)
    whole = _with_bonus(record, month, sum(line.cents for line in gross))
    if counts_when_earned(record.rulebook, ordered.earned, record.order.period):
        whole = _of_other_month(whole, month, law, without["work_bonus_cents"] + taken)
    pay = pay_of(whole, law)
    compared = _compared(record, without, pay)
    for row in compared[1:-1]:
        own = sum(line.cents for line in between if line.component == row.entry)
        require_recorded(record, own == row.second_cents - row.first_cents)
    steps = steps_of(whole, law, record.rulebook, pay["net_cents"])
    settled = sum(line.cents for line in between if line.component == SETTLEMENT)
    if settled:
        special = "special_contribution_cents"
        more = pay[special] - without[special]
        steps.append(quarter_step(record, person, whole, law, more))
        require_recorded(record, person["settled_cents"] - steps[-1].cents == settled)
    net = pay["net_cents"] - without["net_cents"] + settled
    require_recorded(record, net == before)
    return replace(
        part,
        gross=gross,
        net_cents=net,
        steps=tuple(steps),
        known=tuple(row for row in compared if row.first_cents or row.second_cents),
        deductions=(
            *(
                _seized(record, person, line, net, law)
                for line in lines
                if line.component == GARNISHMENT
            ),
            *netted,
        ),
    )


def _expected(record: PayeeRecord) -> bool:
    """Whether the run lists hours of the person as still to be settled."""
    waiting = (row for row in record.rows("to_settle") if row["stream"] == STREAM)
    return any(row["reason"].startswith("reason_hours") for row in waiting)


def _with_bonus(record: PayeeRecord, month: CalculationInput, cents: int) -> CalculationInput:
    """This month's input with a gross bonus added."""
    statutory = bool(month.flag("statutory")[0])
    bases = bases_of(record.rulebook.components.get(BONUS_GROSS), statutory=statutory)
    added = {name: month.cents(name) + cents for name in bases}
    return CalculationInput({**month.columns, **added}, month.count)


def _of_other_month(
    whole: CalculationInput, month: CalculationInput, law: Law, work_bonus: int
) -> CalculationInput:
    """The month with a bonus that counts in another one for the work bonus, which then came to so
    much (cents), as recorded.
    """
    wage = whole.cents("nsso_cents") - month.cents("nsso_cents")
    whole = CalculationInput({**whole.columns, OTHER_WAGE: wage}, whole.count)
    settled = np.array([work_bonus - pay_of(whole, law)["work_bonus_cents"]], dtype=np.int64)
    return CalculationInput({**whole.columns, OTHER_BONUS: settled}, whole.count)


def _compared(
    record: PayeeRecord, without: Mapping[str, int], pay: Mapping[str, int]
) -> list[Compared]:
    """The month without and with the bonus: gross, each step of the net, the net."""
    statutory = bool((record.row("people") or {}).get("statutory"))
    amounts = (
        ("gross", None, 1, "gross_cents"),
        *(
            (
                step.id,
                step_title(record.rulebook, step.id, statutory=statutory),
                step.sign,
                step.cents,
            )
            for step in NET_STEPS
        ),
        ("net", None, 1, "net_cents"),
    )
    return [
        Compared(
            entry=entry,
            title=title,
            first_cents=sign * without[column],
            second_cents=sign * pay[column],
        )
        for entry, title, sign, column in amounts
    ]


def _seized(record: PayeeRecord, person: Row, line: ExplainedLine, net: int, law: Law) -> Deduction:
    """What a garnishment that follows the law takes of the whole month's net, salary included."""
    seizable, seized = seized_before(record, person, STREAM)
    amounts = {"whole": seizable + net, "salary": seized}
    items = garnishment_items(amounts["whole"], person["children"], law, record.rulebook)
    return Deduction(line=line, items=items, note=note("garnishment_bonus", amounts))


def _estimate(record: PayeeRecord, lines: list[ExplainedLine]) -> Estimate:
    """By the person's last known ratio, else by the policy."""
    person = record.row("people")
    why = why_estimated(person)
    if person is not None and person["in_register"]:
        known = person["net_before_cents"], person["gross_before_cents"]
        if min(known) > 0:
            return Estimate(
                why=why, ratio_net_cents=known[0], ratio_gross_cents=known[1], unchanged=False
            )
    policy = policy_of(record.rulebook.policies, NO_RATIO)
    numerator, denominator = policy.dated(record.order.earned(STREAM).first_day).ratio
    figures = (figure for line in lines for figure in line.figures)
    return Estimate(
        why=why,
        ratio_net_cents=numerator,
        ratio_gross_cents=denominator,
        unchanged=False,
        figure=next((item for item in figures if item.figure_id == f"policy:{policy.id}"), None),
    )
