"""Exact rounding, against decimal as an independent second opinion."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.model.errors import InvariantError
from payroll.model.money import Rounding, cents_from_decimal, divide, divide_columns, euros

MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.DOWN: ROUND_DOWN}
numerators = st.integers(-(10**15), 10**15)
denominators = st.integers(1, 10**6)


@given(numerators, denominators, st.sampled_from(Rounding))
def test_divide_equals_decimal(numerator: int, denominator: int, mode: Rounding) -> None:
    exact = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), MODES[mode])
    assert divide(numerator, denominator, mode) == int(exact)
    column = divide(np.array([numerator], dtype=np.int64), denominator, mode)
    assert column.dtype == np.int64
    assert column.tolist() == [int(exact)]
    rows = divide_columns(np.array([numerator]), np.array([denominator]), mode)
    assert rows.tolist() == [int(exact)]


def test_half_up_is_away_from_zero() -> None:
    assert [divide(value, 2) for value in (1, -1, 3, -3)] == [1, -1, 2, -2]


def test_a_denominator_must_be_positive() -> None:
    with pytest.raises(InvariantError):
        divide(1, 0)


@given(numerators)
def test_euros_round_trip(cents: int) -> None:
    assert cents_from_decimal(Decimal(euros(cents))) == cents


def test_a_third_decimal_is_refused() -> None:
    with pytest.raises(InvariantError):
        cents_from_decimal(Decimal("0.005"))
