"""`payroll explain-pay RUN EMPLOYEE`: how one person's salary and bonus were worked out."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from payroll.cli.common import print_json, verb
from payroll.cli.main import language_asked


@verb("explain-pay")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("employee", metavar="EMPLOYEE")
def command(run: Path, employee: str, lang: str | None, as_json: bool) -> int:
    """Raise UsageError explain_unknown for nobody's id, PayrollError explain_differs when the files
    of the run do not agree, explain_altered when one was changed.
    """
    gc.disable()  # of half a second, collecting would take a tenth
    try:
        return show(run, employee, lang or language_asked(), as_json=as_json)
    finally:
        gc.enable()


def show(run: Path, employee: str, language: str, *, as_json: bool) -> int:
    """Write the explanation of one person to the screen."""
    from payroll.model.findings import SubjectKind
    from payroll.store import load_payee
    from payroll.views.explain.explain import explain
    from payroll.views.explain.text import explanation_text
    from payroll.views.explain.tree import explanation_json

    found = explain(load_payee(run, SubjectKind.EMPLOYEE, employee), language)
    if as_json:
        print_json(explanation_json(found))
        return 0
    for line in explanation_text(found, language):
        click.echo(line)
    return 0
