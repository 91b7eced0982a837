"""Amounts against their own past: bonuses, fees, invoices, and the total of a stream."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, amounts_found, beyond, run_finding
from payroll.model.findings import Finding
from payroll.model.money import euros
from payroll.model.period import Period
from payroll.model.streams import BONUSES, FEES, INVOICES, SALARIES
from payroll.rulebook.controls import Control


def _bonuses(data: CheckData) -> pd.DataFrame:
    """Gross bonus per person: payee_id, cents, source (of the first row of hours)."""
    lines = data.rebuilt.lines
    lines = lines[(lines["stream"] == BONUSES.name) & (lines["component"] == "bonus_gross")]
    return lines.groupby("payee_id", as_index=False).agg(
        cents=("amount_cents", "sum"), source=("source", "first")
    )


def _last_variable(data: CheckData) -> pd.Series[int]:
    """What the last known register paid as variable components, by person (cents)."""
    rows = data.rebuilt.not_carried_over
    rows = rows[rows["nature"] == "variable"]
    return rows.groupby("payee_id")["amount_cents"].sum()


def _known(values: pd.Series[int], payees: pd.Series[str]) -> pd.Series[int]:
    return payees.map(values).fillna(0).astype("int64")


def _bonuses_found(
    data: CheckData,
    control: Control,
    rows: pd.DataFrame,
    limit: pd.Series[int],
    hold: pd.Series[bool],
) -> list[Finding]:
    return amounts_found(
        data,
        control,
        rows,
        rows["cents"],
        limit,
        hold=hold,
        kind="employee",
        stream=BONUSES.name,
        cell="hours",
    )


def bonus_share_of_pay(data: CheckData, control: Control) -> list[Finding]:
    """Bonuses that are too large a part of the month's own gross."""
    bonus = data.once(_bonuses)
    changes = data.rebuilt.changes_of(SALARIES.name).set_index("payee_id")
    gross = _known(changes["gross_after_cents"], bonus["payee_id"])
    hold = beyond(bonus["cents"], gross, control, "hold") & (gross > 0)
    found = (beyond(bonus["cents"], gross, control, "warn") & (gross > 0)) | hold
    return _bonuses_found(data, control, bonus[found], gross[found], hold[found])


def bonus_against_history(data: CheckData, control: Control) -> list[Finding]:
    """Bonuses that are many times those in the last known register: warn, then hold."""
    bonus = data.once(_bonuses)
    before = _known(data.once(_last_variable), bonus["payee_id"])
    flags = {}
    for level in ("warn", "hold"):
        times = bonus["cents"] >= before * control.whole(f"{level}_factor")
        flags[level] = times & (before > 0) & (bonus["cents"] > control.cents(f"{level}_euro"))
    found = flags["warn"] | flags["hold"]
    return _bonuses_found(data, control, bonus[found], before[found], flags["hold"][found])


def _fees_and_past(data: CheckData, earned: Period) -> pd.DataFrame:
    """Fees of the month: practitioner_id, gross, source; total, months, mean of the others (cents).

    mean is rounded down to a cent and only shown: the checks compare whole numbers.
    """
    frame = data.tables["fee_statements"]
    now = frame["period"] == str(earned)
    past = frame[~now].groupby("practitioner_id")["gross_fees_cents"].agg(["sum", "size"])
    fees = (
        frame[now]
        .groupby("practitioner_id", as_index=False)
        .agg(gross=("gross_fees_cents", "sum"), source=("source", "first"))
    )
    fees["total"] = _known(past["sum"], fees["practitioner_id"])
    fees["months"] = _known(past["size"], fees["practitioner_id"])
    fees["mean"] = fees["total"] // fees["months"].clip(lower=1)
    return fees


def _fee_findings(data: CheckData, control: Control, fees: pd.DataFrame) -> list[Finding]:
    return amounts_found(
        data,
        control,
        fees,
        fees["gross"],
        fees["mean"],
        kind="practitioner",
        stream=FEES.name,
        cell="gross_fees",
    )


