"""The columns the calculation reads, the trail it leaves, and the arithmetic of bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from payroll.gross_to_net.items import ITEMS
from payroll.model.errors import require
from payroll.model.frames import BOOL, INT, FrameSchema
from payroll.model.law import Rate, StepLaw
from payroll.model.money import Cents, Rounding, divide

if TYPE_CHECKING:
    import pandas as pd

Mask = npt.NDArray[np.bool_]

#: One working day at full time, in `work_days`.
FULL_DAY = 10**6
#: Codes of the tax_status column.
TAX_STATUS: Mapping[str, int] = {"single": 0, "married_one_income": 1, "married_two_incomes": 2}
SINGLE, ONE_INCOME, TWO_INCOMES = TAX_STATUS.values()

#: One row per person: what gross to net is a function of, besides the law of the month. The first
#: columns are of the month (MONTH), the others of the person and the household (HOUSEHOLDS).
_MONTH = {
    "gross_cents": INT,  # ordinary remuneration of the month, exceptional allowances apart
    "nsso_cents": INT,  # the part of it that is subject to social security
    "pension_cents": INT,  # the pension base (statutory staff)
    "exceptional_cents": INT,  # exceptional allowances: year-end and one-off premiums
    "month_days": INT,  # working days of the calendar month, Monday to Friday
    "work_days": INT,  # the paid ones among them x working time, in FULL_DAY
    "part_time": BOOL,  # the working time was below full time on some day of the month
}
_HOUSEHOLD = {
    "statutory": BOOL,
    "tax_status": INT,  # code of TAX_STATUS
    "children": INT,
    "disabled_children": INT,  # among `children`; each counts twice
    "disabled": BOOL,
    "single_parent": BOOL,
    "other_dependants": INT,
    "spouse_disabled": BOOL,
    "dependants_65": INT,  # in need of care, or by the transitional rule
    "spouse_low_income": BOOL,  # with an income of at most the limit of the reduction
    "spouse_low_pension": BOOL,  # the same of a spouse who has pensions only
}
#: Columns that a frame may have beside those: the part of the NSSO wage that was earned in another
#: month, and what the work bonus of that month changes by it (cents, of either sign).
OTHER_WAGE, OTHER_BONUS = OTHER_MONTH = ("other_wage_cents", "other_work_bonus_cents")
MONTH = FrameSchema("month_of_pay", _MONTH)
HOUSEHOLDS = FrameSchema("households", _HOUSEHOLD)
CALCULATION_INPUT = FrameSchema("calculation_input", {**_MONTH, **_HOUSEHOLD})


Term = tuple[int, Cents | int]


@dataclass(frozen=True, slots=True)
class TrailItem:
    """One amount as it was worked out (columns of cents), in one of three ways or as it was read.

    item: which amount of the step (of `items.ITEMS`). figure, row: the rule value it came from and,
    for a scale, the row (counted from 0) that held. base, rate: base x rate = raw, rounded to
    `amount`; with `start`, start - base x rate. finer: base is in so many parts of a cent, and rate
    brings it to cents. terms: a sum of (sign, amount), where a limit may hold `amount` above or
    below.
    """

    step: str
    item: str
    amount: Cents
    figure: str = ""
    base: Cents | None = None
    rate: tuple[Cents | int, Cents | int] | None = None
    rounding: Rounding | None = None
    row: npt.NDArray[np.intp] | None = None
    start: Cents | int | None = None
    terms: tuple[Term, ...] = ()
    finer: int = 1

    @property
    def raw(self) -> tuple[Cents, Cents | int] | None:
        """The amount before rounding, as (numerator column, denominator), in cents."""
        if self.base is None or self.rate is None:
            return None
        product = self.base * self.rate[0]
        if self.start is not None:
            product = self.start * self.rate[1] - product
        return product, self.rate[1]


@dataclass(slots=True)
class Trail:
    """The way of the calculation; a step computes the same whether it is kept or not.

    Kept only for people of one tax status, so that every column has one row per person.
    """

    keep: bool = False
    items: list[TrailItem] = field(default_factory=list)
    step: str = ""

    def note(
        self,
        item: str,
        amount: Cents,
        figure: str = "",
        *,
        terms: tuple[Term, ...] = (),
        row: npt.NDArray[np.intp] | None = None,
    ) -> Cents:
        """Keep an amount that was looked up, added or chosen; returned as it came."""
        if self.keep:
            self._add(TrailItem(self.step, item, amount, figure, terms=terms, row=row))
        return amount

    def share(
        self,
        item: str,
        base: Cents,
        rate: Rate | tuple[Cents | int, int],
        rounding: Rounding,
        figure: str = "",
        *,
        row: npt.NDArray[np.intp] | None = None,
    ) -> Cents:
        """base x rate, rounded; the rate is one for all or a column of numerators."""
        numerator, denominator = (
            (rate.numerator, rate.denominator) if isinstance(rate, Rate) else rate
        )
        amount = divide(base * numerator, denominator, rounding)
        return self.way(
            item, amount, base, (numerator, denominator), rounding, figure=figure, row=row
        )

    def way(
        self,
        item: str,
        amount: Cents,
        base: Cents,
        rate: tuple[Cents | int, Cents | int],
        rounding: Rounding | None = None,
        *,
        figure: str = "",
        row: npt.NDArray[np.intp] | None = None,
        start: Cents | int | None = None,
        finer: int = 1,
    ) -> Cents:
        """Keep how an amount worked out elsewhere came about; returned as it came."""
        if self.keep:
            kept = TrailItem(self.step, item, amount, figure, base, rate, rounding, row, start)
            self._add(replace(kept, finer=finer))
        return amount

    def _add(self, item: TrailItem) -> None:
        require(item.item in ITEMS, f"an amount without words: {item.item}")
        self.items.append(item)


@dataclass(frozen=True, slots=True)
class CalculationInput:
    """The columns of CALCULATION_INPUT as arrays, cut out of a frame without copying."""

    columns: Mapping[str, npt.NDArray[np.generic]]
    count: int

    def cents(self, name: str) -> Cents:
        """An int64 column."""
        return cast("Cents", self.columns[name])

    def of_other_month(self, name: str) -> Cents:
        """A column of OTHER_MONTH; zeros where all pay was earned in its month."""
        return cast("Cents", self.columns.get(name, np.zeros(self.count, dtype=np.int64)))

    def flag(self, name: str) -> Mask:
        """A bool column."""
        return cast("Mask", self.columns[name])

    def part(self, chosen: slice) -> CalculationInput:
        """Some of the people."""
        columns = {name: column[chosen] for name, column in self.columns.items()}
        return CalculationInput(columns, len(next(iter(columns.values()))))


def calculation_input(frame: pd.DataFrame) -> CalculationInput:
    """Check a frame against CALCULATION_INPUT and open it, with OTHER_MONTH where it has that."""
    CALCULATION_INPUT.conform(frame)
    beside = [name for name in OTHER_MONTH if name in frame]
    columns = {name: frame[name].to_numpy() for name in (*CALCULATION_INPUT.columns, *beside)}
    return CalculationInput(columns, len(frame))


def in_calendar_of(
    people: Mapping[str, npt.NDArray[np.generic]], known: Mapping[str, npt.NDArray[np.generic]]
) -> dict[str, npt.NDArray[np.generic]]:
    """The days of people who work the same part of this month as of the known one, as the known
    month counts them; the days of everybody else as they are.

    What only the calendar changes of an unchanged person's pay is then told as the law's change.
    """
    days, of = (people[name].astype(np.int64) for name in ("work_days", "month_days"))
    known_days, of_known = (known[name].astype(np.int64) for name in ("work_days", "month_days"))
    same = (days * of_known == known_days * of) & (people["part_time"] == known["part_time"])
    return {name: np.where(same, known[name], people[name]) for name in ("work_days", "month_days")}


def band_of(amount: Cents, above: Cents) -> npt.NDArray[np.intp]:
    """Which row of a scale an amount falls in: the last one that it is above (else the first)."""
    row: npt.NDArray[np.intp] = np.zeros(len(amount), dtype=np.intp)
    for limit in above[1:].tolist():
        row += amount > limit
    return row


def in_band(
    item: str,
    amount: Cents,
    figure: str,
    law: StepLaw,
    trail: Trail,
    *,
    row: npt.NDArray[np.intp] | None = None,
) -> Cents:
    """What a scale of `above`, `amount` and `percent` gives: a fixed amount and a share above.

    row: the row that serves each, where something else than the amount chooses it.
    """
    table, rounding = law.table(figure), law.rounding("contribution")
    row = band_of(amount, table.columns["above"]) if row is None else row
    rate = (table.columns["percent"][row], table.denominators["percent"])
    over = np.maximum(amount - table.columns["above"][row], 0)
    fixed = trail.note(f"{item}_fixed", table.columns["amount"][row], figure, row=row)
    share = trail.share(f"{item}_share", over, rate, rounding, figure, row=row)
    return trail.note(f"{item}_scale", fixed + share, terms=((1, fixed), (1, share)))
