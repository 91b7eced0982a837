"""What the ledger knows of earlier runs: paid already, failed, or much like something paid."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np
import pandas as pd

from payroll.checks.bank_details import applied_changes
from payroll.checks.data import CheckData, accounts_found, findings_of, shown_ibans
from payroll.checks.duplicates import invoice_facts
from payroll.model.charset import convert
from payroll.model.findings import Finding
from payroll.model.frames import rows_of
from payroll.model.invoice_likeness import (
    INVOICE_FACTS,
    Compared,
    compared,
    like_pairs,
    same_number_pairs,
)
from payroll.model.money import euros
from payroll.model.person_names import bank_words
from payroll.model.released import KEY
from payroll.model.streams import INVOICES, payee_by_stream
from payroll.rulebook.controls import Control

_Check = Callable[[CheckData, Control], list[Finding]]


def _of_released(check: _Check) -> _Check:
    """A check against what was released: nothing to look at where nothing was."""

    @wraps(check)
    def checked(data: CheckData, control: Control) -> list[Finding]:
        return [] if data.ledger.released.empty else check(data, control)

    return checked


def _known(data: CheckData, control: Control, state: str) -> pd.DataFrame:
    """This run's payments whose key the ledger has in that state, with `_before` columns."""
    return _known_by_key(data, control, state).drop_duplicates("payment_id")


def _known_by_key(data: CheckData, control: Control, state: str) -> pd.DataFrame:
    """The same with a row per earlier payment: one may settle what several did before."""
    released = data.ledger.released
    rows = data.payment_keys.merge(released[released["state"] == state], on=list(KEY))
    if rows.empty:
        return rows
    rows = rows.drop(columns=["stream", "payee_id"])
    rows = rows.drop_duplicates(["payment_id", "end_to_end_id"])
    paid = data.of_streams(data.paid, control)
    return paid.merge(rows, on="payment_id", suffixes=("", "_before"))


def _found(
    data: CheckData, control: Control, rows: pd.DataFrame, observed: list[str], limit: list[str]
) -> list[Finding]:
    if rows.empty:
        return []
    return findings_of(
        data,
        control,
        rows,
        observed=observed,
        limit=limit,
        stream=rows["stream"],
        run=rows["run_id"],
        code=rows["code"].replace("", "-"),
    )


@_of_released
def already_released(data: CheckData, control: Control) -> list[Finding]:
    """An earlier run has released it: this one leaves it out."""
    return _not_made(data, control, "live")


@_of_released
def released_amount_differs(data: CheckData, control: Control) -> list[Finding]:
    """It was released with another amount than what is due now: a difference to settle."""
    rows = _known(data, control, "live")
    if rows.empty or data.ledger.reissue:
        return []
    rows = rows[rows["amount_cents"] != rows["amount_cents_before"]]
    if not rows.empty:  # an earlier payment may have held another stream's pay as well
        sent = data.ledger.released.groupby("end_to_end_id")["stream"].agg(set)
        paid = data.payment_keys.groupby("payment_id")["stream"].agg(set)
        pairs = rows_of(rows, "payment_id", "end_to_end_id_before")
        alike = [paid[own] == sent[before] for own, before in pairs]
        rows = rows[pd.Series(alike, rows.index, dtype="bool")]
    return _found(
        data, control, rows, _euros(rows, "amount_cents"), _euros(rows, "amount_cents_before")
    )


@_of_released
def failed_waiting(data: CheckData, control: Control) -> list[Finding]:
    """The bank rejected or returned it: left out until somebody asks to pay it again."""
    return _not_made(data, control, "failed")


def _not_made(data: CheckData, control: Control, state: str) -> list[Finding]:
    """What this run leaves out, with the amount and the day of the payment that was made."""
    if data.ledger.reissue:
        return []
    rows = _known(data, control, state)
    cents, days = _euros(rows, "amount_cents_before"), _texts(rows, "execution_date_before")
    return _found(data, control, rows, cents, days)


@_of_released
def payment_failed(data: CheckData, control: Control) -> list[Finding]:
    """To be paid again, and nothing shows that the cause is mended: same account, same name.

    A cause that data cannot mend (money, the bank's own checks, a duplicate) always asks somebody.
    """
    if not data.ledger.reissue:
        return []
    rows = _known_by_key(data, control, "failed")
    if rows.empty:
        return []
    sent = [convert(name).text for name in rows["creditor_name"].tolist()]
    renamed = pd.Series(sent, index=rows.index, dtype="str") != rows["creditor_name_before"]
    changed = (rows["iban"] != rows["iban_before"]) | renamed
    rows = rows[~(changed & (rows["mended_by"] == "data"))].drop_duplicates("payment_id")
    return _found(
        data, control, rows, _euros(rows, "amount_cents"), _texts(rows, "execution_date_before")
    )


