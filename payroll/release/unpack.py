"""Open an encrypted bundle and put its run folder in place: the bundle is hostile until proven.

Anybody who has a public key can make a bundle for it, so what is inside is checked as if a stranger
had sent it: first decrypted whole (age proves that nothing is missing or changed), then read with
limits, then compared with the digests of its own manifest, and only then given its name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast
from unicodedata import category

from payroll.atomic_files import UNPACKING, sole_writer, sync_folder
from payroll.model.errors import DamagedInputError, PayrollError, Said, UsageError
from payroll.model.json_bytes import json_object
from payroll.record.manifest import MANIFEST
from payroll.release.pack import digests_of, run_id_of
from payroll.release.private_files import entries_below, wipe
from payroll.store import FORGOTTEN

#: A run of a million payees is about 1 GB in some 100 files.
TAR_BYTES_MAX = 16 * 1024**3
MEMBERS_MAX = 5_000
MANIFEST_BYTES_MAX = 16 * 1024**2
NAME_MAX = 1_000
DEPTH_MAX = 30
#: No header of an honest tar is longer; file contents are asked for in smaller reads.
_READ_MAX = 128 * 1024


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A run folder as put in place."""

    folder: Path
    run_id: str
    manifest_sha256: str
    files: int


def unpack(bundle: Path, identities: list[Any], into: Path) -> Unpacked:
    """Open a bundle and write its run folder as `into/<run_id>`: whole or not at all.

    What a power cut left decrypted there is wiped first.

    Raises DamagedInputError bundle_not_age, bundle_damaged, bundle_unlawful, bundle_altered;
    UsageError bundle_wrong_key; PayrollError run_exists, link_refused, folder_busy,
    run_not_written.
    """
    if not bundle.is_file():
        raise DamagedInputError("file_not_found", where=bundle.name)
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        with sole_writer(into, _leave_nothing):
            target, run_id, manifest_sha256, files = _put(bundle, identities, into)
    except OSError as error:
        raise PayrollError("run_not_written", where=str(into), detail=error.strerror) from error
    return Unpacked(target, run_id, manifest_sha256, files)


def _put(bundle: Path, identities: list[Any], into: Path) -> tuple[Path, str, str, int]:
    """(the run folder, its id, SHA-256 of its manifest, how many files)."""
    temporary = Path(tempfile.mkdtemp(prefix=UNPACKING, dir=into))  # made 0700
    try:
        tar = temporary / "bundle.tar"
        _decrypt(bundle, tar, identities)
        folder = temporary / "run"
        manifest_sha256, run_id, files = _extract(tar, folder, bundle.name)
        target = into / run_id
        if target.exists() or target.is_symlink():
            raise PayrollError("run_exists", where=str(target))
        folder.rename(target)
        sync_folder(into)
    finally:
        _leave_nothing(temporary)
    return target, run_id, manifest_sha256, files


