"""Kill a release, an approval, a bank import or a match at its system calls, or cut the power.

    PYTHONPATH=. python tests/release/crashes.py [--all]

Then look at what is left, as crash_cases.py says. Prints JSON: the points and what was wrong at
each. Called by test_crashes.py.

What a SIGKILL leaves at a call is what the disk holds as the call begins, without the locks: one
child is stopped at each of its calls, and a copy of the disk is looked at there, unless it was
before. Some calls kill a child in earnest besides; with --all each of them does.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from unittest import mock

from payroll.ledger.book import Ledger
from payroll.ledger.keys import open_key
from payroll.release import release
from tests.release.crash_cases import Approving, Case, Checked, Importing, Matching, Releasing
from tests.release.desk_samples import NAMES, make_desk
from tests.release.file_cases import file_cases
from tests.release.tracing import FSYNC, Stop, refused, stops

#: System calls that may change a lock, and never the disk.
LOCKING = ("close", "fcntl", "flock")
#: At how many calls of a case a child is killed in earnest, unless at all.
REAL_KILLS = 8


def killed(case: Case, *, every: bool) -> Checked:
    """SIGKILL at the entry of every call.

    A disk that a second call finds as it was is looked at in the other way that there is: with or
    without a proof before all else. From the third call on there is nothing new to see.
    """
    checked = Checked()
    folder = case.fresh("stopped")
    looks: dict[bytes, list[bool]] = {}
    places: list[int] = []
    for place, stop in enumerate(entries(case, folder)):
        checked.seen(stop.name or "other")
        if stop.name:
            places.append(place)
        ways = looks.setdefault(digest_of(folder), [])
        if len(ways) < 2:
            ways.append(not ways[0] if ways else len(looks) % 2 == 0)
            copy = Path(shutil.copytree(folder, case.scratch / f"left{place}"))
            case.look(copy, f"kill {place} {stop.name}", checked, proved=ways[-1])
    for place in places if every else places[:: max(1, len(places) // REAL_KILLS)]:
        folder = case.fresh(f"kill{place}")
        for at, _ in enumerate(entries(case, folder)):
            if at == place:
                break  # which ends the child
        case.look(folder, f"kill in earnest {place}", checked, proved=bool(place % 2))
    return checked


def entries(case: Case, folder: Path) -> Iterator[Stop]:
    """The system calls of what a case does, each as it begins."""
    return (stop for stop in stops(lambda: case.act(folder)) if stop.entering)


def digest_of(folder: Path) -> bytes:
    """Of every name below a folder, and of every byte."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        content = None if path.is_dir() else path.read_bytes()
        whole.update(repr((str(path.relative_to(folder)), path.stat().st_mode, content)).encode())
    return whole.digest()


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
    if new == old:
        return new
    pairs = enumerate(zip(new, old, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(new), len(old)))
    half = same + (max(len(new), len(old)) - same) // 2
    return new[:half] + old[half:]


def cut(case: Case, *, until_wrong: bool = False) -> Checked:
    """Cut the power at every call that changes something: what was not synced is lost, or torn.

    until_wrong: the first thing that is wrong is enough.
    """
    checked = Checked()
    for number, (found, label) in enumerate(_states(case).items()):
        place = case.scratch / f"cut{number}"
        place.mkdir()
        for name, content in found:
            if content is None:
                (place / name).mkdir()
            else:
                (place / name).write_bytes(content)
        checked.seen(label)
        case.look(place, f"cut {number} {label}", checked, proved=bool(checked.points % 2))
        if until_wrong and checked.problems:
            break
    return checked


def _states(case: Case) -> dict[tuple[tuple[str, bytes | None], ...], str]:
    """What a power cut may leave -> the first call at which it may."""
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
    shutil.rmtree(folder)
    return states


def _fd(stop: Stop) -> Path | None:
    """The file or folder that an fsync concerns."""
    with suppress(OSError):
        return Path(f"/proc/{stop.pid}/fd/{stop.arguments[0]}").readlink()
    return None


def _not_whole(path: Path, content: bytes, *, beside: Path | None = None) -> None:
    del beside
    path.write_bytes(content)


@contextmanager
def _not_at_once(_ledger: Ledger) -> Iterator[None]:
    yield


#: The program broken on purpose, to see that what is tried here finds it.
SPOILED = {
    "not_whole": partial(mock.patch.object, release, "replace_whole", _not_whole),
    "not_synced": partial(mock.patch.object, os, "fsync", lambda _descriptor: None),
    "not_at_once": partial(mock.patch.object, Ledger, "transaction", _not_at_once),
}


def main() -> None:
    """Try both ways on each and print what came of it."""
    if why := refused():
        sys.stdout.write(json.dumps({"skipped": why}))
        return
    memory = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there; what is lost, we simulate
    found: dict[str, object] = {}
    opened = mock.patch.object(release, "open_key", cache(open_key))  # slow on purpose
    place = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    with opened, place as scratch:
        desk = make_desk(Path(scratch) / "desk")
        approving = Approving(Path(scratch) / "approving", desk)
        for name in NAMES[:2]:
            desk.approve(name)
        releasing = Releasing(Path(scratch) / "releasing", desk)
        desk.release()
        importing = Importing(Path(scratch) / "importing", desk)
        matching = Matching(Path(scratch) / "matching", desk)
        for how, spoiled in SPOILED.items():
            with spoiled():
                found[how] = vars(cut(releasing, until_wrong=True))
        every = [approving, releasing, importing, matching, *file_cases(Path(scratch) / "files")]
        for case in every:
            kills = killed(case, every="--all" in sys.argv)
            found[type(case).__name__] = {"kills": vars(kills), "cuts": vars(cut(case))}
    sys.stdout.write(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
