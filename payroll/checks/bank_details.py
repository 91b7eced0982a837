"""Accounts: whose, valid, unchanged, reachable in SEPA, and never our own."""

from __future__ import annotations

import unicodedata

import pandas as pd

from payroll.checks.data import (
    CheckData,
    accounts_found,
    accounts_of,
    cannot_evaluate,
    findings_of,
    run_finding,
    shown_ibans,
    source_missing,
)
from payroll.model.findings import Finding
from payroll.model.identifiers import iban_problems
from payroll.model.streams import payee_by_stream
from payroll.rulebook.controls import Control


def iban_invalid(data: CheckData, control: Control) -> list[Finding]:
    """An account whose form or check digits are wrong (also the Belgian ones inside the BBAN)."""
    accounts = data.accounts(control)
    problems = pd.Series(
        iban_problems(accounts["iban"].tolist()), index=accounts.index, dtype="str"
    )
    wrong = ~problems.isin(["", "missing"])
    return accounts_found(data, control, accounts[wrong], problems[wrong])


def iban_missing(data: CheckData, control: Control) -> list[Finding]:
    """A payee without an account."""
    accounts = data.accounts(control)
    return accounts_found(data, control, accounts[accounts["iban"] == ""])


def iban_changed(data: CheckData, control: Control) -> list[Finding]:
    """The account differs from the one paid last month, or an adjustment changed it.

    An adjustment that the rebuild applied is named in the account's source; one that it did not
    apply changed nothing, and is the rebuild's to say.
    """
    asked, staff = data.once(_asked_and_staff, data.streams(control))
    findings = accounts_found(data, control, asked, shown_ibans(asked["before"]))
    register = data.register
    if register.empty:
        return findings
    if (register["iban"] == "").all():
        return findings + (source_missing(control, "register_totals.iban") if len(staff) else [])
    both = staff[staff["listed"]]
    unknown = both["last"] == ""
    changed = both[~unknown & (both["iban"] != "") & (both["iban"] != both["last"])]
    findings += accounts_found(data, control, changed, shown_ibans(changed["last"]))
    return findings + cannot_evaluate(data, control, both[unknown], kind="employee", cell="iban")


