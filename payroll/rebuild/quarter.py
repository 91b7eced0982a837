"""The special social-security contribution settles per quarter: its last month corrects the others.

Source: facts on Belgian payroll, section 4 (NSSO). Only who stands in the registers of the
quarter's first two months can be settled; everybody else keeps the month's own contribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.columns import Trail
from payroll.gross_to_net.engine import run_step
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, finding
from payroll.model.money import Cents
from payroll.model.period import Period
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rulebook.law import Law

STEP = "special_contribution_quarter"


def settled_months(month: Period) -> tuple[Period, ...]:
    """The earlier months of a quarter that its last month settles; none in other months."""
    return () if month.month % 3 else (month.shift(-2), month.shift(-1))


@dataclass(frozen=True, slots=True)
class Quarter:
    """Per person the NSSO wages of a quarter (cents), what was withheld for it so far, the month's
    own contribution included, and whether the registers of its first months are there.
    """

    wages: Cents
    withheld: Cents
    complete: npt.NDArray[np.bool_]


def quarter(
    tables: SourceTables, month: Period, *, ids: pd.Index, people: pd.DataFrame, monthly: Cents
) -> Quarter | None:
    """The quarter that a month settles; None for months that settle nothing.

    people: PEOPLE of the month, in the order of ids; monthly: its special contribution.
    """
    earlier = settled_months(month)
    if not earlier:
        return None
    wages = (people["nsso_cents"] + people["exceptional_cents"]).to_numpy(dtype=np.int64)
    withheld, complete = monthly.copy(), np.ones(len(ids), dtype=bool)
    register = tables["register_totals"]
    for period in earlier:
        rows = register[register["period"] == str(period)].drop_duplicates("employee_id")
        where = pd.Index(rows["employee_id"]).get_indexer(ids)
        complete &= where >= 0
        wages = wages + np.append(rows["gross_cents"].to_numpy(), 0)[where]
        withheld += np.append(rows["special_contribution_cents"].to_numpy(), 0)[where]
    return Quarter(wages, withheld, complete)


def settlement(
    tables: SourceTables,
    month: Period,
    law: Law,
    *,
    ids: pd.Index,
    people: pd.DataFrame,
    monthly: Cents,
) -> Cents:
    """What the last month of a quarter takes beyond its own contribution (cents, may be negative).

    0 for everybody in other months, and before the quarterly figures are known.
    """
    nothing: Cents = np.zeros(len(ids), dtype=np.int64)
    found = quarter(tables, month, ids=ids, people=people, monthly=monthly)
    if found is None:
        return nothing
    try:
        step = law.step(STEP)
    except PayrollError:  # no quarterly figures on that day: nothing can be settled
        return nothing
    status = people["tax_status"].to_numpy(dtype=np.int64)
    due: Cents = run_step(step, Trail(), found.wages, found.withheld, status)
    return np.where(found.complete, due, nothing)


def unsettled(
    tables: SourceTables, month: Period, *, ids: pd.Index, computed: npt.NDArray[np.bool_]
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
