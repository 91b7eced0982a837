"""A run folder as one encrypted file, to leave the machine with: a tar inside an age envelope.

Streamed: memory does not grow with the run. The tar is deterministic (names sorted, no owner, the
run's own creation as time), so that the same run gives the same tar; the envelope differs each
time, because its key does. Standards: POSIX.1-2001 tar (pax), age-encryption.org/v1.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from payroll.atomic_files import new_private_file
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.record.manifest import MANIFEST
from payroll.release.private_files import BLOCK, entries_below
from payroll.release.recipients import Recipient, age_recipients
from payroll.store import load_manifest, refuse_forgotten

RUN_ID = re.compile(r"\d{4}-\d{2}-[0-9a-f]{6}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle as written. sha256: of the encrypted file; tar_bytes: of what is inside."""

    path: Path
    run_id: str
    sha256: str
    files: int
    tar_bytes: int


def run_id_of(manifest: Mapping[str, object], where: str) -> str:
    """The id a manifest gives its run. Raises DamagedInputError manifest_unreadable."""
    run_id = str(manifest["run_id"])
    if not RUN_ID.fullmatch(run_id):
        raise DamagedInputError("manifest_unreadable", where=where)
    return run_id


def digests_of(manifest: Mapping[str, object], where: str) -> dict[str, str]:
    """File -> SHA-256 as a manifest lists them. Raises DamagedInputError manifest_unreadable."""
    listed = manifest.get("files")
    if not isinstance(listed, dict) or not all(
        isinstance(digest, str) and _SHA256.fullmatch(digest) for digest in listed.values()
    ):
        raise DamagedInputError("manifest_unreadable", where=where)
    return {str(name): str(digest) for name, digest in listed.items()}


def pack(run: Path, recipients: Iterable[Recipient], out: Path) -> Packed:
    """Write the run folder, encrypted to every recipient, as the new file `out` (mode 0600).

    What is packed is what is verified: each file's digest is taken from the very bytes that go into
    the bundle, which gets its name only when all are those of the manifest. Raises UsageError
    run_missing, file_exists, pack_inside_run; PayrollError pack_altered, run_forgotten,
    run_not_written.
    """
    import pyrage

    manifest, manifest_sha256 = load_manifest(run)
    if out.resolve().is_relative_to(run.resolve()):
        raise UsageError("pack_inside_run", where=str(out))
    refuse_forgotten(run)
    run_id = run_id_of(manifest, str(run))
    expected = {**digests_of(manifest, str(run)), MANIFEST: manifest_sha256}
    found = {path.relative_to(run).as_posix(): path for path in entries_below(run)}
    unlike = found.keys() ^ expected.keys()
    unlike |= {name for name, path in found.items() if path.is_symlink() or not path.is_file()}
    if unlike:
        raise PayrollError("pack_altered", where=str(run), file=min(unlike))
    tar = _Pulled(_tar(run_id, found, expected, _made_at(manifest)))
    with new_private_file(out) as stream:
        digest = _Digesting(stream)
        try:
            pyrage.encrypt_io(tar, digest, age_recipients(recipients))
        except (pyrage.EncryptError, OSError) as error:
            # Why a read or a write stopped; the library tells it in words only.
            raise (tar.failure or digest.failure or error) from None
    return Packed(out, run_id, digest.sha256.hexdigest(), len(found), tar.count)


def _made_at(manifest: Mapping[str, object]) -> int:
    """Seconds since 1970 of the run's creation, read as UTC: the same on every machine."""
    try:
        made = datetime.fromisoformat(str(manifest.get("created_at")))
    except ValueError:
        return 0
    return int(made.replace(tzinfo=UTC).timestamp())


def _tar(
    run_id: str, found: Mapping[str, Path], expected: Mapping[str, str], made_at: int
) -> Iterator[bytes]:
    """The bytes of the tar, in blocks; raises PayrollError pack_altered at a file that is another.

    The manifest comes first, so that who unpacks knows what must follow.
    """
    for name in sorted(found, key=lambda name: (name != MANIFEST, name)):
        with found[name].open("rb") as stream:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            member = tarfile.TarInfo(f"{run_id}/{name}")
            member.size, member.mtime, member.mode = size, made_at, 0o600
            yield member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
            whole, left = hashlib.sha256(), size
            while block := stream.read(min(BLOCK, left)):
                whole.update(block)
                left -= len(block)
                yield block
        if left or whole.hexdigest() != expected[name]:
            raise PayrollError("pack_altered", where=run_id, file=name)
        yield bytes(-size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


class _Pulled:
    """An iterator of blocks as a file that can be read; keeps what stopped it."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")
        self.count = 0
        self.failure: BaseException | None = None

    def read(self, size: int = BLOCK) -> bytes:
        """At most `size` bytes; b'' at the end."""
        try:
            while not self._rest:
                self._rest = memoryview(next(self._blocks))
        except StopIteration:
            return b""
        except OSError as error:
            self.failure = DamagedInputError("source_denied", detail=error.strerror)
            raise
        except BaseException as error:
            self.failure = error
            raise
        taken, self._rest = self._rest[:size], self._rest[size:]
        self.count += len(taken)
        return bytes(taken)


class _Digesting:
    """Write through to a stream, taking the SHA-256 of what passes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()
        self.failure: BaseException | None = None

    def write(self, block: bytes) -> int:
        """Write the block whole."""
        self.sha256.update(block)
        try:
            return self._stream.write(block)
        except BaseException as error:
            self.failure = error
            raise

    def flush(self) -> None:
        """Let the stream write what it holds."""
        self._stream.flush()
