"""Every line that is one product says of which factors; each is proved against its amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from payroll.model.errors import InvariantError
from payroll.rebuild.bonuses import HOURS_PER_YEAR, rebuild_bonuses
from payroll.rebuild.fees import rebuild_fees
from payroll.rebuild.invoices import rebuild_invoices
from payroll.rebuild.lines import line_sums
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.index import INDEX
from tests.unit.rebuild import payables_doubles as payables
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, adjustment, tables_of
from tests.unit.rebuild.test_bank_month import paid, rebuilt

ANN = Person(number="00001", components=(("1000", 300_000), ("1100", 10_000)))
NEW = Person(number="00003", monthly=240_000, hired=date(2022, 5, 16), in_register=False)
APRIL, CODES = date(2022, 4, 1), ("night", "evening")
#: (component, amount) -> (base, numerator, denominator)
Sums = dict[tuple[str, int], tuple[int, int, int]]


def sums_of(lines: pd.DataFrame) -> Sums:
    both = lines[["line_id", "component", "amount_cents"]].merge(line_sums(lines), on="line_id")
    return {
        (row.component, row.amount_cents): (row.base, row.numerator, row.denominator)
        for row in both.itertuples()
    }


def salaries(*people: Person, rows: list[Any] | None = None) -> Sums:
    return sums_of(rebuild_salaries(RebuildInput(tables_of(people, rows or []), ORDER, BOOK)).lines)


def test_a_month_like_the_last_has_no_products() -> None:
    assert salaries(ANN) == {}


def test_an_incomplete_month_is_the_known_amount_times_what_was_worked() -> None:
    found = salaries(ANN, rows=[adjustment(ANN, "fte_change", "0,5", date(2022, 5, 16))])
    worked = 15 * 10**6 + 15 * 500_000
    assert found == {
        ("base_salary", 225_000): (300_000, worked, 30 * 10**6),
        ("function_supplement", 7_500): (10_000, worked, 30 * 10**6),
    }


def test_a_newcomer_is_the_contract_times_the_days() -> None:
    assert salaries(NEW) == {("base_salary", 120_000): (240_000, 15 * 10**6, 30 * 10**6)}
    whole = replace(NEW, hired=date(2022, 5, 1), fte=800_000)
    assert salaries(whole) == {("base_salary", 192_000): (240_000, 24 * 10**6, 30 * 10**6)}


def test_deductions_by_ratio_are_scaled_as_the_gross_is() -> None:
    person = replace(ANN, in_staff=False)
    rows = [adjustment(person, "one_off_gross", "100,00", date(2022, 5, 1))]
    found = salaries(person, rows=rows)
    own = person.april.personal_contribution
    ((key, factors),) = (item for item in found.items() if item[0][0] == "personal_contribution")
    assert factors == (-own, 320_000, 310_000)
    assert key[1] == -round(own * 320_000 / 310_000)
    assert "residual" not in {name for name, _ in found}


def test_hours_are_multiplied_by_the_rate_or_by_the_monthly_gross() -> None:
    tables = tables_of([ANN], [], [("00001", "NUIT", 10_000), ("00001", "SOIR", 300)])
    lines = rebuild_bonuses(RebuildInput(tables, ORDER, BOOK)).lines
    night, evening = (Fraction(BOOK.premiums[code].dated(APRIL).value) for code in CODES)
    index, yearly = (BOOK.number(figure, APRIL) for figure in (INDEX, HOURS_PER_YEAR))
    found = {base: Fraction(*rest) for base, *rest in sums_of(lines).values()}
    assert found == {
        10_000: night * index,  # hundredths of hours at a fixed rate
        ANN.monthly: 300 * evening * 12 / (yearly * 10_000),
    }


def test_what_the_bank_paid_is_multiplied_by_the_days() -> None:
    leaver = Person(number="00001")
    rows = [adjustment(leaver, "leaver", end=date(2022, 5, 10))]
    whole = rebuilt([paid("00001", 201_234)], leaver)
    assert sums_of(whole.lines) == {("net_as_paid", 201_234): (201_234, 1, 1)}
    part = rebuilt([paid("00001", 201_234)], leaver, adjustments=rows)
    assert sums_of(part.lines) == {("net_as_paid", 67_078): (201_234, 10 * 10**6, 30 * 10**6)}


def test_a_retention_by_contract_and_an_advance_say_their_factors() -> None:
    source = payables.tables(
        practitioners=[
            {"practitioner_id": "P1", "name": "A", "iban": "", "retention_rate": 125_000},
            {"practitioner_id": "P2", "name": "B", "iban": ""},
        ],
        fee_statements=[
            {"practitioner_id": "P1", "period": "2022-04", "gross_fees": 1_004},
            {"practitioner_id": "P2", "period": "2022-03", "gross_fees": 500, "retention": 0},
            {"practitioner_id": "P2", "period": "2022-02", "gross_fees": 601, "retention": 0},
        ],
    )
    result = rebuild_fees(RebuildInput(source, payables.order(), payables.book(), "fr"))
    assert sums_of(result.lines) == {
        ("fee_retention", -126): (-1_004, 125_000, 10**6),
        ("fee", 551): (1_101, 100, 200),
    }


def test_a_works_retention_by_percent_says_its_factors_twice() -> None:
    bill = {
        "supplier_id": "S1",
        "invoice_number": "A1",
        "due_date": "2022-05-15",
        "amount": 12_100,
        "amount_excl_vat": 10_000,
    }
    source = payables.tables(
        suppliers=[{"supplier_id": "S1", "name": "C", "iban": ""}],
        invoices=[
            {**bill, "withholding_social": "oui"},
            {**bill, "invoice_number": "A2", "withholding_tax": "15,00"},  # an amount: as given
        ],
    )
    result = rebuild_invoices(RebuildInput(source, payables.order(), payables.book(), "fr"))
    assert sums_of(result.lines) == {
        ("retention_social", -3_500): (-10_000, 7, 20),
        ("retention_social", 3_500): (10_000, 7, 20),
    }


def test_a_line_whose_amount_was_changed_since_is_refused() -> None:
    lines = rebuild_salaries(RebuildInput(tables_of([NEW], []), ORDER, BOOK)).lines
    wrong = lines.assign(amount_cents=lines["amount_cents"] + 1)
    with pytest.raises(InvariantError, match="its factors do not give its amount"):
        line_sums(wrong)
