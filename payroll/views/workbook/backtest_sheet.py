"""The back-test in the workbook: its sections, and the distribution as a chart."""

from __future__ import annotations

from payroll.render.sheet_layout import BLUE, Cell, SheetLayout, new_chart
from payroll.render.xlsx import Book
from payroll.views.backtest_tables import headline, sections
from payroll.views.shown import Shown

CHART_ROWS = 17
DISTRIBUTION = "bt_part_distribution"


def draw(book: Book, shown: Shown) -> None:
    """Whether the rules find what was paid in the last known month."""
    layout = SheetLayout(book, "backtest", (38, 50, 11, 12, 14, 34), portrait=True)
    _fill(layout, shown)
    layout.finish()


def _fill(layout: SheetLayout, shown: Shown) -> None:
    found = shown.run.backtest
    if not len(found.rows):
        layout.words(shown.say("bt_nothing", month=found.period))
        return
    layout.words(headline(found, shown.language), bold=True)
    begin = layout.row + 1
    for section in sections(found, shown.language):
        headings = [(shown.say(name), kind) for name, kind in section.columns]
        layout.part(shown.say(section.title), *headings)
        first = layout.row
        for row in section.rows:
            cells: list[Cell] = [
                (kind, value) for (_, kind), value in zip(section.columns, row, strict=True)
            ]
            layout.line(*cells)
        if section.title == DISTRIBUTION:
            end, last = layout.row, layout.row - 1
            layout.row = begin
            series: list[dict[str, object]] = [
                {
                    "name": shown.say("bt_col_people"),
                    "categories": layout.cells(0, first, last),
                    "values": layout.cells(1, first, last),
                    "fill": {"color": BLUE},
                    "gap": 30,
                    "data_labels": {"value": True, "num_format": "#,##0"},
                }
            ]
            chart = new_chart(layout.book, "column", shown.say(DISTRIBUTION), series)
            chart.set_legend({"none": True})
            layout.chart(chart, CHART_ROWS, 2, 4)
            layout.row = end
