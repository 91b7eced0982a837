"""Withholding tax, family reductions, the fiscal work bonus and exceptional allowances.

Source: facts on Belgian payroll, section 3 (AR/CIR 92, annex III); figures and rounding come from
the step's entry in the rule book.
"""

from __future__ import annotations

import numpy as np

from payroll.gross_to_net.columns import (
    ONE_INCOME,
    SINGLE,
    TWO_INCOMES,
    CalculationInput,
    Trail,
    band_of,
)
from payroll.gross_to_net.social import WorkBonus
from payroll.model.law import StepLaw
from payroll.model.money import Cents, divide

MONTHS = 12


def withholding_by_table(
    people: CalculationInput, taxable: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """Withholding of a month (cents) as the tables of 2021 and 2022: taxable floored to a multiple
    of 15 euro, a year's tax by scale I or II, a twelfth cut to the cent, less family reductions.
    """
    step = law.cents("withholding_taxable_step")
    floored = trail.note(
        "taxable_floored", np.maximum(taxable, 0) // step * step, "withholding_taxable_step"
    )
    tax = _annual_tax_due(people, floored, law, trail)
    month = trail.share("withholding_month", tax, (1, MONTHS), law.rounding("month"))
    reductions = family_reductions(people, law, trail)
    return trail.note(
        "withholding", np.maximum(month - reductions, 0), terms=((1, month), (-1, reductions))
    )


def withholding_by_formula(
    people: CalculationInput, taxable: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """Withholding of a month (cents) from 2023: a year's tax less a year's family reductions,
    divided by twelve and rounded at the end only.
    """
    tax = _annual_tax_due(people, np.maximum(taxable, 0), law, trail)
    reductions = family_reductions(people, law, trail)
    year = trail.way("reductions_year", reductions * MONTHS, reductions, (MONTHS, 1))
    left = trail.note(
        "tax_after_reductions", np.maximum(tax - year, 0), terms=((1, tax), (-1, year))
    )
    return trail.share("withholding", left, (1, MONTHS), law.rounding("month"))


def _annual_tax_due(people: CalculationInput, monthly: Cents, law: StepLaw, trail: Trail) -> Cents:
    """A year's tax (cents, not below 0): expenses off, by scale I or II, less the exempt tax."""
    annual = trail.way("annual_taxable", monthly * MONTHS, monthly, (MONTHS, 1))
    share = trail.share(
        "expenses",
        annual,
        law.rate("withholding_expenses_percent"),
        law.rounding("expenses"),
        "withholding_expenses_percent",
    )
    expenses = np.minimum(share, law.cents("withholding_expenses_maximum"))
    trail.note("expenses_kept", expenses, "withholding_expenses_maximum", terms=((1, share),))
    net = trail.note("annual_net", annual - expenses, terms=((1, annual), (-1, expenses)))
    exempt = law.cents("withholding_exempt_tax")
    joint = people.cents("tax_status") == ONE_INCOME
    one, two = np.flatnonzero(~joint), np.flatnonzero(joint)
    tax: Cents = np.empty(len(net), dtype=np.int64)
    if len(one):
        tax[one] = annual_tax(net[one], law, trail)
    if len(two):
        tax[two] = _joint_tax(net[two], law, trail)
    exempt_of = np.where(joint, 2 * exempt, exempt)
    return trail.note(
        "annual_tax",
        np.maximum(tax - exempt_of, 0),
        "withholding_exempt_tax",
        terms=((1, tax), (-1, exempt_of)),
    )


def _joint_tax(net: Cents, law: StepLaw, trail: Trail) -> Cents:
    """Scale II: a part of the income is taxed as the spouse's (the marital quotient)."""
    share = trail.share(
        "quotient",
        net,
        law.rate("withholding_quotient_percent"),
        law.rounding("quotient"),
        "withholding_quotient_percent",
    )
    spouse = np.minimum(share, law.cents("withholding_quotient_maximum"))
    trail.note("quotient_kept", spouse, "withholding_quotient_maximum", terms=((1, share),))
    own = trail.note("income_own", net - spouse, terms=((1, net), (-1, spouse)))
    return annual_tax(own, law, trail, "_own") + annual_tax(spouse, law, trail, "_spouse")


def annual_tax(net: Cents, law: StepLaw, trail: Trail, part: str = "") -> Cents:
    """Tax of a year's net income (cents): whole lower brackets, each rounded, and a share of one.

    That the sums of the lower brackets are rounded first is proven on the official table of 2021.
    part: which part of the income it is, as the trail names it ('', '_own', '_spouse').
    """
    table = law.table("withholding_brackets")
    above, percent = table.columns["above"], table.columns["percent"]
    denominator, rounding = table.denominators["percent"], law.rounding("bracket")
    whole = divide(np.diff(above) * percent[:-1], denominator, rounding)
    below = np.concatenate([[0], np.cumsum(whole)])
    row = band_of(net, above)
    lower = trail.note(f"bracket_below{part}", below[row])
    share = trail.share(
        f"bracket_share{part}",
        net - above[row],
        (percent[row], denominator),
        rounding,
        "withholding_brackets",
        row=row,
    )
    return trail.note(f"bracket_tax{part}", lower + share, terms=((1, lower), (1, share)))


def family_reductions(people: CalculationInput, law: StepLaw, trail: Trail) -> Cents:
    """Monthly reductions of the withholding for the household (cents); a figure is read only when
    somebody needs it.
    """
    status, pension = people.cents("tax_status"), people.flag("spouse_low_pension")
    alone = (status == SINGLE) & (people.cents("children") > 0)
    total = _children(people, law, trail)
    for figure, count in (
        ("single", status == SINGLE),
        ("single_parent", people.flag("single_parent") & alone),
        ("disabled", people.flag("disabled")),
        ("spouse_disabled", people.flag("spouse_disabled") & (status == ONE_INCOME)),
        ("other_dependant", people.cents("other_dependants")),
        ("dependant_65", people.cents("dependants_65")),
        # "only pensions" excludes the other: facts 3.4
        (
            "spouse_low_income",
            people.flag("spouse_low_income") & ~pension & (status == TWO_INCOMES),
        ),
        ("spouse_low_pension", pension & (status == TWO_INCOMES)),
    ):
        if count.any():
            name = f"withholding_reduction_{figure}"
            total = total + trail.note(
                f"reduction_{figure}", count * np.int64(law.cents(name)), name
            )
    return trail.note("reductions", total)


def _children(people: CalculationInput, law: StepLaw, trail: Trail) -> Cents:
    children = people.cents("children") + people.cents("disabled_children")
    if not children.any():
        return children
    reductions = law.table("withholding_child_reductions").columns["reduction"]
    listed = np.concatenate([[0], reductions])
    most = len(reductions)
    found: Cents = listed[np.minimum(children, most)]
    if children.max() > most:
        found = found + np.maximum(children - most, 0) * law.cents(
            "withholding_child_reduction_next"
        )
    row = np.minimum(children, most) - 1 if trail.keep else None
    return trail.note("reduction_children", found, "withholding_child_reductions", row=row)


def fiscal_bonus_one_part(
    bonus: WorkBonus, withholding: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """A share of the work bonus given back on the withholding (cents), never above it."""
    share = trail.share(
        "fiscal_work_bonus_share",
        bonus.total,
        law.rate("fiscal_work_bonus_percent"),
        law.rounding("bonus"),
        "fiscal_work_bonus_percent",
    )
    return trail.note("fiscal_work_bonus", np.minimum(share, withholding), terms=((1, share),))


def fiscal_bonus_two_parts(
    bonus: WorkBonus, withholding: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """From 2025: one share of part A and another of part B (cents), never above the withholding."""
    rounding = law.rounding("bonus")
    share = trail.share(
        "fiscal_work_bonus_share",
        bonus.low,
        law.rate("fiscal_work_bonus_percent"),
        rounding,
        "fiscal_work_bonus_percent",
    )
    if bonus.very_low is not None:
        share = share + trail.share(
            "fiscal_work_bonus_very_low_share",
            bonus.very_low,
            law.rate("fiscal_work_bonus_very_low_percent"),
            rounding,
            "fiscal_work_bonus_very_low_percent",
        )
    return trail.note("fiscal_work_bonus", np.minimum(share, withholding), terms=((1, share),))


def exceptional_allowance(
    allowance: Cents, normal_annual: Cents, children: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """Withholding (cents) on an exceptional allowance after its social contributions.

    The rate is that of the year's normal taxable pay. Children: up to a limit of that pay nothing,
    across it only the excess is taxed; above it the rate falls for households with small pay.
    """
    return _exceptional(allowance, normal_annual, children, law, trail, column="other_percent")


def holiday_pay_withholding(
    holiday_pay: Cents, normal_annual: Cents, children: Cents, law: StepLaw, trail: Trail
) -> Cents:
    """Withholding (cents) on holiday pay after its contribution: by a column of its own."""
    return _exceptional(holiday_pay, normal_annual, children, law, trail, column="holiday_percent")


def _exceptional(
    allowance: Cents,
    normal_annual: Cents,
    children: Cents,
    law: StepLaw,
    trail: Trail,
    *,
    column: str,
) -> Cents:
    trail.note("exceptional_normal_annual", normal_annual)
    table = law.table("exceptional_rates")
    row = band_of(normal_annual, table.columns["above"])
    percent, denominator = table.columns[column][row], table.denominators[column]
    base = np.maximum(allowance, 0)
    rounding = law.rounding("withholding")
    if not (children > 0).any():
        return trail.share(
            "exceptional_withholding",
            base,
            (percent, denominator),
            rounding,
            "exceptional_rates",
            row=row,
        )
    base, kept, over = _for_children(base, normal_annual, children, law)
    trail.note("exceptional_taxed", base, "exceptional_child_exemptions")
    return trail.share(
        "exceptional_withholding",
        base,
        (percent * kept, denominator * over),
        rounding,
        "exceptional_rates",
        row=row,
    )


def _for_children(
    base: Cents, normal_annual: Cents, children: Cents, law: StepLaw
) -> tuple[Cents, Cents, int]:
    """(taxed part of the allowance, numerators and denominator of the part of the rate kept)."""
    exempt = law.table("exceptional_child_exemptions").columns
    limits = np.concatenate([[0], exempt["limit"]])
    most = len(exempt["limit"])
    limit = limits[np.minimum(children, most)]
    exempted = (children > 0) & (normal_annual <= limit)
    base = np.where(exempted, np.clip(normal_annual + base - limit, 0, base), base)
    reduced = law.table("exceptional_child_reductions")
    over = reduced.denominators["percent"]
    rows = np.minimum(children, len(reduced.columns["children"]))
    cut = np.concatenate([[0], reduced.columns["percent"]])[rows]
    below = normal_annual <= np.concatenate([[-1], reduced.columns["limit"]])[rows]
    kept: Cents = np.where(below & ~exempted, over - cut, over)
    return base, kept, over
