"""A sheet that is laid out rather than listed: parts with a title, small tables, charts, lines.

Everything is written through XlsxWriter, so that charts keep the values of the cells they show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from payroll.model.exact import Exact
from payroll.render.table import NUMERIC, Column, Table
from payroll.render.xlsx import GREY, NAVY, TABS, Book, day_serial, quoted_start, within_a_cell
from payroll.render.xlsx_rows import column_letters

#: (kind, value). Kinds: those of Column, and small and head, texts that stand back; a value of
#: `count` and `euro` may be (formula, number): the formula with the number as its value.
Cell = tuple[str, Any]
PATTERNS = {"euro": '#,##0.00;-#,##0.00;"–"', "count": "#,##0", "percent": "+0.0%;-0.0%;0.0%"}
_POINTS_PER_LINE = 13.5
_TEXTS: Mapping[str, dict[str, object]] = {
    "text": {},
    "value": {},  # one that is no number
    "wrap": {"text_wrap": True},
    "head": {"font_color": GREY},
    "small": {"font_size": 8, "font_color": GREY},
    "right": {"align": "right", "indent": 1},
}
#: Kinds that `totals` adds up.
_ADDED = ("count", "euro")
BLUE, ORANGE = "#2E75B6", "#C55A11"
SMALL = {"name": "Calibri", "size": 9, "color": GREY}
#: The numbers above the columns of a chart.
LABELS = {"value": True, "num_format": "#,##0", "font": {"name": "Calibri", "size": 9}}


class SheetLayout:
    """One laid out sheet, written from top to bottom; `row` is the next free row.

    first: the first row of the table begun last.
    widths: of its columns, in characters. scale: percent on paper; 0 fits the width of the page.
    title: a text id, where it is not that of the sheet.
    """

    def __init__(
        self,
        book: Book,
        sheet_id: str,
        widths: Sequence[int],
        *,
        portrait: bool = False,
        scale: int = 0,
        title: str = "",
    ) -> None:
        self.book, self.widths = book, widths
        self.sheet = book.add_sheet(
            book.say(f"wb_sheet_{sheet_id}"),
            book.say(title or f"wb_title_{sheet_id}"),
            portrait=portrait,
            tab=TABS.get(sheet_id),
        )
        self.name = self.sheet.get_name()
        self.sheet.hide_gridlines(2)
        for number, width in enumerate(widths):
            self.sheet.set_column(number, number, width)
        if scale:
            self.sheet.set_print_scale(scale)
        self.sheet.freeze_panes(2, 0)
        self._breaks: list[int] = []
        self._columns: Sequence[Column] = ()
        self._sums: list[int] = []
        self.first = self.row = 2

    @property
    def last_column(self) -> int:
        """The number of the last column."""
        return len(self.widths) - 1

    def part(self, title: str, *columns: Column, **params: object) -> None:
        """A part's title and, when it is a table, the headings of its columns.

        params: the placeholders of these texts.
        """
        self.row += 1
        look = self.book.formats(
            bold=True, font_size=12, font_color=NAVY, bottom=2, bottom_color=NAVY
        )
        for number in range(len(self.widths)):
            self.sheet.write_blank(self.row, number, None, look)
        self.sheet.write_string(self.row, 0, self.book.say(title, **params), look)
        self.sheet.set_row(self.row, 18)
        self.row += 1
        said = [column.said(self.book.language, **params) for column in columns]
        self._columns = columns
        for number, (words, column) in enumerate(zip(said, columns, strict=True)):
            look = self.book.formats.heading(column.kind, words)
            self.sheet.write_string(self.row, number, words, look)
        if columns:
            lines = max(
                len(words) // max(width - 3, 1) + 1
                for words, width in zip(said, self.widths, strict=False)
            )
            self.sheet.set_row(self.row, _POINTS_PER_LINE * lines + 3)
            self.row += 1
        self.first, self._sums = self.row, [0] * len(columns)

    def table(self, table: Table) -> None:
        """A whole table as a part."""
        columns = [
            replace(column, kind="right") if side and column.kind == "value" else column
            for column, side in zip(table.columns, table.right(), strict=True)
        ]
        self.part(f"wb_title_{table.id}", *columns)
        for values in table.rows():
            self.line(*values)

    def line(self, *values: Any, bold: bool = False) -> None:
        """One row of the table begun last; a bold one closes it."""
        kinds = (column.kind for column in self._columns)
        self.cells(*zip(kinds, values, strict=True), bold=bold)

    def cells(self, *cells: Cell, bold: bool = False) -> None:
        """One row of cells of any kinds, below the columns of the table begun last."""
        before = ""
        for number, (kind, value) in enumerate(cells):
            self._cell(number, kind, value, bold=bold, indent=int(before in NUMERIC))
            before = kind
            if kind in _ADDED and number < len(self._sums):
                self._sums[number] += value[1] if isinstance(value, tuple) else value
        self.row += 1

    def totals(self, words: str) -> None:
        """The bold line that closes a table: its columns of amounts and counts, added up."""
        first, last = self.first + 1, self.row
        cells: list[Cell] = [("text", words)]
        for number in range(1, len(self._columns)):
            letters, kind = column_letters(number), self._columns[number].kind
            added = (kind, (f"=SUM({letters}{first}:{letters}{last})", self._sums[number]))
            cells.append(added if kind in _ADDED else ("text", ""))
        self.cells(*cells, bold=True)

    def _cell(self, number: int, kind: str, value: Any, *, bold: bool, indent: int) -> None:
        formats, place = self.book.formats, (self.row, number)
        base: dict[str, object] = {"bold": bold, "top": int(bold), "valign": "vcenter"}
        if isinstance(value, Exact):
            look = formats.number(value.scale, **base)
            self.sheet.write_number(*place, Decimal(value.digits()), look)
        elif kind == "mark":
            words = self._columns[number].words or "wb_severity_"
            self.sheet.write_string(*place, self.book.say(words + value), formats.mark(value))
        elif kind in _TEXTS:
            look = formats(
                **base | {"indent": indent} | _TEXTS[kind], quote_prefix=quoted_start(value)
            )
            self.sheet.write_string(*place, within_a_cell(value, self.book.language), look)
        elif kind == "day":
            look = formats(**base, num_format=formats.day, align="left", indent=indent)
            self.sheet.write_number(*place, day_serial(value), look)
        else:
            look = formats(**base, num_format=PATTERNS[kind], align="right", indent=1)
            formula, amount = value if isinstance(value, tuple) else ("", value)
            amount = amount / 100 if kind == "euro" else amount  # display only
            if formula:
                self.sheet.write_formula(*place, formula, look, amount)
            else:
                self.sheet.write_number(*place, amount, look)

    def words(self, value: str, link: str = "", first: int = 0, **look: object) -> None:
        """A sentence over the whole width, on as many lines as it needs; link: a sheet's name."""
        size = int(str(look.get("font_size", 10)))
        room = sum(self.widths[first:]) * 11 / size
        lines = sum(int(len(part) / room) + 1 for part in value.split("\n"))
        look = {"text_wrap": True, "valign": "vcenter", "quote_prefix": quoted_start(value), **look}
        made = self.book.formats(**look)
        self.sheet.merge_range(self.row, first, self.row, self.last_column, "", made)
        shown = within_a_cell(value, self.book.language)
        if link:
            target = link.replace("'", "''")
            self.sheet.write_url(self.row, first, f"internal:'{target}'!A1", made, shown)
        else:
            self.sheet.write_string(self.row, first, shown, made)
        self.sheet.set_row(self.row, _POINTS_PER_LINE * size / 10 * lines + 2)
        self.row += 1

    def page_break(self) -> None:
        """What follows stands on a new sheet of layout."""
        self._breaks.append(self.row)

    def verdict(self, first: int, last: int) -> None:
        """Colour the amounts of the row just written: green when zero, red when not."""
        for criterion, background, letters in (
            ("==", "#E2EFDA", "#275317"),
            ("!=", "#C00000", "#FFFFFF"),
        ):
            self.sheet.conditional_format(
                self.row - 1,
                first,
                self.row - 1,
                last,
                {
                    "type": "cell",
                    "criteria": criterion,
                    "value": 0,
                    "format": self.book.difference(background, letters),
                },
            )

    def columns(
        self,
        title: str,
        rows: tuple[int, int],
        *series: tuple[str, int, Mapping[str, object]],
        gap: int,
        **axis: object,
    ) -> Any:
        """A native chart of columns, one group per row of a table from its first to its last.

        series: text id of the name, the table's column, and a look. axis: of the values; stacked:
        the series stand upon one another.
        """
        kind = {"subtype": "stacked"} if axis.pop("stacked", False) else {}
        chart = self.book.workbook.add_chart({"type": "column", **kind})
        for name, column, look in series:
            cells = ([self.name, rows[0], place, rows[1], place] for place in (0, column))
            places = dict(zip(("categories", "values"), cells, strict=True))
            chart.add_series({"name": self.book.say(name), "gap": gap, **places, **look})
        head = {"name": "Calibri", "size": 11, "color": NAVY}
        chart.set_title({"name": self.book.say(title), "overlay": False, "name_font": head})
        plain = {"num_font": SMALL, "line": {"color": "#BFBFBF"}}
        grid = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}
        chart.set_x_axis({**plain, "major_gridlines": {"visible": False}, "label_position": "low"})
        chart.set_y_axis({**plain, "major_gridlines": grid, "num_format": "#,##0", **axis})
        chart.set_legend({"position": "bottom", "font": SMALL})
        chart.set_chartarea({"border": {"color": "#D9D9D9"}})
        return chart

    def chart(self, chart: Any, rows: int, first: int = 0, columns: int = 0) -> None:
        """Put a chart over some columns (all of them) and rows, from the next row on."""
        under = self.widths[first : first + columns] if columns else self.widths[first:]
        chart.set_size({"width": sum(under) * 7 + 5 * len(under), "height": rows * 20})
        self.sheet.insert_chart(self.row, first, chart, {"object_position": 2})

    def finish(self) -> None:
        """Set what is printed, once everything stands."""
        self.sheet.print_area(0, 0, self.row, self.last_column)
        if self._breaks:
            self.sheet.set_h_pagebreaks(self._breaks)
