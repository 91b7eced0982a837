"""The scan of a sheet's XML takes twice as long for twice the bytes, whatever they are."""

from __future__ import annotations

import io
import time
import zipfile
from contextlib import suppress

import openpyxl
import pytest

from payroll.ingest.workbook import read_workbook
from payroll.model.errors import PayrollError

#: Sheets that a scan may search to their end again and again: begin, what repeats, end.
HOSTILE = {
    "rows that never end": (b"", b"<row>", b"<f/>"),
    "rows without an end of their tag": (b"", b"<row ", b"hidden="),
    "cells that never end": (b'<row r="1">', b'<c r="ZZ1">', b"</row><f/>"),
    "far cells without an end of their tag": (b"", b'<c r="ZZ1" ', b"<f"),
    "a row of attributes": (b'<row hidden="1" ', b"r=", b"><f/>"),
    "a name without end": (b"<a", b"wwwww", b"<f"),
    "an empty value without end": (b'<row r="1"><c><f/><v>', b"     ", b"</c></row>"),
    "tags in a cell": (b'<row r="1"><c><f/>', b"<v> ", b"</c></row>"),
}
SIZE = 20_000


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose only sheet is this XML."""
    plain, made = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in source.namelist():
            sheet = name == "xl/worksheets/sheet1.xml"
            new.writestr(name, xml if sheet else source.read(name))
    return made.getvalue()


def seconds(part: tuple[bytes, bytes, bytes], times: int) -> float:
    """The least of three readings, in seconds of this process."""
    begin, piece, end = part
    # calamine stops at the end of the data; the scan goes on
    xml = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData></sheetData>" + begin + piece * times + end + b"</worksheet>"
    )
    workbook, taken = with_sheet(xml), []
    for _ in range(3):
        begun = time.process_time()
        with suppress(PayrollError):  # refused in words, or read: how long it took is the matter
            read_workbook("a.xlsx", workbook)
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_the_bytes_take_twice_as_long(name: str) -> None:
    part = HOSTILE[name]
    once, twice = seconds(part, SIZE), seconds(part, 2 * SIZE)
    assert twice < 3 * once + 0.05, (once, twice)
