"""What answers of the bank left unmatched, and returns that two people bound to payments by hand.

A return without our id frees nothing by itself. Two people who may approve each name what it gives
back, one payment or several, as events of the ledger; the second word books the return of each,
and a proof of the ledger finds both words again behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from payroll.ledger.book import Event, Ledger
from payroll.ledger.money_back import MONEY_BACK, came_short
from payroll.ledger.our_ids import folded
from payroll.ledger.states import FREE, RETURN_BOOKED, payment_states
from payroll.ledger.unmatched import Unmatched, unmatched_of
from payroll.model.people import same_person

MATCHED = "matched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What was set aside of an answer. seq: the event of the answer; answer: its sha256."""

    id: str
    seq: int
    answer: str
    answer_id: str
    format: str
    told: Unmatched


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A payment that came back, as the ledger knows it; cents."""

    end_to_end_id: str
    message_id: str
    run_id: str
    payee_id: str
    amount_cents: int
    debtor_iban: str


def items(ledger: Ledger) -> Iterator[Item]:
    """Everything that was ever set aside, in the order in which it came."""
    for event in ledger.events("kind = 'answer'"):
        rows = event.body.get("unmatched")
        for row in rows if isinstance(rows, Sequence) else ():
            content = f"{event.body.get('sha256')} {row[:5]}"
            yield Item(
                id="U-" + hashlib.sha256(content.encode()).hexdigest()[:8],
                seq=event.seq,
                answer=str(event.body.get("sha256")),
                answer_id=str(event.body.get("answer_id")),
                format=str(event.body.get("kind")),
                told=unmatched_of(row),
            )


def booked_by_hand(ledger: Ledger) -> dict[str, list[Event]]:
    """Item id -> the returns that two people have bound it to, of each payment one."""
    where = f"kind = '{RETURN_BOOKED}' AND json_extract(body, '$.item') IS NOT NULL"
    found: dict[str, list[Event]] = defaultdict(list)
    for event in ledger.events(where):
        found[str(event.body["item"])].append(event)
    return found


def missing_cents(item: Item, booked: Sequence[Event]) -> int:
    """How much less came back by an item than was paid: what the bank kept."""
    paid = sum(int(str(event.body.get("amount_cents"))) for event in booked)
    return paid - (item.told.amount_cents or 0)


def word_on(item: Item, payments: Sequence[Returned], *, at: str, by: str, reason: str) -> Event:
    """One person's word that an item gives these payments back."""
    body: dict[str, object] = {"item": item.id, "by": by, "reason": reason}
    files = {payment.message_id for payment in payments}
    ids = [payment.end_to_end_id for payment in payments]
    if len(ids) > 1:
        body["payments"] = ids
    return Event(
        at=at,
        kind=MATCHED,
        message_id=files.pop() if len(files) == 1 else "",
        end_to_end_id=ids[0] if len(ids) == 1 else "",
        body=body,
    )


def words_on(ledger: Ledger, item_id: str, payments: Sequence[Returned]) -> list[Event]:
    """Who said so far that an item gives back just these payments, in order of their ids."""
    ids = [payment.end_to_end_id for payment in payments]
    words = ledger.events("kind = ? AND json_extract(body, '$.item') = ?", MATCHED, item_id)
    return [word for word in words if word.body.get("payments", [word.end_to_end_id]) == ids]


_PAYMENT = (
    "SELECT end_to_end_id, message_id, run_id, payee_id, amount_cents, debtor_iban"
    " FROM payment JOIN file USING (message_id) WHERE "
)


def payment_named(ledger: Ledger, name: str) -> Returned | None:
    """The payment of that end-to-end id, in whatever case it is written."""
    row = ledger.connection.execute(
        f"{_PAYMENT} end_to_end_id = ? OR upper(end_to_end_id) = ?"
        " ORDER BY end_to_end_id <> ? LIMIT 1",
        (name, folded(name), name),
    ).fetchone()
    return None if row is None else _returned(row)


