"""Paid twice, under the same key or a slightly different one."""

from __future__ import annotations

import re
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from payroll.checks.data import CheckData, findings_of
from payroll.model.findings import Finding
from payroll.model.money import euros
from payroll.model.streams import INVOICES
from payroll.model.tables import PAYEE_FIELD
from payroll.rulebook.controls import Control


def duplicate_lines(data: CheckData, control: Control) -> list[Finding]:
    """The same component, earning month and amount twice for one payee, not from an adjustment."""
    lines = data.of_streams(data.rebuilt.lines, control)
    lines = lines[(lines["basis"] != "adjusted") & (lines["amount_cents"] != 0)]
    key = ["stream", "payee_id", "component", "earning_period", "amount_cents"]
    rows = lines[lines.duplicated(key)]
    return findings_of(
        data,
        control,
        rows,
        observed=[euros(cents) for cents in rows["amount_cents"]],
        limit=rows["earning_period"],
        stream=rows["stream"],
        component=rows["component"],
    )


def duplicate_rows(data: CheckData, control: Control) -> list[Finding]:
    """Two rows of a source with the same key (`table`, `key` columns).

    A control on one stream holds that stream alone: hours that stand twice are no reason to keep
    back a salary.
    """
    table = control.text("table")
    frame = data.tables[table]
    rows = frame[frame.duplicated(list(control.texts("key")))]
    payee = PAYEE_FIELD[table]
    return findings_of(
        data,
        control,
        rows,
        kind=control.text("payee"),
        payee=payee,
        observed=table,
        cell=control.text("cell"),
        stream=control.streams[0] if len(control.streams) == 1 else "",
    )


def same_iban_amount(data: CheckData, control: Control) -> list[Finding]:
    """Two payments of this run with the same account and the same amount, whoever the payee."""
    paid = data.of_streams(data.paid, control)
    floor = control.cents("minimum")
    official = paid["iban"].isin(control.texts("official"))
    paid = paid[(paid["iban"] != "") & ~official & (paid["amount_cents"] >= floor)]
    rows = paid[paid.duplicated(["iban", "amount_cents"], keep=False)]
    return findings_of(
        data,
        control,
        rows,
        observed=[euros(cents) for cents in rows["amount_cents"]],
        stream=rows["stream"],
        cell="iban",
    )


def normalised_number(number: str) -> str:
    """An invoice number without case, punctuation, leading zeros, and with O read as 0."""
    text = number.upper().replace("O", "0")
    text = re.sub(r"(?<!\d)0+(?=\d)", "", text)
    text = re.sub(r"[\W_]+", "", text)
    return re.sub(r"(?<!\d)0+(?=\d)", "", text)


def one_edit_apart(left: str, right: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours separates two texts."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    begin = 0
    while begin < min(len(left), len(right)) and left[begin] == right[begin]:
        begin += 1
    a, b = left[begin:], right[begin:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _open_invoices(data: CheckData) -> pd.DataFrame:
    frame = data.tables["invoices"]
    frame = frame[(frame["amount_cents"] > 0) & ~frame["blocked"]]
    known = {number: normalised_number(number) for number in frame["invoice_number"].unique()}
    return frame.assign(normal=frame["invoice_number"].map(known).astype("str"))


def near_duplicate_invoice(data: CheckData, control: Control) -> list[Finding]:
    """One supplier, nearly the same number: equal once normalised; the same digits for the same
    amount; or one edit apart for the same amount and date. Equal numbers with another amount and
    date are `uncertain`.
    """
    # the very same number twice is said by the rebuild already, which pays the first only
    frame = _open_invoices(data).drop_duplicates(["supplier_id", "invoice_number"])
    pairs: dict[int, tuple[int, bool]] = {}
    for key in (["supplier_id", "normal"], ["supplier_id", "amount_cents"]):
        for group in _groups(frame[frame.duplicated(key, keep=False)], key):
            for first, second in combinations(group, 2):
                certain = _twice(first, second)
                if certain is not None and not pairs.get(second.row, (0, False))[1]:
                    pairs[second.row] = (first.row, certain)
    rows = frame.loc[list(pairs)]
    other = frame.loc[[first for first, _ in pairs.values()]]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=rows["invoice_number"],
        limit=other["invoice_number"],
        level=["" if certain else "uncertain" for _, certain in pairs.values()],
        other_source=other["source"],
        cell="invoice_number",
    )


class _Invoice(NamedTuple):
    row: int
    number: str
    cents: int
    day: str


def _groups(suspects: pd.DataFrame, key: list[str]) -> list[list[_Invoice]]:
    """The invoices that agree in a key, group by group (only the suspects, not everything)."""
    groups: dict[tuple[object, ...], list[_Invoice]] = {}
    keys = zip(*(suspects[name] for name in key), strict=True)
    for group, row, number, cents, day in zip(
        keys,
        suspects.index,
        suspects["normal"],
        suspects["amount_cents"],
        suspects["invoice_date"],
        strict=True,
    ):
        groups.setdefault(group, []).append(_Invoice(int(row), number, int(cents), str(day)))
    return list(groups.values())


def _twice(first: _Invoice, second: _Invoice) -> bool | None:
    """True: one invoice twice. False: the same number, otherwise different. None: two invoices."""
    money, day = first.cents == second.cents, first.day == second.day
    if first.number == second.number:
        return money or day
    if money and _digits(first.number) == _digits(second.number) != "":
        return True  # F2022001 and 2022001: a prefix added when it was typed again
    return True if money and day and one_edit_apart(first.number, second.number) else None


def _digits(number: str) -> str:
    return "".join(char for char in number if char.isdigit()).lstrip("0")


def invoice_across_suppliers(data: CheckData, control: Control) -> list[Finding]:
    """The same number and amount from two suppliers that share an account."""
    suppliers = data.tables["suppliers"].drop_duplicates("supplier_id")
    accounts = suppliers[["supplier_id", "iban"]]
    frame = _open_invoices(data).merge(accounts, on="supplier_id")
    key = ["iban", "normal", "amount_cents"]
    frame = frame[frame["iban"] != ""].drop_duplicates(["supplier_id", *key])
    rows = frame[frame.duplicated(key, keep=False)]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=rows["invoice_number"],
        cell="invoice_number",
    )
