"""review.xlsx: what a finance officer reads before anybody signs. A pure function of ReviewData."""

from __future__ import annotations

from collections.abc import Callable

from payroll.render.table import Book, Table
from payroll.views.review_data import ReviewData
from payroll.views.workbook import (
    backtest,
    backtest_sheet,
    bridge_sheet,
    content,
    cover,
    decisions,
    streams,
    used,
)
from payroll.views.workbook.sheet_layout import Page, Paper

__all__ = ["ReviewData", "build_workbook"]

#: Every sheet after the cover and the bridge, in the order in which a reviewer needs them:
#: who must be decided on, where the money goes, what moved, the other streams, the rest.
SHEETS: tuple[Callable[[ReviewData], Table | Page], ...] = (
    content.held,
    decisions.sheet,
    content.accounts,
    content.bank_texts,
    content.unexplained,
    content.explained,
    streams.bonuses,
    streams.fees,
    streams.invoices,
    content.receivables,
    content.dropped,
    content.true_up,
    content.payments,
    content.findings,
    backtest_sheet.page,
    backtest.sheet,
    used.parameters,
    content.sources,
)


def build_workbook(data: ReviewData) -> bytes:
    """The workbook as bytes; identical data give identical bytes."""
    identity = data.say(
        "wb_identity", employer=data.employer_name, period=data.period, run=data.run_id
    )
    book = Book(data.language, identity, data.created_at, data.say("wb_title_summary"), data.run_id)
    for page in (cover.page(), bridge_sheet.page()):
        _lay_out(book, page, data)
    for sheet in SHEETS:
        item = sheet(data)
        if isinstance(item, Page):
            _lay_out(book, item, data)
        else:
            book.add_table(item)
    return book.finish()


def _lay_out(book: Book, page: Page, data: ReviewData) -> None:
    paper = Paper(book, page)
    page.draw(paper, data)
    paper.finish()
