from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from payroll.record.run import Run
from payroll.render import xlsx
from payroll.render.xlsx import CELL_LIMIT, day_serial, within_a_cell
from payroll.render.xlsx_rows import column_letters
from payroll.texts import languages, text
from payroll.texts.shown import euros_shown
from payroll.views.movements import STEPS
from payroll.views.workbook.workbook import build_workbook
from tests.record_samples import run_of, with_frames
from tests.unit.views.review_samples import (
    CHANGE_ROWS,
    FILE,
    FINDING_ROWS,
    PAYMENT_ROWS,
    finding,
    findings_frame,
    large,
    small,
)

#: The formulas that the workbook writes itself: no text of a source may become another one.
OWN_FORMULA = re.compile(
    r"SUBTOTAL\(109,[A-Z]+\d+:[A-Z]+\d+\)|SUM\([A-Z]+\d+:[A-Z]+\d+\)|C\d+\+E\d+"
    r"|ROUND\([A-Z]\d+-[A-Z]\d+,2\)"
    r"|(SUM|COUNTIF|SUMIF)\('Paiements'![$A-Z0-9:]+(,\"(À payer|Retenu)\")?"
    r"(,'Paiements'![$A-Z0-9:]+)?\)"
)
HEADINGS = 5  # 1-based row of the headings
SHEETS = (
    "summary",
    "bridge",
    "held",
    "decisions",
    "accounts",
    "bank_texts",
    "unexplained",
    "explained",
    "holiday_pay",
    "bonuses",
    "fees",
    "invoices",
    "receivables",
    "not_carried_over",
    "to_settle",
    "payments",
    "findings",
    "backtest",
    "backtest_people",
    "parameters",
    "sources",
)
LAID_OUT = ("summary", "bridge", "backtest")


def opened(run: Run) -> dict[str, Worksheet]:
    book = openpyxl.load_workbook(io.BytesIO(build_workbook(run)), data_only=True)
    known = {text(f"wb_sheet_{name}", run.employer.language): name for name in SHEETS}
    return {known.get(sheet.title, sheet.title): sheet for sheet in book.worksheets}


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    table = list(sheet.iter_rows(min_row=HEADINGS, values_only=True))
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def every_text(sheet: Worksheet) -> str:
    return "\n".join(
        str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    )


@pytest.mark.parametrize("language", languages())
def test_every_sheet_stands_in_the_language_asked(language: str) -> None:
    book = opened(small(language))
    assert tuple(book) == SHEETS
    for name in SHEETS:
        assert book[name]["A1"].value == text(f"wb_title_{name}", language)


def test_payments_are_all_there_and_sum_to_the_cent() -> None:
    table = rows(opened(small())["payments"])
    shown = [round(float(str(row["Montant EUR"])) * 100) for row in table]
    assert sorted(shown) == sorted(row["amount_cents"] for row in PAYMENT_ROWS)
    assert [row["État"] for row in table].count("Retenu") == 1
    assert {row["N° bénéficiaire"] for row in table} == {row["payee_id"] for row in PAYMENT_ROWS}


def test_summary_totals_equal_the_payments_and_the_files() -> None:
    unverified = finding("PARAM-001", "warn", "run", "", "", "premium_rate_sunday", *[""] * 4)
    sheet = opened(with_frames(small(), findings=findings_frame([*FINDING_ROWS, unverified])))[
        "summary"
    ]
    shown = every_text(sheet)
    total = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "Total")
    paid = sum(row["amount_cents"] for row in PAYMENT_ROWS if row["status"] == "pay")
    assert total[1:7] == (6, paid / 100, 1, 1987.12, (paid + 198_712) / 100, -50)
    tied = next(row for row in sheet.iter_rows(values_only=True) if "Idem" in str(row[0]))
    assert tied[1:6] == total[1:6]
    for part in (FILE, "premium_rate_sunday", "Hôpital & Cie", "23/05/2022 09:00"):
        assert part in shown


def test_the_cover_says_what_to_sign_and_has_room_for_everybody_who_must() -> None:
    shown = every_text(opened(small())["summary"])
    paid = sum(row["amount_cents"] for row in PAYMENT_ROWS if row["status"] == "pay")
    assert f"6 paiements à faire, {euros_shown(paid, 'fr')} EUR, 2 fichiers" in shown
    for role in ("Préparé par", "Approbation 1", "Approbation 2"):
        assert role in shown


