"""The sheets of a whole run: their totals are those of payments.csv, also after LibreOffice."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from payroll.model.streams import STREAMS
from payroll.pipeline import build_run
from payroll.publish import documents
from payroll.record.findings import findings_in
from payroll.record.folder import record_files
from payroll.record.run import Run
from payroll.rulebook.book import load_rulebook
from payroll.sepa.facts import file_facts
from payroll.store import load_payrun, load_rule_files, rules_folder
from payroll.texts import text
from payroll.views.control_sheet.sheet import build_control_sheet
from payroll.views.movements import STEPS
from payroll.views.page.page import build_page
from payroll.views.workbook.workbook import build_workbook

ROOT = Path(__file__).resolve().parents[4]
HEADINGS, TOTALS = 5, 4


@pytest.fixture(scope="module")
def output() -> Run:
    found = load_payrun(ROOT / "fixtures" / "hospital-small" / "2022-05")
    return build_run(
        found.request(
            load_rulebook(load_rule_files(rules_folder())),
            datetime(2022, 5, 23, 9, 0),  # noqa: DTZ001
        )
    )


def sheets_of(content: bytes) -> dict[str, Worksheet]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what LibreOffice adds, openpyxl may not know
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {sheet.title: sheet for sheet in book.worksheets}


@pytest.fixture(scope="module")
def book(output: Run) -> dict[str, Worksheet]:
    return sheets_of(documents(output)["review.xlsx"])


def paid(output: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(record_files(output)["payments.csv"].decode())))


def cents(value: object) -> int:
    return round(float(str(value or 0)) * 100)


def named(name: str) -> str:
    return text(f"wb_sheet_{name}", "fr")


def total(sheet: Worksheet, heading: str) -> int:
    """What stands above a column: the sum of the rows shown."""
    headings = [cell.value for cell in sheet[HEADINGS]]
    return cents(sheet.cell(TOTALS, headings.index(heading) + 1).value)


def due(output: Run, stream: str) -> int:
    frames = (output.payments, output.frames["receivables"])
    return sum(int(item.loc[item["stream"] == stream, "amount_cents"].sum()) for item in frames)


def require_totals(book: Mapping[str, Worksheet], output: Run) -> None:
    """The totals of the workbook are those of payments.csv."""
    rows = paid(output)
    cover = book[named("summary")]
    lines = {row[0]: row[1:] for row in cover.iter_rows(values_only=True) if row[0]}
    for stream in (*STREAMS, "total"):
        mine = [row for row in rows if stream in ("total", row["stream"])]
        label = text("column_total" if stream == "total" else f"stream_{stream}", "fr")
        shown = next(row[1:6] for row in cover.iter_rows(values_only=True) if row[0] == label)
        for status, number, amount in (("pay", 0, 1), ("held", 2, 3)):
            found = [int(row["amount_cents"]) for row in mine if row["status"] == status]
            assert shown[number] == len(found)
            assert cents(shown[amount]) == sum(found)
    whole = sum(int(row["amount_cents"]) for row in rows)
    tied = lines[text("wb_tie_payments", "fr", sheet=named("payments"))]
    assert cents(tied[4]) == whole
    assert total(book[named("payments")], "Montant EUR") == whole
    gap = lines[text("wb_bridge_gap", "fr")]
    assert [cents(value) for value in gap[: len(STREAMS) + 1]] == [0] * (len(STREAMS) + 1)
    after = lines[text("wb_bridge_after", "fr")]
    shown = [cents(value) for value in after[: len(STREAMS)]]
    assert shown == [due(output, stream) for stream in STREAMS]


def test_the_totals_are_those_of_the_payments(book: dict[str, Worksheet], output: Run) -> None:
    require_totals(book, output)


def test_each_stream_has_a_sheet_that_adds_up_to_it(
    book: dict[str, Worksheet], output: Run
) -> None:
    assert total(book[named("bonuses")], "Net EUR") == due(output, "bonuses")
    assert total(book[named("fees")], "Net EUR") == due(output, "fees")
    assert total(book[named("invoices")], "Dans ce paiement EUR") == due(output, "invoices")
    bonuses = book[named("bonuses")]
    headings = [str(cell.value) for cell in bonuses[HEADINGS]]
    by_code = [name for name in headings if name.endswith(" EUR")][3:]
    assert sum(total(bonuses, name) for name in by_code) == total(bonuses, "Brut EUR")


def test_every_invoice_stands_there_once_with_what_becomes_of_it(
    book: dict[str, Worksheet],
) -> None:
    table = list(book[named("invoices")].iter_rows(min_row=HEADINGS + 1, values_only=True))
    states = {str(row[0]) for row in table}
    assert {"À payer", "Pas échue", "Bloquée"} <= states
    assert states <= {
        text(f"wb_state_{name}", "fr")
        for name in (
            "pay",
            "held",
            "to_recover",
            "netted",
            "repeated",
            "blocked",
            "not_due",
            "nothing",
        )
    }
    for row in table:
        assert (row[7] is None) == (row[0] not in ("À payer", "Retenu", "Imputée", "À récupérer"))


def test_the_sites_add_up_to_the_salaries(book: dict[str, Worksheet], output: Run) -> None:
    sheet = book[named("bridge")]
    rows = list(sheet.iter_rows(values_only=True))
    begin = next(n for n, row in enumerate(rows) if row[0] == text("wb_part_bridge_sites", "fr"))
    whole = next(row for row in rows[begin:] if row[0] == "Total")
    end = len(STEPS) + 1  # before, the steps but `new`, after
    assert cents(whole[end]) == due(output, "salaries")
    assert cents(whole[end + 2]) == sum(
        output.lines.loc[output.lines["stream"] == "bonuses", "amount_cents"]
    )
    assert sum(map(cents, whole[1:end])) == cents(whole[end])


def test_what_the_law_changed_is_told_apart(output: Run, book: dict[str, Worksheet]) -> None:
    changes = output.frames["changes"]
    changes = changes[(changes["stream"] == "salaries") & (changes["law_cents"] != 0)]
    staying = changes[~changes["reasons"].str.contains("reason_leaver")]
    assert len(staying)  # that of the leavers stands with the leavers
    cover = {row[0]: row[1] for row in book[named("summary")].iter_rows(values_only=True)}
    assert cents(cover[text("wb_bridge_law", "fr")]) == int(staying["law_cents"].sum())
    alone = staying[staying["reasons"] == "reason_law_change"]
    assert len(alone)
    moved = alone["net_after_cents"] - alone["net_before_cents"]
    assert (moved == alone["law_cents"]).all()


def test_the_values_that_shaped_the_run_stand_unverified_first(
    book: dict[str, Worksheet], output: Run
) -> None:
    table = list(book[named("parameters")].iter_rows(min_row=HEADINGS + 1, values_only=True))
    doubtful = output.findings.loc[output.findings["rule_id"] == "PARAM-001", "observed"]
    first = [row for row in table if row[0] == text("wb_value_unverified", "fr")]
    assert {row[1] for row in first} == set(doubtful)
    assert table[: len(first)] == first
    assert all(row[3] or str(row[1]).startswith(("component:", "step:")) for row in first)


def test_there_are_native_charts_that_keep_their_values(output: Run) -> None:
    with zipfile.ZipFile(io.BytesIO(documents(output)["review.xlsx"])) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        drawn = [archive.read(name).decode() for name in charts]
    assert len(charts) == 4
    assert all("<c:numCache>" in chart and "<c:strCache>" in chart for chart in drawn)


def without_values(content: bytes) -> bytes:
    """The workbook with its formulas, but without what we say that they come to."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            target.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f>", source.read(name)))
    return result.getvalue()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_works_out_the_same_totals(tmp_path: Path, output: Run) -> None:
    """Opened, every formula worked out anew, and saved by another program."""
    (tmp_path / "review.xlsx").write_bytes(without_values(documents(output)["review.xlsx"]))
    done = subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "ods",
            "--outdir",
            tmp_path,
            tmp_path / "review.xlsx",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (tmp_path / "review.ods").exists(), done.stderr[-2_000:]
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            tmp_path / "again",
            tmp_path / "review.ods",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    again = sheets_of((tmp_path / "again" / "review.xlsx").read_bytes())
    require_totals(again, output)
    wrong = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in again.values()
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith(("#", "Err:"))
    ]
    assert wrong == []


def test_a_run_is_shown_in_another_language_than_its_own(output: Run) -> None:
    assert output.employer.language == "fr"
    said = {language: findings_in(output, language) for language in ("fr", "en")}
    changed = (said["fr"]["message"] != said["en"]["message"]).sum()
    assert changed == len(said["fr"])
    sheets = sheets_of(build_workbook(output, "en"))
    table = list(sheets[text("wb_sheet_findings", "en")].iter_rows(values_only=True))
    heading = table[HEADINGS - 1]
    messages = [row[heading.index(text("wb_col_message", "en"))] for row in table[HEADINGS:]]
    assert sorted(messages) == sorted(said["en"]["message"])
    page = build_page(output, "en").decode()
    assert '<html lang="en">' in page
    assert escape(said["en"]["message"].iloc[0]) in page
    assert escape(said["fr"]["message"].iloc[0]) not in page
    reread = [file_facts(file.path, file.content) for file in output.sepa_files]
    sheet = build_control_sheet(output, reread, "en")
    assert sheet != build_control_sheet(output, reread)
    assert build_workbook(output, "fr") == build_workbook(output)
