"""What was typed of the deductions that the register repeats: another amount, an end, a seizure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from payroll.model.components import GARNISHMENT, OTHER_DEDUCTIONS
from payroll.model.order import PayrunOrder
from payroll.model.tables import MAINTENANCE

CHANGE = "recurring_change"
_SEIZED = (GARNISHMENT, MAINTENANCE)


def deductions_now(
    frame: pd.DataFrame, adjustments: pd.DataFrame, order: PayrunOrder
) -> dict[str, pd.Series[Any]]:
    """The columns of STAFF_MONTH on deductions: those of the register where nobody typed another.

    frame: payee_id and other_deductions_cents. The newest change in force gives the amount; a
    change that was in the known month and is over leaves none. A garnishment that was typed, or a
    change of the register's, takes the place of the register's and never adds to it.
    """
    known = frame["other_deductions_cents"]
    own = _newest(adjustments, (OTHER_DEDUCTIONS,), order)
    typed = frame["payee_id"].isin(own.index)
    now = own.reindex(frame["payee_id"]).set_axis(frame.index).fillna(0).astype("int64")
    seized = adjustments.loc[adjustments["kind"] == GARNISHMENT, "payee_id"]
    changed = _newest(adjustments, _SEIZED, order).index
    return {
        "deductions_now_cents": known.mask(typed, now),
        "deductions_typed": typed,
        "garnishment_replaced": frame["payee_id"].isin([*seized, *changed]),
    }


def garnishments_typed(adjustments: pd.DataFrame, order: PayrunOrder) -> pd.DataFrame:
    """The adjustments with each change of a garnishment as a garnishment, of those in force."""
    change = (adjustments["kind"] == CHANGE) & adjustments["component"].isin(_SEIZED)
    newest = adjustments[change & in_force(adjustments, order) & (adjustments["amount"] > 0)]
    newest = newest.sort_values("from", kind="stable", na_position="first")
    newest = newest.drop_duplicates("payee_id", keep="last").assign(kind=GARNISHMENT)
    newest = newest.astype({"kind": "str"})
    return pd.concat([adjustments, newest], ignore_index=True)


def in_force(rows: pd.DataFrame, order: PayrunOrder) -> pd.Series[bool]:
    """Which changes hold on some day of the month."""
    begin, end = pd.Timestamp(order.period.first_day), pd.Timestamp(order.period.last_day)
    return ~(rows["from"] > end) & ~(rows["to"] < begin)


def over(rows: pd.DataFrame, order: PayrunOrder) -> pd.Series[bool]:
    """Which changes were in the known month and ended before this one: what they gave ends."""
    begin, known = (
        pd.Timestamp(day) for day in (order.period.first_day, order.last_known.last_day)
    )
    return (rows["to"] < begin) & ~(rows["from"] > known)


def _newest(
    adjustments: pd.DataFrame, components: tuple[str, ...], order: PayrunOrder
) -> pd.Series[int]:
    """By payee the amount that a deduction now has: of the newest change, 0 where it is over."""
    rows = adjustments[(adjustments["kind"] == CHANGE) & adjustments["component"].isin(components)]
    ended = over(rows, order)
    rows = rows.assign(amount=rows["amount"].mask(ended, 0))[ended | in_force(rows, order)]
    rows = rows.sort_values("from", kind="stable", na_position="first")
    found: pd.Series[int] = rows.drop_duplicates("payee_id", keep="last").set_index("payee_id")[
        "amount"
    ]
    return found
