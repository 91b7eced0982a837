"""A slow second opinion on Belgian gross-to-net: one person at a time, plain Decimal.

Written from the two facts notes alone, without looking at the engine it judges; where they differ
the second one, an audit of the law, holds. Section numbers are those of the first note. Where the
notes are silent or open, this is what we chose:

1. Roundings of the work bonus, all half-up: paid hours H (part time) to two decimals; pay per day
   W/J (full time, incomplete month) and per hour W/H to the cent, times D or U unrounded; R(S) to
   the cent, never below 0 (at the upper limit of 2021-09 the slope goes past zero: 209.76 - 0.2194
   x 956.14 = -0.02); the fraction J/D or H/U to two decimals; then P. The text still says W/J "to
   the nearest unit": cent assumed. U and H are 7.6 hours a weekday; public holidays are paid days.
   The published part-time payslips of 2021 leave W/H and H/U unrounded and differ by up to 0.12.
2. Full time in every weekday is no incomplete month: S = W, without W/J. Hours or days that round
   to nothing, or a wage of nothing, give no bonus. A fraction of 0.00 gives 0.00.
3. An exceptional allowance is outside W and J or H, and S becomes the larger of S and the
   allowance. The bonus stays under the 13.07% due on W alone.
4. When the work bonus of two parts exceeds the contribution, A is kept before B.
5. The fiscal work bonus is capped by the ordinary withholding, not by that on an allowance; its
   yearly ceiling (515 euro) does not touch a month. 33.14% for every bonus before 2024-04, whose
   figures the notes give until 2022-12 only.
6. The work bonus of 2022-11 is taken to last until 2022-12. 2023 and 2024 have none here.
7. The reduction for singles, "cut to 12 in 2023", is taken to be 12 until 2026.
8. A spouse with a low income (at most 240 euro a month) counts as "without income" for the special
   contribution, before the reform too; a spouse with a low pension (up to 480) counts as "with".
9. Single parent counts only for tax status single with at least one child, on top of the
   reduction for singles. Flags for a spouse count only in the status they belong to. When both
   spouse flags are set, the pension one alone counts.
10. Quarter of the special contribution: the quarter's wage chooses the tranche, the amounts in it
    are monthly, and a month without wage owes nothing. Inferred where that differs from the monthly
    text: a wage below the tranche's lower limit owes the fixed part, and the month's cap (and with
    a spouse with income 5.15 or 9.30) holds in every tranche. The correction may give money back.
    Joint, from 2022-04, no tranche has a flat cap: a low month owes its own amount, however high
    the quarter.
11. Withholding above 7,500 uses the general algorithm, not "value at 7,500 + 53.50%".
12. Exceptional allowances: the annual amount is 12 x (ordinary gross, what is taxed outside NSSO
    included, less its own contributions), without the work bonus. The child's cut applies to the
    rate before the one rounding; over the exemption limit the excess bears the plain rate, where
    annual + allowance counts the allowance after contributions. A disabled child counts as two here
    as well, which the notes say of the monthly reductions only. Beyond 12 children, as for 12.
    Statutory staff: 3.55% on a one-off allowance, which is outside the pension base, but 13.07% on
    holiday pay, like everybody.
13. Garnishment on 1 and 2 January 2022 by the bands of 2021. From 3 November 2022 there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from tests.reference import figures
from tests.reference.money import (
    ZERO,
    cents,
    percent,
    third_decimal_dropped,
    times,
    weekdays,
    year_of,
)
from tests.reference.person import Person, Status, TaxStatus, family_reduction, special_status
from tests.reference.withholding import withholding

Kind = Literal["holiday", "other"]


@dataclass(frozen=True)
class Pay:
    """Contribution, taxable, withholding, special contribution and net are of ordinary and
    exceptional pay together; what only the table of ordinary pay knows says so."""

    contribution: Decimal
    work_bonus: Decimal
    taxable: Decimal
    withholding_before_reductions: Decimal  # ordinary pay alone
    family_reduction: Decimal  # ordinary pay alone
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


class HolidayNet(NamedTuple):
    contribution: Decimal
    withholding: Decimal
    net: Decimal


NO_BONUS = WorkBonus((ZERO,), ZERO)
NO_ALLOWANCE = Exceptional(ZERO, ZERO, ZERO, ZERO, ZERO)


def gross_to_net(person: Person, month: str, paid: str | None = None) -> Pay:
    """The pay of one month; `paid` (default `month`) decides the year of the withholding."""
    paid = paid or month
    contribution = personal_contribution(person)
    bonus = NO_BONUS
    if person.status == "contractual":
        bonus = work_bonus(
            person.gross, month, person.work_days, person.exceptional, part_time=person.part_time
        )
    ordinary = person.gross + person.taxable_extra - contribution + bonus.total
    scale = 2 if person.tax_status == "married_one_income" else 1
    reduction = family_reduction(person, paid)
    before = withholding(ordinary, scale, paid)
    after = withholding(ordinary, scale, paid, reduction)
    fiscal = min(bonus.fiscal, after)
    allowance = exceptional_allowance(person, paid)
    special = special_contribution(person.gross + person.exceptional, special_status(person), month)
    return Pay(
        contribution=contribution + allowance.nsso,
        work_bonus=bonus.total,
        taxable=ordinary + allowance.taxable,
        withholding_before_reductions=before,
        family_reduction=reduction,
        withholding=after + allowance.withholding,
        fiscal_work_bonus=fiscal,
        special_contribution=special,
        net=ordinary - after + fiscal + allowance.net - special,
    )


def personal_contribution(person: Person) -> Decimal:
    """Section 1, on ordinary pay: each contribution rounded on its own."""
    if person.status == "contractual":
        return percent(figures.CONTRACTUAL_PERCENT, person.gross)
    base = person.gross if person.pension_base is None else person.pension_base
    health = percent(figures.STATUTORY_HEALTH_PERCENT, person.gross)
    return health + percent(figures.STATUTORY_PENSION_PERCENT, base)


def work_bonus(
    wage: Decimal,
    month: str,
    work_days: Fraction | None = None,
    allowance: Decimal = ZERO,
    *,
    part_time: bool = False,
) -> WorkBonus:
    """Section 2, for a contractual worker: never above the 13.07% due on the wage."""
    full_wage, share = full_time_wage(wage, month, work_days, part_time=part_time)
    if wage == 0 or share is None:
        return NO_BONUS
    reference_wage = max(full_wage, allowance)
    left = percent(figures.CONTRACTUAL_PERCENT, wage)
    granted, fiscal = [], ZERO
    for part in bonus_period(month).parts:
        amount = min(cents(share * full_time_reduction(reference_wage, part)), left)
        left -= amount
        granted.append(amount)
        fiscal += percent(part.fiscal_percent, amount)
    return WorkBonus(tuple(granted), fiscal)


def full_time_wage(
    wage: Decimal, month: str, work_days: Fraction | None, *, part_time: bool
) -> tuple[Decimal, Decimal | None]:
    """The wage S at full time, and the fraction of the month; None: nothing was worked."""
    all_days = weekdays(month)
    worked = Fraction(all_days) if work_days is None else work_days
    if worked > all_days:
        raise ValueError(f"{worked} work days in {month}, which has {all_days}")
    if part_time:
        paid_hours, all_hours = times(figures.HOURS_A_DAY, worked), figures.HOURS_A_DAY * all_days
        if paid_hours == 0:
            return ZERO, None
        return cents(wage / paid_hours) * all_hours, cents(paid_hours / all_hours)
    if worked == all_days:
        return wage, Decimal(1)
    if worked == 0:
        return ZERO, None
    return times(wage, 1 / worked) * all_days, times(Decimal(1), worked / all_days)


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


def special_contribution(wage: Decimal, tax_status: TaxStatus, month: str) -> Decimal:
    """Section 4, for one month; the quarter's last month is corrected by quarter_settlement."""
    bands = special_bands(tax_status, month)
    return in_band(wage, next(band for band in bands if wage <= band.upper))


