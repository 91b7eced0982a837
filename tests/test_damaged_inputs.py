"""One input damaged at a time: a clear refusal, or a finding that holds its payee and no other."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from payroll.demo.workspace import demo_files
from payroll.model.errors import PayrollError
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.record.run import Run
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.store import load_payrun, load_rule_files, rules_folder
from payroll.texts import error_lines

MONTH = "2022-05/"
STAFF = "exports/personnel_2022-04.xlsx"
TOTALS = "exports/paie_totaux_2022-04.xlsx"
LINES = "exports/paie_lignes_2022-04.csv"
MARCH = "exports/paie_lignes_2022-03.csv"
HOURS = "exports/prestations_2022-04.csv"
SUPPLIERS = "exports/fournisseurs.xlsx"
INVOICES = "exports/factures_ouvertes.csv"
AGENT = "010645"  # has a salary and a bonus, and nothing planted
GROSS = "Traitement mensuel (temps plein)"
COMPARED = [
    "stream",
    "payee_id",
    "creditor_name",
    "iban",
    "amount_cents",
    "remittance",
    "structured_reference",
    "legal_nature",
    "status",
    "hold_rules",
    "payment_id",
]


@lru_cache(maxsize=1)
def rulebook() -> RuleBook:
    return load_rulebook(load_rule_files(rules_folder()))


@lru_cache(maxsize=1)
def sample() -> dict[str, bytes]:
    """The sample workspace, written once."""
    return demo_files("small", 1)


def run(
    folder: Path,
    changes: dict[str, bytes] | None = None,
    *,
    controls: bool = False,
    replace: Mapping[str, str] | None = None,
) -> Run:
    """Run the sample with some of its files replaced; declared totals only when asked."""
    files = sample() | {MONTH + name: data for name, data in (changes or {}).items()}
    order = files[MONTH + "payrun.toml"].decode()
    if not controls:
        order = re.sub(r"^control = .*\n", "", order, flags=re.MULTILINE)
    for before, after in (replace or {}).items():
        order = order.replace(before, after)
    files[MONTH + "payrun.toml"] = order.encode()
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    found = load_payrun(folder)
    return build_run(found.request(rulebook()))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("sound"))


def original(name: str) -> bytes:
    return sample()[MONTH + name]


def edited(name: str, change: Callable[[Any], object]) -> bytes:
    """A workbook after `change` on its last sheet, which holds the data."""
    book = openpyxl.load_workbook(io.BytesIO(original(name)))
    change(book.worksheets[-1])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one member's bytes changed."""
    buffer = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            data = old.read(item)
            new.writestr(item, change(data) if item == member else data)
    return buffer.getvalue()


def heading_row(sheet: Any) -> int:
    return next(
        row
        for row in range(1, 20)
        if sum(cell.value is not None for cell in sheet[row]) > 4
        and isinstance(sheet.cell(row, 3).value, str)
    )


def cell_of(sheet: Any, payee: str, heading: str) -> Any:
    """The cell of a payee under a heading."""
    column = next(c.column for c in sheet[heading_row(sheet)] if c.value == heading)
    return next(
        sheet.cell(row, column)
        for row in range(1, sheet.max_row + 1)
        if sheet.cell(row, 1).value == payee
    )


def place(name: str, payee: str, heading: str) -> str:
    sheet = openpyxl.load_workbook(io.BytesIO(original(name))).worksheets[-1]
    return f"{name}!{sheet.title}!R{cell_of(sheet, payee, heading).row}, {heading}"


def with_cell(name: str, payee: str, heading: str, value: object) -> bytes:
    def change(sheet: Any) -> None:
        cell_of(sheet, payee, heading).value = value

    return edited(name, change)


def line_of(name: str, payee: str) -> tuple[int, str]:
    """(line number, text) of a payee's first row of a CSV."""
    lines = original(name).decode("cp1252").split("\r\n")
    number = next(i for i, line in enumerate(lines) if line.startswith(payee + ";"))
    return number + 1, lines[number]


def other_payments(output: Run, payee: str) -> pd.DataFrame:
    frame = output.payments
    return frame.loc[frame["payee_id"] != payee, COMPARED].reset_index(drop=True)


def assert_only_held(output: Run, sound: Run, payee: str) -> None:
    """All of a payee's payments are held; everybody else is paid as without the damage."""
    assert not output.refused
    own = output.payments[output.payments["payee_id"] == payee]
    assert len(own) > 0
    assert set(own["status"]) == {"held"}
    pd.testing.assert_frame_equal(other_payments(output, payee), other_payments(sound, payee))


