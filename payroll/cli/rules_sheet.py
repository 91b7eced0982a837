"""`payroll rules export|import`: the controls to a workbook, and its changes back as overrides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import NEW_FILE, PERSON_NAME, RULES_OPTION, SEEN_LINE, print_json, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.controls_workbook.read import SheetRead
    from payroll.rulebook.compare import RuleChange

_FOLDER = click.Path(path_type=Path)
WORKSPACE_OPTION = click.option(
    "--workspace", type=_FOLDER, metavar="WS", help=help_text("option_workspace")
)


@verb("rules_export")
@click.option("-o", "--output", type=NEW_FILE, metavar="FILE", help=help_text("option_output"))
@RULES_OPTION
@WORKSPACE_OPTION
def export(
    output: Path | None,
    rules_path: Path | None,
    workspace: Path | None,
    *,
    lang: str | None,
    as_json: bool,
) -> int:
    """Write controls.xlsx, or the file named by -o; an existing file is never overwritten."""
    from payroll.atomic_files import write_new_private_file
    from payroll.controls_workbook.write import control_workbook
    from payroll.store import load_book
    from payroll.texts import text

    language = lang or language_asked()
    path = output or Path("controls.xlsx")
    controls = load_book(workspace, rules_path).controls
    write_new_private_file(path, control_workbook(controls, language))
    if as_json:
        print_json({"file": str(path), "controls": len(controls)})
    else:
        click.echo(str(path))
    say(text("controls_exported", language, file=path, count=len(controls)))
    return 0


@verb("rules_import")
@click.argument("file", type=_FOLDER)
@click.option(
    "--into", "workspace", type=_FOLDER, metavar="WS", required=True, help=help_text("option_into")
)
@RULES_OPTION
@click.option("--accept", is_flag=True, help=help_text("option_accept"))
@click.option("--by", type=PERSON_NAME, metavar="NAME", default="", help=help_text("option_by"))
@click.option(
    "--reason", type=SEEN_LINE, metavar="TEXT", default="", help=help_text("option_reason")
)
def import_sheet(
    file: Path,
    workspace: Path,
    rules_path: Path | None,
    *,
    accept: bool,
    by: str,
    reason: str,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: nothing differs, or it was accepted; 1: it differs and nothing was written."""
    from dataclasses import replace

    from payroll.atomic_files import replace_private_file
    from payroll.controls_workbook.accept import overrides, read_over
    from payroll.model.errors import UsageError
    from payroll.release.workspace import person_if_named
    from payroll.rulebook.compare import changes
    from payroll.rulebook.overrides import OVERRIDES
    from payroll.store import load_book, now, read_input
    from payroll.texts import text

    if accept and not (by.strip() and reason.strip()):
        raise UsageError("accept_unsigned")
    person = person_if_named(workspace, by)
    language = lang or language_asked()
    shipped, book = load_book(None, rules_path), load_book(workspace, rules_path)
    read = read_over(file.name, read_input(file), book, shipped, language)
    if read.refused:
        _refuse(read, language, as_json=as_json)
    edited = replace(book, controls={**book.controls, **read.controls})
    found = changes(book, edited)
    target = workspace / OVERRIDES
    if accept and found:
        content = overrides(book, edited, shipped, found, at=now(), by=person, reason=reason)
        replace_private_file(target, content, file)
    _print(found, as_json=as_json, accepted=accept)
    absent = len(book.controls) - len(read.controls)
    if absent:
        say(text("controls_absent", language, count=absent))
    outcome = "same" if not found else "accepted" if accept else "differ"
    say(text(f"controls_{outcome}", language, count=len(found), file=target))
    return 1 if outcome == "differ" else 0


def _refuse(read: SheetRead, language: str, *, as_json: bool) -> None:
    """Tell every refused cell, then stop. Raises PayrollError."""
    from payroll.model.errors import PayrollError
    from payroll.texts import text
    from payroll.texts.shown import style_of

    listed = []
    for item in read.refused:
        words = text(item.said.text_id, language, **{"text": item.text, **item.said.params})
        listed.append(
            {"where": item.where, "id": item.control, "text": item.text, "expected": words}
        )
        head = f"{item.where}, {item.control}" if item.control else item.where
        shown = text("cw_refused", language, text=item.text or "∅", reason=words)
        say(f"{head}{style_of(language).colon}{shown}")
    if as_json:
        print_json({"refused": listed})
    raise PayrollError("controls_refused", count=len(listed))


def _print(found: list[RuleChange], *, as_json: bool, accepted: bool) -> None:
    if as_json:
        rows: list[Mapping[str, str | None]] = [
            {"id": item.entry, "field": item.field, "old": item.old, "new": item.new}
            for item in found
        ]
        print_json({"accepted": accepted and bool(found), "changes": rows})
        return
    from payroll.controls_workbook.accept import change_line

    for item in found:
        click.echo(f"~ {change_line(item)}")
