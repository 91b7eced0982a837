"""A run folder with every file of the record: what of it verify, pack, unpack and forget know."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyrage
import pytest

from payroll.atomic_files import write_tree
from payroll.cli.verify import command as verify
from payroll.demo.workspace import demo_files
from payroll.model.frames import BOOL, DAY, INT, FrameSchema
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.record.csv import csv_bytes, read_frame
from payroll.record.files import FRAMES, file_of
from payroll.record.places import Place
from payroll.record.run import Run, differences
from payroll.release.forget import forget, problems_of
from payroll.release.pack import pack
from payroll.release.recipients import recipients_of
from payroll.release.unpack import unpack
from payroll.release.verify import RunProblem, problems_at_rest, problems_rebuilt
from payroll.store import load_payrun, load_run, write_run
from payroll.version import code_version
from tests.release.desk_samples import rulebook

#: What is said of a changed frame, and of one with a value that its column may not have.
CHANGED = {"not_rebuilt", "unreadable"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """The sample month as built, and its folder as written."""
    workspace = tmp_path_factory.mktemp("whole")
    write_tree(workspace, demo_files("small", 1))
    found = load_payrun(workspace)
    run = build_run(found.request(rulebook(), code_version=code_version()))
    return run, write_run(found.folder / "runs", run.run_id, publish(run))[0]


@pytest.fixture
def folder(built: tuple[Run, Path], tmp_path: Path) -> Path:
    """A copy of the folder, alone."""
    target = tmp_path / "2022-05" / "runs" / built[0].run_id
    shutil.copytree(built[1], target)
    return target


@pytest.fixture
def made_once(built: tuple[Run, Path], monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], None]:
    """Rebuilding, which always gives the same, done once for all the cases below."""
    files = {**load_run(built[1]).files, "manifest.json": (built[1] / "manifest.json").read_bytes()}

    def give(run: Run) -> None:
        monkeypatch.setattr("payroll.release.verify.build_run", lambda *_: run)
        monkeypatch.setattr("payroll.release.verify.publish", lambda *_: files)

    return give


def altered(content: bytes, schema: FrameSchema) -> bytes:
    """The file with the last value of its last row changed; one row more where it has none."""
    frame = read_frame(content, schema)
    if frame.empty:
        blank = {INT: 0, BOOL: False, DAY: pd.NaT}
        row = {name: [blank.get(dtype, "")] for name, dtype in schema.columns.items()}
        return csv_bytes(pd.DataFrame(row).astype(dict(schema.columns)))
    name, dtype = list(schema.columns.items())[-1]
    last = frame[name].iloc[-1]
    frame.loc[len(frame) - 1, name] = last + 1 if dtype == INT else f"{last}x"
    return csv_bytes(frame)


def redone(folder: Path, changed: dict[str, bytes]) -> None:
    """Files changed, and the manifest's digests with them: nothing at rest shows it."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name, content in changed.items():
        (folder / name).write_bytes(content)
        manifest["files"][name] = hashlib.sha256(content).hexdigest()
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, "utf-8")
    assert problems_at_rest(load_run(folder)) == []


def test_the_record_is_what_was_built(built: tuple[Run, Path]) -> None:
    assert differences(built[0], load_run(built[1]).run) == ()


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_changed_with_its_digest_is_named(
    name: str, built: tuple[Run, Path], folder: Path, made_once: Callable[[Run], None]
) -> None:
    made_once(built[0])
    assert problems_rebuilt(load_run(folder)) == []
    file = file_of(name)
    redone(folder, {file: altered((folder / file).read_bytes(), FRAMES[name])})
    (problem,) = problems_rebuilt(load_run(folder))
    assert problem.file == file
    assert problem.kind in CHANGED
    assert problem.places


def test_every_frame_changed_at_once_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        file_of(name): altered((folder / file_of(name)).read_bytes(), schema)
        for name, schema in FRAMES.items()
    }
    redone(folder, files)
    assert verify.main([str(folder), "--lang", "en", "--json"], standalone_mode=False) == 1
    told = json.loads(capsys.readouterr().out)["problems"]
    assert [item["file"] for item in told] == sorted(files)
    assert {item["problem"] for item in told} == CHANGED
    assert all(item["places"] for item in told)


def test_a_file_that_is_no_frame_any_more_is_named(
    built: tuple[Run, Path], folder: Path, made_once: Callable[[Run], None]
) -> None:
    made_once(built[0])
    redone(folder, {"people.csv": b"payee_id\n1\n"})
    assert problems_rebuilt(load_run(folder)) == [
        RunProblem("people.csv", "unreadable", (Place(problem="unreadable", row=1),))
    ]


def test_what_the_same_bytes_do_not_say_is_named(
    built: tuple[Run, Path], folder: Path, made_once: Callable[[Run], None]
) -> None:
    """Written as the same text, yet not what was built: a column of another type."""
    run = built[0]
    lines = run.lines.assign(amount_cents=run.lines["amount_cents"].astype("int32"))
    made_once(replace(run, frames={**run.frames, "lines": lines}))
    assert problems_rebuilt(load_run(folder)) == [RunProblem("lines.csv", "not_rebuilt")]


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_whole_run_is_packed_unpacked_and_verified(
    built: tuple[Run, Path], folder: Path, tmp_path: Path, made_once: Callable[[Run], None]
) -> None:
    identity = pyrage.x25519.Identity.generate()
    to = recipients_of([str(identity.to_public())], tmp_path)
    bundle = pack(folder, to, tmp_path / "run.age")
    done = unpack(bundle.path, [identity], tmp_path / "elsewhere")
    assert names(done.folder) == names(folder) >= {file_of(name) for name in FRAMES}
    stored = load_run(done.folder)
    assert problems_at_rest(stored) == []
    assert differences(built[0], stored.run) == ()
    made_once(built[0])
    assert problems_rebuilt(stored) == []


def test_a_forgotten_run_keeps_none_of_its_files(folder: Path) -> None:
    count = len(names(folder))
    forget(
        folder,
        is_open=lambda: False,
        by="Anne Fictive",
        reason="paid",
        at=datetime.fromisoformat("2022-06-20T09:30:00"),
    )
    assert count > len(FRAMES)
    assert names(folder) == {"manifest.json", "forgotten.json"}
    assert problems_of(folder) == []
