"""What a further language says may be longer than a workbook allows, or not allowed at all."""

from __future__ import annotations

import io

from xlsxwriter import Workbook

from payroll.render.xlsx_limits import at_a_cell, in_a_formula, new_sheet, sheet_name


def test_names_of_sheets() -> None:
    assert sheet_name("Paiements") == "Paiements"
    assert sheet_name("Paiements", 2) == "Paiements (2)"
    assert sheet_name("a/b: [c]*?\\'") == "a-b- -c----"
    assert sheet_name("x" * 40) == "x" * 31
    assert sheet_name("x" * 40, 12) == "x" * 26 + " (12)"


def test_two_sheets_of_one_name_both_stand_there() -> None:
    book = Workbook(io.BytesIO())
    made = [new_sheet(book, words).get_name() for words in ("Held", "held", "Other", "held")]
    assert made == ["Held", "held (2)", "Other", "held (3)"]


def test_what_pops_up_at_a_cell_is_cut() -> None:
    rule = {
        "validate": "list",
        "source": ["a" * 40],
        "input_title": "t" * 40,
        "error_title": "short",
        "input_message": "m" * 300,
        "minimum": 3,
    }
    assert at_a_cell(rule) == {**rule, "input_title": "t" * 32, "input_message": "m" * 255}


def test_a_quote_within_a_formula() -> None:
    assert in_a_formula('a "b"') == '"a ""b"""'
