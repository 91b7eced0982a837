"""The tables of payrun.toml that order a stream: paid on which day, from which account."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from payroll.model.errors import Said
from payroll.model.period import FIRST_DAY, LAST_DAY, Period
from payroll.model.person_names import odd_letter
from payroll.model.refusals import refused, seen

#: No name of an order or of a record is longer: that of a debtor in a payment file may not be.
NAME_MAX = 70
#: Letters of a reason, a reference or a piece of evidence.
LINE_MAX = 300


def _as_period(value: object) -> Period:
    if isinstance(value, Period):
        return value
    try:
        return Period.parse(str(value))
    except ValueError as error:
        raise refused("period") from error


PeriodField = Annotated[Period, BeforeValidator(_as_period)]


def _without_zone(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise refused("zone")
    if not FIRST_DAY <= value.date() <= LAST_DAY:
        raise refused("day_beyond", first=FIRST_DAY, last=LAST_DAY)
    return value


def _in_range(value: date) -> date:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise refused("day_beyond", first=FIRST_DAY, last=LAST_DAY)
    return value


def _person_name(value: str) -> str:
    if letter := odd_letter(value):
        raise refused("person_name", letter=letter)
    return value


def _one_line(value: str) -> str:
    if not value.replace("\N{NO-BREAK SPACE}", " ").isprintable():
        raise refused("one_line")
    return value


def name_problem(name: str) -> Said | None:
    """What is wrong with a name as somebody typed it, or None."""
    letter, params = odd_letter(name), {"text": seen(name)}
    if letter:
        return Said("field_person_name", {**params, "letter": letter})
    if len(name) > NAME_MAX:
        return Said("field_long", {**params, "max_length": str(NAME_MAX)})
    return None


def line_problem(text: str) -> Said | None:
    """What is wrong with a reason or a reference as somebody typed it, or None."""
    if not text.isprintable():
        return Said("field_one_line", {"text": seen(text)})
    if len(text) > LINE_MAX:
        return Said("field_long", {"text": seen(text), "max_length": str(LINE_MAX)})
    return None


#: A day and a moment of an order; a moment is the local time, as it goes into a payment file.
Day = Annotated[date, AfterValidator(_in_range)]
Moment = Annotated[datetime, AfterValidator(_without_zone)]
#: A name in Latin letters that can be seen: no two people whose names look the same.
PersonName = Annotated[str, Field(max_length=NAME_MAX), AfterValidator(_person_name)]
#: Any other name or word: nothing in it that cannot be seen.
Line = Annotated[str, AfterValidator(_one_line)]


class OrderModel(BaseModel):
    """A table of an order: what it does not know it refuses, and nothing in it changes."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True
    )


class StreamOrder(OrderModel):
    """A stream that pays the month of the run: when and from which account."""

    pay_on: Day
    account: Line


class EarnedOrder(StreamOrder):
    """A stream whose earning month differs from the pay-run period."""

    earned: PeriodField


class DueOrder(StreamOrder):
    """A stream that pays everything open and due until a day."""

    due_until: Day


class HolidayOrder(StreamOrder):
    """Holiday pay: a percentage of what a month paid; without that month only for who leaves.

    percentage: of the pay of `basis_month`, for the whole reference year.
    """

    basis_month: PeriodField | None = None
    percentage: Annotated[Decimal, Field(gt=0, le=100, decimal_places=4)]

    @property
    def share(self) -> Fraction:
        """The percentage as a part of one, exactly."""
        return Fraction(self.percentage) / 100
