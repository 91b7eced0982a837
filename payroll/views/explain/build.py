"""The calculation of one person's pay, assembled from a run's own bytes.

`source` rebuilds the person and holds the result against the run, `salary` and `bonus` say how
each amount came about; what is shown is the tree of payroll.views.explain.tree.
"""

from __future__ import annotations

from payroll.views.explain.bonus import bonus_part
from payroll.views.explain.salary import salary_part
from payroll.views.explain.source import Person, Stored, rebuild_person
from payroll.views.explain.tree import Explanation

__all__ = ["Stored", "explain_pay"]

_FACTS = (
    "statutory",
    "tax_status",
    "children",
    "disabled_children",
    "disabled",
    "single_parent",
    "other_dependants",
    "spouse_disabled",
)


def explain_pay(run: Stored, employee_id: str) -> Explanation:
    """How the salary and the bonus of one person were worked out.

    Raises UsageError explain_unknown for somebody the run does not know, PayrollError
    explain_differs when the run folder says something else than its own inputs give.
    """
    person = rebuild_person(run, employee_id)
    parts = [salary_part(person), bonus_part(person)]
    staff = person.of("employees")
    name = "" if staff.empty else f"{staff['first_name'].iloc[0]} {staff['last_name'].iloc[0]}"
    return Explanation(
        run_id=run.run_id,
        employee_id=employee_id,
        name=name.strip(),
        period=str(run.order.period),
        facts=_facts(person),
        parts=tuple(part for part in parts if part is not None),
        findings=_findings(person),
    )


def _facts(person: Person) -> dict[str, int | str]:
    """What the calculation knows of the person, as the employees list has it."""
    staff = person.of("employees")
    if staff.empty or person.position is None:
        return {}
    household = person.staff.people.household.iloc[person.position]
    facts: dict[str, int | str] = {name: int(household[name]) for name in _FACTS}
    row = person.staff.people.frame.iloc[person.position]
    facts |= {
        "tax_status": str(staff["tax_status"].iloc[0]),
        "fte_millionths": int(row["fte_millionths"]),
        "monthly_gross_cents": int(row["monthly_gross_cents"]),
        "worked": int(person.staff.calculation.people["worked"].iloc[person.position]),
        "origin": str(row["origin"]),
        "source": str(staff["source"].iloc[0]),
    }
    return facts


def _findings(person: Person) -> tuple[tuple[str, str, str, str], ...]:
    rows = person.run.findings
    rows = rows[(rows["subject_id"] == person.employee_id) & (rows["subject_kind"] == "employee")]
    columns = (rows[name] for name in ("severity", "rule_id", "message", "source"))
    return tuple(zip(*columns, strict=True))
