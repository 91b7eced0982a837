"""Incomplete months in thirtieths: who is paid how many days, at which part of full time.

A month is 30 thirtieths whatever its length; a day's index is min(day of the month, 30), and a last
day employed that is the month's last counts as 30. Source: parameter proration_days_per_month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.exact import Exact
from payroll.model.frames import TEXT
from payroll.model.money import Cents
from payroll.model.period import Period

DAYS = 30
Matrix = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Per person the paid part of a full month at the known working time: numerator/denominator.

    worked: Σ over 30 thirtieths of the part of full time in millionths. quantity, rate: as a reader
    sees them ('15/30 + 15/30', '1→0.5'); '' for somebody whose month is like the known one.
    """

    worked: Cents
    numerator: Cents
    denominator: Cents
    quantity: pd.Series[str]
    rate: pd.Series[str]


def day_index(days: pd.Series[pd.Timestamp]) -> Cents:
    """The thirtieth a date falls in (1 to 30)."""
    return np.minimum(days.dt.day.to_numpy(dtype=np.int64), DAYS)


def first_index(days: pd.Series[pd.Timestamp], period: Period) -> Cents:
    """The first paid thirtieth: 1 when employed from before the period, 31 when only after it."""
    begin, end = pd.Timestamp(period.first_day), pd.Timestamp(period.last_day)
    inside = day_index(days.fillna(begin))
    late = np.where((days > end).to_numpy(), DAYS + 1, inside)
    return np.where((days.isna() | (days < begin)).to_numpy(), 1, late).astype(np.int64)


def last_index(days: pd.Series[pd.Timestamp], period: Period) -> Cents:
    """The last paid thirtieth: 30 when it is the month's last day or later, 0 when before it."""
    begin, end = pd.Timestamp(period.first_day), pd.Timestamp(period.last_day)
    inside = day_index(days.fillna(end))
    early = np.where((days < begin).to_numpy(), 0, inside)
    return np.where((days.isna() | (days >= end)).to_numpy(), DAYS, early).astype(np.int64)


def shares(
    fte: Cents,
    first: Cents,
    last: Cents,
    *,
    changes: pd.DataFrame,
    absences: pd.DataFrame,
    period: Period,
) -> Shares:
    """The paid part of the month for a group of people, whatever happens to each of them.

    fte: known working time in millionths, positive. first, last: their paid thirtieths. changes:
    person (position), from, amount (new working time in millionths). absences: person, from, to,
    amount (days). Changes apply by date, then absences, then first and last day.
    """
    grid: Matrix = np.repeat(fte[:, None], DAYS, axis=1)
    days = np.arange(1, DAYS + 1)
    changes = changes.sort_values("from", kind="stable")
    start = day_index(changes["from"])
    for turn in _turns(changes):
        people = changes["person"].to_numpy()[turn]
        after = days >= start[turn][:, None]
        new = changes["amount"].to_numpy()[turn][:, None]
        grid[people] = np.where(after, new, grid[people])
    grid[(days < first[:, None]) | (days > last[:, None])] = 0
    dated = absences[absences["from"].notna()]
    begin, end = _absent(dated, period)
    for turn in _turns(dated):
        people = dated["person"].to_numpy()[turn]
        away = (days >= begin[turn][:, None]) & (days <= end[turn][:, None])
        grid[people] = np.where(away, 0, grid[people])
    undated = absences[absences["from"].isna()]
    for turn in _turns(undated):
        people = undated["person"].to_numpy()[turn]
        paid = grid[people]
        away = np.cumsum(paid > 0, axis=1) <= undated["amount"].to_numpy()[turn][:, None]
        grid[people] = np.where(away, 0, paid)
    worked = grid.sum(axis=1)
    quantity, rate = _shown(grid, fte)
    return Shares(worked, worked, fte * DAYS, quantity, rate)


def _turns(rows: pd.DataFrame) -> list[npt.NDArray[np.bool_]]:
    """Row masks in which each person stands at most once, in order."""
    turn = rows.groupby("person").cumcount().to_numpy()
    return [turn == number for number in range(int(turn.max()) + 1 if len(turn) else 0)]


def _absent(rows: pd.DataFrame, period: Period) -> tuple[Cents, Cents]:
    """First and last absent thirtieth, clipped to the period; a whole month is all thirty."""
    begin, end = pd.Timestamp(period.first_day), pd.Timestamp(period.last_day)
    start = rows["from"].where(rows["from"] >= begin, begin)
    given = rows["to"].notna().to_numpy()
    stop = rows["to"].where(rows["to"] <= end, end)  # also where there is none
    first = day_index(start)
    counted = first + rows["amount"].to_numpy() - 1
    last = np.where(given, day_index(stop), np.minimum(counted, DAYS))
    whole = given & ((start == begin) & (stop == end)).to_numpy()
    return first, np.where(whole, DAYS, last).astype(np.int64)


def _shown(grid: Matrix, fte: Cents) -> tuple[pd.Series[str], pd.Series[str]]:
    """Days per working time, and the working times when they differ from the known one."""
    if not len(grid):
        return pd.Series([], dtype=TEXT), pd.Series([], dtype=TEXT)
    rows, where = np.unique(np.column_stack([fte, grid]), axis=0, return_inverse=True)
    texts = [_row_shown(int(row[0]), [int(day) for day in row[1:]]) for row in rows]
    pairs = [texts[index] for index in where.ravel()]
    return (
        pd.Series([pair[0] for pair in pairs], dtype=TEXT),
        pd.Series([pair[1] for pair in pairs], dtype=TEXT),
    )


def _row_shown(known: int, days: list[int]) -> tuple[str, str]:
    if all(day == known for day in days):
        return "", ""
    counts: dict[int, int] = {}
    for day in days:
        if day:
            counts[day] = counts.get(day, 0) + 1
    quantity = " + ".join(f"{count}/{DAYS}" for count in counts.values()) or f"0/{DAYS}"
    times = list(dict.fromkeys((known, *counts)))
    rate = "→".join(fte_text(item) for item in times) if len(times) > 1 else ""
    return quantity, rate


def fte_text(millionths: int) -> str:
    """A part of full time as a reader writes it: 500000 -> '0.5'."""
    return Exact(millionths, 6).short()
