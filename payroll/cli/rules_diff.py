"""`payroll rules diff OLD NEW`: what two rule books say differently, and whose pay that changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, progress, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.record.run import Run
    from payroll.rulebook.book import RuleBook
    from payroll.rulebook.compare import RuleChange
    from payroll.views.pay_changes import PayDiff

MARKS = {"added": "+", "removed": "-", "changed": "~"}


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
    recorded = _sound_run(run) if run else None
    own = _own_rules(recorded) if recorded else {}
    before, after = (load_rulebook(_rule_files(folder, own)) for folder in (old, new))
    found = changes(before, after)
    pay = _pay_diff(recorded, before, after, language) if recorded else None
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


def _sound_run(folder: Path) -> Run:
    """The run, its inputs as its manifest says. Raises DamagedInputError run_altered."""
    from payroll.model.errors import DamagedInputError
    from payroll.store import altered_files, load_run

    stored = load_run(folder)
    altered = [name for name, _ in altered_files(stored) if name.startswith("inputs/")]
    if altered or not any(name.startswith("inputs/") for name in stored.files):
        raise DamagedInputError("run_altered", where=str(folder), files=", ".join(altered) or "-")
    return stored.run


def _own_rules(run: Run) -> dict[str, bytes]:
    """The employer's own rules that stood over the program's in a run."""
    return {name: file for name, file in run.rules.items() if name.startswith("workspace/")}


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


def _pay_diff(run: Run, old: RuleBook, new: RuleBook, language: str) -> PayDiff:
    """The same inputs under both books."""
    from payroll.release.verify import rebuild
    from payroll.views.pay_changes import pay_diff

    with progress(language) as announce:
        announce("verify")
        return pay_diff(rebuild(run, old), rebuild(run, new))


def _line(change: RuleChange) -> str:
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


def _tell(found: list[RuleChange], pay: PayDiff | None, language: str) -> None:
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


def _as_json(found: list[RuleChange], pay: PayDiff | None) -> dict[str, object]:
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
