"""The list of adjustments people typed: read strictly, each row used or named in a finding.

A row that cannot be used (unknown payee, unreadable value, missing date, outside the period) holds
its payee; nothing on the list is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.findings import Finding, SubjectKind, findings_for
from payroll.model.frames import INT, PAYMENT_TARGETS, TEXT, FrameSchema, iso_days
from payroll.model.identifiers import compact_iban
from payroll.model.money import typed_cents
from payroll.model.order import PayrunOrder
from payroll.model.streams import STREAMS
from payroll.model.tables import SourceTables, table_schema
from payroll.rebuild import absences

#: What each kind's value is; a kind that is not here needs none.
VALUE_KINDS = {
    "fte_change": "fraction",
    "unpaid_absence": "days",
    "sick_unpaid": "days",
    "recurring_change": "amount",
    "iban_change": "iban",
    "one_off_gross": "money",
    "one_off_net": "money",
    "garnishment": "positive",
}
#: Kinds that may name a practitioner or a supplier too.
ANY_PAYEE = ("iban_change", "hold")
#: Kinds of which one row alone can be right: per what, and what it says.
_SAID_ONCE: Mapping[str, tuple[list[str], str]] = {
    "joiner": (["payee_id"], "from"),
    "leaver": (["payee_id"], "to"),
    "fte_change": (["payee_id", "day"], "amount"),
    "iban_change": (["payee_id", "day"], "value"),
}
#: The rows that change pay and can be used. amount: cents, millionths of full time or days, as the
#: kind has it, 0 = none. A leaver's `to` is the last day employed; a joiner's `from` is set from
#: hire_date when the list has none.
USED_ADJUSTMENTS = FrameSchema(
    "used_adjustments", {**table_schema("adjustments").columns, "amount": INT}
)
#: iban: compacted.
CHANGED_ACCOUNTS = FrameSchema(
    "changed_accounts", {"payee_id": TEXT, "iban": TEXT, "source": TEXT}, key=("payee_id",)
)
_DECIMAL = re.compile(r"[0-9]{1,3}([.,][0-9]{1,6})?")
_DAYS = re.compile(r"([1-9]|[12][0-9]|30)([.,]0{1,6})?")
_DECEASED = re.compile(r"d[ée]c[èe]s|d[ée]c[ée]d|overleden|overlijden|deceased", re.IGNORECASE)
_BLANKS = re.compile(r"[\s\u00a0\u202f€]|EUR")


def parse_fraction(text: str) -> int | None:
    """A part of full time as typed ('0,5', '0.80', '80 %') in millionths, above 0 up to 1."""
    plain = _BLANKS.sub("", text)
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    if not _DECIMAL.fullmatch(plain):
        return None
    millionths = Fraction(plain.replace(",", ".")) * (10_000 if percent else 1_000_000)
    return int(millionths) if millionths.denominator == 1 and 0 < millionths <= 10**6 else None


def parse_days(text: str) -> int | None:
    """Whole days as typed, 1 to 30 (thirtieths of the month)."""
    match = _DAYS.fullmatch(_BLANKS.sub("", text))
    return None if match is None else int(match[1])


def is_deceased(reasons: pd.Series[str]) -> pd.Series[bool]:
    """Whether each reason says that the person died (fr, nl, en)."""
    return pd.Series([bool(_DECEASED.search(text)) for text in reasons], reasons.index, dtype=bool)


def _payees(tables: SourceTables, wanted: Iterable[str]) -> dict[SubjectKind, set[str]]:
    """Which of the wanted ids, some few, each kind of payee has; employees first."""
    ids = list(wanted)

    def named(kind: str, field: str) -> pd.Series[str]:
        column: pd.Series[str] = tables[kind][field]
        return column[column.isin(ids)]

    return {
        SubjectKind.EMPLOYEE: {
            *named("employees", "employee_id"),
            *named("register_totals", "employee_id"),
            *_paid_by_bank(tables),
        },
        SubjectKind.PRACTITIONER: set(named("practitioners", "practitioner_id")),
        SubjectKind.SUPPLIER: set(named("suppliers", "supplier_id")),
    }


def _paid_by_bank(tables: SourceTables) -> list[str]:
    """Whom the bank paid a salary, where no register says who was paid."""
    bank = tables.bank if tables.bank_alone else tables.bank.iloc[:0]
    return list(bank.loc[bank["payee_kind"] == "employee", "payee_id"])


def subject_kinds(tables: SourceTables, payee_ids: Iterable[str]) -> list[SubjectKind]:
    """Which kind of payee each id names; an id that nobody has counts as an employee."""
    payee_ids = list(payee_ids)
    payees = _payees(tables, payee_ids)
    return [
        next((kind for kind, ids in payees.items() if payee_id in ids), SubjectKind.EMPLOYEE)
        for payee_id in payee_ids
    ]


def ambiguous(tables: SourceTables) -> dict[str, list[SubjectKind]]:
    """Ids on the list that several payees have, with their kinds, where any of them may be meant.

    An adjustment says no kind. One of a salary means the employee; a changed account or a hold may
    mean each: no account is changed then, and all are held.
    """
    rows = tables["adjustments"]
    named = rows.loc[rows["kind"].isin(ANY_PAYEE), "payee_id"].unique()
    if not len(named):
        return {}
    payees = _payees(tables, named)
    several = {
        payee_id: [kind for kind, ids in payees.items() if payee_id in ids] for payee_id in named
    }
    return {payee_id: kinds for payee_id, kinds in several.items() if len(kinds) > 1}


def iban_changes(tables: SourceTables, pay_on: date) -> pd.DataFrame:
    """CHANGED_ACCOUNTS: those that can be read.

    One row per payee, the newest by date and then by row, of those in force on the pay day,
    whatever month the payment is for; and of those of which it is known whose account they change.
    Valid or not is for the controls to say; a payee whose change has no value keeps the old account
    (and is held for it by `read_adjustments`).
    """
    rows = tables["adjustments"]
    rows = rows[(rows["kind"] == "iban_change") & (rows["value"].str.strip() != "")]
    rows = rows[~rows["payee_id"].isin(ambiguous(tables))]
    rows = rows[_in_force(rows, pay_on)]
    rows = rows.sort_values("from", kind="stable", na_position="first")
    rows = rows.drop_duplicates("payee_id", keep="last")
    ibans = pd.Series([compact_iban(text) for text in rows["value"]], rows.index, dtype=TEXT)
    return CHANGED_ACCOUNTS.conform(rows.assign(iban=ibans))


def _in_force(rows: pd.DataFrame, day: date) -> pd.Series[bool]:
    """Whether each row has begun by that day and not ended before it; no date = no bound."""
    return ~(rows["from"] > pd.Timestamp(day)) & ~(rows["to"] < pd.Timestamp(day))


def _accounts_not_changed(tables: SourceTables, order: PayrunOrder) -> list[Finding]:
    """Changed accounts not in force on a pay day: the old account would be paid (REB-049).

    One finding per row and pay day; of a pay day that all streams of the run share, for all.
    """
    rows = tables["adjustments"]
    rows = rows[(rows["kind"] == "iban_change") & (rows["value"].str.strip() != "")]
    rows = rows[~rows["payee_id"].isin(ambiguous(tables))]
    rows = rows.assign(payee=subject_kinds(tables, rows["payee_id"]))
    findings: list[Finding] = []
    for kind in rows["payee"].unique():
        theirs = {
            name: ordered.pay_on
            for name, ordered in order.streams.items()
            if STREAMS[name].payee == kind
        }
        alike = len(set(theirs.values())) == 1
        for stream, day in list(theirs.items())[: 1 if alike else None]:
            some = rows[(rows["payee"] == kind) & ~_in_force(rows, day)]
            some = _located(tables, some, "from")
            some = some.assign(observed=some["adjustment_id"], limit=day.isoformat())
            findings += findings_for(
                "REB-049", some, stream="" if alike else stream, kind=some["payee"]
            )
    return findings


def holds(tables: SourceTables) -> list[Finding]:
    """The payees that people asked to hold, of every kind (REB-010), and the deceased (REB-009)."""
    rows = tables["adjustments"]
    asked = rows["kind"] == "hold"
    dead = is_deceased(rows["reason"]) & rows["kind"].isin(["hold", "leaver"])
    found: list[Finding] = []
    for rule_id, chosen, name in (("REB-010", asked, "kind"), ("REB-009", dead, "reason")):
        some = _located(tables, rows[chosen], name)
        found += findings_for(
            rule_id,
            some.assign(observed=some["adjustment_id"]),
            kind=subject_kinds(tables, some["payee_id"]),
        )
    return found


def read_adjustments(
    tables: SourceTables, order: PayrunOrder
) -> tuple[pd.DataFrame, list[Finding]]:
    """(USED_ADJUSTMENTS, findings about all others and about every hold)."""
    rows = tables["adjustments"].reset_index(drop=True)
    findings = holds(tables) + _accounts_not_changed(tables, order)
    kinds = np.array(subject_kinds(tables, rows["payee_id"]), dtype=object)
    staff = set(tables["employees"]["employee_id"])
    register = tables["register_totals"]
    paid = set(register.loc[register["period"] == str(order.last_known), "employee_id"])
    paid.update(_paid_by_bank(tables))
    others = {*tables["practitioners"]["practitioner_id"], *tables["suppliers"]["supplier_id"]}
    is_joiner = rows["kind"] == "joiner"
    on_staff = rows["payee_id"].isin(staff | paid)
    listed = on_staff | (rows["kind"].isin(ANY_PAYEE) & rows["payee_id"].isin(others))
    no_master = is_joiner & ~rows["payee_id"].isin(staff)
    values = [_value(kind, text) for kind, text in zip(rows["kind"], rows["value"], strict=True)]
    bad_value = pd.Series([item is None for item in values], dtype=bool)
    rows["amount"] = pd.Series([item or 0 for item in values], dtype=INT)
    rows = absences.ended_by_return(_with_dates(rows, tables["employees"]), order)
    bad_date = _bad_dates(rows, order)
    other_month = absences.not_of_month(rows, order)
    unsure = absences.sick_without_contract(rows, tables["employees"])

    for rule_id, bad, name in (
        ("REB-006", no_master, "payee_id"),
        ("REB-011", ~listed & ~no_master, "payee_id"),
        ("REB-012", listed & bad_value, "value"),
        ("REB-013", listed & ~no_master & (bad_date != ""), "date"),
        ("REB-037", listed & absences.other_days(rows, order), "value"),
        ("REB-051", listed & unsure & ~other_month, "kind"),
        ("REB-055", listed & other_month, "from"),
    ):
        some = rows[bad]
        names = bad_date[bad].replace("", "from") if name == "date" else [name] * len(some)
        some = some.assign(
            source=[
                tables.cell(source, field)
                for source, field in zip(some["source"], names, strict=True)
            ],
            observed=some["kind"] + " " + some["adjustment_id"],
        )
        findings += findings_for(rule_id, some, kind=kinds[bad.to_numpy()])
    findings += _ambiguous(tables, rows) + _contradicting(tables, rows[listed], kinds)
    before = (rows["kind"] == "leaver") & (rows["to"] < pd.Timestamp(order.period.first_day))
    early = is_joiner & (rows["from"] < pd.Timestamp(order.period.first_day))
    usable = (
        listed
        & ~no_master
        & ~bad_value
        & ~other_month
        & ~unsure
        & ((bad_date == "") | before | early)
    )
    return USED_ADJUSTMENTS.conform(rows[usable & ~rows["kind"].isin(ANY_PAYEE)]), findings


def _value(kind: str, text: str) -> int | None:
    """The value of a row as an integer, 0 where the kind needs none, None where it is wrong."""
    wanted = VALUE_KINDS.get(kind)
    if wanted is None or (wanted == "days" and not text.strip()):
        return 0
    if wanted == "iban":
        return 0 if text.strip() else None
    if wanted == "fraction":
        return parse_fraction(text)
    if wanted == "days":
        return parse_days(text)
    cents = typed_cents(text)
    if wanted == "amount":
        return None if cents is None or cents < 0 else cents
    return None if not cents or (wanted == "positive" and cents < 0) else cents


def _with_dates(rows: pd.DataFrame, staff: pd.DataFrame) -> pd.DataFrame:
    """Fill in what the list may leave out: a joiner's first day, a leaver's last day."""
    hired = staff.drop_duplicates("employee_id").set_index("employee_id")["hire_date"]
    first = rows["from"].where(
        (rows["kind"] != "joiner") | rows["from"].notna(),
        pd.Series(hired.reindex(rows["payee_id"]).to_numpy(), rows.index),
    )
    last = rows["to"].where((rows["kind"] != "leaver") | rows["to"].notna(), rows["from"])
    return rows.assign(**{"from": first, "to": last})


def _bad_dates(rows: pd.DataFrame, order: PayrunOrder) -> pd.Series[str]:
    """Which date of each row is missing or outside the period: '' | from | to."""
    begin, end = pd.Timestamp(order.period.first_day), pd.Timestamp(order.period.last_day)
    start, stop, kind = rows["from"], rows["to"], rows["kind"]
    in_period = start.between(begin, end)
    dated = kind.isin(["joiner", "fte_change"])
    once = kind.isin(["one_off_gross", "one_off_net"]) & start.notna()
    before = absences.since_known(rows, order)  # in force since, or of another month
    bad_from = (dated | once) & ~in_period & ~before
    absence = kind.isin(absences.ABSENCES)
    days_only = absence & start.isna() & stop.isna() & (rows["amount"] > 0)
    unknown_end = stop.isna() & (rows["amount"] == 0)
    other = absences.not_of_month(rows, order)
    bad_from |= absence & ~days_only & ~other & (start.isna() | (start > end))
    bad_to = absence & ~days_only & ~other & (unknown_end | (stop < begin) | (stop < start))
    bad_from |= (kind == "return") & start.isna()
    bad_to |= (kind == "recurring_change") & (stop < start)
    lasting = kind.isin(["garnishment", "hold"])  # an account goes by the pay day (REB-049)
    bad_from |= lasting & (start > end)
    bad_to |= (kind == "garnishment") & (stop < begin)
    gone = stop.between(begin, end) | absences.since_known(rows, order, "to")
    bad_to |= (kind == "leaver") & ~gone
    found = np.where(bad_from, "from", np.where(bad_to, "to", ""))
    return pd.Series(found, rows.index, dtype=TEXT)


def _ambiguous(tables: SourceTables, rows: pd.DataFrame) -> list[Finding]:
    """Every payee whom a changed account or a hold may mean, one finding per row and payee."""
    several = ambiguous(tables)
    rows = rows[rows["kind"].isin(ANY_PAYEE) & rows["payee_id"].isin(several)]
    rows = _located(tables, rows, "payee_id")
    rows = rows.assign(
        observed=rows["kind"] + " " + rows["adjustment_id"],
        limit=[", ".join(several[payee_id]) for payee_id in rows["payee_id"]],
    )
    each = rows.loc[rows.index.repeat([len(several[item]) for item in rows["payee_id"]])]
    kinds = [kind for payee_id in rows["payee_id"] for kind in several[payee_id]]
    return findings_for("REB-043", each, kind=kinds)


def _contradicting(
    tables: SourceTables, rows: pd.DataFrame, kinds: npt.NDArray[np.object_]
) -> list[Finding]:
    """Payees of whom two rows say something else: two first or last days, two values of one day."""
    findings: list[Finding] = []
    for kind, (per, said) in _SAID_ONCE.items():
        some = rows[rows["kind"] == kind]
        some = some.assign(day=iso_days(some["from"]))
        some = some.assign(value=[compact_iban(text) for text in some["value"]])
        some = some[some[said].notna()].drop_duplicates([*per, said])
        several = some[some.duplicated(per, keep=False)]
        for _, group in several.groupby(per, sort=True):
            name = "value" if said == "amount" else said
            cells = [tables.cell(source, name) for source in group["source"]]
            row = group.iloc[:1].assign(
                source="; ".join(cells), observed=", ".join(group["adjustment_id"]), limit=kind
            )
            findings += findings_for("REB-041", row, kind=kinds[row.index.to_numpy()])
    return findings


def _located(tables: SourceTables, rows: pd.DataFrame, field_name: str) -> pd.DataFrame:
    return rows.assign(source=[tables.cell(source, field_name) for source in rows["source"]])


def staff_targets(
    tables: SourceTables, order: PayrunOrder, stream: str, payees: pd.DataFrame, remittance: str
) -> pd.DataFrame:
    """PAYMENT_TARGETS of staff: payees has payee_id, and register_iban and source for those who
    are not in the employees list. Their creditor name is paid_name where the bank's file gave one,
    else it stays empty: held by the controls.
    """
    staff = tables["employees"].drop_duplicates("employee_id")
    where = pd.Index(staff["employee_id"]).get_indexer(payees["payee_id"])
    on_staff = where >= 0
    changed = iban_changes(tables, order.pay_on(stream))
    change = pd.Index(changed["payee_id"]).get_indexer(payees["payee_id"])
    full_name = (staff["first_name"] + " " + staff["last_name"]).str.strip()
    holder = staff["account_holder_name"]

    def texts(column: pd.Series[str], otherwise: pd.Series[str] | None = None) -> list[str]:
        found = np.append(column.to_numpy(dtype=object), "")[where]
        other = "" if otherwise is None else otherwise.to_numpy(dtype=object)
        return list(np.where(on_staff, found, other))

    def changed_to(column: str, old: list[str], join: str = "") -> list[str]:
        new = changed[column].tolist()
        return [
            value if index < 0 else (f"{value}{join}{new[index]}" if join else new[index])
            for value, index in zip(old, change, strict=True)
        ]

    columns = {
        "payee_id": payees["payee_id"].tolist(),
        "stream": [stream] * len(payees),
        "payment_group": [""] * len(payees),
        "creditor_name": texts(holder.where(holder != "", full_name), payees.get("paid_name")),
        "iban": changed_to("iban", texts(staff["iban"], payees["register_iban"])),
        "country": texts(staff["country"]),
        "remittance": [remittance] * len(payees),
        "structured_reference": [""] * len(payees),
        "source": changed_to("source", texts(staff["source"], payees["source"]), "; "),
    }
    return PAYMENT_TARGETS.conform(
        pd.DataFrame({name: pd.Series(values, dtype=TEXT) for name, values in columns.items()})
    )
