"""The reference calculator against every row of may_2022_second.csv, and the law around it."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.reference import figures
from tests.reference.gross_to_net import (
    exceptional,
    full_time_wage,
    garnishment,
    gross_to_net,
    holiday_net,
    holiday_pay,
    indexed,
    indexed_by_ratio,
    personal_contribution,
    quarter_settlement,
    special_contribution,
    work_bonus,
)
from tests.reference.money import weekdays
from tests.reference.person import Person, TaxStatus
from tests.reference.random_people import OFFSETS, SPECIAL_WAGES

CASES = Path(__file__).resolve().parent.parent / "cases" / "may_2022_second.csv"
Row = dict[str, str]
D = Decimal
TAX_STATUS: dict[str, TaxStatus] = {
    "single": "single",
    "married, spouse without income": "married_one_income",
    "married, spouse with income": "married_two_incomes",
}
MAY, JUNE = D("1.8476"), D("1.8845")  # index on base 138.01
MAY_DAY = date(2022, 5, 31)


def all_rows() -> list[Row]:
    with CASES.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rows(letter: str) -> list[object]:
    found = [row for row in all_rows() if row["id"].startswith(letter)]
    assert found
    return [pytest.param(row, id=row["id"]) for row in found]


def given(row: Row, name: str) -> str:
    """The number that follows a word of the row's inputs."""
    found = re.search(rf"\b{re.escape(name)}[ =](\d+(?:\.\d+)?)", row["inputs"])
    assert found, name
    return found[1]


def tax_status(row: Row) -> TaxStatus:
    return next(
        status for words, status in TAX_STATUS.items() if f"; {words}" in f"{row['inputs']};"
    )


def expected(row: Row) -> dict[str, Decimal]:
    """Name -> euro; an amount is followed by remarks here and there, and words alone are none."""
    found = re.findall(r"([\w ]+)=(-?\d+)", row["expected"])
    return {name.strip().removesuffix("_cents"): D(cents) / 100 for name, cents in found}


def test_every_row_has_its_test() -> None:
    assert {row["id"][0] for row in all_rows()} == set("MJPQHGKXA")


@pytest.mark.parametrize("row", rows("M"))
def test_whole_payslips(row: Row) -> None:
    def count(name: str) -> int:
        return int(given(row, name)) if f"{name}=" in row["inputs"] else 0

    person = Person(
        "statutory" if "; statutory" in row["inputs"] else "contractual",
        D(given(row, "full-time gross")),
        tax_status=tax_status(row),
        children=count("children"),
        disabled_children=count("of which disabled"),
        spouse_disabled=bool(count("spouse disabled")),
    )
    pay = gross_to_net(person, row["month"])
    assert expected(row) == {
        "gross": person.gross,
        "personal_contribution": pay.contribution,
        "work_bonus": pay.work_bonus,
        "taxable": pay.taxable,
        "withholding": pay.withholding,
        "fiscal_work_bonus": pay.fiscal_work_bonus,
        "special_contribution": pay.special_contribution,
        "net": pay.net,
    }


@pytest.mark.parametrize("row", rows("J"))
def test_special_contribution_of_a_month(row: Row) -> None:
    found = special_contribution(D(given(row, "wage")), tax_status(row), row["month"])
    assert expected(row) == {"special_contribution": found}


@pytest.mark.parametrize("row", rows("P"))
def test_work_bonus_of_part_time(row: Row) -> None:
    work_days = Fraction(given(row, "FTE")) * weekdays(row["month"])
    wage = D(given(row, "W"))
    found = work_bonus(wage, row["month"], work_days, part_time=True)
    assert expected(row) == {"work_bonus": found.total}
    full_wage, share = full_time_wage(wage, row["month"], work_days, part_time=True)
    assert f"S={full_wage.normalize()}," in row["derivation"]
    assert f"Phi=H/U={share} " in row["derivation"]


@pytest.mark.parametrize("row", rows("Q"))
def test_work_bonus_of_an_incomplete_month(row: Row) -> None:
    assert int(given(row, "D")) == weekdays(row["month"])
    wage, work_days = D("1250.00"), Fraction(given(row, "J"))
    assert f"= {wage:,};" in row["inputs"]
    found = work_bonus(wage, row["month"], work_days)
    assert expected(row) == {"work_bonus": found.total}


@pytest.mark.parametrize("row", rows("H"))
def test_holiday_pay(row: Row) -> None:
    gross = holiday_pay(
        D(given(row, "household allowance")),
        D(row["inputs"].split("; ")[-1].removesuffix(" %")),
        Fraction(given(row, "fraction of 2021")),
    )
    ordinary = Person("statutory", D(given(row, "May monthly gross")))
    contribution, withheld, net = holiday_net(
        gross,
        ordinary.gross,
        personal_contribution(ordinary),
        row["month"],
        int(given(row, "children")),
    )
    assert expected(row) == {
        "gross": gross,
        "contribution": contribution,
        "withholding": withheld,
        "net": net,
    }


