"""Paid twice, under the same key or a slightly different one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, findings_of
from payroll.model.findings import Finding
from payroll.model.frames import iso_days
from payroll.model.invoice_likeness import INVOICE_FACTS, compared, like_pairs, same_number_pairs
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


def invoice_facts(data: CheckData, rows: pd.DataFrame) -> pd.DataFrame:
    """INVOICE_FACTS of rows of the invoices, in their order."""
    suppliers = data.tables["suppliers"].drop_duplicates("supplier_id").set_index("supplier_id")
    marks = {
        name: suppliers[name].reindex(rows["supplier_id"]).fillna("").to_numpy()
        for name in ("enterprise_number", "iban", "name")
    }
    facts = rows.rename(columns={"supplier_id": "payee_id", "invoice_number": "number"})
    facts = facts.assign(**marks, day=iso_days(rows["invoice_date"]))
    facts = facts[list(INVOICE_FACTS.columns)].reset_index(drop=True)
    return facts.astype({"day": "str"})  # which a frame without rows would not be


def _open_invoices(data: CheckData) -> pd.DataFrame:
    """What may be paid: the very same number of a supplier twice is said by the rebuild already."""
    frame = data.tables["invoices"]
    frame = frame[(frame["amount_cents"] > 0) & ~frame["blocked"]]
    return frame.drop_duplicates(["supplier_id", "invoice_number"]).reset_index(drop=True)


def _twins(data: CheckData, official: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The open invoices, and pairs of them that may be one: first, second, and their owners."""
    frame = _open_invoices(data)
    facts = invoice_facts(data, frame)
    both = compared(facts, facts, official)
    alike, (same, one_day) = like_pairs(both), same_number_pairs(both)
    pairs = pd.DataFrame(np.concatenate([alike, same]), columns=["first", "second"])
    sure = np.concatenate([np.ones(len(alike), dtype=bool), one_day])
    pairs = pairs.assign(level=np.where(sure, "", "uncertain"))
    owner = frame["supplier_id"].to_numpy()
    return frame, pairs.assign(within=owner[pairs["first"]] == owner[pairs["second"]])


def near_duplicate_invoice(data: CheckData, control: Control) -> list[Finding]:
    """One supplier, two invoices that are alike (payroll.model.invoice_likeness): the second.

    Equal numbers, but for their writing, with another amount and date are `uncertain`.
    """
    frame, pairs = data.once(_twins, control.texts("official"))
    both = pairs[pairs["within"]].sort_values(["level", "second", "first"])
    both = both.drop_duplicates("second")
    rows, other = frame.loc[both["second"]], frame.loc[both["first"]]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=rows["invoice_number"],
        limit=other["invoice_number"],
        level=both["level"],
        other_source=other["source"],
        cell="invoice_number",
    )


def invoice_across_suppliers(data: CheckData, control: Control) -> list[Finding]:
    """Two suppliers that some mark says are one, and two invoices of theirs that are alike."""
    frame, pairs = data.once(_twins, control.texts("official"))
    pairs = pairs[~pairs["within"] & (pairs["level"] == "")]
    turned = pairs.rename(columns={"first": "second", "second": "first"})
    both = pd.concat([pairs, turned]).sort_values(["second", "first"]).drop_duplicates("second")
    rows, other = frame.loc[both["second"]], frame.loc[both["first"]]
    return findings_of(
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=rows["invoice_number"],
        limit=other["invoice_number"],
        other=other["supplier_id"],
        other_source=other["source"],
        cell="invoice_number",
    )
