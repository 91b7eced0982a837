"""review.xlsx: what a finance officer reads before anybody signs. A pure function of ReviewData."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from payroll.model.findings import Severity
from payroll.model.money import euros_shown
from payroll.review import backtest, content, decisions
from payroll.review.data import ReviewData
from payroll.review.sheets import Book, Table, day_serial, quoted_start, within_a_cell
from payroll.review.tables import Bridge, SummaryRow, bridge, salaries_due, summary_rows

__all__ = ["ReviewData", "build_workbook"]

#: The table sheets after the summary, in the order in which a reviewer needs them.
SHEETS: tuple[Callable[[ReviewData], Table], ...] = (
    content.held, decisions.sheet, content.changes, content.accounts, content.payments,
    content.receivables, content.dropped, content.true_up, content.findings, backtest.sheet,
    content.sources,
)  # fmt: skip

_NUMBER_HEADINGS = {
    "column_paid", "column_paid_eur", "column_held", "column_held_eur", "column_total_eur",
    "wb_col_to_recover", "wb_col_count", "wb_col_rows_read", "wb_col_rows_used",
    "wb_col_rows_excluded", "bt_col_people", "bt_col_agree", "bt_col_differ", "bt_col_first",
    "bt_col_largest", "bt_col_members", "bt_col_typical",
}  # fmt: skip


def build_workbook(data: ReviewData) -> bytes:
    """The workbook as bytes; identical data give identical bytes."""
    identity = data.say(
        "wb_identity", employer=data.employer_name, period=data.period, run=data.run_id
    )
    book = Book(data.language, identity, data.created_at, data.say("wb_title_summary"))
    _summary(book, data)
    for sheet in SHEETS:
        book.add_table(sheet(data))
    return book.finish()


class _Page:
    """The summary sheet, written from top to bottom."""

    def __init__(self, book: Book, month: str) -> None:
        self.book, self.month = book, month
        self.sheet = book.add_sheet(book.say("wb_sheet_summary"), book.say("wb_title_summary"))
        self.sheet.hide_gridlines(2)
        self.sheet.set_column(0, 0, 46)
        self.sheet.set_column(1, 6, 17)
        self.sheet.set_column(7, 7, 68)
        self.row = 2

    def part(self, entry_id: str, *headings: str) -> None:
        """A part's title and, when it is a table, its column headings."""
        self.row += 1
        look = self.book.formats(bold=True, font_size=12, font_color="#1F3864")
        title = self.book.say(entry_id, month=self.month)
        self.sheet.write_string(self.row, 0, title, look)
        self.row += 1
        for number, heading in enumerate(headings):
            kind = "euro" if heading in _NUMBER_HEADINGS else "text"
            look = self.book.formats.heading(kind)
            self.sheet.write_string(self.row, number, self.book.say(heading), look)
        self.row += bool(headings)

    def line(self, *cells: tuple[str, Any], bold: bool = False) -> None:
        """One row of (kind, value) cells; kinds are those of Column, and `mark`."""
        top = 1 if bold else 0
        for number, (kind, value) in enumerate(cells):
            if kind == "mark":
                words = self.book.say(f"wb_severity_{value}")
                self.sheet.write_string(self.row, number, words, self.book.formats.mark(value))
            elif kind == "text":
                look = self.book.formats(bold=bold, top=top, quote_prefix=quoted_start(value))
                shown = within_a_cell(value, self.book.language)
                self.sheet.write_string(self.row, number, shown, look)
            elif kind == "day":
                look = self.book.formats(num_format=self.book.formats.day, align="left")
                self.sheet.write_number(self.row, number, day_serial(value), look)
            else:
                pattern = "#,##0.00" if kind == "euro" else "#,##0"
                look = self.book.formats(
                    bold=bold, top=top, num_format=pattern, align="right", indent=1
                )
                shown = value / 100 if kind == "euro" else value  # display only
                self.sheet.write_number(self.row, number, shown, look)
        self.row += 1


