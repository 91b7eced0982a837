"""Who hides behind a name or a number: a look-alike, a ghost, an account of strangers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, accounts_found, findings_of
from payroll.model.findings import Finding
from payroll.model.frames import rows_of
from payroll.model.money import euros
from payroll.model.person_names import WORD, folded, is_form, words_of
from payroll.model.streams import INVOICES
from payroll.rulebook.controls import Control

_LOOK_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "v": "u", "5": "s", "8": "b"})
_DOUBLED = re.compile(r"(.)\1+")


def holder_unlike_name(data: CheckData, control: Control) -> list[Finding]:
    """The account's holder shares no word with the payee's name."""
    staff = data.tables["employees"]
    people = [
        ("employee", staff, staff["last_name"] + " " + staff["first_name"]),
        ("practitioner", data.tables["practitioners"], data.tables["practitioners"]["name"]),
    ]
    findings: list[Finding] = []
    for kind, frame, names in people:
        given = (frame["account_holder_name"] != "").to_numpy()
        pairs = zip(frame.loc[given, "account_holder_name"], names[given], strict=True)
        unlike = [not words_of(holder) & words_of(name) for holder, name in pairs]
        rows = frame[given][np.array(unlike, dtype=bool)]
        findings += findings_of(
            data,
            control,
            rows,
            kind=kind,
            observed=rows["account_holder_name"],
            cell="account_holder_name",
        )
    return findings


def account_of_strangers(data: CheckData, control: Control) -> list[Finding]:
    """One account, payees of one kind, and two of them with neither a word nor an address alike."""
    accounts = data.of_streams(data.targets, control)
    keep = (accounts["iban"] != "") & ~accounts["iban"].isin(control.texts("official"))
    accounts = accounts[keep].drop_duplicates(["kind", "payee_id", "iban"])
    rows = accounts[accounts.duplicated(["kind", "iban"], keep=False)]
    staff = data.tables["employees"]
    staff = staff[staff["employee_id"].isin(rows["payee_id"])]
    known = {
        payee: (last, " ".join(home) if home[0] else "")
        for payee, last, *home in rows_of(
            staff, "employee_id", "last_name", "street", "building_number", "postcode"
        )
    }
    groups: dict[tuple[str, str], list[tuple[str, frozenset[str], str]]] = {}
    for kind, iban, payee, name in rows_of(rows, "kind", "iban", "payee_id", "creditor_name"):
        last, home = known.get(payee, ("", "")) if kind == "employee" else ("", "")
        groups.setdefault((kind, iban), []).append((payee, words_of(name, last), home))
    strange = {key for key, members in groups.items() if _strangers(members)}
    found = [key in strange for key in rows_of(rows, "kind", "iban")]
    rows = rows[np.array(found, dtype=bool)]
    others = [
        ", ".join(sorted({item for item, *_ in groups[kind, iban]} - {payee}))
        for kind, iban, payee in rows_of(rows, "kind", "iban", "payee_id")
    ]
    return accounts_found(data, control, rows, others=others)


def _strangers(members: Iterable[tuple[str, frozenset[str], str]]) -> bool:
    return any(
        not first & second and not (home and home == other_home)
        for (_, first, home), (_, second, other_home) in combinations(members, 2)
    )


def _skeleton(name: str) -> str:
    """What the eye takes from a company's name: letters that look alike are one, forms are gone."""
    words = [word for word in WORD.findall(folded(name)) if not is_form(word)]
    text = "".join(
        word if word.isdigit() else word.replace("rn", "m").translate(_LOOK_ALIKE) for word in words
    )
    return _DOUBLED.sub(r"\1", text)


def _nearly(skeletons: Iterable[str]) -> dict[str, set[str]]:
    """Each skeleton with those at most one letter apart (digits must agree), found by hashing."""
    groups: dict[tuple[str, str], list[str]] = {}
    for text in skeletons:
        digits = "".join(char for char in text if char.isdigit())
        holes = {text[:at] + text[at + 1 :] for at, char in enumerate(text) if not char.isdigit()}
        for hole in holes | {text}:
            groups.setdefault((digits, hole), []).append(text)
    near: dict[str, set[str]] = {}
    for members in groups.values():
        if len(members) > 1:
            for member in members:
                near.setdefault(member, set()).update(members)
    return near


