"""The files that are said to be the bank's: who brought each, and what rests on their word.

No signature of a bank stands in them, and anybody can write one by hand. So the name of whoever
brought a file and its digest are kept, and told wherever somebody acts on what it says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from payroll.ledger.book import Event, Ledger
from payroll.ledger.states import REFUSALS, RETURN, RETURN_BOOKED

_FAILURES = REFUSALS | {RETURN, RETURN_BOOKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFile:
    """A file that was read as the bank's.

    name: as it was given, '' in a ledger of an earlier version; by: who brought it, '' when nobody
    was named; sha256: of its bytes; about: message ids of the files that it speaks of.
    """

    name: str
    by: str
    sha256: str
    at: str
    about: tuple[str, ...]


def answer_files(ledger: Ledger) -> list[AnswerFile]:
    """Every file that was read, in the order in which it came."""
    return [_answer_file(event) for event in ledger.events("kind = 'answer'")]


def failed_by(ledger: Ledger, end_to_end_ids: Collection[str]) -> list[AnswerFile]:
    """The files on whose word these payments failed, in the order in which they came."""
    digests: set[str] = set()
    for message_id in _files_of(ledger, end_to_end_ids):
        for event in ledger.events("message_id = ?", message_id):
            concerned = event.end_to_end_id in ("", *end_to_end_ids)
            if concerned and event.kind in _FAILURES:
                digests.add(str(event.body.get("answer")))
    return [item for item in answer_files(ledger) if item.sha256 in digests]


def _files_of(ledger: Ledger, end_to_end_ids: Collection[str]) -> list[str]:
    found = set()
    for key in end_to_end_ids:
        row = ledger.connection.execute(
            "SELECT message_id FROM payment WHERE end_to_end_id = ?", (key,)
        ).fetchone()
        if row is not None:
            found.add(str(row[0]))
    return sorted(found)


def _answer_file(event: Event) -> AnswerFile:
    body, about = event.body, event.body.get("files")
    return AnswerFile(
        name=str(body.get("name") or body.get("answer_id") or ""),
        by=str(body.get("by", "")),
        sha256=str(body.get("sha256")),
        at=event.at,
        about=tuple(map(str, about if isinstance(about, list) else ())),
    )
