"""Invoices: amounts, days and references that an invoice clerk would stop at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, findings_of, run_finding
from payroll.model.findings import Finding
from payroll.model.frames import iso_days, rows_of
from payroll.model.money import euros
from payroll.model.streams import INVOICES
from payroll.rulebook.controls import Control


def _open(data: CheckData) -> pd.DataFrame:
    frame = data.tables["invoices"]
    return frame[(frame["amount_cents"] > 0) & ~frame["blocked"]]


def _found(
    data: CheckData, control: Control, rows: pd.DataFrame, *, cell: str, **texts: object
) -> list[Finding]:
    given = {"observed": [euros(cents) for cents in rows["amount_cents"]], **texts}
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        cell=cell,
        invoice=rows["invoice_number"],
        **given,  # type: ignore[arg-type]
    )


def vat_implausible(data: CheckData, control: Control) -> list[Finding]:
    """With VAT less than without, or more than the highest rate allows: `near`, or far out."""
    frame = data.tables["invoices"]
    frame = frame[frame["amount_excl_vat_given"] & ~frame["blocked"]]
    with_vat, without = frame["amount_cents"], frame["amount_excl_vat_cents"]
    turned = with_vat * without.clip(-1, 1) < 0
    with_vat, without = with_vat.abs(), without.abs()
    slack = control.cents("tolerance")
    most = without * (100 + control.whole("highest_rate")) // 100
    wrong = (with_vat > most + slack) | (with_vat < without - slack) | turned
    factor = control.whole("far_factor")
    far = turned | (with_vat > without * factor) | (with_vat * factor < without)
    rows = frame[wrong]
    return _found(
        data,
        control,
        rows,
        cell="amount",
        limit=[euros(cents) for cents in rows["amount_excl_vat_cents"]],
        level=list(np.where(far[wrong], "", "near")),
    )


def _without_vat(frame: pd.DataFrame) -> pd.Series[int]:
    return frame["amount_excl_vat_cents"].where(
        frame["amount_excl_vat_given"], frame["amount_cents"]
    )


def just_under_limit(data: CheckData, control: Control) -> list[Finding]:
    """An invoice (without VAT) that stays just below a limit of competence."""
    frame, limit = data.once(_open), control.cents("limit")
    net = _without_vat(frame)
    near = (net < limit) & (net * 100 >= limit * (100 - control.whole("within_percent")))
    return _found(data, control, frame[near], cell="amount", limit=euros(limit))


def split_under_limit(data: CheckData, control: Control) -> list[Finding]:
    """Invoices of one supplier within some days, each below a limit, together above it."""
    frame, limit = data.once(_open), control.cents("limit")
    frame = frame.assign(net=_without_vat(frame))
    frame = frame[(frame["net"] < limit) & frame["invoice_date"].notna()]
    total = frame.groupby("supplier_id")["net"].transform("sum")
    frame = frame[total >= limit].sort_values(["supplier_id", "invoice_date"])
    span = np.timedelta64(control.whole("days"), "D")
    chosen: set[int] = set()
    for _, group in frame.groupby("supplier_id"):  # only suppliers whose sum passes the limit
        days, sums = group["invoice_date"].to_numpy(), group["net"].to_numpy().cumsum()
        last = np.searchsorted(days, days + span, side="right") - 1
        window = sums[last] - sums + group["net"].to_numpy()
        for begin in np.flatnonzero((window >= limit) & (last > np.arange(len(days)))):
            chosen.update(group.index[begin : last[begin] + 1])
    rows = frame[frame.index.isin(chosen)]
    return _found(data, control, rows, cell="amount", limit=euros(limit))


def same_amount_within_days(data: CheckData, control: Control) -> list[Finding]:
    """Two invoices of one supplier with the same amount within some days, under other numbers."""
    key = ["supplier_id", "amount_cents"]
    frame = data.once(_open).drop_duplicates(["supplier_id", "invoice_number"])
    frame = frame[frame["amount_cents"] >= control.cents("minimum")]
    frame = frame.sort_values([*key, "invoice_date"], kind="stable")
    since = frame.groupby(key)["invoice_date"].diff()
    near = since <= pd.Timedelta(days=control.whole("days"))
    before = near.groupby([frame[name] for name in key]).shift(-1, fill_value=False)
    rows = frame[near | before.astype("bool")].sort_index()
    return _found(data, control, rows, cell="amount", limit=iso_days(rows["invoice_date"]))


def first_invoice_large(data: CheckData, control: Control) -> list[Finding]:
    """The only open invoice of a supplier, with a number like 1, and large: a new supplier?"""
    frame = data.once(_open)
    alone = ~frame.duplicated("supplier_id", keep=False)
    rows = frame[alone & (frame["amount_cents"] >= control.cents("minimum"))]
    number = rows["invoice_number"].str.extract(r"(\d+)\D*$")[0].fillna("999999")
    rows = rows[number.str[-6:].astype("int64") <= control.whole("number")]
    return _found(data, control, rows, cell="amount", limit=euros(control.cents("minimum")))


def credit_note_older(data: CheckData, control: Control) -> list[Finding]:
    """A credit note dated before every open invoice of its supplier: of what is it a correction?"""
    frame = data.tables["invoices"]
    frame = frame[~frame["blocked"]]
    first = frame[frame["amount_cents"] > 0].groupby("supplier_id")["invoice_date"].min()
    notes = frame[frame["amount_cents"] < 0]
    earliest = first.reindex(notes["supplier_id"]).to_numpy()  # days, also of nobody
    rows = notes[notes["invoice_date"].to_numpy() < earliest]
    return _found(data, control, rows, cell="invoice_date", limit=iso_days(rows["invoice_date"]))


def credit_note_positive(data: CheckData, control: Control) -> list[Finding]:
    """A number that names a credit note, with an amount above zero: the sign was lost."""
    frame = data.once(_open)
    words = "|".join(control.texts("prefixes"))
    named = frame["invoice_number"].str.match(rf"\s*(?:{words})(?![a-z])", case=False)
    return _found(data, control, frame[named], cell="amount")


def invoice_too_old(data: CheckData, control: Control) -> list[Finding]:
    """Open, and dated so long ago that it may be paid, disputed or prescribed."""
    frame = data.once(_open)
    begin = pd.Timestamp(data.created_at.date()) - pd.Timedelta(days=control.whole("days"))
    rows = frame[frame["invoice_date"] < begin]
    return _found(data, control, rows, cell="invoice_date", limit=iso_days(rows["invoice_date"]))


def invoices_on_sunday(data: CheckData, control: Control) -> list[Finding]:
    """How many open invoices bear the date of a Sunday: said once, it proves nothing."""
    frame = data.once(_open)
    count = int((frame["invoice_date"].dt.day_of_week == 6).sum())
    if not count or count * 100 < len(frame) * control.whole("percent"):
        return []
    return [run_finding(control, observed=str(count), limit=str(len(frame)), stream=INVOICES.name)]


def reference_across(data: CheckData, control: Control) -> list[Finding]:
    """One structured reference on the invoices of two suppliers: one of them was copied."""
    frame = data.once(_open)
    digits = frame["reference"].str.replace(r"\D", "", regex=True)
    frame = frame.assign(digits=digits)[digits.str.len() >= control.whole("digits")]
    owners = frame.drop_duplicates(["digits", "supplier_id"])
    several = owners.loc[owners.duplicated("digits"), "digits"]
    rows = frame[frame["digits"].isin(several)]
    members: dict[str, set[str]] = {}
    for number, owner in rows_of(rows, "digits", "supplier_id"):
        members.setdefault(number, set()).add(owner)
    others = [
        ", ".join(sorted(members[number] - {owner}))
        for number, owner in rows_of(rows, "digits", "supplier_id")
    ]
    return _found(data, control, rows, cell="reference", observed=rows["reference"], others=others)
