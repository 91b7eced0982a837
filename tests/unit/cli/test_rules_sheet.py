"""`payroll rules export|import`: the controls as a workbook and back; a bad cell is named."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from payroll.controls_workbook.columns import pairs_needed, sheet_columns
from payroll.controls_workbook.write import HEADING_ROW, control_workbook
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.limits import leaves
from payroll.store import load_rule_files, rules_folder
from payroll.texts import languages
from tests.error_cases import TINY
from tests.unit.cli.command_line import Payroll

Edit = Callable[..., Path]


def day(year: int, month: int, number: int) -> datetime:
    """A date as openpyxl writes one."""
    return datetime(year, month, number)  # noqa: DTZ001 - a cell has no zone


SHIPPED = load_rulebook(load_rule_files(rules_folder())).controls
PAIRS = pairs_needed(SHIPPED)
CASES = sum(len(control.cases) for control in SHIPPED.values())
SIGNED = ("--accept", "--by", "Anne Modèle", "--reason", "board of 12 May")


@pytest.fixture(scope="module")
def workbooks() -> dict[str, bytes]:
    controls = load_rulebook(load_rule_files(rules_folder())).controls
    return {language: control_workbook(controls, language) for language in languages()}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    known = (TINY / "employer.toml").read_text("utf-8")
    listed = known.replace("Noëlle Fictif", "Anne Modèle")
    (folder / "employer.toml").write_text(listed, "utf-8")
    return folder


@pytest.fixture
def edit(tmp_path: Path, workbooks: dict[str, bytes]) -> Edit:
    """A workbook with cells changed: (control, column or parameter, value) each."""

    def make(*changed: tuple[str, str, Any], content: bytes = b"", language: str = "en") -> Path:
        book = openpyxl.load_workbook(io.BytesIO(content or workbooks[language]))
        for control, name, value in changed:
            put(book.worksheets[0], control, name, value, language)
        path = tmp_path / "controls.xlsx"
        book.save(path)
        return path

    return make


def put(sheet: Any, control: str, name: str, value: Any, language: str) -> None:
    row = next(row for row in sheet.iter_rows(min_row=HEADING_ROW + 2) if row[0].value == control)
    names = [column.name for column in sheet_columns(PAIRS, language)]
    if name in names:
        cell = row[names.index(name)]
    else:
        places = [index for index, item in enumerate(names) if item.startswith("param.")]
        cell = next(row[index + 1] for index in places if row[index].value == name)
    if isinstance(value, tuple):  # a value and the format in which a spreadsheet shows it
        cell.value, cell.number_format = value
    else:
        cell.value = value
    if isinstance(value, str) and value.startswith("'"):
        cell.value, cell.data_type = value[1:], "s"


def loaded(workspace: Path) -> RuleBook:
    return load_rulebook(load_rule_files(rules_folder(), workspace))


@pytest.mark.parametrize("language", languages())
def test_export_then_import_changes_nothing(
    payroll: Payroll, tmp_path: Path, workspace: Path, language: str
) -> None:
    path = tmp_path / "c.xlsx"
    done = payroll("rules", "export", "-o", path, "--lang", language)
    assert (done.code, done.text) == (0, f"{path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_bytes()
    assert payroll("rules", "export", "-o", path, "--lang", language).code == 2
    path.unlink()
    payroll("rules", "export", "-o", path, "--lang", language)
    assert path.read_bytes() == first
    done = payroll("rules", "import", path, "--into", workspace, *SIGNED)
    assert (done.code, done.stdout) == (0, b""), done.stderr
    assert not (workspace / "rules").exists()


def test_the_diff_is_shown_and_nothing_written_until_it_is_accepted(
    payroll: Payroll, edit: Edit, workspace: Path, tmp_path: Path
) -> None:
    path = edit(
        ("VAR-001", "hold_percent", 25.5),
        ("AMT-001", "caps.fees", 80_000),
        ("IBAN-004", "severity", "holds"),
        ("IBAN-004", "override", "deux personnes"),
        ("SUPP-001", "valid_to", day(2023, 1, 31)),
        ("DUP-001", "stream.fees", None),
        ("COMPL-006", "title.en", "'=not paid; 1, 2"),
    )
    done = payroll("rules", "import", path, "--into", workspace)
    assert done.code == 1
    assert done.text.splitlines() == [
        "~ AMT-001  params.caps.fees: 75000.00 -> 80000.00",
        "~ COMPL-006  title.en: Paid last month, not this month -> =not paid; 1, 2",
        "~ DUP-001  streams: salaries, holiday_pay, fees -> salaries, holiday_pay",
        "~ IBAN-004  severity: warn -> hold",
        "~ IBAN-004  override: one -> two_people",
        "~ SUPP-001  valid_to: - -> 2023-01-31",
        "~ VAR-001  params.hold_percent: 30 -> 25.5",
    ]
    assert not (workspace / "rules").exists()
    found = json.loads(payroll("rules", "import", path, "--into", workspace, "--json").stdout)
    assert found["accepted"] is False
    assert found["changes"][0] == {
        "id": "AMT-001",
        "field": "params.caps.fees",
        "old": "75000.00",
        "new": "80000.00",
    }
    assert payroll("rules", "import", path, "--into", workspace, "--accept").code == 2
    done = payroll("rules", "import", path, "--into", workspace, *SIGNED)
    assert done.code == 0, done.stderr
    written = workspace / "rules" / "controls" / "overrides.toml"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert "Anne Modèle: board of 12 May" in written.read_text("utf-8")
    assert "#   VAR-001  params.hold_percent: 30 -> 25.5" in written.read_text("utf-8")
    controls = loaded(workspace).controls
    assert controls["VAR-001"].params["hold_percent"] == "25.5"
    assert controls["SUPP-001"].valid_to == date(2023, 1, 31)
    assert controls["DUP-001"].streams == ("salaries", "holiday_pay")
    shipped = load_rulebook(load_rule_files(rules_folder())).controls
    assert {name for name in controls if controls[name] != shipped[name]} == {
        "AMT-001",
        "COMPL-006",
        "DUP-001",
        "IBAN-004",
        "SUPP-001",
        "VAR-001",
    }
    done = payroll("rules", "diff", rules_folder(), workspace)
    assert done.code == 1
    assert "~ control:VAR-001  params.hold_percent: 30 -> 25.5" in done.text
    assert payroll("rules", "lint", "--workspace", workspace).code == 0
    again = tmp_path / "again.xlsx"
    payroll("rules", "export", "-o", again, "--workspace", workspace)
    assert payroll("rules", "import", again, "--into", workspace, *SIGNED).code == 0
    assert payroll("rules", "import", edit(), "--into", workspace, *SIGNED).code == 0
    assert loaded(workspace).controls == shipped
    history = written.read_text("utf-8")
    assert history.count("Anne Modèle: board of 12 May") == 2
    assert "[[control]]" not in history


#: (control, column or parameter, what is typed, the heading that the refusal names, its words).
REFUSED: list[tuple[str, str, Any, str, str]] = [
    ("VAR-001", "hold_percent", -5, "Value 3", "0 … 1000 %"),
    ("VAR-001", "hold_percent", 5, "Value 3", "below warn_percent = 10"),
    ("VAR-001", "hold_percent", (0.3, "0%"), "Value 3", "write 10, not 10%"),
    ("VAR-001", "hold_percent", "30 %", "Value 3", "write 10, not 10%"),
    ("VAR-001", "hold_percent", "=30+1", "Value 3", "not a formula"),
    ("VAR-001", "hold_percent", "thirty", "Value 3", "a number"),
    ("VAR-001", "hold_percent", True, "Value 3", "a number"),
    ("VAR-001", "hold_percent", None, "Value 3", "a number"),
    ("VAR-001", "hold_euro", "1.234,50", "Value 4", "without a thousands separator"),
    ("VAR-001", "hold_euro", 300.125, "Value 4", "at most 2"),
    ("REG-005", "percent", 101, "Value 2", "0 … 100 %"),
    ("DATE-002", "working_days", 4.5, "Value 1", "a whole number"),
    ("VAR-001", "param.1", "warn_percant", "Parameter 1", "no such parameter"),
    ("DUP-002", "table", "employees", "Value 1", "does not change; expected: premium_hours"),
    ("IBAN-004", "severity", "stop", "Severity", "blocks, holds, warns, informs"),
    ("IBAN-001", "override", "one person", "Override", "not loosened; expected: nobody"),
    ("IBAN-001", "severity", "warns", "Severity", "not weakened"),
    ("IBAN-001", "stream.fees", None, "fees", "not weakened"),
    ("IBAN-001", "valid_to", day(2022, 5, 1), "Valid to", "not weakened"),
    ("IBAN-004", "valid_to", day(2021, 1, 1), "Valid to", "before the start 2022-01-01"),
    ("IBAN-004", "valid_to", "soon", "Valid to", "2022-05-31 or 31/05/2022"),
    ("IBAN-004", "valid_from", None, "Valid from", "a date"),
    ("IBAN-004", "stream.fees", "yes", "fees", "x, or nothing"),
    ("IBAN-004", "official", "BE76679000019296", "Value 1", '"BE76679000019296" is none'),
    ("IBAN-004", "title.fr", "A", "Title (fr)", "3"),
    ("IBAN-004", "title.en", 12, "Title (en)", "a text"),
    ("IBAN-004", "message.en", "{subjekt} shares", "Message (en)", "do not know subjekt"),
    ("IBAN-004", "message.en", "{subject shares", "Message (en)", "braces in pairs"),
    ("IBAN-004", "kind", "iban_shared", "Check", "expected: iban_shared_within"),
    ("REG-001", "requires", "registers", "Sources required", "register_totals"),
    ("REB-006", "severity", "warns", "Severity", "not weakened; expected: blocks, holds"),
    ("FEE-004", "severity_whole", "holds", "Value 1", "never graver"),
    ("FEE-004", "severity_whole", "cries", "Value 1", "blocks, holds, warns, informs"),
    ("FEE-004", "severity", "informs", "Severity", "expected: blocks, holds, warns"),
    ("REB-001", "stream.fees", "x", "fees", "the program decides"),
    ("VAR-003", "severity", "holds", "Severity", "no payee to hold"),
    ("BANK-009", "severity_missing", "holds", "Value 3", "no payee to hold"),
    ("PARAM-002", "valid_from", day(2099, 1, 1), "Valid from", "not weakened"),
    ("PARAM-002", "if_missing", "nothing", "If a source is missing", "not weakened"),
    ("VAR-001", "id", "VAR-0011", "Control", "the nearest: VAR-001"),
    ("VAR-001", "id", "VAR-002", "Control", "stands already at"),
]


@pytest.fixture(scope="module")
def few() -> bytes:
    """A sheet of the controls that REFUSED is about, and of the longest: read ten times faster."""
    longest = max(SHIPPED, key=lambda name: len(list(leaves(SHIPPED[name].params))))
    wanted = {control for control, *_ in REFUSED} | {"VAR-002", longest}
    return control_workbook({name: SHIPPED[name] for name in SHIPPED if name in wanted}, "en")


@pytest.mark.parametrize(("control", "name", "value", "column", "words"), REFUSED)
def test_a_refusal_names_its_cell(
    payroll: Payroll,
    edit: Edit,
    workspace: Path,
    few: bytes,
    *,
    control: str,
    name: str,
    value: Any,
    column: str,
    words: str,
) -> None:
    path = edit((control, name, value), content=few)
    done = payroll("rules", "import", path, "--into", workspace, *SIGNED, "--json")
    assert done.code == 3, done.stderr
    assert not (workspace / "rules").exists()
    listed = json.loads(done.stdout)["refused"]
    here = [item for item in listed if f"({column})" in item["where"]]
    found = next(item for item in here if words in item["expected"])
    assert found["where"].startswith("controls.xlsx!Controls!R")
    assert found["where"] in done.stderr


def test_columns_that_are_unknown_double_or_gone_are_refused(
    payroll: Payroll, edit: Edit, workspace: Path
) -> None:
    path = edit()
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heading = next(cell for cell in sheet[HEADING_ROW + 1] if cell.value == "Override")
    heading.value = "Overide"
    sheet.cell(HEADING_ROW + 1, sheet.max_column + 1).value = "Severity"
    sheet.cell(HEADING_ROW + 3, sheet.max_column + 1).value = "stray"
    book.save(path)
    done = payroll("rules", "import", path, "--into", workspace)
    assert done.code == 3
    for words in (
        '"Overide" is refused; there is no such column; the nearest: override',
        "stands twice",
        "but no heading",
        'the column "Override" is missing',
    ):
        assert words in done.stderr


def test_other_files_are_refused(payroll: Payroll, workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"no workbook")
    assert payroll("rules", "import", path, "--into", workspace).code == 4
    book = openpyxl.Workbook()
    book.save(path)
    assert payroll("rules", "import", path, "--into", workspace).code == 3
    assert payroll("rules", "import", path, "--into", tmp_path / "none").code == 2
    assert payroll("rules", "export", "--workspace", tmp_path / "none").code == 2


def test_a_row_taken_away_changes_nothing(payroll: Payroll, edit: Edit, workspace: Path) -> None:
    path = edit()
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_rows(HEADING_ROW + 2, 3)
    book.save(path)
    done = payroll("rules", "import", path, "--into", workspace)
    assert done.code == 0
    assert "3 controls without a row" in done.stderr


def test_a_control_of_another_file_of_the_workspace_is_changed_there(
    payroll: Payroll, edit: Edit, workspace: Path
) -> None:
    path = edit(("IBAN-004", "severity", "holds"))
    payroll("rules", "import", path, "--into", workspace, *SIGNED)
    folder = workspace / "rules" / "controls"
    (folder / "overrides.toml").rename(folder / "own.toml")
    done = payroll("rules", "import", edit(), "--into", workspace, *SIGNED)
    assert done.code == 3
    assert "this control stands in rules/controls/own.toml" in done.stderr


def test_a_workspace_cannot_loosen_by_hand_either(
    payroll: Payroll, edit: Edit, workspace: Path
) -> None:
    payroll(
        "rules",
        "import",
        edit(("IBAN-001", "title.en", "Wrong IBAN")),
        "--into",
        workspace,
        *SIGNED,
    )
    file = workspace / "rules" / "controls" / "overrides.toml"
    good = file.read_text("utf-8")
    for old, new, words in (
        ('override = "none"', 'override = "one"', "IBAN-001, override"),
        ('kind = "iban_invalid"', 'kind = "iban_missing"', "IBAN-001, kind"),
        ("valid_from", "params = { extra = 1 }\nvalid_from", "IBAN-001, params"),
        ("valid_from", "valid_to = 2020-01-01\nvalid_from", "2020-01-01"),
    ):
        assert old in good
        file.write_text(good.replace(old, new, 1), "utf-8")
        done = payroll("rules", "lint", "--workspace", workspace)
        assert done.code == 3
        assert words in done.stderr


def test_comments_and_terminal_signs_stay_harmless(
    payroll: Payroll, edit: Edit, workspace: Path
) -> None:
    path = edit(("IBAN-004", "title.en", "One\nTwo"))
    hidden = ("--accept", "--by", "Anne Modèle", "--reason", "x\x1b[2J\nid = 'Y'")
    refused = payroll("rules", "import", path, "--into", workspace, *hidden)
    assert (refused.code, refused.text) == (2, "")
    signed = ("--accept", "--by", "Anne Modèle", "--reason", "[[control]] id = 'Y'")
    done = payroll("rules", "import", path, "--into", workspace, *signed)
    assert done.text == "~ IBAN-004  title.en: Account shared by several payees -> One Two\n"
    assert loaded(workspace).controls["IBAN-004"].title.en == "One\nTwo"
    text = (workspace / "rules" / "controls" / "overrides.toml").read_text("utf-8")
    assert "\x1b" not in text
    assert text.count("\n[[control]]") == 1


@pytest.mark.parametrize("language", languages())
def test_the_workbook_is_protected_and_explained(
    workbooks: dict[str, bytes], language: str
) -> None:
    table, notes = openpyxl.load_workbook(io.BytesIO(workbooks[language])).worksheets
    assert table.protection.sheet
    assert table.freeze_panes == "D5"
    assert table.auto_filter.ref
    names = [column.name for column in sheet_columns(PAIRS, language)]
    for row in table.iter_rows(min_row=HEADING_ROW + 2):
        for name in ("id", "kind", "family"):
            assert row[names.index(name)].protection.locked
        assert not row[names.index(f"title.{language}")].protection.locked
        assert not any(cell.data_type == "f" for cell in row)
    lists = [rule for rule in table.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == 8 + CASES
    ranges = [rule for rule in table.data_validations.dataValidation if rule.type == "decimal"]
    assert len(ranges) > 20
    shown = [str(cell.value) for row in notes.iter_rows() for cell in row if cell.value]
    assert "hold_percent" in shown
    assert not [text for text in shown if "{" in text and "{subject}" not in text]


@pytest.mark.parametrize("verb", ["export", "import"])
@pytest.mark.parametrize("language", languages())
def test_help_has_an_example(payroll: Payroll, verb: str, language: str) -> None:
    done = payroll("rules", verb, "--help", "--lang", language)
    assert f"payroll rules {verb} " in done.text


def test_headings_and_words_mean_one_thing_in_every_language() -> None:
    names: dict[str, str] = {}
    for language in languages():
        for column in sheet_columns(PAIRS + 2, language):
            heading = column.heading(language).casefold()
            assert names.setdefault(heading, column.name) == column.name
