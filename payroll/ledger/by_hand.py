"""What answers of the bank left unmatched, and returns that two people bound to a payment by hand.

A return without our id frees nothing by itself. Two people who may approve each name the payment
that it gives back, as events of the ledger; the second word books the return, and a proof of the
ledger finds both words again behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from payroll.ledger.book import Event, Ledger
from payroll.ledger.matching import RETURN_DAYS
from payroll.ledger.our_ids import folded
from payroll.ledger.states import RETURN_BOOKED
from payroll.ledger.unmatched import Unmatched, unmatched_of
from payroll.model.people import same_person

MATCHED = "matched"
_MONEY_BACK = ("return", "credit")


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


def bound(ledger: Ledger) -> frozenset[str]:
    """The ids of the items that two people have bound to a payment."""
    where = f"kind = '{RETURN_BOOKED}' AND json_extract(body, '$.item') IS NOT NULL"
    return frozenset(str(event.body["item"]) for event in ledger.events(where))


def words_on(ledger: Ledger, item_id: str, end_to_end_id: str) -> list[Event]:
    """Who said so far that an item gives this payment back."""
    return ledger.events(
        "kind = ? AND end_to_end_id = ? AND json_extract(body, '$.item') = ?",
        MATCHED,
        end_to_end_id,
        item_id,
    )


def payment_named(ledger: Ledger, name: str) -> Returned | None:
    """The payment of that end-to-end id, in whatever case it is written."""
    row = ledger.connection.execute(
        "SELECT end_to_end_id, message_id, run_id, payee_id, amount_cents, debtor_iban"
        " FROM payment JOIN file USING (message_id)"
        " WHERE end_to_end_id = ? OR upper(end_to_end_id) = ?"
        " ORDER BY end_to_end_id <> ? LIMIT 1",
        (name, folded(name), name),
    ).fetchone()
    return None if row is None else _returned(row)


def _returned(row: Sequence[object]) -> Returned:
    return Returned(
        end_to_end_id=str(row[0]),
        message_id=str(row[1]),
        run_id=str(row[2]),
        payee_id=str(row[3]),
        amount_cents=int(str(row[4])),
        debtor_iban=str(row[5]),
    )


def may_return(told: Unmatched, payment: Returned) -> bool:
    """Whether an item is money that came in, booked, of a payment's amount, on the account it left.

    Only what says nothing else: an id or an account that contradicts is no proposal.
    """
    return (
        told.what in _MONEY_BACK
        and told.booked
        and told.amount_cents == payment.amount_cents
        and told.account in ("", payment.debtor_iban)
    )


def proposals(ledger: Ledger, told: Unmatched) -> list[Returned]:
    """The payments that an item may give back: of its amount, account and time.

    Where it names no account of the other side, a credit that is not called a return is none. Where
    its text names some of them, by their id or their payee's name, only these. The newest first.
    """
    if told.what not in _MONEY_BACK or told.amount_cents is None:
        return []
    if not told.iban and told.what == "credit":
        return []
    rows = ledger.connection.execute(
        "SELECT end_to_end_id, message_id, run_id, payee_id, amount_cents, debtor_iban,"
        " creditor_name FROM payment JOIN file USING (message_id)"
        " WHERE amount_cents = ? AND ? IN ('', iban) AND ? IN ('', debtor_iban)"
        " AND (? = '' OR julianday(?) BETWEEN"
        " julianday(execution_date) AND julianday(execution_date) + ?)"
        " ORDER BY execution_date DESC, end_to_end_id",
        (told.amount_cents, told.iban, told.account, told.booked_on, told.booked_on, RETURN_DAYS),
    ).fetchall()
    text = folded(" ".join((told.name, *told.texts)))
    named = [row for row in rows if folded(row[0]) in text or folded(row[6]) in text]
    return [_returned(row) for row in named or rows]


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
    taken: set[str] = set()
    known: dict[str, Item] | None = None
    for event in ledger.events("kind = ? AND json_valid(body)", RETURN_BOOKED):
        if "item" not in event.body:
            continue
        known = {item.id: item for item in items(ledger)} if known is None else known
        item_id = str(event.body["item"])
        item, payment = known.get(item_id), payment_named(ledger, event.end_to_end_id)
        words = words_on(ledger, item_id, event.end_to_end_id)
        people = [str(word.body.get("by")) for word in words if word.seq < event.seq]
        sound = (
            item is not None
            and payment is not None
            and item.seq < event.seq
            and item_id not in taken
            and any(not same_approver(people[0], other) for other in people[1:])
            and may_return(item.told, payment)
            and event == _as_booked(event, item, payment)
        )
        taken.add(item_id)
        if not sound:
            yield str(event.seq)


def _as_booked(event: Event, item: Item, payment: Returned) -> Event:
    """The event as it must be, with the place in the chain of the one there is."""
    wanted = booked_return(item, payment, at=event.at)
    same = json.loads(json.dumps(wanted.body)) == dict(event.body)
    told = (wanted.message_id, wanted.end_to_end_id, event.run_id)
    return event if same and told == (event.message_id, event.end_to_end_id, "") else wanted
