"""Our ids as a bank writes them: in any case, where they belong or in a text; never two alike."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator

from payroll.ledger.book import Ledger
from payroll.model.answers import AnswerFact
from payroll.model.errors import PayrollError

#: How ids of ours look inside a text of the bank: of a payment, of a file or its block.
_OURS_IN_TEXT = re.compile(r"\b(?:[A-Z]-[A-Z0-9-]{8,33}|[0-9]{8}-[A-Z]{2,4}-[A-Z0-9-]{8,24})\b")


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

    def mentioned(self, fact: AnswerFact) -> tuple[list[str], bool]:
        """(payments of ours that it names anywhere, whether it names a file of ours)."""
        texts = [folded(text) for text in named(fact)]
        found = [self.payments[text] for text in texts if text in self.payments]
        files = any(text in self.files or text in self.blocks for text in texts)
        return list(dict.fromkeys(found)), files


def folded(an_id: str) -> str:
    """An id as ids are compared: ASCII letters in capitals, as SQLite's upper()."""
    return "".join(char.upper() if char.isascii() else char for char in an_id)


def named(fact: AnswerFact) -> Iterator[str]:
    """Every id that a fact gives, and what looks like one of ours in its texts."""
    yield from filter(None, (fact.end_to_end_id, fact.message_id, fact.block_id))
    yield from _in_texts(fact)


def _in_texts(fact: AnswerFact) -> Iterator[str]:
    for text in (*fact.additional, *fact.mentions, fact.bank_reference):
        yield from _OURS_IN_TEXT.findall(folded(text))


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
