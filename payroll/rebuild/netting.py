"""A bonus that comes to less than nothing is part of the salary that is paid on the same day.

Where more gross lowers the work bonus or passes a step of 15 euro of the withholding, a small bonus
takes a few cents: no debt of somebody, but the month's pay worked out in two parts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from payroll.model.components import BONUS_NETTED
from payroll.model.frames import TEXT
from payroll.model.order import PayrunOrder
from payroll.model.streams import BONUSES, SALARIES
from payroll.rebuild.lines import FACTORED_LINES, finish_lines
from payroll.rebuild.stream import StreamResult

RULE, REASON = "rebuild:bonus_netted", "reason_bonus_netted"


def net_bonuses(
    salaries: StreamResult, bonuses: StreamResult, order: PayrunOrder
) -> tuple[StreamResult, StreamResult]:
    """Both streams, with a line of BONUS_NETTED in each for whoever has a bonus below zero: it
    takes the amount off the salary and brings the bonus to zero.

    Only where both are paid on one day to one account and the salary bears it; else the bonus stays
    a receivable.
    """
    if order.streams[SALARIES.name].pay_on != order.streams[BONUSES.name].pay_on:
        return salaries, bonuses
    sums = bonuses.lines.groupby("payee_id")["amount_cents"].sum()
    owing = sums.index[sums < 0]
    if owing.empty:
        return salaries, bonuses
    owed = _payees(bonuses, owing)
    own = _payees(salaries, owing).reindex(owed.index)
    bears = own["amount_cents"].fillna(0) + owed["amount_cents"] > 0
    owed = owed[bears & (own["iban"] == owed["iban"]) & (owed["iban"] != "")]
    if owed.empty:
        return salaries, bonuses
    amount = owed["amount_cents"]
    return (
        replace(
            salaries,
            lines=_with_line(salaries.lines, owed, amount, SALARIES.name),
            changes=_changed(salaries.changes, amount),
        ),
        replace(bonuses, lines=_with_line(bonuses.lines, owed, -amount, BONUSES.name)),
    )


def _payees(result: StreamResult, payees: pd.Index[str]) -> pd.DataFrame:
    """Of each of these payees the sum of the lines, the account and what a line about it names."""
    lines = result.lines[result.lines["payee_id"].isin(payees)]
    lines = lines.assign(parents=lines["line_id"])
    sums = lines.groupby("payee_id", sort=True).agg(
        amount_cents=("amount_cents", "sum"),
        earning_period=("earning_period", "first"),
        legal_nature=("legal_nature", "first"),
        source=("source", "first"),
        parents=("parents", " ".join),
    )
    targets = result.targets.drop_duplicates("payee_id").set_index("payee_id")
    return sums.join(targets["iban"])


def _with_line(
    lines: pd.DataFrame, owed: pd.DataFrame, amount: pd.Series[int], stream: str
) -> pd.DataFrame:
    more = owed.drop(columns="iban").assign(
        payee_id=owed.index,
        amount_cents=amount,
        stream=stream,
        component=BONUS_NETTED,
        basis="recomputed",
        rule_id=RULE,
        payment_group="",
    )
    texts = {name: TEXT for name in more if name != "amount_cents"}
    more = finish_lines(more.astype(texts).reset_index(drop=True))
    return FACTORED_LINES.conform(pd.concat([lines, more], ignore_index=True))


def _changed(changes: pd.DataFrame, amount: pd.Series[int]) -> pd.DataFrame:
    """CHANGES of the salaries with what the bonus takes of them."""
    taken = amount.reindex(changes["payee_id"], fill_value=0).to_numpy(dtype=np.int64)
    reasons = np.where(
        taken != 0, (changes["reasons"] + f" {REASON}").str.strip(), changes["reasons"]
    )
    return changes.assign(
        net_after_cents=changes["net_after_cents"] + taken,
        reasons=pd.Series(reasons, changes.index, dtype=TEXT),
    )
