"""`payroll status`: where each file stands with the bank, and what to do."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, say, say_file, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.ledger.states import FileState
    from payroll.release.bank_loop import PaymentProblem, Standing
    from payroll.rulebook.book import RuleBook

_SHOWN = 20


@verb("status")
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def command(workspace: Path | None, lang: str | None, as_json: bool) -> int:
    """Exit code 0: everything is executed; 1: something is open or to decide."""
    from payroll.release.bank_loop import standing
    from payroll.release.workspace import find_workspace
    from payroll.store import load_book
    from payroll.texts import text

    language = lang or language_asked()
    desk = find_workspace(workspace or Path.cwd())
    found = standing(desk)
    rulebook = load_book(desk)
    if as_json:
        print_json(
            {
                "files": [file_json(file, found.next_step(file)) for file in found.files],
                "waiting": dict(found.waiting),
                "problems": [_problem_json(item, rulebook) for item in found.problems],
                "unmatched": [
                    {
                        "id": item.id,
                        "answer_id": item.answer_id,
                        "answer_sha256": item.answer,
                        "where": item.where,
                        "why": item.why,
                        "code": item.code,
                        "what": item.what,
                        "amount_cents": item.amount_cents,
                        "booked_on": item.booked_on,
                        "name": item.name,
                        "account": item.account,
                        "ours": item.is_ours,
                        "may_be": list(item.may_be),
                        "matched_by": list(item.matched_by),
                    }
                    for item in found.unmatched
                ],
                "chain": [asdict(item) for item in found.breaks],
                "answers": [asdict(item) for item in found.answers],
            }
        )
    if not (found.files or found.waiting or found.breaks):
        say(text("status_nothing", language))
        return 0
    _show(found, rulebook, language)
    asks = found.open_files() or found.waiting or found.unmatched or found.breaks
    return 1 if asks else 0


def file_json(file: FileState, to_do: str) -> dict[str, object]:
    """One file for machines; amounts in cents. to_do: its next step."""
    return {
        "file": file.outbox_name,
        "message_id": file.message_id,
        "run_id": file.run_id,
        "stream": file.stream,
        "execution_date": file.execution_date,
        "state": file.state,
        "transactions": file.transactions,
        "total_cents": file.total_cents,
        "counts": {str(key): value for key, value in sorted(file.counts.items())},
        "cents": {str(key): value for key, value in sorted(file.cents.items())},
        "vop": dict(sorted(file.vop.items())),
        "reasons": dict(sorted(file.reasons.items())),
        "answered": file.answered,
        "delivered": file.delivered,
        "to_do": to_do,
    }


def _problem_json(item: PaymentProblem, rulebook: RuleBook) -> dict[str, object]:
    return {
        "end_to_end_id": item.end_to_end_id,
        "message_id": item.message_id,
        "payee_id": item.payee_id,
        "stream": item.stream,
        "amount_cents": item.amount_cents,
        "state": str(item.state),
        "reasons": list(item.reasons),
        "vop": list(item.vop),
        "actions": [rulebook.reason(code).action for code in item.reasons],
    }


def _show(found: Standing, rulebook: RuleBook, language: str) -> None:
    from payroll.cli.bank import answer_line, chain_line
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    for run, approvals in found.waiting.items():
        say(text("status_waiting", language, run=run, count=approvals))
    for file in found.files:
        say_file("status_file", language, file, id=file.message_id)
        parts = [
            text(
                "status_part",
                language,
                state=text(f"status_state_{state}", language),
                count=count,
                total=euros_shown(file.cents[state], language),
            )
            for state, count in sorted(file.counts.items())
        ]
        parts += [
            f"{text(f'status_{word}', language)} : {count}"
            for word, count in sorted(file.vop.items())
        ]
        say("    " + " · ".join(parts))
        if file.own_reasons and not {"rejected", "returned"} & set(file.counts):
            codes = ", ".join(file.own_reasons)
            say(text("status_own_reasons", language, reasons=codes))
        answers = found.answers_about(file)
        for answer in answers[-_SHOWN:]:
            say(answer_line(answer, language))
        if len(answers) > _SHOWN:
            say(text("status_more", language, shown=_SHOWN, count=len(answers)))
        say("    → " + text(f"status_do_{found.next_step(file)}", language))
    for item in found.problems[:_SHOWN]:
        reasons = "; ".join(
            f"{code} {rulebook.reason(code).title[language]}"
            f" ({text(f'status_action_{rulebook.reason(code).action}', language)})"
            for code in item.reasons
        ) or text("status_no_reason", language)
        words = ", ".join(text(f"status_{word}", language) for word in item.vop)
        say(
            text(
                "status_problem",
                language,
                payee=item.payee_id,
                stream=text(f"stream_{item.stream}", language),
                amount=euros_shown(item.amount_cents, language),
                state=text(f"status_state_{item.state}", language),
                reasons=", ".join(part for part in (reasons, words) if part),
            )
        )
    if len(found.problems) > _SHOWN:
        say(text("status_more", language, shown=_SHOWN, count=len(found.problems)))
    _show_unmatched(found, language)
    for broken in found.breaks:
        say(chain_line(broken, language))
    silent = [file for file in found.files if not file.answered and file.state != "released"]
    if silent:
        say(text("status_silent", language, count=len(silent)))


def _show_unmatched(found: Standing, language: str) -> None:
    """What matched nothing: all that may be ours, and who brought it; the rest counted."""
    from payroll.cli.bank import answer_line
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    ours = [item for item in found.unmatched if item.is_ours]
    for loose in ours:
        cents = loose.amount_cents
        told = {
            "id": loose.id,
            "answer": loose.answer_id,
            "where": loose.where,
            "code": loose.code or "-",
            "day": loose.booked_on or "-",
            "name": loose.name or "-",
            "amount": "-" if cents is None else euros_shown(cents, language),
            "why": text(f"bank_why_{loose.why}", language),
        }
        say(text("status_unmatched", language, **told))
        for payment in loose.may_be[:_SHOWN]:
            say(text("status_may_be", language, id=loose.id, payment=payment))
        if loose.matched_by:
            say(text("status_matched_once", language, count=len(loose.matched_by)))
    named = {item.answer for item in ours}
    for answer in found.answers:
        if answer.sha256 in named:
            say(answer_line(answer, language))
    rest = [item for item in found.unmatched if not item.is_ours]
    if rest:
        amount = euros_shown(sum(item.amount_cents or 0 for item in rest), language)
        say(text("status_unmatched_rest", language, count=len(rest), amount=amount))
