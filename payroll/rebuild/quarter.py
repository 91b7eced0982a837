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
from payroll.model.components import QUARTER
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, finding
from payroll.model.law import Law, StepLaw
from payroll.model.money import Cents
from payroll.model.period import Period
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables


def settled_months(month: Period) -> tuple[Period, ...]:
    """The earlier months of a quarter that its last month settles; none in other months."""
    return () if month.month % 3 else (month.shift(-2), month.shift(-1))


@dataclass(frozen=True, slots=True)
class Quarter:
    """Per person the NSSO wages of a quarter, what was withheld for it so far, the month's own
    contribution included, and what its last month takes beyond that, which may be negative (cents).

    0 for whom nothing is settled: in other months, before the quarterly figures are known, without
    the registers of the first months.
    """

    wages: Cents
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
) -> Quarter:
    """The quarter that a month settles.

    people: CALCULATION_INPUT of the month, in the order of ids; monthly: its special contribution.
    """
    nothing: Cents = np.zeros(len(ids), dtype=np.int64)
    earlier = settled_months(month)
    step = _step(law) if earlier else None
    if step is None:
        return Quarter(nothing, nothing, nothing)
    wages = (people["nsso_cents"] + people["exceptional_cents"]).to_numpy(dtype=np.int64)
    withheld, complete = monthly.copy(), np.ones(len(ids), dtype=bool)
    register = tables["register_totals"]
    for period in earlier:
        rows = register[register["period"] == str(period)].drop_duplicates("employee_id")
        where = pd.Index(rows["employee_id"]).get_indexer(ids)
        complete &= where >= 0
        wages = wages + np.append(rows["gross_cents"].to_numpy(), 0)[where]
        withheld += np.append(rows["special_contribution_cents"].to_numpy(), 0)[where]
    status = people["tax_status"].to_numpy(dtype=np.int64)
    due: Cents = run_step(step, Trail(), wages, withheld, status)
    return Quarter(*(np.where(complete, found, nothing) for found in (wages, withheld, due)))


def _step(law: Law) -> StepLaw | None:
    """The settlement as the law has it on that day, None before its figures are known."""
    try:
        return law.step(QUARTER)
    except PayrollError:
        return None


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
