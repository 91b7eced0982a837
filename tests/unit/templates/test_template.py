from __future__ import annotations

import io
import re

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from payroll.model.tables import ADJUSTMENT_KINDS, FIELDS, KINDS
from payroll.templates.examples import EXAMPLES
from payroll.templates.template import template_workbook
from payroll.texts import languages

LABELS = {"employee_id": "N° agent", "iban": "IBAN", "hire_date": "Date d'entrée"}


def both(kind: str, language: str = "fr", **more: object) -> tuple[Worksheet, Worksheet]:
    content = template_workbook(kind, language, LABELS, **more)  # type: ignore[arg-type]
    table, notes = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return table, notes


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", KINDS)
def test_headings_notes_and_no_row_of_data(kind: str, language: str) -> None:
    table, notes = both(kind, language)
    headings = [cell.value for cell in table[1]]
    assert headings == [LABELS.get(item.name, item.name) for item in FIELDS[kind]]
    assert table.max_row == 1
    assert [notes.cell(6 + number, 1).value for number in range(len(headings))] == headings
    for number in range(len(headings)):
        assert all(notes.cell(6 + number, column).value for column in (2, 3, 4))
    for rule in table.data_validations.dataValidation:
        assert rule.prompt
        assert len(rule.prompt) < 255, "a note was cut"


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_fills_every_required_field_and_no_other_kind_of_field(kind: str) -> None:
    names = {item.name for item in FIELDS[kind]}
    assert set(EXAMPLES[kind]) <= names
    assert {item.name for item in FIELDS[kind] if item.required} <= set(EXAMPLES[kind])
    for item in FIELDS[kind]:
        if item.choices and item.name in EXAMPLES[kind]:
            assert EXAMPLES[kind][item.name] in item.choices


def test_drop_downs_carry_the_words_that_were_passed() -> None:
    words = {"kind": {name: f"mot {name}" for name in ADJUSTMENT_KINDS}}
    table, notes = both("adjustments", choices=words)
    lists = [rule for rule in table.data_validations.dataValidation if rule.type == "list"]
    assert [rule.formula1 for rule in lists] == ['"' + ",".join(words["kind"].values()) + '"']
    shown = [str(cell.value) for row in notes.iter_rows() for cell in row if cell.value]
    assert set(words["kind"].values()) <= set(shown)


def test_flags_offer_yes_and_no_in_the_language() -> None:
    table, _ = both("invoices", "nl")
    lists = [rule for rule in table.data_validations.dataValidation if rule.type == "list"]
    assert [rule.formula1 for rule in lists] == ['"ja,nee"']


def test_words_that_do_not_fit_a_drop_down_stand_in_the_notes_alone() -> None:
    for words in ({"yes": "oui, bloquée", "no": "non"}, {"yes": "o" * 255, "no": "non"}):
        table, _ = both("invoices", choices={"blocked": words})
        lists = [rule for rule in table.data_validations.dataValidation if rule.type == "list"]
        assert not lists


def test_columns_keep_leading_zeros_and_dates() -> None:
    content = template_workbook("employees", "fr", LABELS)
    table = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    formats = {
        item.name: next(
            group for group in table.column_dimensions.values() if group.min <= number <= group.max
        )
        for number, item in enumerate(FIELDS["employees"], 1)
    }
    for name in ("employee_id", "iban", "national_number", "postcode"):
        assert formats[name].number_format == "@"
    assert formats["hire_date"].number_format == "dd/mm/yyyy"
    assert formats["monthly_gross"].number_format == "#,##0.00"
    assert table.freeze_panes == "B2"


def test_the_same_bytes_every_time() -> None:
    assert template_workbook("employees", "en", {}) == template_workbook("employees", "en", {})


def test_no_row_of_the_notes_looks_like_a_heading_row() -> None:
    for kind in KINDS:
        _, notes = both(kind)
        names = {LABELS.get(item.name, item.name) for item in FIELDS[kind]}
        for row in notes.iter_rows(values_only=True):
            assert len(names & {str(cell) for cell in row}) <= 1
            assert not any(re.search(r"\{\w+\}", str(cell)) for cell in row)
