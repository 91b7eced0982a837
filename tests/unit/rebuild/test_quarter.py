"""The last month of a quarter settles the special contribution on the quarter's wages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from payroll.model.order import payrun_model
from payroll.model.tables import SourceTables
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.reference.gross_to_net import Status, quarter_settlement, special_contribution
from tests.unit.rebuild.staff_samples import WITHOUT_INDEX, Person, table, tables_of
from tests.unit.rebuild.test_index import order_of


def run(
    wages: tuple[int, int, int], period: str = "2022-06", *, april: bool = True, **more: object
) -> StaffResult:
    """June (or July) rebuilt: registers of April and May hold two wages, May's pay is the third."""
    last = f"2022-{int(period[-2:]) - 1:02d}"
    person = Person(number="00001", components=(("1000", wages[2]),), monthly=wages[2])
    tables = tables_of([person])
    monthly = [
        int(special_contribution(Decimal(wage) / 100, "single", "2022-05") * 100) for wage in wages
    ]
    months = (("2022-04", 0), ("2022-05", 1), ("2022-06", 2))
    rows = [
        {
            **tables["register_totals"].iloc[0].to_dict(),
            "period": month,
            "gross_cents": wages[at],
            "special_contribution_cents": monthly[at],
            **(more if month == last else {}),
        }
        for month, at in months
        if month < period and (april or month != "2022-04")
    ]
    lines = [
        {
            "employee_id": "00001",
            "period": last,
            "component": "1000",
            "amount_cents": wages[2],
            "source": "l!l!R2",
        }
    ]
    frames = {
        **tables.frames,
        "register_totals": table("register_totals", rows),
        "register_lines": table("register_lines", lines),
    }
    order = payrun_model().model_validate(
        {
            "period": period,
            "last_known": last,
            "source": [],
            "salaries": {"pay_on": date(2022, int(period[-2:]), 28), "account": "main"},
        }
    )
    return rebuild_salaries(RebuildInput(SourceTables(frames), order, WITHOUT_INDEX))


def line(result: StaffResult, component: str) -> int:
    rows = result.lines[result.lines["component"] == component]
    return int(rows["amount_cents"].sum())


@pytest.mark.parametrize(
    "wages", [(300_000, 200_000, 200_000), (600_000, 100_000, 100_000), (250_000,) * 3]
)
def test_june_takes_what_the_quarter_owes(wages: tuple[int, int, int]) -> None:
    result = run(wages)
    euros = [Decimal(wage) / 100 for wage in wages]
    withheld = sum(special_contribution(wage, "single", "2022-05") for wage in euros)
    due = quarter_settlement(euros, withheld, "single", "2022-06")
    monthly, settled = (
        line(result, "special_contribution"),
        line(result, "special_contribution_settlement"),
    )
    assert monthly == -int(special_contribution(euros[2], "single", "2022-06") * 100)
    assert settled == -int(due * 100)
    assert (settled == 0) == (len(set(wages)) == 1)
    rules = result.lines.loc[
        result.lines["component"] == "special_contribution_settlement", "rule_id"
    ]
    assert set(rules) <= {"step:special_contribution_quarter"}
    assert "REB-036" not in {item.rule_id for item in result.findings}


@pytest.mark.parametrize("status", ["statutory", "contractual"])
def test_what_bears_no_social_security_is_no_wage_of_the_quarter(status: Status) -> None:
    """The household allowance of statutory staff in the first months, like holiday pay."""
    codes = (("1000", 246_663), ("1010", 11_084))
    person = Person(number="00001", components=codes, monthly=246_663, status=status)
    tables = tables_of([person])
    wage = Decimal(person.gross - (11_084 if status == "statutory" else 0)) / 100
    special = int(special_contribution(wage, "single", "2022-06") * 100)
    months, extra = ("2022-04", "2022-05"), 50_000
    totals = {
        **tables["register_totals"].iloc[0].to_dict(),
        "gross_cents": person.gross + extra,
        "special_contribution_cents": special,
    }
    rows = [
        {"employee_id": "00001", "period": month, "component": code, "amount_cents": cents}
        for month in months
        for code, cents in (*codes, ("holiday_pay", extra))
    ]
    frames = {
        **tables.frames,
        "register_totals": table("register_totals", [{**totals, "period": of} for of in months]),
        "register_lines": table("register_lines", rows),
    }
    given = RebuildInput(SourceTables(frames), order_of("2022-06", "2022-05"), WITHOUT_INDEX)
    found = rebuild_salaries(given)
    assert line(found, "special_contribution") == -special
    assert line(found, "special_contribution_settlement") == 0
    assert found.record["quarter_first_cents"].tolist() == [int(wage * 100)]


def test_may_settles_nothing_and_july_does_not_carry_junes_settlement() -> None:
    wages = (300_000, 200_000, 200_000)
    assert line(run(wages), "special_contribution_settlement") != 0
    euros = [Decimal(wage) / 100 for wage in wages]
    own = [special_contribution(wage, "single", "2022-05") for wage in euros]
    june = int((own[2] + quarter_settlement(euros, sum(own), "single", "2022-06")) * 100)
    july = run(wages, "2022-07", special_contribution_cents=june)
    assert line(july, "special_contribution_settlement") == 0
    assert int(july.backtest.difference("special_contribution")[0]) == 0


def test_who_misses_a_month_of_the_quarter_keeps_the_monthly_contribution() -> None:
    result = run((300_000, 200_000, 200_000), april=False)
    assert line(result, "special_contribution_settlement") == 0
    assert line(result, "special_contribution") != 0
    told = [item for item in result.findings if item.rule_id == "REB-044"]
    assert [(item.observed, item.limit) for item in told] == [("1", "2022-04, 2022-05")]


def test_a_settled_quarter_and_other_months_are_not_told() -> None:
    for result in (run((300_000,) * 3), run((300_000,) * 3, "2022-07")):
        assert "REB-044" not in {item.rule_id for item in result.findings}


@pytest.mark.parametrize(("hired", "settles"), [(15, False), (30, False), (0, True)])
def test_only_who_began_after_a_month_may_lack_its_register(hired: int, settles: bool) -> None:
    day = date(2022, 4, hired) if hired else date(2022, 5, 1)
    late = Person(number="00002", hired=day)
    tables = tables_of([Person(number="00001"), late])
    totals = tables["register_totals"]
    both = [totals.assign(period=month) for month in ("2022-04", "2022-05")]
    rows = pd.concat([both[0][both[0]["employee_id"] == "00001"], both[1]], ignore_index=True)
    frames = {**tables.frames, "register_totals": rows}
    given = RebuildInput(SourceTables(frames), order_of("2022-06", "2022-05"), WITHOUT_INDEX)
    found = rebuild_salaries(given)
    assert found.calculation.quarter.settles.tolist() == [True, settles]
