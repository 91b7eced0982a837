"""Supplier invoices: what is open and due, credit notes netted, works retentions split off."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from payroll.model.frames import LINES, PAYMENT_TARGETS, TEXT, iso_days
from payroll.model.money import euros
from payroll.model.record_frames import OPEN_INVOICES
from payroll.model.released import LedgerExtract
from payroll.model.streams import INVOICES
from payroll.model.tables import SourceTables
from payroll.rebuild.lines import NO_PRODUCT, finish_lines, line_ids
from payroll.rebuild.payables import (
    REMITTANCE_MAX,
    Payees,
    Report,
    collected,
    joined_sources,
    listed,
    payees_of,
    read_references,
)
from payroll.rebuild.payment_keys import invoices_to_pay
from payroll.rebuild.retentions import retentions_on, split_retentions
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.texts import sent_text

STREAM = INVOICES.name
_NUMBER = ["payee_id", "invoice_number"]


def rebuild_invoices(given: RebuildInput) -> StreamResult:
    """Invoices due until the day that the order names and every open credit note (cents).

    One payment per supplier; an invoice with a valid structured reference is a payment of its own,
    unless the supplier has an open credit note: then all is netted. A credit note counts from its
    date on, whatever day it bears as due. Works retentions become payments of their own under the
    supplier. Blocked, repeated and not yet due rows are left out, each with a finding.
    """
    tables, rulebook, language = given.tables, given.rulebook, given.language
    invoices = given.order.ordered(INVOICES)
    report = Report(tables, rulebook.controls, STREAM)
    payees = payees_of(tables, "supplier", invoices.pay_on)
    read = _read(tables)
    rows, state = _taken(read, payees, invoices.due_until, given.ledger, report)
    rows = _grouped(rows, payees, report)
    drafts = _invoice_lines(rows, str(given.order.period))
    retentions = retentions_on(rulebook, invoices.pay_on)
    retained, offices = split_retentions(drafts, payees, retentions, report, language)
    retained["line_id"] = line_ids(retained)
    lines = finish_lines(pd.concat([drafts, retained]))
    targets = pd.concat([payees.targets(STREAM, _groups(rows, language)), offices])
    return StreamResult(
        lines=lines,
        targets=PAYMENT_TARGETS.conform(targets.astype("str")),
        findings=report.findings,
        open_invoices=_open_invoices(read, state, drafts, retained),
    )


def invoices_not_ordered(tables: SourceTables) -> pd.DataFrame:
    """OPEN_INVOICES of a run that pays none: what would have kept an invoice back, else not due."""
    read = _read(tables)
    state = _state(read, pd.Series("not_due", read.index, dtype=TEXT))
    return _open_invoices(read, state, LINES.empty(), LINES.empty())


def _read(tables: SourceTables) -> pd.DataFrame:
    read = tables["invoices"].rename(columns={"supplier_id": "payee_id"}).reset_index(drop=True)
    suppliers = tables["suppliers"].drop_duplicates("supplier_id").set_index("supplier_id")
    number = suppliers["enterprise_number"].reindex(read["payee_id"]).fillna("")
    return read.assign(enterprise_number=number.to_numpy())


def _taken(
    read: pd.DataFrame, payees: Payees, until: date, ledger: LedgerExtract, report: Report
) -> tuple[pd.DataFrame, pd.Series[str]]:
    """(the rows that become lines, what became of every row: a state of OPEN_INVOICES)."""
    shown = read.assign(shown=[euros(cents) for cents in read["amount_cents"].tolist()])
    rows = _open(shown, report)
    released = _released(rows, ledger, report)
    rows = rows.assign(apart=released["apart"])[released["why"] == ""]
    rows = _due(rows, payees, until, report)
    _judge(rows, payees, report)
    otherwise = pd.Series("not_due", read.index, dtype=TEXT)
    otherwise.update(released.loc[released["why"] != "", "why"])
    otherwise[rows.index] = ""
    return rows[rows["amount_cents"] != 0], _state(read, otherwise)


def _state(read: pd.DataFrame, otherwise: pd.Series[str]) -> pd.Series[str]:
    """What became of every row; otherwise: of one not repeated, not blocked and not of nothing."""
    cases = (_repeated(read), read["blocked"], _foreign(read), read["amount_cents"] == 0)
    names = ("repeated", "blocked", "foreign_currency", "nothing")
    found = np.select(cases, names, otherwise)
    return pd.Series(found, read.index, dtype=TEXT)


def _open_invoices(
    read: pd.DataFrame, state: pd.Series[str], drafts: pd.DataFrame, retained: pd.DataFrame
) -> pd.DataFrame:
    """OPEN_INVOICES of every row read; drafts, retained: its lines, under its index."""
    off = retained.loc[retained["amount_cents"] < 0, "amount_cents"].groupby(level=0).sum()
    return OPEN_INVOICES.conform(
        read.assign(
            state=state,
            line_id=drafts["line_id"].reindex(read.index).fillna("").astype("str"),
            retained_cents=off.reindex(read.index, fill_value=0).astype("int64"),
        )
    )


def _repeated(rows: pd.DataFrame) -> pd.Series[bool]:
    """The rows whose number another row of the supplier has already."""
    return rows.duplicated(_NUMBER)


def _foreign(rows: pd.DataFrame) -> pd.Series[bool]:
    """The rows in another currency than euro: their amount is no amount that we can pay."""
    return ~rows["currency"].isin(["", "EUR"])


def _open(rows: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Without rows whose number the supplier has already, in another currency (held) or blocked."""
    again = _repeated(rows)
    if again.any():
        first = rows[again].merge(rows[~again], on=_NUMBER, suffixes=("", "_first"))
        first = first.assign(
            first=[report.tables.cell(item, "invoice_number") for item in first["source_first"]]
        )
        report.rows(
            "INV-003",
            first,
            "invoice_number",
            observed="shown",
            limit="shown_first",
            first="first",
            number="invoice_number",
        )
    rows = rows[~again]
    blocked = rows["blocked"]
    report.rows("INV-001", rows[blocked], "blocked", observed="shown", number="invoice_number")
    rows = rows[~blocked]
    foreign = _foreign(rows)
    report.rows(
        "INV-011",
        rows[foreign],
        "currency",
        observed="shown",
        currency="currency",
        number="invoice_number",
    )
    return rows[~foreign]


