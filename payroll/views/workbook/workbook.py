"""review.xlsx: what a finance officer reads before anybody signs. A pure function of a run."""

from __future__ import annotations

from collections.abc import Callable

from payroll.record.run import Run
from payroll.render.table import Table
from payroll.render.xlsx import Book
from payroll.views import backtest_tables
from payroll.views.shown import Shown
from payroll.views.workbook import (
    backtest_sheet,
    bridge_sheet,
    content,
    cover,
    decisions,
    streams,
    used,
)

#: Every table sheet, after the cover and the bridge, in the order in which a reviewer needs them:
#: who must be decided on, where the money goes, what moved, the other streams, the rest.
SHEETS: tuple[Callable[[Shown], Table], ...] = (
    content.held,
    decisions.sheet,
    content.accounts,
    content.bank_texts,
    content.unexplained,
    content.explained,
    streams.holiday_pay,
    streams.bonuses,
    streams.fees,
    streams.invoices,
    content.receivables,
    content.not_carried_over,
    content.to_settle,
    content.payments,
    content.findings,
    backtest_tables.everybody,
    used.parameters,
    content.sources,
)


def build_workbook(run: Run, language: str = "") -> bytes:
    """The workbook as bytes; the same run gives the same bytes.

    language: the employer's, unless another one is asked for.
    """
    shown = Shown(run, language)
    identity = shown.say(
        "wb_identity", employer=run.employer.name, period=run.order.period, run=run.run_id
    )
    book = Book(shown.language, identity, run.created_at, shown.say("wb_title_summary"), run.run_id)
    cover.draw(book, shown)
    bridge_sheet.draw(book, shown)
    for sheet in SHEETS:
        if sheet is backtest_tables.everybody:
            backtest_sheet.draw(book, shown)
        book.add_table(sheet(shown))
    return book.finish()
