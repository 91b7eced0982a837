"""Evaluate the controls of the rule book, hold the payees they name, and say it in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from payroll.checks.catalogue import CATALOGUE
from payroll.checks.data import CheckData, figure_missing, source_missing
from payroll.model.errors import InvariantError, PayrollError
from payroll.model.findings import FINDING_COLUMNS, Finding, RuledFinding, Severity
from payroll.model.frames import rows_of
from payroll.model.results import Rebuilt
from payroll.model.streams import streams_of
from payroll.rulebook.controls import Control
from payroll.rulebook.ruling import ruled
from payroll.rulebook.wording import message, remedy


def evaluate(data: CheckData, controls: Mapping[str, Control]) -> list[RuledFinding]:
    """All findings of all controls, sorted; one out of date or without its streams is skipped.

    Raises PayrollError control_kind_unknown or control_param_invalid (the rule book is wrong),
    InvariantError when a check itself fails (our bug).
    """
    require_known_kinds(controls)
    findings: list[Finding] = []
    for control in controls.values():
        if not control.raised and _applies(data, control):
            findings += _evaluate_one(data, control)
    return sorted(
        ruled(findings, controls),
        key=lambda item: (
            item.severity.rank,
            item.rule_id,
            item.subject_kind,
            item.subject_id,
            item.stream,
            item.source,
            item.observed,
            item.finding_id,
        ),
    )


def require_known_kinds(controls: Mapping[str, Control]) -> None:
    """Raise PayrollError control_kind_unknown for a control that no check and no stage knows."""
    for control in controls.values():
        if not control.raised and control.kind not in CATALOGUE:
            raise PayrollError("control_kind_unknown", where=control.id, kind=control.kind)


def _applies(data: CheckData, control: Control) -> bool:
    if control.streams:
        return bool(data.streams(control))
    return control.in_force(data.order.period.last_day)


def _evaluate_one(data: CheckData, control: Control) -> list[Finding]:
    for kind in control.requires:
        if not data.tables.has(kind):
            return source_missing(control, kind)
    without_value = data.figure_missing(control)
    if without_value is not None:
        return figure_missing(control, *without_value)
    try:
        return CATALOGUE[control.kind](data, control)
    except (PayrollError, InvariantError):
        raise
    except Exception as error:
        raise InvariantError(f"check {control.kind} of {control.id} failed") from error


def rules_of_holds(
    findings: Iterable[RuledFinding], released: Collection[str] = (), held: Collection[str] = ()
) -> dict[tuple[str, str], set[str]]:
    """(stream, payee) -> the rules that hold it, by severity or by decision (see `apply_holds`).

    What refuses the run holds its payee too.
    """
    rules: dict[tuple[str, str], set[str]] = {}
    for finding in findings:
        holds = finding.stops and finding.finding_id not in released
        if holds or finding.finding_id in held:
            for stream in streams_of(finding):
                rules.setdefault((stream, finding.subject_id), set()).add(finding.rule_id)
    return rules


def apply_holds(
    payments: pd.DataFrame,
    findings: Iterable[RuledFinding],
    released: Collection[str] = (),
    held: Collection[str] = (),
) -> pd.DataFrame:
    """Payments with status and hold_rules: a hold hits its payee, in its stream when it names one.

    released, held: ids of the findings that named people have cleared, and of those that hold
    because somebody said so (payroll.checks.decisions).
    A payment that is held already keeps its rules.
    """
    rules = rules_of_holds(findings, released, held)
    concerned = payments["payee_id"].isin({payee for _, payee in rules}).to_numpy()
    keys = list(rows_of(payments, "stream", "payee_id"))
    status = payments["status"].to_list()
    hold_rules = payments["hold_rules"].to_list()
    for index in np.flatnonzero(concerned).tolist():
        found = rules.get(keys[index])
        if found:
            status[index] = "held"
            hold_rules[index] = " ".join(sorted(found | set(hold_rules[index].split())))
    return payments.assign(
        status=pd.Series(status, index=payments.index, dtype="str"),
        hold_rules=pd.Series(hold_rules, index=payments.index, dtype="str"),
    )


def refuses(findings: Iterable[RuledFinding], released: Collection[str] = ()) -> bool:
    """Whether a finding refuses the run that no decision has cleared."""
    return any(
        finding.severity is Severity.BLOCK and finding.finding_id not in released
        for finding in findings
    )


def findings_frame(
    findings: Iterable[RuledFinding],
    controls: Mapping[str, Control],
    language: str,
    decided: Mapping[str, str],
) -> pd.DataFrame:
    """findings.csv: each finding once and in words, what stops most comes first.

    decided: finding id -> how it was decided.
    """
    unique = {finding.finding_id: finding for finding in findings}
    ordered = sorted(
        unique.values(),
        key=lambda item: (
            item.severity.rank,
            item.rule_id,
            item.subject_id,
            item.stream,
            item.source,
            item.finding_id,
        ),
    )
    rows = [
        (
            item.finding_id,
            item.rule_id,
            str(item.severity),
            str(item.subject_kind),
            item.subject_id,
            item.stream,
            item.observed,
            item.limit,
            message(controls[item.rule_id], item.words, language),
            remedy(controls[item.rule_id], item.words, language),
            item.source,
            decided.get(item.finding_id, ""),
        )
        for item in ordered
    ]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype="str")


def with_cells(findings: list[RuledFinding], rebuilt: Rebuilt) -> list[RuledFinding]:
    """Name the row of the payee in findings of the SEPA stage, which knows no source."""
    rows = {
        (stream, payee_id): source
        for stream, payee_id, source in rows_of(rebuilt.targets, "stream", "payee_id", "source")
    }
    return [
        replace(finding, source=rows.get((finding.stream, finding.subject_id), ""))
        if not finding.source and finding.stream
        else finding
        for finding in findings
    ]
