"""The only module that touches disk and clock: pay-run orders, sources, rules, run folders.

Run folders are written to a temporary folder beside their place, fsynced and renamed, readable by
their owner only, and never opened for writing again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payroll import __version__
from payroll.atomic_files import (
    WRITING,
    files_below,
    replace_whole,
    require_no_link,
    sole_writer,
    sync_folder,
    write_tree,
)
from payroll.model.beside import BESIDE
from payroll.model.decisions import DECISIONS
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.model.json_bytes import json_object, manifest_object
from payroll.model.order import Employer, PayrunOrder, parse_payrun
from payroll.month_files import files_beside
from payroll.texts.folders import require_language

if TYPE_CHECKING:
    import pandas as pd

    from payroll.model.findings import SubjectKind
    from payroll.record.about import PayeeRecord
    from payroll.record.run import Run, RunRequest
    from payroll.rulebook.book import RuleBook

#: Larger source files than any honest export: refused before they fill the memory.
SOURCE_BYTES_MAX = 300 * 1024 * 1024
ORDER_BYTES_MAX = 1024 * 1024
MANIFEST = "manifest.json"
#: Beside the manifest of a run whose other files were wiped on purpose (`payroll forget`).
FORGOTTEN = "forgotten.json"


@dataclass(frozen=True, slots=True)
class Payrun:
    """A pay-run as found on disk: its folder, the parsed orders, the bytes of each file."""

    folder: Path
    order: PayrunOrder
    employer: Employer
    inputs: Mapping[str, bytes]  # both orders, each source by its path, what lies beside them

    def request(
        self,
        rulebook: RuleBook,
        created_at: datetime | None = None,
        code_version: str = __version__,
    ) -> RunRequest:
        """What its run is a function of. created_at: else the order's, else the clock."""
        from payroll.record.run import RunRequest

        return RunRequest(
            order=self.order,
            employer=self.employer,
            inputs=self.inputs,
            rulebook=rulebook,
            created_at=(created_at or self.order.created_at or now()).replace(tzinfo=None),
            code_version=code_version,
        )


def find_payrun(path: Path) -> Path:
    """The pay-run folder meant by a path: the folder, its payrun.toml, or a one-month workspace."""
    if path.is_file() and path.name == "payrun.toml":
        return path.parent
    if (path / "payrun.toml").is_file():
        return path
    months = sorted(item.parent for item in path.glob("*/payrun.toml")) if path.is_dir() else []
    if len(months) == 1:
        return months[0]
    if months:
        listed = ", ".join(month.name for month in months)
        raise UsageError("payrun_ambiguous", where=str(path), months=listed)
    raise UsageError("payrun_missing", where=str(path))


def load_payrun(path: Path) -> Payrun:
    """Read a pay-run and every source it names. Raises PayrollError naming file and field."""
    folder = find_payrun(path)
    employer_path = folder / "employer.toml"  # a run's own inputs/ keep both files together
    if not employer_path.is_file():
        employer_path = folder.parent / "employer.toml"
    inputs = {
        "payrun.toml": _read_file(folder / "payrun.toml", "payrun.toml", ORDER_BYTES_MAX),
        "employer.toml": _read_file(employer_path, "employer.toml", ORDER_BYTES_MAX),
    }
    order, employer = parse_payrun(inputs)
    require_language(employer.language, "employer.toml, language")
    if (folder / DECISIONS).exists():
        inputs[DECISIONS] = _read_file(folder / DECISIONS, DECISIONS, ORDER_BYTES_MAX)
    for source in order.source:
        if source.file not in inputs:
            inputs[source.file] = _read_source(folder, source.file)
    beside = what_lies_beside(folder, order)
    if len(beside):
        from payroll.record.csv import csv_bytes

        inputs[BESIDE] = csv_bytes(beside)
    return Payrun(folder, order, employer, inputs)


def what_lies_beside(folder: Path, order: PayrunOrder) -> pd.DataFrame:
    """FILES_BESIDE of a pay-run folder now. Raises DamagedInputError source_denied."""
    days = (stream.pay_on for stream in order.streams.values())
    before = min(days, default=order.period.last_day)
    return files_beside(folder, {source.file for source in order.source}, before)


def _read_source(folder: Path, name: str) -> bytes:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DamagedInputError("source_outside", where=name)
    return _read_file(path, name, SOURCE_BYTES_MAX)


