"""Fee statements of a month that repeat those of another one to the cent."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, findings_of, run_finding
from payroll.model.findings import Finding
from payroll.model.money import euros
from payroll.model.streams import FEES
from payroll.rulebook.controls import Control

_AMOUNTS = ["gross_fees_cents", "retention_cents", "net_due_cents"]
_TOLD = ["payee_id", "month", "source", "renumbered"]
_YEAR_MONTH = re.compile(r"(?<![0-9])(20[0-9]{2})[-/. ]?(0[1-9]|1[0-2])(?![0-9])")
_MONTH_YEAR = re.compile(r"(?<![0-9])(0[1-9]|1[0-2])[-/. ]?(20[0-9]{2})(?![0-9])")


def fees_again(data: CheckData, control: Control) -> list[Finding]:
    """Fees that are to the cent those of another month: in the statements, or as released.

    A flat fee is the same in every month, so that an amount alone says little: a case told apart.
    A copy is the statement of another month by its number or the month that this names, and what
    was released to the same account under another number of the practitioner.
    """
    rows = data.once(_repeated)
    copies = _same_statement(data, rows["payee_id"], control.whole("flat_months"))
    flat = ~(rows["renumbered"] | rows["payee_id"].isin(copies))
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
    (`count`), the last of them (`month`), and whether one was released to another number.
    """
    now = data.once(_due)
    pairs = pd.concat([_in_statements(data, now), _as_released(data, now)])
    found = (
        pairs.sort_values(["payee_id", "month", "renumbered"])
        .groupby("payee_id", as_index=False)
        .agg(
            count=("month", "nunique"),
            month=("month", "last"),
            source=("source", "first"),
            renumbered=("renumbered", "any"),
        )
    )
    cents = now.set_index("payee_id")["gross_fees_cents"].reindex(found["payee_id"])
    return found.assign(cents=cents.to_numpy())


def _same_statement(data: CheckData, payees: pd.Series[str], flat_months: int) -> set[str]:
    """Which of these payees bring the statement of another month, by its number.

    What several practitioners bear, or one in as many months as a flat fee, is a label.
    """
    table, due = data.tables["fee_statements"], data.once(_due)
    number = table["reference"].str.upper().str.replace(r"[^0-9A-Z]", "", regex=True)
    rows = table[["practitioner_id", "period", "reference"]].assign(number=number)
    rows = rows[rows["number"] != ""].rename(columns={"practitioner_id": "payee_id"})
    bearers = rows.groupby("number")["payee_id"].transform("nunique")
    months = rows.groupby(["payee_id", "number"])["period"].transform("nunique")
    rows = rows[(bearers == 1) & (months <= flat_months) & rows["payee_id"].isin(payees)]
    is_due = rows["period"].isin(due["period"])
    now = rows[is_due]
    twice = now.merge(rows[~is_due], on=["payee_id", "number"])["payee_id"]
    named = [
        bool(found := _months_in(reference)) and period not in found
        for reference, period in zip(now["reference"], now["period"], strict=True)
    ]
    return {*twice, *now.loc[pd.Series(named, now.index, dtype="bool"), "payee_id"]}


def _months_in(reference: str) -> set[str]:
    """The months that a statement's number names, as `2022-04`."""
    year_first = {f"{year}-{month}" for year, month in _YEAR_MONTH.findall(reference)}
    return year_first | {f"{year}-{month}" for month, year in _MONTH_YEAR.findall(reference)}


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
    return rows.rename(columns={"period": "month"}).assign(renumbered=False)[_TOLD]


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
    known = sent.rename(columns={"payee_id": "before"})
    account = paid[paid["iban"] != ""].merge(
        known[["iban", "amount_cents", "month", "before"]], on=["iban", "amount_cents"]
    )
    account = account.assign(renumbered=account["before"] != account["payee_id"])
    return pd.concat([own.assign(renumbered=False), account])[_TOLD]
