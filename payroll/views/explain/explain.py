"""The calculation of one person's pay as a function of the record: nothing is read or rebuilt.

The amounts are those of the record; the steps of the law are worked out from the inputs that it
keeps of the person, and everything is held against the lines, the back-test and the payments.
"""

from __future__ import annotations

from payroll.model.errors import UsageError
from payroll.record.about import PayeeRecord
from payroll.views.explain.bonus import bonus_part
from payroll.views.explain.holiday import holiday_part
from payroll.views.explain.recorded import STREAMS_OF_STAFF, require_recorded
from payroll.views.explain.salary import salary_part
from payroll.views.explain.tree import Explanation

_HOUSEHOLD = (
    "statutory",
    "children",
    "disabled_children",
    "disabled",
    "single_parent",
    "other_dependants",
    "spouse_disabled",
    "dependants_65",
    "spouse_low_income",
    "spouse_low_pension",
)
_FACTS = ("tax_status", "fte_millionths", "monthly_gross_cents", "worked", "origin", "source")
#: The frames that name everybody of whom a run can say something.
_KNOWN = ("people", "payees", "to_settle", "findings")


def explain(record: PayeeRecord, language: str) -> Explanation:
    """How salary, holiday pay and bonus of one person came about, the findings in a language.

    Raises UsageError explain_unknown for somebody the run does not know, PayrollError
    explain_differs when the files of the run do not agree with one another.
    """
    if not any(record.rows(frame) for frame in _KNOWN):
        near = ", ".join(record.near(*_KNOWN))
        raise UsageError("explain_unknown", where=record.run_id, id=record.payee_id, near=near)
    for stream in STREAMS_OF_STAFF:
        due = sum(line["amount_cents"] for line in record.lines if line["stream"] == stream)
        paid = [row for row, _ in record.payments if row["stream"] == stream]
        require_recorded(record, sum(row["amount_cents"] for row in paid) == max(due, 0))
    parts = [salary_part(record), holiday_part(record), bonus_part(record)]
    return Explanation(
        run_id=record.run_id,
        employee_id=record.payee_id,
        name=_name(record),
        period=str(record.order.period),
        facts=_facts(record),
        parts=tuple(part for part in parts if part is not None),
        findings=tuple(
            (row["severity"], row["rule_id"], row["message"], row["source"])
            for row in record.findings(language)
        ),
    )


def _name(record: PayeeRecord) -> str:
    """The name on the employees list."""
    person, payee = record.row("people"), record.row("payees")
    listed = payee is not None and (person is None or person["on_staff"])
    return str(payee["name"]) if payee is not None and listed else ""


def _facts(record: PayeeRecord) -> dict[str, int | str]:
    """What the calculation knows of the person, as the employees list has it."""
    person = record.row("people")
    if person is None or not person["on_staff"]:
        return {}
    return {
        **{name: int(person[name]) for name in _HOUSEHOLD},
        **{name: person[name] for name in _FACTS},
    }
