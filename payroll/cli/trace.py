"""`payroll trace RUN ID`: from a payment to its lines, its rules and the cells they came from."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import print_json, verb
from payroll.cli.main import language_asked


@verb("trace")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("wanted", metavar="ID")
def command(run: Path, wanted: str, lang: str | None, as_json: bool) -> int:
    """Raise UsageError trace_unknown when nothing in the run has that id."""
    from payroll.model.errors import UsageError
    from payroll.store import load_unaltered
    from payroll.views.trace import rules_of, trace, trace_json, trace_text

    language = lang or language_asked()
    record = load_unaltered(run).run
    found = trace(record, wanted, language)
    if found is None:
        raise UsageError("trace_unknown", where=run.name, id=wanted)
    if as_json:
        print_json(trace_json(found))
        return 0
    for line in trace_text(found, language, rules_of(record, str(run))):
        click.echo(line)
    return 0
