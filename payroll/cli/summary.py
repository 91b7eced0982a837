"""The table at the end of a run: per stream paid, held, total, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from payroll.checks.engine import message, remedy
from payroll.model.money import euros_shown
from payroll.pipeline import RunOutput, stream_totals
from payroll.record.totals import SummaryRow, already_released, summary_rows
from payroll.rulebook.controls import Control
from payroll.texts import text
from payroll.views.review_data import holding, released
from payroll.views.workbook.backtest import headline


def summary_json(output: RunOutput, folder: Path | None) -> dict[str, object]:
    """The same for a machine: totals in cents, findings by severity, files."""
    severities = output.findings["severity"].value_counts().to_dict()
    return {
        "run_id": output.run_id,
        "refused": output.refused,
        "folder": str(folder) if folder else None,
        "totals": stream_totals(output),
        "backtest": dict(output.rebuilt.backtest.headline()),
        "receivables_cents": int(output.rebuilt.receivables["amount_cents"].sum()),
        "to_true_up": len(output.rebuilt.to_true_up),
        "already_released": dict(
            zip(
                ("payments", "cents", "invoices"),
                already_released(output.rebuilt.left_out, output.findings),
                strict=True,
            )
        ),
        "findings": {str(key): int(value) for key, value in severities.items()},
        "blocks": output.findings[output.findings["severity"] == "block"].to_dict("records"),
        "files": [
            {"path": item.path, "transactions": item.transactions, "total_cents": item.total_cents}
            for item in output.sepa_files
        ],
        "seconds": {name: round(value, 3) for name, value in output.timings.items()},
    }


def print_summary(
    output: RunOutput,
    controls: Mapping[str, Control],
    folder: Path | None,
    language: str,
    say: Callable[[str], None],
    *,
    payrun: Path,
    reissue: bool = False,
) -> None:
    """Print the summary a finance officer reads first, on stderr."""
    if output.refused:
        _print_refusal(output, controls, language, say, payrun=payrun)
        return
    if reissue:
        say(text("reissue_note", language))
    console = Console(stderr=True, highlight=False)
    console.print(_stream_table(output, language))
    counts = output.findings["severity"].value_counts()
    holds = int(holding(output.findings).sum())
    say(
        text(
            "summary_findings",
            language,
            hold=holds,
            warn=counts.get("warn", 0),
            info=counts.get("info", 0),
        )
    )
    _say_decisions(output.findings, language, say)
    if len(output.rebuilt.backtest.rows):
        say(headline(output.rebuilt.backtest, language))
    count, cents, invoices = already_released(output.rebuilt.left_out, output.findings)
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
    receivables = output.rebuilt.receivables
    if len(receivables):
        total = euros_shown(-int(receivables["amount_cents"].sum()), language)
        say(text("summary_receivables", language, count=len(receivables), total=total))
    if len(output.rebuilt.to_true_up):
        say(text("summary_true_up", language, count=len(output.rebuilt.to_true_up)))
    say("")
    held = int((output.payments["status"] == "held").sum())
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


def _stream_table(output: RunOutput, language: str) -> Table:
    table = Table(title=text("summary_title", language, run=output.run_id), title_justify="left")
    table.add_column(text("column_stream", language))
    for name in (
        "column_paid",
        "column_paid_eur",
        "column_held",
        "column_held_eur",
        "column_total_eur",
    ):
        table.add_column(text(name, language), justify="right")
    *streams, whole = summary_rows(output.payments, output.rebuilt.receivables)
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


def _print_refusal(
    output: RunOutput,
    controls: Mapping[str, Control],
    language: str,
    say: Callable[[str], None],
    *,
    payrun: Path,
) -> None:
    say(text("refused", language))
    for finding in output.blocks:
        control = controls[finding.rule_id]
        say(f"\n{finding.rule_id}  {message(control, finding, language)}")
        if finding.source:
            say(f"    {finding.source}")
        say(f"    {text('remedy_mark', language)} {remedy(control, finding, language)}")
        if control.override != "none":
            say(text("refused_decide", language, payrun=payrun, finding=finding.finding_id))
