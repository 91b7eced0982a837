"""`payroll explain-pay RUN EMPLOYEE`: how one person's salary and bonus were worked out."""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, verb
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    from payroll.record.about import PayeeRecord


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
    from payroll.views.explain.explain import explain
    from payroll.views.explain.text import explanation_text
    from payroll.views.explain.tree import explanation_json

    found = explain(record_of(run, employee))
    if as_json:
        print_json(explanation_json(found))
        return 0
    for line in explanation_text(found, language):
        click.echo(line)
    return 0


def record_of(folder: Path, employee: str) -> PayeeRecord:
    """What a run folder says of a member of staff, each file proved as it is read."""
    from payroll.model.findings import SubjectKind
    from payroll.record.about import FilesOnDemand, read_payee
    from payroll.store import load_manifest, proven_file, refuse_forgotten

    manifest, _ = load_manifest(folder)
    refuse_forgotten(folder)
    digests = manifest["files"]
    files = FilesOnDemand(digests, partial(proven_file, folder, digests))
    kind = SubjectKind.EMPLOYEE
    return read_payee(manifest, files, folder.name, kind=kind, payee_id=employee)
