"""A run folder proved: every digest, what the ledger recorded, and the run built again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from payroll.model.errors import DamagedInputError
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.record.files import FRAMES, file_of
from payroll.record.manifest import MANIFEST
from payroll.record.run import Run, RunRequest, differences
from payroll.release.ledger_check import differs_from_ledger
from payroll.rulebook.book import RuleBook
from payroll.store import RunFolder, altered_files, code_version
from payroll.texts import languages

#: (file, what is wrong with it: text id `verify_<kind>`).
RunProblem = tuple[str, str]


def problems_at_rest(stored: RunFolder) -> list[RunProblem]:
    """Files that are not as the manifest or the ledger has them, sorted; one problem a file.

    Raises DamagedInputError as `differs_from_ledger`.
    """
    return sorted(dict([*differs_from_ledger(stored), *altered_files(stored)]).items())


def problems_rebuilt(
    stored: RunFolder, announce: Callable[[str], None] = lambda _stage: None
) -> list[RunProblem]:
    """Files that the run, built again from its own bytes, does not come to, sorted.

    Each file is compared as bytes, then what is read of it with what was built.
    """
    version = str(stored.manifest.get("tool_version"))
    if not version.startswith(code_version()):
        return [(MANIFEST, "other_version")]
    try:
        recorded = stored.run
    except DamagedInputError:
        return [(MANIFEST, "not_rebuilt")]
    language = recorded.employer.language
    if language not in languages() or version != code_version(language):
        return [(MANIFEST, "other_version")]
    rebuilt = rebuild(recorded, recorded.rulebook, announce)
    files = publish(rebuilt, announce)
    problems = {
        name: "not_rebuilt"
        for name, content in files.items()
        if name != MANIFEST and stored.files.get(name) != content
    }
    sound = {name: frame for name, frame in rebuilt.frames.items() if file_of(name) not in problems}
    problems |= {
        file_of(name) if name in FRAMES else MANIFEST: "not_rebuilt"
        for name in differences(replace(rebuilt, frames=sound), recorded)
    }
    if not rebuilt.run_id == recorded.run_id == stored.folder.resolve().name:
        problems[MANIFEST] = "other_identity"
    elif (stored.folder / MANIFEST).read_bytes() != files[MANIFEST] and not problems:
        problems[MANIFEST] = "not_rebuilt"
    return sorted(problems.items())


def rebuild(
    run: Run, rulebook: RuleBook, announce: Callable[[str], None] = lambda _stage: None
) -> Run:
    """The run built again from its own inputs, under a rule book. Raises as `build_run`."""
    return build_run(
        RunRequest(
            order=run.order,
            employer=run.employer,
            inputs=run.inputs,
            rulebook=rulebook,
            created_at=run.created_at,
            code_version=run.code_version,
        ),
        announce,
    )
