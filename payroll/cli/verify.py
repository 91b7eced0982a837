"""`payroll verify RUN`: prove that nothing in a run folder changed."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import print_json, progress, say, verb
from payroll.cli.main import language_asked


@verb("verify")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="digests only / empreintes seulement / enkel hashes")
def command(run: Path, quick: bool, lang: str | None, as_json: bool) -> int:
    """Compare every digest, what the ledger recorded, and the run rebuilt from its own bytes."""
    from payroll.release.verify import problems_at_rest, problems_rebuilt
    from payroll.store import FORGOTTEN, load_run
    from payroll.texts import text

    language = lang or language_asked()
    if (run / FORGOTTEN).is_file():
        return forgotten_run(run, language, as_json)
    stored = load_run(run)
    problems = problems_at_rest(stored)
    if not problems and not quick:
        with progress(language) as announce:
            announce("verify")
            problems = problems_rebuilt(stored)
    if as_json:
        print_json(
            {
                "run_id": stored.manifest["run_id"],
                "manifest_sha256": stored.manifest_sha256,
                "intact": not problems,
                "problems": [{"file": name, "problem": kind} for name, kind in problems],
            }
        )
    for name, kind in problems:
        say(text(f"verify_{kind}", language, file=name))
    if problems:
        say(text("verify_failed", language, run=run.name))
        return 1
    step = "verify_quick" if quick else "verify_intact"
    say(
        text(
            step, language, run=run.name, count=len(stored.files) + 1, digest=stored.manifest_sha256
        )
    )
    return 0


def forgotten_run(run: Path, language: str, as_json: bool) -> int:
    """Tell who wiped the run and when; 0 when what is left is what was recorded then, else 1."""
    from payroll.release.forget import forgotten, problems_of
    from payroll.texts import text

    problems, record = problems_of(run), forgotten(run)
    if as_json:
        print_json(
            {
                "run_id": record.run_id,
                "manifest_sha256": record.manifest_sha256,
                "intact": None,  # its files cannot be compared any more
                "forgotten": {"at": record.at, "by": record.by, "reason": record.reason},
                "problems": [{"file": name, "problem": kind} for name, kind in problems],
            }
        )
    say(
        text(
            "verify_forgotten",
            language,
            run=run.name,
            day=record.at[:10],
            by=record.by,
            reason=record.reason,
            digest=record.manifest_sha256,
        )
    )
    for name, kind in problems:
        say(text(f"verify_{kind}", language, file=name))
    return 1 if problems else 0
