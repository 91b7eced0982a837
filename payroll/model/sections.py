"""The tables of payrun.toml that order a stream: paid on which day, from which account."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from payroll.model.period import Period
from payroll.model.refusals import refused


def _as_period(value: object) -> Period:
    if isinstance(value, Period):
        return value
    try:
        return Period.parse(str(value))
    except ValueError as error:
        raise refused("period") from error


PeriodField = Annotated[Period, BeforeValidator(_as_period)]


class OrderModel(BaseModel):
    """A table of an order: what it does not know it refuses, and nothing in it changes."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True
    )


class StreamOrder(OrderModel):
    """A stream that pays the month of the run: when and from which account."""

    pay_on: date
    account: str


class EarnedOrder(StreamOrder):
    """A stream whose earning month differs from the pay-run period."""

    earned: PeriodField


class DueOrder(StreamOrder):
    """A stream that pays everything open and due until a day."""

    due_until: date
