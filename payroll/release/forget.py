"""Wipe the working copies of a run that is done with; its manifest and the ledger stay.

A run holds names, IBAN and pay (GDPR art. 5(1)(e): no longer than needed). After `forget` the
digests of the manifest still prove what the files were, to whoever holds an encrypted bundle.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from payroll.atomic_files import WRITING, replace_whole, require_no_link, sole_writer, sync_folder
from payroll.ledger.states import FREE, State, file_states
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.model.json_bytes import json_object
from payroll.record.manifest import MANIFEST
from payroll.release.pack import digests_of, run_id_of
from payroll.release.private_files import digest_of, entries_below, only_one, wipe
from payroll.release.workspace import LEDGER, reading
from payroll.store import FORGOTTEN, load_manifest

OUTBOX = "outbox"
_KEPT = {MANIFEST, FORGOTTEN}
#: Nothing more is to be heard of a payment in one of these states.
SETTLED = FREE | {State.EXECUTED}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What `forgotten.json` tells, and what is still to be wiped.

    altered: files that were not those of the manifest when they were wiped, with what was wrong.
    left: files that are still there: the work was interrupted.
    """

    run_id: str
    at: str
    by: str
    reason: str
    manifest_sha256: str
    even_open: bool
    altered: tuple[tuple[str, str], ...]
    left: tuple[str, ...]


def forget(
    run: Path,
    *,
    is_open: Callable[[], bool],
    by: str,
    reason: str,
    at: datetime,
    even_open: bool = False,
) -> tuple[Forgotten, int]:
    """Wipe a run folder and the copies of its files in the outbox: (the record, files wiped now).

    The record is written first, so that a run that is half wiped is already a forgotten one;
    called again after an interruption it wipes the rest, and the first record stays. is_open:
    whether payments of the run still await the bank's answer. Raises UsageError run_missing,
    DamagedInputError manifest_unreadable, PayrollError run_open, link_refused, run_not_wiped.
    """
    manifest, digest = load_manifest(run)
    expected = digests_of(manifest, str(run))
    if run.name != run_id_of(manifest, str(run)):  # a manifest that strayed into another folder
        raise UsageError("run_missing", where=str(run))
    month = run.parent.parent
    require_no_link(run, run.parent, month / OUTBOX, month / f"{WRITING}{OUTBOX}")
    if not (run / FORGOTTEN).is_file():
        still_open = is_open()
        if still_open and not even_open:
            raise PayrollError("run_open", where=str(run))
        record = {
            "run_id": run.name,
            "forgotten_at": at.isoformat(),
            "by": by,
            "reason": reason,
            "manifest_sha256": digest,
            "even_open": still_open,
            "altered": _altered(run, expected),
        }
        content = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        replace_whole(run / FORGOTTEN, content.encode())
    doomed = [path for path in entries_below(run) if path.name not in _KEPT or path.parent != run]
    wiped = _wipe_all(doomed) + _wipe_outbox(run, set(expected.values())) + _wipe_left(run)
    _remove_folders(run)
    return forgotten(run), wiped


