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
_RETAINED = ("social:", "tax:")


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
    retained = own["payment_group"].str.startswith(_RETAINED)
    # before rows are chosen: what is assigned to a frame without rows gives it rows
    single = own.assign(
        period=own["stream"].map(periods(order)).astype("str"), item=own["payment_group"]
    )[~of_invoices | retained]
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


def not_made(
    payments: pd.DataFrame, claims: pd.DataFrame, released: pd.DataFrame, *, reissue: bool
) -> pd.Series[str]:
    """Why this run does not make a payment, '' for those that it makes.

    `released`: an earlier run has paid a key of it. `aside`: it failed and waits for a reissue;
    in a reissue, where only payments whose every key failed are made, it was never released.
    """
    known = claims.merge(released[[*KEY, "state"]], on=list(KEY), how="left")
    state = known["state"].fillna("")
    stopped = known[state != "failed"] if reissue else known[state != ""]
    ids = payments["payment_id"]
    why = np.where(ids.isin(stopped["payment_id"]), "aside", "")
    why = np.where(ids.isin(known.loc[state == "live", "payment_id"]), "released", why)
    return pd.Series(why, index=payments.index, dtype=TEXT)


def invoices_to_pay(
    rows: pd.DataFrame, released: pd.DataFrame, *, reissue: bool
) -> tuple[pd.Series[bool], pd.DataFrame, pd.DataFrame]:
    """(which invoice rows may be paid, RELEASED of each row, RELEASED of what failed of the rest).

    rows: payee_id and invoice_number. The frames have columns state, run_id, execution_date, code
    and amount_cents, '' and 0 where the ledger has none; the second tells of the invoice itself,
    the third of a failed payment of what was retained of it for an office.
    """
    invoices = released[released["stream"] == _INVOICES]
    failed = invoices[invoices["state"] == "failed"]
    retained = failed[failed["item"].str.startswith(_RETAINED)]
    retained = retained.assign(item=retained["item"].str.split(":", n=1).str[1].astype("str"))
    own = _of_rows(rows, invoices)
    back = _of_rows(rows, retained.drop_duplicates(["payee_id", "item"]))
    again = (own["state"] == "failed") | (back["state"] == "failed")
    return again if reissue else own["state"] == "", own, back


def _of_rows(rows: pd.DataFrame, released: pd.DataFrame) -> pd.DataFrame:
    columns = ["state", "run_id", "execution_date", "code", "amount_cents"]
    known = released[["payee_id", "item", *columns]].rename(columns={"item": "invoice_number"})
    found = rows[["payee_id", "invoice_number"]].merge(
        known, on=["payee_id", "invoice_number"], how="left"
    )
    cents = found["amount_cents"].astype("Int64").fillna(0).astype("int64")
    texts = found[columns[:-1]].fillna("")
    return texts.assign(amount_cents=cents).set_index(rows.index)
