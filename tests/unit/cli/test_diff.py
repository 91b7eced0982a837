"""`payroll diff` as it is called: exit codes, outputs, what is said when it cannot."""

from __future__ import annotations

import json
import os
from pathlib import Path

import openpyxl
import pytest

from tests.unit.cli.command_line import Payroll

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "diff"
HEAD = "N° agent;Nom;Net\n"


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "a.csv", tmp_path / "b.csv"
    old.write_text(f"{HEAD}001;Dupont;1 000,00\n002;Durand;900,00\n", "utf-8")
    new.write_text(f"{HEAD}002;Durand;950,00\n001;Dupont;1000.00\n", "utf-8")
    return old, new


def test_exit_codes(payroll: Payroll, sides: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = sides
    assert payroll("diff", old, old).code == 0
    assert payroll("diff", old, new).code == 1
    assert payroll("diff", old, new, "--tolerance", "50").code == 0
    missing = payroll("diff", old, tmp_path / "none.csv")
    assert missing.code == 2
    assert "does not exist" in missing.stderr
    assert payroll("diff", old, tmp_path).code == 2  # a folder that is no run
    damaged = tmp_path / "c.xlsx"
    damaged.write_bytes(b"PK\x03\x04 nothing")
    assert payroll("diff", old, damaged).code == 4


def test_without_a_key_it_asks_for_one(payroll: Payroll, sides: tuple[Path, Path]) -> None:
    old, new = sides
    new.write_text(f"{HEAD}001;Dupont;1,00\n001;Dupont;2,00\n", "utf-8")
    done = payroll("diff", old, new)
    assert done.code == 2
    assert "N° agent (1 repeated)" in done.stderr
    assert "--key" in done.stderr
    assert payroll("diff", old, new, "--key", "N° agent").code == 1


def test_the_screen_is_data_and_in_the_language_asked(
    payroll: Payroll, sides: tuple[Path, Path]
) -> None:
    done = payroll("diff", *sides, "--lang", "fr")
    assert "Montants modifiés sans raison connue" in done.text
    assert "+50,00" in done.text


def test_json_holds_every_change(payroll: Payroll, sides: tuple[Path, Path]) -> None:
    found = json.loads(payroll("diff", *sides, "--json").stdout)
    assert found["different"] is True
    assert [(item["key"], item["delta"]) for item in found["changes"]] == [(["002"], "50.00")]
    assert found["bridge"][0]["this"] == "1950.00"


def test_workbook_and_page(payroll: Payroll, sides: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("out.xlsx", "out.html"):
        done = payroll("diff", *sides, "-o", tmp_path / name)
        assert done.code == 1
        assert done.stdout == b""
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames[:3] == ["Cover", "Accounts, names, status", "Unexplained amounts"]


def test_outputs_that_cannot_be(payroll: Payroll, sides: tuple[Path, Path]) -> None:
    old, new = sides
    assert payroll("diff", old, new, "-o", "out.pdf").code == 2
    same = old.rename(old.with_suffix(".xlsx"))
    assert payroll("diff", same, new, "-o", same).code == 2
    assert payroll("diff", new, new, "--tolerance", "much").code == 2


def test_three_sides(payroll: Payroll, sides: tuple[Path, Path], tmp_path: Path) -> None:
    now = tmp_path / "c.csv"
    now.write_text(f"{HEAD}002;Durand;950,00\n001;Dupont;1 100,00\n", "utf-8")
    done = payroll("diff", *sides, now)
    assert done.code == 1
    assert "Last month" in done.text
    assert "1,100.00" in done.text


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_golden(payroll: Payroll, language: str) -> None:
    """scripts/update_golden.py rewrites it (DIFF_GOLDEN=1) and shows the difference."""
    done = payroll("diff", GOLDEN / "old.csv", GOLDEN / "new.csv", "--lang", language)
    shown = "\n".join(line.rstrip() for line in done.text.splitlines()) + "\n"
    path = GOLDEN / f"{language}.txt"
    if os.environ.get("DIFF_GOLDEN"):
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8")
