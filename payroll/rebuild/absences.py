"""Absences without pay: those that a return ends, those of another month, and whose they are."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from payroll.model.order import PayrunOrder
from payroll.rebuild.proration import first_index, last_index

#: Kinds of adjustment by which days are not paid.
ABSENCES = ("unpaid_absence", "sick_unpaid")
#: Kinds that may stand on the list of another month: they are passed over in this one.
_LASTING = ("sick_unpaid", "return", "recurring_change")
#: Kinds that belong to one month.
_ONCE = ("one_off_gross", "one_off_net")


def ended_by_return(rows: pd.DataFrame, order: PayrunOrder) -> pd.DataFrame:
    """The adjustments (with `amount`) with the last day of each absence that a return ends.

    An absence of somebody who is back lasts until the day before. Sickness whose end nobody knows
    lasts until its number of days is over, else until somebody says that the person is back.
    """
    sick = (rows["kind"] == "sick_unpaid") & rows["from"].notna() & rows["to"].isna()
    counted = sick & (rows["amount"] > 0)
    days = pd.to_timedelta((rows["amount"] - 1).clip(lower=0).where(counted, 0), unit="D")
    last = rows["to"].mask(counted, rows["from"] + days)
    last = last.mask(sick & ~counted, pd.Timestamp(order.period.last_day))
    rows = rows.assign(to=last.astype(rows["to"].dtype), amount=rows["amount"].mask(counted, 0))
    back = rows[(rows["kind"] == "return") & rows["from"].notna()]
    away = rows[rows["kind"].isin(ABSENCES) & rows["from"].notna()]
    if back.empty or away.empty:
        return rows
    pairs = away[["payee_id", "from"]].reset_index(names="row")
    pairs = pairs.merge(back[["payee_id", "from"]], on="payee_id", suffixes=("", "_back"))
    first = pairs[pairs["from_back"] > pairs["from"]].groupby("row")["from_back"].min()
    ends = (first - pd.Timedelta(days=1)).reindex(rows.index)
    last = rows["to"].where(~(rows["to"] > ends) & ~(rows["to"].isna() & ends.notna()), ends)
    return rows.assign(to=last.astype(rows["to"].dtype))


def not_of_month(rows: pd.DataFrame, order: PayrunOrder) -> pd.Series[bool]:
    """Rows of kinds that last which have not begun by the end of the month, or are over before it.

    An absence that a return ended belongs here too. What ended a change of pay or was the return of
    somebody who was away in the known month still counts. One-offs of a month since the known one
    belong to that month.
    """
    begin, end = pd.Timestamp(order.period.first_day), pd.Timestamp(order.period.last_day)
    late = rows["kind"].isin(_LASTING) & (rows["from"] > end)
    absent = rows["kind"].isin(ABSENCES)
    returned = set(rows.loc[rows["kind"] == "return", "payee_id"])
    own = (
        (rows["kind"] == "sick_unpaid") | rows["payee_id"].isin(returned) | since_known(rows, order)
    )
    over = absent & own & (rows["to"] < begin) & ~(rows["to"] < rows["from"])
    return late | over | (rows["kind"].isin(_ONCE) & since_known(rows, order))


def since_known(
    rows: pd.DataFrame, order: PayrunOrder, column: Literal["from", "to"] = "from"
) -> pd.Series[bool]:
    """Whether the date of each adjustment lies after the known month and before that of the run:
    in a month that was paid without the system, by the same list.
    """
    known, begin = pd.Timestamp(order.last_known.last_day), pd.Timestamp(order.period.first_day)
    return (rows[column] > known) & (rows[column] < begin)


def sick_without_contract(rows: pd.DataFrame, staff: pd.DataFrame) -> pd.Series[bool]:
    """Unpaid sickness of who is not known to be on a contract: statutory staff draw on a capital of
    sick days and then get reduced pay, which a person works out (law of 3 July 1978 art. 70 is of
    contracts).
    """
    contractual = staff.loc[staff["status"] == "contractual", "employee_id"]
    found: pd.Series[bool] = (rows["kind"] == "sick_unpaid") & ~rows["payee_id"].isin(contractual)
    return found


def other_days(rows: pd.DataFrame, order: PayrunOrder) -> pd.Series[bool]:
    """Absences within the period whose number of days is not what their two dates give."""
    begin, end = pd.Timestamp(order.period.first_day), pd.Timestamp(order.period.last_day)
    start, stop = rows["from"], rows["to"]
    both = rows["kind"].isin(ABSENCES) & (rows["amount"] > 0)
    both &= start.between(begin, end) & stop.between(begin, end)
    days = last_index(stop, order.period) - first_index(start, order.period) + 1
    return both & (rows["amount"] != days)
