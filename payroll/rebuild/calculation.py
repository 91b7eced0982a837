"""Gross to net of the known month and of this one, side by side: what the rules explain of each.

net(this month) = G2N(this month) + residual, residual = net(known) - G2N(known): what the rules do
not know of a person cancels out, what the law changed between the two months does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.columns import (
    CALCULATION_INPUT,
    HOUSEHOLDS,
    MONTH,
    TAX_STATUS,
    in_calendar_of,
)
from payroll.gross_to_net.engine import PAY, gross_to_net, holiday_pay
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, finding
from payroll.model.law import LACKS_FIGURE, Law
from payroll.model.money import Cents
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import PayrunOrder
from payroll.model.period import Period
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.lines import stands_for
from payroll.rebuild.proration import (
    DAYS,
    FULL_TIME,
    first_index,
    known_fte,
    last_index,
    working_days,
)
from payroll.rebuild.quarter import Quarter, quarter, unsettled
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import BASES, Component, bases_of

Mask = npt.NDArray[np.bool_]
#: Columns of the household as employees have them, too.
HOUSEHOLD = (
    "children",
    "disabled_children",
    "disabled",
    "single_parent",
    "other_dependants",
    "spouse_disabled",
    "dependants_65",
    "spouse_low_income",
    "spouse_low_pension",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """Both months of everybody in `ids`, in that order; amounts of people not `computed` are 0.

    known_people, people: CALCULATION_INPUT of the known month and of this one. known_pay, pay: PAY
    of each under its own law. old_law_pay: this month under the known month's law, in its calendar;
    pay - old_law_pay is what the law itself changed. unindexed_pay: the latter without the index
    since the known month. changes: per step the rule tokens
    `change:<figure>@<date>` of that. known_law, law: of the two months; None when the rule book
    lacks one of them. known_settled: what the known month takes as the last of a quarter, beyond
    its own special contribution; quarter: the same of this month.
    """

    ids: pd.Index
    computed: Mask
    known_people: pd.DataFrame
    known_pay: pd.DataFrame
    people: pd.DataFrame
    pay: pd.DataFrame
    old_law_pay: pd.DataFrame
    unindexed_pay: pd.DataFrame
    known_law: Law | None
    law: Law | None
    changes: Mapping[str, str]
    known_settled: Cents
    quarter: Quarter

    @property
    def settled(self) -> Cents:
        """What this month takes as the last of a quarter (cents)."""
        return self.quarter.settled


def households(staff: pd.DataFrame, where: npt.NDArray[np.intp]) -> pd.DataFrame:
    """HOUSEHOLDS by row of the employees list (-1: nobody, all defaults)."""
    codes = pd.Index(TAX_STATUS).get_indexer(pd.Index(staff["tax_status"]))
    columns: dict[str, npt.NDArray[np.generic]] = {
        **{name: staff[name].to_numpy() for name in HOUSEHOLD},
        "tax_status": np.maximum(codes, 0).astype(np.int64),
        "statutory": (staff["status"] == "statutory").to_numpy(dtype=bool),
    }
    return HOUSEHOLDS.conform(
        pd.DataFrame(
            {
                name: np.append(values, np.zeros(1, values.dtype))[where]
                for name, values in columns.items()
            }
        )
    )


def bases(
    lines: pd.DataFrame, statutory: Mask, components: Mapping[str, Component]
) -> dict[str, Cents]:
    """Gross, NSSO base, pension base and exceptional allowances per person, from gross lines.

    lines: person (position), component (code), amount_cents, and flags_of where a line may stand
    for another component than its own. statutory: per person.
    """
    count = len(statutory)
    component = stands_for(lines) if "flags_of" in lines else lines["component"]
    codes = pd.Index(component.unique())
    where = codes.get_indexer(pd.Index(component))
    entered = [
        [bases_of(components.get(code), statutory=status) for code in codes]
        for status in (False, True)
    ]
    amount = lines["amount_cents"].to_numpy(dtype=np.int64)
    person = lines["person"].to_numpy()
    status = statutory[person].astype(np.intp)

    def total(base: str) -> Cents:
        flags = np.array([[base in names for names in of] for of in entered], dtype=bool)
        chosen = flags[status, where] if len(codes) else np.zeros(0, dtype=bool)
        found: Cents = np.zeros(count, dtype=np.int64)
        np.add.at(found, person[chosen], amount[chosen])
        return found

    return {name: total(name) for name in BASES}


def calculate(
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
    *,
    ids: pd.Index,
    household: pd.DataFrame,
    known: pd.DataFrame,
    now: pd.DataFrame,
    unindexed: Mapping[str, Cents] | None,
    known_holiday: Cents,
    computable: Mask,
) -> tuple[Calculation, list[Finding]]:
    """Run gross to net on both months.

    household: HOUSEHOLDS. known, now: MONTH of each month; unindexed: the bases of this one without
    an index, None where there was none; known_holiday: the holiday pay in the known month, gross,
    which known_pay has in it. People for whom the rule book lacks a figure in one of the
    months are not computed, and a finding says so.
    """
    known_people, people = (
        CALCULATION_INPUT.conform(pd.concat([month, household], axis=1)) for month in (known, now)
    )
    old_law, law = rulebook.laws(order)
    frames = (
        {name: of[name].to_numpy() for name in MONTH.columns} for of in (people, known_people)
    )
    as_before = people.assign(**in_calendar_of(*frames))
    months = [(known_people, old_law), (people, law), (as_before, old_law)]
    if unindexed is not None:
        months.append((as_before.assign(**unindexed), old_law))
    computed, findings = computable, []
    pays = _paid(months, np.flatnonzero(computed))
    if isinstance(pays, PayrollError):
        told = finding(
            "REB-038",
            stream=SALARIES.name,
            observed=pays.params["parameter"],
            limit=pays.params.get("day", str(order.period)),
        )
        findings = [told]
        computed = _with_figures(months, computable)
        pays = _paid(months, np.flatnonzero(computed))
        if isinstance(pays, PayrollError):  # a figure that no kind of household tells: nobody
            computed, pays = np.zeros_like(computed), [PAY.empty() for _ in months]
    chosen = np.flatnonzero(computed)
    known_pay, pay, old_law_pay, *without = (_spread(found, chosen, len(ids)) for found in pays)
    known_pay = _with_holiday_pay(known_pay, known_people, known_holiday, computed, old_law)
    served = len(chosen) > 0 or not findings

    def settled(of: pd.DataFrame, pay: pd.DataFrame, month: Period, law: Law) -> Quarter:
        monthly = pay["special_contribution_cents"].to_numpy()
        return quarter(
            tables,
            month,
            law,
            ids=ids,
            people=of,
            monthly=monthly,
            computed=computed,
            components=rulebook.components,
        )

    calculation = Calculation(
        ids=ids,
        computed=computed,
        known_people=known_people,
        known_pay=known_pay,
        people=people,
        pay=pay,
        old_law_pay=old_law_pay,
        unindexed_pay=without[0] if without else old_law_pay,
        known_law=old_law if served else None,
        law=law if served else None,
        changes=_changed_figures(rulebook, old_law, law) if served else {},
        known_settled=settled(known_people, known_pay, order.last_known, old_law).settled,
        quarter=settled(people, pay, order.period, law),
    )
    late = unsettled(tables, order.period, ids=ids, computed=computed)
    return calculation, [*findings, *late]


def _with_holiday_pay(
    pay: pd.DataFrame, people: pd.DataFrame, gross: Cents, computed: Mask, law: Law
) -> pd.DataFrame:
    """PAY of a month whose register has holiday pay in it, as a register has it: in the gross, and
    its own contribution and withholding among the others.
    """
    rows = np.flatnonzero(computed & (gross != 0))
    if not len(rows):
        return pay
    try:
        found = holiday_pay(people.iloc[rows], gross[rows], law)
    except PayrollError as error:
        if error.error_id not in LACKS_FIGURE:
            raise
        return pay
    own, tax = (
        found[f"holiday_pay_{name}_cents"].to_numpy() for name in ("contribution", "withholding")
    )
    more = {
        "gross": gross[rows],
        "personal_contribution": own,
        "taxable": gross[rows] - own,
        "withholding": tax,
        "net": found["holiday_pay_net_cents"].to_numpy(),
    }
    columns = {name: pay[name].to_numpy(copy=True) for name in PAY.columns}
    for name, cents in more.items():
        columns[f"{name}_cents"][rows] += cents
    return PAY.conform(pd.DataFrame(columns))


def _paid(
    months: Sequence[tuple[pd.DataFrame, Law]], rows: npt.NDArray[np.intp]
) -> list[pd.DataFrame] | PayrollError:
    """PAY of these people in every month, or the refusal of a figure that somebody needs."""
    try:
        return [gross_to_net(frame.iloc[rows], law) for frame, law in months]
    except PayrollError as error:
        if error.error_id not in LACKS_FIGURE:
            raise
        return error


def _with_figures(months: Sequence[tuple[pd.DataFrame, Law]], computable: Mask) -> Mask:
    """Who can be computed in every month.

    Which figures a person needs follows from status, household and exceptional pay; people who
    agree in these stand or fall together.
    """
    rows = np.flatnonzero(computable)
    frame = months[0][0].iloc[rows]
    kinds = [
        (month[name].iloc[rows] > 0).to_numpy(dtype=np.int64)
        for month, _ in months[:2]
        for name in ("exceptional_cents", *HOUSEHOLD)
    ]
    kinds += [frame[name].to_numpy(dtype=np.int64) for name in ("tax_status", "statutory")]
    kinds.append((frame["children"] > 8).to_numpy(dtype=np.int64))
    _, first, group = np.unique(
        np.column_stack(kinds), axis=0, return_index=True, return_inverse=True
    )
    served = [not isinstance(_paid(months, rows[[index]]), PayrollError) for index in first]
    computed = np.zeros_like(computable)
    computed[rows[np.array(served, dtype=bool)[group.ravel()]]] = True
    return computed


def _spread(pay: pd.DataFrame, chosen: npt.NDArray[np.intp], count: int) -> pd.DataFrame:
    columns = {}
    for name in PAY.columns:
        column = np.zeros(count, dtype=np.int64)
        column[chosen] = pay[name].to_numpy()
        columns[name] = column
    return PAY.conform(pd.DataFrame(columns))


def _changed_figures(rulebook: RuleBook, old: Law, new: Law) -> dict[str, str]:
    """Per step the tokens of what changed in it and in the steps whose amounts it takes in."""
    own = {
        step.id: rulebook.changed_figures(old.step(step.id), new.step(step.id))
        for step in NET_STEPS
    }
    return {
        step.id: " ".join(
            dict.fromkeys(chain.from_iterable(own[name] for name in (*step.takes_in, step.id)))
        )
        for step in NET_STEPS
    }


def known_thirtieths(
    hire: pd.Series[pd.Timestamp], leave: pd.Series[pd.Timestamp], order: PayrunOrder
) -> Cents:
    """Paid thirtieths of the known month by the dates of the employees list (1 to 30)."""
    first = first_index(hire, order.last_known)
    last = last_index(leave, order.last_known)
    days: Cents = np.clip(last - first + 1, 1, DAYS)
    return days


def known_working_days(
    hire: pd.Series[pd.Timestamp], leave: pd.Series[pd.Timestamp], order: PayrunOrder
) -> Cents:
    """Working days of the known month by the dates of the employees list (1 at least)."""
    return np.maximum(working_days(hire, leave, order.last_known), 1)


def time_worked(
    fte_millionths: Cents, work_days: Cents | int, month: Period
) -> dict[str, Cents | Mask]:
    """The columns of MONTH on working time, at one working time in all the days paid; who has no
    working time counts as full.
    """
    fte = known_fte(fte_millionths)
    return {
        "month_days": np.full(len(fte), len(month.working_days), dtype=np.int64),
        "work_days": fte * work_days,
        "part_time": fte < FULL_TIME,
    }