def payments_of_file(ledger: Ledger, name: str) -> list[Returned] | None:
    """The payments of a file that have not failed, in order of their ids; None of no file of ours.

    name: its message id, the id of its block, or its name in outbox/.
    """
    row = ledger.connection.execute(
        "SELECT message_id FROM file WHERE outbox_name = ? OR upper(message_id) = ?"
        " OR upper(block_id) = ?",
        (name, folded(name), folded(name)),
    ).fetchone()
    if row is None:
        return None
    failed = failed_payments(ledger, row[0])
    rows = ledger.connection.execute(f"{_PAYMENT} message_id = ? ORDER BY end_to_end_id", row)
    return [payment for payment in map(_returned, rows) if payment.end_to_end_id not in failed]


def failed_payments(ledger: Ledger, message_id: str) -> frozenset[str]:
    """The payments of a file that were rejected or returned."""
    states = payment_states(ledger, message_id)
    return frozenset(item.end_to_end_id for item in states if item.state in FREE)


def _returned(row: Sequence[object]) -> Returned:
    return Returned(
        end_to_end_id=str(row[0]),
        message_id=str(row[1]),
        run_id=str(row[2]),
        payee_id=str(row[3]),
        amount_cents=int(str(row[4])),
        debtor_iban=str(row[5]),
    )


def may_return(told: Unmatched, payments: Sequence[Returned]) -> bool:
    """Whether an item is money that came in, booked, on the account that these payments left, and
    of what they come to, or of that less the charges that a bank takes.

    Only what says nothing else: an id or an account that contradicts is no proposal.
    """
    paid = sum(payment.amount_cents for payment in payments)
    return (
        told.what in MONEY_BACK
        and told.booked
        and told.amount_cents is not None
        and came_short(told.amount_cents, paid) is not None
        and all(told.account in ("", payment.debtor_iban) for payment in payments)
    )


def booked_return(item: Item, payment: Returned, *, at: str) -> Event:
    """The return that two people's words book."""
    told = item.told
    body: dict[str, object] = {
        "item": item.id,
        "answer": item.answer,
        "where": told.where,
        "code": told.code,
        "reasons": list(told.reasons),
        "booked_on": told.booked_on,
        "bank_reference": told.reference,
        "amount_cents": payment.amount_cents,
        "format": item.format,
    }
    return Event(
        at=at,
        kind=RETURN_BOOKED,
        message_id=payment.message_id,
        end_to_end_id=payment.end_to_end_id,
        body={key: value for key, value in body.items() if value not in ("", None, [])},
    )


def same_approver(one: str, other: str) -> bool:
    """Whether two words are of one person: names stand as employer.toml lists them in full."""
    return same_person(one, other)


def unproved(ledger: Ledger) -> Iterator[str]:
    """The numbers of events that book a return by hand without two people's words behind them."""
    by_item = booked_by_hand(ledger)
    known = {item.id: item for item in items(ledger)} if by_item else {}
    for item_id, events in by_item.items():
        if not _is_sound(ledger, known.get(item_id), events):
            yield from (str(event.seq) for event in events)


def _is_sound(ledger: Ledger, item: Item | None, events: Sequence[Event]) -> bool:
    """Whether an item, and two people's words on just these payments, stand behind their returns.

    The returns of one item are booked at once: a further one has no words of its own.
    """
    found = [payment_named(ledger, event.end_to_end_id) for event in events]
    payments = [payment for payment in found if payment is not None]
    first = min(event.seq for event in events)
    if item is None or len(payments) < len(events) or item.seq > first:
        return False
    words = words_on(ledger, item.id, payments)
    people = [str(word.body.get("by")) for word in words if word.seq < first]
    return (
        any(not same_approver(people[0], other) for other in people[1:])
        and may_return(item.told, payments)
        and all(map(partial(_is_as_booked, item), events, payments))
    )


def _is_as_booked(item: Item, event: Event, payment: Returned) -> bool:
    """Whether an event is what binding the item to the payment books."""
    wanted = booked_return(item, payment, at=event.at)
    same = json.loads(json.dumps(wanted.body)) == dict(event.body)
    told = (wanted.message_id, wanted.end_to_end_id, event.run_id)
    return same and told == (event.message_id, event.end_to_end_id, "")
