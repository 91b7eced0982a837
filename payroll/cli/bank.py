"""`payroll bank import|uploaded`: the bank's answers, and what was given to the bank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.ledger.answers import Imported
    from payroll.model.answers import BankAnswer


@click.group(name="bank", help=help_text("bank"), short_help=help_text("bank"))
def command() -> None:
    """Hold the sub-verbs."""


@verb("bank_import")
@click.argument(
    "files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def import_(
    files: tuple[Path, ...], workspace: Path | None, lang: str | None, as_json: bool
) -> int:
    """Exit code 0: read; 1: something unmatched, refused, returned or contradictory; 4: damaged."""
    from payroll.release.bank_loop import import_file
    from payroll.store import load_book

    language = lang or language_asked()
    desk = _desk(workspace, files[0])
    shown, open_ends, rulebook = [], 0, load_book(desk)
    for path in files:
        answer, imported = import_file(desk, path, rulebook)
        open_ends += len(imported.unmatched) + imported.freed + imported.contradictory
        shown.append(
            {
                "file": path.name,
                "kind": answer.kind,
                "version": answer.version,
                "answer_id": answer.answer_id,
                "already": imported.already,
                "events": imported.events,
                "files": list(imported.files),
                "freed": imported.freed,
                "contradictory": imported.contradictory,
                "unmatched": [
                    {
                        "where": item.where,
                        "why": item.why,
                        "level": item.level,
                        "code": item.code,
                        "amount_cents": item.amount_cents,
                    }
                    for item in imported.unmatched
                ],
            }
        )
        _tell(path, answer, imported, language)
    if as_json:
        print_json(shown)
    return 1 if open_ends else 0


def _desk(given: Path | None, file: Path) -> Path:
    """The workspace that was named, else the one around a file or around the present folder."""
    from payroll.release.workspace import find_workspace

    near = (given,) if given is not None else (file.resolve().parent, Path.cwd())
    return find_workspace(*near)


def _tell(path: Path, answer: BankAnswer, imported: Imported, language: str) -> None:
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    if imported.already:
        say(text("bank_already", language, file=path.name))
        return
    say(
        text(
            "bank_imported",
            language,
            file=path.name,
            kind=f"{answer.kind} {answer.version}",
            events=imported.events,
            count=len(imported.files),
        )
    )
    for remark in answer.remarks:
        say("    " + text(remark.text_id, language, **remark.params))
    if imported.freed:
        say(text("bank_freed", language, count=imported.freed))
    if imported.contradictory:
        say(text("bank_contradictory", language, count=imported.contradictory))
    for item in imported.unmatched:
        amount = "-" if item.amount_cents is None else euros_shown(item.amount_cents, language)
        say(
            text(
                "bank_unmatched",
                language,
                where=item.where,
                code=item.code or "-",
                amount=amount,
                why=text(f"bank_why_{item.why}", language),
            )
        )


@verb("bank_uploaded")
@click.argument("file", metavar="FILE")
@click.option("--by", required=True, metavar="NAME", help=help_text("option_uploaded_by"))
@click.option("--again", is_flag=True, help=help_text("option_again"))
@click.option("--reference", default="", metavar="TEXT", help=help_text("option_reference"))
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def uploaded(
    file: str,
    *,
    by: str,
    again: bool,
    reference: str,
    workspace: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: noted; 2: no such file was released; 3: it must not go, or went already."""
    from payroll.cli.status import file_json
    from payroll.release.bank_loop import record_upload
    from payroll.texts import text

    language = lang or language_asked()
    desk = _desk(workspace, Path(file))
    state = record_upload(desk, file, by, reference, again=again)
    if as_json:
        print_json(file_json(state, "wait"))
    say(text("bank_uploaded_done", language, file=state.outbox_name))
    return 0


@verb("bank_settle")
@click.argument("what", metavar="ID")
@click.option("--by", default="", metavar="NAME", help=help_text("option_settled_by"))
@click.option("--reason", default="", metavar="TEXT", help=help_text("option_settled_why"))
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def settle(
    what: str, *, by: str, reason: str, workspace: Path | None, lang: str | None, as_json: bool
) -> int:
    """Exit code 0: noted; 2: nothing of that id is open, or nobody says who and why."""
    from payroll.release.bank_loop import settle as note
    from payroll.texts import text

    note(_desk(workspace, Path("bank")), what, by, reason)
    if as_json:
        print_json({"settled": what, "by": by, "reason": reason})
    say(text("bank_settled", lang or language_asked(), what=what))
    return 0


command.add_command(import_, "import")
command.add_command(uploaded, "uploaded")
command.add_command(settle, "settle")
