"""A column of raw cells to a typed column, each distinct cell parsed once, problems by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.ingest import values
from payroll.ingest.values import Ambiguous, Cell, Unreadable
from payroll.model.frames import BOOL, DAY, INT, TEXT, text_values
from payroll.model.tables import Field
from payroll.rulebook.formats import KindFormat

#: Identifiers with a legal length: digits only, zeros that a number cell lost put back.
LEGAL_LENGTH = {"national_number": 11, "enterprise_number": 10, "inami_number": 11}
_NOT_DIGITS = re.compile("[^0-9]+")
_NUMERIC = {
    "money": values.money,
    "ratio": values.ratio,
    "hours": values.hours,
    "count": values.count,
}


class AmbiguousColumn(Exception):  # noqa: N818 - a state of the column
    """An amount with two readings: the row index and the text."""

    def __init__(self, row: int, text: str) -> None:
        self.row = row
        self.text = text
        super().__init__(text)


#: The values of a column of a frame to be.
Values = npt.NDArray[Any] | pd.api.extensions.ExtensionArray


def parse_column(
    item: Field, cells: Sequence[Cell], fmt: KindFormat
) -> tuple[Values, npt.NDArray[np.bool_], dict[int, str]]:
    """(values, given, problems): problems maps a row index to what was expected there.

    A cell that is empty or unreadable gives the type's missing value (see payroll.model.tables).
    Raises AmbiguousColumn when an amount could be either of two and the column does not settle it.
    """
    parse, missing, dtype = _parser(item, cells, fmt)
    keys = told_apart(cells)
    known: dict[object, object] = {}
    blank: set[object] = set()
    unreadable: dict[object, str] = {}
    for key, cell in dict(zip(keys, cells, strict=True)).items():  # each distinct cell once
        known[key] = missing
        if isinstance(cell, str) and not cell.strip():
            blank.add(key)
            continue
        try:
            known[key] = parse(cell)
        except Ambiguous:
            raise AmbiguousColumn(keys.index(key), str(cell)) from None
        except Unreadable as error:
            unreadable[key] = str(error)
    parsed = list(map(known.__getitem__, keys))
    given = np.ones(len(keys), dtype=bool)
    if blank:
        given = np.array([key not in blank for key in keys], dtype=bool)
    problems: dict[int, str] = {}
    if unreadable:
        problems = {row: unreadable[key] for row, key in enumerate(keys) if key in unreadable}
    values_read = text_values(parsed) if dtype == TEXT else np.array(parsed, dtype=dtype)
    return values_read, given, problems


def told_apart(cells: Sequence[Cell]) -> Sequence[object]:
    """A key per cell, the same for the same cell: Python takes 1, 1.0 and true for equal."""
    if len({bool, int, float} & set(map(type, cells))) > 1:
        return [(cell.__class__, cell) for cell in cells]
    return cells


def _parser(
    item: Field, cells: Sequence[Cell], fmt: KindFormat
) -> tuple[Callable[[Cell], object], object, str]:
    if item.type in _NUMERIC:
        function = _NUMERIC[item.type]
        mark = column_mark(cells)
        return (lambda cell: function(cell, mark)), 0, INT
    if item.type == "day":
        return values.day, np.datetime64("NaT", "s"), DAY
    if item.type == "flag":
        known = fmt.words.get(item.name, {})
        return (lambda cell: values.flag(cell, known)), False, BOOL
    if item.type in _BY_WORDS:
        words, read = fmt.words[item.name], _BY_WORDS[item.type]
        return (lambda cell: read(cell, words)), "", TEXT
    simple: Mapping[str, Callable[[Cell], object]] = {"period": values.period, "iban": values.iban}
    if item.name in LEGAL_LENGTH:
        length = LEGAL_LENGTH[item.name]
        return (lambda cell: _legal_number(cell, length)), "", TEXT
    return simple.get(item.type, values.text_of), "", TEXT


_BY_WORDS: Mapping[str, Callable[[Cell, Mapping[str, str]], str]] = {
    "choice": values.choice,
    "named": values.named,
    "currency": values.currency,
}


def column_mark(cells: Sequence[Cell]) -> str | None:
    """The decimal mark of a column, when its clear cells agree on one."""
    marks = {values.decimal_mark(cell) for cell in set(cells)} - {None}
    return marks.pop() if len(marks) == 1 else None


def _legal_number(cell: Cell, length: int) -> str:
    text = values.text_of(cell)
    digits = _NOT_DIGITS.sub("", text.removeprefix("BE"))
    return digits.zfill(length) if isinstance(cell, int | float) else digits or text
