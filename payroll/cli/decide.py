"""`payroll decide RUN [FINDING]`: record who clears or upholds a finding, and on what evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, say, verb
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    import pandas as pd

    from payroll.model.decisions import Decision
    from payroll.model.order import PayrunOrder
    from payroll.rulebook.book import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a decision is taken on: the findings, their rules, who typed what, what was decided."""

    folder: Path  # the pay-run folder, where decisions are recorded
    findings: pd.DataFrame
    rulebook: RuleBook
    adjustments: pd.DataFrame
    taken: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One decision as somebody gave it, before it is judged; `where` is its cell, if it has one."""

    finding: str
    action: str
    by: str
    reason: str
    evidence: str
    where: str = ""


@verb("decide")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("finding", required=False)
@click.option("--pay", is_flag=True)
@click.option("--hold", is_flag=True)
@click.option("--by", default="", metavar="NAME")
@click.option("--reason", default="", metavar="TEXT")
@click.option("--evidence", default="", metavar="REF")
@click.option("--from", "workbook", type=click.Path(path_type=Path), metavar="REVIEW.XLSX")
def command(
    run: Path,
    *,
    finding: str | None,
    pay: bool,
    hold: bool,
    by: str,
    reason: str,
    evidence: str,
    workbook: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Record decisions beside the pay-run's order; the run itself is never changed."""
    from payroll.model.errors import UsageError
    from payroll.release.ledger_check import newer_run
    from payroll.texts import text

    language = lang or language_asked()
    if pay and hold:
        raise UsageError("decide_both")
    action = "pay" if pay else "hold" if hold else None
    desk = open_desk(run)
    if newer := newer_run(run):
        say(text("decide_newer", language, run=newer))
    if workbook is not None:
        wishes = _wishes_of(workbook)
    elif finding is None and action is None:
        return _list(desk, run, language, as_json=as_json)
    elif finding is None or action is None:
        raise UsageError("decide_which")
    else:
        wishes = [Wish(finding=finding, action=action, by=by, reason=reason, evidence=evidence)]
    decisions = record(desk, run, wishes)
    if as_json:
        print_json([decision.model_dump(mode="json") for decision in decisions])
    _tell(desk, decisions, language)
    return 0


def open_desk(path: Path) -> Desk:
    """The findings of a run folder, or of a pay-run as it stands (for one that was refused).

    Raises DamagedInputError when the run was altered, UsageError when the path is neither.
    """
    from payroll.model.decisions import DECISIONS, recorded
    from payroll.model.errors import DamagedInputError
    from payroll.model.order import parse_payrun
    from payroll.record.csv import read_csv
    from payroll.record.folder import files_below
    from payroll.record.manifest import MANIFEST
    from payroll.rulebook.book import load_rulebook
    from payroll.store import altered_files, load_payrun, load_run, read_input

    if not (path / MANIFEST).is_file():
        return _present_desk(path)
    stored = load_run(path)
    altered = [name for name, _ in altered_files(stored) if not name.startswith("sepa/")]
    if altered:
        raise DamagedInputError("run_altered", where=str(path), files=", ".join(altered))
    inputs = files_below(stored.files, "inputs/")
    order, _ = parse_payrun(inputs)
    rulebook = load_rulebook(files_below(stored.files, "rulebook/"))
    folder = load_payrun(path.resolve().parent.parent).folder
    beside = folder / DECISIONS
    taken = recorded({DECISIONS: read_input(beside)}) if beside.exists() else ()
    return Desk(
        folder=folder,
        findings=read_csv(stored.files["findings.csv"]),
        rulebook=rulebook,
        adjustments=_adjustments(order, inputs, rulebook),
        taken=taken,
    )


def _present_desk(path: Path) -> Desk:
    """The findings of a pay-run that has no run folder, worked out now."""
    from payroll.model.decisions import recorded
    from payroll.pipeline import build_run
    from payroll.record.run import RunRequest
    from payroll.release.ledger_input import with_ledger
    from payroll.rulebook.book import load_rulebook
    from payroll.store import load_payrun, load_rule_files, now, rules_folder

    found = load_payrun(path)
    rulebook = load_rulebook(load_rule_files(rules_folder(), found.folder.parent))
    found = with_ledger(found, rulebook)
    output = build_run(
        RunRequest(
            order=found.order,
            employer=found.employer,
            inputs=found.inputs,
            rulebook=rulebook,
            created_at=(found.order.created_at or now()).replace(tzinfo=None),
        )
    )
    return Desk(
        folder=found.folder,
        findings=output.findings,
        rulebook=rulebook,
        adjustments=_adjustments(found.order, found.inputs, rulebook),
        taken=recorded(found.inputs),
    )


def _adjustments(
    order: PayrunOrder, inputs: Mapping[str, bytes], rulebook: RuleBook
) -> pd.DataFrame:
    """Who typed which adjustment of whom, their numbers as the master lists write them."""
    from payroll.ingest.read import read_sources

    wanted = ("adjustments", "employees", "practitioners", "suppliers")
    some = tuple(source for source in order.source if source.kind in wanted)
    tables, _ = read_sources(order.model_copy(update={"source": some}), inputs, rulebook.formats)
    return tables["adjustments"]