def lookalike_supplier(data: CheckData, control: Control) -> list[Finding]:
    """A supplier that is paid and one whose name looks the same, on another account."""
    suppliers = data.tables["suppliers"].drop_duplicates("supplier_id")
    skeletons = [_skeleton(name) for name in suppliers["name"].tolist()]
    telling = {text for text in skeletons if len(text) >= control.whole("letters")}
    near = {text: {text} for text in telling} | _nearly(telling)
    owners: dict[str, set[tuple[str, str]]] = {}
    columns = rows_of(suppliers, "supplier_id", "iban")
    for text, owner in zip(skeletons, columns, strict=True):
        owners.setdefault(text, set()).add(owner)
    others = []
    columns = rows_of(suppliers, "supplier_id", "iban")
    for text, (payee, iban) in zip(skeletons, columns, strict=True):
        alike = {owner for like in near.get(text, ()) for owner in owners[like]}
        strange = {item for item, other in alike if item != payee and other != iban and iban}
        others.append(", ".join(sorted(strange)))
    paid = data.paid.loc[data.paid["stream"] == INVOICES.name, "payee_id"]
    found = np.array([bool(text) for text in others], dtype=bool)
    found &= suppliers["supplier_id"].isin(paid).to_numpy()
    rows = suppliers[found]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=rows["name"],
        cell="name",
        others=[text for text, keep in zip(others, found, strict=True) if keep],
    )


def shared_number(data: CheckData, control: Control) -> list[Finding]:
    """One official number (`field`), not shown, on several payees of a master list (`table`)."""
    table, field = control.text("table"), control.text("field")
    payee = f"{table[:-1]}_id"
    frame = data.tables[table].drop_duplicates(payee)
    digits = frame[field].str.replace(r"\D", "", regex=True)
    same = (digits != "") & digits.duplicated(keep=False)
    rows, digits = frame[same], digits[same]
    members: dict[str, list[str]] = {}
    for number, owner in zip(digits, rows[payee], strict=True):
        members.setdefault(number, []).append(owner)
    others = [
        ", ".join(sorted(set(members[number]) - {owner}))
        for number, owner in zip(digits, rows[payee], strict=True)
    ]
    return findings_of(
        data, control, rows, kind=table[:-1], payee=payee, observed=others, cell=field
    )


def ghost_supplier(data: CheckData, control: Control) -> list[Finding]:
    """A supplier that the bank and the ledger do not know, and paid much: held without a number.

    With one it is told where the ledger knows other suppliers, a case apart: a number is only what
    somebody typed, and a new supplier is no rare thing.
    """
    frame = data.tables["suppliers"].drop_duplicates("supplier_id")
    number = frame["enterprise_number"].where(frame["enterprise_number"] != "", frame["vat_number"])
    frame = frame.assign(number=number)
    paid = data.paid[data.paid["stream"] == INVOICES.name]
    total = paid.groupby("payee_id")["amount_cents"].sum()
    large = total[total >= control.cents("minimum")]
    bank = data.tables.bank
    before = bank.loc[bank["payee_kind"] == "supplier", "payee_id"]
    sent = data.ledger.released
    sent = sent[(sent["stream"] == INVOICES.name) & (sent["state"] == "live")]
    known = frame["supplier_id"].isin(pd.concat([before, sent["payee_id"]]))
    known |= (frame["number"] != "") & frame["enterprise_number"].isin(sent["enterprise_number"])
    asked = (frame["number"] == "") | bool(len(sent))
    rows = frame[asked & ~known & frame["supplier_id"].isin(large.index)]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=[euros(large[item]) for item in rows["supplier_id"]],
        limit=euros(control.cents("minimum")),
        level=list(np.where(rows["number"] == "", "", "new")),
        name=rows["name"],
        number=rows["number"].where(rows["number"] != "", "-"),
        cell="enterprise_number",
    )


def vat_number_unlike(data: CheckData, control: Control) -> list[Finding]:
    """A Belgian supplier whose VAT number is not its enterprise number."""
    frame = data.tables["suppliers"]
    vat = frame["vat_number"].str.replace(r"\D", "", regex=True).str.zfill(10)
    own = frame["enterprise_number"].str.replace(r"\D", "", regex=True).str.zfill(10)
    belgian = frame["vat_number"].str.strip().str.upper().str.startswith("BE")
    given = belgian & (frame["enterprise_number"] != "")
    rows = frame[given & (vat != own)]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        observed=rows["vat_number"],
        limit=rows["enterprise_number"],
        cell="vat_number",
    )


def enterprise_number_missing(data: CheckData, control: Control) -> list[Finding]:
    """A Belgian supplier to be paid, without an enterprise or VAT number."""
    frame = data.tables["suppliers"].drop_duplicates("supplier_id")
    paid = data.paid.loc[data.paid["stream"] == INVOICES.name, "payee_id"]
    belgian = frame["country"].str.strip().str.upper().isin(["", "BE"])
    bare = (frame["enterprise_number"] == "") & (frame["vat_number"] == "")
    rows = frame[belgian & bare & frame["supplier_id"].isin(paid)]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=rows["name"],
        cell="enterprise_number",
    )
