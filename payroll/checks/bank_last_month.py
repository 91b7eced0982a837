"""This month against last month's payments as the bank holds them: what no attacker could change.

Whose a payment of the bank is, was settled when its file was read (payroll.ingest.bank_payees):
by number and name before account, so that an account swapped on a list stands out here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import (
    CheckData,
    accounts_of,
    beyond,
    findings_of,
    run_finding,
    shown_ibans,
)
from payroll.model.bank_month import SALARY
from payroll.model.findings import Finding, SubjectKind
from payroll.model.frames import iso_days, rows_of
from payroll.model.money import euros
from payroll.model.streams import SALARIES, STREAMS
from payroll.rulebook.controls import Control

_KEYS = ["kind", "payee_id"]


def _paid(data: CheckData) -> pd.DataFrame:
    """The bank's payments that are somebody's on our lists, with `kind`."""
    bank = data.tables.bank
    return bank[bank["payee_id"] != ""].rename(columns={"payee_kind": "kind"})


def iban_unlike_bank(data: CheckData, control: Control) -> list[Finding]:
    """The account to be paid is none of those that the bank paid to this payee last month."""
    rows = data.once(_unlike_bank, data.streams(control))
    return findings_of(
        data,
        control,
        rows,
        kind=rows["kind"],
        observed=shown_ibans(rows["iban"]),
        limit=shown_ibans(rows["iban_paid"]),
    )


def _unlike_bank(data: CheckData, streams: tuple[str, ...]) -> pd.DataFrame:
    accounts, paid = data.once(accounts_of, streams), data.once(_paid)
    same = accounts[[*_KEYS, "iban"]].merge(paid[[*_KEYS, "iban"]].drop_duplicates(), how="inner")
    same = same[same["iban"] != ""].assign(unmoved=True)
    first = paid.drop_duplicates(_KEYS)[[*_KEYS, "iban", "source"]]
    both = accounts.merge(first, on=_KEYS, suffixes=("", "_paid"))
    both = both.merge(same.drop_duplicates(), on=[*_KEYS, "iban"], how="left")
    rows = both[(both["iban"] != "") & both["unmoved"].isna()]
    cells = [
        f"{data.tables.cell(place, 'iban')}; {paid_at}"
        for place, paid_at in rows_of(rows, "source", "source_paid")
    ]
    return rows.assign(source=pd.Series(cells, rows.index, dtype="str"))


def name_unlike_bank(data: CheckData, control: Control) -> list[Finding]:
    """The account was paid last month under a name of which no word is this payee's.

    `probable` is an employee whose amount was the register's very net, and a company or practice,
    which changes its name; of others nothing but the account says that it is the same payee.
    """
    accounts = data.accounts(control).drop_duplicates(_KEYS)
    paid = data.once(_paid)
    paid = paid[paid["matched_by"] == "iban_only"].drop_duplicates(_KEYS)
    rows = paid.merge(accounts[[*_KEYS, "creditor_name"]], on=_KEYS)
    net = data.register.drop_duplicates("employee_id").set_index("employee_id")["net_cents"]
    known = rows["payee_id"].map(net).where(rows["kind"] == "employee").fillna(-1)
    same = ((known == rows["amount_cents"]) | (rows["kind"] != "employee")).to_numpy()
    return findings_of(
        data,
        control,
        rows,
        observed=rows["name"],
        limit=rows["creditor_name"],
        level=list(np.where(same, "probable", "")),
    )


def _expected(data: CheckData) -> pd.DataFrame:
    """Who of last month's register was to be paid: payee_id, net_cents, source."""
    register = data.register.drop_duplicates("employee_id")
    register = register[register["net_cents"] > 0].rename(columns={"employee_id": "payee_id"})
    return register[["payee_id", "net_cents", "source"]]


