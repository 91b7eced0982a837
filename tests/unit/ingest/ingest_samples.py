"""Small sources and orders for the ingest tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from functools import lru_cache

import xlsxwriter

from payroll.ingest.read import read_sources
from payroll.model.findings import Finding
from payroll.model.order import payrun_model
from payroll.model.tables import SourceTables
from payroll.rulebook.formats import Formats, load_formats
from payroll.rulebook.toml import load_toml
from payroll.store import load_rule_files, rules_folder

SUPPLIERS = "N° fournisseur;Nom;IBAN\nF1;Nom Fictif;BE68539007547034\n"
FEES = "N° prestataire;Mois;Honoraires bruts\n"


@lru_cache(maxsize=1)
def formats() -> Formats:
    files = load_rule_files(rules_folder())
    return load_formats(
        {name: load_toml(name, data) for name, data in files.items() if name.startswith("formats/")}
    )


def read(
    content: bytes | str, *, kind: str = "suppliers", file: str = "a.csv", **source: object
) -> tuple[SourceTables, list[Finding]]:
    """Read one source."""
    data = content.encode() if isinstance(content, str) else content
    return read_many([({"kind": kind, "file": file, **source}, data)])


def read_twice(content: str) -> tuple[SourceTables, list[Finding]]:
    """Read one source that the order names twice."""
    source = ({"kind": "suppliers", "file": "a.csv"}, content.encode())
    return read_many([source, source])


def read_many(
    sources: Sequence[tuple[dict[str, object], bytes]],
) -> tuple[SourceTables, list[Finding]]:
    """Read several sources; the file name of each is in its order."""
    order = payrun_model().model_validate(
        {"period": "2022-05", "last_known": "2022-04", "source": [item for item, _ in sources]}
    )
    return read_sources(order, {str(item["file"]): data for item, data in sources}, formats())


def ids(findings: Sequence[Finding]) -> list[str]:
    return [finding.rule_id for finding in findings]


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook of (name, rows) sheets."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for name, rows in sheets:
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def repacked(content: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """A workbook with a text in one member replaced; the text must be there."""
    buffer = io.BytesIO()
    before = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.namelist():
            data = before.read(item)
            if item == member:
                assert old in data
                data = data.replace(old, new)
            after.writestr(item, data)
    return buffer.getvalue()


def suspect_book(cell: bytes, kind: str, prefix: bytes = b"", quote: bytes = b'"') -> bytes:
    """Fee statements whose `Net dû` in row 2 is a cell with that XML ('formula' or 'error')."""
    rows = [["N° prestataire", "Mois", "Honoraires bruts", "Net dû"], ["P1", "2022-04", 5.5, 123]]
    sheet = "xl/worksheets/sheet1.xml"
    type_of = b' t="e"' if kind == "error" else b""
    changes = [(b'<c r="D2"><v>123</v></c>', b'<c r="D2"' + type_of + b">" + cell + b"</c>")]
    if quote != b'"':
        changes.append((b'"', quote))
    if prefix:
        changes += [
            (b"</", b"\x00"),
            (b"<", b"<" + prefix),
            (b"<" + prefix + b"?xml", b"<?xml"),
            (b"\x00", b"</" + prefix),
            (b"xmlns=", b"xmlns:" + prefix[:-1] + b"="),
        ]
    content = workbook(("A", rows))
    for old, new in changes:
        content = repacked(content, sheet, old, new)
    return content
