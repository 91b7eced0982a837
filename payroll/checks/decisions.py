"""What recorded decisions do to findings: released, held, waiting for a second person, void.

A finding may be cleared by as many different people as its control asks for, never by whoever typed
an adjustment of that payee; `hold` needs one person and undoes what was cleared before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from payroll.model.decisions import Decision, person_key
from payroll.model.findings import Finding, RuledFinding, finding
from payroll.rulebook.controls import Control

#: How many people clear a finding, by the override level of its control; none: nobody can.
PEOPLE = {"none": 0, "one": 1, "two_people": 2}
LAPSED, REFUSED, WAITING = "DEC-001", "DEC-002", "DEC-003"


@dataclass(slots=True)
class Verdicts:
    """released, held: ids of findings that decisions cleared or made hold. shown: what stands in
    the decision column, by id. findings: lapsed, refused and unfinished decisions.
    """

    released: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def refusal(
    subject_id: str, source: str, control: Control, by: str, adjustments: pd.DataFrame
) -> str:
    """Why a person may not clear a finding: '' | not_overridable | own_adjustment.

    subject_id, source: of the finding; adjustments: payee_id, entered_by and source of each.
    """
    if PEOPLE[control.override] == 0:
        return "not_overridable"
    concerned = adjustments["payee_id"] == subject_id
    named = [f"{row}," in f"{source}," for row in adjustments["source"]]
    typed = adjustments.loc[concerned | pd.Series(named, adjustments.index, dtype=bool)]
    typists = {person_key(name) for name in typed["entered_by"]}
    return "own_adjustment" if person_key(by) in typists else ""


def judge(
    findings: Iterable[RuledFinding],
    decisions: Iterable[Decision],
    controls: Mapping[str, Control],
    adjustments: pd.DataFrame,
) -> Verdicts:
    """Apply decisions in the order in which they were taken.

    adjustments: as of `refusal`.
    """
    verdicts = Verdicts()
    by_id = {finding.finding_id: finding for finding in findings}
    cleared: dict[str, dict[str, Decision]] = {}
    last: dict[str, Decision] = {}
    for decision in decisions:
        found = by_id.get(decision.finding)
        if found is None:
            verdicts.findings.append(_about(decision, LAPSED))
            continue
        last[decision.finding] = decision
        if decision.action == "hold":
            cleared[decision.finding] = {}
            continue
        why = refusal(
            found.subject_id, found.source, controls[found.rule_id], decision.by, adjustments
        )
        if why:
            verdicts.findings.append(_about(decision, REFUSED, why))
            continue
        cleared.setdefault(decision.finding, {})[person_key(decision.by)] = decision
    for finding_id, decision in last.items():
        _conclude(verdicts, by_id[finding_id], decision, cleared.get(finding_id, {}), controls)
    return verdicts


def _conclude(
    verdicts: Verdicts,
    found: RuledFinding,
    last: Decision,
    people: Mapping[str, Decision],
    controls: Mapping[str, Control],
) -> None:
    """Where one finding stands after all decisions on it."""
    finding_id = found.finding_id
    if last.action == "hold":
        verdicts.held.add(finding_id)
        verdicts.shown[finding_id] = f"hold: {last.by} {last.at:%Y-%m-%d}"
        return
    needed = PEOPLE[controls[found.rule_id].override]
    names = ", ".join(f"{item.by} {item.at:%Y-%m-%d}" for item in people.values())
    if people and len(people) >= needed:
        verdicts.released.add(finding_id)
        verdicts.shown[finding_id] = f"pay: {names}"
    elif people:
        verdicts.shown[finding_id] = f"pay {len(people)}/{needed}: {names}"
        verdicts.findings.append(_about(last, WAITING))


def _about(decision: Decision, rule_id: str, why: str = "") -> Finding:
    return finding(
        rule_id,
        observed=decision.finding,
        limit=why,
        source="decisions.toml",
        rule=decision.rule,
        payee=decision.subject,
        by=decision.by,
    )