@_of_released
def paid_under_another_number(data: CheckData, control: Control) -> list[Finding]:
    """The same month was released to this account under another number: of the same name, or one
    that no list has any more.

    A couple on one account stands on the lists under both numbers and two names; who was renumbered
    does not, and whoever was entered twice bears one name.
    """
    released = data.ledger.released
    released = released[(released["state"] == "live") & (released["period"] != "")]
    keys = ["stream", "period", "iban"]
    paid = data.of_streams(data.paid, control).merge(
        data.payment_keys[["payment_id", "period"]], on="payment_id"
    )
    rows = paid.drop(columns="execution_date").merge(
        released.drop(columns="amount_cents"), on=keys, suffixes=("", "_before")
    )
    rows = rows[rows["payee_id"] != rows["payee_id_before"]]
    present = set(rows_of(data.payment_keys, "stream", "payee_id"))
    gone = [
        (stream, before) not in present or bank_words(name) == bank_words(other)
        for stream, before, name, other in rows_of(
            rows, "stream", "payee_id_before", "creditor_name", "creditor_name_before"
        )
    ]
    rows = rows[pd.Series(gone, index=rows.index, dtype="bool")].drop_duplicates("payment_id")
    return _found(
        data, control, rows, _texts(rows, "payee_id_before"), _euros(rows, "amount_cents")
    )


@_of_released
def iban_unlike_released(data: CheckData, control: Control) -> list[Finding]:
    """The account is not one that was last released to the payee: it changed, or changed back.

    Released is what was sent, also where the bank then refused it or sent it back: that a payment
    failed is no proof of the account that somebody names in its place. What was retained for an
    office is not the payee's own; a change that an adjustment made is held by IBAN-003 already;
    what this run does not make concerns nobody.
    """
    rows = data.once(_unlike_released, data.streams(control))
    return accounts_found(
        data,
        control,
        rows,
        shown_ibans(rows["iban_last"]),
        run=rows["run_id"],
        day=rows["execution_date_last"],
    )


def _unlike_released(data: CheckData, streams: tuple[str, ...]) -> pd.DataFrame:
    keys = ["kind", "payee_id"]
    accounts = _made(data, streams).drop_duplicates([*keys, "iban"])
    rows = accounts.merge(_last_accounts(data), on=keys, suffixes=("", "_last"))
    if rows.empty:
        return rows
    targets = data.targets[data.targets["stream"].isin(streams)]
    asked_for = set(applied_changes(data, targets)["payee_id"])
    other = (rows["iban"] != rows["iban_last"]) & (rows["iban"] != "")
    rows = rows[other & ~rows["payee_id"].isin(asked_for)]
    rows = rows.sort_values(["execution_date_last", "end_to_end_id_last"], kind="stable")
    return rows.drop_duplicates([*keys, "iban"], keep="last").sort_index()


def _last_accounts(data: CheckData) -> pd.DataFrame:
    """Per payee the newest payment that stands, and each that failed since: the accounts last sent.

    In a reissue every payment that failed counts, whenever it was made: it is what is paid again.
    """
    released = data.ledger.released
    own = released[~released["item"].str.startswith(("social:", "tax:"))]
    own = own.assign(kind=own["stream"].map(payee_by_stream()).astype("str"))
    keys = ["kind", "payee_id"]
    own = own.sort_values(["execution_date", "end_to_end_id"], kind="stable")
    live = own[own["state"] == "live"].drop_duplicates(keys, keep="last")
    failed = own[own["state"] == "failed"]
    if not data.ledger.reissue:
        since = failed[keys].merge(live[[*keys, "execution_date"]], on=keys, how="left")
        later = failed["execution_date"].to_numpy() >= since["execution_date"].fillna("").to_numpy()
        failed = failed[later]
    last = pd.concat([live, failed]).drop_duplicates([*keys, "iban"], keep="last")
    return last[[*keys, "iban", "run_id", "execution_date", "end_to_end_id"]]


def _made(data: CheckData, streams: tuple[str, ...]) -> pd.DataFrame:
    """The payments that this run makes to payees themselves, with `kind`."""
    both = data.payment_keys.merge(data.ledger.released[[*KEY, "state"]], on=list(KEY), how="left")
    state = both["state"].fillna("")
    made = both[state == ("failed" if data.ledger.reissue else "")]["payment_id"]
    own = ~data.paid["payment_group"].str.startswith(("social:", "tax:"))
    own &= data.paid["stream"].isin(streams) & data.paid["payment_id"].isin(made)
    paid = data.paid[own]
    return paid.assign(kind=paid["stream"].map(payee_by_stream()).astype("str"))


@_of_released
def near_duplicate_released(data: CheckData, control: Control) -> list[Finding]:
    """An invoice that is like one that was released, whenever that was; else, shortly before, a
    payment of the same amount to the same account under another key (`account`).

    The same person's pay of another month is none; the same supplier's invoice is.
    """
    return _invoices_like_released(data, control) + _same_account_and_amount(data, control)


