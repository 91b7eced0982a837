"""Kill a release, an approval, a bank import or a match at its system calls, or cut the power.

    PYTHONPATH=. python tests/release/crashes.py [--all | --cuts]

Then look at the next one, as crash_cases.py says. Prints JSON: the points and what was wrong at
each. Called by test_crashes.py; with --all it kills at every boundary, not at a choice of them;
with --cuts it only cuts the power, and only of a release.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from payroll.ledger.book import Ledger
from payroll.release import release
from tests.release.crash_cases import Approving, Case, Checked, Importing, Matching, Releasing
from tests.release.desk_samples import NAMES, make_desk
from tests.release.file_cases import file_cases
from tests.release.tracing import FSYNC, Stop, refused, stops

#: System calls that may change a lock, and never the disk.
LOCKING = ("close", "fcntl", "flock")


def chosen(calls: Sequence[str], kills: int, *, every: bool) -> list[int]:
    """The entries to kill at: before and after each call that changes something, and a sample."""
    if every:
        return list(range(len(calls)))
    near = {at + step for at, name in enumerate(calls) if name for step in (0, 1)}
    rest = [at for at in range(len(calls)) if at not in near]
    step = max(1, len(rest) // max(1, kills - len(near)))
    return sorted(at for at in near | set(rest[::step]) if at < len(calls))


def killed(case: Case, *, every: bool) -> Checked:
    """SIGKILL at one entry after another, each time in a copy of its own."""
    folder = case.fresh("counted")
    calls = [
        stop.name if case.locks or stop.name not in LOCKING else ""
        for stop in stops(lambda: case.act(folder))
        if stop.entering
    ]
    checked = Checked()
    for place in chosen(calls, case.kills, every=every):
        folder = case.fresh(f"kill{place}")
        at, call = -1, "end"
        for stop in stops(lambda folder=folder: case.act(folder)):  # type: ignore[misc]
            at += stop.entering
            if at == place:
                call = stop.name or "other"
                break
        checked.seen(call)
        case.check(folder, f"kill {place} {call}", checked)
        shutil.rmtree(folder)
    return checked


class Disk:
    """What a workspace's disk is sure to hold.

    Bytes as at the last fsync of a file, names as at that of their folder; of sqlite's
    shared-memory file nothing is ever sure.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: dict[int, dict[str, int]] = {}
        self.data: dict[int, bytes] = {}
        self.folders: set[int] = set()
        for path in (root, *root.rglob("*")):
            self.synced(path)

    def synced(self, path: Path) -> None:
        number = path.stat().st_ino
        if path.is_dir():
            self.names[number] = _names(path)
            self.folders.add(number)
        else:
            self.data[number] = path.read_bytes()

    def state(self, *, torn: bool) -> dict[str, bytes | None]:
        """Path -> bytes (None: a folder) after the power failed now.

        torn: all names have arrived, and of bytes that were not synced the first half.
        """
        names, data = dict(self.names), dict(self.data)
        for path in (self.root, *self.root.rglob("*")):
            number = path.stat().st_ino
            if path.is_dir():
                self.folders.add(number)
                if torn:
                    names[number] = _names(path)
            elif torn:
                data[number] = _half(path.read_bytes(), self.data.get(number, b""))
        return dict(self._below(self.root.stat().st_ino, "", names, data))

    def _below(
        self, folder: int, place: str, names: dict[int, dict[str, int]], data: dict[int, bytes]
    ) -> Iterator[tuple[str, bytes | None]]:
        for name, number in names.get(folder, {}).items():
            yield f"{place}{name}", None if number in self.folders else data.get(number, b"")
            yield from self._below(number, f"{place}{name}/", names, data)


def _names(folder: Path) -> dict[str, int]:
    with os.scandir(folder) as items:
        return {item.name: item.inode() for item in items if not item.name.endswith("-shm")}


def _half(new: bytes, old: bytes) -> bytes:
    """A file of which the first half of what changed has been written."""
    pairs = enumerate(zip(new, old, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(new), len(old)))
    half = same + (max(len(new), len(old)) - same) // 2
    return new[:half] + old[half:]


def cut(case: Case) -> Checked:
    """Cut the power at every call that changes something: what was not synced is lost, or torn."""
    folder = case.fresh("traced")
    disk = Disk(folder)
    states: dict[tuple[tuple[str, bytes | None], ...], str] = {}
    synced: Path | None = None
    for stop in stops(lambda: case.act(folder)):
        if stop.entering:
            synced = _fd(stop) if stop.number in FSYNC else None
            if stop.name and stop.name not in LOCKING:
                for torn in (False, True):
                    state = disk.state(torn=torn)
                    label = f"{stop.name}{' torn' * torn}"
                    states.setdefault(tuple(sorted(state.items())), label)
        elif synced is not None and stop.result == 0:
            disk.synced(synced)
    checked = Checked()
    for number, (found, label) in enumerate(states.items()):
        place = case.scratch / f"cut{number}"
        place.mkdir()
        for name, content in found:
            if content is None:
                (place / name).mkdir()
            else:
                (place / name).write_bytes(content)
        checked.seen(label)
        case.check(place, f"cut {number} {label}", checked)
        shutil.rmtree(place)
    return checked


def _fd(stop: Stop) -> Path | None:
    """The file or folder that an fsync concerns."""
    with suppress(OSError):
        return Path(f"/proc/{stop.pid}/fd/{stop.arguments[0]}").readlink()
    return None


def spoil(how: str) -> None:
    """Break the program on purpose, to see that what is tried here finds it."""

    def not_whole(path: Path, content: bytes, *, beside: Path | None = None) -> None:
        del beside
        path.write_bytes(content)

    @contextmanager
    def not_at_once(_ledger: Ledger) -> Iterator[None]:
        yield

    if how == "not_whole":
        release.replace_whole = not_whole
    elif how == "not_synced":
        os.fsync = lambda _descriptor: None
    elif how == "not_at_once":
        Ledger.transaction = not_at_once  # type: ignore[method-assign,assignment]


def main() -> None:
    """Try both ways on each and print what came of it."""
    if why := refused():
        sys.stdout.write(json.dumps({"skipped": why}))
        return
    spoil(os.environ.get("SPOIL", ""))
    memory = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there; what is lost, we simulate
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        desk = make_desk(Path(scratch) / "desk")
        approving = Approving(Path(scratch) / "approving", desk)
        for name in NAMES[:2]:
            desk.approve(name)
        releasing = Releasing(Path(scratch) / "releasing", desk)
        desk.release()
        importing = Importing(Path(scratch) / "importing", desk)
        matching = Matching(Path(scratch) / "matching", desk)
        every = [approving, releasing, importing, matching, *file_cases(Path(scratch) / "files")]
        if "--files" in sys.argv:
            every = every[4:]
        for case in [releasing] if "--cuts" in sys.argv else every:
            begun = time.perf_counter()
            kills = Checked() if "--cuts" in sys.argv else killed(case, every="--all" in sys.argv)
            found[type(case).__name__] = {
                "kills": vars(kills),
                "cuts": vars(cut(case)),
                "seconds": time.perf_counter() - begun,
            }
    sys.stdout.write(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
