"""Holiday pay: its lines are its payment, and it grows with the share and with the percentage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.model.components import HOLIDAY_GROSS
from payroll.model.order import Employer, payrun_model
from payroll.model.tables import SourceTables
from payroll.rebuild.holiday_pay import HolidayResult, rebuild_holiday_pay
from payroll.rebuild.lines import line_sums
from payroll.rebuild.month import rebuild
from payroll.rebuild.stream import RebuildInput
from tests.release_world import rulebook
from tests.unit.checks.examples import EMPLOYER
from tests.unit.rebuild.staff_samples import BOOK, Person, table, tables_of

PEOPLE = [
    Person(number="00001", status="statutory"),
    Person(number="00002", components=(("1000", 210_000),), monthly=210_000),
]
shares = st.integers(0, 10**6)
percentages = st.decimals(Decimal("0.0001"), 100, places=4)
bases = st.integers(1, 1_000_000)


def sources(basis: int, share: int) -> SourceTables:
    tables = tables_of(PEOPLE)
    rows = [
        {
            "employee_id": person.number,
            "period": "2022-03",
            "component": "1000",
            "amount_cents": basis,
            "source": f"m!m!R{at}",
        }
        for at, person in enumerate(PEOPLE, 2)
    ]
    march = pd.concat([tables["register_lines"], table("register_lines", rows)], ignore_index=True)
    staff = tables["employees"].assign(holiday_share_millionths=share, holiday_share_given=True)
    frames = {**tables.frames, "register_lines": march, "employees": staff}
    return SourceTables(frames, tables.summaries, tables.headings)


def ordered(percentage: Decimal, day: date = date(2022, 5, 31)) -> RebuildInput:
    order = payrun_model().model_validate(
        {
            "period": "2022-05",
            "last_known": "2022-04",
            "salaries": {"pay_on": date(2022, 5, 31), "account": "main"},
            "holiday_pay": {"basis_month": "2022-03", "percentage": percentage, "pay_on": day},
            "source": [],
        }
    )
    return RebuildInput(sources(1, 1), order, BOOK)


def paid(
    basis: int, share: int, percentage: Decimal, day: date = date(2022, 5, 31)
) -> HolidayResult:
    order = ordered(percentage, day).order
    return rebuild_holiday_pay(RebuildInput(sources(basis, share), order, BOOK))


def gross(found: HolidayResult) -> int:
    lines = found.lines
    return int(lines.loc[lines["component"].isin(HOLIDAY_GROSS), "amount_cents"].sum())


@settings(max_examples=25, deadline=None)
@given(bases, shares, percentages)
def test_the_gross_is_the_exact_product_cut_and_what_is_kept_is_less(
    basis: int, share: int, percentage: Decimal
) -> None:
    found = paid(basis, share, percentage)
    exact = Fraction(basis) * Fraction(percentage) / 100 * Fraction(share, 10**6)
    assert gross(found) == len(PEOPLE) * int(exact)
    assert len(line_sums(found.lines)) == (len(PEOPLE) if int(exact) else 0)
    nets = found.lines.groupby("payee_id")["amount_cents"].sum()
    assert (nets >= 0).all()


@settings(max_examples=15, deadline=None)
@given(bases, st.tuples(shares, shares), st.tuples(percentages, percentages))
def test_it_grows_with_the_share_and_with_the_percentage(
    basis: int, two_shares: tuple[int, int], two: tuple[Decimal, Decimal]
) -> None:
    low, high = (
        paid(basis, share, percentage)
        for share, percentage in zip(sorted(two_shares), sorted(two), strict=True)
    )
    assert gross(low) <= gross(high)
    assert low.lines["amount_cents"].sum() <= high.lines["amount_cents"].sum() + 2 * len(PEOPLE)


@settings(max_examples=10, deadline=None)
@given(bases, shares, st.sampled_from([date(2022, 5, 31), date(2022, 6, 10)]))
def test_the_lines_are_the_payments(basis: int, share: int, day: date) -> None:
    given_order = ordered(Decimal(92), day).order
    employer = Employer.model_validate(EMPLOYER)
    found, _ = rebuild(sources(basis, share), given_order, rulebook(), employer)
    assert found.payments["amount_cents"].sum() == found.lines["amount_cents"].sum()
    apart = day != date(2022, 5, 31)
    streams = set(found.payments["stream"])
    assert ("holiday_pay" in streams) <= apart
