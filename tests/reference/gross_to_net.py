"""A slow second opinion on Belgian gross-to-net: one person at a time, plain Decimal.

Written from the facts note alone, without looking at the engine it judges. Section numbers are
those of the note. Where the note is silent or open, this is what we chose:

1. Roundings of the work bonus: reference wage, full-time reduction and part-time share each
   half-up to the cent; a reduction below 0 is 0 (at the upper limit of 2021-09 the slope goes
   past zero: 209.76 - 0.2194 x 956.14 = -0.02).
2. The work bonus of 2022-11 is taken to last until 2022-12. 2023 and 2024 have none here.
3. The reduction for singles, "cut to 12 in 2023", is taken to be 12 until 2026.
4. A spouse with a low income (at most 240 euro a month) counts as "without income" for the special
   contribution, before the reform too; a spouse with a low pension (up to 480) counts as "with".
5. Single parent counts only for tax status single with at least one child, on top of the
   reduction for singles. Flags for a spouse count only in the status they belong to. When both
   spouse flags are set, the pension one alone counts.
6. Joint special contribution, spouse without income: the line gives 56.78 at 6,038.82 and the
   next cent 60.94, as the rows of the note stand. The other reading (the line continues until it
   reaches 60.94, at 6,417.45) would differ in between.
7. When the work bonus of two parts exceeds the contribution, A is kept before B.
8. Withholding above 7,500 uses the general algorithm, not "value at 7,500 + 53.50%".
9. Exceptional allowances: 13.07% whatever the kind and the status; the child's cut applies to the
   rate before the one rounding; over the exemption limit the excess bears the plain rate, where
   annual + allowance counts the allowance after contributions. Beyond 12 children, as for 12.
10. The yearly ceiling of the fiscal work bonus (515 euro) does not touch a month.
11. The quarterly correction may be negative, which gives money back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from tests.reference import figures

Status = Literal["contractual", "statutory"]
TaxStatus = Literal["single", "married_one_income", "married_two_incomes"]
Kind = Literal["holiday", "other"]

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Person:
    """One person in one month; money in euro with at most two decimals."""

    status: Status
    gross: Decimal  # NSSO wage of the month
    pension_base: Decimal | None = None  # statutory only; None: the gross
    taxable_extra: Decimal = ZERO  # taxed, not subject to NSSO
    working_time: Fraction = Fraction(1)  # paid hours or days / those of a full-time month
    tax_status: TaxStatus = "single"
    children: int = 0
    disabled_children: int = 0  # among the children; each counts as two
    disabled: bool = False
    single_parent: bool = False
    other_dependants: int = 0
    spouse_disabled: bool = False  # counts in scale II
    spouse_low_income: bool = False  # counts for married_two_incomes
    spouse_low_pension: bool = False  # counts for married_two_incomes
    dependants_65: int = 0

    def __post_init__(self) -> None:
        if self.status not in ("contractual", "statutory"):
            raise ValueError(f"unknown status {self.status!r}")
        if self.tax_status not in figures.SPECIAL_MONTH:
            raise ValueError(f"unknown tax status {self.tax_status!r}")
        for amount in (self.gross, self.pension_base or ZERO, self.taxable_extra):
            if amount < 0 or amount != cents(amount):
                raise ValueError(f"{amount} is not an amount in cents from 0")
        if not 0 <= self.working_time <= 1:
            raise ValueError(f"working time {self.working_time} is not in 0..1")
        if not 0 <= self.disabled_children <= self.children:
            raise ValueError("disabled children are counted among the children")


@dataclass(frozen=True)
class Pay:
    contribution: Decimal
    work_bonus: Decimal
    taxable: Decimal
    withholding_before_reductions: Decimal
    family_reduction: Decimal
    withholding: Decimal  # after family reductions, before the fiscal bonus
    fiscal_work_bonus: Decimal
    special_contribution: Decimal
    net: Decimal


class WorkBonus(NamedTuple):
    parts: tuple[Decimal, ...]  # A, or A and B
    fiscal: Decimal  # before it is capped by the withholding

    @property
    def total(self) -> Decimal:
        return sum(self.parts, ZERO)


class Exceptional(NamedTuple):
    nsso: Decimal
    taxable: Decimal
    rate: Decimal  # percent, after the cut for children; the table's when the exemption applies
    withholding: Decimal
    net: Decimal


def cents(amount: Decimal) -> Decimal:
    """Half-up to the cent, away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def percent(rate: Decimal, amount: Decimal) -> Decimal:
    """`rate` percent of `amount`, half-up to the cent."""
    return cents(rate * amount / 100)


def times(amount: Decimal, share: Fraction) -> Decimal:
    """`amount` x `share`, half-up to the cent."""
    return cents(amount * share.numerator / share.denominator)


def year_of(month: str) -> int:
    parsed = date.fromisoformat(f"{month}-01")  # refuses anything that is not YYYY-MM
    return parsed.year