@pytest.mark.parametrize("row", rows("G"))
def test_garnishment_of_all_that_a_month_pays(row: Row) -> None:
    salary, children = D(given(row, "May net salary")), int(given(row, "children"))
    rest = D(given(row, "holiday pay)"))
    total = garnishment(salary + rest, children, MAY_DAY)
    on_salary = garnishment(salary, children, MAY_DAY)
    assert expected(row) == {
        "seized_on_salary": on_salary,
        "seized_on_rest": total - on_salary,
        "total": total,
    }


@pytest.mark.parametrize("row", rows("K"))
def test_quarter(row: Row) -> None:
    wages = [D(text) for text in re.findall(r"'([\d.]+)'", row["inputs"])]
    status = tax_status(row)
    monthly = [special_contribution(wage, status, row["month"]) for wage in wages]
    found = expected(row)
    assert found["withheld_monthly"] == sum(monthly)
    assert quarter_settlement(wages, D(0), status, row["month"]) == found["due_quarter"]
    settled = quarter_settlement(wages, sum(monthly, D(0)), status, row["month"])
    assert settled == found["settlement"]


@pytest.mark.parametrize("row", rows("X"))
def test_index(row: Row) -> None:
    annual = D(given(row, "138.01"))
    june, may = indexed(annual, JUNE), indexed(annual, MAY)
    assert expected(row) == {"june_base": june}
    assert may == D(given(row, "pays"))
    assert 0 <= june - indexed_by_ratio(may, MAY, JUNE) <= D("0.02")


@pytest.mark.parametrize("row", rows("A"))
def test_household_allowance_of_statutory_staff(row: Row) -> None:
    salary, allowance = re.findall(r"\d[\d,]*\.\d\d", row["inputs"])
    person = Person("statutory", D(salary.replace(",", "")), taxable_extra=D(allowance))
    found = expected(row)
    assert personal_contribution(person) == found["health"] + found["pension"]
    pay = gross_to_net(person, row["month"])
    assert pay.special_contribution == special_contribution(
        found["special base"], "single", row["month"]
    )
    whole = person.gross + person.taxable_extra
    assert pay.taxable == whole - found["health"] - found["pension"]


# --- what the note states beside its cases -----------------------------------------------------


@pytest.mark.parametrize(
    ("fte", "full_time", "bonus"),
    [("0.80", 2300, "111.85"), ("0.5263", 1900, "123.29"), ("0.6316", 2300, "88.08")],
)
def test_part_time_examples_of_the_note(fte: str, full_time: int, bonus: str) -> None:
    wage = (D(fte) * full_time).quantize(D("0.01"))
    found = work_bonus(wage, "2022-05", Fraction(fte) * 22, part_time=True)
    assert found.total == D(bonus)


def test_one_day_at_less_makes_the_whole_month_part_time() -> None:
    """16 of 22 days: by days 72.73 a day and 0.73; by hours 1,200.00 / 121.60 and 0.73."""
    days = Fraction(10) + Fraction(12, 2)
    by_days = full_time_wage(D("1600.00"), "2022-05", days, part_time=False)
    by_hours = full_time_wage(D("1600.00"), "2022-05", days, part_time=True)
    assert by_days == (D("2200.00"), D("0.73"))
    assert by_hours == (D("13.16") * D("167.2"), D("0.73"))


def test_work_days_of_every_weekday_are_a_whole_month() -> None:
    whole = work_bonus(D("2100.01"), "2022-05")
    assert work_bonus(D("2100.01"), "2022-05", Fraction(22)) == whole
    with pytest.raises(ValueError, match="23 work days in 2022-05, which has 22"):
        work_bonus(D("2100.01"), "2022-05", Fraction(23))
    assert [weekdays(f"2022-{month:02}") for month in range(1, 13)] == [
        *(21, 20, 23, 21, 22, 22, 21, 23, 22, 21, 22, 22)
    ]


@pytest.mark.parametrize("part_time", [False, True])
def test_who_worked_nothing_gets_no_bonus(*, part_time: bool) -> None:
    for days in (Fraction(0), Fraction(1, 10_000)):
        found = work_bonus(D("0.05"), "2022-05", days, part_time=part_time)
        assert found.total == found.fiscal == 0


def test_an_allowance_above_the_reference_wage_takes_its_place() -> None:
    alone = work_bonus(D("2300.00"), "2022-05").total
    assert work_bonus(D("2300.00"), "2022-05", None, D("2300.00")).total == alone
    assert work_bonus(D("2300.00"), "2022-05", None, D("2500.00")) == work_bonus(
        D("2500.00"), "2022-05"
    )
    assert work_bonus(D("2300.00"), "2022-05", None, D("3000.00")).total == 0


def test_an_allowance_enters_every_total_but_the_bonus() -> None:
    """D01 of exceptional_2022_derived.csv within a whole month; its 500.00 are below S."""
    alone, more = (
        gross_to_net(Person("contractual", D("1900.00"), exceptional=allowance), "2022-05")
        for allowance in (D("0.00"), D("500.00"))
    )
    assert more.contribution - alone.contribution == D("65.35")
    assert more.taxable - alone.taxable == D("434.65")
    assert more.withholding - alone.withholding == D("166.73")
    assert (more.work_bonus, more.fiscal_work_bonus) == (alone.work_bonus, alone.fiscal_work_bonus)
    special = D("12.64")  # 10.33 + 1.1% x (2,400.00 - 2,190.18), nothing on 1,900.00
    assert (alone.special_contribution, more.special_contribution) == (D(0), special)
    assert more.net - alone.net == D("267.92") - special


