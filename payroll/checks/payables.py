"""Practitioners and suppliers: contracts, numbers, invoices that cannot be right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from stdnum.be import vat

from payroll.checks.data import CheckData, findings_of
from payroll.model.findings import Finding
from payroll.model.frames import iso_days
from payroll.model.identifiers import is_number
from payroll.model.money import euros
from payroll.model.streams import FEES, INVOICES
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
        data,
        control,
        rows,
        kind="practitioner",
        stream=FEES.name,
        observed=[euros(value // 100) for value in rows["retention_rate_millionths"]],
        limit=euros(most // 100),
        cell="retention_rate",
    )


def inami_number_wrong(data: CheckData, control: Control) -> list[Finding]:
    """An INAMI number that is not 11 digits, or whose digits 7-8 fit none of the moduli."""
    frame = data.tables["practitioners"]
    moduli = control.wholes("moduli")

    def wrong(number: str) -> bool:
        digits = "".join(char for char in number if char in "0123456789")
        if len(digits) != 11:
            return True
        body, check = int(digits[:6]), int(digits[6:8])
        return all(modulus - body % modulus != check for modulus in moduli)

    given = frame[frame["inami_number"] != ""]
    rows = given[_mask([wrong(number) for number in given["inami_number"]])]
    return findings_of(
        data, control, rows, kind="practitioner", observed=rows["inami_number"], cell="inami_number"
    )


def enterprise_number_wrong(data: CheckData, control: Control) -> list[Finding]:
    """A Belgian enterprise number with wrong check digits (practitioners and suppliers)."""
    findings: list[Finding] = []
    for kind in ("practitioner", "supplier"):
        frame = data.tables[f"{kind}s"]
        frame = frame[frame["enterprise_number"] != ""]
        wrong = [not is_number(vat, number) for number in frame["enterprise_number"]]
        rows = frame[_mask(wrong)]
        findings += findings_of(
            data,
            control,
            rows,
            kind=kind,
            observed=rows["enterprise_number"],
            cell="enterprise_number",
        )
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
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=iso_days(days),
        cell=cell,
        invoice=rows["invoice_number"],
    )


def works_without_retention(data: CheckData, control: Control) -> list[Finding]:
    """Works, guarding or meat invoice that does not say whether 35 % and 15 % are retained.

    One of the two only is filled in: `one_of_two`.
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
        data,
        control,
        rows,
        kind="supplier",
        stream=INVOICES.name,
        observed=rows["invoice_number"],
        cell="withholding_social",
        level=["" if both else "one_of_two" for both in neither],
    )


def retention_unlike_contract(data: CheckData, control: Control) -> list[Finding]:
    """A fee statement retains another share than the contract says: warn, then hold.

    What is retained is stated, or the gross less the stated net; shares are in hundredths of a
    percent of the gross.
    """
    order = data.order.section(FEES)
    if order is None:
        return []
    frame = data.tables["fee_statements"]
    frame = frame[(frame["period"] == str(order.earned)) & (frame["gross_fees_cents"] > 0)]
    doctors = data.tables["practitioners"].drop_duplicates("practitioner_id")
    doctors = doctors[doctors["retention_rate_given"]]
    frame = frame.merge(doctors[["practitioner_id", "retention_rate_millionths"]])
    by_net = frame["gross_fees_cents"] - frame["net_due_cents"]
    kept = frame["retention_cents"].where(frame["retention_given"], by_net)
    expected = frame["gross_fees_cents"] * frame["retention_rate_millionths"] // 1_000_000
    # |kept - expected| > gross x points / 100
    gap = (kept - expected).abs() * 10_000
    known = frame["retention_given"] | frame["net_due_given"]
    warn, hold = (int(control.decimal(f"{level}_points") * 100) for level in ("warn", "hold"))
    found = known & (gap > frame["gross_fees_cents"] * warn)
    rows, above = frame[found], (gap > frame["gross_fees_cents"] * hold)[found]
    return findings_of(
        data,
        control,
        rows,
        kind="practitioner",
        stream=FEES.name,
        observed=[euros(cents) for cents in kept[found]],
        limit=[euros(cents) for cents in expected[found]],
        cell="retention",
        level=list(np.where(above, "hold", "warn")),
    )
