"""`payroll backtest PAYRUN`: do the rules find what the last known month paid?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import RULES_OPTION, print_json, progress, say, verb
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    from payroll.model.backtest import Backtest
    from payroll.model.findings import RuledFinding


@verb("backtest")
@click.argument("payrun", type=click.Path(path_type=Path))
@RULES_OPTION
def command(payrun: Path, rules_path: Path | None, lang: str | None, as_json: bool) -> int:
    """Exit code 0: everybody within the limits; 1: somebody is not (a run would say so)."""
    from rich.console import Console

    from payroll.pipeline import build_backtest
    from payroll.render.screen import grid
    from payroll.store import load_book, load_payrun
    from payroll.texts import text
    from payroll.views.backtest_tables import backtest_tables

    language = lang or language_asked()
    with progress(language) as announce:
        announce("read")
        found = load_payrun(payrun)
        request = found.request(load_book(found.folder.parent, rules_path))
        announce("rebuild")
        result, findings = build_backtest(request)
    if as_json:
        print_json(_as_json(result, findings))
    elif not len(result.rows):
        say(text("bt_nothing", language, month=result.period))
    else:
        console = Console(highlight=False)
        console.print(text("bt_title", language, month=result.period), style="bold")
        for table in backtest_tables(result, language):
            console.print()
            console.print(grid(table, language, text(f"wb_title_{table.id}", language)))
    return 1 if findings or not len(result.rows) else 0


def _as_json(result: Backtest, findings: tuple[RuledFinding, ...]) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "period": result.period,
        "headline": dict(result.headline()),
        "distribution": [
            {"up_to_cents": top if top >= 0 else None, "people": count}
            for top, count in result.distribution()
        ],
        "causes": [asdict(cause) for cause in result.causes],
        "rows": result.rows.to_dict("records"),
        "findings": [
            {
                "rule_id": item.rule_id,
                "severity": str(item.severity),
                "subject": item.subject_id,
                "observed": item.observed,
                "limit": item.limit,
                "source": item.source,
            }
            for item in findings
        ],
    }
