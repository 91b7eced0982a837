"""What the parts of an explanation read of the record, and the proof that it is consistent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from payroll.gross_to_net.columns import CALCULATION_INPUT, MONTH, TAX_STATUS, CalculationInput
from payroll.gross_to_net.engine import amounts
from payroll.model.components import HOLIDAY_GARNISHMENT, HOLIDAY_LINES
from payroll.model.errors import PayrollError
from payroll.model.findings import SubjectKind
from payroll.model.law import Law
from payroll.model.streams import HOLIDAY_PAY, SALARIES, paid_to
from payroll.record.about import PayeeRecord, Row
from payroll.rulebook.components import PAID_BY_BANK
from payroll.rulebook.figures import Days
from payroll.views.explain.tree import Note, Paid

STREAMS_OF_STAFF = paid_to(SubjectKind.EMPLOYEE)


def require_recorded(record: PayeeRecord, agrees: bool) -> None:
    """Raise PayrollError explain_differs unless the record agrees: then nothing is shown."""
    if not agrees:
        raise PayrollError("explain_differs", where=record.run_id, id=record.payee_id)


def input_of(person: Row, prefix: str = "") -> CalculationInput:
    """The input of gross to net in a row of PEOPLE; prefix `known_`: of the known month."""
    values = {
        **{name: person[f"{prefix}{name}"] for name in MONTH.columns},
        "tax_status": TAX_STATUS.get(person["tax_status"], 0),
    }
    return CalculationInput(
        {
            name: np.array([values.get(name, person.get(name))], dtype=dtype)
            for name, dtype in CALCULATION_INPUT.columns.items()
        },
        1,
    )


def pay_of(person: CalculationInput, law: Law) -> Mapping[str, int]:
    """PAY of one person (cents)."""
    return {name: int(column[0]) for name, column in amounts(person, law).items()}


def days_of(record: PayeeRecord) -> Days:
    """The days that date what is earned and what is paid."""
    return Days(record.order.period.last_day, record.order.pay_on(*STREAMS_OF_STAFF))


def seized_before(record: PayeeRecord, person: Row, stream: str) -> tuple[int, int]:
    """(net that may be seized, what was seized of it) before a stream, of the payments of its
    calendar month: the salary, then holiday pay.
    """
    month = record.order.pay_on(stream).isoformat()[:7]
    seizable = seized = 0
    if record.order.pay_on(SALARIES.name).isoformat()[:7] == month:
        seizable, seized = person["seizable_cents"], person["seized_cents"]
    holidays = record.order.section(HOLIDAY_PAY)
    if stream != HOLIDAY_PAY.name and holidays and holidays.pay_on.isoformat()[:7] == month:
        for line in record.lines:
            if line["component"] == HOLIDAY_GARNISHMENT:
                seized -= line["amount_cents"]
            elif line["component"] in HOLIDAY_LINES:
                seizable += line["amount_cents"]
    return seizable, seized


def paid(record: PayeeRecord, stream: str) -> Paid | None:
    """The payment of the person in a stream, if it is one; its status may be NOT_MADE's."""
    for row, not_made in record.payments:
        if row["stream"] == stream:
            dated = row["execution_date"] or row["status"] != "pay" or not_made
            require_recorded(record, bool(dated))
            return Paid(
                payment_id=row["payment_id"],
                cents=row["amount_cents"],
                status=not_made or row["status"],
                hold_rules=row["hold_rules"],
                execution_date=row["execution_date"],
                legal_nature=row["legal_nature"],
            )
    return None


def note(name: str, cents: dict[str, int] | None = None, **words: str) -> Note:
    """A sentence of the catalogue with its amounts and words."""
    return Note(note=name, cents=cents or {}, words=words)


def why_estimated(person: Row | None) -> Note:
    """Which data are missing, so that the law could not be applied."""
    if person is None:
        return note("why_nobody")
    if person["origin"] == PAID_BY_BANK:
        return note("why_paid_by_bank")
    if not person["on_staff"]:
        return note("why_not_on_staff")
    if person["origin"] == "not_in_register":
        return note("why_not_in_register")
    return note("why_no_law")
