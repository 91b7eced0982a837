"""Dated parameters: a value holds until the next date, each with its own source and status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from payroll.model.refusals import refused
from payroll.rulebook.dated import InOrder, in_force
from payroll.rulebook.toml import RuleModel, parse_tables

#: The closed list of units.
Unit = Literal[
    "euro",
    "euro_per_hour",
    "percent",
    "ratio",
    "coefficient",
    "hours_per_week",
    "hours_per_year",
    "days",
    "months",
    "date",
    "text",
]
Status = Literal["sourced", "secondary", "unverified"]


def _exact(value: object) -> Fraction | str | date:
    if isinstance(value, bool | float):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueError, not TypeError
            "a number is written as a decimal, never as a float or a bool"
        )
    if isinstance(value, int | Decimal):
        return Fraction(value)
    if isinstance(value, str | date | Fraction):
        return value
    raise ValueError("a value is a number, a text or a date")


class DatedValue(RuleModel):
    """One value from a date on, until the next one; `ended` says that it holds no longer."""

    from_: Annotated[date, Field(alias="from")]
    value: Annotated[Fraction | str | date, BeforeValidator(_exact)] = Fraction(0)
    source: Annotated[str, Field(min_length=3)]
    status: Status
    ended: bool = False

    @property
    def amount(self) -> object:
        """What holds, apart from when and why."""
        return self.value


class Parameter(RuleModel):
    """A dated figure. `range` bounds every number; `choices` are all that a text may be;
    `checked_on` is when it was last checked.
    """

    unit: Unit
    applies_to: Literal["earning_period", "payment_date"] = "earning_period"
    checked_on: date
    title: Mapping[str, str]
    range: tuple[Annotated[Fraction | str | date, BeforeValidator(_exact)], ...] = ()
    choices: tuple[str, ...] = ()
    values: InOrder[DatedValue]

    @model_validator(mode="after")
    def _in_range(self) -> Parameter:
        if self.range:
            low, high = self.range
            for item in self.values:
                if not item.ended and not low <= item.value <= high:  # type: ignore[operator]
                    raise ValueError(f"the value from {item.from_} lies outside the range")
        return self

    @model_validator(mode="after")
    def _one_of_the_choices(self) -> Parameter:
        for item in self.values:
            if self.choices and not item.ended and item.value not in self.choices:
                raise refused("choices", value=str(item.value), known=", ".join(self.choices))
        return self

    def dated(self, parameter_id: str, day: date) -> DatedValue:
        """The dated value in force on a day. Raises PayrollError parameter_not_in_force."""
        return in_force(self.values, day, parameter_id)


def load_parameters(files: Mapping[str, dict[str, object]]) -> dict[str, Parameter]:
    """Every `[parameter.<id>]` table of rules/parameters (see `parse_tables`)."""
    return parse_tables(Parameter, files, "parameter")
