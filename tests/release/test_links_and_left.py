"""A link where the program writes or empties is refused; what a power cut left is swept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from payroll.model.errors import PayrollError
from payroll.release.forget import forget
from payroll.release.workspace import reading, writing
from payroll.store import load_run, write_run
from tests.release.desk_samples import NAMES, Desk

MANY = {"a/x.csv": b"1;2\n", "manifest.json": b"{}"}


def linked(path: Path, elsewhere: Path) -> dict[str, bytes]:
    """Put a link in the place of a path; what lies behind it, which nobody may touch."""
    if path.is_dir():
        shutil.copytree(path, elsewhere)
        shutil.rmtree(path)
    elif path.exists():
        path.rename(elsewhere)
    else:
        elsewhere.mkdir()
        (elsewhere / "kept.txt").write_bytes(b"theirs")
    path.symlink_to(elsewhere)
    return behind(elsewhere)


def behind(place: Path) -> dict[str, bytes]:
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    return {path.name: path.read_bytes() for path in files}


def assert_refused(act: Callable[[], object]) -> None:
    with pytest.raises(PayrollError) as refused:
        act()
    assert refused.value.error_id == "link_refused"


@pytest.mark.parametrize(
    "name",
    [
        "2022-05/outbox",
        "2022-05/.writing-outbox",
        ".ledger.sqlite.lock",
        "ledger.sqlite",
        "ledger.sqlite.seal",
        "ledger.sqlite-wal",
        "ledger.sqlite-shm",
        "ledger.sqlite-journal",
    ],
)
def test_a_release_or_approval_follows_no_link(
    name: str, approved: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    prepared = approved.prepare()
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "place"
    sound = linked(approved.workspace / name, elsewhere)
    del prepared
    if name.startswith("ledger.sqlite-"):  # a link to a folder is no file that SQLite reads
        with pytest.raises(PayrollError):
            approved.release()
        assert_refused(lambda: writing(approved.workspace).__enter__())
    else:
        assert_refused(approved.release)
    if "outbox" not in name and not name.startswith("ledger.sqlite-"):
        assert_refused(lambda: approved.approve(NAMES[2]))
    assert behind(elsewhere) == sound
    (approved.workspace / name).unlink()
    if elsewhere.is_file():
        elsewhere.rename(approved.workspace / name)
    approved.release()
    assert approved.delivered() == approved.expected()


def test_a_link_is_refused_before_anything_is_claimed(approved: Desk, tmp_path: Path) -> None:
    linked(approved.outbox, tmp_path / "elsewhere")
    assert_refused(approved.release)
    with reading(approved.workspace) as ledger:
        assert ledger is not None
        assert ledger.events("kind = 'released'") == []


def test_a_run_is_written_through_no_link(unapproved: Desk, tmp_path: Path) -> None:
    runs = unapproved.workspace / "2022-05/runs"
    sound = linked(runs, tmp_path / "elsewhere")
    assert_refused(lambda: write_run(runs, "2022-05-aaaaaa", MANY))
    assert behind(tmp_path / "elsewhere") == sound
    runs.unlink()
    (tmp_path / "other").mkdir()
    runs.mkdir()
    (runs / "2022-05-aaaaaa").symlink_to(tmp_path / "other")
    assert_refused(lambda: write_run(runs, "2022-05-aaaaaa", MANY))
    assert behind(tmp_path / "other") == {}


def wiped(desk: Desk) -> int:
    at = datetime.fromisoformat("2022-06-01")
    return forget(desk.run, is_open=lambda: False, by="Anne", reason="paid", at=at)[1]


@pytest.mark.parametrize("name", ["outbox", ".writing-outbox"])
def test_forget_wipes_nothing_behind_a_link(name: str, released: Desk, tmp_path: Path) -> None:
    path = released.workspace / "2022-05" / name
    sound = linked(path, tmp_path / "elsewhere")
    assert_refused(lambda: wiped(released))
    assert behind(tmp_path / "elsewhere") == sound
    assert load_run(released.run).files


# What a power cut leaves ----------------------------------------------------------------------


def left(folder: Path, name: str) -> Path:
    """A folder of plain copies that nobody finished."""
    path = folder / name
    (path / "run/inputs").mkdir(parents=True)
    (path / "run/inputs/staff.csv").write_bytes(b"Modele;BE68539007547034\n")
    return path


def test_the_next_run_sweeps_what_an_earlier_one_left(unapproved: Desk) -> None:
    runs = unapproved.workspace / "2022-05/runs"
    both = [left(runs, ".writing-abc"), left(runs, ".unpacking-abc")]
    files = dict(load_run(unapproved.run).files)
    files["manifest.json"] = (unapproved.run / "manifest.json").read_bytes()
    assert write_run(runs, unapproved.run_id, files) == (unapproved.run, False)
    assert [path for path in both if path.exists()] == []
    assert sorted(path.name for path in runs.iterdir()) == [unapproved.run_id]


def test_forget_wipes_what_a_run_a_bundle_or_a_release_left(released: Desk) -> None:
    month = released.workspace / "2022-05"
    places = [left(month / "runs", ".writing-abc"), left(month / "runs", ".unpacking-abc")]
    (month / ".writing-outbox").mkdir(exist_ok=True)
    (month / ".writing-outbox/.writing-x").write_bytes(b"<Document/>")
    wiped(released)
    assert [path for path in places if path.exists()] == []
    assert [*(month / ".writing-outbox").iterdir()] == []


def test_what_another_is_writing_now_is_not_swept(
    unapproved: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payroll.atomic_files import sole_writer

    monkeypatch.setattr("payroll.atomic_files._WAIT", 0.1)
    runs = unapproved.workspace / "2022-05/runs"
    with sole_writer(runs):
        mine = left(runs, ".writing-mine")
        with pytest.raises(PayrollError, match="folder_busy"):
            write_run(runs, "2022-05-aaaaaa", MANY)
        assert mine.exists()
    write_run(runs, "2022-05-aaaaaa", MANY)
    assert not mine.exists()
