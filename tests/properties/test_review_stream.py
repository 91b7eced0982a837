"""The cells that are streamed into a sheet are those that plain XlsxWriter writes."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from payroll.render.table import Column, Table
from payroll.render.xlsx import COLOURS, FIRST_ROW, Book, CellFormats, day_serial, quoted_start
from payroll.texts import text

KINDS = ("text", "wrap", "euro", "percent", "count", "day", "mark")
COLUMNS = tuple(Column("wb_col_message", kind, 12, "wb_severity_") for kind in KINDS)
NASTY = (
    "",
    " a ",
    "=1+1",
    "-5",
    "@x",
    "\t",
    "a\nb",
    "a\r\nb",
    "<&>\"'",
    "]]>",
    "\x01",
    "\ufffe",
    "\U0001f600",
    "x\u00a0",
    "&amp;",
    "</t>",
)
TEXTS = st.sampled_from(NASTY) | st.text(
    st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), max_size=30
).filter(lambda value: not value.startswith("<r>"))  # what XlsxWriter takes for its own XML
ROWS = st.lists(
    st.tuples(
        TEXTS,
        TEXTS,
        st.none() | st.integers(-(10**11), 10**11),
        st.none() | st.floats(-10, 10, allow_nan=False),
        st.none() | st.integers(0, 10**6),
        st.just("") | st.dates(date(1950, 1, 1), date(2090, 1, 1)).map(date.isoformat),
        st.sampled_from(("block", "hold", "warn", "info")),
    ),
    max_size=12,
)


def plainly(rows: list[tuple[Any, ...]]) -> bytes:
    """The oracle: every cell through XlsxWriter."""
    result = io.BytesIO()
    book = Workbook(result, {"in_memory": True})
    sheet, formats = book.add_worksheet(), CellFormats(book, "en")
    for row, values in enumerate(rows, FIRST_ROW):
        lines = sum(max(len(part) - 1, 0) // 11 + 1 for part in values[1].split("\n"))
        if lines > 1 and (len(values[1]) >= 12 or "\n" in values[1]):
            sheet.set_row(row, 13.5 * lines)
        for number, (kind, value) in enumerate(zip(KINDS, values, strict=True)):
            look = formats.of(kind)
            if value is None or value == "":
                continue
            if kind == "mark":
                word = text(f"wb_severity_{value}", "en")
                sheet.write_string(row, number, word, formats.mark(value))
            elif kind in ("text", "wrap"):
                look = formats.quoted(kind) if quoted_start(value) else look
                sheet.write_string(row, number, value, look)
            else:
                shown = {"euro": lambda cents: cents / 100, "day": day_serial}.get(kind, float)
                sheet.write_number(row, number, shown(value), look)
    book.close()
    return result.getvalue()


def streamed(rows: list[tuple[Any, ...]]) -> bytes:
    book = Book("en", "identity", datetime(2022, 5, 23), "title")  # noqa: DTZ001
    values = [[row[number] for row in rows] for number in range(len(KINDS))]
    book.add_table(Table(id="findings", columns=COLUMNS, values=values))
    return book.finish()


def read(content: bytes) -> tuple[list[list[Any]], list[tuple[Any, ...]], dict[int, float]]:
    """The values, the looks of the cells that have one, and the heights, below the headings."""
    grid = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    values = [
        row + [""] * (len(KINDS) - len(row))
        for row in grid.to_python(skip_empty_area=False)[FIRST_ROW:]
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    looks = [
        (
            cell.coordinate,
            cell.data_type,
            cell.number_format,
            cell.quotePrefix,
            cell.alignment.wrap_text,
            cell.alignment.horizontal,
            cell.font.b,
            cell.fill.fgColor.rgb,
            cell.font.name,
        )
        for row in sheet.iter_rows(min_row=FIRST_ROW + 1)
        for cell in row
        if cell.value is not None
    ]
    heights = {
        number: row.height
        for number, row in sheet.row_dimensions.items()
        if number > FIRST_ROW and row.height is not None
    }
    return values, looks, heights


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_a_streamed_table_is_that_of_xlsxwriter(rows: list[tuple[Any, ...]]) -> None:
    content = streamed(rows)
    assert read(content) == read(plainly(rows))
    assert streamed(rows) == content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.dimensions == f"A1:G{FIRST_ROW + len(rows)}"


def test_every_colour_has_its_own_look_or_shares_it_on_purpose() -> None:
    book = Workbook(io.BytesIO(), {"in_memory": True})
    formats = CellFormats(book, "en")
    assert formats() is formats(bold=False, top=0, quote_prefix=False)
    assert formats.mark("hold") is formats.mark("held")
    assert len({id(formats.mark(key)) for key in COLOURS}) == len(set(COLOURS.values()))
