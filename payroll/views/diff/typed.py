"""Raw columns of two or three sides -> typed columns: one kind for the column, exact values.

1, 1.00, "1,00" and "€ 1" are one number; 01/03/2026, 2026-03-01 and a date cell are one day; an
account is compared without spaces and case; text without needless blanks. Cells are read as the
sources of a run are (payroll.ingest.values). What a column mostly holds decides its kind; a cell
that does not fit stays a text, so that nothing disappears.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial

import numpy as np

from payroll.ingest import values
from payroll.ingest.columns import column_mark, told_apart
from payroll.ingest.values import Ambiguous, Cell, Unreadable
from payroll.model.identifiers import compact_iban
from payroll.record.csv import restored
from payroll.views.diff.sides import Heading, RawTable, Role, Side, TypedColumn

_CENTS = re.compile(r"-?[0-9]{1,14}(?:\.0)?")
_CODE = re.compile(r"0[0-9]+|[0-9]{12,}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
#: Numbers are read as whole units of 10^-6; one with more decimals, or larger, stays a text.
_PLACES, _CENT, _UNITS_MAX = 6, 10**4, 4 * 10**18
#: So many of the filled cells decide what a column holds; so many of them are looked at.
MOST = 0.9
_SAMPLE = 60


def typed_sides(
    tables: Sequence[RawTable], names: Sequence[str], keys: Sequence[str]
) -> tuple[list[Side], list[str]]:
    """The sides with some columns that all have, and those whose amounts have two readings.

    keys: names of the columns that identify a row: always codes, never numbers.
    """
    columns: list[dict[str, TypedColumn]] = [{} for _ in tables]
    unclear: list[str] = []
    for name in names:
        headings = [table.heading(name) or Heading(name, name) for table in tables]
        cells = [table.cells[name] for table in tables]
        typed, clear = typed_column(headings, cells, key=name in keys)
        unclear += [] if clear else [headings[0].shown]
        for side, column in zip(columns, typed, strict=True):
            side[name] = column
    sides = [
        Side(label=table.label, columns=found, places=table.places)
        for table, found in zip(tables, columns, strict=True)
    ]
    return sides, unclear


def typed_column(
    headings: Sequence[Heading], cells: Sequence[Sequence[Cell]], *, key: bool = False
) -> tuple[list[TypedColumn], bool]:
    """One column of every side, and whether its amounts have one reading only."""
    kind, clear = _declared(headings, key=key), True
    if kind in ("", "number"):
        try:
            numbers = _numbers(headings, cells, declared=kind == "number")
        except Ambiguous:
            numbers, clear = None, False
        if numbers is not None:
            return _numeric_columns(headings, cells, numbers), True
        kind = "text" if kind == "number" or not clear else _guessed(headings, cells)
    texts = _texts(kind, cells)
    return [
        TypedColumn(
            heading=heading,
            kind=kind,
            scale=0,
            units=np.zeros(len(column), dtype="int64"),
            numeric=np.zeros(len(column), dtype=bool),
            text=np.array(column, dtype=object),
        )
        for heading, column in zip(headings, texts, strict=True)
    ], clear


def _declared(headings: Sequence[Heading], *, key: bool) -> str:
    """The kind that headings settle: code | number | day | period | iban | text, '' = none."""
    declared = {heading.kind for heading in headings} - {""}
    if any(heading.role in (Role.PAYEE, Role.CODE, Role.COMPONENT) for heading in headings):
        declared.add("code")
    if "code" in declared or (key and not declared & {"iban", "day", "period"}):
        return "code"
    if declared and declared <= {"cents", "money"}:
        return "number"
    return declared.pop() if len(declared) == 1 else ""


# --- numbers ------------------------------------------------------------------------------------

_Numbers = list[int | None]


def _numbers(
    headings: Sequence[Heading], cells: Sequence[Sequence[Cell]], *, declared: bool
) -> list[_Numbers] | None:
    """Every cell of each side in units of 10^-6; None where most cells are no numbers.

    Raises Ambiguous when an amount has two readings and its column does not settle which.
    """
    if not declared and not _mostly(cells, _may_be_number):
        return None
    found: list[_Numbers] = []
    for heading, column in zip(headings, cells, strict=True):
        keys = told_apart(column)
        distinct = dict(zip(keys, column, strict=True))
        if not declared and any(map(_is_code, distinct.values())):
            return None
        read: Callable[[Cell], int | None] = (
            _whole_cents if heading.kind == "cents" else partial(_units, mark=column_mark(column))
        )
        known = {key: read(cell) for key, cell in distinct.items()}
        found.append([known[key] for key in keys])
    good = sum(len(side) - side.count(None) for side in found)
    filled = sum(cell != "" for column in cells for cell in column)
    return found if good and (declared or good >= MOST * filled) else None


def _units(cell: Cell, mark: str | None = None) -> int | None:
    """A cell in units, None when it is no such number. Raises Ambiguous."""
    if cell == "":
        return None
    cents = values.plain_cents(cell)
    if cents is not None:
        return cents * _CENT
    try:
        units = values.number(cell, mark).scaleb(_PLACES)
    except Ambiguous:
        raise
    except Unreadable:
        return None
    whole = int(units)
    return whole if units == whole and abs(whole) < _UNITS_MAX else None


def _whole_cents(cell: Cell) -> int | None:
    """A cell of our own files, which hold whole cents, in units; None when it is no such number."""
    text = str(cell)
    return int(text.removesuffix(".0")) * _CENT if _CENTS.fullmatch(text) else None


def _may_be_number(cell: Cell) -> bool:
    try:
        return _units(cell) is not None
    except Ambiguous:
        return True


def _is_code(cell: Cell) -> bool:
    """Whether a text is digits that are no number: leading zeros, or too many of them."""
    return isinstance(cell, str) and _CODE.fullmatch(cell.strip()) is not None


def _numeric_columns(
    headings: Sequence[Heading], cells: Sequence[Sequence[Cell]], numbers: Sequence[_Numbers]
) -> list[TypedColumn]:
    """Units of one scale on every side; what has no number stays a text."""
    units = [np.array([item or 0 for item in side], dtype="int64") for side in numbers]
    scale = _scale(headings, cells, numbers, units)
    return [
        TypedColumn(
            heading=heading,
            kind="amount" if scale == 2 else "number",
            scale=scale,
            units=whole // 10 ** (_PLACES - scale),
            numeric=np.array([item is not None for item in side], dtype=bool),
            text=np.array(
                [
                    "" if item is not None or cell == "" else _plain(cell)
                    for item, cell in zip(side, column, strict=True)
                ],
                dtype=object,
            ),
        )
        for heading, column, side, whole in zip(headings, cells, numbers, units, strict=True)
    ]


def _scale(
    headings: Sequence[Heading],
    cells: Sequence[Sequence[Cell]],
    numbers: Sequence[_Numbers],
    units: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]],
) -> int:
    """The decimals of a column: at least two where it holds money, or writes any."""
    needed = next(
        places
        for places in range(_PLACES + 1)
        if not any((side % 10 ** (_PLACES - places)).any() for side in units)
    )
    money = any(heading.role is Role.AMOUNT for heading in headings)
    written = needed > 0 or any(
        isinstance(cell, str) and item is not None and ("." in cell or "," in cell)
        for column, side in zip(cells, numbers, strict=True)
        for cell, item in zip(column, side, strict=True)
    )
    return max(needed, 2) if money or written else 0


# --- other kinds --------------------------------------------------------------------------------


def _mostly(cells: Sequence[Sequence[Cell]], fits: Callable[[Cell], bool]) -> bool:
    """Whether most of a sample of every side's filled cells fit."""
    for column in cells:
        sample = [cell for cell in column[: 40 * _SAMPLE] if cell != ""][:_SAMPLE]
        if sum(map(fits, sample)) < MOST * len(sample):
            return False
    return any(cell != "" for column in cells for cell in column)


