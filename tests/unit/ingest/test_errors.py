"""Every error of reading the sources is raised by something, and has its words."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Callable
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payroll.ingest.read import read_sources
from payroll.model.errors import PayrollError
from payroll.model.order import payrun_model
from payroll.rulebook.formats import Formats
from payroll.texts import error_lines
from tests.unit.ingest.ingest_samples import FEES, SUPPLIERS, read, read_many, repacked, workbook

ROWS = [line.split(";") for line in SUPPLIERS.splitlines()]
SHEET = "xl/worksheets/sheet1.xml"
BOOK = workbook(("A", ROWS))


def zipped(member: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, b"<x/>")
    return buffer.getvalue()


def no_content() -> object:
    order = payrun_model().model_validate(
        {
            "period": "2022-05",
            "last_known": "2022-04",
            "source": [{"kind": "suppliers", "file": "a.csv"}],
        }
    )
    return read_sources(order, {}, Formats())


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
CASES: dict[str, tuple[Callable[[], object], str]] = {
    "source_missing": (no_content, "a.csv"),
    "empty_file": (lambda: read(b" \n"), "a.csv"),
    "workbook_damaged": (lambda: read(BOOK[:3000], file="a.xlsx"), "a.xlsx"),
    "not_a_workbook": (
        lambda: read(BOOK.replace(b"xl/workbook.xml", b"xl/werkboek.xml"), file="a.xlsx"),
        "a.xlsx",
    ),
    "zip_bomb": (
        lambda: read(repacked(BOOK, SHEET, b"<sheetData>", b" " * 60_000_000), file="a.xlsx"),
        "a.xlsx",
    ),
    "entities_refused": (
        lambda: read(
            repacked(BOOK, SHEET, b"<worksheet", b"<!DOCTYPE a><worksheet"), file="a.xlsx"
        ),
        f"a.xlsx, {SHEET}",
    ),
    "unsupported": (lambda: read(b"%PDF-1.4"), "a.csv"),
    "too_large": (lambda: read(SUPPLIERS + ";" * 3000), "a.csv!csv!R3"),
    "nul_byte": (lambda: read(SUPPLIERS + "F2;\x00"), "a.csv!csv!R3"),
    "encoding_unknown": (lambda: read(SUPPLIERS.encode() + b"\x81"), "a.csv"),
    "csv_broken": (lambda: read(SUPPLIERS + '"F2;b;c\n'), "a.csv!csv!R3"),
    "no_columns": (lambda: read("une seule colonne\nrien\n"), "a.csv"),
    "sheet_unknown": (lambda: read(BOOK, file="a.xlsx", sheet="B"), "a.xlsx"),
    "sheets_ambiguous": (lambda: read(workbook(("A", ROWS), ("B", ROWS)), file="a.xlsx"), "a.xlsx"),
    "columns_missing": (lambda: read("N° fournisseur;Nom\nF1;a\n"), "a.csv!csv!R1"),
    "heading_twice": (lambda: read("N° fournisseur;Nom;IBAN;IBAN\nF1;a;b;c\n"), "a.csv!csv!R1"),
    "amount_ambiguous": (
        lambda: read(FEES + "P1;2022-04;1.234\n", kind="fee_statements"),
        "a.csv!csv!R2, Honoraires bruts",
    ),
    "row_too_long": (lambda: read(SUPPLIERS + "F2;b;c;d\n"), "a.csv!csv!R3"),
    "column_not_found": (lambda: read(SUPPLIERS, columns={"Code": "town"}), "payrun.toml, a.csv"),
    "source_twice": (
        lambda: read_many([({"kind": "suppliers", "file": "a.csv"}, SUPPLIERS.encode())] * 2),
        "a.csv",
    ),
    "control_unknown": (lambda: read(SUPPLIERS, control={"net": 1}), "payrun.toml, a.csv"),
    "workbook_format": (lambda: read(OLE + b"Workbook", file="a.xls"), "a.xls"),
    "workbook_encrypted": (
        lambda: read(OLE + "EncryptedPackage".encode("utf-16-le"), file="a.xlsx"),
        "a.xlsx",
    ),
    "control_not_a_number": (
        lambda: read(SUPPLIERS, control={"rows": "vier"}),
        "payrun.toml, a.csv, control.rows",
    ),
}


@pytest.mark.parametrize("error_id", CASES)
def test_the_error_names_its_place_in_three_languages(error_id: str) -> None:
    act, where = CASES[error_id]
    with pytest.raises(PayrollError) as caught:
        act()
    assert (caught.value.error_id, caught.value.where) == (error_id, where)
    assert caught.value.exit_code == 4
    for language in ("fr", "nl", "en"):
        lines = error_lines(caught.value, language)
        assert not any("{" in line for line in lines if "columns = {" not in line)


@pytest.mark.parametrize(
    ("file", "content", "found"),
    [
        ("a.xlsx", OLE + b"Workbook", "XLS"),  # renamed, not converted
        ("a.xls", b"<html><table><tr><td>N</td></tr></table></html>", "XLS"),
        ("a.xls", SUPPLIERS.encode(), "XLS"),
        ("a.ods", zipped("content.xml"), "ODS"),
        ("a.xlsb", zipped("xl/workbook.bin"), "XLSB"),
    ],
)
def test_other_workbooks_are_refused_by_their_format(file: str, content: bytes, found: str) -> None:
    with pytest.raises(PayrollError) as caught:
        read(content, file=file)
    assert (caught.value.error_id, caught.value.params["format"]) == ("workbook_format", found)
    assert caught.value.exit_code == 4
    for language in ("fr", "nl", "en"):
        assert ".xlsx" in error_lines(caught.value, language)[2]


def test_every_error_of_the_catalogue_has_its_case() -> None:
    catalogue = (resources.files("payroll.texts") / "fr" / "errors_ingest.toml").read_text("utf-8")
    assert set(CASES) == set(tomllib.loads(catalogue))


def outcome(content: bytes, file: str) -> None:
    """Anything but a result or a PayrollError is a bug."""
    try:
        tables, _ = read(content, file=file)
    except PayrollError:
        return
    for summary in tables.summaries:
        assert summary.rows_read == summary.rows_used + summary.rows_excluded


TEXTS = st.text('N°;",\n\r\t|0aF1é\ufeff\u200b', max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=60),
        TEXTS.map(str.encode),
        TEXTS.map(lambda text: text.encode("utf-16")),
        st.builds(lambda tail: SUPPLIERS.encode() + tail, st.binary(max_size=40)),
        st.builds(lambda tail: SUPPLIERS.encode() + tail.encode(), TEXTS),
        st.builds(lambda head: b"\xff\xfe" + head, st.binary(max_size=21)),
    )
)
def test_any_bytes_as_csv(content: bytes) -> None:
    outcome(content, "a.csv")


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(BOOK)), st.binary(max_size=12), st.booleans())
def test_any_bytes_as_a_workbook(at: int, noise: bytes, cut: bool) -> None:
    outcome(BOOK[:at] + noise + (b"" if cut else BOOK[at + len(noise) :]), "a.xlsx")
    outcome(noise, "a.xlsx")


NOISE = [
    b"<v>1</v>",
    b"<row>",
    b't="e"',
    b"<f>",
    b"</row>",
    b"\xff",
    b"<is><t>x</t></is>",
    b'hidden="1"',
    b"<c/>",
    b"&a;",
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([b"<sheetData>", b'<row r="2"', b'<c r="A2"', b"<v>", b"</c>"]),
    st.lists(st.sampled_from(NOISE), max_size=3),
)
def test_any_sheet_inside_a_workbook(after: bytes, noise: list[bytes]) -> None:
    outcome(repacked(BOOK, SHEET, after, after + b" ".join(noise)), "a.xlsx")
