"""`payroll forget`: what was there is overwritten and gone, what proves it stays, restartable."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from payroll.model.errors import PayrollError
from payroll.release import forget as forgetting
from payroll.release import private_files as disk
from payroll.release.forget import Forgotten, forget, forgotten, open_payments, problems_of
from payroll.release.pack import pack
from payroll.store import load_run, write_run
from tests.unit.release.run_samples import FILES, RUN_ID

AT = datetime(2022, 6, 20, 9, 30)  # noqa: DTZ001 - local time, as everywhere in a run
XML = "salaries_2022-05-31_01.xml"


def do(
    run: Path, *, still_open: bool = False, even_open: bool = False, by: str = "Anne Fictive"
) -> tuple[Forgotten, int]:
    return forget(run, is_open=lambda: still_open, by=by, reason="paid", at=AT, even_open=even_open)


@pytest.fixture
def outbox(run: Path) -> Path:
    """The month's outbox: a released copy under another name, and files that are not the run's."""
    folder = run.parent.parent / "outbox"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / f"renamed_{XML}").write_bytes(FILES[f"sepa/{XML}"])
    (folder / "other.xml").write_bytes(b"<another-run/>")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_only_the_manifest_and_the_record_stay(run: Path, outbox: Path) -> None:
    manifest = (run / "manifest.json").read_bytes()
    record, wiped = do(run)
    assert names(run) == ["forgotten.json", "manifest.json"]
    assert (run / "manifest.json").read_bytes() == manifest
    assert names(outbox) == ["other.xml", "sub"]
    assert wiped == len(FILES) + 1
    assert record == forgotten(run)
    assert (record.by, record.reason, record.at) == ("Anne Fictive", "paid", "2022-06-20T09:30:00")
    assert (record.even_open, record.altered, record.left) == (False, (), ())
    assert (run / "forgotten.json").stat().st_mode & 0o777 == 0o600
    assert problems_of(run) == []


def test_the_bytes_are_overwritten_before_the_name_goes(tmp_path: Path) -> None:
    path, beside = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"IBAN" * 700_000)
    path.chmod(0o400)
    os.link(path, beside)  # a second name of the same bytes shows what became of them
    disk.wipe(path)
    assert not path.exists()
    assert beside.read_bytes() == bytes(4 * 700_000)


def test_a_link_is_removed_never_followed(run: Path, outbox: Path, tmp_path: Path) -> None:
    target, folder = tmp_path / "precious", tmp_path / "precious-folder"
    target.write_bytes(FILES["payments.csv"])
    folder.mkdir()
    (folder / "kept").write_bytes(FILES["payments.csv"])
    (run / "link").symlink_to(target)
    (run / "linked").symlink_to(folder)
    (outbox / "link").symlink_to(target)
    do(run)
    assert names(run) == ["forgotten.json", "manifest.json"]
    assert target.read_bytes() == (folder / "kept").read_bytes() == FILES["payments.csv"]


def test_open_payments_refuse_unless_told_otherwise(run: Path) -> None:
    before = names(run)
    with pytest.raises(PayrollError) as caught:
        do(run, still_open=True)
    assert (caught.value.error_id, caught.value.exit_code) == ("run_open", 3)
    assert names(run) == before
    assert do(run, still_open=True, even_open=True)[0].even_open
    assert names(run) == ["forgotten.json", "manifest.json"]


def test_a_ledger_that_is_not_there_has_no_open_payment(tmp_path: Path) -> None:
    assert open_payments(tmp_path, RUN_ID) == 0


@pytest.mark.parametrize("after", range(len(FILES) + 1))
def test_killed_in_the_middle_it_finishes_when_called_again(
    run: Path, outbox: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    calls = 0

    def killed(path: Path) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            path.write_bytes(bytes(path.stat().st_size // 2))  # half overwritten
            raise KeyboardInterrupt
        disk.wipe(path)

    monkeypatch.setattr(forgetting, "wipe", killed)
    with pytest.raises(KeyboardInterrupt):
        do(run)
    with pytest.raises(PayrollError) as caught:
        load_run(run)
    assert caught.value.error_id == "run_forgotten"
    monkeypatch.setattr(forgetting, "wipe", disk.wipe)
    if forgotten(run).left:
        assert ("left" in {kind for _, kind in problems_of(run)}) is True
    record, wiped = do(run, still_open=True, by="Somebody Else")
    assert wiped == len(FILES) + 1 - after
    assert record.by == "Anne Fictive"
    assert names(run) == ["forgotten.json", "manifest.json"]
    assert names(outbox) == ["other.xml", "sub"]
    assert do(run)[1] == 0


def test_what_was_altered_before_is_told(run: Path) -> None:
    (run / "payments.csv").write_bytes(b"altered")
    (run / "review.xlsx").unlink()
    (run / "note.txt").write_bytes(b"added")
    record, _ = do(run)
    assert record.altered == (
        ("note.txt", "added"),
        ("payments.csv", "changed"),
        ("review.xlsx", "missing"),
    )
    assert names(run) == ["forgotten.json", "manifest.json"]


def test_only_a_run_folder_is_wiped(run: Path, tmp_path: Path) -> None:
    strayed = tmp_path / "documents"
    strayed.mkdir()
    shutil.copy(run / "manifest.json", strayed)
    (strayed / "thesis.txt").write_bytes(b"years of work")
    for folder in (strayed, tmp_path):
        with pytest.raises(PayrollError) as caught:
            do(folder)
        assert caught.value.error_id == "run_missing"
    assert names(strayed) == ["manifest.json", "thesis.txt"]


def test_other_verbs_say_that_it_was_forgotten(run: Path, tmp_path: Path) -> None:
    files = load_run(run).files
    do(run)
    for call in (
        lambda: load_run(run),
        lambda: pack(run, [], tmp_path / "x.age"),
        lambda: write_run(run.parent, RUN_ID, files),
    ):
        with pytest.raises(PayrollError) as caught:
            call()
        assert (caught.value.error_id, caught.value.exit_code) == ("run_forgotten", 3)


def test_a_record_that_does_not_fit_is_a_problem(run: Path) -> None:
    do(run)
    manifest = json.loads((run / "manifest.json").read_bytes())
    (run / "manifest.json").write_text(json.dumps({**manifest, "more": 1}), "utf-8")
    (run / "back.csv").write_bytes(b"x")
    assert problems_of(run) == [("back.csv", "left"), ("manifest.json", "changed")]
    for content in ("", "[]", "{}", '{"forgotten_at": 1}'):
        (run / "forgotten.json").write_text(content, "utf-8")
        with pytest.raises(PayrollError) as caught:
            problems_of(run)
        assert caught.value.error_id == "forgotten_unreadable"


def test_a_disk_that_refuses_is_told(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(forgetting, "wipe", refused)
    with pytest.raises(PayrollError) as caught:
        do(run)
    assert caught.value.error_id == "run_not_wiped"
