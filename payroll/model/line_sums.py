"""How a line that is one product came about, and the proof that it is what it says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.model.errors import require
from payroll.model.money import Cents, Rounding, divide, divide_columns
from payroll.model.record_frames import LINE_SUMS

#: Below it, twice a product and a denominator fit in an int64.
_FITS = 2**61


def proved(sums: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """LINE_SUMS whose rows each give the amount of their line, exactly.

    lines: line_id and amount_cents. Raises InvariantError for a row that does not, or that has no
    line.
    """
    sums = LINE_SUMS.conform(sums)
    place = pd.Index(lines["line_id"]).get_indexer(pd.Index(sums["line_id"]))
    require(bool((place >= 0).all()), "a sum has no line")
    amount = lines["amount_cents"].to_numpy(dtype=np.int64)[place]
    wrong = np.flatnonzero(amount != products(sums))
    first = sums["line_id"].iloc[wrong[0]] if len(wrong) else ""
    require(not len(wrong), f"{first}: its factors do not give its amount")
    return sums


def products(sums: pd.DataFrame) -> Cents:
    """round(base x numerator / denominator) of each row of LINE_SUMS, whatever its size."""
    base, numerator, denominator = (
        sums[name].to_numpy(dtype=np.int64) for name in ("base", "numerator", "denominator")
    )
    found: Cents = np.zeros(len(sums), dtype=np.int64)
    size = np.abs(base).astype(np.float64) * np.abs(numerator)
    fits = (size < _FITS) & (denominator < _FITS)
    for rounding in Rounding:
        own = (sums["rounding"] == rounding).to_numpy(dtype=bool)
        rows = own & fits
        found[rows] = divide_columns(base[rows] * numerator[rows], denominator[rows], rounding)
        for row in np.flatnonzero(own & ~fits):  # exact with Python's integers
            product = int(base[row]) * int(numerator[row])
            found[row] = divide(product, int(denominator[row]), rounding)
    return found
