"""April 2022 pay of one person, to the cent: what the sample register says was paid.

Deliberately plain and independent of payroll.rulebook and payroll.rebuild, with its own constants,
so that a run on the sample compares two separate calculations. Sources: facts/belgian-payroll,
sections 1 to 4 and 6, and belgian-payroll-2, 1; the 2022 withholding scale is known from a
secondary source only. All amounts are int cents. Some of what it pays is local and known to no rule
of the program: an allowance free of social security, a withholding agreed above the scale, a relief
of the withholding.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

CONTRACTUAL_PERCENT_HUNDREDTHS = 1307  # 13.07 % of the gross
STATUTORY_HEALTH_HUNDREDTHS = 355  # 3.55 % of the gross
STATUTORY_PENSION_HUNDREDTHS = 750  # 7.50 % of the pension base

BONUS_LOWER, BONUS_UPPER, BONUS_MAX = 186_034, 284_798, 22_848  # from 1 April 2022
BONUS_SLOPE_PER_10_000 = 2313
FISCAL_BONUS_PER_10_000 = 3314
WORKING_DAYS = 21  # of April 2022
FULL_TIME_HOURS = WORKING_DAYS * 760  # hundredths, at 7.60 hours a day

#: Income year 2022: (annual net taxable from, tax there, percent in hundredths above it).
TAX_BRACKETS = (
    (0, 0, 2675),
    (1_386_000, 370_755, 4280),
    (2_053_000, 656_231, 4815),
    (4_232_000, 1_705_420, 5350),
)
EXPENSES_MAX, EXEMPT_TAX, QUOTIENT_MAX = 503_000, 222_293, 1_143_000
CHILD_REDUCTIONS = (0, 3_900, 11_000, 29_100, 51_000, 75_000, 99_100, 123_200, 149_800)
SINGLE_REDUCTION, OTHER_REDUCTION = 2_600, 3_900

#: 2022: (annual normal taxable from, percent in hundredths) of other exceptional allowances.
EXCEPTIONAL_RATES = (
    (0, 0),
    (884_500, 2322),
    (1_133_000, 2523),
    (1_440_000, 3028),
    (1_727_000, 3533),
    (1_955_000, 3836),
    (2_183_000, 4038),
    (2_639_000, 4341),
    (2_871_000, 4644),
    (3_802_000, 5148),
    (4_965_000, 5350),
)
#: By number of children: the normal pay up to which nothing is withheld from an allowance, and the
#: (thousandths of the rate that fall away, up to which normal pay).
EXEMPT_WITH_CHILDREN = (
    1_427_200,
    1_768_000,
    2_306_000,
    2_906_000,
    3_506_000,
    4_106_000,
    4_706_000,
    5_306_000,
    5_906_000,
    6_506_000,
    7_106_000,
    7_706_000,
)
REDUCED_WITH_CHILDREN = (
    (75, 2_399_000),
    (200, 2_399_000),
    (350, 2_639_000),
    (550, 3_119_000),
    (750, 3_359_000),
)

SPECIAL_FLOOR, SPECIAL_FIRST, SPECIAL_SECOND = 109_510, 194_538, 219_018
SPECIAL_MINIMUM_TWO_INCOMES, SPECIAL_CAP, SPECIAL_CAP_TWO_INCOMES = 515, 6_094, 5_164

#: 2022: (net from, percent taken above it up to the next); above the last everything.
GARNISHMENT_BANDS = ((118_600, 20), (127_400, 30), (140_600, 40), (153_800, 100))
GARNISHMENT_PER_CHILD = 7_300


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """The family situation; disabled_children are among `children` and count as two."""

    tax_status: str  # single | married_one_income | married_two_incomes
    children: int = 0
    disabled_children: int = 0
    disabled: bool = False
    single_parent: bool = False
    other_dependants: int = 0
    spouse_disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AprilPay:
    """One row of the register, int cents, all positive; `net` is what was paid."""

    gross: int
    personal_contributions: int
    work_bonus: int
    taxable: int
    withholding: int  # after family reductions, before the fiscal bonus
    fiscal_work_bonus: int
    special_contribution: int
    other_deductions: int
    garnishment: int
    net: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What this employer does beside the law, int cents: gross that bears no social security,
    withholding agreed above the scale, relief of the withholding.
    """

    free_gross: int = 0
    more_withholding: int = 0
    relief: int = 0


