"""Dated scales: small tables of figures that change together (brackets, bands, reductions).

Read from `[scale.<id>]` of rules/scales. The first column rises; where it is called `above`, a row
holds for amounts above it up to and including the next row's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from payroll.rulebook.dated import InOrder, in_force
from payroll.rulebook.parameters import Status, _exact
from payroll.rulebook.toml import RuleModel, parse_tables

Unit = Literal["euro", "percent", "ratio", "count"]
Number = Annotated[Fraction, BeforeValidator(_exact)]


class DatedRows(RuleModel):
    """The rows from a date on, until the next date; `ended` says that they hold no longer."""

    from_: Annotated[date, Field(alias="from")]
    rows: tuple[tuple[Number, ...], ...] = ()
    source: Annotated[str, Field(min_length=3)]
    status: Status
    ended: bool = False

    @property
    def amount(self) -> object:
        """What holds, apart from when and why."""
        return self.rows


class Scale(RuleModel):
    """A dated table. columns: name -> unit, in the order of each row's numbers."""

    applies_to: Literal["earning_period", "payment_date"] = "earning_period"
    checked_on: date
    columns: Annotated[Mapping[str, Unit], Field(min_length=1)]
    title: Mapping[str, str]
    values: InOrder[DatedRows]

    @model_validator(mode="after")
    def _rectangular(self) -> Scale:
        for item in self.values:
            first = [row[0] for row in item.rows]
            if bool(item.rows) == item.ended:
                raise ValueError(f"the scale from {item.from_} has rows, or is ended")
            if any(len(row) != len(self.columns) for row in item.rows):
                raise ValueError(f"a row from {item.from_} has not one number per column")
            if first != sorted(set(first)):
                raise ValueError(f"the first column from {item.from_} does not rise")
        return self

    def dated(self, scale_id: str, day: date) -> DatedRows:
        """The rows in force on a day. Raises PayrollError parameter_not_in_force."""
        return in_force(self.values, day, scale_id)


def load_scales(files: Mapping[str, dict[str, object]]) -> dict[str, Scale]:
    """Every `[scale.<id>]` table of rules/scales (see `parse_tables`)."""
    return parse_tables(Scale, files, "scale")