def test_the_bridge_closes_to_the_cent_for_every_stream() -> None:
    sheet = opened(small())["summary"]
    cells = {row[0]: row[1:6] for row in sheet.iter_rows(values_only=True) if row[0]}
    steps = [f"wb_bridge_{name}" for name in ("before", *STEPS)]
    lines = [cells[text(step, "fr")] for step in steps if text(step, "fr") in cells]
    after = cells[text("wb_bridge_after", "fr")]
    sums = [
        sum(round(float(str(value)) * 100) for value in column)
        for column in zip(*lines, strict=True)
    ]
    assert sums == [round(float(str(value)) * 100) for value in after]
    assert after[0] == sum(row[4] for row in CHANGE_ROWS) / 100
    assert cells[text("wb_bridge_gap", "fr")][0] == 0


def test_held_names_message_remedy_and_cell_and_loses_nobody() -> None:
    first, second = rows(opened(small())["held"])
    assert first["N° bénéficiaire"] == "00043"
    assert first["Montant EUR"] == 1987.12
    assert str(first["Constat"]).splitlines() == [
        FINDING_ROWS[0]["message"],
        FINDING_ROWS[1]["message"],
    ]
    assert "Demandez le compte" in str(first["Remède"])
    assert "R17, IBAN" in str(first["Cellule d'origine"])
    assert (second["N° bénéficiaire"], second["Montant EUR"]) == ("00099", None)


def test_a_held_payment_whose_finding_is_about_something_else_still_says_so() -> None:
    run = small()
    found = run.findings[run.findings["subject_id"] != "00043"]
    (first, _) = rows(opened(with_frames(run, findings=found))["held"])
    assert first["Constat"] == text("wb_held_elsewhere", "fr")
    assert first["Règles"] == "IBAN-001 DEC-001"


def test_unexplained_changes_stand_apart_and_each_sheet_by_size() -> None:
    book = opened(small())
    assert [row["N° bénéficiaire"] for row in rows(book["unexplained"])] == ["00043"]
    table = rows(book["explained"])
    assert [row["N° bénéficiaire"] for row in table] == ["00045", "00044"]
    assert table[0]["Raisons"] == "Total; Honoraires"
    assert table[0]["Écart net EUR"] == -1810.10
    assert table[1]["Écart %"] == pytest.approx(-0.0773, abs=1e-4)
    assert "Inchangés, non listés : 1." in str(book["explained"]["A3"].value)


def test_accounts_and_texts_for_the_bank_come_before_the_amounts() -> None:
    book = opened(small())
    (first,) = rows(book["accounts"])
    assert (first["Règle"], first["N° bénéficiaire"]) == ("IBAN-001", "00043")
    (text_row,) = rows(book["bank_texts"])
    assert (text_row["Avant"], text_row["Après"]) == ("Élodie D'Haese", "Elodie D'Haese")
    assert SHEETS.index("accounts") < SHEETS.index("unexplained")


def test_findings_are_sorted_by_severity_with_a_word_beside_the_colour() -> None:
    table = rows(opened(small())["findings"])
    assert [row["Gravité"] for row in table] == [
        text(f"wb_severity_{name}", "fr") for name in ("hold", "hold", "hold", "warn", "info")
    ]
    assert len(table) == len(FINDING_ROWS)


def test_the_small_lists_are_whole() -> None:
    book = opened(small())
    assert rows(book["receivables"])[0]["Montant EUR"] == -50
    assert rows(book["not_carried_over"])[0]["Nature"] == "unique"
    assert rows(book["to_settle"])[0]["Nom"] == "Bram Peeters"
    source = rows(book["sources"])[0]
    assert source["Totaux utilisés EUR"] == "brut mensuel: 12\u202f500,00"
    assert (source["Lignes lues"], source["Exclues"]) == (5, 1)