def record(desk: Desk, run: Path, wishes: Sequence[Wish]) -> list[Decision]:
    """Judge every wish, then write all or none. Raises UsageError naming cell and reason."""
    from payroll.model.decisions import entry_text
    from payroll.store import now, record_decisions

    at = now()
    taken = list(desk.taken)
    made = []
    for wish in wishes:
        decision = _judged(desk, run, wish, taken, at)
        taken.append(decision)
        made.append(decision)
    if made:
        record_decisions(desk.folder, "".join(entry_text(decision) for decision in made))
    return made


def _judged(desk: Desk, run: Path, wish: Wish, taken: Sequence[Decision], at: object) -> Decision:
    from payroll.checks.decisions import Subject, refusal
    from payroll.model.decisions import Decision, person_key
    from payroll.model.errors import UsageError
    from payroll.model.findings import Severity
    from payroll.model.streams import paid_to
    from payroll.rulebook.controls import RAISED_BY

    for name in ("action", "by", "reason", "evidence"):
        if len(getattr(wish, name).strip()) < 3:
            raise UsageError("decision_incomplete", where=wish.where, field=name)
    row = _finding(desk, run, wish)
    rule, finding = row["rule_id"], row["finding_id"]
    control = desk.rulebook.controls[rule]
    subject = Subject(
        finding_id=finding, rule_id=rule, subject_id=row["subject_id"], source=row["source"]
    )
    if control.kind == f"{RAISED_BY}sepa":  # the file is not written otherwise, whoever decides
        raise UsageError("decision_not_overridable", where=wish.where, rule=rule)
    if wish.action == "hold" and not paid_to(row["subject_kind"]):
        raise UsageError("decision_no_payee", where=wish.where, rule=rule)
    if wish.action == "pay":
        if row["severity"] not in (Severity.HOLD, Severity.BLOCK):
            raise UsageError("decision_nothing_to_clear", where=wish.where, rule=rule)
        why = refusal(subject, control, wish.by, desk.adjustments)
        own = [item for item in taken if item.finding == finding]
        cleared = {person_key(item.by) for item in own if item.action == "pay"}
        if not why and person_key(wish.by) in cleared and own[-1].action == "pay":
            why = "same_person"
        if why:
            raise UsageError(f"decision_{why}", where=wish.where, rule=rule, by=wish.by)
    return Decision.model_validate(
        {
            "finding": finding,
            "rule": rule,
            "subject": row["subject_id"],
            "action": wish.action,
            "by": wish.by.strip(),
            "at": at,
            "reason": wish.reason.strip(),
            "evidence": wish.evidence.strip(),
        }
    )


def _finding(desk: Desk, run: Path, wish: Wish) -> dict[str, str]:
    """The finding meant by an id or its beginning."""
    from payroll.model.errors import UsageError
    from payroll.views.workbook.decisions import to_decide

    rows = desk.findings[desk.findings["finding_id"].str.startswith(wish.finding)]
    if len(rows) == 1:
        return {str(key): str(value) for key, value in rows.iloc[0].items()}
    known = rows if len(rows) else to_decide(desk.findings)
    near = ", ".join(known["finding_id"].head(3))
    problem = "finding_ambiguous" if len(rows) else "finding_unknown"
    raise UsageError(problem, where=wish.where, id=wish.finding, near=near, run=run)


def _wishes_of(workbook: Path) -> list[Wish]:
    from payroll.model.errors import UsageError
    from payroll.store import read_input
    from payroll.views.workbook.decisions import read_sheet

    wishes = []
    for row in read_sheet(workbook.name, read_input(workbook)):
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
        raise UsageError("decide_which", where=workbook.name)
    return wishes


def _list(desk: Desk, run: Path, language: str, *, as_json: bool) -> int:
    """What waits for a decision, the gravest first."""
    from payroll.texts import text
    from payroll.views.workbook.decisions import to_decide

    rows = to_decide(desk.findings)
    rows = rows[rows["decision"] == ""]
    if as_json:
        columns = ["finding_id", "rule_id", "severity", "subject_id", "stream", "message"]
        print_json(
            [
                {**row, "override": desk.rulebook.controls[row["rule_id"]].override}
                for row in rows[columns].to_dict("records")
            ]
        )
        return 0
    if not len(rows):
        say(text("decide_nothing", language))
        return 0
    say(text("decide_list", language, count=len(rows), run=run))
    for row in rows.to_dict("records"):
        level = desk.rulebook.controls[row["rule_id"]].override
        click.echo(
            f"{row['finding_id']}  {row['rule_id']:<9} {row['subject_id']:<12} "
            f"[{text(f'dec_level_{level}', language)}]"
        )
        click.echo(f"    {row['message']}")
    return 0


def _tell(desk: Desk, decisions: Sequence[Decision], language: str) -> None:
    from payroll.checks.decisions import PEOPLE
    from payroll.texts import text

    everybody = [*desk.taken, *decisions]
    for decision in decisions:
        word = text(f"dec_action_{decision.action}", language)
        say(
            text(
                "decide_recorded",
                language,
                rule=decision.rule,
                payee=decision.subject,
                action=word,
                by=decision.by,
            )
        )
        needed = PEOPLE[desk.rulebook.controls[decision.rule].override]
        people = {
            item.by
            for item in everybody
            if item.finding == decision.finding and item.action == "pay"
        }
        if decision.action == "pay" and len(people) < needed:
            say(text("decide_waiting", language))
    say(text("decide_next", language, payrun=desk.folder))
