"""Adjustments that people typed: proof, author, size and hour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, findings_of, run_finding
from payroll.checks.inputs import payee_kinds
from payroll.model.findings import Finding, SubjectKind
from payroll.model.frames import rows_of
from payroll.model.money import euros, typed_cents
from payroll.model.people import named_in, same_person
from payroll.model.streams import SALARIES
from payroll.rulebook.controls import Control


def evidence_thin(data: CheckData, control: Control) -> list[Finding]:
    """A proof that nobody could find again: too short, or a word that says nothing."""
    frame = data.tables["adjustments"]
    proof = frame["evidence"].str.strip().str.casefold()
    thin = (proof.str.len() < control.whole("characters")) | proof.isin(control.texts("empty"))
    rows = frame[thin & (proof != "")]
    grave = rows["kind"].isin(control.texts("hold_kinds"))
    return findings_of(
        data,
        control,
        rows,
        kind=payee_kinds(data, rows),
        observed=rows["adjustment_id"],
        limit=rows["evidence"],
        cell="evidence",
        level=list(np.where(grave, "hold", "other_kinds")),
    )


def adjusts_own_pay(data: CheckData, control: Control) -> list[Finding]:
    """The payee entered or approved an adjustment of their own pay."""
    frame = data.tables["adjustments"]
    staff = data.tables["employees"]
    names = dict(
        zip(staff["employee_id"], staff["first_name"] + " " + staff["last_name"], strict=True)
    )
    for kind in ("practitioner", "supplier"):
        names.update(rows_of(data.tables[f"{kind}s"], f"{kind}_id", "name"))
    own = [
        any(same_person(names.get(payee, ""), name) for name in typed_by)
        for payee, *typed_by in rows_of(frame, "payee_id", "entered_by", "approved_by")
    ]
    rows = frame[np.array(own, dtype=bool)]
    return findings_of(
        data,
        control,
        rows,
        kind=payee_kinds(data, rows),
        observed=rows["adjustment_id"],
        cell="entered_by",
    )


def typed_by_unlisted(data: CheckData, control: Control) -> list[Finding]:
    """Whoever entered or approved an adjustment is nobody whom employer.toml lists.

    Where it lists no preparers, whoever the order says prepared the run counts as one.
    """
    frame, listed = data.tables["adjustments"], _listed(data)
    unknown = [
        ", ".join(name for name in names if name.strip() and not named_in(name, listed))
        for names in rows_of(frame, "entered_by", "approved_by")
    ]
    named = pd.Series(unknown, frame.index, dtype="str")
    rows = frame[named != ""]
    return findings_of(
        data,
        control,
        rows,
        kind=payee_kinds(data, rows),
        observed=rows["adjustment_id"],
        limit=named[rows.index],
        cell="entered_by",
    )


def preparer_unlisted(data: CheckData, control: Control) -> list[Finding]:
    """Whoever prepared the run is nobody whom employer.toml lists, or it lists no preparers."""
    name, employer = data.order.prepared_by, data.employer
    if not name or named_in(name, employer.people):
        return []
    level = "" if employer.release.preparers else "no_list"
    return [run_finding(control, observed=name, limit=", ".join(employer.people), level=level)]


def _listed(data: CheckData) -> tuple[str, ...]:
    employer = data.employer
    own = () if employer.release.preparers else (data.order.prepared_by,)
    return (*employer.people, *own)


def _one_offs(data: CheckData) -> pd.DataFrame:
    """One-off adjustments with `cents`; a value that cannot be read is the rebuild's to say."""
    frame = data.tables["adjustments"]
    frame = frame[frame["kind"].isin(["one_off_gross", "one_off_net"])]
    return frame.assign(
        cents=pd.Series([typed_cents(v) or 0 for v in frame["value"]], frame.index, "int64")
    )


def one_off_large(data: CheckData, control: Control) -> list[Finding]:
    """A one-off amount that is large for one: warn, then hold."""
    frame = _one_offs(data)
    warn, hold = control.cents("warn"), control.cents("hold")
    rows = frame[frame["cents"].abs() > warn]
    above = rows["cents"].abs() > hold
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=SALARIES.name,
        cell="value",
        observed=[euros(cents) for cents in rows["cents"]],
        limit=[euros(hold if high else warn) for high in above],
        level=list(np.where(above, "hold", "warn")),
    )


def one_offs_total(data: CheckData, control: Control) -> list[Finding]:
    """All one-off amounts together are too large a part of last month's net."""
    rows = _one_offs(data)
    rows = rows[data.not_held(SALARIES.name, rows["payee_id"])]
    total = int(rows["cents"].abs().sum())
    net = int(data.register["net_cents"].clip(lower=0).sum())
    if net <= 0 or total <= control.cents("minimum"):
        return []
    if total * 10_000 <= net * int(control.decimal("percent") * 100):
        return []
    return [run_finding(control, observed=euros(total), limit=euros(net), stream=SALARIES.name)]


def typed_after_cut_off(data: CheckData, control: Control) -> list[Finding]:
    """A list of adjustments closed so late that nobody had the time to check it."""
    findings = []
    for source in data.order.source:
        for stream in data.streams(control):
            if source.kind == "adjustments" and source.exported_on is not None:
                left = (data.pay_on(stream) - source.exported_on).days
                if left < control.whole("days"):
                    findings.append(
                        run_finding(
                            control,
                            subject_kind=SubjectKind.FILE,
                            subject_id=source.file,
                            observed=source.exported_on.isoformat(),
                            limit=data.pay_on(stream).isoformat(),
                            stream=stream,
                        )
                    )
    return findings
