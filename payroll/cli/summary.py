"""The table at the end of a run: per stream paid, held, total, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from payroll.model.frames import rows_of
from payroll.record.findings import blocking, findings_in, holding, released
from payroll.record.manifest import stream_totals
from payroll.record.run import Run
from payroll.record.totals import SummaryRow, already_released, summary_rows
from payroll.texts import text
from payroll.texts.shown import euros_shown
from payroll.views.backtest_tables import headline


def summary_json(run: Run, folder: Path | None, seconds: Mapping[str, float]) -> dict[str, object]:
    """The same for a machine: totals in cents, findings by severity, files."""
    severities = run.findings["severity"].value_counts().to_dict()
    return {
        "run_id": run.run_id,
        "refused": run.refused,
        "folder": str(folder) if folder else None,
        "totals": stream_totals(run),
        "backtest": dict(run.backtest.headline()),
        "receivables_cents": int(run.frames["receivables"]["amount_cents"].sum()),
        "to_true_up": len(run.frames["to_settle"]),
        "already_released": dict(
            zip(
                ("payments", "cents", "invoices"),
                already_released(run.frames["already_paid"], run.findings),
                strict=True,
            )
        ),
        "findings": {str(key): int(value) for key, value in severities.items()},
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
    if run.refused:
        _print_refusal(run, language, say, payrun=payrun)
        return
    if run.reissue:
        say(text("reissue_note", language))
    console = Console(stderr=True, highlight=False)
    console.print(_stream_table(run, language))
    counts = run.findings["severity"].value_counts()
    holds = int(holding(run.findings).sum())
    say(
        text(
            "summary_findings",
            language,
            hold=holds,
            warn=counts.get("warn", 0),
            info=counts.get("info", 0),
        )
    )
    _say_decisions(run.findings, language, say)
    if len(run.backtest.rows):
        say(headline(run.backtest, language))
    count, cents, invoices = already_released(run.frames["already_paid"], run.findings)
    if count or invoices:
        say(
            text(
                "page_earlier",
                language,
                count=count,
                invoices=invoices,
                total=euros_shown(cents, language),
            )
        )
    receivables = run.frames["receivables"]
    if len(receivables):
        total = euros_shown(-int(receivables["amount_cents"].sum()), language)
        say(text("summary_receivables", language, count=len(receivables), total=total))
    if len(run.frames["to_settle"]):
        say(text("summary_to_settle", language, count=len(run.frames["to_settle"])))
    say("")
    held = int((run.payments["status"] == "held").sum())
    step = "next_held" if held or holds else "next_clear"
    say(
        text(
            step,
            language,
            held=held,
            holds=holds,
            review=str(folder / "review.xlsx") if folder else "",
        )
    )
    if folder:
        say(text("next_control_sheet", language, sheet=folder / "control-sheet.pdf"))


def _say_decisions(findings: pd.DataFrame, language: str, say: Callable[[str], None]) -> None:
    cleared = int(released(findings).sum())
    upheld = int(findings["decision"].str.startswith("hold:").sum())
    void = int(findings["rule_id"].str.startswith("DEC-").sum())
    if cleared or upheld or void:
        say(text("summary_decisions", language, released=cleared, held=upheld, void=void))


def _stream_table(run: Run, language: str) -> Table:
    table = Table(title=text("summary_title", language, run=run.run_id), title_justify="left")
    table.add_column(text("column_stream", language))
    for name in (
        "column_paid",
        "column_paid_eur",
        "column_held",
        "column_held_eur",
        "column_total_eur",
    ):
        table.add_column(text(name, language), justify="right")
    *streams, whole = summary_rows(run.payments, run.frames["receivables"])
    for row in streams:
        if row.total:
            table.add_row(text(f"stream_{row.stream}", language), *_cells(row, language))
    table.add_section()
    table.add_row(text("column_total", language), *_cells(whole, language))
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
    columns = ("finding_id", "rule_id", "message", "source", "remedy")
    for finding, rule, message, source, remedy in rows_of(findings[blocking(findings)], *columns):
        say(f"\n{rule}  {message}")
        if source:
            say(f"    {source}")
        say(f"    {text('remedy_mark', language)} {remedy}")
        if run.rulebook.controls[rule].override != "none":
            say(text("refused_decide", language, payrun=payrun, finding=finding))
