"""Decisions on findings: what waits for one, and how one is judged before it is recorded.

Decided on is a Run: the one of a folder, or that of a month that was refused, which has no folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from payroll.checks.decisions import PEOPLE, Deciders
from payroll.model.decisions import DECISIONS, Decision, entry_text, recorded
from payroll.model.errors import UsageError
from payroll.model.findings import Severity
from payroll.model.people import named_in, same_person
from payroll.model.refusals import refusals
from payroll.model.released import reissue_of
from payroll.model.sections import name_problem
from payroll.model.streams import paid_to
from payroll.pipeline import build_run
from payroll.record.findings import findings_in, to_decide
from payroll.record.manifest import MANIFEST
from payroll.record.run import Run
from payroll.release.ledger_input import to_reissue, with_ledger
from payroll.rulebook.controls import RAISED_BY, Control
from payroll.store import (
    find_payrun,
    load_book,
    load_payrun,
    load_unaltered,
    now,
    read_input,
    record_decisions,
)
from payroll.views.workbook.decisions import Filled

#: No name, reason or reference is shorter.
_SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
    """What a decision is taken on. named: the run or pay-run as a command names it.

    month: the pay-run's folder, where decisions are recorded; taken: those that stand there.
    """

    named: str
    month: Path
    run: Run
    taken: tuple[Decision, ...]

    def control(self, rule: str) -> Control:
        """The rule behind a finding: its `override` says who may clear it."""
        return self.run.control(rule)

    @property
    def next_command(self) -> str:
        """What makes the run that applies the decisions: of what failed, a reissue again."""
        again = reissue_of(self.run.inputs)
        if again is None:
            return f"payroll run {self.month}"
        return f"payroll reissue {self.month} --pay-on {again.pay_on}"

    @property
    def deciders(self) -> Deciders:
        """Who may decide, by what the run knew."""
        return Deciders(
            people=self.run.employer.people,
            prepared_by=self.run.order.prepared_by,
            payees=self.run.frames["payees"],
            adjustments=self.run.frames["adjustments"],
        )

    def pays_nothing(self, finding: Mapping[str, str]) -> bool:
        """Whether a finding holds a payee of whom the run has no payment: of what is owed less than
        nothing, was paid or could not be calculated, a decision to pay would pay nothing.
        """
        if finding["severity"] != Severity.HOLD or not paid_to(finding["subject_kind"]):
            return False
        payments = self.run.payments
        own = payments[payments["payee_id"] == finding["subject_id"]]
        return not (own["stream"] == finding["stream"]).any() if finding["stream"] else own.empty

    def waiting(self, language: str) -> pd.DataFrame:
        """The findings that nobody decided on, the gravest first, in the reader's language."""
        rows = to_decide(findings_in(self.run, language))
        return rows[rows["decision"] == ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One decision as somebody gave it, before it is judged; `where` is its cell, if it has one."""

    finding: str
    action: str
    by: str
    reason: str
    evidence: str
    where: str = ""


def decision_context(
    path: Path, *, reissue: bool = False, pay_on: date | None = None
) -> DecisionContext:
    """The context of a run folder, or of a pay-run as it stands (for one that was refused).

    reissue, pay_on: of a pay-run, what was refused is its reissue, as `payroll reissue` makes it.
    Raises DamagedInputError when the run was altered, UsageError when the path is neither.
    """
    if (path / MANIFEST).is_file():
        month = find_payrun(path.resolve().parent.parent)
        run, flags = load_unaltered(path).run, ""
    else:
        month = find_payrun(path)
        run = _built(month, reissue=reissue, pay_on=pay_on)
        flags = reissue_flags(run)
    beside = month / DECISIONS
    taken = recorded({DECISIONS: read_input(beside)}) if beside.exists() else ()
    return DecisionContext(named=f"{path}{flags}", month=month, run=run, taken=taken)


def reissue_flags(run: Run) -> str:
    """How `payroll decide` is told which reissue was refused; '' of any other run."""
    again = reissue_of(run.inputs)
    return "" if again is None else f" --reissue --pay-on {again.pay_on}"


def _built(month: Path, *, reissue: bool, pay_on: date | None) -> Run:
    """The run of a month that has no folder."""
    found = load_payrun(month)
    rulebook = load_book(found.folder.parent)
    found = with_ledger(found, rulebook)
    if reissue:
        found = to_reissue(found, pay_on, "")
    return build_run(found.request(rulebook))


def wishes_of(rows: Iterable[Filled], name: str) -> list[Wish]:
    """The decisions of a filled-in sheet, one per person. Raises UsageError naming the row."""
    wishes = []
    for row in rows:
        if not row.action or not row.people:
            field = "by" if row.action else "action"
            raise UsageError("decision_incomplete", where=row.where, field=field)
        wishes += [
            Wish(
                finding=row.finding,
                action=row.action,
                by=by,
                reason=row.values["reason"],
                evidence=evidence,
                where=row.where,
            )
            for by, evidence in row.people
        ]
    if not wishes:
        raise UsageError("decide_which", where=name)
    return wishes


def decide(context: DecisionContext, wishes: Sequence[Wish]) -> list[Decision]:
    """Judge every wish, then record all or none. Raises UsageError naming cell and reason."""
    at = now()
    taken = list(context.taken)
    for wish in wishes:
        taken.append(_judged(context, wish, taken, at))
    made = taken[len(context.taken) :]
    if made:
        record_decisions(context.month, "".join(map(entry_text, made)))
    return made


def still_asked(context: DecisionContext, made: Sequence[Decision], decision: Decision) -> bool:
    """Whether the finding of a decision just made needs another person to be cleared."""
    needed = PEOPLE[context.control(decision.rule).override]
    people = {
        item.by
        for item in (*context.taken, *made)
        if item.finding == decision.finding and item.action == "pay"
    }
    return decision.action == "pay" and len(people) < needed


def _judged(
    context: DecisionContext, wish: Wish, taken: Sequence[Decision], at: datetime
) -> Decision:
    for name in ("action", "by", "reason", "evidence"):
        if len(getattr(wish, name).strip()) < _SHORTEST:
            raise UsageError("decision_incomplete", where=wish.where, field=name)
    if refused := name_problem(wish.by.strip()):  # also that of a sheet
        raise UsageError("text_refused", where=wish.where, detail=(refused,))
    finding = _finding(context, wish)
    rule = finding["rule_id"]
    if problem := _problem(context, wish, finding, taken):
        listed = ", ".join(context.deciders.people) or "-"
        raise UsageError(
            f"decision_{problem}",
            where=wish.where,
            rule=rule,
            by=wish.by,
            people=listed,
            payee=finding["subject_id"],
        )
    values = {
        "finding": finding["finding_id"],
        "rule": rule,
        "subject": finding["subject_id"],
        "action": wish.action,
        "by": named_in(wish.by, context.deciders.people),
        "at": at,
        "reason": wish.reason.strip(),
        "evidence": wish.evidence.strip(),
    }
    try:
        return Decision.model_validate(values)
    except ValidationError as error:
        place, said = refusals(Decision, error)
        where = f"{wish.where}, {place}" if wish.where else place
        raise UsageError("text_refused", where=where, detail=said) from error


def _problem(
    context: DecisionContext, wish: Wish, finding: Mapping[str, str], taken: Sequence[Decision]
) -> str:
    """Why this may not be decided, or not by this person: '' or the end of an error id."""
    control = context.control(finding["rule_id"])
    if control.kind == f"{RAISED_BY}sepa":  # the file is not written otherwise, whoever decides
        return "not_overridable"
    if not named_in(wish.by, context.deciders.people):
        return "unlisted"
    if wish.action == "hold":
        return "" if paid_to(finding["subject_kind"]) else "no_payee"
    if finding["severity"] not in (Severity.HOLD, Severity.BLOCK) or context.pays_nothing(finding):
        grave = finding["severity"] == Severity.HOLD
        return "pays_nothing" if grave else "nothing_to_clear"
    subject, source = finding["subject_id"], finding["source"]
    if why := context.deciders.refusal(subject, source, control, wish.by):
        return why
    own = [item for item in taken if item.finding == finding["finding_id"]]
    cleared = [item.by for item in own if item.action == "pay"]
    again = any(same_person(wish.by, by) for by in cleared) and own[-1].action == "pay"
    return "same_person" if again else ""


def _finding(context: DecisionContext, wish: Wish) -> dict[str, str]:
    """The finding meant by an id or its beginning."""
    findings = context.run.findings
    rows = findings[findings["finding_id"].str.startswith(wish.finding)]
    if len(rows) == 1:
        return {str(key): str(value) for key, value in rows.iloc[0].items()}
    known = rows if len(rows) else to_decide(findings)
    near = ", ".join(known["finding_id"].head(3))
    problem = "finding_ambiguous" if len(rows) else "finding_unknown"
    raise UsageError(problem, where=wish.where, id=wish.finding, near=near, run=context.named)
