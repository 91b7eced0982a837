"""Holiday pay: is it asked for in every month in which it may be due, at a usual percentage?"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from payroll.checks.data import CheckData, run_finding
from payroll.model.findings import Finding
from payroll.model.streams import HOLIDAY_PAY, SALARIES
from payroll.rulebook.controls import Control

#: Leavers that a message names; of the others it says how many they are.
NAMED = 10
#: The month whose pay is the basis, where nobody said which.
USUAL_BASIS = 3


def holiday_pay_undecided(data: CheckData, control: Control) -> list[Finding]:
    """A month in which holiday pay is paid, and neither its basis month nor that none is due."""
    order = data.order
    ordered = order.section(HOLIDAY_PAY)
    if order.period.month not in control.wholes("months") or order.section(SALARIES) is None:
        return []
    if (ordered is not None and ordered.basis_month is not None) or _declared(data, control):
        return []
    basis = f"{order.period.year}-{USUAL_BASIS:02d}"
    return [run_finding(control, observed=str(order.period), limit=basis, stream=SALARIES.name)]


def leaver_holiday_pay_undecided(data: CheckData, control: Control) -> list[Finding]:
    """Somebody leaves within the month, and nobody said whether holiday pay goes with the last pay.

    A reissue pays again what was decided on.
    """
    order = data.order
    if order.section(SALARIES) is None or order.section(HOLIDAY_PAY) is not None:
        return []
    if _declared(data, control) or data.ledger.reissue:
        return []
    days = data.last_days
    begin, end = pd.Timestamp(order.period.first_day), pd.Timestamp(order.period.last_day)
    leaving = days.loc[days["day"].between(begin, end), "employee_id"]
    payments = data.rebuilt.payments
    paid = payments.loc[payments["stream"] == SALARIES.name, "payee_id"]
    names = sorted(leaving[leaving.isin(paid)])
    if not names:
        return []
    more = f" (+{len(names) - NAMED})" if len(names) > NAMED else ""
    shown = ", ".join(names[:NAMED]) + more
    return [run_finding(control, observed=str(len(names)), limit=shown, stream=SALARIES.name)]


def holiday_percentage_unusual(data: CheckData, control: Control) -> list[Finding]:
    """A percentage that no statute is known to have."""
    ordered = data.order.section(HOLIDAY_PAY)
    low, high = control.decimal("low"), control.decimal("high")
    if ordered is None or low <= ordered.percentage <= high:
        return []
    shown = _plain(ordered.percentage)
    limit = f"{_plain(low)}-{_plain(high)}"
    return [run_finding(control, observed=shown, limit=limit, stream=HOLIDAY_PAY.name)]


def _declared(data: CheckData, control: Control) -> bool:
    """Whether somebody declared that none is due this month."""
    return bool(data.order.none_known.get(control.text("declared"), "").strip())


def _plain(number: Decimal) -> str:
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
