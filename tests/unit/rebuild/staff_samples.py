"""Small source tables of staff for the rebuild's tests, and the rule book of this repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from payroll.model.order import payrun_model
from payroll.model.tables import SourceTables, no_tables, table_schema
from payroll.rulebook.book import load_rulebook
from payroll.rulebook.index import INDEX
from tests.reference.gross_to_net import Status
from tests.unit.rebuild.slow_month import Family, SlowPay, slow_pay

ROOT = Path(__file__).parents[3]
BOOK = load_rulebook(
    {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for folder in ("parameters", "scales")
        for path in sorted((ROOT / "rules" / folder).glob("*.toml"))
    }
)
#: The same book where public pay is never indexed: what else changes between two months.
WITHOUT_INDEX = replace(
    BOOK, parameters={name: item for name, item in BOOK.parameters.items() if name != INDEX}
)
ORDER = payrun_model().model_validate(
    {
        "period": "2022-05",
        "last_known": "2022-04",
        "salaries": {"pay_on": date(2022, 5, 31), "account": "main"},
        "bonuses": {"pay_on": date(2022, 5, 31), "account": "main", "earned": "2022-04"},
        "source": [],
    }
)
ALONE = Family()
IBAN, OTHER_IBAN = "BE68539007547034", "BE71096123456769"
_EMPTY: Mapping[str, object] = {"str": "", "int64": 0, "bool": False, "datetime64[s]": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person: components (code, cents) of April, amounts in cents, fte in millionths.

    The register holds what the law gives for April, and `unexplained` more withheld, which no rule
    of ours knows.
    """

    number: str
    components: tuple[tuple[str, int], ...] = (("1000", 300_000),)
    fte: int = 10**6
    monthly: int = 300_000
    status: Status = "contractual"
    family: Family = ALONE
    hired: date = date(2010, 1, 1)
    left: date | None = None
    unexplained: int = 0
    garnishment: int = 0
    other_deductions: int = 0
    in_register: bool = True
    in_staff: bool = True
    extra: tuple[tuple[str, Any], ...] = ()  # further register_totals columns

    @property
    def gross(self) -> int:
        return sum(cents for _, cents in self.components)

    @property
    def april(self) -> SlowPay:
        """What the law gives for April."""
        worked = Fraction(self.fte, 10**6)
        return slow_pay(self.status, self.family, self.components, worked, "2022-04")

    @property
    def net_before(self) -> int:
        """Known net of April before third-party deductions."""
        return self.april.net - self.unexplained

    @property
    def net(self) -> int:
        return self.net_before - self.garnishment - self.other_deductions

    def totals(self) -> dict[str, Any]:
        """The person's row of register_totals, without period and source."""
        april = self.april
        return {
            "employee_id": self.number,
            "gross_cents": self.gross,
            "personal_contributions_cents": april.personal_contribution,
            "work_bonus_cents": april.work_bonus,
            "withholding_cents": april.withholding + self.unexplained,
            "fiscal_work_bonus_cents": april.fiscal_work_bonus,
            "special_contribution_cents": april.special_contribution,
            "net_cents": self.net,
            "garnishment_cents": self.garnishment,
            "other_deductions_cents": self.other_deductions,
            "iban": OTHER_IBAN,
            **dict(self.extra),
        }


def table(kind: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame of a source kind from rows with some of its columns."""
    schema = table_schema(kind)
    full = [
        {name: row.get(name, _EMPTY[dtype]) for name, dtype in schema.columns.items()}
        for row in rows
    ]
    return schema.from_rows(full)


def adjustment(
    person: Person | str,
    kind: str,
    value: str = "",
    start: date | None = None,
    end: date | None = None,
    *,
    reason: str = "raison",
) -> dict[str, Any]:
    payee = person if isinstance(person, str) else person.number
    return {
        "payee_id": payee,
        "kind": kind,
        "value": value,
        "from": start,
        "to": end,
        "reason": reason,
        "evidence": "courrier",
        "entered_by": "A",
    }


def tables_of(
    people: Sequence[Person],
    adjustments: Sequence[Mapping[str, Any]] = (),
    hours: Sequence[tuple[str, str, int]] = (),
    known: str = "2022-04",
    **others: pd.DataFrame,
) -> SourceTables:
    frames = dict(no_tables().frames)
    frames["employees"] = table(
        "employees",
        (
            {
                "employee_id": item.number,
                "last_name": "Modèle",
                "first_name": "Zoé",
                "iban": IBAN,
                "status": item.status,
                "fte_millionths": item.fte,
                **asdict(item.family),
                "monthly_gross_cents": item.monthly,
                "hire_date": item.hired,
                "leave_date": item.left,
                "source": f"staff.xlsx!P!R{row}",
            }
            for row, item in enumerate(people, 2)
            if item.in_staff
        ),
    )
    frames["register_totals"] = table(
        "register_totals",
        (
            {**item.totals(), "period": known, "source": f"totals.xlsx!T!R{row}"}
            for row, item in enumerate(people, 2)
            if item.in_register
        ),
    )
    frames["register_lines"] = table(
        "register_lines",
        (
            {
                "employee_id": item.number,
                "period": known,
                "component": code,
                "amount_cents": cents,
                "source": f"lines.csv!csv!R{row}{index}",
            }
            for row, item in enumerate(people, 2)
            if item.in_register
            for index, (code, cents) in enumerate(item.components)
        ),
    )
    frames["premium_hours"] = table(
        "premium_hours",
        (
            {
                "employee_id": number,
                "period": "2022-04",
                "premium_code": code,
                "hours_hundredths": hundredths,
                "source": f"hours.csv!csv!R{row}",
            }
            for row, (number, code, hundredths) in enumerate(hours, 2)
        ),
    )
    frames["adjustments"] = table(
        "adjustments",
        (
            {"adjustment_id": f"AJ-{row}", "source": f"adj.xlsx!A!R{row}", **item}
            for row, item in enumerate(adjustments, 2)
        ),
    )
    return SourceTables({**frames, **others})
