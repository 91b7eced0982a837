"""A table on a sheet: typed cells, headings that stay, filters, widths, print setup, totals.

Text is always written as a string cell, never as a formula or a number. A text that a spreadsheet
would take for a formula when somebody edits it also carries the quote prefix, so that it stays the
exact text (CWE-1236). Amounts reach the file as the digits of a number with two decimals.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from xlsxwriter import Workbook

from payroll.model.comparison import Day, Exact
from payroll.model.errors import require
from payroll.model.money import euros
from payroll.review.stream import TableRows, column_letters, number_cell, text_cell, with_rows
from payroll.texts import text

#: A value -> the XML of its cell behind the place, '' for no cell.
CellWriter = Callable[[Any], str]

#: Rows of data on one sheet; the rest continues on a further sheet (Excel ends at 1,048,576).
ROWS_PER_SHEET = 1_000_000
CELL_LIMIT = 32_767
#: Before this day spreadsheets do not agree on a day's number.
FIRST_DAY = "1900-03-01"
FIRST_ROW = 5  # title, identity, note, totals, headings
_FORMULA_STARTS = "=+-@\t\r"
_EPOCH = date(1899, 12, 30)

#: Background and letter colours; the word beside the colour says the same.
COLOURS = {
    "block": ("#C00000", "#FFFFFF"),
    "hold": ("#F8CBAD", "#7F2A00"),
    "warn": ("#FFE699", "#5C4400"),
    "info": ("#DDEBF7", "#1F3864"),
    "held": ("#F8CBAD", "#7F2A00"),
    "pay": ("#E2EFDA", "#275317"),
    "unexplained": ("#F8CBAD", "#7F2A00"),
    "explained": ("#E2EFDA", "#275317"),
    "added": ("#E2EFDA", "#275317"),
    "removed": ("#F8CBAD", "#7F2A00"),
    "changed": ("#FFE699", "#5C4400"),
    "account": ("#C00000", "#FFFFFF"),
    "name": ("#F8CBAD", "#7F2A00"),
    "same": ("#F2F2F2", "#404040"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading (a text id), its kind and its width in characters.

    Kinds: text, wrap (long text on several lines), euro (cents; None = empty), percent (a ratio;
    None = empty), count, day (ISO text, '' = empty), mark (a key of COLOURS; `words` gives the
    text id's beginning), value (an Exact, Day or text, each cell typed by what it holds).
    shown: the heading itself, where it is not a text of the catalogue.
    """

    title: str
    kind: str
    width: int
    words: str = ""
    shown: str = ""

    def heading(self, say: Callable[..., str]) -> str:
        """The heading in the reader's language, or as it is."""
        return self.shown or say(self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table sheet; `values` holds one sequence per column, all of the same length."""

    id: str
    columns: tuple[Column, ...]
    values: Sequence[Sequence[object]]
    frozen_columns: int = 0
    note: dict[str, object] = field(default_factory=dict)
    choices: dict[int, list[str]] = field(default_factory=dict)  # column -> words to choose from


def quoted_start(value: str) -> bool:
    """Whether a spreadsheet might take the text for a formula once it is edited."""
    return value[:1] in _FORMULA_STARTS and value != ""


def within_a_cell(value: str, language: str) -> str:
    """The text, or what fits into a cell with a word on what was left out.

    A cell counts in UTF-16: a character beyond the basic plane counts twice.
    """
    if 2 * len(value) <= CELL_LIMIT:
        return value
    units = value.encode("utf-16-le")
    if len(units) // 2 <= CELL_LIMIT:
        return value
    kept = units[: 2 * (CELL_LIMIT - 200)].decode("utf-16-le", "ignore")
    return kept + text("wb_cut", language, count=len(value) - len(kept))


@lru_cache(maxsize=4096)
def day_serial(iso: str) -> int:
    """The number by which a spreadsheet knows an ISO day."""
    return (date.fromisoformat(iso) - _EPOCH).days


class Formats:
    """The cell formats of one workbook, each made once."""

    def __init__(self, workbook: Any, language: str) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        self.day = "yyyy-mm-dd" if language == "en" else "dd/mm/yyyy"

    def __call__(self, **properties: object) -> Any:
        """A format with these properties on top of the common look; a false one is no property.

        XlsxWriter would give two equal formats one number, and tell it to one of them only.
        """
        own = {name: value for name, value in properties.items() if value}
        key = tuple(sorted(own.items()))
        if key not in self._made:
            look = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
            self._made[key] = self._workbook.add_format(look | own)
        return self._made[key]

    def of(self, kind: str) -> Any:
        """The format of a column kind."""
        numbers = {"euro": "#,##0.00", "percent": "+0.0%;-0.0%;0.0%", "count": "#,##0"}
        if kind in numbers:
            return self(num_format=numbers[kind], align="right", indent=1)
        if kind == "day":
            return self(num_format=self.day, align="left")
        return self(text_wrap=True) if kind == "wrap" else self()

    def number(self, scale: int) -> Any:
        """The format of an exact number with so many decimals."""
        pattern = "#,##0" + ("." + "0" * scale if scale else "")
        return self(num_format=pattern, align="right", indent=1)

    def quoted(self, kind: str) -> Any:
        """The same for a text that must never become a formula."""
        return self(text_wrap=kind == "wrap", quote_prefix=True)

    def mark(self, key: str) -> Any:
        """The colours of a severity or status."""
        background, letters = COLOURS[key]
        return self(bg_color=background, font_color=letters, bold=True)

    def heading(self, kind: str = "text") -> Any:
        """A column heading, on the side on which the column's values stand."""
        side = {"align": "right", "indent": 1} if kind in ("euro", "percent", "count") else {}
        return self(bold=True, bg_color="#1F3864", font_color="#FFFFFF", text_wrap=True,
                    border=1, border_color="#FFFFFF", **{"valign": "vcenter"} | side)  # fmt: skip


class Book:
    """A workbook in memory with one look; the same calls give the same bytes."""

    def __init__(self, language: str, identity: str, created_at: datetime, title: str) -> None:
        self._bytes = io.BytesIO()
        self._tables: dict[str, TableRows] = {}
        self._looks: list[Any] = []
        self.language = language
        self.identity = identity
        # in memory: no temporary file with names and accounts is left by a stopped program
        self.workbook = Workbook(self._bytes, {"in_memory": True})
        self.workbook.set_properties(
            {"title": title, "created": created_at.replace(tzinfo=None, microsecond=0)}
        )
        self.formats = Formats(self.workbook, language)

    def say(self, entry_id: str, **params: object) -> str:
        """A text in the workbook's language."""
        return text(entry_id, self.language, **params)

    def add_sheet(self, name: str, title: str) -> Any:
        """A sheet with title and identity rows, print setup and no grid on paper."""
        sheet = self.workbook.add_worksheet(name[:31])
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        identity = self.identity.replace("&", "&&")
        sheet.set_header(f"&L&9{identity[:150]}&R&9{self.say('wb_confidential')}")
        sheet.set_footer(f"&L&9&A&R&9{self.say('wb_page')}")
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, title, self.formats(bold=True, font_size=16, font_color="#1F3864"))
        sheet.write_string(1, 0, self.identity, self.formats(font_color="#595959"))
        return sheet

    def add_table(self, table: Table) -> None:
        """Write a table, on several sheets when it is longer than a sheet."""
        count = len(table.values[0])
        for number, first in enumerate(range(0, max(count, 1), ROWS_PER_SHEET), 1):
            values = [column[first : first + ROWS_PER_SHEET] for column in table.values]
            name = self.say(f"wb_sheet_{table.id}") + (f" ({number})" if number > 1 else "")
            sheet = self.add_sheet(name, self.say(f"wb_title_{table.id}"))
            note = self.say(f"wb_note_{table.id}", **table.note)
            sheet.write_string(2, 0, f"{self._rows(first, len(values[0]), count)} {note}",
                               self.formats(italic=True))  # fmt: skip
            self._frame(sheet, table, values)
            self._fill(sheet, table, values)

    def _rows(self, first: int, shown: int, count: int) -> str:
        if count == 0:
            return self.say("wb_rows_none")
        if shown == count:
            return self.say("wb_rows", count=count)
        return self.say("wb_rows_part", first=first + 1, last=first + shown, count=count)

    def _frame(self, sheet: Any, table: Table, values: list[Sequence[object]]) -> None:
        last = FIRST_ROW + max(len(values[0]), 1) - 1
        euro_columns = [n for n, column in enumerate(table.columns) if column.kind == "euro"]
        bold = self.formats(bold=True)
        if euro_columns:
            sheet.write_string(FIRST_ROW - 2, 0, self.say("wb_visible_total"), bold)
        for number in euro_columns:
            letters = column_letters(number)
            cells = f"{letters}{FIRST_ROW + 1}:{letters}{last + 1}"
            total = sum(value for value in values[number] if isinstance(value, int))
            look = self.formats(bold=True, num_format="#,##0.00", align="right", indent=1)
            sheet.write_formula(FIRST_ROW - 2, number, f"=SUBTOTAL(109,{cells})", look, total / 100)
        sheet.set_row(FIRST_ROW - 1, 30)
        for number, column in enumerate(table.columns):
            sheet.set_column(number, number, column.width, self.formats.of(column.kind))
            look = self.formats.heading(column.kind)
            sheet.write_string(FIRST_ROW - 1, number, column.heading(self.say), look)
        for number, words in table.choices.items():
            rule = {"validate": "list", "source": words, "ignore_blank": True}
            sheet.data_validation(FIRST_ROW, number, last, number, rule)
        sheet.freeze_panes(FIRST_ROW, table.frozen_columns)
        sheet.autofilter(FIRST_ROW - 1, 0, last, len(table.columns) - 1)
        sheet.repeat_rows(FIRST_ROW - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A{FIRST_ROW + 1}:XFD{last + 1}"})

    def _fill(self, sheet: Any, table: Table, values: list[Sequence[object]]) -> None:
        """Keep the rows for `finish`; the sheet itself gets one prototype cell for each look."""
        cells = []
        for number, column in enumerate(table.columns):
            looks, cell = self._cell(column, values[number])
            cells.append(cell)
            self._looks += looks
            for row, look in enumerate(looks, FIRST_ROW):
                sheet.write_blank(row, number, None, look)
        wrapped = [number for number, column in enumerate(table.columns) if column.kind == "wrap"]
        widths = [table.columns[number].width for number in wrapped]
        texts = zip(*(values[number] for number in wrapped), strict=True)
        lines = [max(map(_lines_shown, items, widths)) for items in texts]
        member = f"xl/worksheets/sheet{len(self.workbook.worksheets())}.xml"
        self._tables[member] = TableRows(FIRST_ROW + 1, cells, values, lines)

    def _cell(self, column: Column, values: Sequence[Any]) -> tuple[Sequence[Any], CellWriter]:
        """The looks of a column's cells, and what writes one."""
        if column.kind == "mark":
            words = {key: self.say(f"{column.words}{key}") for key in dict.fromkeys(values)}
            marks = {key: self.formats.mark(key) for key in words}
            return list(marks.values()), lambda key: text_cell(words[key], marks[key])
        plain = self.formats.of(column.kind)
        if column.kind not in ("text", "wrap", "value"):
            return [plain], _number_writer(column.kind, plain)
        quoted = self.formats.quoted(column.kind)
        if column.kind == "value":
            return self._values(plain, quoted, values)

        def write_text(value: str) -> str:
            look = quoted if quoted_start(value) else plain
            return text_cell(within_a_cell(value, self.language), look) if value else ""

        return [plain, quoted], write_text

    def _values(
        self, plain: Any, quoted: Any, values: Sequence[Any]
    ) -> tuple[Sequence[Any], CellWriter]:
        """Cells of which each holds a number, a day or a text."""
        scales = sorted({value.scale for value in values if isinstance(value, Exact)})
        numbers = {scale: self.formats.number(scale) for scale in scales}
        day = self.formats.of("day")

        def write(value: Any) -> str:
            if isinstance(value, Exact):
                return number_cell(value.digits(), numbers[value.scale])
            if isinstance(value, Day) and value.iso >= FIRST_DAY:
                return number_cell(day_serial(value.iso), day)
            words = value.iso if isinstance(value, Day) else value
            look = quoted if quoted_start(words) else plain
            return text_cell(within_a_cell(words, self.language), look) if words else ""

        return [*numbers.values(), day, plain, quoted], write

    def finish(self) -> bytes:
        """Close the workbook and hand over its bytes."""
        self.workbook.close()
        numbered = all(look.xf_index is not None for look in self._looks)
        require(numbered, "a look of the table cells has no number")
        return with_rows(self._bytes.getvalue(), self._tables)


def _lines_shown(value: Any, width: int) -> int:
    """How many lines a wrapped text takes in a column of that width."""
    if len(value) < width and "\n" not in value:
        return 1
    return sum(len(part) // (width - 2) + 1 for part in value.split("\n"))


def _number_writer(kind: str, look: Any) -> CellWriter:
    digits: dict[str, Callable[[Any], object]] = {"euro": euros, "day": day_serial}
    shown = digits.get(kind, "{:.16G}".format)
    return lambda value: "" if value in (None, "") else number_cell(shown(value), look)
