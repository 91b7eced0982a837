"""The law of one month as gross to net reads it: for each step its function and figures, exact.

A step reads a figure only by its id and only if it names it, so that what shaped a payment can
always be told. A figure is looked up when it is asked for: a month without it is refused only when
somebody needs it. The rule book makes a Law (payroll.rulebook.law); nothing here knows rule files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from payroll.model.errors import require
from payroll.model.money import Cents, Rounding

#: What is raised where the law of a day has no figure or no step: who needs it is not computed.
LACKS_FIGURE = ("parameter_not_in_force", "parameter_unknown")


@dataclass(frozen=True, slots=True)
class Rate:
    """An exact share: 13.07 % is 1307 / 10000."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class ScaleTable:
    """A scale's rows as int64 columns: euro columns in cents, counts whole, the others as rates."""

    columns: Mapping[str, Cents]
    denominators: Mapping[str, int]  # of percent and ratio columns: value = column / denominator


class Figures(Protocol):
    """The dated figures; each raises PayrollError parameter_not_in_force where a day has none."""

    def cents(self, figure: str, day: date) -> int:
        """A figure in euro, in cents."""

    def rate(self, figure: str, day: date) -> Rate:
        """A figure in percent (or a plain ratio) as an exact share."""

    def table(self, figure: str, day: date) -> ScaleTable:
        """A scale's rows."""


@dataclass(frozen=True)
class StepLaw:
    """One step on its day: which function of payroll.gross_to_net computes it, how each of its
    amounts is rounded, and which figures it may read.
    """

    step_id: str
    day: date
    function: str
    roundings: Mapping[str, Rounding]
    figures: tuple[str, ...]
    values: Figures
    _tables: dict[str, ScaleTable] = field(default_factory=dict, compare=False)

    def rounding(self, amount: str) -> Rounding:
        """How an amount of this step is rounded."""
        require(amount in self.roundings, f"{self.step_id}: no rounding for {amount}")
        return self.roundings[amount]

    def cents(self, figure: str) -> int:
        """A figure in euro, in cents. Raises PayrollError parameter_not_in_force."""
        return self.values.cents(self._named(figure), self.day)

    def rate(self, figure: str) -> Rate:
        """A figure as an exact share. Raises PayrollError parameter_not_in_force."""
        return self.values.rate(self._named(figure), self.day)

    def table(self, figure: str) -> ScaleTable:
        """A scale's rows. Raises PayrollError parameter_not_in_force."""
        if figure not in self._tables:
            self._tables[figure] = self.values.table(self._named(figure), self.day)
        return self._tables[figure]

    def _named(self, figure: str) -> str:
        named = figure in self.figures
        require(named, f"{self.step_id} reads {figure}, which steps.toml does not name")
        return figure


@dataclass(frozen=True)
class Law:
    """Every step for an earning month paid on a day. find: a step's law by its id; raises
    PayrollError when the rule book, or the month, has none.
    """

    earning_day: date
    payment_day: date
    find: Callable[[str], StepLaw]
    _found: dict[str, StepLaw] = field(default_factory=dict, compare=False)

    def step(self, step_id: str) -> StepLaw:
        """The law of one step. Raises PayrollError when the month has none."""
        if step_id not in self._found:
            self._found[step_id] = self.find(step_id)
        return self._found[step_id]
