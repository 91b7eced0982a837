"""The disk: whole or not at all, owner only, every refusal a clear error."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path

import pytest

from payroll.atomic_files import replace_whole
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.store import (
    altered_files,
    find_payrun,
    load_payrun,
    load_run,
    proven_file,
    recorded_creation,
    write_run,
)
from payroll.texts import error_lines, languages

EMPLOYER = """
name = "Hôpital Fictif"
enterprise_number = "0468651441"
[[account]]
id = "main"
iban = "BE68 5390 0754 7034"
bank_profile = "generic_be_2022"
"""
ORDER = """
period = "2022-05"
last_known = "2022-04"
[salaries]
pay_on = 2022-05-31
account = "main"
[[source]]
kind = "employees"
file = "exports/staff.csv"
"""


@pytest.fixture
def payrun(tmp_path: Path) -> Path:
    (tmp_path / "employer.toml").write_text(EMPLOYER, "utf-8")
    folder = tmp_path / "2022-05"
    (folder / "exports").mkdir(parents=True)
    (folder / "payrun.toml").write_text(ORDER, "utf-8")
    (folder / "exports" / "staff.csv").write_text("x", "utf-8")
    return folder


def test_a_payrun_is_found_by_folder_file_or_workspace(payrun: Path) -> None:
    assert find_payrun(payrun) == payrun
    assert find_payrun(payrun / "payrun.toml") == payrun
    assert find_payrun(payrun.parent) == payrun
    found = load_payrun(payrun)
    assert found.inputs["exports/staff.csv"] == b"x"
    assert found.employer.account[0].iban == "BE68539007547034"


@pytest.mark.parametrize(
    ("order", "error_id", "code", "where"),
    [
        ("period = ", "order_unreadable", 4, "payrun.toml"),
        (ORDER.replace('"2022-05"', '"mai 2022"'), "order_invalid", 2, "payrun.toml, period"),
        (ORDER.replace("staff.csv", "gone.csv"), "source_not_found", 4, "exports/gone.csv"),
        (ORDER.replace("exports/staff.csv", "exports"), "source_is_folder", 4, "exports"),
        (ORDER.replace("exports/", "../"), "order_invalid", 2, "payrun.toml, [[source]] 1, file"),
        (ORDER.replace('"main"', '"other"'), "account_unknown", 2, "payrun.toml, salaries.account"),
        (
            ORDER.replace("employees", "people"),
            "order_invalid",
            2,
            "payrun.toml, [[source]] 1, kind",
        ),
    ],
)
def test_orders_that_cannot_be_followed(
    payrun: Path, order: str, error_id: str, code: int, where: str
) -> None:
    (payrun / "payrun.toml").write_text(order, "utf-8")
    with pytest.raises(PayrollError) as caught:
        load_payrun(payrun)
    assert (caught.value.error_id, caught.value.exit_code) == (error_id, code)
    assert caught.value.where == where
    for language in languages():
        assert len(error_lines(caught.value, language)) == 3


def test_a_link_out_of_the_folder_is_refused(payrun: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("s", "utf-8")
    (payrun / "exports" / "staff.csv").unlink()
    (payrun / "exports" / "staff.csv").symlink_to(secret)
    with pytest.raises(DamagedInputError, match="source_outside"):
        load_payrun(payrun)


def test_no_payrun_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="payrun_missing"):
        find_payrun(tmp_path)
    with pytest.raises(UsageError, match="run_missing"):
        load_run(tmp_path)


def manifest(**files: str) -> bytes:
    data = {
        "run_id": "r",
        "files": files,
        "inputs_digest": "d",
        "created_at": "2022-05-23T09:00:00",
    }
    return json.dumps(data).encode()


def test_a_run_is_written_whole_for_its_owner_only(tmp_path: Path) -> None:
    files = {"manifest.json": manifest(), "sepa/a.xml": b"<a/>", "inputs/x/y.csv": b"1"}
    folder, new = write_run(tmp_path / "runs", "2022-05-abcdef", files)
    assert new
    assert write_run(tmp_path / "runs", "2022-05-abcdef", files) == (folder, False)
    if os.name != "nt":
        for path in (folder, *folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert [item.name for item in (tmp_path / "runs").iterdir()] == ["2022-05-abcdef"]
    assert recorded_creation(tmp_path / "runs", "d") is not None
    assert recorded_creation(tmp_path / "runs", "other") is None
    with pytest.raises(PayrollError, match="run_differs"):
        write_run(tmp_path / "runs", "2022-05-abcdef", files | {"sepa/a.xml": b"<b/>"})


def test_a_refused_write_leaves_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "runs"
    blocked.write_text("a file where the folder should be", "utf-8")
    with pytest.raises(PayrollError, match="run_not_written"):
        write_run(blocked, "r", {"a": b""})


def test_altered_files_are_named(tmp_path: Path) -> None:
    digests = {"kept": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
    digests |= {"changed": "0" * 64, "missing": "0" * 64}
    files = {"manifest.json": manifest(**digests), "kept": b"x", "changed": b"x", "added": b"x"}
    folder, _ = write_run(tmp_path, "r", files)
    assert altered_files(load_run(folder)) == [
        ("added", "added"),
        ("changed", "changed"),
        ("missing", "missing"),
    ]


def test_a_file_is_proved_when_it_is_read(tmp_path: Path) -> None:
    files = {name: name.encode() for name in ("a.csv", "b.csv", "inputs/c.csv")}
    listed = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    folder, _ = write_run(tmp_path / "runs", "r", files)
    (folder / "b.csv").chmod(0o600)
    (folder / "b.csv").write_bytes(b"changed")
    (folder / "inputs" / "c.csv").unlink()
    assert proven_file(folder, listed, "a.csv") == b"a.csv"
    for name in ("b.csv", "inputs/c.csv"):
        with pytest.raises(PayrollError) as caught:
            proven_file(folder, listed, name)
        assert (caught.value.error_id, caught.value.where) == ("explain_altered", f"r/{name}")


def test_a_file_that_others_could_read_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    path.write_bytes(b"old, and longer")
    path.chmod(0o644)
    replace_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_is_replaced_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "employer.toml"
    for content in (b"first", b"second"):
        replace_whole(path, content)
        assert path.read_bytes() == content
    assert [item.name for item in tmp_path.iterdir()] == ["employer.toml"]
