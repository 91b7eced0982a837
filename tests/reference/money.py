"""Amounts in euro as plain Decimal, and how they are rounded."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(amount: Decimal) -> Decimal:
    """Half-up to two decimals, away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def third_decimal_dropped(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_DOWN)


def percent(rate: Decimal, amount: Decimal) -> Decimal:
    """`rate` percent of `amount`, half-up to the cent."""
    return cents(rate * amount / 100)


def times(amount: Decimal, share: Fraction) -> Decimal:
    """`amount` x `share`, half-up to two decimals."""
    return cents(amount * share.numerator / share.denominator)


def year_of(month: str) -> int:
    return first_day(month).year


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")  # refuses anything that is not YYYY-MM


def weekdays(month: str) -> int:
    """How many Mondays to Fridays the calendar month has; public holidays are among them."""
    first = first_day(month)
    days = (first + timedelta(n) for n in range(31))
    return sum(day.month == first.month and day.weekday() < 5 for day in days)
