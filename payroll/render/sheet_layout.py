"""A sheet that is laid out rather than listed: parts with a title, small tables, charts, lines.

Everything is written through XlsxWriter, so that charts keep the values of the cells they show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from payroll.render.table import NUMERIC
from payroll.render.xlsx import GREY, NAVY, TABS, Book, day_serial, quoted_start, within_a_cell

#: (kind, value). Kinds: text, small, head, right, mark, day, count, euro, percent; a value of
#: `count` and `euro` may be (formula, number): the formula with the number as its value.
Cell = tuple[str, Any]
PATTERNS = {"euro": '#,##0.00;-#,##0.00;"–"', "count": "#,##0", "percent": "+0.0%;-0.0%;0.0%"}
_POINTS_PER_LINE = 13.5
_TEXTS: Mapping[str, dict[str, object]] = {
    "text": {},
    "head": {"font_color": GREY},
    "small": {"font_size": 8, "font_color": GREY},
    "right": {"align": "right", "indent": 1},
}
BLUE, ORANGE = "#2E75B6", "#C55A11"


class SheetLayout:
    """One laid out sheet, written from top to bottom; `row` is the next free row.

    widths: of its columns, in characters. scale: percent on paper; 0 fits the width of the page.
    """

    def __init__(
        self,
        book: Book,
        sheet_id: str,
        widths: Sequence[int],
        *,
        portrait: bool = False,
        scale: int = 0,
    ) -> None:
        self.book, self.widths = book, widths
        self.name = book.say(f"wb_sheet_{sheet_id}")
        self.sheet = book.add_sheet(
            self.name, book.say(f"wb_title_{sheet_id}"), portrait=portrait, tab=TABS.get(sheet_id)
        )
        self.sheet.hide_gridlines(2)
        for number, width in enumerate(widths):
            self.sheet.set_column(number, number, width)
        if scale:
            self.sheet.set_print_scale(scale)
        self.sheet.freeze_panes(2, 0)
        self._breaks: list[int] = []
        self.row = 2

    @property
    def last_column(self) -> int:
        """The number of the last column."""
        return len(self.widths) - 1

    def part(self, title: str, *headings: tuple[str, str]) -> None:
        """A part's title and, when it is a table, its headings (words, kind of the column)."""
        self.row += 1
        look = self.book.formats(
            bold=True, font_size=12, font_color=NAVY, bottom=2, bottom_color=NAVY
        )
        for number in range(len(self.widths)):
            self.sheet.write_blank(self.row, number, None, look)
        self.sheet.write_string(self.row, 0, title, look)
        self.sheet.set_row(self.row, 18)
        self.row += 1
        for number, (words, kind) in enumerate(headings):
            look = self.book.formats.heading(kind, words)
            self.sheet.write_string(self.row, number, words, look)
        if headings:
            lines = max(
                len(words) // max(width - 3, 1) + 1
                for (words, _), width in zip(headings, self.widths, strict=False)
            )
            self.sheet.set_row(self.row, _POINTS_PER_LINE * lines + 3)
            self.row += 1

    def line(self, *cells: Cell, bold: bool = False) -> None:
        """One row of cells; a bold one closes a table."""
        before = ""
        for number, (kind, value) in enumerate(cells):
            self._cell(number, kind, value, bold=bold, indent=int(before in NUMERIC))
            before = kind
        self.row += 1

    def _cell(self, column: int, kind: str, value: Any, *, bold: bool, indent: int) -> None:
        formats, place = self.book.formats, (self.row, column)
        base: dict[str, object] = {"bold": bold, "top": int(bold), "valign": "vcenter"}
        if kind == "mark":
            words = self.book.say(f"wb_severity_{value}")
            self.sheet.write_string(*place, words, formats.mark(value))
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
            formula, number = value if isinstance(value, tuple) else ("", value)
            number = number / 100 if kind == "euro" else number  # display only
            if formula:
                self.sheet.write_formula(*place, formula, look, number)
            else:
                self.sheet.write_number(*place, number, look)

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

    def chart(self, chart: Any, rows: int, first: int = 0, columns: int = 0) -> None:
        """Put a chart over some columns (all of them) and rows, from the next row on."""
        under = self.widths[first : first + columns] if columns else self.widths[first:]
        chart.set_size({"width": sum(under) * 7 + 5 * len(under), "height": rows * 20})
        self.sheet.insert_chart(self.row, first, chart, {"object_position": 2})

    def cells(self, column: int, first: int, last: int) -> list[object]:
        """The place of cells of this sheet, for a series of a chart."""
        return [self.name, first, column, last, column]

    def finish(self) -> None:
        """Set what is printed, once everything stands."""
        self.sheet.print_area(0, 0, self.row, self.last_column)
        if self._breaks:
            self.sheet.set_h_pagebreaks(self._breaks)


def new_chart(
    book: Book, kind: str, title: str, series: Sequence[dict[str, object]], **axis: object
) -> Any:
    """A native chart in the look of the workbook; axis: of the values."""
    chart = book.workbook.add_chart(
        {"type": kind, **({"subtype": "stacked"} if axis.pop("stacked", False) else {})}
    )
    for item in series:
        chart.add_series(item)
    font = {"name": "Calibri", "size": 9, "color": GREY}
    chart.set_title(
        {
            "name": title,
            "overlay": False,
            "name_font": {"name": "Calibri", "size": 11, "color": NAVY},
        }
    )
    grid = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}
    plain = {"num_font": font, "line": {"color": "#BFBFBF"}}
    chart.set_x_axis({**plain, "major_gridlines": {"visible": False}, "label_position": "low"})
    chart.set_y_axis({**plain, "major_gridlines": grid, "num_format": "#,##0", **axis})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_chartarea({"border": {"color": "#D9D9D9"}})
    return chart