def test_an_allowance_of_statutory_staff_bears_health_care_alone() -> None:
    """Annual 12 x (3,000.00 + 110.84 - 106.50 - 202.50): 33,622.08, so 46.44%."""
    person = Person(
        "statutory",
        D("3000.00"),
        pension_base=D("2700.00"),
        taxable_extra=D("110.84"),
        exceptional=D("1000.00"),
    )
    pay = gross_to_net(person, "2022-05")
    assert pay.contribution == D("106.50") + D("202.50") + D("35.50")
    alone = gross_to_net(Person("statutory", D("3000.00"), D("2700.00"), D("110.84")), "2022-05")
    assert pay.withholding - alone.withholding == D("447.91")  # 46.44% x 964.50
    assert pay.special_contribution == special_contribution(D("4000.00"), "single", "2022-05")
    holiday = exceptional(D("1000.00"), D("33622.08"), "2022-05", "holiday", status="statutory")
    assert (holiday.nsso, holiday.rate) == (D("130.70"), D("42.39"))


@pytest.mark.parametrize("month", ["2022-03", "2022-06", "2026-12"])
@pytest.mark.parametrize("status", list(figures.SPECIAL))
def test_constant_wages_settle_to_nothing(status: TaxStatus, month: str) -> None:
    around = [wage + offset for wage in SPECIAL_WAGES for offset in OFFSETS]
    for wage in (*around, *map(D, range(0, 9000, 37))):
        withheld = 3 * special_contribution(wage, status, month)
        assert quarter_settlement([wage] * 3, withheld, status, month) == 0, wage


@pytest.mark.parametrize(
    ("wages", "status", "month", "due"),
    [
        ("3000 2000 1500", "single", "2022-06", "46.80"),  # 44.50 and 2.30, nothing on 1,500
        ("6500 0 0", "single", "2022-06", "60.94"),  # 192.21, above the cap of a month
        ("6500 0 0", "married_two_incomes", "2022-06", "51.64"),
        ("1500 5000 3000", "single", "2022-06", "70.81"),  # 10.33, 41.24 and 19.24
        ("9000 9200 10", "single", "2022-06", "182.82"),  # above 18,116.46: flat, three times
        ("9000 9200 10", "married_one_income", "2022-06", "136.32"),  # no flat step: 14.44
        ("9000 9200 10", "married_two_incomes", "2022-06", "117.72"),
        ("10 1095.10 2180.18", "married_two_incomes", "2022-06", "0.00"),  # 3,285.28
        ("10 1095.10 2180.19", "married_two_incomes", "2022-06", "15.45"),  # minimum each month
        ("0 0 3500", "single", "2022-03", "0.00"),
        ("0 0 3500", "married_two_incomes", "2022-03", "9.30"),
        ("3000 2000 1500", "married_one_income", "2022-03", "65.09"),  # 60.94 and 4.15
        ("9000 9200 10", "married_one_income", "2022-03", "182.82"),
        ("9000 9200 10", "married_two_incomes", "2022-03", "154.92"),
    ],
)
def test_quarters_by_hand(wages: str, status: TaxStatus, month: str, due: str) -> None:
    quarter = [D(wage) for wage in wages.split()]
    assert quarter_settlement(quarter, D(0), status, month) == D(due)
    assert quarter_settlement(quarter, D("200.00"), status, month) == D(due) - 200


def test_holiday_pay_and_index_drop_the_third_decimal() -> None:
    assert holiday_pay(D("2999.99"), D(92), Fraction(5, 12)) == D("1149.99")  # .99617
    assert holiday_pay(D("2999.99"), D(92), Fraction(0)) == 0
    assert indexed(D("16099.84"), D("1.8476")) == D("2478.83")  # .83870
    assert indexed_by_ratio(D("100.00"), MAY, JUNE) == D("101.99")  # .99718


def test_holiday_pay_of_parents() -> None:
    """Exempt below 14,272 with one child; 20% off with two up to 23,990, of 36.34%."""
    assert holiday_net(D("1000.00"), D("1100.00"), D("55.00"), "2022-05", 1)[1:] == (
        D(0),
        D("869.30"),
    )
    withheld = holiday_net(D("1000.00"), D("2100.00"), D("200.00"), "2022-05", 2).withholding
    assert withheld == D("252.72")  # 869.30 x 29.072%


@pytest.mark.parametrize(
    ("day", "seizable"),
    [
        (date(2022, 1, 2), "116.50"),  # 17.20 + 38.10 + 51.20 + 10.00
        (date(2022, 1, 3), "94.80"),  # 17.60 + 39.60 + 37.60
        (date(2022, 11, 2), "94.80"),
    ],
)
def test_garnishment_bands_of_2022_begin_on_3_january(day: date, seizable: str) -> None:
    assert garnishment(D("1500.00"), 0, day) == D(seizable)
