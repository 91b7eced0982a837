"""`payroll verify RUN`: prove that nothing in a run folder changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import never_collect, print_json, progress, say, verb
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    from payroll.release.verify import RunProblem


@verb("verify")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="digests only / empreintes seulement / enkel hashes")
def command(run: Path, quick: bool, lang: str | None, as_json: bool) -> int:
    """Compare every digest, what the ledger recorded, and the run rebuilt from its own bytes."""
    from payroll.release.verify import problems_at_rest, problems_of_run
    from payroll.store import FORGOTTEN, load_run
    from payroll.texts import text

    language = lang or language_asked()
    if (run / FORGOTTEN).is_file():
        return forgotten_run(run, language, as_json)
    stored = load_run(run)
    if quick:
        problems = problems_at_rest(stored)
    else:
        never_collect()
        with progress(language) as announce:
            announce("verify")
            problems = problems_of_run(stored)
    if as_json:
        print_json(
            {
                "run_id": stored.manifest["run_id"],
                "manifest_sha256": stored.manifest_sha256,
                "intact": not problems,
                "problems": [_as_json(item) for item in problems],
            }
        )
    for item in problems:
        say(text(f"verify_{item.kind}", language, file=item.file))
        for line in _places(item, language):
            say(f"  {line}")
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


def _as_json(problem: RunProblem) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "file": problem.file,
        "problem": problem.kind,
        "places": [asdict(place) for place in problem.places],
        "more": problem.more,
    }


def _places(problem: RunProblem, language: str) -> Iterator[str]:
    """Row, what it is about, column, and what stands there and what should; then how many more."""
    from payroll.texts import text

    for place in problem.places:
        kind = place.problem
        if kind == "changed" and place.recorded is None:
            kind = "hidden"
        yield text(
            f"verify_place_{kind}",
            language,
            row=place.row,
            key=f" ({place.key})" if place.key else "",
            column=place.column,
            recorded=place.recorded,
            rebuilt=place.rebuilt,
        )
    if problem.more:
        yield text("verify_place_more", language, count=problem.more)


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
