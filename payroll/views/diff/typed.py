"""Raw columns of two or three sides -> typed columns: one kind for the column, exact values.

1, 1.00, "1,00" and "€ 1" are one number; 01/03/2026, 2026-03-01 and a date cell are one day; an
account is compared without spaces and case; text without needless blanks. What a column mostly
holds decides its kind; a cell that does not fit stays a text, so that nothing disappears.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from payroll.ingest import values
from payroll.ingest.values import Ambiguous, Cell, Unreadable
from payroll.model.identifiers import compact_iban
from payroll.views.diff.sides import Heading, RawTable, Role, Side, TypedColumn

_CENTS = re.compile(r"-?(?:0|[1-9][0-9]{0,11})[.,][0-9]{2}")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,10})")
_CODE = re.compile(r"0[0-9]+|[0-9]{12,}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_APOSTROPHE = re.compile(r"'(?=[=+\-@\t\r])")
PLACES_MAX, UNITS_MAX = 6, 4 * 10**18
#: So many of the filled cells decide what a column holds.
MOST = 0.9
_SAMPLE = 60

Number = tuple[int, int]  # mantissa, decimals


def typed_sides(tables: Sequence[RawTable], keys: Sequence[str]) -> tuple[list[Side], list[str]]:
    """The sides with the columns that all have, and the columns whose amounts have two readings.

    keys: names of the columns that identify a row: always codes, never numbers.
    """
    shared = [
        heading.name
        for heading in tables[0].headings
        if all(heading.name in table.cells for table in tables[1:])
    ]
    columns: list[dict[str, TypedColumn]] = [{} for _ in tables]
    unclear: list[str] = []
    for name in shared:
        headings = [_heading(table, name) for table in tables]
        cells = [table.cells[name] for table in tables]
        typed, clear = typed_column(headings, cells, key=name in keys)
        unclear += [] if clear else [headings[0].shown]
        for side, column in zip(columns, typed, strict=True):
            side[name] = column
    sides = [
        Side(
            label=table.label,
            kind=table.kind,
            columns=found,
            places=table.places,
            totals=table.totals,
        )
        for table, found in zip(tables, columns, strict=True)
    ]
    return sides, unclear


def _heading(table: RawTable, name: str) -> Heading:
    return table.heading(name) or Heading(name, name)


def typed_column(
    headings: Sequence[Heading], cells: Sequence[Sequence[Cell]], *, key: bool = False
) -> tuple[list[TypedColumn], bool]:
    """One column of every side, and whether its amounts have one reading only."""
    declared = {heading.kind for heading in headings} - {""}
    if any(heading.role in (Role.PAYEE, Role.CODE, Role.COMPONENT) for heading in headings):
        declared.add("code")
    if key and not declared & {"iban", "day", "period"}:
        declared = {"code"}
    clear = True
    kind = _settled(declared)
    if kind in ("", "number"):
        numbers, clear = _numbers(headings, cells)
        if numbers is not None:
            return _numeric_columns(headings, cells, numbers), True
        if kind == "number" or not clear:
            kind = "text"
    kind = kind or _guessed(headings, cells)
    texts = _texts(kind, cells)
    return [
        TypedColumn(
            heading=heading,
            kind=kind,
            scale=0,
            units=np.zeros(len(column), dtype="int64"),
            numeric=np.zeros(len(column), dtype=bool),
            text=_objects(column),
        )
        for heading, column in zip(headings, texts, strict=True)
    ], clear


def _settled(declared: set[str]) -> str:
    if declared & {"code"}:
        return "code"
    if declared and declared <= {"cents", "money"}:
        return "number"
    return declared.pop() if len(declared) == 1 else ""


def _objects(items: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    found = np.empty(len(items), dtype=object)
    found[:] = items
    return found


# --- numbers ------------------------------------------------------------------------------------


def _numbers(
    headings: Sequence[Heading], cells: Sequence[Sequence[Cell]]
) -> tuple[list[list[Number | None]] | None, bool]:
    """Every cell's number per side; None where most cells are none. And whether each is clear."""
    declared = any(heading.kind in ("cents", "money") for heading in headings)
    if not declared and not _mostly(cells, _may_be_number):
        return None, True
    found: list[list[Number | None]] = []
    good = filled = 0
    for heading, column in zip(headings, cells, strict=True):
        keys = _keys(column)
        distinct = {key: _cell(key) for key in dict.fromkeys(keys)}
        known, rest = _plain_numbers(distinct, cents=heading.kind == "cents")
        if not declared and any(
            isinstance(cell, str) and _CODE.fullmatch(cell.strip()) for cell in rest.values()
        ):
            return None, True
        if heading.kind != "cents":
            mark = _mark(distinct.values()) if rest else None
            try:
                known |= {key: _number(cell, mark) for key, cell in rest.items()}
            except Ambiguous:
                return None, False
        side = list(map(known.get, keys))
        found.append(side)
        good += len(side) - side.count(None)
        filled += len(column) - sum(1 for key in keys if _cell(key) == "")
    if not good or (not declared and good < MOST * filled):
        return None, True
    return found, True


def _keys(column: Sequence[Cell]) -> Sequence[object]:
    """The cells, apart where Python takes cells of different types for equal."""
    if set(map(type, column)) <= {str}:
        return column
    return [(cell.__class__, cell) for cell in column]


def _cell(key: object) -> Cell:
    return key[1] if isinstance(key, tuple) else key  # type: ignore[return-value]


