"""`payroll bank import|uploaded|match|settle`: what the bank says, and what people make of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import PERSON_NAME, SEEN_LINE, print_json, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.bank_status.orders import PaymentOrder
    from payroll.ledger.answer_files import AnswerFile
    from payroll.ledger.answers import Imported
    from payroll.ledger.chain import ChainBreak
    from payroll.ledger.unmatched import Unmatched
    from payroll.model.answers import BankAnswer
    from payroll.model.errors import PayrollError

_SHOWN = 20


@click.group(name="bank", help=help_text("bank"), short_help=help_text("bank"))
def command() -> None:
    """Hold the sub-verbs."""


@verb("bank_import")
@click.argument(
    "files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@click.option(
    "--by", type=PERSON_NAME, default="", metavar="NAME", help=help_text("option_brought_by")
)
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def import_(
    files: tuple[Path, ...], *, by: str, workspace: Path | None, lang: str | None, as_json: bool
) -> int:
    """Exit code 0: read; 1: something unmatched, refused, returned or to explain; 4: damaged.

    Each file stands alone: one that cannot be read stops none of the others.
    """
    from payroll.model.errors import PayrollError
    from payroll.release.bank_loop import import_file, order_among
    from payroll.release.workspace import person_if_named
    from payroll.store import load_book

    language = lang or language_asked()
    desk = _desk(workspace, files[0])
    person = person_if_named(desk, by)
    shown: list[dict[str, object]] = []
    ends, rulebook = [0], load_book(desk)
    refused: PayrollError | None = None
    for path in files:
        try:
            if (order := order_among(desk, path)) is not None:
                shown.append(_order(path, *order, language))
                continue
            answer, imported = import_file(desk, path, rulebook, person)
        except PayrollError as error:
            refused = error
            shown.append(_refused(path, error, language, told=len(files) > 1))
            ends.append(error.exit_code)
            continue
        shown.append(_read(path, answer, imported, person))
        ends.append(1 if _is_open(imported) else 0)
        _tell(path, answer, imported, language)
        if not imported.already:
            say(brought_line(answer.sha256, person, language))
    if as_json:
        print_json(shown)
    if refused is not None and len(files) == 1:
        raise refused
    if len(files) > 1:
        _tell_all(shown, language)
    return max(ends)


def _order(path: Path, order: PaymentOrder, whose: str, language: str) -> dict[str, object]:
    """What a payment order among the answers is, for people and machines: nothing is read of it."""
    from payroll.texts import text

    told = asdict(order)
    days = ", ".join(order.days) or "-"
    shown = {name: str(value) or "-" for name, value in told.items()} | {"days": days}
    say(text(f"bank_order_{whose}", language, file=path.name, **shown))
    return {"file": path.name, "kind": "pain.001", "whose": whose, **told}


def _is_open(imported: Imported) -> bool:
    """Whether an answer leaves something for a person."""
    told = (imported.unmatched, imported.freed, imported.contradictory)
    return any((*told, imported.unclear, imported.breaks))


def brought_line(sha256: str, by: str, language: str, name: str = "") -> str:
    """What a file of the bank rests on: the word of whoever brought it."""
    from payroll.texts import text

    who = by or text("bank_nobody", language)
    line = text("bank_brought", language, by=who, digest=sha256)
    return f"    {name}: {line}" if name else f"    {line}"


def answer_line(item: AnswerFile, language: str) -> str:
    """The same of a file that the ledger has, by its name."""
    return brought_line(item.sha256, item.by, language, item.name or "?")


def _read(path: Path, answer: BankAnswer, imported: Imported, by: str) -> dict[str, object]:
    """What a file brought, for machines; amounts in cents."""
    return {
        "file": path.name,
        "kind": answer.kind,
        "version": answer.version,
        "answer_id": answer.answer_id,
        "sha256": answer.sha256,
        "brought_by": None if imported.already else by,
        "already": imported.already,
        "events": imported.events,
        "files": list(imported.files),
        "freed": imported.freed,
        "contradictory": imported.contradictory,
        "unclear": imported.unclear,
        "others": imported.others,
        "breaks": [
            {"kind": item.kind, "before": item.before, "after": item.after, "cents": item.cents}
            for item in imported.breaks
        ],
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


def _refused(path: Path, error: PayrollError, language: str, *, told: bool) -> dict[str, object]:
    """Why a file was not read, for machines; also for people where it is one of many."""
    from payroll.texts import error_lines

    lines = error_lines(error, language)
    for line in lines if told else ():
        say(line)
    return {"file": path.name, "error": error.error_id, "where": error.where, "told": lines}


def _tell_all(shown: list[dict[str, object]], language: str) -> None:
    """How many files were read, and which were not: the last line of many."""
    from payroll.texts import text

    refused = [str(item["file"]) for item in shown if "error" in item]
    count = len(shown) - len(refused)
    say(text("bank_files", language, count=count, refused=len(refused)))
    for name in refused:
        say("    " + name)


def _desk(given: Path | None, file: Path) -> Path:
    """The workspace that was named, else the one around a file or around the present folder."""
    from payroll.release.workspace import find_workspace

    near = (given,) if given is not None else (file.resolve().parent, Path.cwd())
    return find_workspace(*near)


def _tell(path: Path, answer: BankAnswer, imported: Imported, language: str) -> None:
    from payroll.texts import text

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
    for item in imported.breaks:
        say(chain_line(item, language))
    for text_id, found in (("bank_unclear", imported.unclear), ("bank_others", imported.others)):
        if found:
            say(text(text_id, language, count=found))
    if imported.freed:
        say(text("bank_freed", language, count=imported.freed))
    if imported.contradictory:
        say(text("bank_contradictory", language, count=imported.contradictory))
    for loose in imported.unmatched[:_SHOWN]:
        say(text("bank_unmatched", language, **_unmatched_shown(loose, language)))
    if len(imported.unmatched) > _SHOWN:
        say(text("status_more", language, shown=_SHOWN, count=len(imported.unmatched)))


def chain_line(item: ChainBreak, language: str) -> str:
    """Two statements of an account that do not follow each other, in words."""
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    return text(
        f"bank_chain_{item.kind}",
        language,
        account=item.account,
        before=item.before,
        after=item.after,
        amount=euros_shown(item.cents, language),
    )


def _unmatched_shown(item: Unmatched, language: str) -> dict[str, str]:
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    cents = item.amount_cents
    return {
        "where": item.where,
        "code": item.code or "-",
        "day": item.booked_on or "-",
        "name": item.name or "-",
        "amount": "-" if cents is None else euros_shown(cents, language),
        "why": text(f"bank_why_{item.why}", language),
    }


@verb("bank_uploaded")
@click.argument("file", metavar="FILE")
@click.option(
    "--by", type=PERSON_NAME, required=True, metavar="NAME", help=help_text("option_uploaded_by")
)
@click.option("--again", is_flag=True, help=help_text("option_again"))
@click.option(
    "--reference", type=SEEN_LINE, default="", metavar="TEXT", help=help_text("option_reference")
)
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


@verb("bank_match")
@click.argument("item", metavar="ID")
@click.argument("payments", metavar="PAYMENT|FILE...", nargs=-1, required=True)
@click.option(
    "--by", type=PERSON_NAME, required=True, metavar="NAME", help=help_text("option_approver")
)
@click.option(
    "--reason", type=SEEN_LINE, required=True, metavar="TEXT", help=help_text("option_settled_why")
)
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def match(
    item: str,
    payments: tuple[str, ...],
    *,
    by: str,
    reason: str,
    workspace: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: bound by two people; 1: by one so far; 2: no such thing; 3: it cannot be so."""
    from payroll.release.loose_ends import match as bind
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    language = lang or language_asked()
    found = bind(_desk(workspace, Path("bank")), item, payments, by, reason)
    if as_json:
        shown = {"payments": list(found.payments), "missing_cents": found.missing_cents}
        print_json({"item": item, "by": by, "bound": found.done, **shown})
    text_id = "bank_matched" if found.done else "bank_matched_once"
    say(text(text_id, language, what=item, payment=" ".join(payments), count=len(found.payments)))
    if found.missing_cents:
        amount = euros_shown(found.missing_cents, language)
        say(text("bank_matched_short", language, what=item, amount=amount))
    return 0 if found.done else 1