NOTHING_LOCAL = Local()


def half_up(numerator: int, denominator: int) -> int:
    """Divide non-negative integers, half a unit rounded up."""
    return (2 * numerator + denominator) // (2 * denominator)


def april_pay(
    gross: int,
    household: Household,
    *,
    pension_base: int | None = None,
    fte_hundredths: int = 100,
    days: int = WORKING_DAYS,
    exceptional: int = 0,
    other_deductions: int = 0,
    garnished: bool = False,
    local: Local = NOTHING_LOCAL,
) -> AprilPay:
    """Pay of April 2022; `pension_base` (int cents) marks a statutory agent, None a contractual.

    gross: ordinary pay; days: working days paid; exceptional: a one-off premium beside it, taxed by
    a table of its own.
    """
    wage = gross - local.free_gross
    contributions = personal_contributions(wage, pension_base)
    bonus = 0 if pension_base is not None else work_bonus(wage, fte_hundredths, days)
    bonus = min(bonus, contributions)
    taxable = gross - contributions + bonus
    withheld = max(0, scale_withholding(taxable, household) - family_reduction(household))
    fiscal = min(half_up(bonus * FISCAL_BONUS_PER_10_000, 10_000), withheld)
    withheld = max(fiscal, withheld + local.more_withholding - local.relief)
    special = special_contribution(wage + exceptional, household)
    own = personal_contributions(exceptional, None if pension_base is None else 0)
    kept = household.children + household.disabled_children
    tax = exceptional_withholding(exceptional - own, (gross - contributions) * 12, kept)
    before = taxable + exceptional - own - withheld - tax + fiscal - special
    seizable = before - other_deductions
    seized = garnishment(seizable, household.children) if garnished else 0
    return AprilPay(
        gross=gross + exceptional,
        personal_contributions=contributions + own,
        work_bonus=bonus,
        taxable=taxable + exceptional - own,
        withholding=withheld + tax,
        fiscal_work_bonus=fiscal,
        special_contribution=special,
        other_deductions=other_deductions,
        garnishment=seized,
        net=before - other_deductions - seized,
    )


def personal_contributions(gross: int, pension_base: int | None) -> int:
    """Personal social contributions before the work bonus, each rounded half up."""
    if pension_base is None:
        return half_up(gross * CONTRACTUAL_PERCENT_HUNDREDTHS, 10_000)
    health = half_up(gross * STATUTORY_HEALTH_HUNDREDTHS, 10_000)
    return health + half_up(pension_base * STATUTORY_PENSION_HUNDREDTHS, 10_000)


def work_bonus(gross: int, fte_hundredths: int = 100, days: int = WORKING_DAYS) -> int:
    """Work bonus of 1 April 2022; part-time by the hour: what full time would give, then its part.
    Full time in a part of the month: the same by the day.

    The wage by the hour or day is rounded, the reference wage (here in hundredths of a cent) is
    not.
    """
    reference, share = gross * 100, 100
    if fte_hundredths < 100:
        hours = half_up(FULL_TIME_HOURS * fte_hundredths, 100)
        reference = half_up(gross * 100, hours) * FULL_TIME_HOURS
        share = half_up(hours * 100, FULL_TIME_HOURS)
    elif days < WORKING_DAYS:
        reference = half_up(gross, days) * WORKING_DAYS * 100
        share = half_up(days * 100, WORKING_DAYS)
    if reference > BONUS_UPPER * 100:
        return 0
    above = max(0, reference - BONUS_LOWER * 100)
    full = half_up(BONUS_MAX * 1_000_000 - BONUS_SLOPE_PER_10_000 * above, 1_000_000)
    return half_up(full * share, 100)


