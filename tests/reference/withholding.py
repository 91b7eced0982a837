"""Withholding tax by the table method: section 3.3 of the first facts note."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_FLOOR, Decimal

from tests.reference import figures
from tests.reference.money import CENT, ZERO, cents, percent, year_of


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