def test_text_that_looks_like_a_formula_stays_text() -> None:
    content = build_workbook(small())
    book = openpyxl.load_workbook(io.BytesIO(content))
    risky = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=HEADINGS + 1)
        for cell in row
        if isinstance(cell.value, str)
        and cell.value
        and cell.value[0] in "=+-@"
        and not OWN_FORMULA.fullmatch(cell.value[1:])
    ]
    assert {cell.value for cell in risky} >= {
        "=cmd|' /C calc'!A0",
        "-Mon & <Cie>",
        "@SUM(A1) pour information",
    }
    # openpyxl names a cell 'f' by its text alone: the file itself is what counts
    assert all(cell.quotePrefix for cell in risky)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet_xml = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]
    formulas = [part.split(b"</f>")[0] for xml in sheet_xml for part in xml.split(b"<f>")[1:]]
    assert formulas
    assert all(OWN_FORMULA.fullmatch(formula.decode()) for formula in formulas)


def test_identical_data_give_identical_bytes_and_the_recorded_time() -> None:
    first = build_workbook(small())
    assert build_workbook(small()) == first
    later = replace(small(), created_at=datetime(2022, 5, 24, 9, 0))  # noqa: DTZ001
    assert build_workbook(later) != first
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.properties.created == datetime(2022, 5, 23, 9, 0)  # noqa: DTZ001


def test_every_table_keeps_headings_filters_and_prints_on_one_width() -> None:
    for name, sheet in opened(small()).items():
        assert sheet.print_area
        assert "2022-05-a1b2c3" in str(sheet.oddFooter.center.text)
        assert "&P" in str(sheet.oddFooter.right.text)
        if name not in LAID_OUT:
            assert sheet.page_setup.orientation == "landscape"
            assert sheet.page_setup.fitToHeight == 0
            assert sheet.auto_filter.ref.startswith(f"A{HEADINGS}:")
            assert str(sheet.freeze_panes).endswith(str(HEADINGS + 1))
            assert sheet.print_title_rows == f"${HEADINGS}:${HEADINGS}"


def test_amounts_and_days_are_numbers_with_a_format() -> None:
    sheet = opened(small())["payments"]
    amount, day = sheet.cell(HEADINGS + 1, 6), sheet.cell(HEADINGS + 1, 7)
    assert (amount.value, amount.number_format) == (2150.33, "#,##0.00")
    assert day.value == datetime(2022, 5, 31)  # noqa: DTZ001
    assert sheet["F4"].value == sum(row["amount_cents"] for row in PAYMENT_ROWS) / 100


def test_a_run_without_anything_still_makes_a_workbook() -> None:
    book = opened(run_of())
    assert str(book["held"]["A3"].value).startswith(text("wb_rows_none", "fr"))
    assert rows(book["payments"]) == []


def test_a_long_table_goes_on_in_a_further_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS_PER_SHEET", 4)
    book = opened(small())
    assert len(rows(book["payments"])) == 4
    assert len(rows(book["Paiements (2)"])) == 3
    assert "5 à 7 sur 7" in str(book["Paiements (2)"]["A3"].value)


def test_a_text_too_long_for_a_cell_says_that_it_was_cut() -> None:
    cut = within_a_cell("x" * (CELL_LIMIT + 5), "en")
    assert len(cut) <= CELL_LIMIT
    assert cut.endswith("see the CSV files]")
    assert within_a_cell("x" * CELL_LIMIT, "en") == "x" * CELL_LIMIT
    twice = within_a_cell("\U0001f600" * (CELL_LIMIT - 1), "en")  # Excel counts UTF-16
    assert len(twice.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert twice.endswith("see the CSV files]")
    run = small()
    found = run.findings.assign(message="=" + "x" * CELL_LIMIT, remedy="y" * (CELL_LIMIT + 1))
    table = rows(opened(with_frames(run, findings=found))["findings"])
    assert all(str(row["Remède"]).endswith("voir les fichiers CSV]") for row in table)


def test_a_hundred_held_of_two_thousand() -> None:
    run = large(2_000)
    book = opened(run)
    assert len(rows(book["held"])) == 100
    assert len(rows(book["payments"])) == 2_000
    assert book["payments"]["F4"].value == int(run.payments["amount_cents"].sum()) / 100


def test_column_letters_and_day_serials() -> None:
    assert [column_letters(number) for number in (0, 25, 26, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
    ]
    assert day_serial("2022-05-31") == 44_712
