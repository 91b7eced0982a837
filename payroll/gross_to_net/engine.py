"""Gross to net for whole columns: the order of the law, each step by its dated function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from payroll.gross_to_net import garnishment, social, withholding
from payroll.gross_to_net.columns import (
    OTHER_BONUS,
    TAX_STATUS,
    CalculationInput,
    Trail,
    TrailItem,
    calculation_input,
)
from payroll.model.errors import require
from payroll.model.frames import INT, FrameSchema
from payroll.model.law import Law, StepLaw
from payroll.model.money import Cents
from payroll.model.net_steps import AMOUNTS, NET_STEPS

if TYPE_CHECKING:
    import pandas as pd

#: Every function that a step of rules/parameters/steps.toml may name.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        social.contributions,
        social.holiday_pay_contribution,
        social.work_bonus_one_part,
        social.work_bonus_two_parts,
        social.special_contribution_monthly,
        social.special_contribution_settlement,
        withholding.withholding_by_table,
        withholding.withholding_by_formula,
        withholding.fiscal_bonus_one_part,
        withholding.fiscal_bonus_two_parts,
        withholding.exceptional_allowance,
        withholding.holiday_pay_withholding,
        garnishment.garnishment_by_bands,
    )
}

#: One row per person, in the order of the people; int64 cents, all but the net not negative (a
#: work bonus that another month takes back may be, and with it the fiscal one).
#: withholding: after family reductions, before the fiscal bonus, exceptional allowances included.
PAY = FrameSchema("pay", {f"{name}_cents": INT for name in AMOUNTS})

#: Holiday pay per person, beside PAY and no part of it; int64 cents: net = gross - the others.
HOLIDAY_PAY = FrameSchema(
    "holiday_pay",
    {
        "holiday_pay_cents": INT,
        "holiday_pay_contribution_cents": INT,
        "holiday_pay_withholding_cents": INT,
        "holiday_pay_net_cents": INT,
    },
)

#: People per turn: the columns of one turn stay in the processor's cache.
TURN = 1 << 15


def gross_to_net(people: pd.DataFrame, law: Law) -> pd.DataFrame:
    """PAY of people (CALCULATION_INPUT) under the law of one month; exact, in cents.

    Raises PayrollError parameter_not_in_force when the month lacks a figure that somebody needs.
    """
    import pandas as pd

    everybody = calculation_input(people)
    columns = {name: np.empty(len(people), dtype=np.int64) for name in PAY.columns}
    for start in range(0, len(people), TURN):
        rows = slice(start, min(start + TURN, len(people)))
        for name, column in amounts(everybody.part(rows), law).items():
            columns[name][rows] = column
    return pd.DataFrame(columns, index=people.index, copy=False)


def holiday_pay(people: pd.DataFrame, gross: Cents, law: Law) -> pd.DataFrame:
    """HOLIDAY_PAY of a gross (cents) of each of these people (CALCULATION_INPUT of the month in
    which it is paid): own contribution, and withholding by the year's normal taxable pay; outside
    the special contribution and the work bonus (NSSO dmfappl 2017-4).

    Raises PayrollError when the month lacks a step or a figure that somebody needs.
    """
    import pandas as pd

    found = holiday_amounts(calculation_input(people), gross, law)
    return HOLIDAY_PAY.conform(pd.DataFrame(found, index=people.index))


def holiday_amounts(
    people: CalculationInput, gross: Cents, law: Law, trail: Trail | None = None
) -> dict[str, Cents]:
    """The columns of HOLIDAY_PAY without a frame."""
    trail = Trail() if trail is None else trail
    ordinary = run_step(
        law.step("personal_contribution"),
        Trail(),
        people.flag("statutory"),
        people.cents("nsso_cents"),
        people.cents("pension_cents"),
    )
    own = run_step(law.step("holiday_pay_contribution"), trail, gross)
    tax = run_step(
        law.step("holiday_pay_withholding"),
        trail,
        gross - own,
        (people.cents("gross_cents") - ordinary) * withholding.MONTHS,
        _children(people, gross),
    )
    amounts = (gross, own, tax, gross - own - tax)
    return dict(zip(HOLIDAY_PAY.columns, amounts, strict=True))


def trails(people: CalculationInput, law: Law) -> list[tuple[np.ndarray, list[TrailItem]]]:
    """The same calculation with its trail: per tax status the positions and the items in order.

    Every column of an item has one row per position.
    """
    found = []
    for code in TAX_STATUS.values():
        rows = np.flatnonzero(people.cents("tax_status") == code)
        if len(rows):
            trail = Trail(keep=True)
            columns = {name: column[rows] for name, column in people.columns.items()}
            amounts(CalculationInput(columns, len(rows)), law, trail)
            found.append((rows, trail.items))
    return found


def run_step(law: StepLaw, trail: Trail, *arguments: object) -> Any:
    """Call the function that the rule book names for a step on its day."""
    require(law.function in FUNCTIONS, f"no function {law.function} for step {law.step_id}")
    trail.step = law.step_id
    return FUNCTIONS[law.function](*arguments, law, trail)


def amounts(people: CalculationInput, law: Law, trail: Trail | None = None) -> dict[str, Cents]:
    """The columns of PAY without a frame: everything in the order of the law."""
    trail = Trail() if trail is None else trail
    gross, nsso = people.cents("gross_cents"), people.cents("nsso_cents")
    statutory = people.flag("statutory")

    def step(step_id: str, *arguments: object) -> Any:
        return run_step(law.step(step_id), trail, *arguments)

    contribution = step("personal_contribution", statutory, nsso, people.cents("pension_cents"))
    bonus = social.WorkBonus(np.zeros(len(gross), dtype=np.int64))
    if not statutory.all():
        bonus = step("work_bonus", people, contribution)
        other = people.of_other_month(OTHER_BONUS)
        if other.any():
            bonus = bonus.with_other(trail.note("work_bonus_other_month", other))
    trail.step = "withholding"
    taxable = trail.note(
        "taxable",
        gross - contribution + bonus.total,
        terms=((1, gross), (-1, contribution), (1, bonus.total)),
    )
    withheld = step("withholding", people, taxable)
    fiscal = bonus.total
    if fiscal.any():
        fiscal = step("fiscal_work_bonus", bonus, withheld)
    exceptional = people.cents("exceptional_cents")
    special = step("special_contribution", nsso + exceptional, social.family_of(people))
    if exceptional.any():
        own, tax = _exceptional(people, gross - contribution, law, trail)
        contribution, withheld = contribution + own, withheld + tax
        gross, taxable = gross + exceptional, taxable + exceptional - own
    found = {
        "personal_contribution": contribution,
        "work_bonus": bonus.total,
        "withholding": withheld,
        "fiscal_work_bonus": fiscal,
        "special_contribution": special,
    }
    net = gross
    for item in NET_STEPS:
        net = net + item.sign * found[item.id]
    found |= {"gross": gross, "taxable": taxable, "net": net}
    return {f"{name}_cents": found[name] for name in AMOUNTS}


def _children(people: CalculationInput, allowance: Cents) -> Cents:
    """Dependent children of who gets an allowance: nobody else needs their figures."""
    children = people.cents("children") + people.cents("disabled_children")
    return np.where(allowance > 0, children, 0)


def _exceptional(
    people: CalculationInput, normal: Cents, law: Law, trail: Trail
) -> tuple[Cents, Cents]:
    """(personal contributions, withholding) on the exceptional allowances of the month."""
    allowance = people.cents("exceptional_cents")
    nothing = np.zeros(len(allowance), dtype=np.int64)
    own = run_step(
        law.step("personal_contribution"), trail, people.flag("statutory"), allowance, nothing
    )
    tax: Cents = run_step(
        law.step("exceptional_withholding"),
        trail,
        allowance - own,
        normal * withholding.MONTHS,
        _children(people, allowance),
    )
    return own, tax
