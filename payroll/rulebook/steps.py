"""Steps of the calculation of pay: which dated function computes one, with which figures.

Read from `[[step]]` of rules/parameters/steps.toml. New law logic is a second dated value naming a
second function of payroll/gross_to_net; a figure that a step does not name, it cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from payroll.model.money import Rounding
from payroll.rulebook.dated import InOrder, in_force
from payroll.rulebook.parameters import Status
from payroll.rulebook.toml import RuleModel, parse_list
from payroll.rulebook.words import Texts, Worded


class DatedStep(RuleModel):
    """How a step is computed from a date on.

    applies_to: whether the earning month or the day of payment decides. rounding: the named mode
    of each rounded amount. figures: ids of the parameters and scales that the function reads.
    """

    from_: Annotated[date, Field(alias="from")]
    function: str
    applies_to: Literal["earning_period", "payment_date"]
    rounding: Mapping[str, Rounding] = Field(default_factory=dict)
    figures: tuple[str, ...]
    source: Annotated[str, Field(min_length=3)]
    status: Status


class Step(Worded):
    """One step between gross and net; `formula` says it as a payroll officer would."""

    KIND = "step"

    id: str
    checked_on: date
    title: Texts
    formula: Texts
    values: InOrder[DatedStep]

    @model_validator(mode="after")
    def _one_day_decides(self) -> Step:
        if len({item.applies_to for item in self.values}) > 1:
            raise ValueError("earning month or day of payment: one of them decides, always")
        return self

    @property
    def applies_to(self) -> str:
        """Whether the earning month or the day of payment decides."""
        return self.values[0].applies_to

    def dated(self, day: date) -> DatedStep:
        """The way in force on a day. Raises PayrollError parameter_not_in_force."""
        return in_force(self.values, day, self.id)


def load_steps(files: Mapping[str, dict[str, object]]) -> dict[str, Step]:
    """Every `[[step]]` by id; a workspace's replaces the program's.

    Raises PayrollError rule_entry_invalid, rule_entry_twice.
    """
    return parse_list(Step, files, "step", "id")
