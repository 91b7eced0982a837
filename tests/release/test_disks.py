"""A full disk or a folder without rights: told plainly, nothing half done, then finished."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from payroll.model.errors import PayrollError
from payroll.release.bank_loop import standing
from payroll.release.ledger_check import differs_from_ledger
from payroll.release.workspace import prove
from payroll.store import load_run
from payroll.texts import error_lines
from tests.release.desk_samples import Desk

resource = pytest.importorskip("resource", reason="limits and rights are those of POSIX")

NOBODY = 65_534
REFUSALS = {"ledger_refused", "run_not_written"}


def outcome(act: Callable[[], object]) -> str:
    """'' or the id of a refusal, which is told in words and ends with exit code 3 or 4."""
    try:
        act()
    except PayrollError as error:
        told = [error_lines(error, language) for language in ("fr", "nl", "en")]
        return error.error_id if all(told) and error.exit_code in (3, 4) else f"badly told: {told}"
    return ""


def assert_finished(desk: Desk) -> None:
    """With room and rights again, the release ends, and once only."""
    assert outcome(desk.release) in ("", "run_released")
    assert desk.delivered() == desk.expected()
    assert prove(desk.workspace)[0] == []
    assert outcome(desk.release) == "run_released"
    with desk.sql() as ledger:
        count = ledger.execute("SELECT count(*) FROM event WHERE kind = 'released'").fetchone()
    assert count == (1,)


def assert_nothing_half_done(desk: Desk) -> None:
    assert desk.delivered().items() <= desk.expected().items()


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """The system refuses to write any file past so many bytes, as a full disk does."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_files_that_may_not_grow(approved_desk: Desk, tmp_path: Path) -> None:
    told = {}
    for size in (0, 200, 5000, 20_000, 40_000, 70_000, 100_000, 10**6):
        desk = approved_desk.copy(tmp_path / str(size))
        with no_file_beyond(size):
            told[size] = outcome(desk.release)
        assert_nothing_half_done(desk)
        assert_finished(desk)
    assert set(told.values()) <= {"", *REFUSALS}
    assert told[0] in REFUSALS
    assert told[10**6] == ""


def test_a_first_approval_without_room(prepared_desk: Desk, tmp_path: Path) -> None:
    for size in (0, 3000, 20_000, 50_000):
        desk = prepared_desk.copy(tmp_path / str(size))
        with no_file_beyond(size):
            assert outcome(lambda desk=desk: desk.approve("Zoé Modèle")) in REFUSALS
        assert outcome(lambda desk=desk: standing(desk.workspace)) == ""
        assert desk.approve("Zoé Modèle").needed == 1
        assert prove(desk.workspace)[0] == []


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 6 MB of its own."""
    folder = Path(tempfile.mkdtemp())
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        folder.rmdir()
        pytest.skip(f"no disk may be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def leave(folder: Path, free: int) -> Path:
    """Fill the disk but for so many bytes."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        stream.truncate(stream.tell() - free)
    return filler


def test_a_full_disk(approved_desk: Desk, small_disk: Path) -> None:
    """Room for more and more of what a release writes: lock, seal, ledger, log, files."""
    told: list[str] = []
    parts = set()
    for pages in (0, 2, *range(4, 48, 4), 64):
        desk = approved_desk.copy(small_disk / "desk")
        filler = leave(small_disk, pages * 4096)
        told.append(outcome(desk.release))
        parts.add(len(desk.delivered()))
        assert_nothing_half_done(desk)
        filler.unlink()
        assert_finished(desk)
        shutil.rmtree(desk.workspace)
    assert set(told) == {"", *REFUSALS}
    assert told[0] in REFUSALS
    assert told[-1] == ""
    assert parts == {0, 1, 2}  # it stopped before, between and after the deliveries


@pytest.fixture
def owned(approved_desk: Desk) -> Iterator[Desk]:
    """The approved run in a folder of somebody who is not root; root's tests act as they."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    desk = approved_desk.copy(folder / "desk")
    if os.geteuid() == 0:
        for path in (desk.workspace, *desk.workspace.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    yield desk
    for path in (desk.workspace, *desk.workspace.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


@contextmanager
def acting() -> Iterator[None]:
    """As a person whom the rights of files bind, which root's do not."""
    if os.geteuid() != 0:
        yield
        return
    group = os.getegid()
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


FORBIDDEN = [
    (".", 0o500, REFUSALS),
    ("ledger.sqlite", 0o400, REFUSALS),
    ("ledger.sqlite", 0o000, REFUSALS | {"source_denied"}),
    ("ledger.sqlite.seal", 0o000, {"ledger_altered", "source_denied"}),
    ("2022-05", 0o500, REFUSALS),
    ("2022-05/outbox", 0o500, REFUSALS),
    ("2022-05/outbox", 0o000, REFUSALS),
    ("2022-05/.writing-outbox", 0o500, REFUSALS),
    ("2022-05/runs", 0o000, {"source_denied"}),
    ("employer.toml", 0o000, {"source_denied"}),
]


@pytest.mark.parametrize(("name", "mode", "expected"), FORBIDDEN)
def test_a_place_that_may_not_be_written_or_read(
    name: str, mode: int, expected: set[str], owned: Desk
) -> None:
    path = owned.workspace / name
    with acting():
        if name.endswith("outbox"):
            path.mkdir()
            (path / "left").touch()
        sound = path.stat().st_mode
        path.chmod(mode)
        told = outcome(owned.release)
        path.chmod(sound)
        (path / "left").unlink(missing_ok=True) if name.endswith("/outbox") else None
        assert told in expected
        assert_nothing_half_done(owned)
        assert_finished(owned)


@pytest.mark.parametrize("name", [".", "ledger.sqlite", "2022-05"])
def test_reading_where_nothing_may_be_read_is_told(name: str, owned: Desk) -> None:
    path = owned.workspace / name
    with acting():
        sound = path.stat().st_mode
        path.chmod(0o000)
        told = [
            outcome(act)
            for act in (lambda: standing(owned.workspace), lambda: prove(owned.workspace))
        ]
        path.chmod(sound)
    assert set(told) <= {"", "source_denied", *REFUSALS}
    assert (told == ["", ""]) == (name == "2022-05")


def test_a_copy_on_a_medium_that_cannot_be_written_is_read(owned: Desk) -> None:
    """A write-protected stick: no lock, no -shm beside the ledger, and the same answers."""
    with acting():
        owned.release()
        places = sorted([owned.workspace, *owned.workspace.rglob("*")], reverse=True)
        for path in places:
            path.chmod(0o500 if path.is_dir() else 0o400)
        stored = load_run(owned.run)
        assert differs_from_ledger(stored) == []
        assert [len(standing(owned.workspace).files), prove(owned.workspace)[0]] == [2, []]
        assert sorted([owned.workspace, *owned.workspace.rglob("*")], reverse=True) == places


def test_a_ledger_of_which_part_lies_beside_it_is_not_read_without_that_part(owned: Desk) -> None:
    with acting():
        owned.release()
        (owned.workspace / "ledger.sqlite-wal").write_bytes(b"the newest events")
        owned.workspace.chmod(0o500)
        assert outcome(lambda: standing(owned.workspace)) == "ledger_refused"
