"""Our ids as a bank writes them: in any case, where they belong or in a text; never two alike."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator

from payroll.ledger.book import Ledger
from payroll.model.answers import AnswerFact
from payroll.model.errors import PayrollError

#: How ids of ours begin inside a text of the bank: of a payment, of a file or its block.
_OURS_IN_TEXT = re.compile(r"(?=([A-Z]-[A-Z0-9-]{8,33}|[0-9]{8}-[A-Z]{2,4}-[A-Z0-9-]{8,24}))")
_BLANKS = re.compile(r"\s+")
_ID_CHARS_MIN = 10


class OurIds:
    """The ids of ours that an answer names, wherever and in whatever case it writes them."""

    def __init__(self, ledger: Ledger, facts: Iterable[AnswerFact]) -> None:
        wanted = {folded(text) for fact in facts for text in named(fact)}
        self.payments = self._known(ledger, "payment", "end_to_end_id", wanted)
        self.files = self._known(ledger, "file", "message_id", wanted)
        self.blocks = self._known(ledger, "file", "block_id", wanted)

    @staticmethod
    def _known(ledger: Ledger, table: str, column: str, wanted: set[str]) -> dict[str, str]:
        rows = ledger.connection.execute(
            f"SELECT {column} FROM {table} WHERE upper({column}) IN"
            " (SELECT value FROM json_each(?))",
            (json.dumps(sorted(wanted)),),
        )
        return {folded(row[0]): str(row[0]) for row in rows}

    def payment(self, an_id: str) -> str:
        """The payment's id as we wrote it, '' when it is none of ours."""
        return self.payments.get(folded(an_id), "")

    def mentioned(self, fact: AnswerFact) -> tuple[list[str], list[str]]:
        """(payments, files or blocks) of ours that it names anywhere, as we wrote them."""
        texts = [folded(text) for text in named(fact)]
        payments = [self.payments[text] for text in texts if text in self.payments]
        files = [
            found
            for text in texts
            if (found := self.files.get(text) or self.blocks.get(text)) is not None
        ]
        return list(dict.fromkeys(payments)), list(dict.fromkeys(files))


def folded(an_id: str) -> str:
    """An id as ids are compared: ASCII letters in capitals, as SQLite's upper(), and no blanks:
    ours have none, and banks break long texts."""
    joined = _BLANKS.sub("", an_id)
    return joined.upper() if joined.isascii() else "".join(map(_upper, joined))


def _upper(char: str) -> str:
    return char.upper() if char.isascii() else char


def named(fact: AnswerFact) -> Iterator[str]:
    """Every id that a fact gives, and what looks like one of ours in its texts."""
    yield from filter(None, (fact.end_to_end_id, fact.message_id, fact.block_id))
    yield from in_texts((*fact.additional, *fact.mentions))
    yield from in_texts((fact.bank_reference,))


def in_texts(texts: Iterable[str]) -> Iterator[str]:
    """What may be an id of ours in some texts, in capitals.

    Banks break texts anywhere, also into several, so that they are read without blanks and as one.
    Where an id ends then is not to be seen: each of its beginnings may be the id.
    """
    joined = folded("".join(texts))
    for found in _OURS_IN_TEXT.findall(joined) if "-" in joined else ():
        yield from (found[:end] for end in range(_ID_CHARS_MIN, len(found) + 1))


def require_told_apart(connection: sqlite3.Connection) -> None:
    """Raise PayrollError payment_id_used where two ids differ in their case alone.

    A bank may answer in capitals; ids are made so that this never happens.
    """
    for table, column in (
        ("payment", "end_to_end_id"),
        ("file", "message_id"),
        ("file", "block_id"),
    ):
        alike = connection.execute(
            f"SELECT 1 FROM {table} GROUP BY upper({column}) HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        if alike is not None:
            raise PayrollError("payment_id_used")
