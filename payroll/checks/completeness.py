"""Everybody of last month is paid, held or left; everybody paid stands on a master list."""

from __future__ import annotations

import pandas as pd

from payroll.checks.data import CheckData, findings_of
from payroll.model.findings import Finding
from payroll.model.frames import iso_days
from payroll.model.streams import SALARIES, STREAMS
from payroll.rulebook.controls import Control


def _paid_ids(data: CheckData, stream: str) -> pd.Series[str]:
    payments = data.rebuilt.payments
    return payments.loc[payments["stream"] == stream, "payee_id"]


def paid_after_exit(data: CheckData, control: Control) -> list[Finding]:
    """Paid for an earning month that begins after the last day employed."""
    findings: list[Finding] = []
    for stream in data.streams(control):
        earned = data.order.earned(stream)
        last = data.last_days
        gone = last[last["day"] < pd.Timestamp(earned.first_day)]
        rows = gone[gone["employee_id"].isin(_paid_ids(data, stream))]
        cells = [
            data.tables.cell(source, field)
            for source, field in zip(rows["source"], rows["field"], strict=True)
        ]
        findings += findings_of(
            data,
            control,
            rows.assign(source=pd.Series(cells, rows.index, dtype="str")),
            kind="employee",
            stream=stream,
            observed=iso_days(rows["day"]),
            limit=str(earned),
        )
    return findings


def leaver_in_export(data: CheckData, control: Control) -> list[Finding]:
    """Gone before the period begins, yet still in the staff export."""
    staff = data.tables["employees"]
    last = data.last_days[["employee_id", "day"]]
    gone = last[last["day"] < pd.Timestamp(data.order.period.first_day)]
    rows = staff.merge(gone, on="employee_id")
    return findings_of(
        data, control, rows, kind="employee", observed=iso_days(rows["day"]), cell="employee_id"
    )


def joiner_without_payment(data: CheckData, control: Control) -> list[Finding]:
    """Announced as a joiner, or hired since the last known month, and not paid."""
    paid = _paid_ids(data, SALARIES.name)
    joiners = data.adjustments("joiner").rename(columns={"payee_id": "employee_id"})
    staff = data.tables["employees"]
    hired = staff["hire_date"]
    begin = pd.Timestamp(data.order.last_known.last_day)
    end = pd.Timestamp(data.order.period.last_day)
    columns = ["employee_id", "day", "source"]
    rows = pd.concat(
        [
            joiners.assign(day=joiners["from"])[columns],
            staff.assign(day=hired)[(hired > begin) & (hired <= end)][columns],
        ]
    ).drop_duplicates("employee_id")
    rows = rows[~rows["employee_id"].isin(paid)]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=SALARIES.name,
        observed=iso_days(rows["day"]),
        cell="employee_id",
    )


def vanished(data: CheckData, control: Control) -> list[Finding]:
    """In last month's register, now neither in the staff export nor announced as a leaver."""
    register = data.register
    present = register["employee_id"].isin(data.tables["employees"]["employee_id"])
    left = register["employee_id"].isin(data.adjustments("leaver")["payee_id"])
    rows = register[~present & ~left]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=str(data.order.last_known),
        cell="employee_id",
    )


def not_paid_now(data: CheckData, control: Control) -> list[Finding]:
    """Paid last month, still employed, and neither paid, nor held, nor explained this month."""
    register = data.register[data.register["net_cents"] > 0]
    ids = register["employee_id"]
    explained = pd.concat(
        [
            _paid_ids(data, SALARIES.name),
            data.last_days["employee_id"],
            data.tables["adjustments"]["payee_id"],
            data.rebuilt.receivables["payee_id"],
            data.rebuilt.to_settle["payee_id"],
        ]
    )
    present = ids.isin(data.tables["employees"]["employee_id"])
    rows = register[present & ~ids.isin(explained)]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=SALARIES.name,
        observed=str(data.order.period),
        cell="net",
    )


def not_on_master(data: CheckData, control: Control) -> list[Finding]:
    """Paid, and not on the master list of staff, practitioners or suppliers."""
    findings: list[Finding] = []
    for stream in data.streams(control):
        kind = str(STREAMS[stream].payee)
        paid = data.paid[data.paid["stream"] == stream].drop_duplicates("payee_id")
        rows = paid[~paid["payee_id"].isin(data.master(kind))]
        findings += findings_of(
            data, control, rows, kind=kind, stream=stream, observed=rows["payee_id"]
        )
    return findings