def _released(rows: pd.DataFrame, ledger: LedgerExtract, report: Report) -> pd.DataFrame:
    """Per row `why` the ledger does not let it be paid now, '' = it does (states of OPEN_INVOICES).

    An earlier run has released it, or it failed and waits for a run that pays again; such a run
    pays only what failed. `apart`: the invoice itself is paid, only what was retained of it is to
    be paid again.
    """
    wanted, own, retained = invoices_to_pay(rows, ledger.released, reissue=ledger.reissue)
    if not ledger.reissue:
        for rule_id, entry, state in (
            ("LED-002", own, "live"),
            ("LED-004", own, "failed"),
            ("LED-004", retained, "failed"),
        ):
            told = rows.assign(run=entry["run_id"], day=entry["execution_date"], code=entry["code"])
            if entry is retained:
                amounts = [euros(cents) for cents in entry["amount_cents"].tolist()]
                told = told.assign(shown=pd.Series(amounts, rows.index, dtype=TEXT))
            report.rows(
                rule_id,
                told[entry["state"] == state],
                "invoice_number",
                observed="shown",
                limit="day",
                number="invoice_number",
                run="run",
                code="code",
            )
    why = np.where(own["state"] == "live", "already_paid", "awaiting_reissue")
    return pd.DataFrame(
        {
            "why": pd.Series(np.where(wanted, "", why), rows.index, dtype=TEXT),
            "apart": ledger.reissue & (own["state"] != "failed"),
        }
    )


