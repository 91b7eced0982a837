"""What the bank says, matched to what was released: events appended, never overwritten.

Matched on message id, payment information id and end-to-end id; an amount or account that differs,
or an id that nobody knows, is set aside and listed (facts/bank-rules 9.1 and 9.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from payroll.ledger.book import Event, Ledger
from payroll.ledger.payment_keys import refresh_claims
from payroll.ledger.states import MOVING, REFUSALS, State, payment_states
from payroll.model.answers import AnswerFact, BankAnswer

#: code -> meaning, of the bank profile of a file.
Meaning = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A fact about no payment or file of ours. why: unknown | amount | account | ambiguous."""

    where: str
    why: str
    level: str
    code: str
    amount_cents: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to. files: message ids that it said something about.

    freed: payments that failed by it. contradictory: of these files, refused and debited at once.
    """

    already: bool
    events: int
    files: tuple[str, ...]
    unmatched: tuple[Unmatched, ...]
    freed: int
    contradictory: int = 0


@dataclass(frozen=True, slots=True)
class _Target:
    message_id: str
    end_to_end_id: str = ""


def import_answer(
    ledger: Ledger, answer: BankAnswer, *, meaning: Meaning, silence: Callable[[str], str], at: str
) -> Imported:
    """Append what an answer says, once: the same file again changes nothing.

    meaning(profile, code) is a meaning of the rule book; silence(profile) says what a payment is
    that a report on single payments does not name. Facts that the ledger has already (another
    statement on the same entry) are not repeated.
    """
    with ledger.transaction():
        if ledger.events("kind = 'answer' AND json_extract(body, '$.sha256') = ?", answer.sha256):
            return Imported(already=True, events=0, files=(), unmatched=(), freed=0)
        matcher = _Matcher(ledger, answer, meaning)
        events = list(matcher.events(at))
        if answer.kind == "pain.002":
            events += _silent(matcher, events, silence, at)
        files = sorted({event.message_id for event in events})
        ledger.append(
            Event(
                at=at,
                kind="answer",
                body={
                    "sha256": answer.sha256,
                    "answer_id": answer.answer_id,
                    "kind": answer.kind,
                    "version": answer.version,
                    "created_at": answer.created_at,
                    "files": files,
                    "unmatched": [
                        [item.where, item.why, item.level, item.code, item.amount_cents]
                        for item in matcher.unmatched
                    ],
                },
            )
        )
        new = _new_only(ledger, events)
        ledger.append(*new)
        freed = refresh_claims(ledger, files)
    unclear = sum(
        item.state is State.CONTRADICTORY
        for message_id in files
        for item in payment_states(ledger, message_id)
    )
    return Imported(
        contradictory=unclear,
        already=False,
        events=len(new),
        files=tuple(files),
        unmatched=tuple(matcher.unmatched),
        freed=freed,
    )


class _Matcher:
    """Finds which of our files and payments each fact is about."""

    def __init__(self, ledger: Ledger, answer: BankAnswer, meaning: Meaning) -> None:
        self._connection = ledger.connection
        self._answer, self._meaning = answer, meaning
        self.unmatched: list[Unmatched] = []
        self._profiles: dict[str, str] = {}

    def events(self, at: str) -> Iterable[Event]:
        """One event per fact that is about something of ours."""
        for fact in self._answer.facts:
            target, why = self._on_our_account(*self._target(fact))
            if target is None:
                if why:
                    self._set_aside(fact, why)
                continue
            kind = self._kind(fact, target)
            if kind:
                yield Event(
                    at=at,
                    kind=kind,
                    message_id=target.message_id,
                    end_to_end_id=target.end_to_end_id,
                    body=self._body(fact),
                )

    def _on_our_account(self, target: _Target | None, why: str) -> tuple[_Target | None, str]:
        """A statement of another account than the one that pays says nothing of the payment."""
        account = self._answer.account_iban
        if target is None or not account:
            return target, why
        row = self._connection.execute(
            "SELECT debtor_iban FROM file WHERE message_id = ?", (target.message_id,)
        ).fetchone()
        return (target, why) if row[0] == account else (None, "account")

    def profile_of(self, message_id: str) -> str:
        """The bank profile of a file."""
        if message_id not in self._profiles:
            row = self._connection.execute(
                "SELECT bank_profile FROM file WHERE message_id = ?", (message_id,)
            ).fetchone()
            self._profiles[message_id] = str(row[0]) if row else ""
        return self._profiles[message_id]

    def _set_aside(self, fact: AnswerFact, why: str) -> None:
        self.unmatched.append(
            Unmatched(
                where=fact.where,
                why=why,
                level=fact.level,
                code=fact.code,
                amount_cents=fact.amount_cents,
            )
        )

    def _body(self, fact: AnswerFact) -> Mapping[str, object]:
        body: dict[str, object] = {
            "answer": self._answer.sha256,
            "where": fact.where,
            "code": fact.code,
            "reasons": list(fact.reasons),
            "additional": list(fact.additional),
            "booked_on": fact.booked_on,
            "bank_reference": fact.bank_reference,
            "amount_cents": fact.amount_cents,
        }
        return {key: value for key, value in body.items() if value not in ("", None, [])}

    def _kind(self, fact: AnswerFact, target: _Target) -> str:
        if fact.what in ("status", "vop"):
            return self._meaning(self.profile_of(target.message_id), fact.code)
        if fact.what == "return":
            return "return_booked" if fact.booked else "return"
        if not fact.booked:
            return "pending"
        if target.end_to_end_id:
            return "debited"
        total = self._connection.execute(
            "SELECT total_cents FROM file WHERE message_id = ?", (target.message_id,)
        ).fetchone()[0]
        return "debited" if fact.amount_cents == total else "debited_part"

    def _target(self, fact: AnswerFact) -> tuple[_Target | None, str]:
        """(what a fact is about, why it is about nothing): ('', '') is none of our business."""
        if fact.what in ("cost", "other", "credit"):
            return None, ""
        if fact.end_to_end_id and fact.level == "payment":
            found = self._payment(fact)
            if found[1] == "unknown" and fact.what == "debit":  # CODA has one field for any id
                block = replace(fact, end_to_end_id="", block_id=fact.end_to_end_id)
                return self._file(block)
            return found
        if fact.level == "payment" and fact.what != "debit":
            return None, "unknown"
        return self._file(fact)

    def _payment(self, fact: AnswerFact) -> tuple[_Target | None, str]:
        row = self._connection.execute(
            "SELECT message_id, amount_cents, iban, block_id FROM payment"
            " JOIN file USING (message_id) WHERE end_to_end_id = ?",
            (fact.end_to_end_id,),
        ).fetchone()
        if row is None:
            return None, "unknown"
        message_id, amount, iban, block_id = row
        if fact.message_id not in ("", message_id) or fact.block_id not in ("", block_id):
            return None, "ambiguous"
        if fact.amount_cents not in (None, amount):
            return None, "amount"
        if fact.counterparty_iban not in ("", iban):
            return None, "account"
        return _Target(str(message_id), fact.end_to_end_id), ""

    def _file(self, fact: AnswerFact) -> tuple[_Target | None, str]:
        if not fact.message_id and not fact.block_id:
            return self._by_amount(fact) if fact.what == "debit" else (None, "unknown")
        rows = self._connection.execute(
            "SELECT message_id, total_cents FROM file"
            " WHERE (? = '' OR message_id = ?) AND (? = '' OR block_id = ?)",
            (fact.message_id, fact.message_id, fact.block_id, fact.block_id),
        ).fetchall()
        if len(rows) != 1:
            return None, "unknown" if not rows else "ambiguous"
        message_id, total = rows[0]
        if fact.what == "debit" and fact.amount_cents is not None and fact.amount_cents > total:
            return None, "amount"
        if fact.what == "return" and fact.amount_cents != total:
            return None, "ambiguous"  # which of its payments came back is not said
        return _Target(str(message_id)), ""

    def _by_amount(self, fact: AnswerFact) -> tuple[_Target | None, str]:
        """A debit without any of our ids: the one file of that account, total and day."""
        rows = self._connection.execute(
            "SELECT message_id FROM file WHERE total_cents = ? AND debtor_iban = ?"
            " AND (? = '' OR abs(julianday(execution_date) - julianday(?)) <= 5)",
            (fact.amount_cents, self._answer.account_iban, fact.booked_on, fact.booked_on),
        ).fetchall()
        if len(rows) == 1:
            return _Target(str(rows[0][0])), ""
        return None, "ambiguous" if rows else ""


def _silent(
    matcher: _Matcher, events: list[Event], silence: Callable[[str], str], at: str
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
    body = event.body
    return (
        event.kind,
        event.message_id,
        event.end_to_end_id,
        body.get("code"),
        str(body.get("reasons")),
        body.get("booked_on"),
        body.get("amount_cents"),
        body.get("bank_reference") if event.kind == "debited_part" else None,
    )
