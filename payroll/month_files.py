"""What lies in a pay-run folder beside its order and its sources, for payroll.store."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from payroll.model.beside import FILES_BESIDE
from payroll.model.errors import DamagedInputError
from payroll.model.order import OWN_FILES
from payroll.model.refusals import printable
from payroll.rule_files import LEFT, LEFT_BEGINNING

if TYPE_CHECKING:
    import pandas as pd

#: What the program writes into a pay-run folder.
OWN_FOLDERS = ("runs", "outbox")
#: A larger file is no source of anybody (see payroll.store): its beginning says what it is.
_BYTES_MAX = 300 * 1024 * 1024


def files_beside(folder: Path, named: Collection[str], before: date) -> pd.DataFrame:
    """FILES_BESIDE of a pay-run folder: what looks like a source and is none of those named.

    A copy of one that is named tells nothing new; a file of the bank of which every payment is of
    `before` or later is its answer to this month, not the proof of the last. Nothing that the
    program keeps, that an office program leaves, or that is hidden; links are not followed. Raises
    DamagedInputError source_denied.
    """
    from payroll.ingest.look import look

    try:
        sources = [path for name in named if (path := folder / name).is_file()]
        own = {_identity(path) for path in sources}
        read: set[str] = set()
        rows = []
        for path in _plain_files(folder):
            if _identity(path) in own:
                continue
            content = _begun(path)
            found = look(content)
            if found is None or (found[1] and found[1] >= before.isoformat()):
                continue
            read = read or {_digest(source) for source in sources}
            digest = _digest(path)
            if digest in read:
                continue
            name = printable(path.relative_to(folder).as_posix())
            values = (name, path.stat().st_size, digest, *found)
            rows.append(dict(zip(FILES_BESIDE.columns, values, strict=True)))
    except OSError as error:
        where = str(error.filename or folder)
        raise DamagedInputError("source_denied", where=where, detail=error.strerror) from error
    return FILES_BESIDE.from_rows(rows)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _begun(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_BYTES_MAX)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _plain_files(folder: Path, *, top: bool = True) -> Iterator[Path]:
    """The files of a folder and those below it that are nobody else's, in the order of names."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = entry.name
        if name.startswith((".", *LEFT_BEGINNING)) or name in LEFT:
            continue
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            own = top and name.casefold() in OWN_FOLDERS
            if not own and not (path / "payrun.toml").exists():
                yield from _plain_files(path, top=False)
        elif entry.is_file(follow_symlinks=False) and not (top and name.casefold() in OWN_FILES):
            yield path
