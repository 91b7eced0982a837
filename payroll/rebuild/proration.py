"""Incomplete months: who is paid how many days, at which part of full time.

Pay goes by thirtieths: a month is 30 of them whatever its length; a day's index is min(day of the
month, 30), and a last day employed that is the month's last counts as 30 (source: parameter
proration_days_per_month). The work bonus goes by working days, Monday to Friday of the calendar.
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
#: The rule id of what is paid for a part of the month.
PRORATION = "parameter:proration_days_per_month"
#: Full time, in millionths.
FULL_TIME = 10**6
Matrix = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shares:
    """Per person the paid part of a full month at the known working time: numerator/denominator.

    worked: Σ over 30 thirtieths of the part of full time in millionths; work_days: the same over
    the working days of the month. part_time: whether any paid day was below full time. quantity,
    rate: as a reader sees them ('15/30 + 15/30', '1→0.5'); '' for somebody whose month is like the
    known one.
    """

    worked: Cents
    work_days: Cents
    part_time: Mask
    numerator: Cents
    denominator: Cents
    quantity: pd.Series[str]
    rate: pd.Series[str]


def known_fte(fte_millionths: npt.ArrayLike) -> Cents:
    """The known working time in millionths; who has none counts as full time."""
    fte = np.asarray(fte_millionths, dtype=np.int64)
    found: Cents = np.where(fte > 0, fte, FULL_TIME)
    return found


def day_index(days: pd.Series[pd.Timestamp], length: int = DAYS) -> Cents:
    """The thirtieth a date falls in (1 to 30), or of a month counted in `length` days."""
    return np.minimum(days.dt.day.to_numpy(dtype=np.int64), length)


def first_index(days: pd.Series[pd.Timestamp], period: Period, length: int = DAYS) -> Cents:
    """The first paid thirtieth: 1 when employed from before the period, 31 when only after it."""
    begin, end = pd.Timestamp(period.first_day), pd.Timestamp(period.last_day)
    inside = day_index(days.fillna(begin), length)
    late = np.where((days > end).to_numpy(), length + 1, inside)
    return np.where((days.isna() | (days < begin)).to_numpy(), 1, late).astype(np.int64)


def last_index(days: pd.Series[pd.Timestamp], period: Period, length: int = DAYS) -> Cents:
    """The last paid thirtieth: 30 when it is the month's last day or later, 0 when before it."""
    begin, end = pd.Timestamp(period.first_day), pd.Timestamp(period.last_day)
    inside = day_index(days.fillna(end), length)
    early = np.where((days < begin).to_numpy(), 0, inside)
    return np.where((days.isna() | (days >= end)).to_numpy(), length, early).astype(np.int64)


def thirtieths_of_year(
    begin: pd.Series[pd.Timestamp], end: pd.Series[pd.Timestamp], year: int
) -> Cents:
    """How many thirtieths of a year's twelve months each was in service (0 to 360).

    begin, end: first and last day; none = from before it, until after it.
    """
    months = [Period(year, month) for month in range(1, 13)]
    found: Cents = np.zeros(len(begin), dtype=np.int64)
    for month in months:
        found += np.maximum(last_index(end, month) - first_index(begin, month) + 1, 0)
    return found


@dataclass(frozen=True, slots=True)
class Employed:
    """The first and the last paid day per person, as thirtieths and as days of the calendar."""

    first: Cents
    last: Cents
    first_day: Cents
    last_day: Cents


def shares(
    fte: Cents, employed: Employed, *, changes: pd.DataFrame, absences: pd.DataFrame, period: Period
) -> Shares:
    """The paid part of the month for a group of people, whatever happens to each of them.

    fte: known working time in millionths, positive. changes: person (position), from (before the
    month: all of it), amount (new working time in millionths). absences: person, from, to,
    amount (days). Changes apply by date, then absences, then first and last day.
    """
    happened = (changes.sort_values("from", kind="stable"), absences)
    thirtieths, calendar = (employed.first, employed.last), (employed.first_day, employed.last_day)
    grid = _grid(fte, thirtieths, *happened, of=(period, DAYS))
    calendar_grid = _grid(fte, calendar, *happened, of=(period, period.days))
    working = calendar_grid[:, np.array(period.working_days) - 1]
    worked = grid.sum(axis=1)
    quantity, rate = _shown(grid, fte)
    part_time: Mask = np.asarray(((grid > 0) & (grid < FULL_TIME)).any(axis=1))
    return Shares(
        worked=worked,
        work_days=working.sum(axis=1),
        part_time=part_time,
        numerator=worked,
        denominator=fte * DAYS,
        quantity=quantity,
        rate=rate,
    )


def paid_days(
    fte: Cents, employed: Employed, *, changes: pd.DataFrame, absences: pd.DataFrame, period: Period
) -> Matrix:
    """The working time (millionths) of each thirtieth of the month, 0 where it is not paid; the
    arguments are those of `shares`.
    """
    happened = (changes.sort_values("from", kind="stable"), absences)
    return _grid(fte, (employed.first, employed.last), *happened, of=(period, DAYS))


def _grid(
    fte: Cents,
    employed: tuple[Cents, Cents],
    changes: pd.DataFrame,
    absences: pd.DataFrame,
    *,
    of: tuple[Period, int],
) -> Matrix:
    """The part of full time paid on each day of a month, and how many days it is counted in."""
    first, last = employed
    period, length = of
    grid: Matrix = np.repeat(fte[:, None], length, axis=1)
    days = np.arange(1, length + 1)
    start = first_index(changes["from"], period, length)
    for turn in _turns(changes):
        people = changes["person"].to_numpy()[turn]
        after = days >= start[turn][:, None]
        new = changes["amount"].to_numpy()[turn][:, None]
        grid[people] = np.where(after, new, grid[people])
    grid[(days < first[:, None]) | (days > last[:, None])] = 0
    dated = absences[absences["from"].notna()]
    begin, end = _absent(dated, period, length)
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
    return grid


def _turns(rows: pd.DataFrame) -> list[npt.NDArray[np.bool_]]:
    """Row masks in which each person stands at most once, in order."""
    turn = rows.groupby("person").cumcount().to_numpy()
    return [turn == number for number in range(int(turn.max()) + 1 if len(turn) else 0)]


def _absent(rows: pd.DataFrame, period: Period, length: int) -> tuple[Cents, Cents]:
    """First and last absent day, clipped to the period; a whole month is all of them."""
    begin, end = pd.Timestamp(period.first_day), pd.Timestamp(period.last_day)
    start = rows["from"].where(rows["from"] >= begin, begin)
    given = rows["to"].notna().to_numpy()
    stop = rows["to"].where(rows["to"] <= end, end)  # also where there is none
    first = day_index(start, length)
    counted = first + rows["amount"].to_numpy() - 1
    last = np.where(given, day_index(stop, length), np.minimum(counted, length))
    whole = given & ((start == begin) & (stop == end)).to_numpy()
    return first, np.where(whole, length, last).astype(np.int64)


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


def working_days(
    hire: pd.Series[pd.Timestamp], leave: pd.Series[pd.Timestamp], period: Period
) -> Cents:
    """How many working days of a month each was employed, by the dates of the employees list."""
    first = first_index(hire, period, period.days)
    last = last_index(leave, period, period.days)
    days = np.array(period.working_days)
    within = (days >= first[:, None]) & (days <= last[:, None])
    count: Cents = within.sum(axis=1).astype(np.int64)
    return count


def fte_text(millionths: int) -> str:
    """A part of full time as a reader writes it: 500000 -> '0.5'."""
    return Exact(millionths, 6).short()