def gross_to_net(person: Person, month: str, paid: str | None = None) -> Pay:
    """The pay of one month; `paid` (default `month`) decides the year of the withholding."""
    paid = paid or month
    contribution = personal_contribution(person)
    bonus = WorkBonus((ZERO,), ZERO)
    if person.status == "contractual":
        bonus = work_bonus(person.gross, person.working_time, month)
    taxable = person.gross + person.taxable_extra - contribution + bonus.total
    scale = 2 if person.tax_status == "married_one_income" else 1
    reduction = family_reduction(person, paid)
    before = withholding(taxable, scale, paid)
    after = withholding(taxable, scale, paid, reduction)
    fiscal = min(bonus.fiscal, after)
    special = special_contribution(person.gross, special_status(person), month)
    return Pay(
        contribution=contribution,
        work_bonus=bonus.total,
        taxable=taxable,
        withholding_before_reductions=before,
        family_reduction=reduction,
        withholding=after,
        fiscal_work_bonus=fiscal,
        special_contribution=special,
        net=taxable - after + fiscal - special,
    )


def personal_contribution(person: Person) -> Decimal:
    """Section 1: each contribution rounded on its own."""
    if person.status == "contractual":
        return percent(figures.CONTRACTUAL_PERCENT, person.gross)
    base = person.gross if person.pension_base is None else person.pension_base
    health = percent(figures.STATUTORY_HEALTH_PERCENT, person.gross)
    return health + percent(figures.STATUTORY_PENSION_PERCENT, base)


def work_bonus(wage: Decimal, working_time: Fraction, month: str) -> WorkBonus:
    """Section 2, for a contractual worker: never above the 13.07% due on the wage."""
    if working_time == 0 or wage == 0:
        return WorkBonus((ZERO,), ZERO)
    reference_wage = times(wage, 1 / Fraction(working_time))
    left = percent(figures.CONTRACTUAL_PERCENT, wage)
    granted, fiscal = [], ZERO
    for part in bonus_period(month).parts:
        amount = min(times(full_time_reduction(reference_wage, part), working_time), left)
        left -= amount
        granted.append(amount)
        fiscal += percent(part.fiscal_percent, amount)
    return WorkBonus(tuple(granted), fiscal)


def bonus_period(month: str) -> figures.BonusPeriod:
    for period in figures.WORK_BONUS:
        if period.first <= month <= period.last:
            return period
    raise LookupError(f"work bonus of {month}")


def full_time_reduction(reference_wage: Decimal, part: figures.BonusPart) -> Decimal:
    if reference_wage <= part.lower:
        return part.maximum
    if reference_wage <= part.upper:
        return max(ZERO, cents(part.maximum - part.slope * (reference_wage - part.lower)))
    return ZERO


def withholding(
    taxable: Decimal, scale: int, month: str, monthly_reductions: Decimal = ZERO
) -> Decimal:
    """Section 3.3: the monthly withholding in the year of `month`, less family reductions."""
    year = year_of(month)
    known = tax_year(year)
    old_way = year <= figures.FLOOR_OF_15_LAST_YEAR
    if old_way:
        taxable = (taxable / 15).to_integral_value(rounding=ROUND_FLOOR) * 15
    gross = 12 * taxable
    net = gross - min(percent(figures.EXPENSES_PERCENT, gross), known.expenses_maximum)
    if scale == 1:
        annual = annual_tax(net, year) - known.exempt
    elif scale == 2:
        quotient = min(percent(figures.QUOTIENT_PERCENT, net), known.quotient_maximum)
        annual = annual_tax(quotient, year) + annual_tax(net - quotient, year)
        annual -= 2 * known.exempt
    else:
        raise LookupError(f"scale {scale}")
    if old_way:
        monthly = max(ZERO, (annual / 12).quantize(CENT, rounding=ROUND_DOWN))
        return max(ZERO, monthly - monthly_reductions)
    return max(ZERO, cents((annual - 12 * monthly_reductions) / 12))


def annual_tax(net_annual: Decimal, year: int) -> Decimal:
    """Section 3.3, step 3: each bracket half-up to the cent, nothing exempt yet."""
    tax, start = ZERO, Decimal(0)
    uppers = (*tax_year(year).brackets, Decimal("Infinity"))
    for upper, rate in zip(uppers, figures.BRACKET_PERCENTS, strict=True):
        if net_annual > start:
            tax += percent(rate, min(net_annual, upper) - start)
        start = upper
    return tax


def tax_year(year: int) -> figures.TaxYear:
    if year not in figures.TAX_YEARS:
        raise LookupError(f"withholding tax of {year}")
    return figures.TAX_YEARS[year]


