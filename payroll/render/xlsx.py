"""The sheets of a workbook: typed cells, headings that stay, filters, widths, print setup, totals.

Text is always written as a string cell, never as a formula or a number. A text that a spreadsheet
would take for a formula when somebody edits it also carries the quote prefix, so that it stays the
exact text (CWE-1236). Amounts reach the file as the digits of a number with two decimals.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from textwrap import wrap
from typing import Any

from xlsxwriter import Workbook

from payroll.model.errors import require
from payroll.model.exact import Day, Exact
from payroll.model.money import euros
from payroll.render.table import NUMERIC, SUMMED, Column, Table
from payroll.render.xlsx_limits import new_sheet
from payroll.render.xlsx_rows import (
    TableRows,
    column_letters,
    number_writer,
    text_cell,
    text_writer,
    with_rows,
)
from payroll.texts import text
from payroll.texts.shown import style_of

#: A value -> the XML of its cell behind the place, '' for no cell.
CellWriter = Callable[[Any], str]

#: Rows of data on one sheet; the rest continues on a further sheet (Excel ends at 1,048,576).
ROWS_PER_SHEET = 1_000_000
CELL_LIMIT = 32_767
#: Before this day spreadsheets do not agree on a day's number.
FIRST_DAY = "1900-03-01"
FIRST_ROW = 5  # title, identity, note, totals, headings
#: Bars for amounts, shades for changes, of the format's first edition: readers warn of later ones.
SHOWN = {
    "bar": {"type": "data_bar", "bar_color": "#BDD7EE", "min_type": "num", "min_value": 0},
    "shade": {
        "type": "3_color_scale",
        "mid_type": "num",
        "mid_value": 0,
        "min_color": "#F4B183",
        "mid_color": "#FFFFFF",
        "max_color": "#9DC3E6",
    },
}
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
    "to_recover": ("#FFE699", "#5C4400"),
    "netted": ("#E2EFDA", "#275317"),
    "awaiting_reissue": ("#FFE699", "#5C4400"),
    "already_paid": ("#EDEDED", "#404040"),
    "not_due": ("#DDEBF7", "#1F3864"),
    "blocked": ("#FFE699", "#5C4400"),
    "foreign_currency": ("#F8CBAD", "#7F2A00"),
    "repeated": ("#F8CBAD", "#7F2A00"),
    "nothing": ("#EDEDED", "#404040"),
    "unverified": ("#FFE699", "#5C4400"),
    "secondary": ("#DDEBF7", "#1F3864"),
    "sourced": ("#E2EFDA", "#275317"),
    "none": ("#EDEDED", "#404040"),
}
NAVY, GREY, RISE, FALL = "#1F3864", "#595959", "#548235", "#C55A11"
#: Tabs that a reviewer begins with: the totals, and what asks for a decision.
TABS = {"summary": NAVY, "bridge": NAVY, "held": FALL, "accounts": FALL, "unexplained": FALL}
_HEADING_POINTS = 13.5
_BESIDE: dict[str, object] = {"align": "left", "indent": 1}


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


class CellFormats:
    """The cell formats of one workbook, each made once."""

    def __init__(self, workbook: Any, language: str) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        self.day = style_of(language).date

    def __call__(self, **properties: object) -> Any:
        """A format with these properties on top of the common look; a false one is no property,
        but for `locked`: every cell is, unless it says that it is not.

        XlsxWriter would give two equal formats one number, and tell it to one of them only.
        """
        own = {name: item for name, item in properties.items() if item or name == "locked"}
        key = tuple(sorted(own.items()))
        if key not in self._made:
            look = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
            self._made[key] = self._workbook.add_format(look | own)
        return self._made[key]

    def of(self, kind: str, *, after_number: bool = False) -> Any:
        """The format of a column kind; a text keeps away from a number that stands before it."""
        numbers = {
            "euro": "#,##0.00",
            "hours": "#,##0.00",
            "percent": "+0.0%;-0.0%;0.0%",
            "share": "0.0%",
            "count": "#,##0",
        }
        if kind in numbers:
            return self(num_format=numbers[kind], align="right", indent=1)
        if kind == "day":
            return self(num_format=self.day, align="left")
        return self(text_wrap=kind == "wrap", **_BESIDE if after_number else {})

    def number(self, scale: int, **more: object) -> Any:
        """The format of an exact number with so many decimals; more: further properties."""
        pattern = "#,##0" + ("." + "0" * scale if scale else "")
        return self(num_format=pattern, align="right", indent=1, **more)

    def quoted(self, kind: str, *, after_number: bool = False) -> Any:
        """The same for a text that must never become a formula."""
        beside = _BESIDE if after_number else {}
        return self(text_wrap=kind == "wrap", quote_prefix=True, **beside)

    def mark(self, key: str) -> Any:
        """The colours of a severity or status."""
        background, letters = COLOURS[key]
        return self(bg_color=background, font_color=letters, bold=True)

    def heading(self, kind: str = "text", words: str = "") -> Any:
        """A column heading, on the side on which the column's values stand."""
        side = {"align": "right", "indent": 1} if kind in NUMERIC else {}
        return self(
            bold=True,
            bg_color="#1F3864",
            font_color="#FFFFFF",
            text_wrap=True,
            left=1,
            right=1,
            left_color="#FFFFFF",
            right_color="#FFFFFF",
            quote_prefix=quoted_start(words),
            **{"valign": "vcenter"} | side,
        )


