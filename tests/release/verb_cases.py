"""Whole verbs, interrupted at any moment: `rules import`, and `reissue` after a refusal.

    PYTHONPATH=. python tests/release/verb_cases.py [--all]

Prints JSON as crashes.py does. Each point costs whole verbs: without --all some of the calls that
change something are points, and both sides of each that gives a name. What they write is tried at
every call by file_cases.py.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from payroll.cli import reissue as reissue_verb
from payroll.cli import rules_sheet
from payroll.controls_workbook.write import control_workbook
from payroll.model.errors import PayrollError
from payroll.release.verify import problems_at_rest
from payroll.rulebook.overrides import OVERRIDES
from payroll.store import load_book, load_run
from tests.release.crash_cases import Checked
from tests.release.crashes import LOCKING
from tests.release.file_cases import EMPLOYER, FileCase
from tests.release.tracing import refused, stops
from tests.release_world import World, hospital, sent_file, status_report
from tests.shipped import override

#: Calls that give a file or a folder its name, or take it away.
_NAMING = ("rename", "link", "chmod")


class VerbCase(FileCase):
    """Whatever a verb writes is whole or not there, and the verb does it again."""

    kills = 4

    def wrong(self, workspace: Path, checked: Checked) -> Iterator[str]:
        checked.done_before += self.done(workspace)
        self.act(workspace)
        if not self.done(workspace):
            yield "not done at the end"
        yield from self.ended(workspace)


_LISTED = f'{EMPLOYER}[release]\napprovers = ["Zoé Modèle"]\n'


class ImportingRulesWhole(VerbCase):
    """`payroll rules import FILE --into WS --accept`: the book loads, changed or as it was."""

    def begin(self, folder: Path) -> None:
        (folder / "employer.toml").write_text(_LISTED, "utf-8")
        controls = {**load_book().controls, "VAR-001": override("VAR-001", severity="info")}
        (folder / "controls.xlsx").write_bytes(control_workbook(controls, "en"))

    def act(self, workspace: Path) -> None:
        _quiet(
            lambda: rules_sheet.import_sheet.callback(  # type: ignore[misc]
                file=workspace / "controls.xlsx",
                workspace=workspace,
                rules_path=None,
                accept=True,
                by="Zoé Modèle",
                reason="a test",
                lang="en",
                as_json=True,
            )
        )

    def done(self, folder: Path) -> bool:
        changed = str(load_book(folder).controls["VAR-001"].severity) == "info"
        if changed is not (folder / OVERRIDES).exists():
            raise ValueError("rules in part")
        return changed


class ReissuingWhole(VerbCase):
    """`payroll reissue MONTH`: the run folder proves itself, or there is none of it."""

    def begin(self, folder: Path) -> None:
        world = World(folder, hospital(staff=2, practitioners=1), streams=("fees",))
        world.pay("2022-05")
        file = sent_file(world.outbox()[0])
        world.answer(status_report(file, payments={file.payments[0][0]: "RJCT"}))
        self.before = {path.name for path in (folder / "2022-05/runs").iterdir()}

    def act(self, workspace: Path) -> None:
        from datetime import datetime

        _quiet(
            lambda: reissue_verb.command.callback(  # type: ignore[misc]
                payrun=workspace / "2022-05",
                pay_on=datetime(2022, 6, 7),  # noqa: DTZ001
                created_at=datetime(2022, 6, 2, 9),  # noqa: DTZ001
                by="Noëlle Fictif",
                lang="en",
                as_json=True,
            )
        )

    def done(self, folder: Path) -> bool:
        new = [
            path
            for path in (folder / "2022-05/runs").iterdir()
            if path.name not in self.before and not path.name.startswith(".")
        ]
        for path in new:
            if problems_at_rest(load_run(path)):
                raise ValueError("a run in part")
        return len(new) == 1

    def ended(self, folder: Path) -> Iterator[str]:
        left = [path.name for path in (folder / "2022-05/runs").iterdir()]
        yield from (name for name in left if name.startswith("."))


def _quiet(act: object) -> None:
    """Do it without a word, and without an exit code."""
    out, err = os.dup(1), os.dup(2)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
        try:
            act()  # type: ignore[operator]
        except (SystemExit, PayrollError) as end:
            if isinstance(end, PayrollError):
                raise
        finally:
            os.dup2(out, 1)
            os.dup2(err, 2)
            os.close(out)
            os.close(err)


def changing(act: Callable[[], None]) -> Iterator[str]:
    """The calls that may change the disk, as they are about to be made."""
    for stop in stops(act):
        if stop.entering and stop.name and stop.name not in LOCKING:
            yield stop.name


def few(calls: list[str], most: int) -> list[int]:
    """The calls to kill at: some of them, and both sides of each that gives a name."""
    near = {at + step for at, name in enumerate(calls) if name in _NAMING for step in (0, 1)}
    return sorted({*range(0, len(calls), max(1, len(calls) // most)), *near})


def killed(case: VerbCase, most: int) -> Checked:
    """SIGKILL before one call after another, each time in a copy of its own."""
    case.act(case.fresh("warm"))  # what this process keeps is read once, and not again in a child
    counted, checked = case.fresh("counted"), Checked()
    for place in few(list(changing(lambda: case.act(counted))), most):
        folder = case.fresh(f"kill{place}")
        left = changing(lambda folder=folder: case.act(folder))  # type: ignore[misc]
        call = next(islice(left, place, None), "end")
        left.close()  # type: ignore[attr-defined]
        checked.seen(call)
        case.look(folder, f"kill {place} {call}", checked, proved=bool(place % 2))
        shutil.rmtree(folder, ignore_errors=True)
    return checked


def main() -> None:
    """Kill both and print what came of it."""
    if why := refused():
        sys.stdout.write(json.dumps({"skipped": why}))
        return
    memory = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        for kind in (ImportingRulesWhole, ReissuingWhole):
            most = 10_000 if "--all" in sys.argv else kind.kills
            found[kind.__name__] = vars(killed(kind(Path(scratch) / kind.__name__), most))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
