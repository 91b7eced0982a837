"""What a case of fixtures/errors may do beside verbs before its command: a closed list.

Each step is a function of the place and the fields that case.toml gives it; paths are below the
place. Nothing else than these may be done, so that a folder and this file say all.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import io
import itertools
import json
import os
import sqlite3
import sys
import tarfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from payroll.texts import folders
from tests.error_cases import RUNS, Case, Place, give


def set_up(place: Place, case: Case) -> None:
    """The files of the case's folder, then its verbs and steps in the order written."""
    for path in sorted(case.folder.rglob("*")):
        target = place.folder / place.named(path.relative_to(case.folder).as_posix())
        if path.is_file() and path.name != "case.toml":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for item in case.setup:
        fields = dict(item)
        if "verb" in fields:
            ended = give(place, tuple(fields["verb"]), "en")
            assert ended.code == fields.get("exit_code", 0), ended.stderr
        else:
            step = STEPS[fields.pop("step")]
            step(place, **{name: _named(place, value) for name, value in fields.items()})
        place.find_runs()


def _named(place: Place, value: object) -> object:
    return place.named(value) if isinstance(value, str) else value


def remove(place: Place, path: str) -> None:
    """A file that was there is gone."""
    (place.folder / path).unlink()


def rename(place: Place, path: str, to: str) -> None:
    """A file or folder lies elsewhere."""
    (place.folder / to).parent.mkdir(parents=True, exist_ok=True)
    (place.folder / path).rename(place.folder / to)


def cut(place: Place, path: str, by: int) -> None:
    """A file lacks its last bytes."""
    file = place.folder / path
    file.write_bytes(file.read_bytes()[:-by])


def replace(place: Place, path: str, old: str, new: str) -> None:
    """A text in a file gives way to another, everywhere in it."""
    file = place.folder / path
    content = file.read_text("utf-8")
    assert old in content, (path, old)
    file.write_text(content.replace(old, new), "utf-8")


def append(place: Place, path: str, text: str) -> None:
    """Somebody adds to a file, which may be one that the program wrote."""
    with (place.folder / path).open("a", encoding="utf-8", newline="") as stream:
        stream.write(text)


def fill(place: Place, path: str, begin: str = "", piece: str = "\0", times: int = 1) -> None:
    """A file too long to lie here: a text again and again, {n} its number; NULs take no room."""
    file = place.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(begin.encode())
        if piece == "\0":
            stream.truncate(times)
        else:
            stream.writelines(piece.replace("{n}", str(n)).encode() for n in range(times))


def cell(place: Place, path: str, old: str, new: str) -> None:
    """The first cell of a workbook that says one thing says another."""
    book = openpyxl.load_workbook(place.folder / path)
    cells = (item for sheet in book for row in sheet.iter_rows() for item in row)
    next(item for item in cells if item.value == old).value = new
    book.save(place.folder / path)


def refuse(place: Place, path: str, error: str, *, writing: bool = False) -> None:
    """The disk refuses a file (a pattern) with an error of errno, such as ENOSPC or EACCES.

    Simulated where files are opened: CI works as root, which no permission stops.
    """
    pattern = str(place.folder / path)
    number = getattr(errno, error)
    opens: dict[Any, Any] = {os: os.open, io: io.open}
    patch = place.until_done.enter_context(pytest.MonkeyPatch.context())

    def refusing(real: Any) -> Any:
        def opened(file: Any, mode: Any = "r", *rest: Any, **more: Any) -> Any:
            name = str(Path(file).absolute()) if isinstance(file, str | os.PathLike) else ""
            to_write = bool(mode & os.O_WRONLY) if isinstance(mode, int) else mode[0] in "wxa"
            if fnmatch.fnmatch(name, pattern) and (to_write or not writing):
                raise OSError(number, os.strerror(number), name)
            return real(file, mode, *rest, **more)

        return opened

    for module, real in opens.items():
        patch.setattr(module, "open", refusing(real))


def limit(place: Place, name: str, to: int) -> None:
    """A number of the program is another, say a limit beyond which a file would take too long."""
    patch = place.until_done.enter_context(pytest.MonkeyPatch.context())
    patch.setattr(name, to)


def link(place: Place, path: str, to: str) -> None:
    """A link that leads to another place."""
    (place.folder / path).symlink_to(place.folder / to)


def lock(place: Place, path: str) -> None:
    """Another program holds the lock of a file or a folder."""
    import fcntl

    descriptor = os.open(place.folder / path, os.O_CREAT * (not (place.folder / path).is_dir()))
    place.until_done.callback(os.close, descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def ledger(place: Place, sql: str) -> None:
    """Another program changes the ledger."""
    connection = sqlite3.connect(place.folder / "ledger.sqlite", isolation_level=None)
    connection.execute(sql)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def earlier_ledger(place: Place) -> None:
    """The ledger as an earlier version of the program began it: nobody's key is enrolled."""
    from payroll.release.workspace import writing

    with writing(place.folder):
        pass


def relist(place: Place, run: str = "{run}") -> None:
    """Whoever changed files of a run makes its manifest say what they are now."""
    folder = place.folder / RUNS / place.named(run)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    files = [item for item in sorted(folder.rglob("*")) if item.is_file() and item != path]
    manifest["files"] = {
        item.relative_to(folder).as_posix(): hashlib.sha256(item.read_bytes()).hexdigest()
        for item in files
    }
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def bundle(place: Place, folder: str, to: str) -> None:
    """A folder as an encrypted bundle, and beside it the key that opens it (key.txt)."""
    import pyrage

    key = pyrage.x25519.Identity.generate()
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        tar.add(place.folder / folder, arcname=Path(folder).name)
    (place.folder / "key.txt").write_text(f"{key}\n")
    sealed = pyrage.encrypt(content.getvalue(), [key.to_public()])
    (place.folder / to).write_bytes(sealed)


def terminal(place: Place, typed: list[str]) -> None:
    """Somebody sits at a terminal and types these lines, unseen."""
    patch = place.until_done.enter_context(pytest.MonkeyPatch.context())
    lines = itertools.cycle(typed)  # a command may be given again in another language
    patch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    patch.setattr("click.termui.hidden_prompt_func", lambda _prompt: next(lines))


def further_language(place: Place, path: str) -> None:
    """This PC knows one language more, whose folder lies in the place."""
    folder = place.folder / path
    patch = place.until_done.enter_context(pytest.MonkeyPatch.context())
    known = {**folders._folders(), folder.name: folder}
    patch.setattr(folders, "_folders", lambda: known)


STEPS = {
    step.__name__: step
    for step in (
        append,
        bundle,
        cell,
        cut,
        earlier_ledger,
        fill,
        further_language,
        ledger,
        limit,
        link,
        lock,
        refuse,
        relist,
        remove,
        rename,
        replace,
        terminal,
    )
}
