"""What recorded decisions do to findings: released, held, waiting for a second person, void.

A finding may be cleared by as many different people of employer.toml as its control asks for, never
by whoever prepared the run, typed an adjustment of that payee or is the payee; `hold` needs one
person and undoes what was cleared before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from payroll.model.decisions import Decision
from payroll.model.findings import Finding, RuledFinding, finding
from payroll.model.frames import rows_of
from payroll.model.people import named_in, same_person
from payroll.model.streams import paid_to
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """Who may decide on what.

    people: whom employer.toml lists. prepared_by: whoever prepared the run, '' when it is not said.
    payees: PAYEES, with the name of each; adjustments: payee_id, entered_by and source of each.
    """

    people: Collection[str]
    prepared_by: str
    payees: pd.DataFrame
    adjustments: pd.DataFrame

    def refusal(self, subject: str, source: str, control: Control, by: str) -> str:
        """Why a person may not clear a finding on a subject with a source, '' when they may.

        not_overridable | unlisted | own_run | own_adjustment | own_pay.
        """
        if PEOPLE[control.override] == 0:
            return "not_overridable"
        if not named_in(by, self.people):
            return "unlisted"
        adjustments, payees = self.adjustments, self.payees
        concerned = adjustments["payee_id"] == subject
        named = [f"{row}," in f"{source}," for row in adjustments["source"].tolist()]
        typed = adjustments.loc[concerned | pd.Series(named, adjustments.index, dtype=bool)]
        for why, names in (
            ("own_adjustment", typed["entered_by"].unique().tolist()),
            ("own_pay", payees.loc[payees["payee_id"] == subject, "name"].tolist()),
            ("own_run", [self.prepared_by]),
        ):
            if any(same_person(by, name) for name in names):
                return why
        return ""


def bound_to_payments(
    findings: Iterable[RuledFinding], payments: pd.DataFrame, adjustments: pd.DataFrame
) -> list[RuledFinding]:
    """The findings, those that somebody may clear with what clearing them pays.

    That is the payee's payments of the stream (account and amount) and the adjustments typed for
    them: when one of these changes the finding is another one, and a decision on it lapses.
    """
    found = list(findings)
    grave = {item.subject_id for item in found if _is_bound(item)}
    paid: dict[str, list[tuple[str, str]]] = {}
    for payee, stream, *facts in rows_of(
        payments[payments["payee_id"].isin(grave)], "payee_id", "stream", "iban", "amount_cents"
    ):
        paid.setdefault(payee, []).append((stream, "|".join(map(str, facts))))
    own = adjustments[adjustments["payee_id"].isin(grave)]
    names = [name for name in own.columns if name != "source"]  # a row that moved is the same row
    for row in rows_of(own, "payee_id", *names):
        paid.setdefault(row[0], []).append(("", "|".join(map(str, row[1:]))))
    return [
        replace(item, pays=_digest_of(item, paid.get(item.subject_id, ())))
        if _is_bound(item)
        else item
        for item in found
    ]


def _is_bound(found: RuledFinding) -> bool:
    return found.stops and bool(paid_to(found.subject_kind))


def _digest_of(found: RuledFinding, paid: Iterable[tuple[str, str]]) -> str:
    concerned = sorted(facts for stream, facts in paid if stream in ("", found.stream or stream))
    return hashlib.sha256("\x1f".join(concerned).encode()).hexdigest()


def judge(
    findings: Iterable[RuledFinding],
    decisions: Iterable[Decision],
    controls: Mapping[str, Control],
    deciders: Deciders,
) -> Verdicts:
    """Apply decisions in the order in which they were taken."""
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
        control = controls[found.rule_id]
        why = deciders.refusal(found.subject_id, found.source, control, decision.by)
        if why:
            verdicts.findings.append(_about(decision, REFUSED, why))
            continue
        who = named_in(decision.by, deciders.people)
        cleared.setdefault(decision.finding, {})[who] = decision
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
