"""The index of public pay: from the coefficient of one day to that of another.

Pay is its amount at 138.01 x the coefficient / 12, the third decimal dropped (AR 13-7-2017 art. 9);
without that amount what was paid is raised by the ratio of the coefficients, truncated likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from payroll.model.money import Cents, Rounding, divide
from payroll.model.order import PayrunOrder
from payroll.rulebook.dated import newest
from payroll.rulebook.entries import value_text
from payroll.rulebook.parameters import Parameter

INDEX = "index_coefficient"
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class IndexStep:
    """The coefficient of a day, that of a later one, and since when the later one holds.

    Several steps of an index at once are one step here.
    """

    old: Fraction
    new: Fraction
    since: date

    @property
    def rate(self) -> str:
        """Both coefficients as a reader writes them: '1.8476→1.8845'."""
        return f"{value_text(self.old)}→{value_text(self.new)}"

    @property
    def token(self) -> str:
        """The word of a line's rule id: the figure and the day from which it holds."""
        return f"change:{INDEX}@{self.since}"

    @property
    def rise(self) -> Fraction:
        """What an amount gains, as a share of it."""
        return (self.new - self.old) / self.old

    def gained(self, cents: Cents) -> Cents:
        """What each amount gains: the raised one, its third decimal dropped, less itself."""
        found: Cents = divide(cents * self.rise.numerator, self.rise.denominator, Rounding.DOWN)
        return found


def coefficient(parameters: Mapping[str, Parameter], day: date) -> Fraction | None:
    """The coefficient in force on a day; None where the rule book has none."""
    parameter = parameters.get(INDEX)
    found = None if parameter is None else newest(parameter.values, day)
    return None if found is None else Fraction(str(found.value))


def index_step(parameters: Mapping[str, Parameter], before: date, now: date) -> IndexStep | None:
    """The step between two days; None without one, or where a coefficient is not known."""
    old, new = coefficient(parameters, before), coefficient(parameters, now)
    if old is None or new is None or old == new:
        return None
    held = newest(parameters[INDEX].values, now)
    return None if held is None else IndexStep(old, new, held.from_)


def scale_monthly(annual: Cents, factor: Fraction) -> Cents:
    """Full-time monthly pay of annual amounts at 138.01 (cents), the third decimal dropped."""
    found: Cents = divide(annual * factor.numerator, _MONTHS * factor.denominator, Rounding.DOWN)
    return found


def monthly_gross(
    staff: pd.DataFrame, order: PayrunOrder, parameters: Mapping[str, Parameter], day: date
) -> Cents:
    """The full-time monthly gross of each row of the employees list as of a day (cents).

    The annual amount at 138.01 decides where it is given; else the list's monthly gross, which is
    indexed as of the day the list was exported, that of the known month where nobody said.
    """
    cents: Cents = staff["monthly_gross_cents"].to_numpy(dtype=np.int64)
    known = order.last_known.last_day
    exported = {
        item.file: item.exported_on or known for item in order.source if item.kind == "employees"
    }
    steps = {file: index_step(parameters, since, day) for file, since in exported.items()}
    different = set(steps.values())
    if len(different) > 1:
        files = np.array([text.partition("!")[0] for text in staff["source"].tolist()], object)
        for file, step in steps.items():
            if step is not None:
                cents = cents + np.where(files == file, step.gained(cents), 0)
    else:
        one = different.pop() if different else index_step(parameters, known, day)
        cents = cents if one is None else cents + one.gained(cents)
    factor = coefficient(parameters, day)
    given = staff["scale_annual_given"].to_numpy(dtype=bool)
    if factor is None or not given.any():
        return cents
    return np.where(given, scale_monthly(staff["scale_annual_cents"].to_numpy(), factor), cents)
