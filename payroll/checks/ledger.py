"""What the ledger knows of earlier runs: paid already, failed, or much like something paid."""

from __future__ import annotations

import pandas as pd

from payroll.checks.data import CheckData, findings_of
from payroll.checks.duplicates import normalised_number
from payroll.model.charset import convert
from payroll.model.findings import PAYEE_KIND_OF_STREAM, Finding
from payroll.model.money import euros
from payroll.model.released import KEY
from payroll.rulebook.controls import Control


def _known(data: CheckData, control: Control, state: str) -> pd.DataFrame:
    """This run's payments whose key the ledger has in that state, with `_before` columns."""
    return _known_by_key(data, control, state).drop_duplicates("payment_id")


def _known_by_key(data: CheckData, control: Control, state: str) -> pd.DataFrame:
    """The same with a row per earlier payment: one may settle what several did before."""
    released = data.known.released
    rows = data.claims.merge(released[released["state"] == state], on=list(KEY))
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
        data, control, rows, kind=rows["stream"].map(PAYEE_KIND_OF_STREAM), payee="payee_id",
        observed=observed, limit=limit, stream=rows["stream"], run=rows["run_id"],
        code=rows["code"].replace("", "-"),
    )  # fmt: skip


def already_released(data: CheckData, control: Control) -> list[Finding]:
    """An earlier run has released it: this one leaves it out."""
    if data.known.reissue:
        return []
    rows = _known(data, control, "live")
    return _found(
        data,
        control,
        rows,
        _euros(rows, "amount_cents_before"),
        _texts(rows, "execution_date_before"),
    )  # fmt: skip


def released_amount_differs(data: CheckData, control: Control) -> list[Finding]:
    """It was released with another amount than what is due now: a difference to settle."""
    rows = _known(data, control, "live")
    if rows.empty or data.known.reissue:
        return []
    rows = rows[rows["amount_cents"] != rows["amount_cents_before"]]
    return _found(
        data, control, rows, _euros(rows, "amount_cents"), _euros(rows, "amount_cents_before")
    )


def failed_waiting(data: CheckData, control: Control) -> list[Finding]:
    """The bank rejected or returned it: left out until somebody asks to pay it again."""
    if data.known.reissue:
        return []
    rows = _known(data, control, "failed")
    return _found(
        data,
        control,
        rows,
        _euros(rows, "amount_cents_before"),
        _texts(rows, "execution_date_before"),
    )  # fmt: skip


def payment_failed(data: CheckData, control: Control) -> list[Finding]:
    """To be paid again, and nothing shows that the cause is mended: same account, same name.

    A cause that data cannot mend (money, the bank's own checks, a duplicate) always asks somebody.
    """
    if not data.known.reissue:
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


def near_duplicate_released(data: CheckData, control: Control) -> list[Finding]:
    """The account and the amount of a payment released shortly before, under another key.

    The same person's pay of another month is none; the same supplier's invoice is.
    """
    released = data.known.released
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
    own = data.claims.merge(data.known.released[[*KEY]], on=list(KEY))["payment_id"]
    monthly = (
        (rows["stream"] == rows["stream_before"])
        & (rows["payee_id"] == rows["payee_id_before"])
        & (rows["stream"] != "invoices")
    )
    rows = rows[~monthly & ~rows["payment_id"].isin(own)]
    days = [abs((data.pay_on(stream) - day.date()).days) for stream, day in zip(
        rows["stream"], pd.to_datetime(rows["execution_date"]), strict=True
    )]  # fmt: skip
    near = pd.Series(days, index=rows.index, dtype="int64") <= control.whole("days")
    rows = rows[near].drop_duplicates(["stream", "payee_id", "payment_id"])
    return _found(data, control, rows, _euros(rows, "amount_cents"), _texts(rows, "execution_date"))


def invoice_like_released(data: CheckData, control: Control) -> list[Finding]:
    """An invoice whose number is, but for its writing, one that was released to the supplier."""
    released = data.known.released
    released = released[(released["stream"] == "invoices") & (released["state"] == "live")]
    claims = data.claims[data.claims["stream"] == "invoices"]
    if released.empty or claims.empty:
        return []
    numbers = [
        frame.assign(like=[normalised_number(item) for item in frame["item"].tolist()])
        for frame in (claims, released)
    ]
    both = numbers[0].merge(
        numbers[1][["payee_id", "like", "item", "run_id", "code"]], on=["payee_id", "like"],
        suffixes=("", "_before"),
    )  # fmt: skip
    both = both[both["item"] != both["item_before"]].drop_duplicates(["payee_id", "item"])
    rows = data.of_streams(data.paid, control).merge(
        both[["payment_id", "item", "item_before", "run_id", "code"]], on="payment_id"
    )
    return _found(data, control, rows, _texts(rows, "item"), _texts(rows, "item_before"))


def _euros(rows: pd.DataFrame, name: str) -> list[str]:
    return [euros(cents) for cents in rows[name].tolist()] if len(rows) else []


def _texts(rows: pd.DataFrame, name: str) -> list[str]:
    return [str(item) for item in rows[name].tolist()] if len(rows) else []