def _found_of(data: CheckData, kind: str) -> tuple[int, int]:
    """(how many of a kind the bank paid, of how many): of the register, else of those paid now."""
    expected = data.once(_expected)["payee_id"]
    if kind != "employee" or expected.empty:
        targets = data.targets
        expected = targets.loc[targets["kind"] == kind, "payee_id"].drop_duplicates()
    paid = data.once(_paid)
    found = expected.isin(paid.loc[paid["kind"] == kind, "payee_id"])
    return int(found.sum()), len(expected)


def _covers(data: CheckData, control: Control, kind: str) -> bool:
    """Whether the bank's files hold the payments of a kind at all, so that one can be missed."""
    found, whole = data.once(_found_of, kind)
    return whole > 0 and found * 100 >= whole * control.whole("minimum_percent")


def bank_not_covering(data: CheckData, control: Control) -> list[Finding]:
    """The bank's files do not hold the payments of a stream: nothing of it can be compared.

    Of salaries, `missing` is another stream's file: it pays nobody of the register, and those whom
    it pays are on our other lists (block_percent of them). A file that matches few is not ours, or
    holds our people under other names.
    """
    findings: list[Finding] = []
    bank = data.tables.bank
    others = (bank["payee_id"] != "") & (bank["payee_kind"] != "employee")
    other_stream = int(others.sum()) * 100 >= len(bank) * control.whole("block_percent")
    for stream in data.streams(control):
        kind = str(STREAMS[stream].payee)
        found, whole = data.once(_found_of, kind)
        if not whole or _covers(data, control, kind):
            continue
        staff = "missing" if other_stream and not found else "block"
        findings.append(
            run_finding(
                control,
                observed=str(found),
                limit=str(whole),
                stream=stream,
                level=staff if kind == "employee" else "payables",
            )
        )
    return findings


def net_unlike_bank(data: CheckData, control: Control) -> list[Finding]:
    """The register's net of last month is not what the bank paid: neither once nor in all."""
    paid = data.once(_paid)
    paid = paid[paid["kind"] == "employee"]
    both = data.once(_expected).merge(paid[["payee_id", "amount_cents"]], on="payee_id")
    total = both.groupby("payee_id")["amount_cents"].transform("sum")
    both["gap"] = both["amount_cents"] - both["net_cents"]
    both["far"] = both["gap"].abs()
    both.loc[total == both["net_cents"], "far"] = 0
    rows = both.sort_values(["far", "source"], kind="stable").drop_duplicates("payee_id")
    rows = rows[rows["far"] > 0]
    hold = beyond(rows["gap"], rows["net_cents"], control, "hold")
    warn = beyond(rows["gap"], rows["net_cents"], control, "warn")
    level = np.where(hold, "hold", "warn")[(hold | warn).to_numpy()]
    rows = rows[hold | warn]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=SALARIES.name,
        cell="net",
        observed=[euros(cents) for cents in rows["net_cents"].tolist()],
        limit=[euros(cents) for cents in rows["amount_cents"].tolist()],
        level=list(level),
    )


def register_not_at_bank(data: CheckData, control: Control) -> list[Finding]:
    """In last month's register, and the bank paid nobody of that number, name or account."""
    if not _covers(data, control, "employee"):
        return []
    paid = data.once(_paid)
    expected = data.once(_expected)
    ids = paid.loc[paid["kind"] == "employee", "payee_id"]
    rows = expected[~expected["payee_id"].isin(ids)]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=SALARIES.name,
        cell="net",
        observed=[euros(cents) for cents in rows["net_cents"].tolist()],
    )


def new_at_bank(data: CheckData, control: Control) -> list[Finding]:
    """To be paid now, not paid by the bank last month, and not known to have joined since."""
    staff = data.tables["employees"]
    hired = staff["hire_date"] > pd.Timestamp(data.order.last_known.first_day)
    explained = pd.concat(
        [
            data.adjustments("joiner")["payee_id"],
            staff.loc[hired, "employee_id"],
            data.once(_expected)["payee_id"],
        ]
    )
    paid = data.once(_paid)[_KEYS].drop_duplicates().assign(before=True)
    findings: list[Finding] = []
    for stream in data.streams(control):
        kind = str(STREAMS[stream].payee)
        if not _covers(data, control, kind):
            continue
        now = data.targets[data.targets["stream"] == stream].drop_duplicates("payee_id")
        rows = now.merge(paid, on=_KEYS, how="left")
        rows = rows[rows["before"].isna()]
        rows = rows[~rows["payee_id"].isin(explained)] if kind == "employee" else rows
        findings += findings_of(
            data, control, rows, kind=kind, stream=stream, observed=str(data.order.last_known)
        )
    return findings


