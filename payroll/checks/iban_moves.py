"""Accounts that moved since the last payment, seen together: one new account is a mistake or a
marriage, twenty are an attack.
"""

from __future__ import annotations

import pandas as pd

from payroll.checks.bank_details import accounts_before
from payroll.checks.data import CheckData, accounts_found, accounts_of, run_finding, shown_ibans
from payroll.model.findings import Finding
from payroll.rulebook.controls import Control

_KEYS = ["kind", "payee_id"]


def _moves(data: CheckData, control: Control) -> pd.DataFrame:
    """Who is paid on another account than before (`accounts_before`), with `last`."""
    return data.once(_moves_in, data.streams(control))


def _moves_in(data: CheckData, streams: tuple[str, ...]) -> pd.DataFrame:
    both = data.once(accounts_of, streams).merge(data.once(accounts_before), on=_KEYS)
    moved = (both["iban"] != "") & (both["last"] != "") & (both["iban"] != both["last"])
    return both[moved]


def many_iban_changes(data: CheckData, control: Control) -> list[Finding]:
    """More accounts moved in one month than people move: warn, then block."""
    moved = len(_moves(data, control).drop_duplicates(_KEYS))
    payees = len(data.of_streams(data.targets, control).drop_duplicates(_KEYS))
    if moved < control.whole("minimum"):
        return []
    for level in ("block", "warn"):
        if moved * 10_000 > payees * int(control.decimal(f"{level}_percent") * 100):
            return [run_finding(control, observed=str(moved), limit=str(payees), level=level)]
    return []


def moved_together(data: CheckData, control: Control) -> list[Finding]:
    """Several payees moved to one and the same new account."""
    moves = _moves(data, control).drop_duplicates([*_KEYS, "iban"])
    rows = moves[moves.duplicated("iban", keep=False)]
    count = rows.groupby("iban")["payee_id"].transform("count")
    numbers = [str(number) for number in count]
    return accounts_found(data, control, rows, numbers, last=shown_ibans(rows["last"]))


def moved_to_one_bank(data: CheckData, control: Control) -> list[Finding]:
    """Most of the accounts that moved went to one bank (the bank code of a Belgian account)."""
    moves = _moves(data, control).drop_duplicates(_KEYS)
    banks = moves["iban"].str[:2] + moves["iban"].str[4:7]
    counts = banks.map(banks.value_counts()).astype("int64")
    enough = counts >= control.whole("minimum")
    rows = moves[enough & (counts * 100 > len(moves) * control.whole("percent"))]
    numbers = [str(counts[row]) for row in rows.index]
    return accounts_found(data, control, rows, numbers, last=shown_ibans(rows["last"]))


def moved_abroad(data: CheckData, control: Control) -> list[Finding]:
    """The new account lies in another country than the one paid before."""
    moves = _moves(data, control).drop_duplicates([*_KEYS, "iban"])
    rows = moves[moves["iban"].str[:2] != moves["last"].str[:2]]
    return accounts_found(data, control, rows, shown_ibans(rows["last"]))


def iban_country_unlike(data: CheckData, control: Control) -> list[Finding]:
    """A supplier's account in another country than the supplier; a doctor's outside Belgium."""
    suppliers = data.tables["suppliers"].rename(columns={"supplier_id": "payee_id"})
    belgian = (suppliers["country"] == "") & (suppliers["enterprise_number"] != "")
    home = suppliers["country"].str.strip().str.upper().mask(belgian, "BE")
    doctors = data.tables["practitioners"].rename(columns={"practitioner_id": "payee_id"})
    home_of_doctors = pd.Series("BE", doctors.index, dtype="str")
    frame = pd.concat(
        [
            suppliers.assign(kind="supplier", home=home)[[*_KEYS, "home"]],
            doctors.assign(kind="practitioner", home=home_of_doctors)[[*_KEYS, "home"]],
        ]
    ).drop_duplicates(_KEYS)
    accounts = data.accounts(control)
    rows = accounts.merge(frame, on=_KEYS)
    country = rows["iban"].str[:2]
    rows = rows[(rows["home"].str.len() == 2) & (country != "") & (country != rows["home"])]
    return accounts_found(data, control, rows, rows["home"].tolist())
