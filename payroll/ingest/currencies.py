"""Columns of currencies that no field takes: whose rows are in another one than euro."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from payroll.ingest.header import Header
from payroll.ingest.sheet import Sheet
from payroll.ingest.values import Cell, Unreadable, currency
from payroll.rulebook.formats import CurrencyWords, plain_key


def foreign_rows(
    sheet: Sheet, header: Header, indexes: Sequence[int], known: CurrencyWords
) -> Iterator[tuple[int, str, str]]:
    """(position in indexes, heading, text) of each row that is not in euro.

    A number or a date under a heading that only has such a word in it is no currency.
    """
    taken = set(header.columns.values())
    for column, cell in enumerate(sheet.rows[header.index]):
        heading = _read(cell, {})
        if column in taken or not known.heads(heading):
            continue
        whole = plain_key(heading) in known.headings
        for row, index in enumerate(indexes):
            cells = sheet.rows[index]
            hidden = sheet.suspect.get((sheet.numbers[index], column))
            text = hidden or (_read(cells[column], known.euro) if column < len(cells) else "")
            if text not in ("", "EUR") and (whole or not any(map(str.isdigit, text))):
                yield row, heading, text[:60]


def _read(cell: Cell, words: Mapping[str, str]) -> str:
    """A text as it is read, EUR when it is euro; what cannot be read is a currency unknown."""
    try:
        return currency(cell, words)
    except Unreadable:
        return "?"