def findings_of(output: Run, rule_id: str) -> list[tuple[str, str, str]]:
    """(severity, subject, source) of a rule's findings."""
    frame = output.findings[output.findings["rule_id"] == rule_id]
    return list(zip(frame["severity"], frame["subject_id"], frame["source"], strict=True))


# --- a file that is damaged as a whole -----------------------------------------------------------

Change = Callable[[], dict[str, bytes]]


def bomb() -> bytes:
    def change(data: bytes) -> bytes:
        return data.replace(b"<sheetData>", b"<sheetData>" + b" " * 80_000_000)

    return repacked(original(TOTALS), "xl/worksheets/sheet1.xml", change)


def with_entity(data: bytes) -> bytes:
    dtd = b'<!DOCTYPE worksheet [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<worksheet'
    return data.replace(b"<worksheet", dtd, 1)


def without_heading(sheet: Any) -> None:
    next(c for c in sheet[heading_row(sheet)] if c.value == "Net à payer").value = "Colonne X"


def doubled_heading(sheet: Any) -> None:
    row = heading_row(sheet)
    sheet.cell(row, sheet.max_column + 1).value = "Montant net"


def second_sheet(sheet: Any) -> None:
    sheet.parent.copy_worksheet(sheet).title = "Totaux (2)"


def ambiguous() -> bytes:
    """Every amount of the column is like 1.234: nothing settles which."""
    lines = original(INVOICES).decode("cp1252").split("\r\n")
    rows = [line.split(";") for line in lines]
    for row in rows:
        if len(row) > 6 and row[0].startswith("F0"):
            row[4] = "1.234"
        elif row[0] == "TOTAL":
            row[4] = ""
    return "\r\n".join(";".join(row) for row in rows).encode("cp1252")


