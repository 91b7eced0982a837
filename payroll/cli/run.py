"""`payroll run PAYRUN`: rebuild the month, check it, write the run folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import (
    RULES_OPTION,
    Stopwatch,
    never_collect,
    print_json,
    progress,
    say,
    verb,
)
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    from datetime import datetime

    from payroll.rulebook.book import RuleBook
    from payroll.store import Payrun


@verb("run")
@click.argument("payrun", type=click.Path(path_type=Path))
@RULES_OPTION
def command(payrun: Path, rules_path: Path | None, lang: str | None, as_json: bool) -> int:
    """Exit code 0: nothing held; 1: something held; 3: refused; 4: an input is damaged."""
    from payroll.release.ledger_input import with_ledger
    from payroll.store import load_book, load_payrun
    from payroll.texts import text

    found = load_payrun(payrun)
    rulebook = load_book(found.folder.parent, rules_path)
    language = lang or language_asked()
    if rules_path is not None:
        say(text("rules_from", language, folder=rules_path))
    return make_run(
        with_ledger(found, rulebook), rulebook, found.order.created_at, language, as_json=as_json
    )


def make_run(
    found: Payrun, rulebook: RuleBook, created_at: datetime | None, language: str, *, as_json: bool
) -> int:
    """Build the run of a pay-run, write its folder, say what it came to; the exit code."""

    from payroll.cli.summary import print_summary, summary_json
    from payroll.pipeline import build_run
    from payroll.publish import publish
    from payroll.record.findings import holding
    from payroll.record.identity import inputs_digest_of
    from payroll.store import now, recorded_creation, write_run
    from payroll.version import code_version

    never_collect()
    with progress(language) as announce:
        watch = Stopwatch(announce)
        runs, version = found.folder / "runs", code_version(found.employer.language)
        created_at = (
            created_at
            or recorded_creation(runs, inputs_digest_of(found.inputs, rulebook.files, version))
            or now()
        )
        request = found.request(rulebook, created_at, version)
        run = build_run(request, watch)
        folder = None
        if not run.refused:
            files = publish(run, watch)
            watch("write")
            folder, _ = write_run(runs, run.run_id, files)
    if as_json:
        print_json(summary_json(run, folder, watch.seconds()))
    elif folder is not None:
        click.echo(str(folder))
    print_summary(run, folder, language, say, payrun=found.folder)
    if run.refused:
        return 3
    held = (run.payments["status"] == "held").any()
    holds = holding(run.findings).any()
    return 1 if held or holds else 0