def _decrypt(bundle: Path, tar: Path, identities: list[Any]) -> None:
    import pyrage

    descriptor = os.open(tar, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with bundle.open("rb") as source, os.fdopen(descriptor, "wb") as stream:
        limited = _Limited(stream, bundle.name)
        try:
            pyrage.decrypt_io(source, limited, identities)
        except (pyrage.DecryptError, OSError) as error:
            if limited.failure is not None:  # the disk or the person stopped it, not the bundle
                raise limited.failure from None
            if isinstance(error, OSError):
                raise DamagedInputError("bundle_damaged", where=bundle.name) from error
            raise _decrypt_error(str(error), bundle) from error


def _decrypt_error(message: str, bundle: Path) -> PayrollError:
    """What pyrage found wrong: its words tell a wrong key from a file that is no bundle."""
    if "No matching keys" in message:
        return UsageError("bundle_wrong_key", where=bundle.name)
    with bundle.open("rb") as stream:
        begins = stream.read(21) == b"age-encryption.org/v1"
    return DamagedInputError("bundle_damaged" if begins else "bundle_not_age", where=bundle.name)


class _Limited:
    """Write through to a stream, up to the largest bundle; keeps what stopped it."""

    def __init__(self, stream: BinaryIO, where: str) -> None:
        self._stream = stream
        self._where = where
        self._left = TAR_BYTES_MAX
        self.failure: BaseException | None = None

    def write(self, block: bytes) -> int:
        self._left -= len(block)
        try:
            if self._left < 0:
                raise _unlawful(self._where, "size")
            return self._stream.write(block)
        except BaseException as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._stream.flush()


class _Guarded:
    """A file for tarfile that refuses to give a header of any size to the memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _READ_MAX:
            raise tarfile.ReadError("a header too long")
        return self._stream.read(size)

    def seek(self, place: int, whence: int = 0) -> int:
        return self._stream.seek(place, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _extract(tar: Path, folder: Path, where: str) -> tuple[str, str, int]:
    """Write the files of the tar below `folder`: (SHA-256 of the manifest, run id, files)."""
    with _opened(tar, where) as archive:
        members, run_folder = _lawful(archive, where)
        content = _content(archive, members[MANIFEST], MANIFEST_BYTES_MAX, where)
        try:
            manifest = json_object(content)
            run_id = run_id_of(manifest, where)
            expected = digests_of(manifest, where)
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedInputError("manifest_unreadable", where=where) from error
        if run_folder not in ("", run_id) or FORGOTTEN in expected:
            raise _unlawful(where, "name")
        manifest_sha256 = hashlib.sha256(content).hexdigest()
        expected[MANIFEST] = manifest_sha256
        unlike = members.keys() ^ expected.keys()
        if unlike:
            raise DamagedInputError("bundle_altered", where=where, file=min(unlike))
        _write(archive, members, expected, folder, where)
    return manifest_sha256, run_id, len(members)


@contextmanager
def _opened(tar: Path, where: str) -> Iterator[tarfile.TarFile]:
    """The tar, every way in which it can be broken told as one error."""
    with tar.open("rb") as stream:
        try:
            guarded = cast("BinaryIO", _Guarded(stream))
            with tarfile.TarFile(fileobj=guarded, encoding="utf-8") as archive:
                yield archive
        except (tarfile.TarError, EOFError, RecursionError, UnicodeError, OverflowError) as error:
            raise _unlawful(where, "tar") from error
        except ValueError as error:
            raise _unlawful(where, "tar") from error


def _lawful(archive: tarfile.TarFile, where: str) -> tuple[dict[str, tarfile.TarInfo], str]:
    """(the files by their path in the run folder, the folder they stand in or '')."""
    files: dict[str, tarfile.TarInfo] = {}
    for number, member in enumerate(archive):
        if number >= MEMBERS_MAX:
            raise _unlawful(where, "count")
        name = _lawful_name(member.name, where)
        if member.isdir():
            continue
        if not member.isreg() or member.issparse():
            raise _unlawful(where, "kind")
        if name in files:
            raise _unlawful(where, "twice")
        files[name] = member
    if MANIFEST in files:
        return files, ""
    tops = {name.split("/", 1)[0] for name in files}
    if len(tops) != 1:
        raise _unlawful(where, "name")
    top = tops.pop()
    inside = {name.removeprefix(f"{top}/"): member for name, member in files.items()}
    if MANIFEST not in inside:
        raise _unlawful(where, "name")
    return inside, top


def _lawful_name(name: str, where: str) -> str:
    """A relative path without tricks. Raises DamagedInputError bundle_unlawful."""
    parts = [part for part in name.split("/") if part != "."]
    if not parts and name.startswith("."):
        return "."  # `tar -C RUN .` lists the folder itself
    if (
        name.startswith("/")
        or len(name) > NAME_MAX
        or len(parts) > DEPTH_MAX
        or any(part in ("", "..") for part in parts)
        or any(letter in "\\:" or category(letter) in ("Cc", "Cs") for letter in name)
    ):
        raise _unlawful(where, "name")
    return str(PurePosixPath(*parts))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, limit: int, where: str) -> bytes:
    if member.size > limit:
        raise _unlawful(where, "size")
    return b"".join(_blocks(archive, member, where))


def _blocks(archive: tarfile.TarFile, member: tarfile.TarInfo, where: str) -> Iterator[bytes]:
    stream = archive.extractfile(member)
    left = member.size
    while stream is not None and left:
        block = stream.read(min(_READ_MAX // 2, left))
        if not block:
            raise _unlawful(where, "tar")
        left -= len(block)
        yield block


def _write(
    archive: tarfile.TarFile,
    members: dict[str, tarfile.TarInfo],
    expected: dict[str, str],
    folder: Path,
    where: str,
) -> None:
    """Write every file 0600 in folders of 0700, fsynced, its digest that of the manifest."""
    folder.mkdir(mode=0o700)
    folders = {folder}
    for name, member in members.items():
        path = folder / name
        try:
            for parent in reversed(path.relative_to(folder).parents[:-1]):
                (folder / parent).mkdir(mode=0o700, exist_ok=True)
                folders.add(folder / parent)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:  # a file as a folder, or a disk where A and a are one
            raise _unlawful(where, "twice") from error
        whole = hashlib.sha256()
        with os.fdopen(descriptor, "wb") as stream:
            for block in _blocks(archive, member, where):
                whole.update(block)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        if whole.hexdigest() != expected[name]:
            raise DamagedInputError("bundle_altered", where=where, file=name)
    for item in folders:
        sync_folder(item)


def _unlawful(where: str, reason: str) -> DamagedInputError:
    return DamagedInputError(
        "bundle_unlawful", where=where, detail=(Said(f"bundle_reason_{reason}"),)
    )


def _leave_nothing(temporary: Path) -> None:
    """Wipe what was decrypted on the way, also after an error."""
    with suppress(OSError):  # the folder goes all the same
        for path in entries_below(temporary):
            wipe(path)
    shutil.rmtree(temporary, ignore_errors=True)
