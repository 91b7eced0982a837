"""Fee statements of a month that repeat those of another one to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, findings_of, run_finding
from payroll.model.findings import Finding
from payroll.model.money import euros
from payroll.model.streams import FEES
from payroll.rulebook.controls import Control

_AMOUNTS = ["gross_fees_cents", "retention_cents", "net_due_cents"]
_TOLD = ["payee_id", "month", "source"]


def fees_again(data: CheckData, control: Control) -> list[Finding]:
    """Fees that are to the cent those of another month: in the statements, or as released.

    Whoever had the same amount in `flat_months` other months has a flat fee: a case told apart.
    """
    rows = data.once(_repeated)
    flat = rows["count"] >= control.whole("flat_months")
    return findings_of(
        data,
        control,
        rows,
        kind="practitioner",
        stream=FEES.name,
        observed=[euros(cents) for cents in rows["cents"]],
        limit=rows["month"],
        level=list(np.where(flat, "flat", "")),
        cell="gross_fees",
    )


def month_again(data: CheckData, control: Control) -> list[Finding]:
    """Most fees of the month are those of another one: paid statements under another name."""
    rows = data.once(_repeated)
    rows = rows[rows["count"] < control.whole("flat_months")]
    due = data.once(_due)
    if len(rows) < control.whole("minimum_payees"):
        return []
    if len(rows) * 100 <= len(due) * control.whole("percent"):
        return []
    return [
        run_finding(
            control,
            observed=euros(int(rows["cents"].sum())),
            limit=str(rows["month"].max()),
            stream=FEES.name,
            share=f"{len(rows)}/{len(due)}",
        )
    ]


def _repeated(data: CheckData) -> pd.DataFrame:
    """payee_id, source and gross `cents` of whoever's fees are those of another month; in how many
    (`count`) and the last of them (`month`).
    """
    now = data.once(_due)
    pairs = pd.concat([_in_statements(data, now), _as_released(data, now)])
    found = (
        pairs.drop_duplicates(["payee_id", "month"])
        .sort_values(["payee_id", "month"])
        .groupby("payee_id", as_index=False)
        .agg(count=("month", "size"), month=("month", "last"), source=("source", "first"))
    )
    cents = now.set_index("payee_id")["gross_fees_cents"].reindex(found["payee_id"])
    return found.assign(cents=cents.to_numpy())


def _due(data: CheckData) -> pd.DataFrame:
    """The statements of the month to be paid, of each practitioner added up; none of a reissue."""
    order, months = data.order.section(FEES), data.once(_by_month)
    if order is None or data.ledger.reissue:
        return months.iloc[:0]
    return months[months["period"] == str(order.earned)]


def _by_month(data: CheckData) -> pd.DataFrame:
    """The statements of a practitioner and month added up, where they come to something."""
    frame = data.tables["fee_statements"].rename(columns={"practitioner_id": "payee_id"})
    sums = {name: (name, "sum") for name in _AMOUNTS}
    months = frame.groupby(["payee_id", "period"], as_index=False).agg(
        **sums, source=("source", "first")
    )
    return months[months["gross_fees_cents"] > 0]


def _in_statements(data: CheckData, now: pd.DataFrame) -> pd.DataFrame:
    """Who has the same gross, retention and net in another month: payee_id, month, source."""
    months = data.once(_by_month)
    other = months[~months["period"].isin(now["period"])].drop(columns="source")
    rows = now.drop(columns="period").merge(other, on=["payee_id", *_AMOUNTS])
    return rows.rename(columns={"period": "month"})[_TOLD]


def _as_released(data: CheckData, now: pd.DataFrame) -> pd.DataFrame:
    """Who is paid what was released to them, or to their account, for another month.

    Only of statements: an advance rests on what was paid before.
    """
    sent = data.ledger.released
    sent = sent[(sent["stream"] == FEES.name) & (sent["state"] == "live")]
    sent = sent[~sent["period"].isin(now["period"])].rename(columns={"period": "month"})
    paid = data.rebuilt.payments
    paid = paid[(paid["stream"] == FEES.name) & paid["payee_id"].isin(now["payee_id"])]
    paid = paid[["payee_id", "iban", "amount_cents"]].merge(now[["payee_id", "source"]])
    own = paid.merge(sent[["payee_id", "amount_cents", "month"]], on=["payee_id", "amount_cents"])
    account = paid[paid["iban"] != ""].merge(
        sent[["iban", "amount_cents", "month"]], on=["iban", "amount_cents"]
    )
    return pd.concat([own, account])[_TOLD]
