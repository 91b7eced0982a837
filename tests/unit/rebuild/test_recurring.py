"""Recurring pay and deductions that changed after the known month; sickness, returns, one-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payroll.model.findings import Finding
from payroll.rebuild.lines import line_sums
from payroll.rebuild.replaced import without_replaced
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, adjustment, table, tables_of
from tests.unit.rebuild.test_index import order_of

ANN = Person(number="00001", components=(("1000", 300_000), ("1010", 6_000)))
MAY_1, MAY_16 = date(2022, 5, 1), date(2022, 5, 16)


def change(
    component: str, value: str, start: date | None, end: date | None = None, **more: Any
) -> dict[str, Any]:
    row = adjustment(ANN, "recurring_change", value, start, end)
    return {**row, "component": component, **more}


def month(
    person: Person, rows: Sequence[Mapping[str, Any]], period: str = "2022-05", **others: Any
) -> StaffResult:
    order = ORDER if period == "2022-05" else order_of(period, "2022-04")
    tables, findings = without_replaced(tables_of([person], rows, **others))
    found = rebuild_salaries(RebuildInput(tables, order, BOOK))
    line_sums(found.lines)
    return replace(found, findings=[*findings, *found.findings])


def amounts(result: StaffResult, *components: str) -> dict[str, int]:
    lines = result.lines[result.lines["component"].isin(components)]
    return {
        str(code): int(cents)
        for code, cents in lines.groupby("component")["amount_cents"].sum().items()
    }


def ids(result: StaffResult) -> set[str]:
    return {item.rule_id for item in result.findings}


def held(result: StaffResult, rule_id: str) -> list[Finding]:
    return [item for item in result.findings if item.rule_id == rule_id]


@pytest.mark.parametrize(
    ("value", "start", "end", "due"),
    [
        ("0", MAY_1, None, {}),
        ("80", MAY_1, None, {"household_allowance": 8_000}),
        ("80", date(2022, 4, 15), None, {"household_allowance": 8_000}),
        ("90", MAY_16, None, {"household_allowance": 3_000 + 4_500}),
        ("0", MAY_16, None, {"household_allowance": 3_000}),
        ("60", None, date(2022, 5, 15), {"household_allowance": 3_000}),  # ends
        ("60", date(2021, 1, 1), date(2022, 4, 30), {}),  # over: the register's was the last
        ("90", date(2022, 5, 2), date(2022, 5, 16), {"household_allowance": 3_000 + 4_500}),
    ],
)
def test_a_component_has_another_amount_from_a_day_on(
    value: str, start: date | None, end: date | None, due: dict[str, int]
) -> None:
    found = month(ANN, [change("1010", value, start, end)])
    assert amounts(found, "household_allowance") == due
    assert "reason_recurring_change" in found.changes["reasons"].iloc[0]


def test_an_amount_of_full_time_goes_by_the_working_time_and_the_days() -> None:
    half = replace(ANN, fte=500_000, components=(("1000", 150_000), ("1010", 3_000)))
    found = month(half, [change("household_allowance", "80", MAY_1)])
    assert amounts(found, "household_allowance") == {"household_allowance": 4_000}
    rows = [change("1010", "80", MAY_1), adjustment(ANN, "leaver", "", date(2022, 5, 15))]
    assert amounts(month(ANN, rows), "household_allowance") == {"household_allowance": 4_000}


def test_a_component_that_was_not_there_begins_and_the_newest_of_two_holds() -> None:
    rows = [change("1100", "100", MAY_1), change("function_supplement", "200", MAY_16)]
    assert amounts(month(ANN, rows), "function_supplement") == {"function_supplement": 15_000}


def test_a_typed_amount_is_indexed_from_the_day_it_holds() -> None:
    """Typed in May it gains June's step; typed for June it is what it is."""
    may = month(ANN, [change("1100", "100", MAY_1)], "2022-06")
    june = month(ANN, [change("1100", "100", date(2022, 6, 1))], "2022-06")
    steps = [
        rows.lines[
            (rows.lines["component"] == "index_step")
            & rows.lines["rule_id"].str.startswith("component:function_supplement")
        ]["amount_cents"].tolist()
        for rows in (may, june)
    ]
    assert steps == [[10_000 * 369 // 18_476], []]


def test_what_no_rule_knows_or_the_register_does_not_show_holds() -> None:
    assert "REB-052" in ids(month(ANN, [change("9999", "80", MAY_1)]))
    assert "REB-052" in ids(month(ANN, [change("3010", "80", MAY_1)]))  # no recurring one
    empty = table("register_lines", [])
    assert "REB-056" in ids(month(ANN, [change("1010", "80", MAY_1)], register_lines=empty))


def test_a_deduction_of_the_register_ends_or_changes() -> None:
    person = replace(ANN, other_deductions=5_000)
    kept = amounts(month(person, []), "other_deductions")
    ended = [change("other_deductions", "50", None, date(2022, 4, 30))]
    assert amounts(month(person, ended), "other_deductions") == {}
    assert (
        amounts(month(person, [change("other_deductions", "0", MAY_1)]), "other_deductions") == {}
    )
    changed = month(person, [change("other_deductions", "20", MAY_1)])
    assert amounts(changed, "other_deductions") == {"other_deductions": -2_000}
    assert "REB-072" not in ids(changed)  # what was typed says what it is, and its end
    assert "REB-072" in ids(month(person, []))
    until_june = [change("other_deductions", "50", None, date(2022, 5, 31))]
    assert amounts(month(person, until_june), "other_deductions") == {"other_deductions": -5_000}
    assert amounts(month(person, until_june, "2022-06"), "other_deductions") == {}
    assert set(kept.values()) <= {-5_000}


def test_a_garnishment_replaces_that_of_the_register_and_never_adds() -> None:
    person = replace(ANN, garnishment=15_000)
    typed = month(person, [adjustment(ANN, "garnishment", "120", MAY_1)])
    assert amounts(typed, "garnishment") == {"garnishment": -12_000}
    told = held(typed, "REB-057")
    assert [(item.observed, item.limit) for item in told] == [("120.00", "150.00")]
    changed = month(person, [change("garnishment", "120", MAY_1)])
    assert amounts(changed, "garnishment") == {"garnishment": -12_000}
    ended = month(person, [change("garnishment", "0", MAY_1)])
    assert amounts(ended, "garnishment") == {}


@pytest.mark.parametrize(
    ("component", "taken"),
    [("", 12_000), ("garnishment", 12_000), ("Maintenance", 12_000), ("pension", 0), ("3010", 0)],
)
def test_a_garnishment_is_for_maintenance_or_any_other_debt(component: str, taken: int) -> None:
    """What else is named there may have been meant for maintenance: left out, told, held."""
    row = {**adjustment(ANN, "garnishment", "120", MAY_1), "component": component}
    found = month(ANN, [row])
    assert amounts(found, "garnishment") == ({"garnishment": -taken} if taken else {})
    assert ("REB-052" in ids(found)) is not bool(taken)


def test_a_typed_garnishment_that_is_too_much_takes_the_seizable_part_in_its_place() -> None:
    person = replace(ANN, garnishment=15_000)
    found = month(person, [adjustment(ANN, "garnishment", "50000", MAY_1)])
    assert amounts(found, "garnishment") == {"garnishment": -62_376}
    assert {"REB-050", "REB-057"} <= set(ids(found))


def test_sickness_after_guaranteed_pay_is_unpaid_for_staff_on_a_contract() -> None:
    rows = [adjustment(ANN, "sick_unpaid", "", date(2022, 4, 20), date(2022, 5, 15))]
    found = month(ANN, rows)
    assert amounts(found, "base_salary") == {"base_salary": 150_000}
    assert "reason_sick_unpaid" in found.changes["reasons"].iloc[0].split()
    counted = month(ANN, [adjustment(ANN, "sick_unpaid", "10", date(2022, 5, 11))])
    assert amounts(counted, "base_salary") == {"base_salary": 200_000}
    statutory = month(replace(ANN, status="statutory"), rows)
    assert amounts(statutory, "base_salary") == {"base_salary": 300_000}
    assert "REB-051" in ids(statutory)


def test_a_return_ends_an_absence() -> None:
    sick = adjustment(ANN, "sick_unpaid", "", MAY_1)
    back = adjustment(ANN, "return", "", date(2022, 5, 21))
    assert amounts(month(ANN, [sick]), "base_salary") == {}
    assert amounts(month(ANN, [sick, back]), "base_salary") == {"base_salary": 100_000}
    june = month(ANN, [sick, back], "2022-06")
    assert amounts(june, "base_salary") == {"base_salary": 300_000}
    away = adjustment(ANN, "unpaid_absence", "", MAY_1, date(2022, 5, 31))
    assert amounts(month(ANN, [away, back]), "base_salary") == {"base_salary": 100_000}


def test_a_row_of_another_month_is_said_and_holds_nobody() -> None:
    found = month(ANN, [change("1010", "80", date(2022, 7, 1))])
    assert "REB-055" in ids(found)
    assert "REB-013" not in ids(found)
    assert amounts(found, "household_allowance") == {"household_allowance": 6_000}


def test_a_one_off_takes_the_flags_of_the_component_it_names() -> None:
    row = adjustment(ANN, "one_off_gross", "500", MAY_1)
    plain = month(ANN, [row]).record.iloc[0]
    named = month(ANN, [{**row, "component": "3010"}])
    assert amounts(named, "year_end_premium") == {"year_end_premium": 50_000}
    record = named.record.iloc[0]
    assert (plain["exceptional_cents"], record["exceptional_cents"]) == (0, 50_000)
    assert plain["gross_cents"] == record["gross_cents"] + 50_000


def test_a_row_that_another_replaces_does_not_count() -> None:
    first = adjustment(ANN, "one_off_gross", "500", MAY_1)
    second = {**adjustment(ANN, "one_off_gross", "50", MAY_1), "replaces": "AJ-2"}
    found = month(ANN, [first, second])
    assert amounts(found, "one_off_gross") == {"one_off_gross": 5_000}
    assert "REB-054" in ids(found)


@pytest.mark.parametrize("replaces", ["AJ-9", "AJ-3", "AJ-4"])
def test_a_row_that_replaces_nobodys_row_or_itself_holds(replaces: str) -> None:
    first = {**adjustment(ANN, "one_off_gross", "500", MAY_1), "adjustment_id": "AJ-3"}
    other = {**adjustment("00002", "one_off_gross", "50", MAY_1), "adjustment_id": "AJ-4"}
    found = month(ANN, [{**first, "replaces": replaces}, other])
    assert "REB-053" in ids(found)
    assert amounts(found, "one_off_gross") == {"one_off_gross": 50_000}


@pytest.mark.parametrize(
    ("row", "gross", "told"),
    [
        (adjustment(ANN, "fte_change", "0.5", MAY_16), 150_000, set()),
        (adjustment(ANN, "leaver", "", date(2022, 5, 13)), 0, {"REB-026"}),
        (adjustment(ANN, "joiner", "", date(2022, 5, 2)), 300_000, set()),
        (adjustment(ANN, "one_off_gross", "120", MAY_16), 300_000, {"REB-055"}),
        (adjustment(ANN, "one_off_net", "12", MAY_1), 300_000, {"REB-055"}),
        (adjustment(ANN, "unpaid_absence", "", MAY_16, date(2022, 5, 31)), 300_000, {"REB-055"}),
        (adjustment(ANN, "unpaid_absence", "", MAY_16, date(2022, 6, 15)), 150_000, set()),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_a_june_after_two_months_of_outage_takes_the_list_of_may(
    row: Mapping[str, Any], gross: int, told: set[str]
) -> None:
    """What lasts holds all of June from its first day; what belongs to May is listed, not held."""
    joins = row["kind"] == "joiner"
    person = replace(ANN, components=(("1000", 300_000),), in_register=not joins)
    person = replace(person, hired=date(2022, 5, 2)) if joins else person
    found = month(person, [row], "2022-06")
    paid = amounts(found, "base_salary", "index_step", "one_off_gross", "one_off_net")
    raised = gross * 369 // 18_476 if gross else 0
    assert sum(paid.values()) in (gross + raised, gross + raised + 1)
    assert ids(found) & {"REB-013", "REB-026", "REB-055"} == told
    if row["kind"] == "fte_change":
        base = found.lines[found.lines["component"] == "base_salary"].iloc[0]
        assert (base["quantity"], base["rate"]) == ("30/30", "1→0.5")
