"""One person, and what the family entitles to. The doubts stand in gross_to_net.py."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tests.reference import figures
from tests.reference.money import ZERO, cents, year_of
from tests.reference.withholding import tax_year

Status = Literal["contractual", "statutory"]
TaxStatus = Literal["single", "married_one_income", "married_two_incomes"]


@dataclass(frozen=True)
class Person:
    """One person in one month; money in euro with at most two decimals."""

    status: Status
    gross: Decimal  # ordinary NSSO wage of the month
    pension_base: Decimal | None = None  # statutory only; None: the gross
    taxable_extra: Decimal = ZERO  # taxed, not subject to NSSO
    work_days: Fraction | None = None  # weekdays, each by its paid part of full time; None: all
    part_time: bool = False  # below full time in any part of the month
    exceptional: Decimal = ZERO  # year-end or one-off allowance, gross
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
        if self.tax_status not in figures.SPECIAL:
            raise ValueError(f"unknown tax status {self.tax_status!r}")
        money = (self.gross, self.pension_base or ZERO, self.taxable_extra, self.exceptional)
        for amount in money:
            if amount < 0 or amount != cents(amount):
                raise ValueError(f"{amount} is not an amount in cents from 0")
        if self.work_days is None and self.part_time:
            raise ValueError("part time needs its work days")
        if self.work_days is not None and self.work_days < 0:
            raise ValueError(f"{self.work_days} work days")
        if not 0 <= self.disabled_children <= self.children:
            raise ValueError("disabled children are counted among the children")


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