def _summary(book: Book, data: ReviewData) -> None:
    page = _Page(book, data.rebuilt.backtest.period)
    rows = summary_rows(data.payments, data.rebuilt.receivables)
    steps = bridge(data.rebuilt.changes)
    created = data.created_at.strftime("%Y-%m-%d" if data.language == "en" else "%d/%m/%Y")
    page.line(("text", data.say("wb_created", day=f"{created} {data.created_at:%H:%M}")))
    _streams(page, data, rows)
    page.part("wb_part_next")
    for number, step in enumerate(_next_steps(data, rows[-1], steps), 1):
        page.line(("text", f"{number}. {step}"))
    page.part("wb_part_findings", "wb_col_severity", "wb_col_count")
    counts = data.findings["severity"].value_counts().to_dict()
    for severity in Severity:
        count = int(counts.get(severity, 0))
        word = ("mark", str(severity)) if count else ("text", data.say(f"wb_severity_{severity}"))
        page.line(word, ("count", count))
    if len(data.rebuilt.changes):
        _bridge(page, data, steps)
    _backtest(page, data)
    _files(page, data)
    page.part("wb_part_sources", "wb_col_file", "wb_col_kind", "wb_col_sheet", "wb_col_rows_read",
              "wb_col_rows_used", "wb_col_rows_excluded", "wb_col_encoding",
              "wb_col_sha256")  # fmt: skip
    for item in data.summaries:
        page.line(("text", item.file), ("text", data.say_or_raw("wb_kind_", item.kind)),
                  ("text", item.sheet), ("count", item.rows_read), ("count", item.rows_used),
                  ("count", item.rows_excluded), ("text", item.encoding),
                  ("text", item.sha256))  # fmt: skip
    if data.unverified:
        page.part("wb_part_unverified")
        for parameter_id in data.unverified:
            page.line(("text", parameter_id))


def _streams(page: _Page, data: ReviewData, rows: tuple[SummaryRow, ...]) -> None:
    page.part("wb_part_streams", "column_stream", "column_paid", "column_paid_eur", "column_held",
              "column_held_eur", "column_total_eur", "wb_col_to_recover")  # fmt: skip
    for row in rows:
        last = row.stream == "total"
        label = data.say("column_total" if last else f"stream_{row.stream}")
        page.line(("text", label), ("count", row.paid), ("euro", row.paid_cents),
                  ("count", row.held), ("euro", row.held_cents), ("euro", row.total_cents),
                  ("euro", row.to_recover_cents), bold=last)  # fmt: skip


def _bridge(page: _Page, data: ReviewData, steps: Bridge) -> None:
    page.part("wb_part_bridge")
    for name in ("before", "joined", "left", "up", "down", "unexplained"):
        page.line(("text", data.say(f"wb_bridge_{name}")), ("euro", getattr(steps, name)))
    page.line(("text", data.say("wb_bridge_after")), ("euro", steps.after), bold=True)
    due = salaries_due(data.payments, data.rebuilt.receivables)
    gap = due - steps.after
    page.line(("text", data.say("wb_bridge_payments")), ("euro", due))
    page.line(("text", data.say("wb_bridge_gap")), ("euro", gap), bold=gap != 0)
    page.line(("text", data.say("wb_bridge_unchanged")), ("count", steps.unchanged))


def _backtest(page: _Page, data: ReviewData) -> None:
    """All sections of the back-test but the single people, who have a sheet of their own."""
    found = data.rebuilt.backtest
    if not len(found.rows):
        return
    page.part("bt_title")
    for section in backtest.sections(found, data.language):
        if section.title == backtest.WORST_PART:
            continue
        page.part(section.title, *(heading for heading, _ in section.columns))
        kinds = [kind if kind != "right" else "text" for _, kind in section.columns]
        for row in section.rows:
            page.line(*zip(kinds, row, strict=True))


def _files(page: _Page, data: ReviewData) -> None:
    page.part("wb_part_files", "wb_col_file", "column_stream", "wb_col_date", "wb_col_count",
              "column_total_eur", "wb_col_iban", "wb_col_account", "wb_col_sha256")  # fmt: skip
    for item in data.files:
        page.line(("text", item.path), ("text", data.say(f"stream_{item.stream}")),
                  ("day", item.execution_date), ("count", item.transactions),
                  ("euro", item.total_cents), ("text", item.debtor_iban),
                  ("text", item.account_id), ("text", item.sha256))  # fmt: skip
    if data.files:
        page.line(("text", data.say("column_total")), ("text", ""), ("text", ""),
                  ("count", sum(item.transactions for item in data.files)),
                  ("euro", sum(item.total_cents for item in data.files)), bold=True)  # fmt: skip


def _next_steps(data: ReviewData, total: SummaryRow, steps: Bridge) -> list[str]:
    """What to do, in order; a step without anything to do is left out."""
    warnings = int((data.findings["severity"] == Severity.WARN).sum())
    todo: list[tuple[str, str, int, int]] = [
        ("held", "held", total.held, total.held_cents),
        ("unexplained", "changes", steps.unexplained_persons, 0),
        ("accounts", "accounts", len(data.account_findings()), 0),
        ("warnings", "findings", warnings, 0),
        ("true_up", "true_up", len(data.rebuilt.to_true_up), 0),
        ("receivables", "receivables", total.to_recover, -total.to_recover_cents),
        ("unverified", "summary", len(data.unverified), 0),
        ("approve", "summary", len(data.files), 0),
    ]
    return [
        data.say(f"wb_next_{step}", count=count, sheet=data.say(f"wb_sheet_{sheet}"),
                 total=euros_shown(cents, data.language))
        for step, sheet, count, cents in todo
        if count
    ]  # fmt: skip
