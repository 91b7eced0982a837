"""Whoever signs sees the employer's own rules: screen, page, cover and control sheet."""

from __future__ import annotations

import html
import io
import re
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.shipped import override, override_file
from tests.unit.cli.command_line import Done, Payroll

TINY = Path(__file__).parents[3] / "fixtures" / "tiny"
OFF = "COMPL-001, Valable du : 2022-01-01 -> 2099-01-01 ; ce contrôle ne vaut pas le 2022-05-"
SIGNED = ("--by", "Zoé Modèle", "--key", "keys/zoe", "--passphrase-file", "keys/passphrase.txt")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny hospital, in which nobody is checked for having left, from 2099 on."""
    shutil.copytree(TINY, tmp_path / "w")
    ((path, content),) = override_file(override("COMPL-001", valid_from=date(2099, 1, 1))).items()
    file = tmp_path / "w" / "rules" / path.removeprefix("workspace/")
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    monkeypatch.chdir(tmp_path / "w")
    return tmp_path / "w"


def test_a_control_that_expires_unseen_is_seen_by_whoever_signs(
    payroll: Payroll, workspace: Path
) -> None:
    run = Path(payroll("run", "2022-05", language="fr").text.strip())
    page = (run / "review.html").read_text("utf-8")
    assert OFF in page.replace("&gt;", ">")
    cover = openpyxl.load_workbook(io.BytesIO((run / "review.xlsx").read_bytes())).worksheets[0]
    assert any(OFF in str(cell.value) for row in cover.iter_rows() for cell in row)
    sheet = (run / "control-sheet.pdf").read_bytes()
    texts = [text.decode("latin-1") for text in re.findall(rb"\((.*?)\) Tj", sheet)]
    files = len(list((run / "sepa").iterdir()))
    assert (
        sum("COMPL-001, Valable du : 2022-01-01 -> 2099-01-01" in text for text in texts) == files
    )
    screen = payroll("approve", run, *SIGNED, language="fr")
    assert screen.code == 0, screen.stderr
    assert "Règles propres à l'employeur : 1 différence" in screen.stderr
    assert f"    {OFF}" in screen.stderr


@pytest.fixture
def softer(workspace: Path, tmp_path: Path) -> Path:
    """A rules folder in which a control is softer, without the control that tells of own rules.

    The workspace has no rule file of its own.
    """
    shutil.rmtree(workspace / "rules")
    shutil.copytree(TINY.parents[1] / "rules", tmp_path / "rules")
    old = 'kind = "iban_changed"\nseverity = "hold"'
    _replace(tmp_path / "rules/controls/bank_details.toml", old, old.replace("hold", "warn"))
    _replace(tmp_path / "rules/controls/parameters.toml", 'id = "PARAM-002"', 'id = "PARAM-902"')
    return tmp_path / "rules"


SOFTENED = "IBAN-003, Severity: holds -> warns"
SILENCED = "PARAM-002: removed (The employer's own rules)"
FILES = "Rule files that are not those of the program (2): controls/bank_details.toml, controls/"


def _replace(file: Path, old: str, new: str) -> None:
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new), "utf-8")


def _shown_everywhere(payroll: Payroll, made: Done) -> None:
    """The softened rule, and the files that are not the program's, wherever somebody looks."""
    run = Path(made.text.strip())
    assert (run / "manifest.json").is_file(), made.stderr
    page = html.unescape((run / "review.html").read_text("utf-8"))
    cover = openpyxl.load_workbook(io.BytesIO((run / "review.xlsx").read_bytes())).worksheets[0]
    cells = "\n".join(str(cell.value) for row in cover.iter_rows() for cell in row)
    screen = payroll("approve", run, *SIGNED)
    assert screen.code == 0, screen.stderr
    for text in (page, cells, made.stderr, screen.stderr):
        assert SOFTENED in text
        assert SILENCED in text
        assert FILES in text
    sheet = (run / "control-sheet.pdf").read_bytes()
    texts = [text.decode("latin-1") for text in re.findall(rb"\((.*?)\) Tj", sheet)]
    files = len(list((run / "sepa").iterdir()))
    for words in ("PARAM-002: removed", FILES.partition(" (")[0]):
        assert sum(words in text for text in texts) == files, texts


def test_rules_of_another_folder_are_seen_too(
    payroll: Payroll, workspace: Path, softer: Path
) -> None:
    """Without a rule file of the workspace, and although the control that tells of it is gone."""
    _replace(workspace / "employer.toml", 'language = "fr"', 'language = "en"')
    made = payroll("run", "2022-05", "--rules", softer)
    assert made.stderr.startswith(f"Rules read from {softer} (--rules)")
    _shown_everywhere(payroll, made)
    plain = payroll("run", "2022-05")
    assert "own rules" not in plain.stderr
    own = payroll("approve", Path(plain.text.strip()), *SIGNED)
    assert "The employer's own rules: none." in own.stderr


def test_changed_rules_of_the_program_itself_are_seen_too(
    payroll: Payroll, workspace: Path, softer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody edited the folder that every run reads, before the run and still at its approval."""
    _replace(workspace / "employer.toml", 'language = "fr"', 'language = "en"')
    monkeypatch.setattr("payroll.store.rules_folder", lambda: softer)
    _shown_everywhere(payroll, payroll("run", "2022-05"))


def test_the_control_tells_of_them_as_well(payroll: Payroll, workspace: Path, softer: Path) -> None:
    _replace(softer / "controls/parameters.toml", 'id = "PARAM-902"', 'id = "PARAM-002"')
    run = Path(payroll("run", "2022-05", "--rules", softer).text.strip())
    findings = (run / "findings.csv").read_text("utf-8").splitlines()
    assert [line for line in findings if ",PARAM-002,warn," in line and "bank_details" in line]