def _asked_and_staff(
    data: CheckData, streams: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(accounts that an adjustment made, with the one `before`; those of the staff otherwise, with
    the register's `last`, '' = none, and whether the register has them: `listed`).
    """
    accounts = data.once(accounts_of, streams)
    asked = applied_changes(data, accounts)
    before = asked.merge(data.once(accounts_before), on=["kind", "payee_id"], how="left")["last"]
    staff = accounts[(accounts["kind"] == "employee") & ~accounts.index.isin(asked["index"])]
    known = data.register.drop_duplicates("employee_id").set_index("employee_id")["iban"]
    last = known.reindex(staff["payee_id"]).set_axis(staff.index)
    return asked.assign(before=before.fillna("")), staff.assign(
        last=last.fillna(""), listed=last.notna()
    )


def applied_changes(data: CheckData, accounts: pd.DataFrame) -> pd.DataFrame:
    """The rows of `accounts` that an adjustment made, with its `source`; `index`: their own."""
    changes = data.adjustments("iban_change")[["payee_id", "source"]]
    asked = accounts.reset_index().merge(changes, on="payee_id", suffixes=("_target", ""))
    applied = [
        f"; {target};".endswith(f"; {source};")
        for target, source in zip(asked["source_target"], asked["source"], strict=True)
    ]
    return asked[pd.Series(applied, asked.index, dtype=bool)].reset_index(drop=True)


def accounts_before(data: CheckData) -> pd.DataFrame:
    """Per payee the account known before this month's adjustments: kind, payee_id, last.

    Staff: last month's register, else their list; the others: their list.
    """
    known = [data.register.rename(columns={"employee_id": "payee_id"}).assign(kind="employee")]
    for kind in dict.fromkeys(payee_by_stream().values()):
        frame = data.tables[f"{kind}s"].rename(columns={f"{kind}_id": "payee_id"})
        known.append(frame.assign(kind=kind))
    columns = ["kind", "payee_id", "iban"]
    both = pd.concat([frame.loc[frame["iban"] != "", columns] for frame in known])
    return both.drop_duplicates(columns[:2]).rename(columns={"iban": "last"})


def _shared(data: CheckData, control: Control) -> pd.DataFrame:
    """Accounts used by more than one payee, without the authorities' own accounts."""
    accounts = data.accounts(control)
    official = accounts["iban"].isin(control.texts("official"))
    accounts = accounts[(accounts["iban"] != "") & ~official]
    accounts = accounts.drop_duplicates(["kind", "payee_id", "iban"])
    return accounts[accounts.duplicated("iban", keep=False)]


def iban_shared_within(data: CheckData, control: Control) -> list[Finding]:
    """Two payees of one kind on the same account (a couple, or a fraud)."""
    rows = _shared(data, control)
    rows = rows[rows.duplicated(["kind", "iban"], keep=False)]
    return _with_others(data, control, rows)


def iban_shared_across(data: CheckData, control: Control) -> list[Finding]:
    """An employee, a practitioner and a supplier, at least two of them, on the same account."""
    rows = _shared(data, control)
    kinds = rows.drop_duplicates(["iban", "kind"])
    several = kinds.loc[kinds.duplicated("iban"), "iban"]
    return _with_others(data, control, rows[rows["iban"].isin(several)])


def _with_others(data: CheckData, control: Control, rows: pd.DataFrame) -> list[Finding]:
    members: dict[str, list[str]] = {}
    for iban, payee in zip(rows["iban"], rows["payee_id"], strict=True):
        members.setdefault(iban, []).append(payee)
    others = [
        ", ".join(sorted(set(members[iban]) - {payee}) or [payee])
        for iban, payee in zip(rows["iban"], rows["payee_id"], strict=True)
    ]
    return accounts_found(data, control, rows, others=others)


def iban_is_ours(data: CheckData, control: Control) -> list[Finding]:
    """A payment to one of our own accounts."""
    accounts = data.accounts(control)
    ours = [account.iban for account in data.employer.account]
    return accounts_found(data, control, accounts[accounts["iban"].isin(ours)])


def account_unknown(data: CheckData, control: Control) -> list[Finding]:
    """A stream is paid from an account that employer.toml lacks, or whose digits are a filler."""
    findings = []
    for stream in data.streams(control):
        order = data.order.stream(stream)
        account = data.employer.account_of(order.account) if order is not None else None
        filler = account is not None and len(set(account.iban[4:-2])) == 1
        if order is not None and (account is None or filler):
            findings.append(run_finding(control, observed=order.account, stream=stream))
    return findings


def account_is_example(data: CheckData, control: Control) -> list[Finding]:
    """A stream is paid from an account known from handbooks and documentation."""
    examples = control.texts("examples")
    findings = []
    for stream in data.streams(control):
        order = data.order.stream(stream)
        account = data.employer.account_of(order.account) if order is not None else None
        if account is not None and account.iban in examples:
            findings.append(run_finding(control, observed=account.id, stream=stream))
    return findings


def _disguised(name: str) -> str:
    """The first invisible or non-Latin character of a name, as its Unicode name, else ''."""
    for char in name:
        category = unicodedata.category(char)
        if category in ("Cf", "Cc", "Co", "Cn"):
            return unicodedata.name(char, f"U+{ord(char):04X}")
        if category[0] == "L" and not unicodedata.name(char, "").startswith(
            ("LATIN", "MODIFIER LETTER", "FEMININE ORDINAL", "MASCULINE ORDINAL")
        ):
            return unicodedata.name(char, f"U+{ord(char):04X}")
    return ""


def name_disguised(data: CheckData, control: Control) -> list[Finding]:
    """A name with invisible characters or letters of another script: a look-alike."""
    rows = data.of_streams(data.targets, control).drop_duplicates(
        ["kind", "payee_id", "creditor_name"]
    )
    names = [name for name in rows["creditor_name"].unique() if not name.isascii()]
    found = {name: seen for name in names if (seen := _disguised(name))}
    rows = rows[rows["creditor_name"].isin(found)]
    return findings_of(
        data, control, rows, observed=[found[name] for name in rows["creditor_name"]], cell="name"
    )