def forgotten(run: Path) -> Forgotten:
    """The record of a forgotten run. Raises DamagedInputError forgotten_unreadable."""
    try:
        data = json_object((run / FORGOTTEN).read_bytes())
        altered = tuple((str(name), str(kind)) for name, kind in data["altered"])
        said = {key: str(data[key]) for key in ("run_id", "forgotten_at", "by", "reason")}
        datetime.fromisoformat(said["forgotten_at"])
        digest = str(data["manifest_sha256"])
        even_open = bool(data["even_open"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedInputError("forgotten_unreadable", where=str(run / FORGOTTEN)) from error
    left = tuple(
        path.relative_to(run).as_posix()
        for path in entries_below(run)
        if path.relative_to(run).as_posix() not in _KEPT
    )
    return Forgotten(
        said["run_id"],
        said["forgotten_at"],
        said["by"],
        said["reason"],
        digest,
        even_open,
        altered,
        left,
    )


def problems_of(run: Path) -> list[tuple[str, str]]:
    """What a forgotten run should not show: (file, 'changed' | 'left'), sorted; [] = as recorded.

    Raises UsageError run_missing, DamagedInputError manifest_unreadable, forgotten_unreadable.
    """
    manifest, digest = load_manifest(run)
    record = forgotten(run)
    problems = [(name, "left") for name in record.left]
    if digest != record.manifest_sha256 or manifest["run_id"] != record.run_id:
        problems.append((MANIFEST, "changed"))
    return sorted(problems)


def _altered(run: Path, expected: Mapping[str, str]) -> list[tuple[str, str]]:
    found = {path.relative_to(run).as_posix(): path for path in entries_below(run)}
    found.pop(MANIFEST, None)
    problems = [(name, "missing") for name in expected.keys() - found.keys()]
    for name, path in found.items():
        if name not in expected:
            problems.append((name, "added"))
        elif path.is_symlink() or not path.is_file() or digest_of(path) != expected[name]:
            problems.append((name, "changed"))
    return sorted(problems)


def _wipe_outbox(run: Path, digests: set[str]) -> int:
    """Wipe the copies that `release` laid in the month's outbox: known by content, not by name.

    A copy is renamed before it is overwritten, so that an interrupted wipe is found again.
    """
    outbox, mark = run.parent.parent / OUTBOX, f".wiping-{run.name}-"
    if run.parent.name != "runs" or not outbox.is_dir():
        return 0
    doomed = []
    for path in entries_below(outbox):
        if path.is_symlink() or not path.is_file():
            continue
        if path.name.startswith(mark):
            doomed.append(path)
        elif digest_of(path) in digests:
            doomed.append(path.rename(path.with_name(mark + path.name)))
    return _wipe_all(doomed)


def _wipe_left(run: Path) -> int:
    """Wipe what a power cut left beside the run, written in part or decrypted, and by a release."""
    wiped = 0

    def remove(folder: Path) -> None:
        nonlocal wiped
        wiped += _wipe_all(entries_below(folder))
        shutil.rmtree(folder)

    try:
        with sole_writer(run.parent, remove):
            beside = run.parent.parent / f"{WRITING}{OUTBOX}"
            if run.parent.name == "runs" and beside.is_dir():
                wiped += _wipe_all(entries_below(beside))
    except OSError as error:
        where = str(error.filename or run.parent)
        raise PayrollError("run_not_wiped", where=where, detail=error.strerror) from error
    return wiped


def _wipe_all(paths: list[Path]) -> int:
    for path in paths:
        try:
            wipe(path)
        except OSError as error:
            raise PayrollError("run_not_wiped", where=str(path), detail=error.strerror) from error
    return len(paths)


def _remove_folders(run: Path) -> None:
    try:
        for folder in sorted((path for path in run.rglob("*") if path.is_dir()), reverse=True):
            folder.rmdir()
        sync_folder(run)
    except OSError as error:
        raise PayrollError("run_not_wiped", where=str(run), detail=error.strerror) from error


@contextmanager
def nobody_releases(workspace: Path) -> Iterator[None]:
    """Keep the ledger as it is while a run is wiped. Raises PayrollError ledger_busy."""
    if not (workspace / LEDGER).exists():
        yield
        return
    with only_one(workspace / f".{LEDGER}.lock"):
        yield


def open_payments(workspace: Path, run_id: str) -> int:
    """How many payments of a run are released and neither executed, returned nor rejected yet.

    One that is both rejected and executed, or whose return is only announced, is open: the bank
    still has to say what became of it. Raises DamagedInputError when the ledger is unreadable.
    """
    with reading(workspace) as ledger:
        if ledger is None:
            return 0
        return sum(
            number
            for file in file_states(ledger, run_id)
            for state, number in file.counts.items()
            if state not in SETTLED
        )