def fee_against_history(data: CheckData, control: Control) -> list[Finding]:
    """Gross fees of a month more than `factor` times the mean of the other months known."""
    if data.order.section(FEES) is None:
        return []
    fees = data.once(_fees_and_past, data.order.earned(FEES.name))
    # gross > factor x total / months, with the factor in hundredths
    hundredths = int(control.decimal("factor") * 100)
    high = fees["gross"] * fees["months"] * 100 > fees["total"] * hundredths
    high &= (fees["months"] >= control.whole("months")) & (fees["total"] > 0)
    return _fee_findings(data, control, fees[high])


def fee_below_history(data: CheckData, control: Control) -> list[Finding]:
    """Gross fees of a month far below the mean of the other months known."""
    if data.order.section(FEES) is None:
        return []
    fees = data.once(_fees_and_past, data.order.earned(FEES.name))
    # gross x factor < total / months
    low = fees["gross"] * fees["months"] * control.whole("factor") < fees["total"]
    low &= (fees["months"] >= control.whole("months")) & (fees["gross"] >= 0)
    return _fee_findings(data, control, fees[low])


def stream_total_change(data: CheckData, control: Control) -> list[Finding]:
    """The gross total of bonuses or fees against the past: warn, then block.

    Whoever is held counts neither now nor in the past.
    """
    findings: list[Finding] = []
    for stream in data.streams(control):
        now, before, count = _TOTALS[stream](data)
        if before <= 0 or count < control.whole("minimum_payees"):
            continue
        for level in ("block", "warn"):
            permyriad = int(control.decimal(f"{level}_percent") * 100)
            if abs(now - before) * 10_000 > before * permyriad:
                findings.append(
                    run_finding(
                        control,
                        observed=euros(now),
                        limit=euros(before),
                        stream=stream,
                        level=level,
                    )
                )
                break
    return findings


def _bonus_totals(data: CheckData) -> tuple[int, int, int]:
    before, bonuses = data.once(_last_variable), data.once(_bonuses)
    count = len(before)  # held or not: a slip in most of a stream is told by those that are left
    before = before[data.not_held(BONUSES.name, before.index.to_series()).to_numpy()]
    bonuses = bonuses[data.not_held(BONUSES.name, bonuses["payee_id"])]
    return int(bonuses["cents"].sum()), int(before.sum()), count


def _fee_totals(data: CheckData) -> tuple[int, int, int]:
    """(gross fees of the month, mean of the other months, practitioners in the month)."""
    order, frame = data.order.section(FEES), data.tables["fee_statements"]
    if order is None:
        return 0, 0, 0
    count = int((frame["period"] == str(order.earned)).sum())
    frame = frame[data.not_held(FEES.name, frame["practitioner_id"])]
    now = frame["period"] == str(order.earned)
    months = frame.loc[~now, "period"].nunique()
    past = int(frame.loc[~now, "gross_fees_cents"].sum())
    total = int(frame.loc[now, "gross_fees_cents"].sum())
    return total, past // max(months, 1), count


#: What a stream's total is compared with its past by.
_TOTALS = {BONUSES.name: _bonus_totals, FEES.name: _fee_totals}


def invoice_unlike_others(data: CheckData, control: Control) -> list[Finding]:
    """An invoice many times the supplier's other open ones (hold) or the usual one (warn)."""
    frame = data.tables["invoices"]
    frame = frame[(frame["amount_cents"] > 0) & ~frame["blocked"]]
    cents, owner = frame["amount_cents"], frame["supplier_id"]
    ordered = cents.sort_values(ascending=False)
    largest = ordered.groupby(owner[ordered.index])
    first, second = largest.first(), largest.nth(1)
    second = pd.Series(second.to_numpy(), owner[second.index].to_numpy()).astype("int64")
    # the largest of a supplier is measured against its second, every other one against the largest
    other = _known(first, owner).where(cents < _known(first, owner), _known(second, owner))
    floor = cents >= control.cents("minimum")
    hold = floor & (other > 0) & (cents > other * control.whole("others_factor"))
    middle = int(cents.median()) if len(cents) else 0
    warn = floor & (cents > middle * control.whole("usual_factor"))
    found = warn | hold
    rows = frame[found]
    limits = other.where(hold, middle)[found]
    return amounts_found(
        data,
        control,
        rows,
        rows["amount_cents"],
        limits,
        kind="supplier",
        stream=INVOICES.name,
        cell="amount",
        invoice=rows["invoice_number"],
        level=list(np.where(hold[found], "", "usual")),
    )