def _read_file(path: Path, name: str, limit: int, *, missing: str = "source_not_found") -> bytes:
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise DamagedInputError("source_is_folder", where=name)
        if not stat.S_ISREG(found.st_mode):
            raise DamagedInputError("source_not_a_file", where=name)
        if found.st_size > limit:
            raise DamagedInputError("source_too_large", where=name, limit=limit // 1024**2)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DamagedInputError(missing, where=name) from error
    except OSError as error:
        raise DamagedInputError("source_denied", where=name, detail=error.strerror) from error


def record_decisions(folder: Path, entries: str) -> None:
    """Add entries to the decisions of a pay-run: whole or not at all, one writer at a time.

    Raises PayrollError decisions_busy while somebody else records, run_not_written.
    """
    path, lock = folder / DECISIONS, folder / f".{DECISIONS}.lock"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise PayrollError("decisions_busy", where=str(lock)) from error
    except OSError as error:
        raise PayrollError("run_not_written", where=str(path), detail=error.strerror) from error
    try:
        old = _read_file(path, DECISIONS, ORDER_BYTES_MAX) if path.exists() else b""
        replace_whole(path, old + entries.encode())
    finally:
        lock.unlink(missing_ok=True)


def read_input(path: Path) -> bytes:
    """One file that the command line names. Raises DamagedInputError."""
    return _read_file(path, path.name, SOURCE_BYTES_MAX, missing="file_not_found")


def rules_folder() -> Path:
    """Where the rules lie: beside the package in a checkout, inside it once installed."""
    package = Path(__file__).resolve().parent
    checkout = package.parent / "rules"
    return checkout if checkout.is_dir() else package / "_rules"


def load_rule_files(folder: Path, workspace: Path | None = None) -> dict[str, bytes]:
    """The bytes of a rules folder by relative path; a workspace's own under `workspace/`.

    Raises UsageError rules_missing, PayrollError rule_entry_twice, and as payroll.rule_files.
    """
    from payroll.rule_files import rules_below

    if not folder.is_dir():
        raise UsageError("rules_missing", where=str(folder))
    files = rules_below(folder)
    own = {} if workspace is None else own_rule_files(workspace)
    for name in own.keys() & files.keys():  # the rules of a run hold those of its workspace
        if own[name] != files[name]:
            raise PayrollError("rule_entry_twice", where=name, other=str(folder))
    return files | own


def own_rule_files(workspace: Path) -> dict[str, bytes]:
    """The bytes of a workspace's own rules, under `workspace/`. Raises as payroll.rule_files."""
    from payroll.rule_files import own_rules_folder, rules_below
    from payroll.rulebook.toml import WORKSPACE

    inside = own_rules_folder(workspace)
    return {} if inside is None else rules_below(inside, WORKSPACE)


def load_book(workspace: Path | None = None, rules: Path | None = None) -> RuleBook:
    """The rules of a folder (else the program's own), a workspace's over them.

    Raises UsageError workspace_missing, rules_missing.
    """
    from payroll.rulebook.book import load_rulebook

    if workspace is not None and not workspace.is_dir():
        raise UsageError("workspace_missing", where=str(workspace))
    return load_rulebook(load_rule_files(rules or rules_folder(), workspace))


def recorded_creation(runs: Path, inputs_digest: str) -> datetime | None:
    """When an earlier run on the same inputs recorded its creation, so that bytes stay the same."""
    for manifest in sorted(runs.glob(f"*/{MANIFEST}")):
        try:
            data = json_object(manifest.read_bytes())
            if data["inputs_digest"] == inputs_digest:
                return datetime.fromisoformat(data["created_at"])
        except (ValueError, KeyError, TypeError, OSError):
            continue  # a damaged neighbour is for `verify` to report, not for this run
    return None


def now() -> datetime:
    """The clock, to the second, local time without zone as pain.001 wants it."""
    return datetime.now().replace(microsecond=0)  # noqa: DTZ005 - CreDtTm is local time


def write_run(runs: Path, run_id: str, files: Mapping[str, bytes]) -> tuple[Path, bool]:
    """Write a run folder whole or not at all: (folder, newly written).

    A folder of that name with the same bytes is left as it is; what a power cut left of an earlier
    one is swept. Raises PayrollError run_differs when it holds other bytes, run_forgotten when it
    was wiped, link_refused, folder_busy, run_not_written when the disk refuses.
    """
    target = runs / run_id
    require_no_link(runs, target)
    refuse_forgotten(target)
    try:
        runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        with sole_writer(runs):
            if target.exists():
                if dict(files_below(target)) != dict(files):
                    raise PayrollError("run_differs", where=str(target))
                return target, False
            _write_folder(target, files)
    except OSError as error:
        raise PayrollError("run_not_written", where=str(runs), detail=error.strerror) from error
    return target, True


def _write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    temporary = Path(tempfile.mkdtemp(prefix=WRITING, dir=target.parent))
    try:
        write_tree(temporary, files)
        temporary.rename(target)
        sync_folder(target.parent)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run folder as found: its manifest and every file's bytes (the manifest left out)."""

    folder: Path
    manifest: Mapping[str, object]
    manifest_sha256: str
    files: Mapping[str, bytes]

    @property
    def run(self) -> Run:
        """The record in it, read anew each time. Raises DamagedInputError as `read_run`."""
        from payroll.record.folder import read_run

        return read_run(self.manifest, self.files, self.folder.name)


def load_run(folder: Path) -> RunFolder:
    """Read a run folder whole.

    Raises UsageError run_missing, DamagedInputError manifest_unreadable or source_denied,
    PayrollError run_forgotten.
    """
    manifest, digest = load_manifest(folder)
    refuse_forgotten(folder)
    try:
        files = {name: data for name, data in files_below(folder) if name != MANIFEST}
    except OSError as error:
        raise _denied(error, folder) from error
    return RunFolder(folder, manifest, digest, files)


def load_unaltered(folder: Path) -> RunFolder:
    """Read a run folder whole, proved against its manifest: what people are shown is what was made.

    Only the payment files, which no view reads, are left to who sends them. Raises as `load_run`,
    DamagedInputError run_altered.
    """
    stored = load_run(folder)
    altered = [name for name, _ in altered_files(stored) if not name.startswith("sepa/")]
    if altered:
        raise DamagedInputError("run_altered", where=str(folder), files=", ".join(altered[:5]))
    return stored


def load_payee(folder: Path, kind: SubjectKind, payee_id: str) -> PayeeRecord:
    """What a run folder says of one payee, each file proved as it is read."""
    from payroll.record.about import FilesOnDemand, read_payee

    manifest, _ = load_manifest(folder)
    refuse_forgotten(folder)
    digests = manifest["files"]
    files = FilesOnDemand(digests, partial(proven_file, folder, digests))
    return read_payee(manifest, files, folder.name, kind=kind, payee_id=payee_id)


def proven_file(folder: Path, digests: Mapping[str, str], name: str) -> bytes:
    """One file of a run folder that its manifest lists (path -> SHA-256).

    Raises DamagedInputError explain_altered when it is gone or not what the manifest says.
    """
    path = folder / name
    try:
        content = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise _denied(error, path) from error
    if hashlib.sha256(content).hexdigest() != digests[name]:
        raise DamagedInputError("explain_altered", where=f"{folder.name}/{name}")
    return content


def _denied(error: OSError, path: Path) -> DamagedInputError:
    where = str(error.filename or path)
    return DamagedInputError("source_denied", where=where, detail=error.strerror)


def load_manifest(folder: Path) -> tuple[Mapping[str, Any], str]:
    """The manifest of a run folder, also of a forgotten run, and the SHA-256 of its bytes.

    Raises UsageError run_missing, DamagedInputError manifest_unreadable or source_denied.
    """
    manifest_path = folder / MANIFEST
    try:
        if not manifest_path.is_file():
            raise UsageError("run_missing", where=str(folder))
        content = manifest_path.read_bytes()
    except OSError as error:
        raise _denied(error, manifest_path) from error
    try:
        manifest = manifest_object(content)
    except ValueError as error:
        raise DamagedInputError("manifest_unreadable", where=str(manifest_path)) from error
    return manifest, hashlib.sha256(content).hexdigest()


def refuse_forgotten(folder: Path) -> None:
    """Raise PayrollError run_forgotten when the files of this run were wiped on purpose."""
    if (folder / FORGOTTEN).is_file():
        raise PayrollError("run_forgotten", where=str(folder))


def altered_files(stored: RunFolder) -> list[tuple[str, str]]:
    """What differs from the manifest: (path, 'changed' | 'missing' | 'added'), sorted."""
    listed = stored.manifest["files"]
    expected = dict(listed) if isinstance(listed, dict) else {}
    found = {name: hashlib.sha256(data).hexdigest() for name, data in stored.files.items()}
    odd = {  # links, pipes and devices were not read
        path.relative_to(stored.folder).as_posix()
        for path in stored.folder.rglob("*")
        if path.is_symlink() or not (path.is_file() or path.is_dir())
    }
    problems = [(name, "missing") for name in expected.keys() - found.keys()]
    problems += [(name, "added") for name in (found.keys() | odd) - expected.keys()]
    problems += [
        (name, "changed")
        for name in expected.keys() & found.keys()
        if expected[name] != found[name]
    ]
    return sorted(problems)
