"""Folders and files of a workspace: private, locked while somebody works, looked through, wiped."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from payroll.atomic_files import NO_LINK, locked, require_no_link, sync_folder
from payroll.model.errors import DamagedInputError, PayrollError

BLOCK = 1024 * 1024


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read in blocks. Raises DamagedInputError source_denied."""
    try:
        return sha256_of(path)
    except OSError as error:
        raise DamagedInputError("source_denied", where=path.name, detail=error.strerror) from error


def sha256_of(path: Path) -> str:
    """The same, for a caller who tells himself what the disk refuses. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def entries_below(folder: Path) -> list[Path]:
    """Everything below a folder except real folders, sorted; links are listed, never followed."""
    found = []
    for place, folders, names in os.walk(folder, followlinks=False):
        here = Path(place)
        found += [here / name for name in names]
        found += [here / name for name in folders if (here / name).is_symlink()]
    return sorted(found)


def wipe(path: Path) -> None:
    """Overwrite a file once with zeros, fsync, unlink; a link or a device is only unlinked.

    Best effort: an SSD, a journal or a snapshot may keep what stood there. Raises OSError.
    """
    found = path.lstat()
    if stat.S_ISREG(found.st_mode):
        if not found.st_mode & stat.S_IWUSR:
            path.chmod(0o600)
        descriptor = os.open(path, os.O_WRONLY | NO_LINK)
        with os.fdopen(descriptor, "wb") as stream:
            for start in range(0, found.st_size, BLOCK):
                stream.write(bytes(min(BLOCK, found.st_size - start)))
            stream.flush()
            os.fsync(stream.fileno())
    path.unlink()


@contextmanager
def disk_errors(where: Path) -> Iterator[None]:
    """What the disk refuses inside the block, as PayrollError run_not_written."""
    try:
        yield
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(where)
        raise PayrollError("run_not_written", where=place, detail=error.strerror) from error


def make_private_folder(folder: Path) -> None:
    """Make a folder for its owner only, unless it is there.

    Raises PayrollError link_refused, run_not_written.
    """
    require_no_link(folder)
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold a lock that the system frees when this process ends, however it ends.

    Raises PayrollError ledger_busy when somebody else holds it, link_refused, run_not_written.
    """
    require_no_link(lock)
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
    except OSError as error:
        raise PayrollError("run_not_written", where=str(lock), detail=error.strerror) from error
    try:
        try:
            mine = locked(descriptor)
        except OSError:
            mine = False
        if not mine:
            raise PayrollError("ledger_busy", where=lock.name)
        yield
    finally:
        os.close(descriptor)
