"""The back-test in the workbook: its sections, and the distribution as a chart."""

from __future__ import annotations

from payroll.views.shown import Shown
from payroll.views.workbook.backtest import headline, sections
from payroll.views.workbook.sheet_layout import BLUE, Cell, Page, Paper, new_chart

CHART_ROWS = 17
DISTRIBUTION = "bt_part_distribution"


def page(_data: Shown) -> Page:
    """Whether the rules find what was paid in the last known month."""
    return Page(id="backtest", draw=_draw, widths=(38, 50, 11, 12, 14, 34), portrait=True)


def _draw(paper: Paper, shown: Shown) -> None:
    found = shown.run.backtest
    if not len(found.rows):
        paper.words(shown.say("bt_nothing", month=found.period))
        return
    paper.words(headline(found, shown.language), bold=True)
    begin = paper.row + 1
    for section in sections(found, shown.language):
        headings = [(shown.say(name), kind) for name, kind in section.columns]
        paper.part(shown.say(section.title), *headings)
        first = paper.row
        for row in section.rows:
            cells: list[Cell] = [
                (kind, value) for (_, kind), value in zip(section.columns, row, strict=True)
            ]
            paper.line(*cells)
        if section.title == DISTRIBUTION:
            end, last = paper.row, paper.row - 1
            paper.row = begin
            series: list[dict[str, object]] = [
                {
                    "name": shown.say("bt_col_people"),
                    "categories": paper.cells(0, first, last),
                    "values": paper.cells(1, first, last),
                    "fill": {"color": BLUE},
                    "gap": 30,
                    "data_labels": {"value": True, "num_format": "#,##0"},
                }
            ]
            chart = new_chart(paper.book, "column", shown.say(DISTRIBUTION), series)
            chart.set_legend({"none": True})
            paper.chart(chart, CHART_ROWS, 2, 4)
            paper.row = end
