"""How grave a finding is: what the rule book says, and nothing else.

Stages raise facts (payroll.model.findings); here each gets the severity of its rule, right after
its stage, and what a rule says out of its days is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from payroll.model.findings import Finding, RuledFinding, Severity
from payroll.model.order import PayrunOrder
from payroll.model.streams import streams_of
from payroll.rulebook.controls import Control


def ruled(findings: Iterable[Finding], controls: Mapping[str, Control]) -> list[RuledFinding]:
    """Each finding with its severity; one whose rule the book lacks holds: not knowing is no pass.

    For the findings of checks, which look at the days of their rule themselves.
    """
    return [_ruled(finding, controls.get(finding.rule_id)) for finding in findings]


def ruled_of_stage(
    findings: Iterable[Finding], controls: Mapping[str, Control], order: PayrunOrder
) -> list[RuledFinding]:
    """The findings of a stage: those whose rule is in force, each with its severity."""
    return ruled(in_force(findings, controls, order), controls)


def in_force(
    findings: Iterable[Finding], controls: Mapping[str, Control], order: PayrunOrder
) -> list[Finding]:
    """Findings without those whose rule is valid on none of their days.

    The days are the payment dates of the streams concerned, of those that are run; else the end of
    the period. What the stage cannot do otherwise is told whatever the day.
    """
    return [
        finding
        for finding in findings
        if (control := controls.get(finding.rule_id)) is None
        or control.unavoidable
        or any(map(control.in_force, _days(finding, order)))
    ]


def _days(finding: Finding, order: PayrunOrder) -> set[date]:
    streams = (finding.stream,) if finding.stream else streams_of(finding)
    ordered = [found for name in streams if (found := order.stream(name)) is not None]
    return {item.pay_on for item in ordered} or {order.period.last_day}


def _ruled(finding: Finding, control: Control | None) -> RuledFinding:
    return RuledFinding(
        rule_id=finding.rule_id,
        severity=Severity.HOLD if control is None else control.severity_of(finding.level),
        subject_kind=finding.subject_kind,
        subject_id=finding.subject_id,
        stream=finding.stream,
        observed=finding.observed,
        limit=finding.limit,
        source=finding.source,
        level=finding.level,
        params=finding.params,
    )
