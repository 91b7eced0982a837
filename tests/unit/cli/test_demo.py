"""`payroll demo` where nothing may be written, and files that are not where somebody says."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.record_samples import employer_toml
from tests.unit.cli.command_line import Payroll


def test_a_place_that_cannot_be_written_is_told(
    payroll: Payroll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    done = payroll("demo", tmp_path / "stick" / "demo")
    assert done.code == 3
    assert "Writing was refused: Read-only file system." in done.stderr
    assert done.text == ""


def test_an_answer_of_the_bank_that_is_not_there(payroll: Payroll, tmp_path: Path) -> None:
    (tmp_path / "employer.toml").write_bytes(employer_toml())
    done = payroll("bank", "import", tmp_path / "none.xml", "--workspace", tmp_path)
    assert done.code == 4
    assert "none.xml" in done.stderr
    assert "payrun.toml" not in done.stderr
