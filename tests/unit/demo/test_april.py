"""The sample's April calculator against the derived cases, and its edges by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from payroll.demo.april import (
    Household,
    april_pay,
    family_reduction,
    garnishment,
    scale_withholding,
    special_contribution,
    work_bonus,
)

CASES = Path(__file__).parents[2] / "cases"
SINGLE = Household(tax_status="single")
ONE_INCOME = Household(tax_status="married_one_income")
TWO_INCOMES = Household(tax_status="married_two_incomes")
TAX_STATUS = {"single": "single", "m1": "married_one_income", "m2": "married_two_incomes"}


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cents(text: str) -> int:
    return int(text.replace(".", ""))


def april_rows() -> list[dict[str, str]]:
    """Rows of April, and rows of May that the work bonus of 1 May does not touch."""
    found = rows("gross_to_net_2022_derived.csv")
    return [row for row in found if row["month"] == "Apr 2022" or row["work_bonus"] == "0.00"]


@pytest.mark.parametrize("row", april_rows(), ids=lambda row: row["id"])
def test_gross_to_net_is_the_derived_case(row: dict[str, str]) -> None:
    family, children = row["family"].split(", ")
    household = Household(
        tax_status=TAX_STATUS[family.removesuffix("-disabled")],
        children=int(children.split()[0]),
        disabled=family.endswith("-disabled"),
    )
    gross = cents(row["gross"])
    pay = april_pay(gross, household, pension_base=gross if row["status"] == "s" else None)
    found = (
        pay.personal_contributions,
        pay.work_bonus,
        pay.taxable,
        family_reduction(household),
        pay.withholding,
        pay.fiscal_work_bonus,
        pay.special_contribution,
        pay.net,
    )
    expected = (
        "contribution",
        "work_bonus",
        "taxable",
        "family_reduction",
        "withholding_before_fiscal_bonus",
        "fiscal_work_bonus",
        "special_contribution",
        "net",
    )
    assert found == tuple(cents(row[name]) for name in expected)


@pytest.mark.parametrize(
    "row", rows("withholding_2022_derived.csv"), ids=lambda row: row["monthly_taxable"]
)
def test_withholding_scales(row: dict[str, str]) -> None:
    taxable = cents(row["monthly_taxable"])
    assert scale_withholding(taxable, SINGLE) == cents(row["scale_1"])
    assert scale_withholding(taxable, ONE_INCOME) == cents(row["scale_2"])


@pytest.mark.parametrize(
    ("gross", "fte", "bonus"),
    [(186_034, 100, 22_848), (284_799, 100, 0), (93_017, 50, 11_417), (100_000, 40, 3_227)],
)
def test_work_bonus_part_time_uses_the_full_time_wage(gross: int, fte: int, bonus: int) -> None:
    assert work_bonus(gross, fte) == bonus


@pytest.mark.parametrize(
    ("household", "gross", "due"),
    [
        (SINGLE, 194_538, 0),
        (SINGLE, 219_018, 1_033),
        (SINGLE, 700_000, 6_094),
        (ONE_INCOME, 194_538, 0),
        (ONE_INCOME, 219_018, 1_444),
        (TWO_INCOMES, 109_509, 0),
        (TWO_INCOMES, 109_510, 515),
        (TWO_INCOMES, 195_000, 515),
        (TWO_INCOMES, 603_882, 5_164),
    ],
)
def test_special_contribution_bands(household: Household, gross: int, due: int) -> None:
    assert special_contribution(gross, household) == due


@pytest.mark.parametrize(
    ("household", "reduction"),
    [
        (Household(tax_status="single", children=1, single_parent=True), 10_400),
        (Household(tax_status="single", children=1, disabled_children=1), 13_600),
        (Household(tax_status="married_one_income", spouse_disabled=True), 3_900),
        (Household(tax_status="married_two_incomes", spouse_disabled=True), 0),
        (Household(tax_status="married_two_incomes", children=4, other_dependants=1), 54_900),
    ],
)
def test_family_reductions(household: Household, reduction: int) -> None:
    assert family_reduction(household) == reduction


@pytest.mark.parametrize(
    ("net", "children", "seized"),
    [
        (118_600, 0, 0),
        (127_400, 0, 1_760),
        (140_600, 0, 5_720),
        (153_800, 0, 11_000),
        (163_800, 0, 21_000),
        (163_800, 2, 6_400),
        (120_000, 1, 0),
    ],
)
def test_garnishment_bands(net: int, children: int, seized: int) -> None:
    assert garnishment(net, children) == seized