@verb("bank_settle")
@click.argument("what", metavar="[ID]", required=False, default="")
@click.option("--account", default="", metavar="IBAN", help=help_text("option_other_account"))
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help=help_text("option_before"),
)
@click.option(
    "--name", type=SEEN_LINE, default="", metavar="TEXT", help=help_text("option_other_name")
)
@click.option(
    "--by", type=PERSON_NAME, default="", metavar="NAME", help=help_text("option_settled_by")
)
@click.option(
    "--reason", type=SEEN_LINE, default="", metavar="TEXT", help=help_text("option_settled_why")
)
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def settle(
    what: str,
    *,
    account: str,
    before: datetime | None,
    name: str,
    by: str,
    reason: str,
    workspace: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: noted; 2: nothing of that kind is open, or nobody says who and why."""
    from payroll.model.errors import UsageError
    from payroll.release.loose_ends import settle as note
    from payroll.release.loose_ends import settle_many
    from payroll.texts import text

    desk, language = _desk(workspace, Path("bank")), lang or language_asked()
    if bool(what) == bool(account or before or name):
        raise UsageError("settle_which")
    if what:
        note(desk, what, by, reason)
        settled: str | list[str] = what
        say(text("bank_settled", language, what=what))
    else:
        day = None if before is None else before.date()
        settled = settle_many(desk, by, reason, account=account, before=day, name=name)
        say(text("bank_settled_many", language, count=len(settled)))
    if as_json:
        print_json({"settled": settled, "by": by, "reason": reason})
    return 0


command.add_command(import_, "import")
command.add_command(uploaded, "uploaded")
command.add_command(match, "match")
command.add_command(settle, "settle")
