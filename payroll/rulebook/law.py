"""The law of a month (payroll.model.law) out of the rule book: its steps and figures by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

import numpy as np

from payroll.model.errors import PayrollError
from payroll.model.law import Law, Rate, ScaleTable, StepLaw
from payroll.model.money import Cents
from payroll.rulebook.parameters import Parameter
from payroll.rulebook.scales import Scale
from payroll.rulebook.steps import Step
from payroll.rulebook.toml import require_none_unknown


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """The figures of a rule book, each looked up when a step asks for it (model.law.Figures)."""

    parameters: Mapping[str, Parameter]
    scales: Mapping[str, Scale]

    def cents(self, figure: str, day: date) -> int:
        """A parameter in euro, in cents. Raises PayrollError parameter_not_in_force."""
        return _whole(figure, self._value(figure, day) * 100)

    def rate(self, figure: str, day: date) -> Rate:
        """A parameter in percent (or a plain ratio) as an exact share."""
        value = self._value(figure, day)
        if self.parameters[figure].unit == "percent":
            value /= 100
        return Rate(value.numerator, value.denominator)

    def table(self, figure: str, day: date) -> ScaleTable:
        """A scale's rows. Raises PayrollError parameter_not_in_force."""
        return _table(self.scales[figure], figure, day)

    def _value(self, figure: str, day: date) -> Fraction:
        value = self.parameters[figure].dated(figure, day).value
        if not isinstance(value, Fraction):
            raise PayrollError("parameter_not_a_number", parameter=figure)
        return value


def law_of(
    earning_day: date, payment_day: date, steps: Mapping[str, Step], figures: RuleFigures
) -> Law:
    """The law for pay earned in the month of one day and paid on another."""

    def find(step_id: str) -> StepLaw:
        if step_id not in steps:
            raise PayrollError("parameter_unknown", entry=f'[[step]] id = "{step_id}"')
        step = steps[step_id]
        day = earning_day if step.applies_to == "earning_period" else payment_day
        dated = step.dated(day)
        return StepLaw(step_id, day, dated.function, dated.rounding, dated.figures, figures)

    return Law(earning_day, payment_day, find)


def require_figures(
    steps: Mapping[str, Step], parameters: Iterable[str], scales: Iterable[str]
) -> None:
    """Raise PayrollError rule_entry_invalid when a step names a figure that is nowhere."""
    known = {*parameters, *scales}
    for step in steps.values():
        for dated in step.values:
            unknown = [figure for figure in dated.figures if figure not in known]
            require_none_unknown(f"step {step.id}", unknown)


def _table(scale: Scale, scale_id: str, day: date) -> ScaleTable:
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
    return ScaleTable(columns, denominators)


def _whole(figure: str, value: Fraction) -> int:
    if value.denominator != 1:
        raise PayrollError(
            "rule_entry_invalid", where=figure, detail=f"{value} has more decimals than its unit"
        )
    return int(value)
