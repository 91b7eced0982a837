"""Files are written for their owner only, whole or not at all, and lie on the disk on return.

With payroll.store, which knows what is read and written, the only code that touches the disk.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from payroll.model.errors import PayrollError, UsageError

#: How the name of a file begins that is not whole yet.
WRITING = ".writing-"
#: The same of a bundle that is being unpacked.
UNPACKING = ".unpacking-"
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
#: How long a second one waits for the first to write its folder, in seconds.
_WAIT = 60.0


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


@contextmanager
def new_private_file(path: Path) -> Iterator[BinaryIO]:
    """A stream that becomes the file `path`, mode 0600, when the block ends without an error.

    An existing file is never overwritten, not even one that appears meanwhile. Raises UsageError
    file_exists, PayrollError run_not_written.
    """
    if path.exists() or path.is_symlink():
        raise UsageError("file_exists", where=str(path))
    temporary: Path | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=WRITING, dir=path.parent)  # made 0600
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _give_name(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise PayrollError("run_not_written", where=str(path), detail=error.strerror) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _give_name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)  # fails where the name is taken; rename would replace
    except FileExistsError as error:
        raise UsageError("file_exists", where=str(path)) from error
    except OSError:  # a medium without hard links, such as FAT on a stick
        if path.exists():
            raise UsageError("file_exists", where=str(path)) from None
        temporary.rename(path)


def write_new_private_file(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet. Raises as new_private_file."""
    with new_private_file(path) as stream:
        stream.write(content)


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


def is_link(path: Path) -> bool:
    """Whether a path leads elsewhere: a symbolic link, or a junction of Windows."""
    try:
        found = path.lstat()
    except OSError:
        return False
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == junction


def require_no_link(*paths: Path) -> None:
    """Raise PayrollError link_refused: where the program writes or empties, no path leads away."""
    for path in paths:
        if is_link(path):
            raise PayrollError("link_refused", where=str(path))


def locked(descriptor: int) -> bool:
    """Lock an open file until it is closed or this process ends; False: somebody else has it.

    Raises OSError where the disk knows no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the second is what Windows says
        return False
    return True


@contextmanager
def sole_writer(folder: Path, remove: Callable[[Path], None] | None = None) -> Iterator[None]:
    """Write new folders into `folder` alone; what a power cut left of earlier ones is swept first.

    remove: how a left folder goes; by default it is deleted. On a disk without locks nothing is
    swept. Raises PayrollError link_refused, folder_busy, OSError.
    """
    require_no_link(folder)
    descriptor = _lockable(folder)
    try:
        if _alone(descriptor, folder):
            for path in sorted(folder.iterdir()):
                left = path.name.startswith((WRITING, UNPACKING))
                if left and path.is_dir() and not is_link(path):
                    (remove or shutil.rmtree)(path)
        yield
    finally:
        os.close(descriptor)


def _alone(descriptor: int, folder: Path) -> bool:
    """Wait for the lock; False where there are none."""
    until = time.monotonic() + _WAIT
    try:
        while not locked(descriptor):
            if time.monotonic() > until:
                raise PayrollError("folder_busy", where=str(folder))
            time.sleep(0.05)
    except OSError:
        return False
    return True


def _lockable(folder: Path) -> int:
    """A descriptor to lock: of the folder itself, of a file in it on Windows."""
    if os.name == "nt":
        return os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    return os.open(folder, os.O_RDONLY | NO_LINK)


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(path below the folder, bytes) of every plain file in it, sorted; links are left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
