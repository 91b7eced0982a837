"""What is known of each payment and each file, derived from the events: order does not matter.

A state is a function of the set of things said about a payment, so that answers may be read in any
order and twice. Only a rejection without any sign of execution, or a return whose credit is booked,
frees a payment's keys. Silence is never acceptance (facts/bank-rules 9.1 and 9.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from payroll.ledger.book import Event, Ledger
from payroll.ledger.moves import Move, last_day, move_of, moved
from payroll.model.released import KEY


class State(StrEnum):
    """Where a payment stands, from the least to the most settled."""

    RELEASED = "released"
    UPLOADED = "uploaded"
    PENDING = "pending"  # the bank waits: for a signature, funds, checks
    ACCEPTED = "accepted"
    EXECUTED = "executed"
    RETURNING = "returning"  # a return is announced, its credit not booked
    RETURNED = "returned"
    REJECTED = "rejected"
    CONTRADICTORY = "contradictory"  # rejected and executed, debited twice: only the bank knows
    REISSUED = "reissued"  # failed, and paid again


#: Meanings (rules/bank, payroll.rulebook) that say how far a payment has come. Of a file,
#: `debited` is its whole total; its parts come to the total without what was refused (`_rest`).
_PROGRESS: Mapping[str, State] = {
    "uploaded": State.UPLOADED,
    "received": State.UPLOADED,
    "technically_ok": State.UPLOADED,
    "partly": State.UPLOADED,  # some of it was refused: the bank has the file
    "pending": State.PENDING,
    "awaiting_signature": State.PENDING,
    "blocked": State.PENDING,
    "accepted": State.ACCEPTED,
    "accepted_changed": State.ACCEPTED,
    "executing": State.ACCEPTED,
    "debited_part": State.ACCEPTED,
    "debited_rest": State.EXECUTED,
    "debited": State.EXECUTED,
    "credited": State.EXECUTED,
}
_RANK = (State.RELEASED, State.UPLOADED, State.PENDING, State.ACCEPTED, State.EXECUTED)
REFUSALS = frozenset({"rejected", "cancelled", "withdrawn"})
_EXECUTIONS = frozenset({"debited", "credited"})
#: More was debited than the bank had to pay, or again after a return: nobody knows what was paid.
TOO_MUCH = "debited_too_much"
#: A return is announced, booked, or taken back by the bank.
RETURN, RETURN_BOOKED, RETURN_REVERSED = "return", "return_booked", "return_reversed"
#: The states in which a payment's keys may be claimed again, to replace it.
FREE = frozenset({State.REJECTED, State.RETURNED, State.REISSUED})
#: Every meaning that moves a payment; what else an answer says is kept and shown.
MOVING = frozenset(_PROGRESS) | REFUSALS | {RETURN, RETURN_BOOKED, RETURN_REVERSED}
VOP = "vop_"


def state_of(own: frozenset[str], of_file: frozenset[str]) -> State:
    """The state of a payment from what was said of itself and of its whole file.

    Refused and debited all the same, debited for more than there was to pay, or returned and taken
    back is a contradiction that only the bank can lift: nothing is paid again on it.
    """
    if TOO_MUCH in own | of_file:
        return State.CONTRADICTORY
    if RETURN_BOOKED in own | of_file:
        taken_back = RETURN_REVERSED in own | of_file
        return State.CONTRADICTORY if taken_back else State.RETURNED
    if RETURN in own | of_file:
        return State.RETURNING
    if REFUSALS & (own | of_file):
        return State.CONTRADICTORY if _EXECUTIONS & (own | of_file) else State.REJECTED
    steps = [_PROGRESS[word] for word in own | of_file if word in _PROGRESS]
    return max(steps, key=_RANK.index, default=State.RELEASED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentState:
    """One payment about which something was said by itself, or that failed."""

    end_to_end_id: str
    state: State
    reasons: tuple[str, ...] = ()
    vop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """One released file. counts and cents per state; they add up to the file's own.

    own_reasons: what the bank says of the whole file and not of its payments.
    """

    message_id: str
    run_id: str
    outbox_name: str
    stream: str
    debtor_iban: str
    bank_profile: str
    execution_date: str
    transactions: int
    total_cents: int
    state: str
    counts: Mapping[State, int]
    cents: Mapping[State, int]
    vop: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    answered: bool = False
    delivered: bool = False
    own_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEvents:
    """What the events say, gathered by file and by payment. moves: what the bank booked."""

    of_file: Mapping[str, frozenset[str]]
    of_payment: Mapping[str, frozenset[str]]
    reasons: Mapping[str, tuple[str, ...]]
    vop: Mapping[str, tuple[str, ...]]
    delivered: frozenset[str]
    moves: Mapping[str, frozenset[Move]]


def said(ledger: Ledger, message_id: str) -> FileEvents:
    """Gather what was said of one file and of its payments."""
    return gather(ledger.events("message_id = ?", message_id))


def gather(events: Iterable[Event]) -> FileEvents:
    """Fold events into sets: their order and repetition leave no trace."""
    of_file: dict[str, set[str]] = {}
    of_payment: dict[str, set[str]] = {}
    reasons: dict[str, dict[str, None]] = {}
    vop: dict[str, set[str]] = {}
    delivered = set()
    moves: dict[str, set[Move]] = {}
    for event in events:
        payment = event.end_to_end_id
        key = payment or event.message_id
        if event.kind == "delivered":
            delivered.add(event.message_id)
        elif event.kind.startswith(VOP):
            vop.setdefault(key, set()).add(event.kind)
        elif event.kind in MOVING:
            (of_payment if payment else of_file).setdefault(key, set()).add(event.kind)
        if (move := move_of(event)) is not None:
            moves.setdefault(key, set()).add(move)
        codes = event.body.get("reasons")
        if isinstance(codes, list):
            reasons.setdefault(key, {}).update(dict.fromkeys(map(str, codes)))
    shown = {key: tuple(sorted(codes)) for key, codes in reasons.items()}
    checked = {key: tuple(sorted(words)) for key, words in vop.items()}
    return FileEvents(
        of_file={key: frozenset(words) for key, words in of_file.items()},
        of_payment={key: frozenset(words) for key, words in of_payment.items()},
        reasons=shown,
        vop=checked,
        delivered=frozenset(delivered),
        moves={key: frozenset(found) for key, found in moves.items()},
    )


def superseded(ledger: Ledger) -> set[tuple[str, ...]]:
    """(failed payment, *KEY) of every key that a later payment claims in its place."""
    keys = ", ".join(f"claim.{name}" for name in KEY)
    rows = ledger.connection.execute(
        f"SELECT payment.replaces, {keys} FROM payment JOIN claim USING (end_to_end_id)"
        " WHERE payment.replaces <> ''"
    )
    return {(old, *key) for olds, *key in rows for old in str(olds).split()}


def reissued(ledger: Ledger) -> frozenset[str]:
    """The payments of which every key is claimed by a later payment in their place."""
    again = superseded(ledger)
    keys = ", ".join(KEY)
    whole = {
        old: {
            (old, *key)
            for key in ledger.connection.execute(
                f"SELECT {keys} FROM claim WHERE end_to_end_id = ?", (old,)
            )
        }
        for old in {row[0] for row in again}
    }
    return frozenset(old for old, wanted in whole.items() if wanted <= again)


def payment_states(
    ledger: Ledger, message_id: str, again: frozenset[str] | None = None
) -> list[PaymentState]:
    """The payments of a file that are not simply where their file is, in order of their ids.

    again: what `reissued` says, when it was asked already.
    """
    known = said(ledger, message_id)
    of_file = _of_file(ledger, message_id, known)
    again = reissued(ledger) if again is None else again
    return _apart(ledger, message_id, known, of_file, again)


def _apart(
    ledger: Ledger,
    message_id: str,
    known: FileEvents,
    of_file: frozenset[str],
    again: frozenset[str],
) -> list[PaymentState]:
    ids = [
        str(row[0])
        for row in ledger.connection.execute(
            "SELECT end_to_end_id FROM payment WHERE message_id = ?", (message_id,)
        )
    ]
    base = state_of(frozenset(), of_file)
    told = again.union(known.of_payment, known.vop, known.reasons)
    wanted = ids if base in (*FREE, State.CONTRADICTORY) else [key for key in ids if key in told]
    found = []
    for key in sorted(wanted):
        state = state_of(_of_payment(key, message_id, known), of_file)
        if key in again and state in FREE:
            state = State.REISSUED
        why = known.reasons.get(key) or known.reasons.get(message_id, ())
        found.append(
            PaymentState(end_to_end_id=key, state=state, reasons=why, vop=known.vop.get(key, ()))
        )
    return found


def _of_file(ledger: Ledger, message_id: str, known: FileEvents) -> frozenset[str]:
    """What was said of a file, and what its debits and returns come to against what was refused."""
    words, moves = known.of_file.get(message_id, frozenset()), known.moves.get(message_id)
    if not moves:
        return words
    total = _total(ledger, message_id)
    refused = [key for key, own in known.of_payment.items() if own & REFUSALS]
    left = total - sum(_amounts(ledger, refused).values())
    debited, returned = moved(moves, "debit"), moved(moves, "return")
    if returned:
        again = last_day(moves, "debit") > last_day(moves, "return")
        if debited > returned:  # once too often, and once back
            net = debited - returned
            return (words - {RETURN_BOOKED}) | {"debited" if net in (left, total) else TOO_MUCH}
        return words | {TOO_MUCH} if again else words
    if debited < left:
        return words
    found = {total: "debited", left: "debited_rest"}.get(debited, TOO_MUCH)
    return words | {found}


def _of_payment(key: str, message_id: str, known: FileEvents) -> frozenset[str]:
    """What was said of a payment, and what its own debits and returns come to."""
    words, moves = known.of_payment.get(key, frozenset()), known.moves.get(key)
    if not moves:
        return words
    whole = known.moves.get(message_id, frozenset())
    debited, returned = moved(moves, "debit"), moved(moves, "return")
    back_on = max(last_day(moves, "return"), last_day(whole, "return"))
    if (back_on and last_day(moves, "debit") > back_on) or debited > returned + 1:
        return words | {TOO_MUCH}
    return words - {RETURN_BOOKED} if 0 < returned < debited else words


def _total(ledger: Ledger, message_id: str) -> int:
    row = ledger.connection.execute(
        "SELECT total_cents FROM file WHERE message_id = ?", (message_id,)
    ).fetchone()
    return int(row[0]) if row else 0


def file_states(ledger: Ledger, run_id: str = "") -> list[FileState]:
    """Every released file, or those of one run, in order of execution and name."""
    where, values = ("WHERE run_id = ?", (run_id,)) if run_id else ("", ())
    rows = ledger.connection.execute(
        "SELECT message_id, run_id, outbox_name, stream, debtor_iban, bank_profile,"
        f" execution_date, transactions, total_cents FROM file {where}"
        " ORDER BY execution_date, outbox_name",
        values,
    ).fetchall()
    again = reissued(ledger)
    return [_file_state(ledger, row, again) for row in rows]


def _file_state(ledger: Ledger, row: tuple[object, ...], again: frozenset[str]) -> FileState:
    message_id, transactions, total = str(row[0]), int(str(row[7])), int(str(row[8]))
    known = said(ledger, message_id)
    of_file = _of_file(ledger, message_id, known)
    base = state_of(frozenset(), of_file)
    counts: Counter[State] = Counter({base: transactions})
    cents: Counter[State] = Counter({base: total})
    apart = _apart(ledger, message_id, known, of_file, again)
    amounts = _amounts(ledger, [item.end_to_end_id for item in apart if item.state is not base])
    for item in apart:
        if item.state is not base:
            for tally, value in ((counts, 1), (cents, amounts[item.end_to_end_id])):
                tally[base] -= value
                tally[item.state] += value
    reasons: Counter[str] = Counter()
    vop: Counter[str] = Counter(known.vop.get(message_id, ()))
    for item in apart:
        reasons.update(item.reasons)
        vop.update(item.vop)
    reasons.update(() if apart else known.reasons.get(message_id, ()))
    counts, cents = +counts, Counter({key: cents[key] for key in counts if counts[key] > 0})
    return FileState(
        message_id=message_id,
        run_id=str(row[1]),
        outbox_name=str(row[2]),
        stream=str(row[3]),
        debtor_iban=str(row[4]),
        bank_profile=str(row[5]),
        execution_date=str(row[6]),
        transactions=transactions,
        total_cents=total,
        state=_whole(counts),
        counts=dict(counts),
        cents=dict(cents),
        vop=dict(vop),
        reasons=dict(reasons),
        answered=bool(of_file - {"uploaded"} or known.of_payment),
        delivered=message_id in known.delivered,
        own_reasons=known.reasons.get(message_id, ()),
    )


def _whole(counts: Mapping[State, int]) -> str:
    """A file's state in one word: that of all its payments, else the mixture that matters.

    What was paid again in another file does not keep this one open.
    """
    states = set(counts) - {State.REISSUED} or {State.REISSUED}
    if len(states) == 1:
        return str(next(iter(states)))
    if State.CONTRADICTORY in states:
        return str(State.CONTRADICTORY)
    if states & {State.RETURNED, State.RETURNING}:
        return "part_returned"
    return "part_rejected" if State.REJECTED in states else "mixed"


def _amounts(ledger: Ledger, ids: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for begin in range(0, len(ids), 500):
        part = ids[begin : begin + 500]
        marks = ",".join("?" * len(part))
        rows = ledger.connection.execute(
            f"SELECT end_to_end_id, amount_cents FROM payment WHERE end_to_end_id IN ({marks})",
            part,
        )
        found.update((str(key), int(value)) for key, value in rows)
    return found
