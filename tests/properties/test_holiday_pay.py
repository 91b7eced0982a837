"""Holiday pay: its lines are its payment, and it grows with the share and with the percentage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

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

Drawn = TypeVar("Drawn")
#: In turn of either status; each draw gives all of them a basis and a share of their own.
PEOPLE = [
    Person(number=f"{at:05d}", status=status)
    for at, status in enumerate(("statutory", "contractual") * 20, 1)
]
shares = st.integers(0, 10**6)
percentages = st.decimals(Decimal("0.0001"), 100, places=4)
bases = st.integers(1, 1_000_000)


def everybody(one: st.SearchStrategy[Drawn]) -> st.SearchStrategy[list[Drawn]]:
    return st.lists(one, min_size=len(PEOPLE), max_size=len(PEOPLE))


def sources(basis: Sequence[int], share: Sequence[int]) -> SourceTables:
    tables = tables_of(PEOPLE)
    rows = [
        {
            "employee_id": person.number,
            "period": "2022-03",
            "component": "1000",
            "amount_cents": cents,
            "source": f"m!m!R{at}",
        }
        for at, (person, cents) in enumerate(zip(PEOPLE, basis, strict=True), 2)
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
    return RebuildInput(sources([1] * len(PEOPLE), [1] * len(PEOPLE)), order, BOOK)


def paid(
    basis: Sequence[int], share: Sequence[int], percentage: Decimal, day: date = date(2022, 5, 31)
) -> HolidayResult:
    order = ordered(percentage, day).order
    return rebuild_holiday_pay(RebuildInput(sources(basis, share), order, BOOK))


def gross(found: HolidayResult) -> dict[str, int]:
    """Per person what holiday pay comes to before anything is kept."""
    lines = found.lines[found.lines["component"].isin(HOLIDAY_GROSS)]
    sums = {person.number: 0 for person in PEOPLE}
    return sums | lines.groupby("payee_id")["amount_cents"].sum().to_dict()


@settings(max_examples=6, deadline=None)
@given(everybody(bases), everybody(shares), percentages)
def test_the_gross_is_the_exact_product_cut_and_what_is_kept_is_less(
    basis: list[int], share: list[int], percentage: Decimal
) -> None:
    found = paid(basis, share, percentage)
    exact = [
        int(Fraction(cents) * Fraction(percentage) / 100 * Fraction(part, 10**6))
        for cents, part in zip(basis, share, strict=True)
    ]
    assert list(gross(found).values()) == exact
    assert len(line_sums(found.lines)) == sum(map(bool, exact))
    nets = found.lines.groupby("payee_id")["amount_cents"].sum()
    assert (nets >= 0).all()


@settings(max_examples=4, deadline=None)
@given(everybody(bases), everybody(st.tuples(shares, shares)), st.tuples(percentages, percentages))
def test_it_grows_with_the_share_and_with_the_percentage(
    basis: list[int], two_shares: list[tuple[int, int]], two: tuple[Decimal, Decimal]
) -> None:
    low, high = (
        paid(basis, share, percentage)
        for share, percentage in zip(
            zip(*map(sorted, two_shares), strict=True), sorted(two), strict=True
        )
    )
    more = gross(high)
    assert all(cents <= more[number] for number, cents in gross(low).items())
    assert low.lines["amount_cents"].sum() <= high.lines["amount_cents"].sum() + 2 * len(PEOPLE)


@settings(max_examples=2, deadline=None)
@given(everybody(bases), everybody(shares))
def test_the_lines_are_the_payments(basis: list[int], share: list[int]) -> None:
    employer = Employer.model_validate(EMPLOYER)
    for day in (date(2022, 5, 31), date(2022, 6, 10)):
        order = ordered(Decimal(92), day).order
        found, _ = rebuild(sources(basis, share), order, rulebook(), employer)
        assert found.payments["amount_cents"].sum() == found.lines["amount_cents"].sum()
        apart = day != date(2022, 5, 31)
        streams = set(found.payments["stream"])
        assert ("holiday_pay" in streams) <= apart
