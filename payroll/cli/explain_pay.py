"""`payroll explain-pay RUN EMPLOYEE`: how one person's salary and bonus were worked out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, verb
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    from payroll.views.explain.build import Stored

#: What the explanation is made from or held against; only these have to be unchanged.
_READ = ("inputs/", "rulebook/", "lines.csv", "payments.csv", "findings.csv")


@verb("explain-pay")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("employee", metavar="EMPLOYEE")
def command(run: Path, employee: str, lang: str | None, as_json: bool) -> int:
    """Raise UsageError explain_unknown for nobody's id, PayrollError explain_differs when the run
    folder is not what its inputs give.
    """
    from payroll.views.explain.build import explain_pay
    from payroll.views.explain.text import explanation_text
    from payroll.views.explain.tree import explanation_json

    found = explain_pay(stored_run(run), employee)
    if as_json:
        print_json(explanation_json(found))
        return 0
    for line in explanation_text(found, lang or language_asked()):
        click.echo(line)
    return 0


def stored_run(folder: Path) -> Stored:
    """What a run folder holds, refused when one of the files that are read here was changed."""
    from payroll.model.errors import DamagedInputError, PayrollError
    from payroll.model.order import parse_payrun
    from payroll.record.csv import read_csv
    from payroll.record.folder import files_below
    from payroll.rulebook.book import load_rulebook
    from payroll.store import altered_files, load_run
    from payroll.views.explain.build import Stored

    run = load_run(folder)
    altered = [name for name, _ in altered_files(run) if name.startswith(_READ)]
    if altered:
        raise PayrollError("explain_altered", where=f"{folder.name}/{altered[0]}")
    inputs = files_below(run.files, "inputs/")
    order, employer = parse_payrun(inputs)
    try:
        frames = {
            name: read_csv(run.files[f"{name}.csv"]) for name in ("lines", "payments", "findings")
        }
    except (KeyError, ValueError) as error:
        raise DamagedInputError("manifest_unreadable", where=str(folder)) from error
    return Stored(
        run_id=str(run.manifest["run_id"]),
        order=order,
        employer=employer,
        inputs=inputs,
        rulebook=load_rulebook(files_below(run.files, "rulebook/")),
        **frames,
    )
