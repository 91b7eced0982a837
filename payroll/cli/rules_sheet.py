"""`payroll rules export|import`: the controls to a workbook, and its changes back as overrides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import RULES_OPTION, print_json, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.controls_workbook.read import SheetRead
    from payroll.rulebook.book import RuleBook
    from payroll.rulebook.compare import Change

_FOLDER = click.Path(path_type=Path)
_SHOWN_MAX = 160
WORKSPACE_OPTION = click.option(
    "--workspace", type=_FOLDER, metavar="WS", help=help_text("option_workspace")
)


def load_book(rules_path: Path | None, workspace: Path | None = None) -> RuleBook:
    """The rules of a folder (else the program's), a workspace's own over them."""
    from payroll.model.errors import UsageError
    from payroll.rulebook.book import load_rulebook
    from payroll.store import load_rule_files, rules_folder

    if workspace is not None and not workspace.is_dir():
        raise UsageError("workspace_missing", where=str(workspace))
    return load_rulebook(load_rule_files(rules_path or rules_folder(), workspace))


@verb("rules_export")
@click.option("-o", "--output", type=_FOLDER, metavar="FILE", help=help_text("option_output"))
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
    from payroll.atomic_files import write_private_file
    from payroll.controls_workbook.write import control_workbook
    from payroll.model.errors import UsageError
    from payroll.texts import text

    language = lang or language_asked()
    path = output or Path("controls.xlsx")
    if path.exists():
        raise UsageError("file_exists", where=str(path))
    controls = load_book(rules_path, workspace).controls
    write_private_file(path, control_workbook(controls, language))
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
@click.option("--by", metavar="NAME", default="", help=help_text("option_by"))
@click.option("--reason", metavar="TEXT", default="", help=help_text("option_reason"))
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

    from payroll.model.errors import UsageError
    from payroll.rulebook.compare import changes
    from payroll.texts import text

    if accept and not (by.strip() and reason.strip()):
        raise UsageError("accept_unsigned")
    language = lang or language_asked()
    shipped, book = load_book(rules_path), load_book(rules_path, workspace)
    read = _read(file, book, shipped, language)
    if read.refused:
        _refuse(read, language, as_json=as_json)
    edited = replace(book, controls={**book.controls, **read.controls})
    found = changes(book, edited)
    if accept and found:
        _write(file, workspace, edited, shipped, book, signed=(by, reason, found))
    _print(found, as_json=as_json, accepted=accept)
    absent = len(book.controls) - len(read.controls)
    if absent:
        say(text("controls_absent", language, count=absent))
    outcome = "same" if not found else "accepted" if accept else "differ"
    say(text(f"controls_{outcome}", language, count=len(found), file=_target(workspace)))
    return 1 if outcome == "differ" else 0


def _target(workspace: Path) -> Path:
    from payroll.rulebook.overrides import OVERRIDES

    return workspace / OVERRIDES


def _read(file: Path, book: RuleBook, shipped: RuleBook, language: str) -> SheetRead:
    """The workbook's controls; a change of one that lies in another file is refused too."""
    from payroll.controls_workbook.read import Refusal, read_controls
    from payroll.ingest.workbook import read_workbook
    from payroll.model.errors import Said
    from payroll.store import read_input

    content = read_input(file)
    read_workbook(file.name, content)  # refuses what is damaged, locked or a bomb
    read = read_controls(file.name, content, book.controls, shipped.controls, language)
    for control_id, path in _elsewhere(book).items():
        if read.controls.get(control_id, book.controls[control_id]) != book.controls[control_id]:
            said = Said("cw_elsewhere", {"file": path.removeprefix("workspace/")})
            read.refused.append(Refusal(read.places[control_id], control_id, "", said))
    return read


def _elsewhere(book: RuleBook) -> dict[str, str]:
    """The workspace's controls that lie in other files than the one that is written here."""
    from payroll.rulebook.overrides import IN_BOOK, own_controls

    return {
        control_id: path
        for path, content in book.files.items()
        if path.startswith("workspace/controls/") and path.endswith(".toml") and path != IN_BOOK
        for control_id in own_controls(content, book.controls)
    }


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


def _write(
    file: Path,
    workspace: Path,
    edited: RuleBook,
    shipped: RuleBook,
    book: RuleBook,
    *,
    signed: tuple[str, str, list[Change]],
) -> None:
    """Write the overrides, once they are seen to load exactly as they were edited."""
    from payroll.atomic_files import replace_private_file
    from payroll.model.errors import require
    from payroll.rulebook.book import load_rulebook
    from payroll.rulebook.overrides import IN_BOOK, Accepted, accepted_overrides
    from payroll.store import now

    by, reason, found = signed
    accepted = Accepted(now(), by.strip(), reason.strip(), [_line(item) for item in found])
    content = accepted_overrides(
        book.files.get(IN_BOOK, b""), book.controls, edited.controls, shipped.controls, accepted
    )
    written = load_rulebook({**book.files, IN_BOOK: content})
    require(written.controls == edited.controls, "the overrides do not load as they were edited")
    replace_private_file(_target(workspace), content, file)


def _line(change: Change) -> str:
    """id, field: old -> new; on one line."""
    return f"{change.entry}  {change.field}: {_shown(change.old)} -> {_shown(change.new)}"


def _shown(value: str | None) -> str:
    from payroll.controls_workbook.cells import printable

    return "-" if not value else printable(value, _SHOWN_MAX)


def _print(found: list[Change], *, as_json: bool, accepted: bool) -> None:
    if as_json:
        rows: list[Mapping[str, str | None]] = [
            {"id": item.entry, "field": item.field, "old": item.old, "new": item.new}
            for item in found
        ]
        print_json({"accepted": accepted and bool(found), "changes": rows})
        return
    for item in found:
        click.echo(f"~ {_line(item)}")