REFUSED: dict[str, tuple[Change, str, str]] = {
    "truncated workbook": (lambda: {TOTALS: original(TOTALS)[:20_000]}, "workbook_damaged", TOTALS),
    "workbook with its middle overwritten": (
        lambda: {TOTALS: original(TOTALS)[:9_000] + bytes(20_000) + original(TOTALS)[29_000:]},
        "workbook_damaged",
        TOTALS,
    ),
    "workbook replaced by text": (
        lambda: {TOTALS: b"vos fichiers sont chiffr\xe9s"},
        "workbook_damaged",
        TOTALS,
    ),
    "unknown encoding": (
        lambda: {LINES: original(LINES).replace(b"Mois", b"M\x81\x8d", 1)},
        "encoding_unknown",
        LINES,
    ),
    "zip of something else": (
        lambda: {
            TOTALS: repacked(original(TOTALS), "", bytes).replace(
                b"xl/workbook.xml", b"xl/werkboek.xml"
            )
        },
        "not_a_workbook",
        TOTALS,
    ),
    "required column missing": (
        lambda: {TOTALS: edited(TOTALS, without_heading)},
        "columns_missing",
        f"{TOTALS}!Totaux!R4",
    ),
    "amounts with two readings": (
        lambda: {INVOICES: ambiguous()},
        "amount_ambiguous",
        f"{INVOICES}!csv!R5, Montant TVAC",
    ),
    "NUL byte": (
        lambda: {LINES: original(LINES).replace(b"010645", b"01\x00645", 1)},
        "nul_byte",
        f"{LINES}!csv!R{line_of(LINES, '010645')[0]}",
    ),
    "empty file": (lambda: {LINES: b""}, "empty_file", LINES),
    "blank file": (lambda: {TOTALS: b" \r\n"}, "empty_file", TOTALS),
    "zip bomb": (lambda: {TOTALS: bomb()}, "zip_bomb", TOTALS),
    "entity in a sheet": (
        lambda: {TOTALS: repacked(original(TOTALS), "xl/worksheets/sheet1.xml", with_entity)},
        "entities_refused",
        f"{TOTALS}, xl/worksheets/sheet1.xml",
    ),
    "open quote": (
        lambda: {LINES: original(LINES).replace(b"010645;", b'"010645;', 1)},
        "csv_broken",
        f"{LINES}!csv!R{line_of(LINES, '010645')[0]}",
    ),
    "PDF": (lambda: {LINES: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"}, "unsupported", LINES),
    "two fitting sheets": (
        lambda: {TOTALS: edited(TOTALS, second_sheet)},
        "sheets_ambiguous",
        TOTALS,
    ),
    "heading twice": (
        lambda: {TOTALS: edited(TOTALS, doubled_heading)},
        "heading_twice",
        f"{TOTALS}!Totaux!R4",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_damaged_file_is_refused_by_name_and_place(name: str, tmp_path: Path) -> None:
    change, error_id, where = REFUSED[name]
    with pytest.raises(PayrollError) as caught:
        run(tmp_path, change())
    assert (caught.value.error_id, caught.value.where) == (error_id, where)
    assert caught.value.exit_code == 4
    for language in ("fr", "nl", "en"):
        assert len(error_lines(caught.value, language)) == 3


def test_a_missing_sheet_is_refused_with_the_sheets_there_are(tmp_path: Path) -> None:
    with pytest.raises(PayrollError) as caught:
        run(tmp_path, replace={'"Personnel"': '"Personeel"'})
    assert (caught.value.error_id, caught.value.where) == ("sheet_unknown", STAFF)
    assert caught.value.exit_code == 4
    assert caught.value.params["sheets"] == "Lisez-moi, Personnel"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, unpacked, read = bomb(), [0], zipfile.ZipExtFile.read

    def counted(member: zipfile.ZipExtFile, size: int | None = -1) -> bytes:
        found = read(member, size)
        unpacked[0] += len(found)
        return found

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    with pytest.raises(PayrollError, match="zip_bomb"):
        run(tmp_path, {TOTALS: content})
    assert unpacked[0] < 20_000_000  # the other files of the sample


# --- a row or cell that is damaged: its payee is held, nobody else -------------------------------

FORMULA = re.compile(rb"(<f>1\+1</f>)<v ?/>|(<f>1\+1</f>)<v></v>")
CELLS = {
    "formula, empty value": ("=1+1", "ING-008"),
    "error": ("#N/A", "ING-008"),
    "not an amount": ("voir annexe", "ING-002"),
    "empty": (None, "ING-004"),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_damaged_amount_holds_its_person(name: str, tmp_path: Path, sound: Run) -> None:
    value, rule_id = CELLS[name]
    output = run(tmp_path, {STAFF: with_cell(STAFF, AGENT, GROSS, value)})
    assert findings_of(output, rule_id) == [("hold", AGENT, place(STAFF, AGENT, GROSS))]
    assert_only_held(output, sound, AGENT)


def test_a_formula_without_any_value_element_holds_its_person(tmp_path: Path, sound: Run) -> None:
    content = repacked(
        with_cell(STAFF, AGENT, GROSS, "=1+1"),
        "xl/worksheets/sheet2.xml",
        lambda data: FORMULA.sub(rb"<f>1+1</f>", data),
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>1+1</f></c>" in archive.read("xl/worksheets/sheet2.xml")
    output = run(tmp_path, {STAFF: content})
    assert findings_of(output, "ING-008") == [("hold", AGENT, place(STAFF, AGENT, GROSS))]
    assert_only_held(output, sound, AGENT)


@pytest.mark.parametrize(
    ("file", "heading", "value"),
    [(STAFF, "Date d'entrée", "31/02/2020"), (TOTALS, "Précompte professionnel", "#REF!")],
)
def test_an_unreadable_required_cell_holds_its_person(
    file: str, heading: str, value: str, tmp_path: Path, sound: Run
) -> None:
    output = run(tmp_path, {file: with_cell(file, AGENT, heading, value)})
    rule_id = "ING-008" if value.startswith("#") else "ING-002"
    assert findings_of(output, rule_id) == [("hold", AGENT, place(file, AGENT, heading))]
    held = output.payments[output.payments["status"] == "held"]
    assert AGENT in set(held["payee_id"]) or AGENT not in set(output.payments["payee_id"])
    pd.testing.assert_frame_equal(other_payments(output, AGENT), other_payments(sound, AGENT))


def test_an_unreadable_date_and_amount_of_an_invoice_hold_its_supplier(
    tmp_path: Path, sound: Run
) -> None:
    number, line = line_of(INVOICES, "F01003")
    for column, heading, text in ((2, "Date facture", "32/13/2022"), (4, "Montant TVAC", "12,3x")):
        cells = line.split(";")
        cells[column] = text
        content = original(INVOICES).decode("cp1252").replace(line, ";".join(cells))
        output = run(tmp_path, {INVOICES: content.encode("cp1252")})
        assert findings_of(output, "ING-002") == [
            ("hold", "F01003", f"{INVOICES}!csv!R{number}, {heading}")
        ]
        assert_only_held(output, sound, "F01003")


def test_a_repeated_person_is_held_and_both_rows_are_named(tmp_path: Path, sound: Run) -> None:
    rows: list[int] = []

    def change(sheet: Any) -> None:
        first = cell_of(sheet, AGENT, "N° agent").row
        values = [cell.value for cell in sheet[first]]
        rows.extend([first, sheet.max_row + 1])
        for column, value in enumerate(values, start=1):
            sheet.cell(rows[1], column).value = value

    output = run(tmp_path, {STAFF: edited(STAFF, change)})
    where = "; ".join(f"{STAFF}!Personnel!R{row}, N° agent" for row in rows)
    assert findings_of(output, "ING-005") == [("hold", AGENT, where)]
    assert_only_held(output, sound, AGENT)


def test_a_row_without_a_number_is_named_and_its_person_held(tmp_path: Path, sound: Run) -> None:
    output = run(tmp_path, {STAFF: with_cell(STAFF, AGENT, "N° agent", None)})
    assert findings_of(output, "ING-001") == [("warn", STAFF, place(STAFF, AGENT, "N° agent"))]
    assert set(output.payments.loc[output.payments["payee_id"] == AGENT, "status"]) <= {"held"}
    pd.testing.assert_frame_equal(other_payments(output, AGENT), other_payments(sound, AGENT))


@pytest.mark.parametrize("name", ["Mar\u200btin", "\u202eMartin"])
def test_a_name_with_invisible_letters_holds_its_person(
    name: str, tmp_path: Path, sound: Run
) -> None:
    output = run(tmp_path, {STAFF: with_cell(STAFF, AGENT, "Nom", name)})
    where = place(STAFF, AGENT, "Nom")
    own = output.findings[output.findings["source"].str.contains(where, regex=False)]
    assert set(own["severity"]) == {"hold"}
    assert set(own["subject_id"]) == {AGENT}
    assert_only_held(output, sound, AGENT)


# --- what only looks damaged: it works, and is told ----------------------------------------------


def same_payments(output: Run, sound: Run) -> None:
    assert not output.refused
    pd.testing.assert_frame_equal(other_payments(output, ""), other_payments(sound, ""))


def test_numbers_stored_as_text_are_read(tmp_path: Path, sound: Run) -> None:
    def change(sheet: Any) -> None:
        for row in sheet.iter_rows(min_row=heading_row(sheet) + 1, min_col=3, max_col=12):
            for cell in row:
                if isinstance(cell.value, int | float):
                    cell.value = f"{cell.value:.2f}".replace(".", ",")

    same_payments(run(tmp_path, {TOTALS: edited(TOTALS, change)}), sound)


def test_two_hundred_columns_are_read(tmp_path: Path, sound: Run) -> None:
    def change(sheet: Any) -> None:
        row = heading_row(sheet)
        for column in range(sheet.max_column + 1, 201):
            sheet.cell(row, column).value = f"Zone {column}"
            sheet.cell(row + 1, column).value = column

    output = run(tmp_path, {TOTALS: edited(TOTALS, change)})
    same_payments(output, sound)
    assert ("info", TOTALS, f"{TOTALS}!Totaux") in findings_of(output, "ING-014")


def test_hidden_rows_are_read_and_told(tmp_path: Path, sound: Run) -> None:
    def change(sheet: Any) -> None:
        sheet.row_dimensions[cell_of(sheet, AGENT, "N° agent").row].hidden = True

    output = run(tmp_path, {STAFF: edited(STAFF, change)})
    same_payments(output, sound)
    assert findings_of(output, "ING-010") == [("warn", STAFF, f"{STAFF}!Personnel")]


def test_other_encodings_are_read(tmp_path: Path, sound: Run) -> None:
    encodings = {LINES: "utf-8", MARCH: "utf-8", HOURS: "utf-8-sig", INVOICES: "utf-16"}
    changes = {
        name: original(name).decode("cp1252").encode(encoding)
        for name, encoding in encodings.items()
    }
    output = run(tmp_path, changes)
    same_payments(output, sound)
    assert findings_of(output, "ING-013") == []


def test_a_declared_total_that_differs_refuses_the_run(tmp_path: Path) -> None:
    changed = with_cell(STAFF, AGENT, GROSS, 2500)
    output = run(tmp_path, {STAFF: changed}, controls=True)
    assert output.refused
    assert output.sepa_files == ()
    assert not {name for name in publish(output) if name.startswith(("sepa/", "review", "control"))}
    assert findings_of(output, "ING-006") == [("block", STAFF, STAFF)]
