"""`payroll release RUN`: claim every payment once, and hand the files over to outbox/."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import (
    PERSON_NAME,
    SEEN_LINE,
    never_collect,
    print_json,
    progress,
    say,
    say_file,
    verb,
)
from payroll.cli.main import help_text, language_asked


@verb("release")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--by", type=PERSON_NAME, default="", metavar="NAME", help=help_text("option_released_by")
)
@click.option("--as-approved", is_flag=True, help=help_text("option_as_approved"))
@click.option(
    "--reason", type=SEEN_LINE, default="", metavar="TEXT", help=help_text("option_as_approved_why")
)
def command(
    run: Path, *, by: str, as_approved: bool, reason: str, lang: str | None, as_json: bool
) -> int:
    """Exit code 0: released; 3: refused (approvals, paid already, busy); 4: not intact."""
    from payroll.ledger.approvals import shown
    from payroll.release.proven_run import prepare
    from payroll.release.release import near_rule, release_run
    from payroll.store import now
    from payroll.texts import text
    from payroll.texts.shown import euros_shown

    language = lang or language_asked()
    never_collect()
    with progress(language) as announce:
        proven = prepare(run, announce)
        why = reason if as_approved else None
        done = release_run(proven, by, near_rule(proven), why, announce)
    if as_json:
        print_json(
            {
                "run_id": proven.subject.run_id,
                "resumed": done.resumed,
                "approvals": shown(done.valid),
                "files": [
                    {
                        "path": str(path),
                        "message_id": file.message_id,
                        "sha256": file.sha256,
                        "transactions": file.transactions,
                        "total_cents": file.total_cents,
                        "execution_date": file.execution_date,
                    }
                    for path, file in zip(done.files, proven.files, strict=True)
                ],
                "changed": {"files": list(done.changes.files), "payees": list(done.changes.payees)},
                "near_duplicates": [
                    {"stream": stream, "payee_id": payee, "amount_cents": cents, "run_id": other}
                    for stream, payee, cents, other in done.near
                ],
            }
        )
    for path, file in zip(done.files, proven.files, strict=True):
        if not as_json:
            click.echo(str(path))
        say_file("release_file", language, file, digest=file.sha256)
        if file.execution_date < now().date().isoformat():
            say(text("release_date_past", language, day=file.execution_date))
    for stream, payee, cents, other in done.near:
        say(
            text(
                "release_near",
                language,
                stream=text(f"stream_{stream}", language),
                payee=payee,
                amount=euros_shown(cents, language),
                run=other,
            )
        )
    for item in shown(done.valid):
        say(text("release_approved", language, **item))
    let_be = (*done.changes.files, *done.changes.payees)
    if let_be:
        say(text("release_inputs_changed", language, files=", ".join(let_be)))
    step = "release_resumed" if done.resumed else "release_done"
    say(text(step, language, run=proven.subject.run_id, count=len(done.files)))
    return 0