def _due(rows: pd.DataFrame, payees: Payees, until: date, report: Report) -> pd.DataFrame:
    """The invoices due until a day, and every credit note."""
    control = report.controls["INV-004"]
    agreed = payees.numbers("payment_terms_days_given", rows["payee_id"]).astype(bool)
    terms = payees.numbers("payment_terms_days", rows["payee_id"])
    terms = np.where(agreed, terms, control.whole("default_terms_days"))
    without = rows["due_date"].isna()
    worked_out = rows["invoice_date"] + pd.Series(
        terms.astype("timedelta64[D]").astype("timedelta64[s]"), rows.index
    )
    credit = rows["amount_cents"] < 0
    due = rows["due_date"].where(~without, worked_out).astype("datetime64[s]")
    rows = rows.assign(due=due)
    _summarise("INV-004", rows[without & ~credit], report)
    later = ~credit & ~(due <= pd.Timestamp(until))
    _summarise("INV-002", rows[later], report, limit=str(until))
    return rows[~later]


def _summarise(rule_id: str, rows: pd.DataFrame, report: Report, limit: str = "") -> None:
    """One finding per supplier over several invoices: how many, how much, until when, where."""
    if rows.empty:
        return
    total = (
        rows.assign(rows=1)
        .groupby("payee_id", as_index=False)
        .agg(
            cents=("amount_cents", "sum"),
            rows=("rows", "sum"),
            first=("due", "min"),
            last=("due", "max"),
        )
    )
    total = total.assign(
        source=joined_sources(rows, total["payee_id"]),
        limit=limit,
        first=iso_days(total["first"]),
        last=iso_days(total["last"]),
        shown=[euros(cents) for cents in total["cents"].tolist()],
    )
    report.rows(
        rule_id, total, observed="shown", limit="limit", rows="rows", first="first", last="last"
    )


def _judge(rows: pd.DataFrame, payees: Payees, report: Report) -> None:
    """What stands in the way of a row, or is said about it."""
    unknown = rows[payees.positions(rows["payee_id"]) < 0]
    report.rows("INV-005", unknown, "supplier_id", observed="shown", number="invoice_number")
    nothing = rows[rows["amount_cents"] == 0]
    report.rows("PAY-002", nothing, "amount", observed="shown")


def _grouped(rows: pd.DataFrame, payees: Payees, report: Report) -> pd.DataFrame:
    """Rows with payment_group ('' = all of the supplier), structured_reference and free text."""
    ibans = payees.texts("iban", rows["payee_id"])
    rows = rows.join(read_references(rows["reference"], ibans))
    wrong = rows[rows["wrong"]]
    report.rows("INV-006", wrong, "reference", observed="reference", number="invoice_number")
    credit = (rows["amount_cents"] < 0) & ~rows["apart"]
    netted = rows["payee_id"].isin(rows.loc[credit, "payee_id"])
    alone = (rows["valid"] & ~netted) | rows["apart"]
    group = ("ref:" + rows["invoice_number"]).where(alone, "")
    return rows.assign(payment_group=group.astype("str"))


def _invoice_lines(rows: pd.DataFrame, period: str) -> pd.DataFrame:
    kind = np.where(rows["amount_cents"] < 0, "credit_note", "invoice")
    lines = rows.assign(
        stream=STREAM,
        component=pd.Series(kind, rows.index, dtype=TEXT),
        earning_period=period,
        quantity="",
        rate="",
        basis="known",
        rule_id="",
        parents="",
        legal_nature="final",
        **NO_PRODUCT,
    )
    return lines.assign(line_id=line_ids(lines))


def _groups(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Per payment of a supplier its reference, or the numbers of what it settles."""
    keys = ["payee_id", "payment_group"]
    groups = rows.drop_duplicates(keys)
    own = groups["payment_group"] != ""
    together = rows[rows["payment_group"] == ""]
    numbers = collected(together, "invoice_number")
    prefix = sent_text(INVOICES.remittance, language)
    room = REMITTANCE_MAX - len(prefix) - 1
    texts = {payee: f"{prefix} {listed(items, room)}" for payee, items in numbers.items()}
    shared = pd.Series(
        [texts.get(payee, "") for payee in groups["payee_id"]], groups.index, dtype=TEXT
    )
    return groups[[*keys, "source"]].assign(
        structured_reference=groups["structured_reference"].where(own, ""),
        remittance=shared.mask(own, groups["free"]).astype("str"),
    )