def _plain_numbers(
    distinct: Mapping[object, Cell], *, cents: bool
) -> tuple[dict[object, Number | None], dict[object, Cell]]:
    """Numbers as nearly all are written, and the filled cells that are written otherwise."""
    known: dict[object, Number | None] = {}
    rest: dict[object, Cell] = {}
    for key, cell in distinct.items():
        found = _plain_number(cell, cents=cents)
        if found is not None:
            known[key] = found
        elif cell != "":
            rest[key] = cell
    return known, rest


def _plain_number(cell: Cell, *, cents: bool) -> Number | None:
    if isinstance(cell, str):
        if _CENTS.fullmatch(cell) and not cents:
            return int(cell[:-3] + cell[-2:]), 2
        return (int(cell), 2 if cents else 0) if _WHOLE.fullmatch(cell) else None
    if isinstance(cell, bool):
        return None
    if cents:
        return (cell, 2) if isinstance(cell, int) else None
    if isinstance(cell, float) and abs(cell) < 1e9:
        exact = round(cell * 100)
        if exact / 100 == cell:
            return (exact, 2) if exact % 100 else (exact // 100, 0)
    return None


def _mark(cells: Iterable[Cell]) -> str | None:
    marks = {values.decimal_mark(cell) for cell in cells} - {None}
    return marks.pop() if len(marks) == 1 else None


def _number(cell: Cell, mark: str | None) -> Number | None:
    """A cell as an exact number, None when it is none. Raises Ambiguous for two readings."""
    try:
        return _mantissa(values.number(cell, mark))
    except Ambiguous:
        raise
    except Unreadable:
        return None


def _mantissa(value: Decimal) -> Number | None:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return None
    units = int("".join(map(str, digits)) or "0") * (-1 if sign else 1)
    while exponent < 0 and units % 10 == 0:
        units, exponent = units // 10, exponent + 1
    if exponent > 0:
        units, exponent = units * 10**exponent, 0
    return (units, -exponent) if -exponent <= PLACES_MAX and abs(units) < UNITS_MAX else None


def _numeric_columns(
    headings: Sequence[Heading],
    cells: Sequence[Sequence[Cell]],
    numbers: Sequence[Sequence[Number | None]],
) -> list[TypedColumn]:
    """Units of one scale on every side; what has no number, or is too large for it, stays text."""
    scale = max((item[1] for side in numbers for item in side if item), default=0)
    money = any(heading.role is Role.AMOUNT for heading in headings)
    scale = 2 if scale < 2 and (money or scale) else scale
    kind = "amount" if scale == 2 else "number"
    columns = []
    for heading, column, side in zip(headings, cells, numbers, strict=True):
        factor = [10 ** (scale - places) for places in range(scale + 1)]
        scaled = [item and item[0] * factor[item[1]] for item in side]
        numeric = [item is not None and abs(item) < UNITS_MAX for item in scaled]
        texts = [
            "" if ok or cell == "" else _plain(cell)
            for ok, cell in zip(numeric, column, strict=True)
        ]
        units = [item if ok else 0 for ok, item in zip(numeric, scaled, strict=True)]
        columns.append(
            TypedColumn(
                heading=heading,
                kind=kind,
                scale=scale,
                units=np.array(units, dtype="int64"),
                numeric=np.array(numeric, dtype=bool),
                text=_objects(texts),
            )
        )
    return columns


def _may_be_number(cell: Cell) -> bool:
    try:
        return _plain_number(cell, cents=False) is not None or _number(cell, None) is not None
    except Ambiguous:
        return True


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
    dated = any(
        isinstance(cell, date) or (isinstance(cell, str) and _reads(values.day, cell))
        for column in cells
        for cell in column[:200]
    )
    if dated and _mostly(cells, lambda cell: _reads(values.day, cell)):
        return "day"
    if _mostly(cells, lambda cell: _reads(values.period, cell)):
        return "period"
    written = any(
        isinstance(cell, str) and _CODE.fullmatch(cell.strip())
        for column in cells
        for cell in column[:200]
    )
    return "code" if written else "text"


def _is_iban(cell: Cell) -> bool:
    return isinstance(cell, str) and _IBAN.fullmatch(compact_iban(cell)) is not None


def _reads(parse: Callable[[Cell], object], cell: Cell) -> bool:
    try:
        parse(cell)
    except Unreadable:
        return False
    return True


def _texts(kind: str, cells: Sequence[Sequence[Cell]]) -> list[list[str]]:
    parsers: Mapping[str, Callable[[Cell], str]] = {
        "day": lambda cell: values.day(cell).isoformat(),
        "period": values.period,
        "iban": lambda cell: compact_iban(_plain(cell)),
    }
    parse = parsers.get(kind, _plain)
    texts = []
    for column in cells:
        keys = _keys(column)
        known = {key: _parsed(parse, _cell(key)) for key in dict.fromkeys(keys)}
        texts.append(list(map(known.__getitem__, keys)))
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
    if isinstance(cell, str) and cell.isascii() and cell.isprintable() and "  " not in cell:
        text = cell.strip()
        return text[1:] if text[:1] == "'" and _APOSTROPHE.match(text) else text
    if isinstance(cell, datetime) and (cell.hour or cell.minute or cell.second):
        return cell.isoformat(" ")
    try:
        text = values.text_of(cell)
    except Unreadable:
        text = str(int(cell)) if isinstance(cell, float) else " ".join(str(cell).split())
    return text[1:] if _APOSTROPHE.match(text) else text


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