def _unclaimed(data: CheckData, control: Control) -> pd.DataFrame:
    """Payments of the bank to nobody on our lists; others than salaries only where lists exist."""
    bank = data.tables.bank
    rows = bank[(bank["payee_id"] == "") & ~bank["iban"].isin(control.texts("official"))]
    if data.tables.has("suppliers") and data.tables.has("practitioners"):
        return rows
    return rows[rows["category_purpose"].isin(["", SALARY])]


def paid_to_nobody(data: CheckData, control: Control) -> list[Finding]:
    """How many payments of the bank went to nobody on our lists, and how much."""
    rows = _unclaimed(data, control)
    if rows.empty:
        return []
    total = euros(int(rows["amount_cents"].sum()))
    return [run_finding(control, observed=str(len(rows)), limit=total)]


def paid_to_nobody_listed(data: CheckData, control: Control) -> list[Finding]:
    """Each of these payments, the largest first, as far as a reader reads."""
    rows = _unclaimed(data, control).sort_values("amount_cents", ascending=False, kind="stable")
    rows = rows.head(control.whole("most"))
    return findings_of(
        data,
        control,
        rows,
        kind=str(SubjectKind.FILE),
        payee="source",
        observed=rows["name"],
        limit=[euros(cents) for cents in rows["amount_cents"].tolist()],
        account=shown_ibans(rows["iban"]),
    )


def bank_total_unlike(data: CheckData, control: Control) -> list[Finding]:
    """The register's nets of last month and the bank's payments to these people, in all."""
    expected = data.once(_expected)
    if expected.empty or not _covers(data, control, "employee"):
        return []
    paid = data.once(_paid)
    paid = paid[(paid["kind"] == "employee") & paid["payee_id"].isin(expected["payee_id"])]
    register, bank = int(expected["net_cents"].sum()), int(paid["amount_cents"].sum())
    if abs(bank - register) * 10_000 <= register * int(control.decimal("warn_percent") * 100):
        return []
    return [run_finding(control, observed=euros(bank), limit=euros(register), stream=SALARIES.name)]


def _with_file(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a bank's file with the name of the file that each stands in."""
    return rows.assign(file=rows["source"].str.split("!", n=1).str[0])


def bank_debtor_unknown(data: CheckData, control: Control) -> list[Finding]:
    """A file whose payments were not debited to an account of employer.toml: not our payments."""
    ours = [account.iban for account in data.employer.account]
    rows = data.tables.bank
    rows = rows[~rows["debtor_iban"].isin(ours)]
    rows = _with_file(rows).drop_duplicates(["file", "debtor_iban"])
    return findings_of(
        data,
        control,
        rows,
        kind=str(SubjectKind.FILE),
        payee="file",
        observed=shown_ibans(rows["debtor_iban"]),
        limit=", ".join(ours),
    )


def bank_month_other(data: CheckData, control: Control) -> list[Finding]:
    """A file whose payments were not made for the last known month."""
    known = data.order.last_known
    first = pd.Timestamp(known.first_day)
    last = pd.Timestamp(known.last_day) + pd.Timedelta(days=control.whole("days_after"))
    bank = data.tables.bank
    day = bank["execution_date"]
    rows = bank[day.notna() & ~day.between(first, last)]
    rows = _with_file(rows).drop_duplicates("file")
    return findings_of(
        data,
        control,
        rows,
        kind=str(SubjectKind.FILE),
        payee="file",
        observed=iso_days(rows["execution_date"]),
        limit=str(known),
    )