def _annual_tax(net: int) -> int:
    start, tax, percent = max(bracket for bracket in TAX_BRACKETS if bracket[0] <= net)
    return tax + half_up((net - start) * percent, 10_000)


def scale_withholding(taxable: int, household: Household) -> int:
    """Monthly withholding by scale I or II of 2022, before reductions, cut to the cent."""
    annual = taxable // 1_500 * 1_500 * 12
    net = annual - min(half_up(annual * 30, 100), EXPENSES_MAX)
    if household.tax_status == "married_one_income":
        quotient = min(half_up(net * 30, 100), QUOTIENT_MAX)
        tax = _annual_tax(quotient) + _annual_tax(net - quotient) - 2 * EXEMPT_TAX
    else:
        tax = _annual_tax(net) - EXEMPT_TAX
    return max(0, tax) // 12


def exceptional_withholding(allowance: int, normal_annual: int, children: int) -> int:
    """Withholding on a one-off premium less its contributions, by the year's normal taxable pay.

    With children nothing up to a limit (across it only the excess bears tax), else a lower rate.
    """
    percent = max(rate for rate in EXCEPTIONAL_RATES if rate[0] < max(normal_annual, 1))[1]
    if not children:
        return half_up(allowance * percent, 10_000)
    limit = EXEMPT_WITH_CHILDREN[min(children, len(EXEMPT_WITH_CHILDREN)) - 1]
    if normal_annual <= limit:
        excess = min(allowance, max(0, normal_annual + allowance - limit))
        return half_up(excess * percent, 10_000)
    less, highest = REDUCED_WITH_CHILDREN[min(children, len(REDUCED_WITH_CHILDREN)) - 1]
    kept = 1_000 - less if normal_annual <= highest else 1_000
    return half_up(allowance * percent * kept, 10_000_000)


def family_reduction(household: Household) -> int:
    """Monthly reductions of the withholding for the family situation, 2022."""
    small = household.single_parent + household.disabled + household.other_dependants
    small += household.spouse_disabled and household.tax_status == "married_one_income"
    total = CHILD_REDUCTIONS[household.children + household.disabled_children]
    total += SINGLE_REDUCTION if household.tax_status == "single" else 0
    return total + small * OTHER_REDUCTION


def special_contribution(gross: int, household: Household) -> int:
    """Special social-security contribution from 1 April 2022, three family scales, monthly."""
    if household.tax_status == "single":
        return _special_individual(gross)
    two_incomes = household.tax_status == "married_two_incomes"
    minimum = SPECIAL_MINIMUM_TWO_INCOMES if two_incomes and gross >= SPECIAL_FLOOR else 0
    if gross <= SPECIAL_FIRST:
        return minimum
    if gross <= SPECIAL_SECOND:
        return max(minimum, half_up((gross - SPECIAL_FIRST) * 590, 10_000))
    due = 1_444 + half_up((gross - SPECIAL_SECOND) * 110, 10_000)
    return min(due, SPECIAL_CAP_TWO_INCOMES if two_incomes else SPECIAL_CAP)


def _special_individual(gross: int) -> int:
    bands = ((410_000, 3_961, 110), (373_700, 2_735, 338), (SPECIAL_SECOND, 1_033, 110))
    for start, fixed, percent in bands:
        if gross > start:
            return min(SPECIAL_CAP, fixed + half_up((gross - start) * percent, 10_000))
    return half_up(max(0, gross - SPECIAL_FIRST) * 422, 10_000)


def garnishment(net: int, children: int = 0) -> int:
    """The part of a net wage that may be seized in 2022, less 73 euro per dependent child."""
    open_ended = (*GARNISHMENT_BANDS, (max(net, GARNISHMENT_BANDS[-1][0]), 100))
    seized = sum(
        half_up(max(0, min(net, end) - start) * percent, 100)
        for (start, percent), (end, _) in pairwise(open_ended)
    )
    return max(0, seized - children * GARNISHMENT_PER_CHILD)
