"""The special social-security contribution settles per quarter: its last month corrects the others.

Source: law of 30 March 1994, art. 109. Only who stands in the registers of the quarter's first two
months, or began after them, can be settled; everybody else keeps the month's own contribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.columns import Trail, calculation_input
from payroll.gross_to_net.engine import run_step
from payroll.gross_to_net.social import family_of
from payroll.model.components import QUARTER
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, finding
from payroll.model.law import Law, StepLaw
from payroll.model.money import Cents
from payroll.model.period import Period
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rulebook.components import Component, bases_of, by_alias, plain

Mask = npt.NDArray[np.bool_]


def settled_months(month: Period) -> tuple[Period, ...]:
    """The earlier months of a quarter that its last month settles; none in other months."""
    return () if month.month % 3 else (month.shift(-2), month.shift(-1))


@dataclass(frozen=True, slots=True)
class Quarter:
    """Per person the NSSO wages of a quarter's first two months, what was withheld for it so far,
    the month's own contribution included, and what its last month takes beyond that, which may be
    negative (cents). settles: whom the month settles; of the others all is 0: in other months,
    before the quarterly figures are known, without the registers of the first months.
    """

    settles: Mask
    first: Cents
    second: Cents
    withheld: Cents
    settled: Cents


def quarter(
    tables: SourceTables,
    month: Period,
    law: Law,
    *,
    ids: pd.Index,
    people: pd.DataFrame,
    monthly: Cents,
    computed: Mask,
    components: Mapping[str, Component],
) -> Quarter:
    """The quarter that a month settles.

    people: CALCULATION_INPUT of the month, in the order of ids; monthly: its special contribution.
    Holiday pay is no part of a quarter's wage, nor is what bears no social security of the
    person's status, where a register's lines tell. Who stands in no register of a month counts as
    not in service then if the employees list says that they began later; else their quarter is not
    known.
    """
    nothing: Cents = np.zeros(len(ids), dtype=np.int64)
    earlier = settled_months(month)
    if not earlier or _step(law) is None:
        return Quarter(np.zeros(len(ids), dtype=bool), nothing, nothing, nothing, nothing)
    staff = tables["employees"].drop_duplicates("employee_id")
    hired = staff["hire_date"].set_axis(pd.Index(staff["employee_id"])).reindex(ids)
    settles, wages, withheld = computed.copy(), [], monthly.copy()
    register = tables["register_totals"]
    for period in earlier:
        rows = register[register["period"] == str(period)].drop_duplicates("employee_id")
        where = pd.Index(rows["employee_id"]).get_indexer(ids)
        later = (hired > pd.Timestamp(period.last_day)).to_numpy(dtype=bool)
        settles &= (where >= 0) | (later & (len(rows) > 0))
        gross = np.append(rows["gross_cents"].to_numpy(), 0)[where]
        outside = _outside(tables, period, ids, people["statutory"].to_numpy(), components)
        wages.append(np.where(where >= 0, gross - outside, 0))
        withheld += np.append(rows["special_contribution_cents"].to_numpy(), 0)[where]
    first, second = (np.where(settles, wage, 0) for wage in wages)
    found = Quarter(settles, first, second, np.where(settles, withheld, 0), nothing)
    return replace(found, settled=settlement(found, people, law))


def settlement(found: Quarter, people: pd.DataFrame, law: Law) -> Cents:
    """What the last month of the quarter takes of these people (cents), 0 of whom it settles not.

    people: CALCULATION_INPUT of that month.
    """
    step = _step(law)
    if step is None or not found.settles.any():
        return np.zeros(len(people), dtype=np.int64)
    third = (people["nsso_cents"] + people["exceptional_cents"]).to_numpy(dtype=np.int64)
    wages = (found.first, found.second, third)
    due: Cents = run_step(
        step, Trail(), wages, found.withheld, family_of(calculation_input(people))
    )
    return np.where(found.settles, due, 0)


def more_settled(
    found: Quarter, person: npt.NDArray[np.intp], people: pd.DataFrame, law: Law, withheld: Cents
) -> Cents:
    """What the quarter takes more of some people (positions) with a further pay of its last month.

    people: their CALCULATION_INPUT with that pay; withheld: their special contribution on it.
    """
    theirs = Quarter(
        settles=found.settles[person],
        first=found.first[person],
        second=found.second[person],
        withheld=found.withheld[person] + withheld,
        settled=found.settled[person],
    )
    return np.where(theirs.settles, settlement(theirs, people, law) - theirs.settled, 0)


def _outside(
    tables: SourceTables,
    period: Period,
    ids: pd.Index,
    statutory: Mask,
    components: Mapping[str, Component],
) -> Cents:
    """What of a month's gross was no NSSO wage, by the lines of its register (cents)."""
    lines = tables["register_lines"]
    lines = lines[lines["period"] == str(period)]
    known, person = by_alias(components), ids.get_indexer(pd.Index(lines["employee_id"]))
    amount = lines["amount_cents"].to_numpy(dtype=np.int64)
    codes = pd.Index(lines["component"].unique())
    of = codes.get_indexer(pd.Index(lines["component"]))
    found: Cents = np.zeros(len(ids), dtype=np.int64)
    for status in (False, True):
        out = np.array([_no_wage(known.get(plain(code)), status) for code in codes], dtype=bool)
        chosen = (person >= 0) & (np.append(statutory, False)[person] == status)
        chosen &= out[of] if len(codes) else False
        np.add.at(found, person[chosen], amount[chosen])
    return found


def _no_wage(component: Component | None, statutory: bool) -> bool:
    """Whether a pay code is part of the gross and of no base of the special contribution."""
    bases = bases_of(component, statutory=statutory)
    of_gross = component is None or component.enters == "gross"
    return of_gross and not {"nsso_cents", "exceptional_cents"} & set(bases)


def _step(law: Law) -> StepLaw | None:
    """The settlement as the law has it on that day, None before its figures are known."""
    try:
        return law.step(QUARTER)
    except PayrollError:
        return None


def unsettled(
    tables: SourceTables, month: Period, *, ids: pd.Index, computed: Mask
) -> list[Finding]:
    """REB-044, once: how many people paid earlier in the quarter lack the register of a month."""
    register = tables["register_totals"]
    earlier = settled_months(month)
    if not earlier:
        return []
    there = [
        ids.isin(register.loc[register["period"] == str(period), "employee_id"])
        for period in earlier
    ]
    count = int((computed & np.any(there, axis=0) & ~np.all(there, axis=0)).sum())
    if not count:
        return []
    told = finding(
        "REB-044", stream=SALARIES.name, observed=str(count), limit=", ".join(map(str, earlier))
    )
    return [told]
