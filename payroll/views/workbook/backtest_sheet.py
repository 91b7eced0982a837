"""The back-test in the workbook: its sections, and the distribution as a chart."""

from __future__ import annotations

from payroll.render.sheet_layout import BLUE, LABELS, SheetLayout
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
        layout.part(section.title, *section.columns)
        for row in section.rows:
            layout.line(
                *((kind, value) for (_, kind), value in zip(section.columns, row, strict=True))
            )
        if section.title == DISTRIBUTION:
            people = ("bt_col_people", 1, {"fill": {"color": BLUE}, "data_labels": LABELS})
            end = layout.row
            chart = layout.columns(DISTRIBUTION, (layout.first, end - 1), people, gap=30)
            chart.set_legend({"none": True})
            layout.row = begin
            layout.chart(chart, CHART_ROWS, 2, 4)
            layout.row = end
