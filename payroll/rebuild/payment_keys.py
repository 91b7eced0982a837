"""Which keys the payments of a run claim, and what of a month the ledger leaves to be paid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from payroll.model.components import HOLIDAY_PAY, HOLIDAY_PAY_LEAVING
from payroll.model.frames import TEXT, rows_of
from payroll.model.order import PayrunOrder
from payroll.model.released import KEY, PAYMENT_KEYS
from payroll.model.streams import HOLIDAY_PAY as OF_HOLIDAYS
from payroll.model.streams import INVOICES, STREAMS, paid_by_item
from payroll.model.tables import SourceTables

_GROUP = ["stream", "payee_id", "payment_group"]
_RETAINED = ("social:", "tax:")


def periods(order: PayrunOrder) -> dict[str, tuple[str, ...]]:
    """Stream that is run -> the earning periods of its keys: '' where an item is paid once, ever,
    years where a year is, else the month.
    """
    years = (str(order.reference_year), str(order.period.year))
    found: dict[str, tuple[str, ...]] = {}
    for name in order.streams:
        month = "" if STREAMS[name].items is not None else str(order.earned(name))
        found[name] = years if STREAMS[name].yearly else (month,)
    return found


def has_failed(released: pd.DataFrame, earned: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether anything of a run's own streams and periods failed and may be paid again.

    released: RELEASED, where what failed in other months stands too. earned: see `periods`.
    """
    failed = released[released["state"] == "failed"]
    asked = {(stream, period) for stream, of in earned.items() for period in of}
    return not asked.isdisjoint(rows_of(failed, "stream", "period"))


def payment_keys(
    lines: pd.DataFrame, payments: pd.DataFrame, tables: SourceTables, order: PayrunOrder
) -> pd.DataFrame:
    """PAYMENT_KEYS of PAYMENTS: one key per payment, or one per item (invoice) that it settles.

    What is retained of an invoice for an office is its own key (`social:<invoice number>`). Holiday
    pay has a key per year in which it was earned, in whatever payment it goes.
    """
    own = payments[[*_GROUP, "payment_id"]]
    of_items = own["stream"].isin(paid_by_item())
    yearly = own["stream"].isin([name for name, stream in STREAMS.items() if stream.yearly])
    retained = own["payment_group"].str.startswith(_RETAINED)
    # before rows are chosen: what is assigned to a frame without rows gives it rows
    single = own.assign(
        period=own["stream"].map(_months(order)).astype("str"), item=own["payment_group"]
    )[(~of_items | retained) & ~yearly]
    parts = [single, *(_settled(lines, own, tables, name) for name in paid_by_item())]
    parts.append(_of_years(lines, own, order))
    parts = [part[list(PAYMENT_KEYS.columns)] for part in parts if len(part)]
    return (
        PAYMENT_KEYS.conform(pd.concat(parts, ignore_index=True)) if parts else PAYMENT_KEYS.empty()
    )


def _months(order: PayrunOrder) -> dict[str, str]:
    return {name: found[0] for name, found in periods(order).items()}


def _of_years(lines: pd.DataFrame, own: pd.DataFrame, order: PayrunOrder) -> pd.DataFrame:
    """PAYMENT_KEYS of holiday pay: one for each year that a payment pays it for."""
    years = {HOLIDAY_PAY: str(order.reference_year), HOLIDAY_PAY_LEAVING: str(order.period.year)}
    rows = lines[lines["component"].isin(list(years))]
    rows = rows[[*_GROUP, "component"]].merge(own, on=_GROUP)
    rows = rows.assign(
        stream=pd.Series(OF_HOLIDAYS.name, rows.index, dtype=TEXT),
        period=rows["component"].map(years).astype("str"),
        item=pd.Series("", rows.index, dtype=TEXT),
    )
    return rows.drop_duplicates(["payment_id", "period"])


def _settled(
    lines: pd.DataFrame, own: pd.DataFrame, tables: SourceTables, stream: str
) -> pd.DataFrame:
    """PAYMENT_KEYS of a stream that pays items: one for each that a payment settles."""
    items = STREAMS[stream].items
    if items is None:
        return PAYMENT_KEYS.empty()
    rows = lines[(lines["stream"] == stream) & lines["component"].isin(items.components)]
    rows = rows[[*_GROUP, "source"]].merge(own, on=_GROUP)
    names = tables[items.source_kind][["source", items.named_by]].drop_duplicates("source")
    rows = rows.merge(names, on="source").rename(columns={items.named_by: "item"})
    return rows.assign(period=pd.Series("", index=rows.index, dtype=TEXT))


def not_made(
    payments: pd.DataFrame, keys: pd.DataFrame, released: pd.DataFrame, *, reissue: bool
) -> pd.Series[str]:
    """Why this run does not make a payment, '' for those that it makes.

    `already_paid`: an earlier run has paid a key of it. `awaiting_reissue`: it failed and waits for
    a reissue; in a reissue, where only payments whose every key failed are made, it was never
    released.
    """
    both = keys.merge(released[[*KEY, "state"]], on=list(KEY), how="left")
    state = both["state"].fillna("")
    stopped = both[state != "failed"] if reissue else both[state != ""]
    ids = payments["payment_id"]
    why = np.where(ids.isin(stopped["payment_id"]), "awaiting_reissue", "")
    why = np.where(ids.isin(both.loc[state == "live", "payment_id"]), "already_paid", why)
    return pd.Series(why, index=payments.index, dtype=TEXT)


def invoices_to_pay(
    rows: pd.DataFrame, released: pd.DataFrame, *, reissue: bool
) -> tuple[pd.Series[bool], pd.DataFrame, pd.DataFrame]:
    """(which invoice rows may be paid, RELEASED of each row, RELEASED of what failed of the rest).

    rows: payee_id and invoice_number. The frames have columns state, run_id, execution_date, code
    and amount_cents, '' and 0 where the ledger has none; the second tells of the invoice itself,
    the third of a failed payment of what was retained of it for an office.
    """
    invoices = released[released["stream"] == INVOICES.name]
    failed = invoices[invoices["state"] == "failed"]
    retained = failed[failed["item"].str.startswith(_RETAINED)]
    retained = retained.assign(item=retained["item"].str.split(":", n=1).str[1].astype("str"))
    own = _of_rows(rows, invoices)
    back = _of_rows(rows, retained.drop_duplicates(["payee_id", "item"]))
    again = (own["state"] == "failed") | (back["state"] == "failed")
    return again if reissue else own["state"] == "", own, back


def _of_rows(rows: pd.DataFrame, released: pd.DataFrame) -> pd.DataFrame:
    columns = ["state", "run_id", "execution_date", "code", "amount_cents"]
    of_item = released[["payee_id", "item", *columns]].rename(columns={"item": "invoice_number"})
    found = rows[["payee_id", "invoice_number"]].merge(
        of_item, on=["payee_id", "invoice_number"], how="left"
    )
    cents = found["amount_cents"].astype("Int64").fillna(0).astype("int64")
    texts = found[columns[:-1]].fillna("")
    return texts.assign(amount_cents=cents).set_index(rows.index)
