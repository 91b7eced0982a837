"""Writes the sample's tables as old systems export them: titled sheets and cp1252 CSV."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter

Cell = str | int | Decimal | date | None
Row = Sequence[Cell]

_WRITTEN_ON = datetime(2022, 5, 20, 8, 0)  # noqa: DTZ001 - a fixed date inside the file
_ZIP_DATE = (2022, 5, 20, 8, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A table with the title lines that stand above its headings."""

    name: str
    titles: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Row]


def amount(cents: int) -> Decimal:
    """Cents as an exact euro amount for a cell."""
    return Decimal(cents).scaleb(-2)


def french(value: Decimal, *, thousands: bool = False) -> str:
    """A number with a decimal comma, and points between thousands when asked."""
    text = f"{value:,}" if thousands else str(value)
    return text.translate(str.maketrans(",.", ".,"))


def french_day(day: date | None) -> str:
    """A date as dd/mm/yyyy, '' when there is none."""
    return "" if day is None else f"{day:%d/%m/%Y}"


def csv_bytes(table: Export, *, thousands: bool = False) -> bytes:
    """Semicolons, decimal commas, CRLF, cp1252; titles first, then a blank line."""
    lines = [*([title] for title in table.titles), [], list(table.headings)]
    lines += [[_text(cell, thousands) for cell in row] for row in table.rows]
    return "".join(";".join(line) + "\r\n" for line in lines).encode("cp1252")


def _text(cell: Cell, thousands: bool) -> str:
    if isinstance(cell, Decimal):
        return french(cell, thousands=thousands)
    if isinstance(cell, date):
        return french_day(cell)
    return "" if cell is None else str(cell)


def workbook_bytes(table: Export, *, cover: Sequence[str] = ()) -> bytes:
    """A workbook with one table, after a cover sheet of text when there is one.

    The same bytes on every platform: the members are stored, because what compression makes of
    them depends on the library that Python was built with.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": _WRITTEN_ON, "title": table.titles[0]})
    if cover:
        page = book.add_worksheet("Lisez-moi")
        for index, line in enumerate(cover):
            page.write_string(index, 0, line)
    _write_table(book, table)
    book.close()
    return _stored(buffer.getvalue())


def _write_table(book: xlsxwriter.Workbook, table: Export) -> None:
    sheet = book.add_worksheet(table.name)
    bold = book.add_format({"bold": True})
    money = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.merge_range(0, 0, 0, 5, table.titles[0], bold)
    for index, title in enumerate(table.titles[1:], start=1):
        sheet.write_string(index, 0, title)
    top = len(table.titles) + 1
    for column, heading in enumerate(table.headings):
        sheet.write_string(top, column, heading, bold)
    for index, row in enumerate(table.rows, start=top + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(index, column, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(index, column, cell, day)
            elif isinstance(cell, Decimal):
                sheet.write_number(index, column, cell, money)
            elif cell is not None:
                sheet.write_number(index, column, cell)


def _stored(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.infolist():
            entry = zipfile.ZipInfo(member.filename, _ZIP_DATE)
            entry.create_system = 0
            new.writestr(entry, old.read(member))
    return buffer.getvalue()
