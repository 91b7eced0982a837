"""Periods and TARGET days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.model.period import (
    Period,
    is_target_day,
    target_day_on_or_after,
    target_day_on_or_before,
)


@pytest.mark.parametrize("text", ["2022-13", "2022-5", "05/2022", "", "2022-05-01"])
def test_only_year_and_month(text: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Period.parse(text)


@given(st.integers(1990, 2100), st.integers(1, 12), st.integers(-500, 500))
def test_shift_goes_back_and_forth(year: int, month: int, months: int) -> None:
    period = Period(year, month)
    assert period.shift(months).shift(-months) == period
    assert Period.parse(str(period)) == period
    assert period.last_day + timedelta(days=1) == period.shift(1).first_day


def easter(year: int) -> date:
    """Anonymous Gregorian computus: an independent reckoning of the moving days."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", range(2005, 2041))
def test_target_days_are_the_six_rules(year: int) -> None:
    sunday = easter(year)
    closed = {
        date(year, 1, 1),
        sunday - timedelta(days=2),
        sunday + timedelta(days=1),
        date(year, 5, 1),
        date(year, 12, 25),
        date(year, 12, 26),
    }
    day = date(year, 1, 1)
    while day.year == year:
        assert is_target_day(day) == (day.weekday() < 5 and day not in closed)
        day += timedelta(days=1)


def test_moves_to_the_neighbouring_target_day() -> None:
    good_friday = date(2022, 4, 15)
    assert target_day_on_or_before(good_friday) == date(2022, 4, 14)
    assert target_day_on_or_after(good_friday) == date(2022, 4, 19)
    assert target_day_on_or_after(date(2022, 5, 26)) == date(2022, 5, 26)  # Ascension: open
