"""`payroll rules diff OLD NEW`: what two rule books say differently, and whose pay that changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, progress, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    import pandas as pd

    from payroll.record.run import Run
    from payroll.rulebook.book import RuleBook
    from payroll.rulebook.compare import Change
    from payroll.store import StoredRun

MARKS = {"added": "+", "removed": "-", "changed": "~"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PayDiff:
    """The same inputs under both books. rows: PAY_CHANGES; totals: per stream, everybody."""

    rows: pd.DataFrame
    newly_held: pd.DataFrame
    no_longer_held: pd.DataFrame
    totals: Mapping[str, Mapping[str, int]]
    refused: Mapping[str, tuple[str, ...]]  # old, new -> the rules that refuse the run


@verb("rules_diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--against",
    "run",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help=help_text("option_against"),
)
def diff(old: Path, new: Path, *, run: Path | None, lang: str | None, as_json: bool) -> int:
    """Exit code 0: nothing differs; 1: something does."""
    from payroll.rulebook.book import load_rulebook
    from payroll.rulebook.compare import changes

    language = lang or language_asked()
    stored = _sound_run(run) if run else None
    own = _workspace_rules(stored) if stored else {}
    before, after = (load_rulebook(_rule_files(folder, own)) for folder in (old, new))
    found = changes(before, after)
    pay = _pay_diff(stored, before, after, language) if stored else None
    if as_json:
        print_json(_as_json(found, pay))
    else:
        for change in found:
            click.echo(_line(change))
        if pay is not None:
            _print_pay(pay, language)
    _tell(found, pay, language)
    refused = pay is not None and pay.refused["old"] != pay.refused["new"]
    return 1 if found or refused or (pay is not None and len(pay.rows)) else 0


def _sound_run(folder: Path) -> StoredRun:
    """The run, its inputs as its manifest says. Raises DamagedInputError run_altered."""
    from payroll.model.errors import DamagedInputError
    from payroll.store import altered_files, load_run

    stored = load_run(folder)
    altered = [name for name, _ in altered_files(stored) if name.startswith("inputs/")]
    if altered or not any(name.startswith("inputs/") for name in stored.files):
        raise DamagedInputError("run_altered", where=str(folder), files=", ".join(altered) or "-")
    return stored


def _workspace_rules(stored: StoredRun) -> dict[str, bytes]:
    """The employer's own rules that stood over the program's in a run."""
    prefix = "rulebook/"
    return {
        name.removeprefix(prefix): content
        for name, content in stored.files.items()
        if name.startswith(f"{prefix}workspace/")
    }


def _rule_files(folder: Path, own: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a rules folder (the employer's own over it), of the book inside a run, or of a
    workspace: its own rules over the program's.
    """
    from payroll.model.errors import UsageError
    from payroll.record.manifest import MANIFEST
    from payroll.store import load_rule_files, rules_folder

    if (folder / "employer.toml").is_file() and not (folder / MANIFEST).is_file():
        return load_rule_files(rules_folder(), folder)
    inside = folder / "rulebook"
    if (folder / MANIFEST).is_file() and inside.is_dir():
        return load_rule_files(inside)
    files = load_rule_files(folder)
    if not any(name.startswith(("parameters/", "controls/")) for name in files):
        raise UsageError("rules_missing", where=str(folder))
    return {**files, **own}


def _pay_diff(stored: StoredRun, old: RuleBook, new: RuleBook, language: str) -> PayDiff:
    from payroll.record.findings import blocking
    from payroll.views.pay_changes import newly_held, no_longer_held, pay_changes, stream_totals

    with progress(language) as announce:
        announce("verify")
        outputs = {"old": _rebuilt(stored, old), "new": _rebuilt(stored, new)}
    before, after = ((output.payments, output.frames["receivables"]) for output in outputs.values())
    rows = pay_changes(before, after)
    return PayDiff(
        rows=rows,
        newly_held=newly_held(rows),
        no_longer_held=no_longer_held(rows),
        totals=stream_totals(before, after),
        refused={
            side: tuple(sorted(set(output.findings.loc[blocking(output.findings), "rule_id"])))
            for side, output in outputs.items()
        },
    )


def _rebuilt(stored: StoredRun, book: RuleBook) -> Run:
    from payroll.model.order import parse_payrun
    from payroll.pipeline import build_run
    from payroll.record.folder import files_below
    from payroll.record.run import RunRequest

    inputs = files_below(stored.files, "inputs/")
    order, employer = parse_payrun(inputs)
    created_at = datetime.fromisoformat(str(stored.manifest["created_at"]))
    return build_run(
        RunRequest(
            order=order, employer=employer, inputs=inputs, rulebook=book, created_at=created_at
        )
    )


def _line(change: Change) -> str:
    place = " ".join(part for part in (change.at, change.field) if part)
    values = [value for value in (change.old, change.new) if value is not None]
    words = " -> ".join(values)
    return f"{MARKS[change.what]} {change.kind}:{change.entry}  {place}: {words}".replace(
        " : ", " "
    )


def _print_pay(pay: PayDiff, language: str) -> None:
    """One line per payee whose pay or status differs, then the totals of everybody."""
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    def amounts(*cents: int) -> str:
        return "".join(f"{euros_shown(value, language):>18}" for value in cents)

    if len(pay.rows):
        heads = [text(f"diff_{name}", language) for name in ("old", "new", "difference")]
        click.echo(f"{'':<9} {'':<20}" + "".join(f"{head:>18}" for head in heads))
    for row in pay.rows.to_dict("records"):
        held = (
            ""
            if row["old_status"] == row["new_status"]
            else (f"  {row['old_status'] or '-'} -> {row['new_status'] or '-'}")
        )
        click.echo(
            f"{row['stream']:<9} {row['payee_id']:<20}"
            f"{amounts(row['old_cents'], row['new_cents'], row['difference_cents'])}{held}"
        )
    for stream, total in pay.totals.items():
        old, new = total["old_cents"], total["new_cents"]
        label = text("column_total", language)
        click.echo(f"{stream:<9} {label:<20}{amounts(old, new, new - old)}")


def _tell(found: list[Change], pay: PayDiff | None, language: str) -> None:
    from payroll.texts import text

    say(text("diff_rules", language, count=len(found)))
    if pay is None:
        return
    say(
        text(
            "diff_pay",
            language,
            count=int((pay.rows["difference_cents"] != 0).sum()),
            held=len(pay.newly_held),
            released=len(pay.no_longer_held),
        )
    )
    for side, rules in pay.refused.items():
        if rules:
            say(
                text(
                    "diff_refused",
                    language,
                    side=text(f"diff_{side}", language),
                    rules=", ".join(rules),
                )
            )


def _as_json(found: list[Change], pay: PayDiff | None) -> dict[str, object]:
    rules = [
        {
            "what": item.what,
            "kind": item.kind,
            "id": item.entry,
            "from": item.at,
            "field": item.field,
            "old": item.old,
            "new": item.new,
        }
        for item in found
    ]
    if pay is None:
        return {"rules": rules}
    keys = ["stream", "payee_id"]
    return {
        "rules": rules,
        "pay": pay.rows.to_dict("records"),
        "newly_held": pay.newly_held[keys].to_dict("records"),
        "no_longer_held": pay.no_longer_held[keys].to_dict("records"),
        "totals": pay.totals,
        "refused": {side: list(ids) for side, ids in pay.refused.items()},
    }
