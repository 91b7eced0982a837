"""Practitioners and suppliers: contracts, numbers, invoices that cannot be right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from stdnum.be import vat

from payroll.checks.data import CheckData, days_shown, findings_of
from payroll.model.findings import Finding, Severity
from payroll.model.money import euros
from payroll.rulebook.controls import Control


def _mask(values: list[bool]) -> npt.NDArray[np.bool_]:
    return np.array(values, dtype=bool)  # an empty list would select columns


def retention_out_of_range(data: CheckData, control: Control) -> list[Finding]:
    """A retention rate outside 0..1, or above the usual maximum."""
    frame = data.tables["practitioners"]
    most = int(control.decimal("maximum_percent") * 10_000)
    rate = frame["retention_rate_millionths"]
    rows = frame[frame["retention_rate_given"] & ((rate < 0) | (rate > most))]
    return findings_of(
        data, control, rows, kind="practitioner", payee="practitioner_id", stream="fees",
        observed=[euros(value // 100) for value in rows["retention_rate_millionths"]],
        limit=euros(most // 100), cell="retention_rate",
    )  # fmt: skip


def inami_number_wrong(data: CheckData, control: Control) -> list[Finding]:
    """An INAMI number that is not 11 digits, or whose digits 7-8 fit none of the moduli."""
    frame = data.tables["practitioners"]
    moduli = control.wholes("moduli")

    def wrong(number: str) -> bool:
        digits = "".join(char for char in number if char.isdigit())
        if len(digits) != 11:
            return True
        body, check = int(digits[:6]), int(digits[6:8])
        return all(modulus - body % modulus != check for modulus in moduli)

    given = frame[frame["inami_number"] != ""]
    rows = given[_mask([wrong(number) for number in given["inami_number"]])]
    return findings_of(
        data, control, rows, kind="practitioner", payee="practitioner_id",
        observed=rows["inami_number"], cell="inami_number",
    )  # fmt: skip


def enterprise_number_wrong(data: CheckData, control: Control) -> list[Finding]:
    """A Belgian enterprise number with wrong check digits (practitioners and suppliers)."""
    findings: list[Finding] = []
    for kind in ("practitioner", "supplier"):
        frame = data.tables[f"{kind}s"]
        frame = frame[frame["enterprise_number"] != ""]
        wrong = [not vat.is_valid(number) for number in frame["enterprise_number"]]
        rows = frame[_mask(wrong)]
        findings += findings_of(
            data, control, rows, kind=kind, payee=f"{kind}_id",
            observed=rows["enterprise_number"], cell="enterprise_number",
        )  # fmt: skip
    return findings


def invoice_in_future(data: CheckData, control: Control) -> list[Finding]:
    """An invoice dated after the day the run was made."""
    frame = data.tables["invoices"]
    rows = frame[frame["invoice_date"] > pd.Timestamp(data.created_at.date())]
    return _invoice(data, control, rows, rows["invoice_date"], "invoice_date")


def due_before_invoice(data: CheckData, control: Control) -> list[Finding]:
    """An invoice due before it was written."""
    frame = data.tables["invoices"]
    rows = frame[frame["due_date"] < frame["invoice_date"]]
    return _invoice(data, control, rows, rows["due_date"], "due_date")


def _invoice(
    data: CheckData, control: Control, rows: pd.DataFrame, days: pd.Series[pd.Timestamp], cell: str
) -> list[Finding]:
    return findings_of(
        data, control, rows, kind="supplier", payee="supplier_id", stream="invoices",
        observed=days_shown(days), cell=cell, invoice=rows["invoice_number"],
    )  # fmt: skip


def works_without_retention(data: CheckData, control: Control) -> list[Finding]:
    """Works, guarding or meat invoice that does not say whether 35 % and 15 % are retained.

    Neither filled in: hold. One of the two only: warn.
    """
    suppliers = data.tables["suppliers"]
    categories = control.texts("categories")
    works = suppliers["category"].str.strip().str.casefold().isin(categories)
    frame = data.tables["invoices"]
    frame = frame[(frame["amount_cents"] > 0) & ~frame["blocked"]]
    frame = frame[frame["supplier_id"].isin(suppliers.loc[works, "supplier_id"])]
    social, tax = frame["withholding_social"] == "", frame["withholding_tax"] == ""
    rows = frame[social | tax]
    neither = (social & tax)[social | tax]
    return findings_of(
        data, control, rows, kind="supplier", payee="supplier_id", stream="invoices",
        observed=rows["invoice_number"], cell="withholding_social",
        severity=[Severity.HOLD if both else Severity.WARN for both in neither],
    )  # fmt: skip