def _invoices_like_released(data: CheckData, control: Control) -> list[Finding]:
    own, sent, both = data.once(_sent_invoices, control.texts("official"))
    pairs = like_pairs(both, paid=True)
    found = pd.DataFrame(pairs, columns=["new", "old"]).assign(level="")
    return _invoices_found(data, control, own, sent, found)


@_of_released
def invoice_like_released(data: CheckData, control: Control) -> list[Finding]:
    """An invoice whose number is, but for its writing, one that was sent, for another amount.

    With another day as well it is `uncertain`.
    """
    own, sent, both = data.once(_sent_invoices, control.texts("official"))
    pairs, one_day = same_number_pairs(both)
    found = pd.DataFrame(pairs, columns=["new", "old"])
    found = found.assign(level=np.where(one_day, "", "uncertain"))
    return _invoices_found(data, control, own, sent, found)


def _sent_invoices(
    data: CheckData, official: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame, Compared]:
    """(invoices that this run pays, those that were sent, both as they are compared).

    Sent is also what failed and waits: under another number it would be paid twice. What a key of
    the ledger names is no news: it is left out already, or asked for.
    """
    sent = data.ledger.released
    sent = sent[sent["stream"] == INVOICES.name]
    sent = sent[~sent["item"].str.startswith(("social:", "tax:"))].reset_index(drop=True)
    keys = data.payment_keys[data.payment_keys["stream"] == INVOICES.name]
    keys = keys[["payment_id", "payee_id", "item"]].rename(
        columns={"payee_id": "supplier_id", "item": "invoice_number"}
    )
    names = ["supplier_id", "invoice_number"]
    own = data.tables["invoices"].drop_duplicates(names)
    own = own[own["amount_cents"] > 0].merge(keys, on=names)
    known = set(rows_of(sent, "payee_id", "item"))
    fresh = [pair not in known for pair in rows_of(own, *names)]
    own = own[pd.Series(fresh, own.index, dtype="bool")].reset_index(drop=True)
    facts = {
        "item": "number",
        "creditor_name": "name",
        "item_cents": "amount_cents",
        "item_day": "day",
    }
    old = sent.drop(columns="amount_cents").rename(columns=facts)
    old = old[list(INVOICE_FACTS.columns)]
    return own, sent, compared(invoice_facts(data, own), old, official)


def _invoices_found(
    data: CheckData, control: Control, own: pd.DataFrame, sent: pd.DataFrame, found: pd.DataFrame
) -> list[Finding]:
    """found: rows of own and sent that are alike (new, old), and the level."""
    found = found.sort_values(["new", "level", "old"]).drop_duplicates("new")
    rows, before = own.loc[found["new"]], sent.loc[found["old"]]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=[euros(cents) for cents in rows["amount_cents"]],
        limit=before["execution_date"],
        level=found["level"],
        run=before["run_id"],
        number=rows["invoice_number"],
        before=before["payee_id"] + " " + before["item"],
        cell="invoice_number",
    )


def _same_account_and_amount(data: CheckData, control: Control) -> list[Finding]:
    released = data.ledger.released
    released = released[released["state"] == "live"].drop_duplicates("end_to_end_id")
    released = released[~released["iban"].isin(control.texts("official"))]
    paid = data.of_streams(data.paid, control)
    paid = paid[paid["amount_cents"] >= control.cents("minimum")]
    keys = ["iban", "amount_cents"]
    if released.empty or paid.empty:
        return []
    rows = paid.drop(columns="execution_date").merge(
        released.drop(columns="creditor_name"), on=keys, suffixes=("", "_before")
    )
    own = data.payment_keys.merge(data.ledger.released[[*KEY]], on=list(KEY))["payment_id"]
    monthly = (
        (rows["stream"] == rows["stream_before"])
        & (rows["payee_id"] == rows["payee_id_before"])
        & (rows["period"] != "")
    )
    rows = rows[~monthly & ~rows["payment_id"].isin(own)]
    days = [
        abs((data.pay_on(stream) - day.date()).days)
        for stream, day in zip(rows["stream"], pd.to_datetime(rows["execution_date"]), strict=True)
    ]
    near = pd.Series(days, index=rows.index, dtype="int64") <= control.whole("days")
    rows = rows[near].drop_duplicates(["stream", "payee_id", "payment_id"])
    if rows.empty:
        return []
    return findings_of(
        data,
        control,
        rows,
        observed=_euros(rows, "amount_cents"),
        limit=rows["execution_date"],
        stream=rows["stream"],
        run=rows["run_id"],
        number=rows["payment_group"].replace("", "-"),
        before=rows["payee_id_before"] + " " + rows["item"],
        level="account",
    )


def _euros(rows: pd.DataFrame, name: str) -> list[str]:
    return [euros(cents) for cents in rows[name].tolist()] if len(rows) else []


def _texts(rows: pd.DataFrame, name: str) -> list[str]:
    return [str(item) for item in rows[name].tolist()] if len(rows) else []
