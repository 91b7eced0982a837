"""Any spreadsheet -> RawTables: the heading row is found, every row below it is kept.

Nothing is understood yet; what a heading means is asked of rules/formats, in three languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

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


def _meanings(formats: Formats) -> dict[str, tuple[Role, str]]:
    """plain_key of a heading -> (role, kind), over every source kind; the first kind wins."""
    found: dict[str, tuple[Role, str]] = {
        plain_key(word): (role, "cents" if word.endswith("_cents") else "")
        for word, role in _OWN_WORDS.items()
    }
    for kind, fields in FIELDS.items():
        types = {item.name: item for item in fields}
        for key, name in formats[kind].headings.items():
            found.setdefault(key, (_role(types[name]), ""))
    return found


def _role(item: Field) -> Role:
    if item.name in _ROLE_OF_FIELD:
        return _ROLE_OF_FIELD[item.name]
    return {"money": Role.AMOUNT, "code": Role.CODE}.get(item.type, Role.PLAIN)


def _heading(text: str, meanings: Mapping[str, tuple[Role, str]]) -> Heading:
    key = plain_key(text)
    if text.endswith("_cents"):  # our own files hold whole cents
        return Heading(key, text, Role.AMOUNT, "cents")
    role, kind = meanings.get(key, (Role.PLAIN, ""))
    return Heading(key, text, role, kind)


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
    width = max((len(row) for row in sheet.rows[index:]), default=0)
    kept, totals = _data_rows(sheet, index)
    rows: list[Sequence[Cell]] = [sheet.rows[number] for number in kept]
    if any(len(row) != width for row in rows):
        rows = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in rows]
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    named: list[Heading] = []
    cells: dict[str, list[Cell]] = {}
    for number_, column in enumerate(columns):
        heading = headings[number_] if number_ < len(headings) else Heading("", "")
        if not heading.shown and not any(cell != "" for cell in column):
            continue
        heading = _unlike(heading, number_, cells)
        named.append(heading)
        cells[heading.name] = list(column)
    places = [f"{file}!{sheet.name}!R{sheet.numbers[number]}" for number in kept]
    _show_suspects(sheet, kept, headings, cells)
    return RawTable(
        label=file,
        kind="sheet",
        sheet=sheet.name,
        headings=tuple(named),
        cells=cells,
        places=places,
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


def _show_suspects(
    sheet: Sheet, kept: list[int], headings: list[Heading], cells: dict[str, list[Cell]]
) -> None:
    """An error or a formula without value is said where it stands: it is not an empty cell."""
    if not sheet.suspect:
        return
    row_of = {sheet.numbers[index]: row for row, index in enumerate(kept)}
    for place, column, what in _suspects(sheet):
        if place in row_of and column < len(headings) and headings[column].name in cells:
            cells[headings[column].name][row_of[place]] = SUSPECT[what]


def _suspects(sheet: Sheet) -> Iterator[tuple[int, int, str]]:
    for (place, column), what in sheet.suspect.items():
        yield place, column, what
