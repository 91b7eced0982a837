"""Invented people around every threshold, for comparing an engine with the reference."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from random import Random
from typing import TypeVar

from tests.reference import figures
from tests.reference.figures import euros
from tests.reference.money import CENT, ZERO, cents, times
from tests.reference.person import Person, TaxStatus

Choice = TypeVar("Choice")
MAXIMUM_GROSS = Decimal("15000.00")
FEWEST_WEEKDAYS = 20  # of any month: nobody here works more, so everybody fits into every month
REGIMES = tuple(
    map(Fraction, euros("0.5 0.8 0.75 0.9 0.3333 0.0263 0.625 0.875 0.5263 0.6316 0.6579"))
)
#: Household and residence allowance of a month at the index of April and May 2022.
HOUSEHOLD_ALLOWANCES = euros("110.84 55.42 27.71")
TAX_STATUSES: tuple[TaxStatus, ...] = ("single", "married_one_income", "married_two_incomes")
OFFSETS = euros("-0.02 -0.01 0 0.01 0.02")
BONUS_WAGES = sorted(
    {
        limit
        for period in figures.WORK_BONUS
        for part in period.parts
        for limit in (part.lower, part.upper)
    }
)
SPECIAL_WAGES = sorted(
    {
        cents(wage)
        for table in (figures.SPECIAL, figures.SPECIAL_BEFORE_2022_04)
        for bands in table.values()
        for band in bands
        for wage in (
            band.upper,
            # where the cap is reached
            band.start + (band.maximum - band.base) * 100 / (band.percent or 1),
        )
        if wage.is_finite() and wage <= band.upper
    }
)


def random_people(count: int, seed: int) -> list[Person]:
    """The same people for the same seed."""
    chance = Random(seed)  # noqa: S311  # repeatable tests, no secrets
    return [_person(chance) for _ in range(count)]


def _pick(chance: Random, choices: Sequence[Choice], weights: Sequence[int]) -> Choice:
    return chance.choices(choices, weights)[0]


def _person(chance: Random) -> Person:
    statutory = chance.random() < 0.3
    work_days, part_time = _work_days(chance)
    gross = _gross(chance, work_days, part_time=part_time, statutory=statutory)
    pension_base = None
    if statutory and chance.random() < 0.6:
        pension_base = cents(gross * chance.choice((0, 50, 80, 93, 97, 99)) / 100)
    extra = ZERO
    if statutory and chance.random() < 0.3:  # taxed, but outside NSSO and pension
        extra = chance.choice(HOUSEHOLD_ALLOWANCES)
    elif chance.random() < 0.1:
        extra = chance.choice((CENT, Decimal("14.99"), _euros(chance, 0, 600)))
    children = _pick(chance, range(12), (58, 10, 9, 5, 4, 3, 2, 2, 2, 2, 2, 1))
    tax_status = _pick(chance, TAX_STATUSES, (4, 3, 3))
    spouse_with_income = tax_status == "married_two_incomes"
    low_spouse = chance.random() if spouse_with_income else 1
    return Person(
        status="statutory" if statutory else "contractual",
        gross=gross,
        pension_base=pension_base,
        taxable_extra=extra,
        work_days=work_days,
        part_time=part_time,
        exceptional=_exceptional(chance, gross) if chance.random() < 0.15 else ZERO,
        tax_status=tax_status,
        children=children,
        disabled_children=chance.randint(0, children) if chance.random() < 0.2 else 0,
        disabled=chance.random() < 0.1,
        single_parent=tax_status == "single" and children > 0 and chance.random() < 0.6,
        other_dependants=_pick(chance, (0, 1, 2), (90, 8, 2)),
        spouse_disabled=tax_status == "married_one_income" and chance.random() < 0.2,
        spouse_low_income=low_spouse < 0.2,
        spouse_low_pension=0.2 <= low_spouse < 0.4,
        dependants_65=_pick(chance, (0, 1, 2), (93, 5, 2)),
    )


def _work_days(chance: Random) -> tuple[Fraction | None, bool]:
    """Weekdays by their paid part of full time, and whether the month counts as part time."""
    way = chance.random()
    if way < 0.5:  # full time, whole month
        return None, False
    if way < 0.65:  # full time, joined or left
        return Fraction(chance.randint(0, FEWEST_WEEKDAYS)), False
    regime, most = chance.choice(REGIMES), Fraction(FEWEST_WEEKDAYS)
    if way < 0.85:  # part time, whole month of 20 to 23 weekdays
        return min(most, regime * chance.randint(20, 23)), True
    if way < 0.93:  # part time, joined or left, or nothing paid
        return regime * chance.randint(0, FEWEST_WEEKDAYS - 1), True
    before = chance.randint(1, FEWEST_WEEKDAYS - 1)  # from full time to part time, or back
    return before + regime * (FEWEST_WEEKDAYS - before), True


def _exceptional(chance: Random, gross: Decimal) -> Decimal:
    """Small, around the wage (which it replaces in the work bonus), or a year-end allowance."""
    around = max(CENT, gross + chance.choice(OFFSETS))
    return chance.choice((CENT, Decimal("400.00"), around, _euros(chance, 1, 6000)))


def _gross(
    chance: Random, work_days: Fraction | None, *, part_time: bool, statutory: bool
) -> Decimal:
    way = chance.random()
    if way < 0.25:  # around a limit of the work bonus, which looks at the full-time wage
        share = Fraction(1) if work_days is None else work_days / 21
        gross = times(chance.choice(BONUS_WAGES), share) + chance.choice(OFFSETS)
    elif way < 0.33 and part_time:  # around half a cent of the wage per hour
        hours = times(figures.HOURS_A_DAY, work_days or Fraction(0))
        hourly = Decimal(chance.randint(950, 2000)) / 100 + CENT / 2
        gross = cents(hours * hourly) + chance.choice(OFFSETS)
    elif way < 0.50:  # around a limit of the special contribution, which looks at the wage paid
        gross = chance.choice(SPECIAL_WAGES) + chance.choice(OFFSETS)
    elif way < 0.70:  # around a taxable amount that matters
        gross = _gross_for(_taxable(chance), statutory=statutory) + chance.choice(OFFSETS)
    elif way < 0.78:
        gross = chance.choice((ZERO, CENT, Decimal("0.03"), Decimal("0.04"), _euros(chance, 0, 99)))
    elif way < 0.92:
        gross = _euros(chance, 1500, 5000)
    else:
        gross = _euros(chance, 0, 15000)
    return min(MAXIMUM_GROSS, max(ZERO, gross))


def _taxable(chance: Random) -> Decimal:
    """A multiple of 15, or where expenses, a bracket or the marital quotient turn."""
    if chance.random() < 0.5:
        return Decimal(15 * chance.randint(40, 550))
    known = figures.TAX_YEARS[chance.choice(sorted(figures.TAX_YEARS))]
    most = known.expenses_maximum / figures.EXPENSES_PERCENT * 100
    quotient = known.quotient_maximum / figures.QUOTIENT_PERCENT * 100
    nets = (*known.brackets, quotient, *(known.quotient_maximum + top for top in known.brackets))
    annual = [net + known.expenses_maximum for net in nets if net > most * Decimal("0.7")]
    annual += [net / Decimal("0.7") for net in nets if net <= most * Decimal("0.7")]
    return chance.choice([most, *annual]) / 12


def _gross_for(taxable: Decimal, *, statutory: bool) -> Decimal:
    """About the gross that leaves this taxable amount without work bonus."""
    rate = figures.STATUTORY_HEALTH_PERCENT + figures.STATUTORY_PENSION_PERCENT
    share = 100 - (rate if statutory else figures.CONTRACTUAL_PERCENT)
    return (taxable * 100 / share).quantize(CENT, rounding=ROUND_CEILING)


def _euros(chance: Random, low: int, high: int) -> Decimal:
    return Decimal(chance.randint(low * 100, high * 100)) / 100
