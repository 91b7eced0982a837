"""The holiday pay of one person: basis x percentage x share, its own deductions, the net."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from payroll.gross_to_net.columns import CalculationInput
from payroll.model.components import HOLIDAY_GARNISHMENT, HOLIDAY_GROSS, HOLIDAY_LINES
from payroll.model.law import Law
from payroll.model.streams import HOLIDAY_PAY, STREAMS
from payroll.record.about import PayeeRecord, Row
from payroll.views.explain.lines import lines_of
from payroll.views.explain.recorded import input_of, note, paid, require_recorded, seized_before
from payroll.views.explain.steps import garnishment_items, holiday_steps
from payroll.views.explain.tree import Deduction, ExplainedLine, Part

STREAM = HOLIDAY_PAY.name
_WHOLE = ("gross_cents", "nsso_cents", "pension_cents")


def holiday_part(record: PayeeRecord) -> Part | None:
    """The person's holiday pay of the run; None when nothing is known of one."""
    if record.order.section(HOLIDAY_PAY) is None:
        return None
    lines = holiday_lines(record)
    waits = (row["reason"] for row in record.rows("to_settle") if row["stream"] == STREAM)
    part = Part(
        stream=STREAM,
        earning_period=str(record.order.period),
        payment=paid(record, STREAM),
        sum_cents=sum(line.cents for line in lines),
        waits=tuple(sorted(set(waits))),
    )
    if not lines:
        return part if part.waits else None
    person = record.row("people")
    require_recorded(record, person is not None)
    return _worked_out(record, person or {}, part, lines)


def holiday_lines(record: PayeeRecord) -> list[ExplainedLine]:
    """The lines of holiday pay, in whatever payment they go."""
    found = [line for name in STREAMS for line in lines_of(record, name)]
    return [line for line in found if line.component in HOLIDAY_LINES]


def _worked_out(record: PayeeRecord, person: Row, part: Part, lines: list[ExplainedLine]) -> Part:
    """With the steps of the law, held against the lines.

    Raises PayrollError explain_differs when one of them is another amount.
    """
    order = record.order
    law = record.rulebook.law(order.period.first_day, order.pay_on(STREAM))
    gross = tuple(line for line in lines if line.component in HOLIDAY_GROSS)
    month = input_of(person)
    whole = {name: np.array([person[f"whole_{name}"]], dtype=np.int64) for name in _WHOLE}
    month = CalculationInput({**month.columns, **whole}, month.count)
    steps = holiday_steps(month, sum(line.cents for line in gross), law, record.rulebook)
    for step in steps:
        written = sum(line.cents for line in lines if line.component == step.step_id)
        require_recorded(record, written == step.sign * step.cents)
    net = sum(line.cents for line in gross) + sum(step.sign * step.cents for step in steps)
    seized = tuple(line for line in lines if line.component == HOLIDAY_GARNISHMENT)
    require_recorded(record, net + sum(line.cents for line in seized) == part.sum_cents)
    return replace(
        part,
        gross=gross,
        net_cents=net,
        steps=tuple(steps),
        deductions=tuple(_seized(record, person, line, net, law) for line in seized),
    )


def _seized(record: PayeeRecord, person: Row, line: ExplainedLine, net: int, law: Law) -> Deduction:
    """What a garnishment takes of the whole calendar month's net, salary included."""
    seizable, seized = seized_before(record, person, STREAM)
    amounts = {"whole": seizable + net, "salary": seized}
    items = garnishment_items(amounts["whole"], person["children"], law, record.rulebook)
    return Deduction(line=line, items=items, note=note("garnishment_bonus", amounts))
