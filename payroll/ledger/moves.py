"""What the debits and returns that a bank books for one file, or one payment, come to.

One debit is told by several formats, each with references of its own, and in any order. So the same
amount counts as often as the one format that tells most of it: never twice because two tell it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from payroll.ledger.book import Event

MoveKind = Literal["debit", "return"]
_KINDS: dict[str, MoveKind] = {
    "debited": "debit",
    "debited_part": "debit",
    "return_booked": "return",
}


@dataclass(frozen=True, slots=True)
class Move:
    """A booked movement. format: camt.053, coda, ...; cents: 1 for a payment, which is whole."""

    kind: MoveKind
    format: str
    day: str
    reference: str
    cents: int


def move_of(event: Event) -> Move | None:
    """The movement that an event tells; None when it is a status, or tells none."""
    kind, body = _KINDS.get(event.kind), event.body
    if kind is None or not {"format", "booked_on", "bank_reference"} & body.keys():
        return None
    day, reference = str(body.get("booked_on", "")), str(body.get("bank_reference", ""))
    cents = 1 if event.end_to_end_id else int(str(body.get("amount_cents", 0)))
    return Move(kind, str(body.get("format", "")), day, reference, cents)


def moved(moves: Iterable[Move], kind: MoveKind) -> int:
    """What the movements of a kind come to (cents; of one payment how many times).

    In one format: a movement without a reference is taken for another report of one with it; the
    same amount twice on a day under two references is two.
    """
    references: dict[tuple[int, str], dict[str, set[str]]] = {}
    for move in moves:
        if move.kind == kind:
            days = references.setdefault((move.cents, move.format), {})
            days.setdefault(move.day, set()).add(move.reference)
    times: dict[int, int] = {}
    for (cents, _), days in references.items():
        found = sum(max(1, len(known - {""})) for known in days.values())
        times[cents] = max(times.get(cents, 0), found)
    return sum(cents * count for cents, count in times.items())


def last_day(moves: Iterable[Move], kind: MoveKind) -> str:
    """The last day with a movement of a kind, '' of none."""
    return max((move.day for move in moves if move.kind == kind), default="")
