"""Whoever signs sees the employer's own rules: screen, page, cover and control sheet."""

from __future__ import annotations

import io
import re
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.shipped import override, override_file
from tests.unit.cli.command_line import Payroll

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
    assert "Règles propres à l'employeur : 1 différence(s)" in screen.stderr
    assert f"    {OFF}" in screen.stderr


def test_rules_of_another_folder_are_seen_too(
    payroll: Payroll, workspace: Path, tmp_path: Path
) -> None:
    """Without a rule file of the workspace: --rules names a folder in which a control is softer."""
    shutil.rmtree(workspace / "rules")
    shutil.copytree(TINY.parents[1] / "rules", tmp_path / "rules")
    file = tmp_path / "rules" / "controls" / "bank_details.toml"
    old = 'kind = "iban_changed"\nseverity = "hold"'
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, old.replace("hold", "warn")), "utf-8")
    done = payroll("run", "2022-05", "--rules", tmp_path / "rules")
    screen = payroll("approve", Path(done.text.strip()), *SIGNED)
    assert "IBAN-003, Severity: holds -> warns" in screen.stderr
    own = payroll("approve", Path(payroll("run", "2022-05").text.strip()), *SIGNED)
    assert "The employer's own rules: none." in own.stderr
