"""A folder of fixtures/errors: read it, set it up in an empty place, give its command.

fixtures/errors/README.md says what such a folder holds; `Case` is the same in code.
"""

from __future__ import annotations

import gc
import io
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from payroll.cli import main as command_line
from payroll.model.errors import PayrollError
from payroll.rulebook import book
from payroll.rulebook.book import RuleBook
from payroll.texts import error_lines

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
ERRORS, TINY = FIXTURES / "errors", FIXTURES / "tiny"
CASE = "case.toml"
#: The languages whose words stand in a case.toml; one that is added later needs none there.
SPOKEN = ("fr", "nl", "en")
RUNS = "2022-05/runs"
#: From here on a case.toml is written by the program.
_MESSAGE = "[message]\n"
_APPROVE = ("approve", f"{RUNS}/{{run}}", "--passphrase-file", "keys/passphrase.txt")
#: Where a case begins: the verbs given in a copy of fixtures/tiny, each on top of the one before.
STARTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "tiny": (),
    "run": (("run", "2022-05"),),
    "approved": (
        (*_APPROVE, "--by", "Zoé Modèle", "--key", "keys/zoe"),
        (*_APPROVE, "--by", "Hervé Spécimen", "--key", "keys/herve"),
    ),
    "released": (("release", f"{RUNS}/{{run}}"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case.toml. setup: in order, `{verb = [...]}` or `{step = "...", ...}`.

    more_told_first: the command tells something else before its error.
    """

    error_id: str
    start: str = ""
    setup: tuple[Mapping[str, Any], ...] = ()
    command: tuple[str, ...]
    exit_code: int
    more_told_first: bool = False
    message: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return ERRORS / self.error_id


def error_ids() -> list[str]:
    """The folders there are."""
    return sorted(path.name for path in ERRORS.iterdir() if path.is_dir())


def read_case(error_id: str) -> Case:
    data = tomllib.loads((ERRORS / error_id / CASE).read_text("utf-8"))
    for name in ("setup", "command"):
        data[name] = tuple(data.get(name, ()))
    return Case(error_id=error_id, **data)


def rewrite_message(case: Case, said: Mapping[str, str]) -> None:
    """Put what the program said into case.toml, below what a person wrote."""
    path = case.folder / CASE
    head = path.read_text("utf-8").partition(_MESSAGE)[0].rstrip("\n")
    texts = "".join(f"{language} = '''\n{said[language]}'''\n" for language in SPOKEN)
    path.write_text(f"{head}\n\n{_MESSAGE}{texts}", "utf-8")


@dataclass(slots=True)
class Place:
    """The folder in which a case happens. names: {run} and {other_run}, once there are such.

    until_done: what a step keeps up while the command runs (a lock, a full disk).
    """

    folder: Path
    until_done: ExitStack
    names: dict[str, str] = field(default_factory=dict)

    def named(self, text: str) -> str:
        """The text with the names of the runs put in."""
        for name, run_id in self.names.items():
            text = text.replace("{" + name + "}", run_id)
        return text

    def normalised(self, text: str) -> str:
        """The text as a case.toml has it: what differs from day to day is a name in braces."""
        text = text.replace(str(self.folder), "{folder}")
        for name, run_id in self.names.items():
            text = text.replace(run_id, "{" + name + "}")
        return text

    def find_runs(self) -> None:
        """Give the first run the name {run}, a later one {other_run}."""
        for path in sorted(self.folder.glob(f"{RUNS}/2*")):
            if path.name not in self.names.values():
                self.names["other_run" if "run" in self.names else "run"] = path.name


@dataclass(frozen=True, slots=True)
class Ended:
    """How a verb ended: exit code, everything on stderr, the error that was told."""

    code: int
    stderr: str
    error: PayrollError | None


def give(place: Place, arguments: tuple[str, ...], language: str) -> Ended:
    """Give a command in the place, as the shell would; nobody sits at a terminal."""
    told: list[Exception] = []
    report = command_line._report

    def recorded(error: Exception) -> int:
        told.append(error)
        return report(error)

    err = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place.folder)
        for name in [name for name in os.environ if name.startswith("PAYROLL_")]:
            patch.delenv(name)
        patch.setenv("PAYROLL_LANG", language)
        patch.setattr(sys, "argv", ["payroll", *map(place.named, arguments)])
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))
        patch.setattr(sys, "stderr", err)
        patch.setattr(command_line, "_report", recorded)
        with pytest.raises(SystemExit) as ended:
            command_line.main()
    gc.enable()  # `payroll run` works without it, as its process ends soon
    err.flush()
    error = told[0] if told and isinstance(told[0], PayrollError) else None
    return Ended(int(ended.value.code or 0), err.buffer.getvalue().decode(), error)  # type: ignore[attr-defined]


def spoken(place: Place, case: Case, *, each: bool = False) -> tuple[Ended, dict[str, str]]:
    """Give the case's command in French: (how it ended, the words of its error per language).

    The same error is told in the other languages; with `each` the command is given in each of them.
    The words are all that stands on stderr, unless the case says that more is told first.
    """
    ended = give(place, case.command, SPOKEN[0])
    if ended.error is None:
        return ended, dict.fromkeys(SPOKEN, ended.stderr)
    words = {item: "\n".join([*error_lines(ended.error, item), ""]) for item in SPOKEN}
    for item in SPOKEN if each else SPOKEN[:1]:
        stderr = ended.stderr if item == SPOKEN[0] else give(place, case.command, item).stderr
        assert stderr.endswith(words[item]), stderr
        assert (stderr != words[item]) == case.more_told_first, stderr
    return ended, {item: place.normalised(text) for item, text in words.items()}


class Starts:
    """The places where cases begin, each made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[str, Place] = {}

    def copy(self, name: str, folder: Path, until_done: ExitStack) -> Place:
        """A place of its own for one case."""
        if not name:
            return Place(folder, until_done)
        start = self.made.get(name) or self._make(name)
        shutil.copytree(start.folder, folder, dirs_exist_ok=True)
        return Place(folder, until_done, dict(start.names))

    def _make(self, name: str) -> Place:
        folder, order = self.folder / name, list(STARTS)
        if name == order[0]:
            shutil.copytree(TINY, folder)
            place = Place(folder, ExitStack())
        else:
            place = self.copy(order[order.index(name) - 1], folder, ExitStack())
        for verb in STARTS[name]:
            ended = give(place, verb, "en")
            assert ended.code in (0, 1), ended.stderr
            place.find_runs()
        self.made[name] = place
        return place


@contextmanager
def rulebooks_remembered() -> Iterator[None]:
    """Parse the same rule files once only: nearly every verb reads them, and they do not change."""
    load = book.load_rulebook

    @cache
    def loaded(files: tuple[tuple[str, bytes], ...]) -> RuleBook:
        return load(dict(files))

    def remembered(files: Mapping[str, bytes]) -> RuleBook:
        return loaded((*files.items(),))

    _put(load, remembered)
    yield
    _put(remembered, load)  # also where a module was imported meanwhile


def _put(old: object, new: object) -> None:
    """Let every module of the program that has `old` as its load_rulebook have `new`."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("payroll") and getattr(module, "load_rulebook", None) is old:
            module.load_rulebook = new  # type: ignore[attr-defined]
