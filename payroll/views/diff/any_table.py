"""Any spreadsheet -> RawTables: the heading row is found, every row below it is kept.

Nothing is understood yet; what a heading means is asked of rules/formats, in three languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from payroll.ingest.header import SEARCHED_ROWS, choose_sheet
from payroll.ingest.rows import TOTAL, is_total
from payroll.ingest.sheet import Sheet
from payroll.ingest.values import Cell, Unreadable, number, text_of
from payroll.model.errors import DamagedInputError
from payroll.model.order import SourceOrder
from payroll.model.tables import FIELDS, PAYEE_FIELD, Field
from payroll.rulebook.formats import Formats, plain_key
from payroll.views.diff.sides import Heading, RawTable, Role

_NAMES = {"last_name", "first_name", "name", "account_holder_name"}
_ROLE_OF_FIELD = (
    {
        "iban": Role.ACCOUNT,
        "status": Role.STATUS,
        "blocked": Role.STATUS,
        "site": Role.SITE,
        "reason": Role.REASON,
        "component": Role.COMPONENT,
        "premium_code": Role.COMPONENT,
    }
    | dict.fromkeys(_NAMES, Role.NAME)
    | dict.fromkeys(PAYEE_FIELD.values(), Role.PAYEE)
)
#: Headings of this program's own files, and words that no source format has.
_OWN_WORDS = {
    "stream": Role.STREAM,
    "payee_id": Role.PAYEE,
    "creditor_name": Role.NAME,
    "hold_rules": Role.RULES,
    "basis": Role.BASIS,
    "amount": Role.AMOUNT,
    "montant": Role.AMOUNT,
    "bedrag": Role.AMOUNT,
    "motif": Role.REASON,
    "reden": Role.REASON,
    "etat": Role.STATUS,
}
_KIND_OF_TYPE = {"money": "money", "iban": "iban", "code": "code", "day": "day", "period": "period"}
#: A cell that a plain read shows as empty although it is not.
SUSPECT = {"error": "#error", "formula": "#formula"}


def any_tables(file: str, sheets: Sequence[Sheet], formats: Formats) -> list[RawTable]:
    """Every visible sheet that has headings and rows, as a table of its own.

    Raises DamagedInputError cmp_no_table when there is none.
    """
    meanings = _meanings(formats)
    tables = []
    for sheet in sheets:
        index = _heading_row(sheet) if sheet.visible else None
        if index is not None:
            headings = [_heading(text, meanings) for text in _texts(sheet.rows[index])]
            tables.append(_table(file, sheet, index, headings))
    if not tables:
        raise DamagedInputError("cmp_no_table", where=file)
    return tables


def register_table(file: str, sheets: Sequence[Sheet], formats: Formats) -> RawTable | None:
    """The file as a pay register with the canonical names; None when its headings say otherwise."""
    source = SourceOrder(kind="register_totals", file=file)
    try:
        sheet, header = choose_sheet(source, sheets, formats[source.kind])
    except DamagedInputError as error:
        if error.error_id in ("columns_missing", "empty_file"):
            return None
        raise
    meanings = _meanings(formats)
    fields = {item.name: item for item in FIELDS[source.kind]}
    by_column = {column: name for name, column in header.columns.items()}
    headings = []
    for column, text in enumerate(_texts(sheet.rows[header.index])):
        name = by_column.get(column)
        found = _heading(text, meanings)
        if name is not None:
            found = Heading(name, text, _role(fields[name]), _KIND_OF_TYPE[fields[name].type])
        headings.append(found)
    table = _table(file, sheet, header.index, headings)
    months = {text_of(cell) for cell in table.cells["period"]}
    keys = ("employee_id",) if len(months) <= 1 else ("employee_id", "period")
    return replace(table, kind="register", keys=keys, aside=() if "period" in keys else ("period",))


def _meanings(formats: Formats) -> dict[str, Role]:
    """plain_key of a heading -> role, over every source kind; the first kind wins."""
    found = {plain_key(word): role for word, role in _OWN_WORDS.items()}
    for kind, fields in FIELDS.items():
        types = {item.name: item for item in fields}
        for key, name in formats[kind].headings.items():
            found.setdefault(key, _role(types[name]))
    return found


def _role(item: Field) -> Role:
    if item.name in _ROLE_OF_FIELD:
        return _ROLE_OF_FIELD[item.name]
    return {"money": Role.AMOUNT, "code": Role.CODE}.get(item.type, Role.PLAIN)


def _heading(text: str, meanings: Mapping[str, Role]) -> Heading:
    key = plain_key(text)
    if text.endswith("_cents"):  # our own files hold whole cents
        return Heading(key, text, Role.AMOUNT, "cents")
    return Heading(key, text, meanings.get(key, Role.PLAIN))


def _texts(row: Sequence[Cell]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: Cell) -> str:
    try:
        return text_of(cell)
    except Unreadable:
        return ""


def _heading_row(sheet: Sheet) -> int | None:
    """The first row of words, all different, nearly as wide as the widest of the first rows."""
    rows = sheet.rows[:SEARCHED_ROWS]
    widths = [sum(text != "" for text in _texts(row)) for row in rows]
    wanted = max(2, round(0.6 * max(widths, default=0)))
    for index, (row, width) in enumerate(zip(rows, widths, strict=True)):
        words = [text for text in _texts(row) if text]
        if width >= wanted and len(set(words)) == width and not any(map(_is_number, row)):
            return index
    return None


def _is_number(cell: Cell) -> bool:
    if cell == "":
        return False
    try:
        number(cell, ".")
    except Unreadable:
        return not isinstance(cell, str)  # a date, a time
    return True


def _table(file: str, sheet: Sheet, index: int, headings: list[Heading]) -> RawTable:
    kept, totals = _data_rows(sheet, index)
    rows = [sheet.rows[number] for number in kept]
    named: dict[int, Heading] = {}
    cells: dict[str, list[Cell]] = {}
    columns: Iterable[tuple[Any, ...]] = zip_longest(headings, *rows, fillvalue="")
    for number_, (found, *column) in enumerate(columns):
        heading: Heading = found or Heading("", "")
        if heading.shown or any(cell != "" for cell in column):
            named[number_] = heading = _unlike(heading, number_, cells)
            cells[heading.name] = column
    row_of = {sheet.numbers[index]: row for row, index in enumerate(kept)}
    for (place, number_), what in sheet.suspect.items():  # it is not the empty cell it looks like
        if place in row_of and number_ in named:
            cells[named[number_].name][row_of[place]] = SUSPECT[what]
    return RawTable(
        label=file,
        kind="sheet",
        sheet=sheet.name,
        headings=tuple(named.values()),
        cells=cells,
        places=[f"{file}!{sheet.name}!R{sheet.numbers[number]}" for number in kept],
        totals=totals,
    )


def _unlike(heading: Heading, number_: int, taken: Mapping[str, object]) -> Heading:
    """A heading with a name of its own: a second one of the same words gets a number."""
    shown = heading.shown or f"[{number_ + 1}]"
    name, count = heading.name or shown, 1
    while name in taken:
        count += 1
        name, shown = f"{heading.name} ({count})", f"{heading.shown} ({count})"
    return replace(heading, name=name, shown=shown)


def _data_rows(sheet: Sheet, index: int) -> tuple[list[int], int]:
    """Indexes of the rows below the headings that are neither blank nor totals; number of totals.

    A printed list repeats its headings at the top of each page: those rows are none either.
    """
    again = sheet.rows[index]
    kept, totals = [], 0
    for number_ in range(index + 1, len(sheet.rows)):
        row = sheet.rows[number_]
        if "" in row or len(row) < len(again):
            texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
            if not texts and all(isinstance(cell, str) for cell in row):
                continue
            if texts and TOTAL.match(texts[0]) and is_total(texts):
                totals += 1
                continue
        if row == again:
            continue
        kept.append(number_)
    return kept, totals
