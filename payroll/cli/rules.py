"""`payroll rules lint|list|explain|diff|export|import`: read, check and change the rule book."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from payroll.cli.common import RULES_OPTION, print_json, say, verb
from payroll.cli.main import help_text, language_asked
from payroll.cli.rules_diff import diff
from payroll.cli.rules_sheet import WORKSPACE_OPTION, export, import_sheet

AT_OPTION = click.option(
    "--at", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help=help_text("option_at")
)


@click.group(name="rules", help=help_text("rules"), short_help=help_text("rules").split("\n")[0])
def command() -> None:
    """Hold the sub-verbs."""


@verb("rules_lint")
@RULES_OPTION
@WORKSPACE_OPTION
def lint(rules_path: Path | None, workspace: Path | None, lang: str | None, as_json: bool) -> int:
    """Load everything; then tell what is doubtful. Exit code 3 only when the book does not load."""
    from payroll.checks.engine import require_known_kinds
    from payroll.gross_to_net.engine import FUNCTIONS
    from payroll.rebuild.figures import READ_DIRECTLY
    from payroll.rulebook.entries import entries
    from payroll.rulebook.lint import STALE_DAYS, remarks
    from payroll.store import load_book, now
    from payroll.texts import text

    language = lang or language_asked()
    book = load_book(workspace, rules_path)
    require_known_kinds(book.controls)
    found = remarks(book, now().date(), FUNCTIONS.keys(), READ_DIRECTLY)
    counts: dict[str, object] = {f"{kind}s": len(items) for kind, items in entries(book).items()}
    counts["policies"] = counts.pop("policys")
    counts["files"] = len(book.files)
    if as_json:
        listed = [{"doubt": r.doubt, "entry": r.entry, "detail": r.detail} for r in found]
        print_json({**counts, "remarks": listed})
    for remark in found:
        say(
            text(
                f"rules_{remark.doubt}",
                language,
                id=remark.entry,
                detail=remark.detail or "-",
                days=STALE_DAYS,
            )
        )
    say(text("rules_ok", language, doubts=len(found), **counts))
    return 0


@verb("rules_list")
@RULES_OPTION
@WORKSPACE_OPTION
@AT_OPTION
def list_rules(
    rules_path: Path | None,
    workspace: Path | None,
    at: datetime | None,
    *,
    lang: str | None,
    as_json: bool,
) -> int:
    """Print one line per entry: kind, id, value, status, since when; then the controls."""
    from payroll.store import load_book, now
    from payroll.views.rules import listed

    day = (at or now()).date()
    rows = listed(load_book(workspace, rules_path), day, lang or language_asked())
    if as_json:
        print_json({"at": str(day), "entries": rows})
        return 0
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        click.echo(
            f"{row['kind']:<9} {row['id']:<{width}}  {row['value']:<34}  {row['status']:<10} "
            f"{row['since']:<10}  {row['title']}".rstrip()
        )
    return 0


@verb("rules_explain")
@click.argument("rule_id", metavar="ID")
@RULES_OPTION
@WORKSPACE_OPTION
@AT_OPTION
def explain(
    rule_id: str,
    rules_path: Path | None,
    workspace: Path | None,
    at: datetime | None,
    *,
    lang: str | None,
    as_json: bool,
) -> int:
    """Print the words, values and sources of every entry of that id."""
    from payroll.model.errors import UsageError
    from payroll.rulebook.entries import as_written, find, near
    from payroll.store import load_book, now
    from payroll.views.rules import explained

    language = lang or language_asked()
    book = load_book(workspace, rules_path)
    found = find(book, rule_id)
    if not found:
        raise UsageError("rule_unknown", id=rule_id, near=", ".join(near(book, rule_id)))
    day = (at or now()).date()
    if as_json:
        print_json(
            [
                {"kind": kind, "id": entry_id, "entry": as_written(entry)}
                for kind, entry_id, entry in found
            ]
        )
        return 0
    for number, (kind, entry_id, entry) in enumerate(found):
        if number:
            click.echo()
        for line in explained(book, kind, entry_id, entry, day=day, language=language):
            click.echo(line)
    return 0


command.add_command(lint, "lint")
command.add_command(list_rules, "list")
command.add_command(explain, "explain")
command.add_command(diff, "diff")
command.add_command(export, "export")
command.add_command(import_sheet, "import")