def quarter_settlement(
    wages: Sequence[Decimal], withheld: Decimal, tax_status: TaxStatus, month: str
) -> Decimal:
    """What the quarter that ends in `month` still owes, or gets back when negative.

    `wages` of its three months, 0 where the person was not in service; `withheld` for the whole
    quarter so far, that of the last month included.
    """
    if len(wages) != 3 or min(wages) < 0:
        raise ValueError("three wages from 0")
    bands, total = special_bands(tax_status, month), sum(wages, ZERO)
    band = next(band for band in bands if total <= band.quarter_upper)
    return sum((in_band(wage, band) for wage in wages if wage > 0), ZERO) - withheld


def special_bands(tax_status: TaxStatus, month: str) -> tuple[figures.Band, ...]:
    if month > figures.SPECIAL_LAST_MONTH:
        raise LookupError(f"special contribution of {month}")
    before = month < figures.SPECIAL_REFORM
    return (figures.SPECIAL_BEFORE_2022_04 if before else figures.SPECIAL)[tax_status]


def in_band(wage: Decimal, band: figures.Band) -> Decimal:
    amount = band.base + percent(band.percent, max(ZERO, wage - band.start))
    return cents(min(max(amount, band.minimum), band.maximum))


def exceptional_allowance(person: Person, paid: str) -> Exceptional:
    """What a year-end or one-off allowance adds to the month; not in the pension base."""
    if person.exceptional == 0:
        return NO_ALLOWANCE
    return exceptional(
        person.exceptional,
        12 * (person.gross + person.taxable_extra - personal_contribution(person)),
        paid,
        "other",
        person.children + person.disabled_children,
        status=person.status,
    )


