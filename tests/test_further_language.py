"""A fourth language is files alone: a made-up one in a folder that PAYROLL_LANGUAGES names.

It has a handful of texts; everything else is French behind the mark. The program stays as it is.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from payroll.texts import marked

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "hospital-small"
MARK = marked("")
FILES = {
    "language.toml": """
name = "Xaxa"
decimal = ":"
thousands = "."
date = "yyyy.mm.dd"
long_date = "{year} {month} {day} ({weekday})"
first_of_month = "x1"
colon = " = "
percent = "x%"
""",
    "help.toml": """
payroll = "Xa paxa"
run = "Xa run, \\nxa"
""",
    "screen.toml": """
payrun_missing.what = "Xa payrun na"
wb_sheet_decisions = "Xecisions"
wb_sheet_payments = "Xayments"
dec_action_pay = "xaya"
dec_col_by = "Motif"
dec_col_reason = "Xeason"
cw_col_severity = "Xeverity"
cw_severity_hold = "xold"
explain_title = "Xalc {period} {"
column_total = "Xotal {nobody_fills_this}"
stream_salaries = "xalaries"
remittance_salary = "Xalary {period}"
an_id_that_nobody_asks_for = "xa"
""",
    "rules.toml": """
[control.VAR-001]
title = "Xa title"
[control.IBAN-003]
message = "Xa {subject} xa"
remedy = "Xa {no_such_parameter}"
[step.withholding]
title = "Xithholding"
[component.base_salary]
title = "Xase"
[format.suppliers.fields]
supplier_id = ["Xupplier"]
""",
}


@pytest.fixture(scope="module")
def languages_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("languages")
    (folder / "xx").mkdir()
    for name, content in FILES.items():
        (folder / "xx" / name).write_text(content, "utf-8")
    (folder / "not a language").mkdir()
    shutil.copytree(folder / "xx", folder / "fr")  # cannot take the place of the program's own
    return folder


class Xx:
    """The command line with the made-up language known."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *arguments: object, language: str = "xx", known: bool = True
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PAYROLL_LANG": language, "COLUMNS": "100"}
        if known:
            environment["PAYROLL_LANGUAGES"] = str(self.folder)
        return subprocess.run(
            [sys.executable, "-m", "payroll", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env=environment,
        )


@pytest.fixture(scope="module")
def payroll(languages_folder: Path) -> Xx:
    return Xx(languages_folder)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospital") / "w"
    shutil.copytree(FIXTURE, folder)
    employer = folder / "employer.toml"
    content = employer.read_text("utf-8")
    assert 'language = "fr"' in content
    employer.write_text(content.replace('language = "fr"', 'language = "xx"'), "utf-8")
    return folder


@pytest.fixture(scope="module")
def run(workspace: Path, payroll: Xx) -> Path:
    done = payroll("run", workspace / "2022-05")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return Path(done.stdout.strip())


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_help_is_in_the_language_and_marked_where_it_is_not(payroll: Xx) -> None:
    done = payroll("--help")
    assert done.returncode == 0
    assert "Xa paxa" in done.stdout
    assert "[fr|nl|en|xx]" in done.stdout
    assert re.search(r"\n  run +Xa run,", done.stdout)
    assert re.search(rf"\n  decide +{MARK}Décider", done.stdout)
    assert payroll("run", "--help").stdout.count(MARK) > 1


def test_an_error_is_in_the_language_part_by_part(payroll: Xx, tmp_path: Path) -> None:
    lines = payroll("run", tmp_path, "--lang", "xx", language="fr").stderr.splitlines()
    assert lines[0] == f"{tmp_path} = Xa payrun na"
    assert lines[1].startswith(f"{MARK}Un dossier de mois")
    assert lines[2].startswith(MARK)


def test_the_languages_known_are_named_where_another_is_asked_for(
    payroll: Xx, workspace: Path, tmp_path: Path
) -> None:
    done = payroll("status", workspace, "--lang", "zz")
    assert done.returncode == 2
    assert "'fr', 'nl', 'en', 'xx'" in done.stderr
    shutil.copytree(workspace, tmp_path / "w", ignore=shutil.ignore_patterns("runs"))
    employer = tmp_path / "w" / "employer.toml"
    employer.write_text(employer.read_text("utf-8").replace('"xx"', '"zz"'), "utf-8")
    done = payroll("run", tmp_path / "w" / "2022-05", language="en")
    assert done.returncode == 2
    assert "employer.toml, language" in done.stderr
    assert "fr, nl, en, xx" in done.stderr


def test_the_findings_of_a_run(run: Path) -> None:
    messages = [row["message"] for row in rows(run / "findings.csv")]
    assert any(words.startswith("Xa ") for words in messages)
    assert any(words.startswith(MARK) for words in messages)
    assert all(words.startswith(("Xa ", MARK)) for words in messages)
    assert any(re.search(r"\d:\d\d EUR", words) for words in messages)
    assert not any(MARK in words.removeprefix(MARK) for words in messages)


def test_no_mark_leaves_the_house(run: Path) -> None:
    remittances = {row["remittance"] for row in rows(run / "payments.csv")}
    assert "Xalary 2022-05" in remittances
    assert not any(MARK.strip() in words for words in remittances)
    for file in (run / "sepa").iterdir():
        content = file.read_text("utf-8")
        assert MARK.strip() not in content
        assert "'fr'" not in content


def test_the_workbook_of_a_run(run: Path) -> None:
    book = openpyxl.load_workbook(run / "review.xlsx")
    assert {"Xecisions", "Xayments"} < set(book.sheetnames)
    assert any(name.startswith(MARK) for name in book.sheetnames)
    assert all(len(name) <= 31 for name in book.sheetnames)
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    words = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert "xalaries" in words
    assert not any("nobody_fills_this" in item for item in words)
    formats = {cell.number_format for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "yyyy.mm.dd" in formats
    assert "dd/mm/yyyy" not in formats


def test_the_page_of_a_run(run: Path) -> None:
    page = (run / "review.html").read_text("utf-8")
    assert '<html lang="xx">' in page
    assert "xalaries" in page
    assert MARK in page
    assert re.search(r">-?\d{1,3}(\.\d{3})*:\d\d", page)


def test_the_control_sheet_of_a_run(run: Path) -> None:
    content = (run / "control-sheet.pdf").read_bytes().decode("latin-1")
    assert re.search(r"\d\.\d{3}:\d\d", content)
    assert "\\213fr\\233" in content  # the mark, as the fonts of a PDF have it
    assert "U+" not in content


def test_pay_is_explained(payroll: Xx, run: Path) -> None:
    employee = next(row for row in rows(run / "payments.csv") if row["stream"] == "salaries")
    done = payroll("explain-pay", run, employee["payee_id"])
    assert done.returncode == 0, done.stderr
    assert "Xase" in done.stdout
    assert "Xithholding" in done.stdout
    assert f"{MARK}Calcul de la paie" in done.stdout  # its own has a stray brace
    assert re.search(r"\d\.\d{3}:\d\d", done.stdout)
    assert "x%" in done.stdout


def test_a_rule_is_explained(payroll: Xx) -> None:
    done = payroll("rules", "explain", "VAR-001")
    assert done.returncode == 0
    assert "Xa title" in done.stdout
    assert MARK in done.stdout
    assert MARK in payroll("rules", "explain", "hours_per_year").stdout


def test_a_filled_decision_sheet_is_read_back(payroll: Xx, run: Path, tmp_path: Path) -> None:
    """The language's heading of who decides is the French one of why."""
    book = openpyxl.load_workbook(run / "review.xlsx")
    sheet = book["Xecisions"]
    heads = {cell.value: cell.column for cell in sheet[5]}
    evidence = next(name for name in heads if str(name).startswith(f"{MARK}P"))
    action = next(cell for row in sheet.iter_rows(min_row=6) for cell in row if cell.column == 1)
    filled = {"Motif": "Zoé Modèle", "Xeason": "Confirmé", evidence: "Note 12"}
    for name, words in filled.items():
        sheet.cell(action.row, heads[name]).value = words
    first = min(heads[name] for name in filled)
    sheet.cell(action.row, first - 1).value = "xaya"
    book.save(tmp_path / "filled.xlsx")
    done = payroll("decide", run, "--from", tmp_path / "filled.xlsx")
    assert done.returncode == 0, done.stderr
    recorded = (run.parent.parent / "decisions.toml").read_text("utf-8")
    assert 'action = "pay"' in recorded
    assert 'by = "Zoé Modèle"' in recorded
    assert 'reason = "Confirmé"' in recorded


def test_a_review_is_compared(payroll: Xx, run: Path) -> None:
    done = payroll("diff", run / "review.xlsx", run / "payments.csv")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workbook_of_controls_is_read_back(
    payroll: Xx, workspace: Path, tmp_path: Path
) -> None:
    book = tmp_path / "controls.xlsx"
    assert payroll("rules", "export", "-o", book).returncode == 0
    words = {
        cell.value for row in openpyxl.load_workbook(book).worksheets[0].iter_rows() for cell in row
    }
    assert {"Xeverity", "xold"} <= words
    done = payroll("rules", "import", book, "--into", workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert MARK in done.stderr


@pytest.mark.parametrize("kind", ["suppliers", "adjustments", "employees"])
def test_a_template_is_read_back(payroll: Xx, kind: str, tmp_path: Path) -> None:
    book = tmp_path / "template.xlsx"
    assert payroll("template", kind, "-o", book).returncode == 0
    headings = [cell.value for cell in openpyxl.load_workbook(book).worksheets[0][1]]
    assert any(str(name).startswith(MARK) for name in headings)
    assert ("Xupplier" in headings) == (kind == "suppliers")


def test_a_run_is_verified_where_the_language_is_known(payroll: Xx, run: Path) -> None:
    done = payroll("verify", run)
    assert done.returncode == 0, done.stderr
    elsewhere = payroll("verify", run, language="en", known=False)
    assert elsewhere.returncode == 1
    assert "another version" in elsewhere.stderr


def test_a_broken_file_is_refused_in_words(languages_folder: Path, tmp_path: Path) -> None:
    for name, arguments in (("screen.toml", ("rules", "lint")), ("help.toml", ("run", "--help"))):
        broken = tmp_path / name / "xx"
        shutil.copytree(languages_folder / "xx", broken)
        (broken / name).write_text("a = ", "utf-8")
        done = Xx(broken.parent)(*arguments)
        assert done.returncode == 4
        assert str(broken / name) in done.stderr
        assert "Ce fichier d'une langue est illisible" in done.stderr
        assert Xx(broken.parent)(*arguments, language="fr").returncode == 0


def test_softened_rules_are_told_to_whoever_signs(payroll: Xx, tmp_path: Path) -> None:
    """Whatever the language of the run, which enters the version of the program that made it."""
    shutil.copytree(FIXTURE.parent / "tiny", tmp_path / "w")
    employer = tmp_path / "w" / "employer.toml"
    content = employer.read_text("utf-8")
    assert 'language = "fr"' in content
    employer.write_text(content.replace('language = "fr"', 'language = "xx"'), "utf-8")
    shutil.copytree(FIXTURE.parents[1] / "rules", tmp_path / "rules")
    file = tmp_path / "rules" / "controls" / "bank_details.toml"
    old = 'kind = "iban_changed"\nseverity = "hold"'
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, old.replace("hold", "warn")), "utf-8")
    made = payroll("run", tmp_path / "w" / "2022-05", "--rules", tmp_path / "rules")
    keys = tmp_path / "w" / "keys"
    signed = ("--by", "Zoé Modèle", "--key", keys / "zoe", "--passphrase-file")
    screen = payroll("approve", made.stdout.strip(), *signed, keys / "passphrase.txt")
    assert screen.returncode == 0, screen.stderr
    assert "IBAN-003, Xeverity : xold -> " in screen.stderr