def family_reduction(person: Person, month: str) -> Decimal:
    """Section 3.4: what the family entitles to in a month, not capped by the withholding."""
    year = year_of(month)
    tax_year(year)
    known = figures.REDUCTIONS[year]

    def need(amount: Decimal | None, what: str) -> Decimal:
        if amount is None:
            raise LookupError(f"reduction for {what} in {year}")
        return amount

    total = children_reduction(person.children + person.disabled_children, year)
    others = person.other_dependants + person.disabled
    if person.tax_status == "single":
        total += known.single
        others += person.single_parent and person.children > 0
    elif person.tax_status == "married_one_income":
        others += person.spouse_disabled
    elif person.spouse_low_pension:
        total += need(known.spouse_low_pension, "a spouse with a low pension")
    elif person.spouse_low_income:
        total += need(known.spouse_low_income, "a spouse with a low income")
    if others:
        total += others * need(known.other, "disability or another dependant")
    if person.dependants_65:
        total += person.dependants_65 * need(known.dependant_65, "a dependant of 65")
    return cents(total)


def children_reduction(count: int, year: int) -> Decimal:
    known = figures.REDUCTIONS[year]
    if count == 0:
        return ZERO
    if known.next_child is None:
        raise LookupError(f"reduction for children in {year}")
    listed = len(known.children)
    return known.children[min(count, listed) - 1] + known.next_child * max(0, count - listed)


def special_status(person: Person) -> TaxStatus:
    """Section 4.1: "spouse with income" means above 240 euro a month (doubt 4)."""
    low = person.spouse_low_income and not person.spouse_low_pension
    if person.tax_status == "married_two_incomes" and low:
        return "married_one_income"
    return person.tax_status


def special_contribution(wage: Decimal, tax_status: TaxStatus, month: str) -> Decimal:
    """Section 4, for one month; the quarter is settled by special_contribution_quarter."""
    if month > figures.SPECIAL_LAST_MONTH:
        raise LookupError(f"special contribution of {month}")
    if month < figures.SPECIAL_REFORM:
        return in_bands(wage, figures.SPECIAL_MONTH_BEFORE_2022_04[tax_status])
    return in_bands(wage, figures.SPECIAL_MONTH[tax_status])


def special_contribution_quarter(
    wages: list[Decimal], withheld: list[Decimal], tax_status: TaxStatus, month: str
) -> Decimal:
    """What the third month takes: the quarter's due less the first two months'; may be negative."""
    if len(wages) != 3 or len(withheld) != 2:
        raise ValueError("three wages and two amounts withheld")
    if not figures.SPECIAL_REFORM <= month <= figures.SPECIAL_LAST_MONTH:
        raise LookupError(f"special contribution by quarter of {month}")
    due = in_bands(sum(wages, ZERO), figures.SPECIAL_QUARTER[tax_status])
    return due - sum(withheld, ZERO)


def in_bands(wage: Decimal, bands: tuple[figures.Band, ...]) -> Decimal:
    band = next(band for band in bands if wage <= band.upper)
    amount = band.base + percent(band.percent, wage - band.start)
    return cents(min(max(amount, band.minimum), band.maximum))


def exceptional(
    allowance_gross: Decimal,
    annual_normal_taxable: Decimal,
    month: str,
    kind: Kind,
    children: int = 0,
) -> Exceptional:
    """Section 3.6; `annual_normal_taxable` is 12 x the normal monthly taxable amount."""
    year = year_of(month)
    if year not in figures.EXCEPTIONAL_LIMITS:
        raise LookupError(f"exceptional allowances of {year}")
    if children and year not in figures.RATE_CUTS:
        raise LookupError(f"exceptional allowances with children in {year}")
    row = sum(limit < annual_normal_taxable for limit in figures.EXCEPTIONAL_LIMITS[year])
    rate = figures.EXCEPTIONAL_PERCENTS[kind][row]
    nsso = percent(figures.CONTRACTUAL_PERCENT, allowance_gross)
    taxable = allowance_gross - nsso
    bears_tax = taxable
    if children:
        exempt_up_to = exemption_limit(children, year)
        cut, cut_up_to = figures.RATE_CUTS[year][min(children, 5) - 1]
        if annual_normal_taxable <= exempt_up_to:
            bears_tax = max(ZERO, annual_normal_taxable + taxable - exempt_up_to)
        elif annual_normal_taxable <= cut_up_to:
            rate = rate * (100 - cut) / 100
    tax = percent(rate, bears_tax)
    return Exceptional(nsso, taxable, rate, tax, taxable - tax)


def exemption_limit(children: int, year: int) -> Decimal:
    limits = figures.EXEMPT_UP_TO[year]
    further = max(0, min(children, 12) - len(limits))
    return limits[min(children, len(limits)) - 1] + further * figures.EXEMPT_NEXT_CHILD


def garnishment(net: Decimal, children: int, day: date) -> Decimal:
    """Section 6, on earnings: what can be seized of one month's net."""
    if day.year not in figures.GARNISHMENT_LIMITS or day >= date(2022, 11, 3):
        raise LookupError(f"garnishment on {day}")
    limits = figures.GARNISHMENT_LIMITS[day.year]
    seizable, start = ZERO, Decimal(0)
    for upper, rate in zip(
        (*limits, Decimal("Infinity")), figures.GARNISHMENT_PERCENTS, strict=True
    ):
        if net > start:
            seizable += percent(rate, min(net, upper) - start)
        start = upper
    return max(ZERO, seizable - children * figures.GARNISHMENT_CHILD[day.year])
