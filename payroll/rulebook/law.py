"""The law of one month: for each step of the calculation its function and figures, dated, exact.

A step reads a figure only by its id and only if its entry in steps.toml names it, so that what
shaped a payment can always be told. A figure is looked up when it is asked for: a month without it
is refused only when somebody needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import lcm

import numpy as np

from payroll.model.errors import PayrollError, require
from payroll.model.money import Cents, Rounding
from payroll.rulebook.parameters import Parameter
from payroll.rulebook.scales import Scale
from payroll.rulebook.steps import DatedStep, Step


@dataclass(frozen=True, slots=True)
class Rate:
    """An exact share: 13.07 % is 1307 / 10000."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Table:
    """A scale's rows as int64 columns: euro columns in cents, counts whole, the others as rates."""

    columns: Mapping[str, Cents]
    denominators: Mapping[str, int]  # of percent and ratio columns: value = column / denominator


@dataclass(frozen=True)
class StepLaw:
    """One step on its day: which function computes it, how it rounds, what figures it may read."""

    step_id: str
    day: date
    dated: DatedStep
    parameters: Mapping[str, Parameter]
    scales: Mapping[str, Scale]
    _tables: dict[str, Table] = field(default_factory=dict, compare=False)

    @property
    def function(self) -> str:
        """The name of the function in payroll/rebuild/gross_to_net."""
        return self.dated.function

    def rounding(self, amount: str) -> Rounding:
        """How an amount of this step is rounded."""
        require(amount in self.dated.rounding, f"{self.step_id}: no rounding for {amount}")
        return self.dated.rounding[amount]

    def cents(self, figure: str) -> int:
        """A parameter in euro, in cents. Raises PayrollError parameter_not_in_force."""
        return _whole(figure, self._value(figure) * 100)

    def rate(self, figure: str) -> Rate:
        """A parameter in percent (or a plain ratio) as an exact share."""
        value = self._value(figure)
        if self.parameters[figure].unit == "percent":
            value /= 100
        return Rate(value.numerator, value.denominator)

    def table(self, figure: str) -> Table:
        """A scale's rows. Raises PayrollError parameter_not_in_force."""
        self._require_named(figure)
        if figure not in self._tables:
            self._tables[figure] = _table(self.scales[figure], figure, self.day)
        return self._tables[figure]

    def _value(self, figure: str) -> Fraction:
        self._require_named(figure)
        value = self.parameters[figure].dated(figure, self.day).value
        if not isinstance(value, Fraction):
            raise PayrollError("parameter_not_a_number", parameter=figure)
        return value

    def _require_named(self, figure: str) -> None:
        require(
            figure in self.dated.figures,
            f"{self.step_id} reads {figure}, which steps.toml does not name",
        )


@dataclass(frozen=True)
class Law:
    """Every step for an earning month paid on a day; `name` as shown to people (the month)."""

    earning_day: date
    payment_day: date
    steps: Mapping[str, Step]
    parameters: Mapping[str, Parameter]
    scales: Mapping[str, Scale]
    _laws: dict[str, StepLaw] = field(default_factory=dict, compare=False)

    def step(self, step_id: str) -> StepLaw:
        """The law of one step. Raises PayrollError when the month has none."""
        if step_id not in self._laws:
            if step_id not in self.steps:
                raise PayrollError("parameter_unknown", entry=f'[[step]] id = "{step_id}"')
            step = self.steps[step_id]
            earned = step.applies_to == "earning_period"
            day = self.earning_day if earned else self.payment_day
            self._laws[step_id] = StepLaw(
                step_id, day, step.dated(day), self.parameters, self.scales
            )
        return self._laws[step_id]


def require_figures(
    steps: Mapping[str, Step], parameters: Iterable[str], scales: Iterable[str]
) -> None:
    """Raise PayrollError rule_entry_invalid when a step names a figure that is nowhere."""
    known = {*parameters, *scales}
    for step in steps.values():
        for dated in step.values:
            unknown = [figure for figure in dated.figures if figure not in known]
            if unknown:
                raise PayrollError(
                    "rule_entry_invalid",
                    where=f"step {step.id}",
                    detail=f"figures that no rule file has: {', '.join(unknown)}",
                )


def _table(scale: Scale, scale_id: str, day: date) -> Table:
    rows = scale.dated(scale_id, day).rows
    columns: dict[str, Cents] = {}
    denominators: dict[str, int] = {}
    for index, (name, unit) in enumerate(scale.columns.items()):
        values = [row[index] for row in rows]
        if unit in ("euro", "count"):
            factor = 100 if unit == "euro" else 1
            whole = [_whole(scale_id, value * factor) for value in values]
        else:
            values = [value / 100 for value in values] if unit == "percent" else values
            denominators[name] = lcm(*(value.denominator for value in values))
            whole = [_whole(scale_id, value * denominators[name]) for value in values]
        columns[name] = np.array(whole, dtype=np.int64)
    return Table(columns, denominators)


def _whole(figure: str, value: Fraction) -> int:
    if value.denominator != 1:
        raise PayrollError(
            "rule_entry_invalid", where=figure, detail=f"{value} has more decimals than its unit"
        )
    return int(value)
