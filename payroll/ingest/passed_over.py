"""Columns headed as a field that the order takes from another column.

`columns` of an order may name a column for a field. Where the file has a column headed so already,
that may be meant (two accounts in one list), or be somebody's way to another account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payroll.ingest.header import Header
from payroll.ingest.sheet import Sheet
from payroll.ingest.values import Cell, Unreadable, text_of
from payroll.model.tables import fields_of


def passed_over(
    kind: str, sheet: Sheet, header: Header, indexes: Sequence[int]
) -> Iterator[tuple[int, str, str, str]]:
    """(data row, field, text taken, text under the known heading with that heading) of each row
    whose account or amount the two columns tell differently.
    """
    types = {item.name: item.type for item in fields_of(kind)}
    for name, column, heading in header.passed_over:
        if types[name] not in ("iban", "money"):  # a number may well have two spellings in a list
            continue
        for row, index in enumerate(indexes):
            cells = sheet.rows[index]
            taken, headed = _compared(cells, header.columns[name]), _compared(cells, column)
            if headed not in ("", taken):
                yield row, name, taken, f"{headed} ({heading})"


def _compared(cells: Sequence[Cell], column: int) -> str:
    """A cell without blanks and case; '' behind the end of its row."""
    if column >= len(cells):
        return ""
    try:
        return "".join(text_of(cells[column]).split()).upper()
    except Unreadable:
        return repr(cells[column])
