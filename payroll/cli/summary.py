"""The table at the end of a run: per stream paid, held, total, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from payroll.model.frames import rows_of
from payroll.record.findings import blocking, findings_in
from payroll.record.manifest import stream_totals
from payroll.record.run import Run
from payroll.record.totals import RunTotals, SummaryRow, run_totals
from payroll.release.decide import reissue_flags
from payroll.rulebook.own_rules import OwnRules
from payroll.texts import text
from payroll.texts.shown import euros_shown
from payroll.views.backtest_tables import headline
from payroll.views.shown import Shown


def summary_json(run: Run, folder: Path | None, seconds: Mapping[str, float]) -> dict[str, object]:
    """The same for a machine: totals in cents, findings by severity, files."""
    totals = run_totals(run)
    released = zip(("payments", "cents", "invoices"), totals.already_released, strict=True)
    return {
        "run_id": run.run_id,
        "refused": run.refused,
        "folder": str(folder) if folder else None,
        "totals": stream_totals(run),
        "backtest": dict(run.backtest.headline()),
        "receivables_cents": totals.whole.to_recover_cents,
        "to_true_up": totals.to_settle,
        "already_released": dict(released),
        "findings": dict(totals.severities),
        "own_rules": Shown(run).own_rules.lines("en"),
        "blocks": run.findings[run.findings["severity"] == "block"].to_dict("records"),
        "files": [
            {"path": item.path, "transactions": item.transactions, "total_cents": item.total_cents}
            for item in run.sepa_files
        ],
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }


def print_summary(
    run: Run, folder: Path | None, language: str, say: Callable[[str], None], *, payrun: Path
) -> None:
    """Print the summary a finance officer reads first, on stderr."""
    own = Shown(run, language).own_rules
    if run.refused:
        _print_refusal(run, language, say, payrun=payrun)
        _print_own_rules(own, language, say)
        return
    totals = run_totals(run)
    if run.reissue:
        say(text("reissue_note", language))
    Console(stderr=True, highlight=False).print(_stream_table(run.run_id, totals, language))
    for line in _lines(run, totals, language):
        say(line)
    _print_own_rules(own, language, say)
    say("")
    held, holds = totals.whole.held, totals.holds
    step = "next_held" if held or holds else "next_clear" if totals.whole.paid else "next_nothing"
    review = str(folder / "review.xlsx") if folder else ""
    say(text(step, language, held=held, holds=holds, review=review))
    if folder:
        say(text("next_control_sheet", language, sheet=folder / "control-sheet.pdf"))


def _lines(run: Run, totals: RunTotals, language: str) -> Iterator[str]:
    """What there is to say below the table."""
    warn, info = (totals.severities.get(name, 0) for name in ("warn", "info"))
    yield text("summary_findings", language, hold=totals.holds, warn=warn, info=info)
    decided = {"released": totals.cleared, "held": totals.upheld, "void": totals.without_effect}
    if any(decided.values()):
        yield text("summary_decisions", language, **decided)
    if len(run.backtest.rows):
        yield headline(run.backtest, language)
    count, cents, invoices = totals.already_released
    if count or invoices:
        total = euros_shown(cents, language)
        yield text("page_earlier", language, count=count, invoices=invoices, total=total)
    if owed := totals.whole.to_recover:
        total = euros_shown(-totals.whole.to_recover_cents, language)
        yield text("summary_receivables", language, count=owed, total=total)
    if totals.to_settle:
        yield text("summary_to_settle", language, count=totals.to_settle)


def _print_own_rules(own: OwnRules, language: str, say: Callable[[str], None]) -> None:
    """What whoever signs will be shown, said to whoever makes the run."""
    if own:
        say(own.heading(language))
        for line in own.lines(language):
            say(f"    {line}")


def _stream_table(run_id: str, totals: RunTotals, language: str) -> Table:
    table = Table(title=text("summary_title", language, run=run_id), title_justify="left")
    table.add_column(text("column_stream", language))
    for name in (
        "column_paid",
        "column_paid_eur",
        "column_held",
        "column_held_eur",
        "column_total_eur",
    ):
        table.add_column(text(name, language), justify="right")
    for row in totals.streams:
        table.add_row(text(f"stream_{row.stream}", language), *_cells(row, language))
    table.add_section()
    table.add_row(text("column_total", language), *_cells(totals.whole, language))
    return table


def _cells(row: SummaryRow, language: str) -> list[str]:
    return [
        str(row.paid),
        euros_shown(row.paid_cents, language),
        str(row.held),
        euros_shown(row.held_cents, language),
        euros_shown(row.total_cents, language),
    ]


def _print_refusal(run: Run, language: str, say: Callable[[str], None], *, payrun: Path) -> None:
    say(text("refused", language))
    findings = findings_in(run, language)
    payrun_named = f"{payrun}{reissue_flags(run)}"
    columns = ("finding_id", "rule_id", "message", "source", "remedy")
    for finding, rule, message, source, remedy in rows_of(findings[blocking(findings)], *columns):
        say(f"\n{rule}  {message}")
        if source:
            say(f"    {source}")
        say(f"    {text('remedy_mark', language)} {remedy}")
        if run.rulebook.controls[rule].override != "none":
            say(text("refused_decide", language, payrun=payrun_named, finding=finding))
