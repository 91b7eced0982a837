"""Files are written for their owner only, whole or not at all, and lie on the disk on return.

With payroll.store, which knows what is read and written, the only code that touches the disk.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from payroll.model.errors import PayrollError, UsageError

#: How the name of a file begins that is not whole yet.
WRITING = ".writing-"


def write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, each 0600 in folders of 0700, fsynced."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    folders = {folder}
    for name, content in files.items():
        path = folder / name
        for parent in reversed(path.relative_to(folder).parents[:-1]):
            (folder / parent).mkdir(mode=0o700, exist_ok=True)
            folders.add(folder / parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    for item in folders:
        sync_folder(item)


def write_private_file(path: Path, content: bytes) -> None:
    """Write one file for its owner only, also over one that others could read.

    Raises PayrollError run_not_written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            path.chmod(0o600)  # a file that was there keeps the mode it had
            stream.write(content)
    except OSError as error:
        raise PayrollError("run_not_written", where=str(path), detail=error.strerror) from error


def replace_private_file(path: Path, content: bytes, source: Path) -> None:
    """Write one file for its owner only, whole or not at all; an older one is replaced.

    Raises UsageError output_is_input when the file is `source`, PayrollError run_not_written.
    """
    if path.exists() and path.samefile(source):
        raise UsageError("output_is_input", where=str(path))
    replace_whole(path, content)


def replace_whole(path: Path, content: bytes, *, beside: Path | None = None) -> None:
    """Write one file for its owner only, whole or not at all, and on the disk on return.

    beside: the folder of the temporary file, on the same disk; by default that of the file.
    Raises PayrollError run_not_written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=WRITING, dir=beside or path.parent)  # made 0600
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise PayrollError("run_not_written", where=str(path), detail=error.strerror) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder lasting."""
    if os.name == "nt":  # Windows cannot open a folder; the rename itself is journalled
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
