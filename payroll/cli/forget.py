"""`payroll forget RUN`: wipe a run that is done with; its manifest and the ledger stay."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from payroll.cli.common import PERSON_NAME, SEEN_LINE, print_json, say, verb
from payroll.cli.main import help_text, language_asked


@verb("forget")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--by", type=PERSON_NAME, required=True, metavar="NAME", help=help_text("option_forget_by")
)
@click.option("--reason", type=SEEN_LINE, required=True, help=help_text("option_forget_reason"))
@click.option("--yes", is_flag=True, help=help_text("option_yes"))
@click.option("--even-open", is_flag=True, help=help_text("option_even_open"))
def command(
    *, run: Path, by: str, reason: str, yes: bool, even_open: bool, lang: str | None, as_json: bool
) -> int:
    """Ask first, unless --yes; refuse while payments of the run are open at the bank."""
    from payroll.model.errors import UsageError
    from payroll.release.forget import forget, nobody_releases, open_payments
    from payroll.release.pack import run_id_of
    from payroll.release.workspace import person_in
    from payroll.store import load_manifest, now
    from payroll.texts import text

    language = lang or language_asked()
    run = run.resolve()
    manifest, _ = load_manifest(run)
    run_id = run_id_of(manifest, str(run))
    if not (by.strip() and reason.strip()):
        raise UsageError("forget_who_and_why", where="--by, --reason")
    workspace = run.parent.parent.parent  # WORKSPACE/<month>/runs/<run id>
    person = person_in(workspace, by)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("forget_unconfirmed", where="--yes")
        typed = click.prompt(text("forget_confirm", language, run=run_id), err=True)
        if typed.strip() != run_id:
            raise UsageError("forget_unconfirmed", where="--yes")
    with nobody_releases(workspace):
        record, wiped = forget(
            run,
            is_open=lambda: open_payments(workspace, run_id) > 0,
            by=person,
            reason=reason.strip(),
            at=now(),
            even_open=even_open,
        )
    if as_json:
        print_json(
            {
                "run_id": record.run_id,
                "forgotten_at": record.at,
                "by": record.by,
                "reason": record.reason,
                "manifest_sha256": record.manifest_sha256,
                "even_open": record.even_open,
                "wiped": wiped,
                "altered": [list(item) for item in record.altered],
            }
        )
    for name, _kind in record.altered:
        say(text("forget_altered", language, file=name))
    say(text("forget_done", language, run=run_id, count=wiped, digest=record.manifest_sha256))
    say(text("forget_honest", language))
    return 0
