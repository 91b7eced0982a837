"""The back-test in the workbook: its tables, and the distribution as a chart."""

from __future__ import annotations

from payroll.render.sheet_layout import BLUE, LABELS, SheetLayout
from payroll.render.xlsx import Book
from payroll.views.backtest_tables import DISTRIBUTION, backtest_tables, headline
from payroll.views.shown import Shown

CHART_ROWS = 17


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
    for table in backtest_tables(found, shown.language):
        layout.table(table)
        if table.id == DISTRIBUTION:
            people = ("bt_col_people", 1, {"fill": {"color": BLUE}, "data_labels": LABELS})
            end = layout.row
            title = f"wb_title_{DISTRIBUTION}"
            chart = layout.columns(title, (layout.first, end - 1), people, gap=30)
            chart.set_legend({"none": True})
            layout.row = begin
            layout.chart(chart, CHART_ROWS, 2, 4)
            layout.row = end
