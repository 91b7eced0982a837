"""`payroll trace RUN ID`: from a payment to its lines, its rules and the cells they came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, verb
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    from payroll.store import StoredRun
    from payroll.views.trace import RunRules


@verb("trace")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("wanted", metavar="ID")
def command(run: Path, wanted: str, lang: str | None, as_json: bool) -> int:
    """Raise UsageError trace_unknown when nothing in the run has that id."""
    from payroll.model.errors import DamagedInputError, UsageError
    from payroll.record.csv import read_csv
    from payroll.store import load_run
    from payroll.views.trace import trace, trace_json, trace_text

    stored = load_run(run)
    try:
        payments, lines, findings = (
            read_csv(stored.files[f"{name}.csv"]) for name in ("payments", "lines", "findings")
        )
    except (KeyError, ValueError) as error:
        raise DamagedInputError("manifest_unreadable", where=str(run)) from error
    found = trace(payments, lines, findings, wanted)
    if found is None:
        raise UsageError("trace_unknown", where=run.name, id=wanted)
    if as_json:
        print_json(trace_json(found))
        return 0
    for line in trace_text(found, lang or language_asked(), run_rules(stored)):
        click.echo(line)
    return 0


def run_rules(stored: StoredRun) -> RunRules | None:
    """The rules the run was made with; None (bare ids) where this program cannot read them."""
    from payroll.model.errors import PayrollError
    from payroll.model.order import parse_payrun
    from payroll.record.folder import files_below
    from payroll.rulebook.book import load_rulebook
    from payroll.views.trace import RunRules

    try:
        order, _ = parse_payrun(files_below(stored.files, "inputs/"))
        book = load_rulebook(files_below(stored.files, "rulebook/"))
    except (PayrollError, KeyError):
        return None
    paid = {name: ordered.pay_on for name, ordered in order.streams.items()}
    return RunRules(book=book, run=str(stored.folder), paid=paid)
