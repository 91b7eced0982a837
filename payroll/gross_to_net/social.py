"""Personal social contributions, the work bonus and the special contribution.

Source: facts on Belgian payroll, sections 1, 2 and 4 (NSSO instructions); figures and rounding come
from the step's entry in the rule book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from payroll.gross_to_net.columns import (
    FULL_DAY,
    ONE_INCOME,
    OTHER_WAGE,
    SINGLE,
    TWO_INCOMES,
    CalculationInput,
    Mask,
    Trail,
    band_of,
    in_band,
)
from payroll.model.law import StepLaw
from payroll.model.money import Cents, Rounding, divide, divide_columns

#: Monday to Friday.
WEEK_DAYS = 5
#: Whose scale of the special contribution serves each tax status.
FAMILIES = {SINGLE: "individual", ONE_INCOME: "one_income", TWO_INCOMES: "two_incomes"}


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


def holiday_pay_contribution(holiday_pay: Cents, law: StepLaw, trail: Trail) -> Cents:
    """Personal contribution (cents) on holiday pay: one percentage for all, statutory staff too.

    Source: NSSO dmfappl 2017-4.
    """
    figure, rounding = "contribution_holiday_pay_percent", law.rounding("contribution")
    return trail.share("contribution_holiday_pay", holiday_pay, law.rate(figure), rounding, figure)


@dataclass(frozen=True, slots=True)
class WorkBonus:
    """The reduction granted: from 2025 in a part for low and one for very low wages (cents)."""

    low: Cents
    very_low: Cents | None = None

    @property
    def total(self) -> Cents:
        """Both parts."""
        return self.low if self.very_low is None else self.low + self.very_low

    def with_other(self, cents: Cents) -> WorkBonus:
        """With what another month's work bonus changes by pay of this one, in the first part."""
        return WorkBonus(self.low + cents, self.very_low)


@dataclass(frozen=True, slots=True)
class _Reference:
    """The full-time reference wage S per person in hundredths of a cent (it is not rounded), and
    the paid part of the month in hundredths.
    """

    wage: Cents
    share: Cents


def work_bonus_one_part(
    people: CalculationInput, contribution: Cents, law: StepLaw, trail: Trail
) -> WorkBonus:
    """Work bonus (cents) of contractual staff, never above the contribution due.

    The full-time reference wage S decides: the maximum up to the lower wage, less slope x (S -
    lower) up to the upper wage, then nothing; part-time and incomplete months get their share.
    Source: AR 17-1-2000, art. 1.
    """
    reference = _reference(people, law, trail)
    return WorkBonus(_granted(people, reference, contribution, law, trail, figure="work_bonus"))


def work_bonus_two_parts(
    people: CalculationInput, contribution: Cents, law: StepLaw, trail: Trail
) -> WorkBonus:
    """Work bonus (cents) since April 2024: part A for low wages, part B for very low ones."""
    reference = _reference(people, law, trail)
    low = _granted(people, reference, contribution, law, trail, figure="work_bonus_low")
    left = contribution - low
    very_low = _granted(people, reference, left, law, trail, figure="work_bonus_very_low")
    return WorkBonus(low, very_low)


def _reference(people: CalculationInput, law: StepLaw, trail: Trail) -> _Reference:
    """What a full month at full time would give: by the day, or by the hour of who is part-time.

    Full time, whole month: S = W. Days missing: W / J rounded, x D; the part is J / D. Part time
    for any of the month: W / H rounded, x U; the part is H / U (J, D: days paid and of the month;
    H, U: hours). The part has two decimals. An exceptional allowance is no part of W; where it is
    more than S, S is the allowance.
    """
    own = people.cents("nsso_cents") - people.of_other_month(OTHER_WAGE)
    wage, worked = np.maximum(own, 0), people.cents("work_days")
    days, part_time = people.cents("month_days"), people.flag("part_time")
    rounding, hundred = law.rounding("reference_wage"), np.full(len(wage), 100, dtype=np.int64)
    base, times, share = wage.copy(), hundred.copy(), hundred.copy()
    incomplete = np.flatnonzero(~part_time & (worked != days * FULL_DAY) & (worked > 0))
    paid = np.zeros(len(wage), dtype=np.int64)
    if len(incomplete):
        paid[incomplete] = worked[incomplete]
        base[incomplete] = divide_columns(wage[incomplete] * FULL_DAY, worked[incomplete], rounding)
        times[incomplete] = days[incomplete] * 100
        share[incomplete] = divide_columns(
            worked[incomplete] * 100, days[incomplete] * FULL_DAY, law.rounding("share")
        )
    trail.way("daily_wage", np.where(paid > 0, base, 0), wage, (FULL_DAY, paid), rounding)
    hours = np.zeros(len(wage), dtype=np.int64)
    some = np.flatnonzero(part_time & (worked > 0))
    if len(some):
        # hours in hundredths: a week of full time has five days
        week = law.rate("full_time_week_hours")
        a_day = week.numerator * 100, week.denominator * WEEK_DAYS
        hours[some] = divide(worked[some] * a_day[0], FULL_DAY * a_day[1], law.rounding("share"))
        some = some[hours[some] > 0]
        base[some] = divide_columns(wage[some] * 100, hours[some], rounding)
        times[some] = divide(days[some] * a_day[0], a_day[1], law.rounding("share"))
        share[some] = np.minimum(
            divide_columns(hours[some] * 100, times[some], law.rounding("share")), 100
        )
    trail.way("hourly_wage", np.where(hours > 0, base, 0), wage, (hundred, hours), rounding)
    share[(worked <= 0) | (part_time & (hours == 0))] = 0
    found = base * times
    shown = divide(found, 100)
    trail.way("reference_wage", shown, base, (times, 100), Rounding.HALF_UP)
    allowance = people.cents("exceptional_cents")
    raised = np.maximum(found, allowance * 100)
    trail.note("reference_wage_raised", divide(raised, 100), terms=((1, shown),))
    return _Reference(raised, share)


