"""Money is int64 cents. Exact integer rounding for scalars and for whole columns."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from payroll.model.errors import require

_TYPED = re.compile(r"-?[0-9]{1,7}([.,][0-9]{1,2})?")
_BLANKS = re.compile(r"[\s\u00a0\u202f€]|EUR")
Cents = npt.NDArray[np.int64]
IntOrCents = TypeVar("IntOrCents", int, Cents)

#: No cell that is read and no payment that is made exceeds ten million euro, and no run a hundred
#: billion: far from int64's edge, near enough to catch a decimal slip that no rule caught.
LINE_CENTS_MAX = 10**9
RUN_CENTS_MAX = 10**13


class Rounding(StrEnum):
    """Named rounding modes; a rule file names the one the law asks for."""

    HALF_UP = "half_up"  # 0.005 away from zero, also for negatives
    DOWN = "down"  # towards zero


def divide(
    numerator: IntOrCents, denominator: int, rounding: Rounding = Rounding.HALF_UP
) -> IntOrCents:
    """Divide integers (a scalar or an int64 column) by a positive integer, rounding exactly.

    Half-up is away from zero for negatives too: -0.5 becomes -1. No float is involved.
    """
    require(denominator > 0, f"denominator must be positive, got {denominator}")
    if isinstance(numerator, int):
        magnitude = _divide_magnitude(abs(numerator), denominator, rounding)
        return magnitude if numerator >= 0 else -magnitude
    return np.sign(numerator) * _divide_magnitude(np.abs(numerator), denominator, rounding)


def _divide_magnitude(magnitude: IntOrCents, denominator: int, rounding: Rounding) -> IntOrCents:
    if rounding is Rounding.DOWN:
        return magnitude // denominator
    return (2 * magnitude + denominator) // (2 * denominator)


def divide_columns(
    numerator: Cents, denominator: Cents, rounding: Rounding = Rounding.HALF_UP
) -> Cents:
    """Divide two int64 columns row by row, the denominators positive, rounding exactly."""
    require(bool((denominator > 0).all()), "a denominator is not positive")
    magnitude = np.abs(numerator)
    if rounding is Rounding.DOWN:
        quotient = magnitude // denominator
    else:
        quotient = (2 * magnitude + denominator) // (2 * denominator)
    return np.sign(numerator) * quotient


def cents_from_decimal(value: Decimal) -> int:
    """Turn an exact euro amount into cents; a third decimal is refused, never rounded."""
    cents = value * 100
    require(cents == cents.to_integral_value(), f"{value} has more than two decimals")
    return int(cents)


def typed_cents(text: str) -> int | None:
    """Euro as typed in a free cell ('120', '120,00', '45.50 €') in cents, below ten million.

    None when it cannot be read surely. The one reader of such a cell: who works with it and who
    checks it see the same amount.
    """
    plain = _BLANKS.sub("", text)
    if not _TYPED.fullmatch(plain):
        return None
    return cents_from_decimal(Decimal(plain.replace(",", ".")))


def euros(cents: int) -> str:
    """Write cents as a plain machine amount: 123456 -> '1234.56', -5 -> '-0.05'."""
    whole, part = divmod(abs(int(cents)), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{part:02d}"