def _guessed(headings: Sequence[Heading], cells: Sequence[Sequence[Cell]]) -> str:
    if any(heading.role is Role.ACCOUNT for heading in headings) or _mostly(cells, _is_iban):
        return "iban"
    first = [cell for column in cells for cell in column[:200]]
    dated = any(isinstance(cell, date | str) and _reads(values.day, cell) for cell in first)
    if dated and _mostly(cells, lambda cell: _reads(values.day, cell)):
        return "day"
    if _mostly(cells, lambda cell: _reads(values.period, cell)):
        return "period"
    return "code" if any(map(_is_code, first)) else "text"


def _is_iban(cell: Cell) -> bool:
    return isinstance(cell, str) and _IBAN.fullmatch(compact_iban(cell)) is not None


def _reads(parse: Callable[[Cell], object], cell: Cell) -> bool:
    try:
        parse(cell)
    except Unreadable:
        return False
    return True


_PARSERS: Mapping[str, Callable[[Cell], str]] = {
    "day": lambda cell: values.day(cell).isoformat(),
    "period": values.period,
    "iban": values.iban,
}


def _texts(kind: str, cells: Sequence[Sequence[Cell]]) -> list[list[str]]:
    texts = []
    parse = _PARSERS.get(kind)
    for column in cells:
        keys = told_apart(column)
        distinct = dict(zip(keys, column, strict=True))
        known = {
            key: _plain(cell) if parse is None else _parsed(parse, cell)
            for key, cell in distinct.items()
        }
        texts.append([known[key] for key in keys])
    return _without_lost_zeros(cells, texts) if kind == "code" else texts


def _parsed(parse: Callable[[Cell], str], cell: Cell) -> str:
    if cell == "":
        return ""
    try:
        return parse(cell)
    except Unreadable:
        return _plain(cell)


def _plain(cell: Cell) -> str:
    """Text as it is compared: composed, single blanks, no apostrophe before a formula's sign."""
    if isinstance(cell, datetime) and cell.time() != time():
        return cell.isoformat(" ")
    try:
        return restored(values.text_of(cell))
    except Unreadable:
        return str(int(cell)) if isinstance(cell, float) else restored(" ".join(str(cell).split()))


def _without_lost_zeros(cells: Sequence[Sequence[Cell]], texts: list[list[str]]) -> list[list[str]]:
    """Where one side holds codes as numbers, their leading zeros are gone: compared without them.

    Not when two codes of a side would become one.
    """
    numbers = any(isinstance(cell, int | float) for column in cells for cell in column)
    zeros = any(text[:1] == "0" for column in texts for text in column)
    if not (numbers and zeros):
        return texts
    stripped = [
        [text.lstrip("0") or text[:1] if text.isdigit() else text for text in column]
        for column in texts
    ]
    same = all(len(set(new)) == len(set(old)) for new, old in zip(stripped, texts, strict=True))
    return stripped if same else texts