def _bonus(reference: Cents, figure: str, law: StepLaw, trail: Trail) -> Cents:
    """The bonus of a full month (cents) at a reference wage in hundredths of a cent."""
    table = law.table(figure)
    column, denominator = table.columns, table.denominators["slope"] * 100
    lower, upper = int(column["lower_wage"][0]), int(column["upper_wage"][0])
    above = np.maximum(reference - lower * 100, 0)
    trail.note(
        f"{figure}_over",
        divide(above, 100),
        figure,
        terms=((1, divide(reference, 100)), (-1, lower)),
    )
    maximum = int(column["maximum"][0]) * denominator
    raw = np.maximum(maximum - int(column["slope"][0]) * above, 0)
    raw[reference > upper * 100] = 0
    rounding = law.rounding("reduction")
    return trail.way(
        f"{figure}_full",
        divide(raw, denominator, rounding),
        above,
        (int(column["slope"][0]), denominator),
        rounding,
        figure=figure,
        start=int(column["maximum"][0]),
        finer=100,
    )


def _granted(
    people: CalculationInput,
    reference: _Reference,
    contribution: Cents,
    law: StepLaw,
    trail: Trail,
    *,
    figure: str,
) -> Cents:
    full = _bonus(reference.wage, figure, law, trail)
    share = trail.share(f"{figure}_part", full, (reference.share, 100), law.rounding("part_time"))
    granted = np.minimum(share, np.maximum(contribution, 0))
    granted[people.flag("statutory")] = 0  # facts 2: statutory staff get no work bonus
    return trail.note(f"{figure}_granted", granted, terms=((1, share),))


def family_of(people: CalculationInput) -> Cents:
    """Whose scale of the special contribution serves each person (a code of TAX_STATUS): a spouse
    who earns no more than the limit of the withholding reduction counts as without income.

    Source: law 30-3-1994, art. 109.
    """
    status = people.cents("tax_status")
    earns_little = people.flag("spouse_low_income") & ~people.flag("spouse_low_pension")
    return np.where(earns_little, np.minimum(status, ONE_INCOME), status)


def special_contribution_monthly(
    wage: Cents, tax_status: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """Special social-security contribution (cents) withheld on a month's NSSO wage."""
    return _special(wage, tax_status, law, trail)


def special_contribution_settlement(
    wages: Sequence[Cents], withheld: Cents, tax_status: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """What the last month of a quarter takes (cents, may be negative): the quarter's contribution
    less what was withheld for it.

    wages: of each month, 0 where there was none. The quarter's wage chooses the row; what is due in
    it goes by each month's wage, so constant wages settle to nothing (law 30-3-1994, art. 109).
    """
    quarter = trail.note("special_contribution_wages", sum(wages[1:], start=wages[0]))
    name = "special_contribution"
    rows = {
        family: band_of(quarter, law.table(f"{name}_quarter_{family}").columns["above"])
        for family in FAMILIES.values()
    }
    owed = quarter >= law.cents(f"{name}_quarter_minimum_wage")
    parts = [
        np.where(wage > 0, _special(wage, tax_status, law, trail, rows=rows, owed=owed), 0)
        for wage in wages
    ]
    due = trail.note(
        "special_contribution_due",
        sum(parts[1:], start=parts[0]),
        terms=tuple((1, part) for part in parts),
    )
    return trail.note(
        "special_contribution_settled", due - withheld, terms=((1, due), (-1, withheld))
    )


def _special(
    wage: Cents,
    tax_status: Cents,
    law: StepLaw,
    trail: Trail,
    *,
    rows: Mapping[str, npt.NDArray[np.intp]] | None = None,
    owed: Mask | None = None,
) -> Cents:
    """By family: fixed amount and share of its scale, at least the minimum, at most the cap.

    rows, owed: the row of each family's scale, and who owes the minimum, where the quarter decides.
    """
    due: Cents = np.zeros(len(wage), dtype=np.int64)
    name = "special_contribution"
    for code, family in FAMILIES.items():
        mask = tax_status == code
        if not mask.any():
            continue
        own = np.where(mask, wage, 0)
        row = None if rows is None else np.where(mask, rows[family], 0)
        amount = in_band(name, own, f"{name}_{family}", law, trail, row=row)
        cap = f"{name}_cap"
        if code == TWO_INCOMES:
            cap = f"{name}_cap_two_incomes"
            minimum = law.cents(f"{name}_minimum_two_incomes")
            owes = mask & (own >= law.cents(f"{name}_minimum_wage") if owed is None else owed)
            by_scale, amount = amount, np.where(owes, np.maximum(amount, minimum), amount)
            trail.note(
                f"{name}_minimum", amount, f"{name}_minimum_two_incomes", terms=((1, by_scale),)
            )
        capped = np.minimum(amount, law.cents(cap))
        due += trail.note(f"{name}_cap", capped, cap, terms=((1, amount),))
    return trail.note(name, due)