def exceptional(
    allowance_gross: Decimal,
    annual_normal_taxable: Decimal,
    month: str,
    kind: Kind,
    children: int = 0,  # a disabled one counts as two
    *,
    status: Status = "contractual",
) -> Exceptional:
    """Section 3.6; `annual_normal_taxable` is 12 x the normal monthly taxable amount."""
    year = year_of(month)
    if year not in figures.EXCEPTIONAL_LIMITS:
        raise LookupError(f"exceptional allowances of {year}")
    if children and year not in figures.RATE_CUTS:
        raise LookupError(f"exceptional allowances with children in {year}")
    row = sum(limit < annual_normal_taxable for limit in figures.EXCEPTIONAL_LIMITS[year])
    rate = figures.EXCEPTIONAL_PERCENTS[kind][row]
    health_alone = status == "statutory" and kind == "other"
    nsso = percent(
        figures.STATUTORY_HEALTH_PERCENT if health_alone else figures.CONTRACTUAL_PERCENT,
        allowance_gross,
    )
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


def holiday_pay(basis: Decimal, percentage: Decimal, share: Fraction) -> Decimal:
    """Gross holiday pay: a percentage of a monthly pay, by the share of the reference year paid."""
    return third_decimal_dropped(basis * percentage * share.numerator / (100 * share.denominator))


def holiday_net(
    gross: Decimal,
    ordinary_gross: Decimal,
    ordinary_contribution: Decimal,
    month: str,
    children: int,
) -> HolidayNet:
    """Holiday pay: 13.07% for all, the holiday column, no work bonus nor special contribution."""
    annual = 12 * (ordinary_gross - ordinary_contribution)
    found = exceptional(gross, annual, month, "holiday", children)
    return HolidayNet(found.nsso, found.withholding, found.net)


def indexed(annual_at_138_01: Decimal, coefficient: Decimal) -> Decimal:
    """Monthly pay from the annual amount of a scale at base 138.01."""
    return third_decimal_dropped(annual_at_138_01 * coefficient / 12)


def indexed_by_ratio(amount: Decimal, old: Decimal, new: Decimal) -> Decimal:
    """Monthly pay of which the base is not known; may miss the true one by a cent or two."""
    return third_decimal_dropped(amount * new / old)


def garnishment(net_total_of_month: Decimal, children: int, day: date) -> Decimal:
    """Section 6: what can be seized of all that is paid in one calendar month, net."""
    known = next((known for known in figures.GARNISHMENT if known.first <= day <= known.last), None)
    if known is None:
        raise LookupError(f"garnishment on {day}")
    seizable, start = ZERO, Decimal(0)
    uppers = (*known.limits, Decimal("Infinity"))
    for upper, rate in zip(uppers, figures.GARNISHMENT_PERCENTS, strict=True):
        if net_total_of_month > start:
            seizable += percent(rate, min(net_total_of_month, upper) - start)
        start = upper
    return max(ZERO, seizable - children * known.child)
