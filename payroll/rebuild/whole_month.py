"""A month as if everybody worked all of it: what holiday pay goes by, whoever left within it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payroll.rebuild.lines import STAFF_LINES
from payroll.rebuild.proration import DAYS, known_fte
from payroll.rebuild.staff import StaffMonth

if TYPE_CHECKING:
    from payroll.rebuild.gross import Shared


def whole_lines(
    lines: tuple[pd.DataFrame, pd.DataFrame],
    people: StaffMonth,
    shared: Shared,
    lines_at: Callable[[Shared], pd.DataFrame],
) -> pd.DataFrame:
    """The gross lines (STAFF_LINES) of a month that is paid in full.

    lines: the recurring ones of the month as it is paid, of which those of an incomplete month are
    worked out anew, and what is paid once. lines_at: the recurring lines for shares of the month.
    """
    own, once = lines
    partial = shared.quantity != ""
    if partial.any():
        full = lines_at(_entire(people, shared))
        full = full[partial[full["person"].to_numpy()]]
        own = pd.concat([own[~partial[own["person"].to_numpy()]], full])
    found = pd.concat([own, once], ignore_index=True)
    return STAFF_LINES.conform(found[people.is_paid(found["person"].to_numpy())])


def _entire(people: StaffMonth, shared: Shared) -> Shared:
    """The shares of a month in which everybody works all of it at the known working time."""
    one, none = np.ones_like(shared.worked), np.full(len(people.frame), "", dtype=object)
    worked = known_fte(people.frame["fte_millionths"]) * DAYS
    return replace(
        shared, numerator=one, denominator=one, worked=worked, quantity=none, rate=none, source=none
    )
