"""Invented people around every threshold, for comparing an engine with the reference."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from random import Random
from typing import TypeVar

from tests.reference import figures
from tests.reference.gross_to_net import CENT, ZERO, Person, TaxStatus, cents, times

Choice = TypeVar("Choice")
MAXIMUM_GROSS = Decimal("15000.00")
WORKING_TIMES = (
    Fraction(1, 2),
    Fraction(4, 5),
    Fraction(3, 4),
    Fraction(19, 38),
    Fraction(17, 30) * Fraction(4, 5),
    Fraction(1, 3),
    Fraction(2, 3),
    Fraction(1, 38),
    Fraction(29, 30),
    Fraction(11, 21) * Fraction(9, 10),
    Fraction(164, 165),
    Fraction(0),
)
TAX_STATUSES: tuple[TaxStatus, ...] = ("single", "married_one_income", "married_two_incomes")
OFFSETS = tuple(Decimal(text) for text in ("-0.02", "-0.01", "0", "0.01", "0.02"))
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
        band.upper
        for table in (figures.SPECIAL_MONTH, figures.SPECIAL_MONTH_BEFORE_2022_04)
        for bands in table.values()
        for band in bands
        if band.upper.is_finite()
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
    working_time = Fraction(1) if chance.random() < 0.6 else chance.choice(WORKING_TIMES)
    gross = _gross(chance, working_time, statutory=statutory)
    pension_base = None
    if statutory and chance.random() < 0.6:
        pension_base = cents(gross * chance.choice((0, 50, 80, 93, 97, 99)) / 100)
    extra = ZERO
    if chance.random() < 0.15:
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
        working_time=working_time,
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


def _gross(chance: Random, working_time: Fraction, *, statutory: bool) -> Decimal:
    way = chance.random()
    if way < 0.25:  # around a limit of the work bonus, which looks at the full-time wage
        gross = times(chance.choice(BONUS_WAGES), working_time) + chance.choice(OFFSETS)
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
