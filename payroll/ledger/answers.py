"""What the bank says, matched to what was released: events appended, never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from payroll.ledger.book import Event, Ledger
from payroll.ledger.chain import ChainBreak, chain_breaks
from payroll.ledger.matching import Matcher, Meaning
from payroll.ledger.moves import move_of
from payroll.ledger.payment_keys import refresh_claims
from payroll.ledger.states import MOVING, REFUSALS, State, payment_states
from payroll.ledger.unmatched import Unmatched
from payroll.model.answers import BankAnswer
from payroll.model.errors import DamagedInputError

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to. files: message ids that it said something about.

    freed: payments that failed by it. contradictory: of these files, what the bank must explain.
    unclear: what it says with a reason but without a status, or with a status that no rule names.
    others: entries of accounts that are not ours, not looked at. breaks: statements missing, or
    not following each other.
    """

    already: bool
    events: int
    files: tuple[str, ...]
    unmatched: tuple[Unmatched, ...]
    freed: int
    contradictory: int = 0
    unclear: int = 0
    others: int = 0
    breaks: tuple[ChainBreak, ...] = ()


def import_answer(
    ledger: Ledger,
    answer: BankAnswer,
    *,
    meaning: Meaning,
    silence: Callable[[str], str],
    at: str,
    name: str = "",
    by: str = "",
    ours: frozenset[str] | None = None,
) -> Imported:
    """Append what an answer says, once: the same file again changes nothing.

    name, by: of the file, and of whoever brought it: nothing else vouches for what it says.
    meaning(profile, code) is a meaning of the rule book; silence(profile) says what a payment is
    that a report on single payments does not name. Facts that the ledger has already (another
    statement on the same entry) are not repeated.
    """
    with ledger.transaction():
        if ledger.events("kind = 'answer' AND json_extract(body, '$.sha256') = ?", answer.sha256):
            return Imported(already=True, events=0, files=(), unmatched=(), freed=0)
        matcher = Matcher(ledger, answer, meaning, ours)
        events = matcher.events(at)
        if ours is not None and not (events or matcher.unmatched):
            _require_our_account(answer, ours, name)
        if answer.kind == "pain.002":
            events += _silent(matcher, events, silence, at)
        files = sorted({event.message_id for event in events})
        breaks = chain_breaks(ledger, answer)
        ledger.append(
            Event(at=at, kind="answer", body=_body(answer, files, matcher.unmatched, name, by))
        )
        new = _new_only(ledger, events)
        ledger.append(*new)
        freed = refresh_claims(ledger, files)
    contradictory = sum(
        item.state is State.CONTRADICTORY
        for message_id in files
        for item in payment_states(ledger, message_id)
    )
    return Imported(
        already=False,
        events=len(new),
        files=tuple(files),
        unmatched=tuple(matcher.unmatched),
        freed=freed,
        contradictory=contradictory,
        unclear=sum(event.kind == _UNKNOWN for event in events),
        others=matcher.others,
        breaks=tuple(breaks),
    )


def _require_our_account(answer: BankAnswer, ours: frozenset[str], name: str) -> None:
    """Refuse a file of which every account is known and none is ours."""
    known = set(answer.accounts)
    if known and "" not in known and not known & ours:
        ends = ", ".join(f"{iban[:4]}…{iban[-4:]}" for iban in sorted(known))
        raise DamagedInputError("answer_other_account", where=name, accounts=ends)


def _body(
    answer: BankAnswer, files: list[str], unmatched: list[Unmatched], name: str, by: str
) -> dict[str, object]:
    """What the ledger keeps of a file of the bank as a whole."""
    return {
        "sha256": answer.sha256,
        "name": name,
        "by": by,
        "answer_id": answer.answer_id,
        "kind": answer.kind,
        "version": answer.version,
        "created_at": answer.created_at,
        "files": files,
        "unmatched": [item.row() for item in unmatched],
        "statements": [
            [
                item.account_iban,
                item.number,
                item.opening_cents,
                item.opening_on,
                item.closing_cents,
                item.closing_on,
                item.unexplained_cents,
            ]
            for item in answer.statements
        ],
    }


def _silent(
    matcher: Matcher, events: list[Event], silence: Callable[[str], str], at: str
) -> list[Event]:
    """Acceptance of the rest of a file, only of a bank that says it reports refusals alone.

    Only what refuses single payments is such a report, and only while it says nothing of the whole.
    """
    refused = {
        event.message_id for event in events if event.end_to_end_id and event.kind in REFUSALS
    }
    of_rest = MOVING - {"partly"}
    whole = {
        event.message_id for event in events if not event.end_to_end_id and event.kind in of_rest
    }
    return [
        Event(at=at, kind="accepted", message_id=message_id, body={"silence": "accepted"})
        for message_id in sorted(refused - whole)
        if silence(matcher.profile_of(message_id)) == "accepted"
    ]


def _new_only(ledger: Ledger, events: list[Event]) -> list[Event]:
    """Without the facts that stand in the ledger already, whichever answer said them first."""
    known: set[tuple[object, ...]] = set()
    for message_id in {event.message_id for event in events}:
        known |= {_fact(event) for event in ledger.events("message_id = ?", message_id)}
    fresh = []
    for event in events:
        if _fact(event) not in known:
            known.add(_fact(event))
            fresh.append(event)
    return fresh


def _fact(event: Event) -> tuple[object, ...]:
    """What makes an event the same as another. Movements of a whole file are kept as each format
    tells them, so that they can be counted."""
    body = event.body
    told = (body.get("bank_reference"), body.get("format"))
    return (
        event.kind,
        event.message_id,
        event.end_to_end_id,
        body.get("code"),
        str(body.get("reasons")),
        body.get("booked_on"),
        body.get("amount_cents"),
        told if move_of(event) is not None and not event.end_to_end_id else None,
    )
