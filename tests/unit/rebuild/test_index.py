"""An index of public pay between the known month and this one: what it raises, by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from payroll.model.order import PayrunOrder, payrun_model
from payroll.model.tables import SourceTables
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.lines import line_sums
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.index import INDEX, index_step, monthly_gross
from tests.unit.rebuild.staff_samples import BOOK, Person, adjustment, tables_of

ANN = Person(number="00001", components=(("1000", 250_000), ("1010", 5_000), ("4000", 10_000)))


def order_of(period: str, known: str, sources: Sequence[dict[str, Any]] = ()) -> PayrunOrder:
    month = date.fromisoformat(f"{period}-28")
    paid = {"pay_on": month, "account": "main"}
    return payrun_model().model_validate(
        {
            "period": period,
            "last_known": known,
            "salaries": paid,
            "bonuses": {**paid, "earned": known},
            "source": list(sources),
        }
    )


def tables(
    *people: Person, known: str = "2022-05", annual: int = 0, rows: Sequence[dict[str, Any]] = ()
) -> SourceTables:
    found = tables_of(people, rows, known=known)
    staff = found["employees"].assign(scale_annual_cents=annual, scale_annual_given=annual > 0)
    return SourceTables({**found.frames, "employees": staff})


def month(
    *people: Person, period: str = "2022-06", known: str = "2022-05", **more: Any
) -> StaffResult:
    order = order_of(period, known)
    return rebuild_salaries(RebuildInput(tables(*people, known=known, **more), order, BOOK))


def steps(result: StaffResult) -> dict[str, int]:
    """What each component gained."""
    rows = result.lines[result.lines["component"] == "index_step"]
    codes = [text.split()[0].removeprefix("component:") for text in rows["rule_id"]]
    return dict(zip(codes, rows["amount_cents"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("annual", "may", "june"), [(2_200_000, 338_726, 345_491), (1_650_000, 254_045, 259_118)]
)
def test_a_scale_salary_is_what_the_annual_amount_gives(annual: int, may: int, june: int) -> None:
    person = replace(ANN, components=(("1000", may),), monthly=may)
    found = month(person, annual=annual)
    gross = found.lines[found.lines["component"].isin(["base_salary", "index_step"])]
    assert gross["amount_cents"].sum() == june
    half = replace(person, fte=500_000, components=(("1000", (may + 1) // 2),))
    found = month(half, annual=annual)
    gross = found.lines[found.lines["component"].isin(["base_salary", "index_step"])]
    assert gross["amount_cents"].sum() == (june + 1) // 2


def test_a_scale_salary_in_two_lines_is_raised_once() -> None:
    person = replace(ANN, components=(("1000", 300_000), ("1000", 38_726)), monthly=338_726)
    found = month(person, annual=2_200_000)
    gross = found.lines[found.lines["component"].isin(["base_salary", "index_step"])]
    assert gross["amount_cents"].sum() == 345_491


def test_a_pay_code_that_no_rule_knows_is_not_raised() -> None:
    person = replace(ANN, components=(("1000", 300_000), ("9999", 10_000)))
    assert steps(month(person)) == {"base_salary": 300_000 * 369 // 18_476}


def test_a_base_that_the_scale_does_not_explain_is_raised_by_ratio() -> None:
    person = replace(ANN, components=(("1000", 300_000),))
    assert steps(month(person, annual=2_200_000)) == {"base_salary": 300_000 * 369 // 18_476}


def test_each_component_that_follows_gains_the_ratio_truncated() -> None:
    found = month(ANN)
    assert steps(found) == {
        "base_salary": 250_000 * 369 // 18_476,
        "household_allowance": 5_000 * 369 // 18_476,
    }
    rows = found.lines[found.lines["component"] == "index_step"]
    assert set(rows["rate"]) == {"1.8476→1.8845"}
    assert set(rows["quantity"]) == {"2022-06-01"}
    assert all(text.endswith(f"change:{INDEX}@2022-06-01") for text in rows["rule_id"])
    sums = line_sums(found.lines)
    own = sums[sums["line_id"].isin(rows["line_id"])]
    assert set(own["rounding"]) == {"down"}
    assert sorted(own["base"]) == [5_000, 250_000]


@pytest.mark.parametrize(
    ("period", "known", "new", "old"),
    [
        ("2022-05", "2022-03", 18_476, 18_114),
        ("2022-06", "2022-04", 18_845, 18_476),  # two months of outage
        ("2022-09", "2022-03", 19_222, 18_114),  # three steps at once
    ],
)
def test_all_steps_since_the_known_month_at_once(
    period: str, known: str, new: int, old: int
) -> None:
    person = replace(ANN, components=(("1000", 250_000),))
    found = month(person, period=period, known=known)
    assert steps(found) == {"base_salary": 250_000 * new // old - 250_000}
    told = [item for item in found.findings if item.rule_id == "REB-046"]
    assert [(item.observed, item.limit) for item in told] == [
        (f"1.{new - 10_000:04d}", f"1.{old - 10_000:04d}".rstrip("0"))
    ]


def test_without_a_step_nothing_is_raised_or_said() -> None:
    found = month(ANN, period="2022-05", known="2022-04")
    assert steps(found) == {}
    assert "REB-046" not in {item.rule_id for item in found.findings}
    assert found.changes["index_cents"].tolist() == [0]


def test_the_raise_enters_the_bases_of_what_it_raises() -> None:
    """Statutory staff: the household allowance and its raise are outside social security."""
    found = month(replace(ANN, status="statutory"))
    row = found.record.iloc[0]
    base, allowance = (250_000 * 369 // 18_476), (5_000 * 369 // 18_476)
    assert row["gross_cents"] == 265_000 + base + allowance
    assert row["nsso_cents"] == 260_000 + base
    assert row["pension_cents"] == 250_000 + base


def test_an_incomplete_month_reduces_the_raise_as_what_it_raises() -> None:
    rows = [adjustment(ANN, "leaver", "", date(2022, 6, 15))]
    found = month(replace(ANN, components=(("1000", 250_001),)), rows=rows)
    gained = 250_001 * 369 // 18_476
    assert steps(found) == {"base_salary": (gained * 15 * 2 + 30) // 60}
    line = found.lines[found.lines["component"] == "index_step"].iloc[0]
    assert (line["quantity"], line["rate"]) == ("15/30", "1.8476→1.8845")


def test_the_change_tells_the_index_apart_from_the_law() -> None:
    found = month(ANN)
    change = found.changes.iloc[0]
    assert "reason_index_step" in change["reasons"].split()
    gained = sum(steps(found).values())
    assert 0 < change["index_cents"] < gained
    moved = change["net_after_cents"] - change["net_before_cents"]
    assert moved == change["law_cents"] + change["index_cents"]
    raised = found.lines[found.lines["component"] == "index_step"]
    assert set(raised["basis"]) == {"recomputed"}


def test_who_is_not_on_the_list_gains_by_the_known_ratio() -> None:
    person = replace(ANN, in_staff=False, components=(("1000", 250_000),))
    found = month(person)
    change = found.changes.iloc[0]
    assert change["net_after_cents"] - change["net_before_cents"] == change["index_cents"] > 0
    assert set(found.lines["legal_nature"]) == {"full_estimate"}


def test_a_newcomer_is_paid_the_contract_as_indexed_now() -> None:
    new = Person(number="00002", monthly=240_000, hired=date(2022, 6, 1), in_register=False)
    found = month(ANN, new)
    base = found.lines[
        (found.lines["payee_id"] == "00002") & (found.lines["component"] == "base_salary")
    ]
    assert base["amount_cents"].tolist() == [240_000 * 18_845 // 18_476]


def test_a_list_is_indexed_as_of_the_day_of_its_export() -> None:
    may, june = (
        {"kind": "employees", "file": f"{name}.xlsx", "exported_on": day}
        for name, day in (("a", date(2022, 5, 20)), ("b", date(2022, 6, 3)))
    )
    order = order_of("2022-06", "2022-05", [may, june])
    staff = tables(ANN, replace(ANN, number="00002"))["employees"]
    staff = staff.assign(source=["a.xlsx!P!R2", "b.xlsx!P!R2"])
    found = monthly_gross(staff, order, BOOK.parameters, date(2022, 6, 1))
    assert found.tolist() == [300_000 * 18_845 // 18_476, 300_000]


def test_premium_hours_go_by_the_gross_of_the_month_worked() -> None:
    hours = [("00001", "SOIR", 1_000)]
    found = tables_of([ANN], [], hours, known="2022-05")
    rows = found["premium_hours"]

    def gross(period: str) -> int:
        order = order_of("2022-07", "2022-05")
        bonuses = order.bonuses.model_copy(update={"earned": period_of(period)})
        order = order.model_copy(update={"bonuses": bonuses})
        frames = {**found.frames, "premium_hours": rows.assign(period=period)}
        lines = rebuild_bonuses(RebuildInput(SourceTables(frames), order, BOOK)).lines
        return int(lines.loc[lines["component"] == "bonus_gross", "amount_cents"].iloc[0])

    assert gross("2022-06") > gross("2022-05")


def period_of(text: str) -> Any:
    return order_of(text, "2022-04").period


def test_what_a_rule_book_does_not_know_is_no_step() -> None:
    assert index_step({}, date(2022, 5, 1), date(2022, 6, 1)) is None
    assert index_step(BOOK.parameters, date(2020, 5, 1), date(2022, 6, 1)) is None


def test_no_raise_is_lost_among_many() -> None:
    people = [
        replace(ANN, number=f"{number:05d}", components=(("1000", 200_000 + 7 * number),))
        for number in range(1, 40)
    ]
    found = month(*people)
    rows: pd.DataFrame = found.lines[found.lines["component"] == "index_step"]
    assert rows["amount_cents"].tolist() == [
        (200_000 + 7 * number) * 18_845 // 18_476 - (200_000 + 7 * number)
        for number in range(1, 40)
    ]


def test_who_left_since_the_known_month_is_still_rebuilt_in_it() -> None:
    """Two months of outage: a register without components, and somebody who left in between."""
    gone = replace(ANN, number="00002", left=date(2022, 5, 15))
    found = tables(ANN, gone, known="2022-04")
    frames = {**found.frames, "register_lines": found["register_lines"].iloc[:0]}
    order = order_of("2022-06", "2022-04")
    result = rebuild_salaries(RebuildInput(SourceTables(frames), order, BOOK))
    assert result.backtest.rows["gross_rebuilt_cents"].tolist() == [265_000, 265_000]
    assert "00002" not in set(result.lines["payee_id"])
