"""The engine against every published and derived case of this folder, to the cent."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from payroll.gross_to_net.columns import Trail, calculation_input
from payroll.gross_to_net.engine import gross_to_net, run_step
from payroll.gross_to_net.withholding import annual_tax
from tests.columns import columns_of, law_of, pay_of, to_cents
from tests.reference.gross_to_net import Person, TaxStatus

HERE = Path(__file__).parent
Row = dict[str, str]
D = Decimal
TAX_STATUS: dict[str, TaxStatus] = {
    "single": "single",
    "m1": "married_one_income",
    "m2": "married_two_incomes",
    "married, spouse no income": "married_one_income",
    "married, spouse with income": "married_two_incomes",
}
#: Column of PAY beside its name in the files of whole payslips.
PAYSLIP = {
    "work_bonus_cents": "work_bonus",
    "taxable_cents": "taxable",
    "withholding_cents": "withholding_before_fiscal_bonus",
    "fiscal_work_bonus_cents": "fiscal_work_bonus",
    "special_contribution_cents": "special_contribution",
    "net_cents": "net",
}


def rows(name: str) -> list[object]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert found
    return [pytest.param(row, id=row.get("id") or row["monthly_taxable"]) for row in found]


def cents(text: str) -> int:
    return to_cents(D(text.replace(",", "")))


def int64(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_every_file_of_amounts_is_read_here() -> None:
    text = "".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))
    assert [path.name for path in HERE.glob("*.csv") if path.name not in text] == []


# --- withholding on the monthly taxable amount, before family reductions -----------------------


@pytest.mark.parametrize("more", [0, 1_499])
@pytest.mark.parametrize("row", rows("withholding_2021_official.csv"))
def test_official_tables_of_2021(row: Row, more: int) -> None:
    check_scales(row, "2021-01", more)


@pytest.mark.parametrize("more", [0, 1_499])
@pytest.mark.parametrize("row", rows("withholding_2022_derived.csv"))
def test_derived_tables_of_2022(row: Row, more: int) -> None:
    check_scales(row, "2022-05", more)


def check_scales(row: Row, month: str, more: int) -> None:
    """Scale I and II side by side; the tables hold up to 14.99 euro above their taxable amount."""
    law = law_of(month).step("withholding")
    assert law.function == "withholding_by_table"
    spouses: tuple[TaxStatus, ...] = ("married_two_incomes", "married_one_income")
    people = [Person("contractual", D(0), tax_status=status) for status in spouses]
    taxable = cents(row["monthly_taxable"]) + more
    found = run_step(law, Trail(), calculation_input(columns_of(people)), int64(taxable, taxable))
    assert found.tolist() == [cents(row["scale_1"]), cents(row["scale_2"])]


# --- whole payslips ----------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("gross_to_net_2021_01_published.csv"))
def test_published_payslips_of_january_2021(row: Row) -> None:
    part_time = "part-time 32/40" in row["family"]
    family = row["family"]
    person = Person(
        "contractual",
        D(row["gross"]),
        work_days=Fraction(21 * 32, 40) if part_time else None,
        part_time=part_time,
        tax_status="single" if family.startswith("single") else TAX_STATUS[family],
        disabled="worker disabled" in family,
    )
    pay = pay_of([person], "2021-01").iloc[0]
    assert pay["personal_contribution_cents"] == cents(row["nsso"])
    # the source itself doubts its part-time rows; it does not round the wage by the hour
    tolerance = 19 if part_time else 0
    for column, name in PAYSLIP.items():
        assert abs(pay[column] - cents(row[name])) <= tolerance, name


@pytest.mark.parametrize("row", rows("gross_to_net_2022_derived.csv"))
def test_derived_payslips_of_2022(row: Row) -> None:
    family, children = row["family"].removesuffix(" child").split(", ")
    person = Person(
        "statutory" if row["status"] == "s" else "contractual",
        D(row["gross"]),
        tax_status=TAX_STATUS[family.removesuffix("-disabled")],
        children=int(children),
        disabled=family.endswith("-disabled"),
    )
    pay = pay_of([person], {"Apr 2022": "2022-04", "May 2022": "2022-05"}[row["month"]]).iloc[0]
    assert pay["personal_contribution_cents"] == cents(row["contribution"])
    assert {name: cents(row[name]) for name in PAYSLIP.values()} == {
        name: pay[column] for column, name in PAYSLIP.items()
    }


# --- exceptional allowances --------------------------------------------------------------------


def with_allowance(gross: str, allowance: str, month: str) -> pd.Series[int]:
    """What an allowance adds to a contractual, single person's month, column by column."""
    people = columns_of([Person("contractual", D(gross))] * 2)
    people["exceptional_cents"] = int64(0, cents(allowance))
    pay = gross_to_net(people, law_of(month))
    return pay.iloc[1] - pay.iloc[0]


