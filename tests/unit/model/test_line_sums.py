"""The factors of a line: proved exactly, whatever their size."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.model.errors import InvariantError
from payroll.model.line_sums import products, proved
from payroll.model.record_frames import LINE_SUMS

LARGE = 2**62


def sums(*rows: tuple[int, int, int], rounding: str = "half_up") -> pd.DataFrame:
    return LINE_SUMS.from_rows(
        {
            "line_id": f"L-{number}",
            "base": base,
            "numerator": numerator,
            "denominator": denominator,
            "rounding": rounding,
        }
        for number, (base, numerator, denominator) in enumerate(rows)
    )


def lines(*amounts: int) -> pd.DataFrame:
    ids = [f"L-{number}" for number in range(len(amounts))]
    return pd.DataFrame({"line_id": ids, "amount_cents": amounts}).astype({"line_id": "str"})


def half_up(value: Fraction) -> int:
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


@given(
    base=st.integers(-LARGE, LARGE),
    numerator=st.integers(-LARGE, LARGE),
    denominator=st.integers(1, LARGE),
)
def test_a_product_is_exact_where_it_fits_no_machine_integer(
    base: int, numerator: int, denominator: int
) -> None:
    exact = Fraction(base * numerator, denominator)
    if abs(exact) >= LARGE:
        return
    assert products(sums((base, numerator, denominator))).tolist() == [half_up(exact)]
    assert products(sums((base, numerator, denominator), rounding="down")).tolist() == [int(exact)]


def test_small_and_large_rows_stand_side_by_side() -> None:
    found = products(sums((3, 1, 2), (-3, 1, 2), (LARGE, 6, 12), (0, 5, 7)))
    assert found.tolist() == [2, -2, LARGE // 2, 0]


def test_a_sum_that_gives_another_amount_is_refused_by_its_line() -> None:
    rows = sums((100, 1, 3), (100, 2, 3))
    assert proved(rows, lines(33, 67)) is not None
    with pytest.raises(InvariantError, match="L-1: its factors"):
        proved(rows, lines(33, 66))
    with pytest.raises(InvariantError, match="no line"):
        proved(rows, lines(33))


def test_no_sums_are_proved_at_once() -> None:
    assert proved(LINE_SUMS.empty(), lines(5)).empty
