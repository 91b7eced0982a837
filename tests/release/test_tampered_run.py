"""A run folder changed after it was made: verify names the file, nobody approves or releases."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from payroll.cli.verify import command as verify
from payroll.model.errors import DamagedInputError, PayrollError
from payroll.release.ledger_check import differs_from_ledger
from payroll.release.verify import problems_rebuilt
from payroll.release.workspace import prove
from payroll.store import altered_files, load_run
from tests.release.desk_samples import Desk

PLACES = 5  # bytes changed in each file


def named(desk: Desk) -> list[str]:
    """The files that `payroll verify --quick` names."""
    try:
        stored = load_run(desk.run)
    except DamagedInputError as error:
        return [Path(error.where).name]
    return sorted({name for name, _ in [*altered_files(stored), *differs_from_ledger(stored)]})


def assert_refused(desk: Desk, error_id: str = "run_altered") -> None:
    with pytest.raises(DamagedInputError) as refused:
        desk.approve("Noëlle Fictif")
    assert refused.value.error_id == error_id
    with pytest.raises(DamagedInputError) as refused:
        desk.release()
    assert refused.value.error_id == error_id


def test_a_byte_changed_in_any_file_names_the_file(approved: Desk) -> None:
    assert named(approved) == []
    paths = [path for path in sorted(approved.run.rglob("*")) if path.is_file()]
    assert len(paths) > 50
    for path in paths:
        name = path.relative_to(approved.run).as_posix()
        sound = path.read_bytes()
        for place in {len(sound) * part // PLACES for part in range(PLACES)} | {len(sound) - 1}:
            altered = bytearray(sound)
            altered[place] ^= 1 << place % 7
            path.write_bytes(altered)
            assert name in named(approved), place
        path.write_bytes(sound)
    assert named(approved) == []


def test_verify_names_what_was_changed_and_leaves_with_1(
    approved: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(approved.run), "--lang", "en", "--json"]
    assert verify.main(arguments, standalone_mode=False) == 0
    for name in ("payments.csv", "manifest.json"):
        with (approved.run / name).open("ab") as stream:
            stream.write(b"\n")
    assert verify.main([*arguments, "--quick"], standalone_mode=False) == 1
    told = capsys.readouterr()
    assert "payments.csv: content changed" in told.err
    assert "manifest.json: is not what the ledger recorded" in told.err


def test_a_changed_payment_file_is_neither_approved_nor_released(approved: Desk) -> None:
    path = next(approved.run.glob("sepa/*.xml"))
    path.write_bytes(path.read_bytes().replace(b"SALA", b"SALB") + b" ")
    assert_refused(approved)
    assert approved.delivered() == {}


def add(run: Path) -> str:
    (run / "sepa/more.xml").write_bytes(b"<x/>")
    return "sepa/more.xml"


def remove(run: Path) -> str:
    (run / "findings.csv").unlink()
    return "findings.csv"


def link(run: Path) -> str:
    (run / "lines.csv").rename(run.parent / "lines.csv")
    (run / "lines.csv").symlink_to(run.parent / "lines.csv")
    return "lines.csv"


def link_folder(run: Path) -> str:
    (run / "sepa").rename(run.parent / "sepa")
    (run / "sepa").symlink_to(run.parent / "sepa")
    return "sepa"


def link_manifest(run: Path) -> str:
    (run / "manifest.json").rename(run.parent / "manifest.json")
    (run / "manifest.json").symlink_to(run.parent / "manifest.json")
    return "manifest.json"


def pipe(run: Path) -> str:
    os.mkfifo(run / "sepa/pipe.xml")
    return "sepa/pipe.xml"


@pytest.mark.parametrize("change", [add, remove, link, link_folder, link_manifest, pipe])
def test_a_file_that_came_went_or_became_a_link_is_named(
    change: Callable[[Path], str], approved: Desk
) -> None:
    assert change(approved.run) in named(approved)
    assert_refused(approved)


def test_a_renamed_file_is_named_twice(approved: Desk) -> None:
    (approved.run / "lines.csv").rename(approved.run / "rows.csv")
    assert named(approved) == ["lines.csv", "rows.csv"]
    assert_refused(approved)


def full(*_: object, **__: object) -> None:
    raise PayrollError("run_not_written", where="outbox", detail="full")


def rewritten(desk: Desk, change: Callable[[dict[str, object]], object]) -> None:
    """The manifest with one thing changed in it."""
    path = desk.run / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False), "utf-8")


def consistent(desk: Desk, name: str, content: bytes) -> None:
    """A file changed, and its digest in the manifest with it."""
    (desk.run / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    rewritten(desk, lambda manifest: manifest["files"].update({name: digest}))  # type: ignore[attr-defined]


def test_a_file_changed_together_with_the_manifest_is_not_what_was_recorded(released: Desk) -> None:
    path = next(released.run.glob("sepa/*.xml")).relative_to(released.run).as_posix()
    consistent(released, path, (released.run / path).read_bytes() + b"\n")
    assert altered_files(load_run(released.run)) == []
    assert named(released) == ["manifest.json", path]
    with pytest.raises(PayrollError) as refused:
        released.release()
    assert refused.value.error_id == "run_not_as_released"


def test_a_manifest_that_nobody_recorded_is_not_what_its_inputs_produce(unapproved: Desk) -> None:
    changes: list[Callable[[dict[str, object]], object]] = [
        lambda manifest: manifest.update(prepared_by=[]),
        lambda manifest: manifest.update(created_at="no moment"),
        lambda manifest: manifest.pop("created_at"),
        lambda manifest: manifest.pop("tool_version"),
        lambda manifest: manifest.update(run_id="2022-05-ffffff"),
    ]
    path = unapproved.run / "manifest.json"
    sound = path.read_bytes()
    assert problems_rebuilt(load_run(unapproved.run)) == []
    for change in changes:
        rewritten(unapproved, change)
        assert "manifest.json" in {item.file for item in problems_rebuilt(load_run(path.parent))}
        path.write_bytes(sound)


def test_whoever_strikes_the_preparer_from_the_manifest_approves_nothing(unapproved: Desk) -> None:
    rewritten(unapproved, lambda manifest: manifest.update(prepared_by=["Nobody"]))
    assert_refused(unapproved, "run_inconsistent")


def test_a_manifest_with_one_byte_more_is_not_what_was_approved(approved: Desk) -> None:
    with (approved.run / "manifest.json").open("ab") as stream:
        stream.write(b"\n")
    assert named(approved) == ["manifest.json"]
    assert_refused(approved, "run_not_rebuilt")


def test_a_run_changed_between_its_claim_and_its_delivery_is_not_delivered(
    approved: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("payroll.release.release.replace_whole", full)
        with pytest.raises(PayrollError, match="run_not_written"):
            approved.release()
    path = next(approved.run.glob("sepa/*.xml")).relative_to(approved.run).as_posix()
    sound = (approved.run / path).read_bytes()
    manifest = (approved.run / "manifest.json").read_bytes()
    consistent(approved, path, sound + b"\n")
    with pytest.raises(PayrollError) as refused:
        approved.release()
    assert refused.value.error_id == "run_not_as_released"
    assert approved.delivered() == {}
    (approved.run / path).write_bytes(sound)
    (approved.run / "manifest.json").write_bytes(manifest)
    assert approved.release().resumed
    assert approved.delivered() == approved.expected()


def test_what_lies_in_the_outbox_already_must_be_equal(
    approved: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("payroll.release.release.replace_whole", full)
        with pytest.raises(PayrollError, match="run_not_written"):
            approved.release()
    name, content = next(iter(approved.expected().items()))
    (approved.outbox / name).write_bytes(content[:-1])
    with pytest.raises(PayrollError) as refused:
        approved.release()
    assert refused.value.error_id == "outbox_differs"
    (approved.outbox / name).unlink()
    (approved.outbox / name).symlink_to(approved.run / "manifest.json")
    with pytest.raises(PayrollError) as refused:
        approved.release()
    assert refused.value.error_id == "outbox_differs"
    (approved.outbox / name).unlink()
    assert approved.release().resumed
    assert approved.delivered() == approved.expected()


def test_a_workspace_whose_ledger_is_an_older_copy_releases_nothing_again(
    approved_desk: Desk, released: Desk
) -> None:
    """Ledger and seal agree, both from before the release: only the outbox remembers."""
    for path in (approved_desk.ledger, approved_desk.seal):
        shutil.copy(path, released.workspace / path.name)
    assert prove(released.workspace)[0] == []
    with pytest.raises(PayrollError) as refused:
        released.release()
    assert refused.value.error_id == "outbox_ahead"
    with released.sql() as ledger:
        assert ledger.execute("SELECT count(*) FROM claim").fetchone() == (0,)


def other_account(desk: Desk) -> list[str]:
    """One payee's account exchanged in the bank's file and in the record."""
    sepa = next(desk.run.glob("sepa/*.xml"))
    iban = etree.parse(sepa).findtext(".//{*}CdtrAcct/{*}Id/{*}IBAN")
    changed = []
    for path in (sepa, desk.run / "payments.csv"):
        content = path.read_bytes().replace(str(iban).encode(), b"BE68539007547034")
        name = path.relative_to(desk.run).as_posix()
        assert content != path.read_bytes()
        consistent(desk, name, content)
        changed.append(name)
    return sorted(changed)


def other_words(desk: Desk) -> list[str]:
    """What people are shown is of another run than what the bank gets."""
    consistent(desk, "review.html", (desk.run / "review.html").read_bytes() + b"<p>")
    return ["review.html"]


@pytest.mark.parametrize("forge", [other_account, other_words])
def test_a_forged_run_folder_is_neither_approved_nor_released(
    forge: Callable[[Desk], list[str]], approved: Desk
) -> None:
    """Digests redone throughout: only building the run again finds it."""
    changed = forge(approved)
    assert altered_files(load_run(approved.run)) == []
    assert_refused(approved, "run_not_rebuilt")
    for name in changed:
        with pytest.raises(DamagedInputError) as refused:
            approved.prepare()
        assert name in refused.value.params["files"]
    assert approved.delivered() == {}
