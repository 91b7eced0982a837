"""Pay periods (calendar months) and the TARGET calendar on which euro payments settle."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_PERIOD = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_WORKING_WEEK = 5
#: The first and the last day that anything here is dated on: what is typed beyond is a slip.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month, written 2022-05."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read 'YYYY-MM', from FIRST_DAY to LAST_DAY; anything else raises ValueError."""
        match = _PERIOD.fullmatch(text)
        if match is None or not FIRST_DAY.year <= int(match[1]) <= LAST_DAY.year:
            raise ValueError(f"not a period (YYYY-MM): {text!r}")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def days(self) -> int:
        """How many days the month has."""
        return self.last_day.day

    @property
    def working_days(self) -> tuple[int, ...]:
        """The days of the month from Monday to Friday; a paid holiday counts as one."""
        return tuple(
            day
            for day in range(1, self.days + 1)
            if date(self.year, self.month, day).weekday() < _WORKING_WEEK
        )

    def shift(self, months: int) -> Period:
        """The period so many months later (or earlier, when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return Period(index // 12, index % 12 + 1)


@lru_cache(maxsize=64)
def _target_closing_days(year: int) -> frozenset[date]:
    from holidays import financial_holidays

    return frozenset(financial_holidays("ECB", years=year))


@lru_cache(maxsize=16)
def belgian_holidays(year: int) -> frozenset[date]:
    """The legal holidays of a year."""
    from holidays import country_holidays

    return frozenset(country_holidays("BE", years=year))


def is_target_day(day: date) -> bool:
    """Whether TARGET is open: no Saturday, no Sunday, none of the six closing days (ECB)."""
    return day.weekday() < 5 and day not in _target_closing_days(day.year)


def target_day_on_or_before(day: date) -> date:
    """The day itself, or the newest earlier TARGET day: for pay that may not be late."""
    while not is_target_day(day):
        day -= timedelta(days=1)
    return day


def target_day_on_or_after(day: date) -> date:
    """The day itself, or the next TARGET day."""
    while not is_target_day(day):
        day += timedelta(days=1)
    return day
