"""Which keys the payments of a run claim, and what of a month the ledger leaves to be paid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.model.frames import TEXT
from payroll.model.order import EarnedOrder, PayrunOrder
from payroll.model.released import CLAIMS, KEY
from payroll.model.tables import SourceTables

_GROUP = ["stream", "payee_id", "payment_group"]
_INVOICES = "invoices"


def periods(order: PayrunOrder) -> dict[str, str]:
    """Stream that is run -> the earning period of its keys; '' for invoices, paid once ever."""
    found = {}
    for stream in ("salaries", "bonuses", "fees", _INVOICES):
        ordered = order.stream(stream)
        if ordered is not None:
            earned = ordered.earned if isinstance(ordered, EarnedOrder) else order.period
            found[stream] = "" if stream == _INVOICES else str(earned)
    return found


def payment_claims(
    lines: pd.DataFrame, payments: pd.DataFrame, tables: SourceTables, order: PayrunOrder
) -> pd.DataFrame:
    """CLAIMS of PAYMENTS: one key per payment, one per invoice or credit note that it settles.

    What is retained of an invoice for an office is its own key (`social:<invoice number>`).
    """
    own = payments[[*_GROUP, "payment_id"]]
    of_invoices = own["stream"] == _INVOICES
    retained = own["payment_group"].str.startswith(("social:", "tax:"))
    single = own[~of_invoices | retained].assign(
        period=own["stream"].map(periods(order)).astype("str"), item=own["payment_group"]
    )
    settled = lines[
        (lines["stream"] == _INVOICES) & lines["component"].isin(["invoice", "credit_note"])
    ]
    numbers = tables[_INVOICES][["source", "invoice_number"]].drop_duplicates("source")
    several = settled[[*_GROUP, "source"]].merge(own[of_invoices], on=_GROUP)
    several = several.merge(numbers, on="source").rename(columns={"invoice_number": "item"})
    several = several.assign(period=pd.Series("", index=several.index, dtype=TEXT))
    columns = list(CLAIMS.columns)
    parts = [part[columns] for part in (single, several) if len(part)]
    return CLAIMS.conform(pd.concat(parts, ignore_index=True)) if parts else CLAIMS.empty()


def left_out(
    payments: pd.DataFrame, claims: pd.DataFrame, released: pd.DataFrame, *, reissue: bool
) -> pd.Series[bool]:
    """Which PAYMENTS this run must not make: a key of theirs was claimed before.

    With `reissue` it is the reverse: only payments whose every key failed are made.
    """
    known = claims.merge(released[[*KEY, "state"]], on=list(KEY), how="left")
    state = known["state"].fillna("")
    stopped = known[state != "failed"] if reissue else known[state != ""]
    return payments["payment_id"].isin(stopped["payment_id"])


def invoices_to_pay(
    rows: pd.DataFrame, released: pd.DataFrame, *, reissue: bool
) -> tuple[pd.Series[bool], pd.DataFrame]:
    """(which invoice rows may be paid, RELEASED of each row, '' where the ledger has none).

    rows: payee_id and invoice_number. The second has columns state, run_id, execution_date, code.
    """
    known = released.loc[
        released["stream"] == _INVOICES,
        ["payee_id", "item", "state", "run_id", "execution_date", "code"],
    ].rename(columns={"item": "invoice_number"})
    found = rows[["payee_id", "invoice_number"]].merge(
        known, on=["payee_id", "invoice_number"], how="left"
    )
    found = found.fillna("").set_index(rows.index)
    wanted = np.where(reissue, found["state"] == "failed", found["state"] == "")
    return pd.Series(wanted, index=rows.index, dtype=bool), found