class Book:
    """A workbook in memory with one look; the same calls give the same bytes."""

    def __init__(
        self, language: str, identity: str, created_at: datetime, title: str, run_id: str = ""
    ) -> None:
        self._bytes = io.BytesIO()
        self._tables: dict[str, TableRows] = {}
        self._looks: list[Any] = []
        self._differences: dict[tuple[str, str], Any] = {}
        self.language = language
        self.identity = identity
        self.run_id = run_id.replace("&", "&&")
        # in memory: no temporary file with names and accounts is left by a stopped program
        self.workbook = Workbook(self._bytes, {"in_memory": True})
        self.workbook.set_properties(
            {"title": title, "created": created_at.replace(tzinfo=None, microsecond=0)}
        )
        self.formats = CellFormats(self.workbook, language)

    def say(self, entry_id: str, **params: object) -> str:
        """A text in the workbook's language."""
        return text(entry_id, self.language, **params)

    def add_sheet(
        self,
        name: str,
        title: str,
        *,
        portrait: bool = False,
        tab: str | None = None,
        number: int = 1,
    ) -> Any:
        """A sheet with title and identity rows, A4 print setup and no grid on paper.

        number: from 2 on, a further sheet of the same table.
        """
        sheet = new_sheet(self.workbook, name, number)
        if tab:
            sheet.set_tab_color(tab)
        if portrait:
            sheet.set_portrait()
        else:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        identity = self.identity.replace("&", "&&")
        sheet.set_header(f"&L&9{identity[:150]}&R&9{self.say('wb_confidential')}")
        sheet.set_footer(f"&L&9&A&C&9 {self.run_id}&R&9{self.say('wb_page')}")
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, title, self.formats(bold=True, font_size=16, font_color=NAVY))
        sheet.write_string(1, 0, self.identity, self.formats(font_color=GREY))
        return sheet

    def difference(self, background: str, letters: str) -> Any:
        """The look of a conditional format: only what differs from the cell's own look."""
        key = (background, letters)
        if key not in self._differences:
            self._differences[key] = self.workbook.add_format(
                {"bg_color": background, "font_color": letters, "bold": True}
            )
        return self._differences[key]

    def add_table(self, table: Table) -> None:
        """Write a table, on several sheets when it is longer than a sheet."""
        count = len(table.values[0])
        for number, first in enumerate(range(0, max(count, 1), ROWS_PER_SHEET), 1):
            values = [column[first : first + ROWS_PER_SHEET] for column in table.values]
            sheet = self.add_sheet(
                self.say(f"wb_sheet_{table.id}"),
                self.say(f"wb_title_{table.id}"),
                tab=TABS.get(table.id),
                number=number,
            )
            note = self.say(f"wb_note_{table.id}", **table.note)
            sheet.write_string(
                2,
                0,
                f"{self._rows(first, len(values[0]), count)} {note}",
                self.formats(italic=True),
            )
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
        summed = [n for n, column in enumerate(table.columns) if column.kind in SUMMED]
        bold = self.formats(bold=True)
        if summed:
            sheet.write_string(FIRST_ROW - 2, 0, self.say("wb_visible_total"), bold)
        for number in summed:
            letters = column_letters(number)
            cells = f"{letters}{FIRST_ROW + 1}:{letters}{last + 1}"
            total = sum(value for value in values[number] if isinstance(value, int))
            look = self.formats(bold=True, num_format="#,##0.00", align="right", indent=1)
            sheet.write_formula(FIRST_ROW - 2, number, f"=SUBTOTAL(109,{cells})", look, total / 100)
        headings = [column.said(self.language) for column in table.columns]
        lines = [
            len(wrap(heading, max(column.width - 3, 4)))
            for heading, column in zip(headings, table.columns, strict=True)
        ]
        sheet.set_row(FIRST_ROW - 1, _HEADING_POINTS * max(*lines, 2) + 3)
        for number, (heading, column) in enumerate(zip(headings, table.columns, strict=True)):
            sheet.set_column(number, number, column.width, self.formats.of(column.kind))
            look = self.formats.heading(column.kind, heading)
            sheet.write_string(FIRST_ROW - 1, number, heading, look)
            if column.shown:
                sheet.conditional_format(FIRST_ROW, number, last, number, SHOWN[column.shown])
        for number, words in table.choices.items():
            rule = {"validate": "list", "source": words, "ignore_blank": True}
            sheet.data_validation(FIRST_ROW, number, last, number, rule)
        sheet.freeze_panes(FIRST_ROW, table.frozen_columns)
        sheet.autofilter(FIRST_ROW - 1, 0, last, len(table.columns) - 1)
        sheet.repeat_rows(FIRST_ROW - 1)
        sheet.print_area(0, 0, last, (table.printed or len(table.columns)) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A{FIRST_ROW + 1}:XFD{last + 1}"})

    def _fill(self, sheet: Any, table: Table, values: list[Sequence[object]]) -> None:
        """Keep the rows for `finish`; the sheet itself gets one prototype cell for each look."""
        cells = []
        for number, column in enumerate(table.columns):
            after = number > 0 and table.columns[number - 1].kind in NUMERIC
            looks, cell = self._cell(column, values[number], after_number=after)
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

    def _cell(
        self, column: Column, values: Sequence[Any], *, after_number: bool
    ) -> tuple[Sequence[Any], CellWriter]:
        """The looks of a column's cells, and what writes one."""
        if column.kind == "mark":
            words = {key: self.say(f"{column.words}{key}") for key in dict.fromkeys(values)}
            marks = {key: self.formats.mark(key) for key in words}
            return list(marks.values()), lambda key: text_cell(words[key], marks[key])
        plain = self.formats.of(column.kind, after_number=after_number)
        if column.kind not in ("text", "wrap", "value"):
            return [plain], number_writer(_digits_of(column.kind), plain)
        quoted = self.formats.quoted(column.kind, after_number=after_number)
        if column.kind == "value":
            return self._values(plain, quoted, values)

        def unusual(value: str) -> str:
            look = quoted if quoted_start(value) else plain
            return text_cell(within_a_cell(value, self.language), look)

        return [plain, quoted], text_writer(plain, unusual)

    def _values(
        self, plain: Any, quoted: Any, values: Sequence[Any]
    ) -> tuple[Sequence[Any], CellWriter]:
        """Cells of which each holds a number, a day or a text."""
        scales = sorted({value.scale for value in values if isinstance(value, Exact)})
        looks = {scale: self.formats.number(scale) for scale in scales}
        numbers = {scale: number_writer(str, look) for scale, look in looks.items()}
        day = self.formats.of("day")
        days = number_writer(day_serial, day)

        def write(value: Any) -> str:
            if isinstance(value, Exact):
                return numbers[value.scale](value.digits())
            if isinstance(value, Day) and value.iso >= FIRST_DAY:
                return days(value.iso)
            words = value.iso if isinstance(value, Day) else value
            look = quoted if quoted_start(words) else plain
            return text_cell(within_a_cell(words, self.language), look) if words else ""

        return [*looks.values(), day, plain, quoted], write

    def finish(self) -> bytes:
        """Close the workbook and hand over its bytes."""
        self.workbook.close()
        numbered = all(look.xf_index is not None for look in self._looks)
        require(numbered, "a look of the table cells has no number")
        return with_rows(self._bytes.getvalue(), self._tables)


def _lines_shown(value: Any, width: int) -> int:
    """How many lines a wrapped text takes in a column of that width, counted in digits.

    Letters are narrower than digits: a tenth more of them fits; a broken word takes it back.
    """
    if len(value) < width and "\n" not in value:
        return 1
    room = width + width // 10 - 2
    return sum((len(part) - 1) // room + 1 if part else 1 for part in value.split("\n"))


def _digits_of(kind: str) -> Callable[[Any], object]:
    """A value -> the number that stands in the sheet."""
    known: dict[str, Callable[[Any], object]] = {
        "euro": euros,
        "hours": euros,
        "day": day_serial,
        "count": str,
    }
    return known.get(kind, "{:.16G}".format)
