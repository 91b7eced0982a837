"""What every dated entry of the rule book shares: values in order, one in force on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, Field

from payroll.model.errors import PayrollError
from payroll.model.refusals import refused


class Dated(Protocol):
    """A value that holds from a date on, and whether it can be relied on."""

    @property
    def status(self) -> str:
        """Sourced, secondary or unverified."""

    @property
    def source(self) -> str:
        """Where it stands, or what it was taken from."""

    @property
    def from_(self) -> date:
        """The first day on which it holds."""


Value = TypeVar("Value", bound=Dated)


def _in_order(values: tuple[Value, ...]) -> tuple[Value, ...]:
    dates = [item.from_ for item in values]
    if dates != sorted(set(dates)):
        raise refused("dates_order")
    return values


#: The dated values of an entry: one or more, by date, each date once; else it is refused.
InOrder = Annotated[tuple[Value, ...], Field(min_length=1), AfterValidator(_in_order)]


def newest(values: Sequence[Value], day: date) -> Value | None:
    """The value in force on a day; None before the first one and after an explicit end."""
    found = next((item for item in reversed(values) if item.from_ <= day), None)
    return None if found is None or getattr(found, "ended", False) else found


def in_force(values: Sequence[Value], day: date, rule_id: str) -> Value:
    """The value in force on a day; without one PayrollError parameter_not_in_force is raised."""
    found = newest(values, day)
    if found is None:
        raise PayrollError("parameter_not_in_force", parameter=rule_id, day=day)
    return found