@pytest.mark.parametrize("row", rows("exceptional_2022_derived.csv"))
def test_derived_exceptional_allowances(row: Row) -> None:
    more = with_allowance(row["normal_monthly_gross"], row["allowance_gross"], "2022-05")
    assert more["gross_cents"] == cents(row["allowance_gross"])
    assert more["personal_contribution_cents"] == cents(row["nsso"])
    assert more["taxable_cents"] == cents(row["taxable"])
    assert more["withholding_cents"] == cents(row["withholding"])
    # the row stops before the special contribution, which looks at the whole wage of the month
    assert more["net_cents"] + more["special_contribution_cents"] == cents(row["net"])
    assert more["work_bonus_cents"] == more["fiscal_work_bonus_cents"] == 0


# --- single_steps_published.csv is prose: its rows on pay, one by one --------------------------


def test_every_row_on_pay_has_a_test() -> None:
    with (HERE / "single_steps_published.csv").open(encoding="utf-8", newline="") as stream:
        ids = {row["id"] for row in csv.DictReader(stream)}
    identifiers = {"C15", "C16"}  # national numbers and IBANs: tests/unit/model
    tested = {name[5:8].upper() for name in globals() if name.startswith("test_c")}
    assert ids - identifiers == tested


def test_c02_annual_tax_of_2024() -> None:
    net = "10,000 15,170 20,000 24,260 30,000 46,340 50,000 27,940 48,350"
    tax = "2,675.00 4,057.98 6,019.29 7,842.57 10,409.50 18,277.21 20,127.78 9,417.61 19,245.03"
    law = law_of("2024-05").step("withholding")
    found = annual_tax(int64(*map(cents, net.split())), law, Trail())
    assert found.tolist() == [cents(text) for text in tax.split()]


def test_c04_end_of_year_bonus() -> None:
    """December 2019, whose limits no source gives: those of 2021 read the same 43.41 %."""
    more = with_allowance("2500.00", "2500.00", "2021-12")
    assert more["personal_contribution_cents"] == 326_75
    assert more["taxable_cents"] == 2_173_25
    assert more["withholding_cents"] == 943_41
    assert more["net_cents"] + more["special_contribution_cents"] == 1_229_84


def test_c05_contribution_on_a_year_end_premium() -> None:
    """And never the 197.62 of a private manual worker's 108 %."""
    assert with_allowance("2500.00", "1400.00", "2022-12")["personal_contribution_cents"] == 182_98


def test_c06_contribution_and_taxable() -> None:
    """The source (2011) gives no work bonus at this wage; 2022 does, which is left out here."""
    pay = pay_of([Person("contractual", D("2500.00"))], "2022-05").iloc[0]
    assert pay["personal_contribution_cents"] == 326_75
    assert pay["taxable_cents"] - pay["work_bonus_cents"] == 2_173_25


def test_c08_garnishment_of_2022() -> None:
    law = law_of("2022-05").step("garnishment")
    net = int64(1_186_00, 1_274_00, 1_406_00, 1_538_00)
    assert run_step(law, Trail(), net, int64(0, 0, 0, 0)).tolist() == [0, 17_60, 57_20, 110_00]
    assert run_step(law, Trail(), net, int64(1, 1, 1, 1)).tolist() == [0, 0, 0, 37_00]


def test_c11_work_bonus_of_april_2022() -> None:
    people = [Person("contractual", D("1860.34")), Person("contractual", D("1742.14"))]
    assert pay_of(people, "2022-04")["work_bonus_cents"][0] == 228_48
    assert pay_of(people, "2022-03")["work_bonus_cents"][1] == 213_96
