"""Are the inputs recent, complete and confirmed by somebody else than who typed them?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, findings_of, run_finding
from payroll.model.findings import Finding, SubjectKind
from payroll.model.frames import rows_of
from payroll.model.people import same_person
from payroll.model.streams import payee_by_stream
from payroll.rulebook.controls import Control

_DECEASED = r"d[ée]c[èe]s|d[ée]c[ée]d|overleden|overlijden|deceased"


def export_too_old(data: CheckData, control: Control) -> list[Finding]:
    """A source exported more than `days` before the run (else: the age of the last known month)."""
    limit = control.whole("days")
    findings = []
    for source in data.order.source:
        known = source.exported_on or data.order.last_known.last_day
        age = (data.created_at.date() - known).days
        if age > limit and source.kind in control.texts("kinds"):
            findings.append(
                run_finding(
                    control,
                    subject_kind=SubjectKind.FILE,
                    subject_id=source.file,
                    observed=str(age),
                    limit=str(limit),
                )
            )
    return findings


def exported_in_future(data: CheckData, control: Control) -> list[Finding]:
    """A source said to be exported after the run was made: the date was typed wrong."""
    made = data.created_at.date()
    return [
        run_finding(
            control,
            subject_kind=SubjectKind.FILE,
            subject_id=source.file,
            observed=source.exported_on.isoformat(),
            limit=made.isoformat(),
        )
        for source in data.order.source
        if source.exported_on is not None and source.exported_on > made
    ]


def none_declared(data: CheckData, control: Control) -> list[Finding]:
    """No joiner, leaver or deceased in the adjustments, and nobody declared that there is none."""
    wanted = control.text("adjustment")
    rows = data.adjustments("leaver" if wanted == "deceased" else wanted)
    if wanted == "deceased":
        rows = rows[rows["reason"].str.contains(_DECEASED, case=False, regex=True)]
    declared = data.order.none_known.get(control.text("declared"), "")
    if len(rows) or declared.strip():
        return []
    return [run_finding(control, observed="0", limit=control.text("declared"))]


def stream_without_source(data: CheckData, control: Control) -> list[Finding]:
    """A stream is ordered, the source of what it pays (`table`) is not, and nobody declared why."""
    table = control.text("table")
    declared = data.order.none_known.get(control.text("declared"), "")
    if data.tables.has(table) or declared.strip():
        return []
    return [run_finding(control, observed=table, stream=stream) for stream in data.streams(control)]


def payee_kinds(data: CheckData, rows: pd.DataFrame) -> list[str]:
    """The payee kind of each adjustment: the master list that knows the id, else employee."""
    known = {
        kind: set(data.master(kind).tolist()) for kind in dict.fromkeys(payee_by_stream().values())
    }
    return [
        next((kind for kind, ids in known.items() if payee in ids), "employee")
        for payee in rows["payee_id"]
    ]


def adjustment_self_approved(data: CheckData, control: Control) -> list[Finding]:
    """The same person entered and approved an adjustment, however they wrote their name."""
    frame = data.tables["adjustments"]
    same = [
        same_person(typist, other) for typist, other in rows_of(frame, "entered_by", "approved_by")
    ]
    return _adjustments(data, control, frame[np.array(same, dtype=bool)])


def adjustment_not_approved(data: CheckData, control: Control) -> list[Finding]:
    """An adjustment that nobody approved."""
    frame = data.tables["adjustments"]
    return _adjustments(data, control, frame[frame["approved_by"].str.strip() == ""])


def _adjustments(data: CheckData, control: Control, rows: pd.DataFrame) -> list[Finding]:
    return findings_of(
        data,
        control,
        rows,
        kind=payee_kinds(data, rows),
        observed=rows["adjustment_id"],
        cell="approved_by",
    )
