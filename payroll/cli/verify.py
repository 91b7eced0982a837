"""`payroll verify RUN`: prove that nothing in a run folder changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, progress, say, verb
from payroll.cli.main import language_asked

if TYPE_CHECKING:
    from payroll.store import StoredRun


@verb("verify")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="digests only / empreintes seulement / enkel hashes")
def command(run: Path, quick: bool, lang: str | None, as_json: bool) -> int:
    """Compare every digest, what the ledger recorded, and the run rebuilt from its own bytes."""
    from payroll.release.ledger_check import differs_from_ledger
    from payroll.store import FORGOTTEN, altered_files, load_run
    from payroll.texts import text

    language = lang or language_asked()
    if (run / FORGOTTEN).is_file():
        return forgotten_run(run, language, as_json)
    stored = load_run(run)
    problems = sorted(dict([*differs_from_ledger(stored), *altered_files(stored)]).items())
    if not problems and not quick:
        with progress(language) as announce:
            announce("verify")
            problems = rebuilt_differences(stored)
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


def rebuilt_differences(stored: StoredRun) -> list[tuple[str, str]]:
    """Rebuild a run from its own bytes; a file that comes out otherwise was not made by it."""
    from payroll.model.order import parse_payrun
    from payroll.pipeline import build_run
    from payroll.publish import publish
    from payroll.record.files import FRAMES, file_of
    from payroll.record.folder import files_below, read_run
    from payroll.record.manifest import MANIFEST
    from payroll.record.run import RunRequest, differences
    from payroll.rulebook.book import load_rulebook
    from payroll.store import code_version
    from payroll.texts import languages

    version = str(stored.manifest.get("tool_version"))
    if not version.startswith(code_version()):
        return [(MANIFEST, "other_version")]
    try:
        created_at = datetime.fromisoformat(str(stored.manifest.get("created_at")))
    except ValueError:
        return [(MANIFEST, "not_rebuilt")]
    inputs = files_below(stored.files, "inputs/")
    order, employer = parse_payrun(inputs)
    known = employer.language in languages()
    if not known or version != code_version(employer.language):
        return [(MANIFEST, "other_version")]
    rebuilt = build_run(
        RunRequest(
            order=order,
            employer=employer,
            inputs=inputs,
            rulebook=load_rulebook(files_below(stored.files, "rulebook/")),
            created_at=created_at,
            code_version=version,
        )
    )
    files = publish(rebuilt)
    problems = {
        name: "not_rebuilt"
        for name, content in files.items()
        if name != MANIFEST and stored.files.get(name) != content
    }
    # frame by frame: what is read back is what was built, not only the same bytes
    recorded = read_run(stored.manifest, stored.files, stored.folder.name)
    problems |= {
        file_of(name) if name in FRAMES else MANIFEST: "not_rebuilt"
        for name in differences(rebuilt, recorded)
    }
    if rebuilt.run_id != stored.manifest["run_id"] or rebuilt.run_id != stored.folder.name:
        problems[MANIFEST] = "other_identity"
    elif (stored.folder / MANIFEST).read_bytes() != files[MANIFEST] and not problems:
        problems[MANIFEST] = "not_rebuilt"
    return sorted(problems.items())
