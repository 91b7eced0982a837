"""Personal social contributions, the work bonus and the special contribution.

Source: facts on Belgian payroll, sections 1, 2 and 4 (NSSO instructions); figures and rounding come
from the step's entry in the rule book.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payroll.gross_to_net.columns import (
    FULL_MONTH,
    ONE_INCOME,
    SINGLE,
    TWO_INCOMES,
    CalculationInput,
    Mask,
    Trail,
    in_band,
)
from payroll.model.law import StepLaw
from payroll.model.money import Cents, divide, divide_columns


def contributions(
    statutory: Mask, nsso: Cents, pension: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """Personal contributions (cents): contractual staff on the NSSO wage; statutory staff health
    care on the NSSO wage and pension on the pension base, each rounded.
    """
    rounding = law.rounding("contribution")
    total: Cents = np.zeros(len(nsso), dtype=np.int64)
    for mask, figure, base in (
        (~statutory, "contribution_contractual_percent", nsso),
        (statutory, "contribution_statutory_health_percent", nsso),
        (statutory, "contribution_statutory_pension_percent", pension),
    ):
        if mask.any():
            own = np.where(mask, base, 0)
            total += trail.share(
                figure.removesuffix("_percent"), own, law.rate(figure), rounding, figure
            )
    return total


@dataclass(frozen=True, slots=True)
class WorkBonus:
    """The reduction granted: from 2025 in a part for low and one for very low wages (cents)."""

    low: Cents
    very_low: Cents | None = None

    @property
    def total(self) -> Cents:
        """Both parts."""
        return self.low if self.very_low is None else self.low + self.very_low


def work_bonus_one_part(
    people: CalculationInput, contribution: Cents, law: StepLaw, trail: Trail
) -> WorkBonus:
    """Work bonus (cents) of contractual staff, never above the contribution due.

    The full-time reference wage S decides: the maximum up to the lower wage, less slope x (S -
    lower) up to the upper wage, then nothing; part-time and incomplete months get their share.
    """
    reference = _reference_wage(people, law, trail)
    return WorkBonus(_granted(people, reference, contribution, law, trail, figure="work_bonus"))


def work_bonus_two_parts(
    people: CalculationInput, contribution: Cents, law: StepLaw, trail: Trail
) -> WorkBonus:
    """Work bonus (cents) from 2025: part A for low wages, part B for very low ones."""
    reference = _reference_wage(people, law, trail)
    low = _granted(people, reference, contribution, law, trail, figure="work_bonus_low")
    left = contribution - low
    very_low = _granted(people, reference, left, law, trail, figure="work_bonus_very_low")
    return WorkBonus(low, very_low)


def _reference_wage(people: CalculationInput, law: StepLaw, trail: Trail) -> Cents:
    """The wage that a full month at full time would give."""
    wage, worked = people.cents("nsso_cents"), people.cents("worked")
    reference: Cents = np.maximum(wage, 0)
    part = np.flatnonzero((worked != FULL_MONTH) & (worked > 0))
    if len(part):
        reference[part] = divide_columns(
            reference[part] * FULL_MONTH, worked[part], law.rounding("reference_wage")
        )
    return trail.way(
        "reference_wage", reference, wage, (FULL_MONTH, worked), law.rounding("reference_wage")
    )


def _bonus(reference: Cents, figure: str, law: StepLaw, trail: Trail) -> Cents:
    table = law.table(figure)
    column, denominator = table.columns, table.denominators["slope"]
    lower, upper = int(column["lower_wage"][0]), int(column["upper_wage"][0])
    above = np.maximum(reference - lower, 0)
    trail.note(f"{figure}_over", above, figure, terms=((1, reference), (-1, lower)))
    maximum = int(column["maximum"][0]) * denominator
    raw = np.maximum(maximum - int(column["slope"][0]) * above, 0)
    raw[reference > upper] = 0
    rounding = law.rounding("reduction")
    return trail.way(
        f"{figure}_full",
        divide(raw, denominator, rounding),
        above,
        (int(column["slope"][0]), denominator),
        rounding,
        figure=figure,
        start=int(column["maximum"][0]),
    )


def _granted(
    people: CalculationInput,
    reference: Cents,
    contribution: Cents,
    law: StepLaw,
    trail: Trail,
    *,
    figure: str,
) -> Cents:
    worked, rounding = people.cents("worked"), law.rounding("part_time")
    full = _bonus(reference, figure, law, trail)
    share = full
    part = np.flatnonzero(worked != FULL_MONTH)
    if len(part):
        share = full.copy()
        share[part] = divide(full[part] * worked[part], FULL_MONTH, rounding)
        trail.way(f"{figure}_part", share, full, (worked, FULL_MONTH), rounding)
    granted = np.minimum(share, np.maximum(contribution, 0))
    granted[people.flag("statutory")] = 0  # facts 2: statutory staff get no work bonus
    return trail.note(f"{figure}_granted", granted, terms=((1, share),))


def special_contribution_monthly(
    wage: Cents, tax_status: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """Special social-security contribution (cents) withheld on a month's NSSO wage."""
    return _special(wage, tax_status, "special_contribution", law, trail)


def special_contribution_settlement(
    wages: Cents, withheld: Cents, tax_status: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """What the last month of a quarter takes (cents, may be negative): the quarter's contribution
    on the sum of its wages, less what was withheld for it.
    """
    trail.note("special_contribution_wages", wages)
    due = _special(wages, tax_status, "special_contribution_quarter", law, trail)
    return trail.note(
        "special_contribution_settled", due - withheld, terms=((1, due), (-1, withheld))
    )


def _special(wage: Cents, tax_status: Cents, name: str, law: StepLaw, trail: Trail) -> Cents:
    """By family: fixed amount and share of its scale, at least the minimum, at most the cap."""
    due: Cents = np.zeros(len(wage), dtype=np.int64)
    for code, family in (
        (SINGLE, "individual"),
        (ONE_INCOME, "one_income"),
        (TWO_INCOMES, "two_incomes"),
    ):
        mask = tax_status == code
        if not mask.any():
            continue
        figure = f"{name}_{family}"
        own = np.where(mask, wage, 0)
        amount = in_band("special_contribution", own, figure, law, trail)
        cap = f"{name}_cap"
        if code == TWO_INCOMES:
            cap = f"{name}_cap_two_incomes"
            minimum = law.cents(f"{name}_minimum_two_incomes")
            owed = own >= law.cents(f"{name}_minimum_wage")
            by_scale, amount = amount, np.where(owed, np.maximum(amount, minimum), amount)
            trail.note(
                "special_contribution_minimum",
                amount,
                f"{name}_minimum_two_incomes",
                terms=((1, by_scale),),
            )
        capped = np.minimum(amount, law.cents(cap))
        due += trail.note("special_contribution_cap", capped, cap, terms=((1, amount),))
    return trail.note("special_contribution", due)
