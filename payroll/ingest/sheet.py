"""A table as read from a file, before anything is understood: raw cells with their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from payroll.ingest.values import Cell


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, or a delimited file.

    rows: all rows from the top of the sheet, blank ones included; numbers[i] is the row or line
    number a reader sees. suspect: (row number, column index) -> what a plain read cannot show:
    'formula' (without a stored value) or 'error' (#N/A ...). hidden: hidden row numbers.
    delimiter: of a delimited file.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[int]
    encoding: str = ""
    suspect: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    visible: bool = True
    delimiter: str = ""
