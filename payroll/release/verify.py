"""A run folder proved: every digest, what the ledger recorded, and the run built again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from payroll.model.errors import DamagedInputError
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.record.files import FRAMES, file_of
from payroll.record.manifest import MANIFEST
from payroll.record.places import Place, places
from payroll.record.run import Run, RunRequest, differences
from payroll.release.ledger_check import differs_from_ledger
from payroll.rulebook.book import RuleBook
from payroll.store import RunFolder, altered_files
from payroll.texts import languages
from payroll.version import code_version

#: Whatever a run is made of: when one of these was altered there is nothing to rebuild it from.
_MADE_OF = ("inputs/", "rulebook/", MANIFEST)


@dataclass(frozen=True, slots=True)
class RunProblem:
    """A file and what is wrong with it (text id `verify_<kind>`).

    places: the first differences from what was rebuilt, in the frames of the record; more: how many
    further ones there are.
    """

    file: str
    kind: str
    places: tuple[Place, ...] = ()
    more: int = 0


def problems_of_run(
    stored: RunFolder, announce: Callable[[str], None] = lambda _stage: None
) -> list[RunProblem]:
    """Everything wrong with a run folder, one problem a file, sorted. Raises as the two below.

    An altered file is also compared with what is rebuilt, where what it was made of is intact.
    """
    at_rest = {item.file: item for item in problems_at_rest(stored)}
    if any(name.startswith(_MADE_OF) for name in at_rest):
        return list(at_rest.values())
    rebuilt = {item.file: item for item in problems_rebuilt(stored, announce)}
    if not at_rest:
        return list(rebuilt.values())
    return [
        replace(item, places=rebuilt[name].places, more=rebuilt[name].more)
        if name in rebuilt
        else item
        for name, item in at_rest.items()
    ]


def problems_at_rest(stored: RunFolder) -> list[RunProblem]:
    """Files that are not as the manifest or the ledger has them, sorted; one problem a file.

    Raises DamagedInputError as `differs_from_ledger`.
    """
    found = dict([*differs_from_ledger(stored), *altered_files(stored)])
    return [RunProblem(name, kind) for name, kind in sorted(found.items())]


def problems_rebuilt(
    stored: RunFolder, announce: Callable[[str], None] = lambda _stage: None, *, frames: bool = True
) -> list[RunProblem]:
    """Files that the run, built again from its own bytes, does not come to, sorted.

    Each file is compared as bytes, and with `frames` what is read of it with what was built.
    """
    version = str(stored.manifest.get("tool_version"))
    if not version.startswith(code_version()):
        return [RunProblem(MANIFEST, "other_version")]
    try:
        recorded = stored.run
        language, rulebook = recorded.employer.language, recorded.rulebook
    except DamagedInputError as error:
        return [_unreadable(stored, error)]
    if language not in languages() or version != code_version(language):
        return [RunProblem(MANIFEST, "other_version")]
    rebuilt = rebuild(recorded, rulebook, announce)
    files = publish(rebuilt, announce)
    problems = {
        name: RunProblem(name, "not_rebuilt")
        for name, content in files.items()
        if name != MANIFEST and stored.files.get(name) != content
    }
    if frames:
        problems |= _frames_that_differ(stored, recorded, rebuilt)
    if differences(replace(rebuilt, frames={}), recorded):
        problems[MANIFEST] = RunProblem(MANIFEST, "not_rebuilt")
    if not rebuilt.run_id == recorded.run_id == stored.folder.resolve().name:
        problems[MANIFEST] = RunProblem(MANIFEST, "other_identity")
    elif (stored.folder / MANIFEST).read_bytes() != files[MANIFEST] and not problems:
        problems[MANIFEST] = RunProblem(MANIFEST, "not_rebuilt")
    return [problems[name] for name in sorted(problems)]


def _frames_that_differ(stored: RunFolder, recorded: Run, rebuilt: Run) -> dict[str, RunProblem]:
    """The files of frames that cannot be read, or say something else than what was built."""
    problems = {}
    for name, schema in FRAMES.items():
        file = file_of(name)
        built = rebuilt.frames[name]
        try:
            same = built.equals(recorded.frames[name])
        except DamagedInputError as error:
            problems[file] = _unreadable(stored, error)
            continue
        if not same:
            first, more = places(schema, recorded.frames[name], built)
            problems[file] = RunProblem(file, "not_rebuilt", first, more)
    return problems


def _unreadable(stored: RunFolder, error: DamagedInputError) -> RunProblem:
    """A file of the record that is none, with the row and column as far as they are known."""
    inside = error.where.removeprefix(f"{stored.folder.name}/")
    file, _, place = inside.partition("!R")
    row, _, column = place.partition(", ")
    there = Place(problem="unreadable", row=int(row), column=column) if row.isdecimal() else None
    return RunProblem(file, "unreadable", (there,) if there else ())


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
