"""XLSX workbooks through calamine, with what calamine cannot show found in the XML.

calamine gives an error cell and a formula without stored value as an empty cell: a scan of the
sheet's XML finds both, and hidden rows, so that empty never means zero in a money column. The old
XLS (and ODS, XLSB) has no such XML: what is an error there would pass for empty, so it is refused.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from payroll.ingest.delimited import COLUMNS_MAX, ROWS_MAX
from payroll.ingest.sheet import Sheet
from payroll.model.errors import DamagedInputError

UNPACKED_BYTES_MAX = 600_000_000
CELLS_MAX = 20_000_000  # calamine lays a sheet out in full, up to its last cell
RATIO_MAX = 400  # an honest sheet packs 10 to 30 times
MEMBERS_MAX = 2_000

# Elements may have a prefix (x:c), attributes either quote, and a cell need not say its place. No
# pattern looks past the next element of its own kind, or past the next tag for an attribute: of a
# sheet with a million rows that never end, each would be searched to the end.
_UNTIL = rb"((?:[^<]++|<(?!/?(?:\w+:)?%b[\s/>]))*+)"
_ROW = re.compile(rb"<(?:\w+:)?row\b([^<>]*?)(?:/>|>%b</(?:\w+:)?row\s*>)" % (_UNTIL % b"row"))
_CELL = re.compile(rb"<(?:\w+:)?c\b([^<>]*?)(?:/>|>%b</(?:\w+:)?c\s*>)" % (_UNTIL % b"c"))
_PLACE = re.compile(rb"""\br=["']([A-Z]*)(\d*)["']""")
#: A place beyond column CZ or row 99,999: only then is every cell's place read. Like the next ones
#: it begins with letters, which makes the search of a large sheet three times as fast.
_FAR = re.compile(rb"""r=["'](?:[D-Z][A-Z]|[A-Z]{3,}|[A-Z]*[0-9]{6,})""")
_HIDDEN_ROW = re.compile(
    rb"""<(?:\w+:)?row\b(?=[^<>]*\bhidden=["'](?:1|true)["'])[^<>]*\br=["'](\d+)["']"""
)
_ERROR = re.compile(rb"""\bt=["']e["']""")
_MAYBE_ERROR = re.compile(rb"""t=["']e["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_HAS_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>/]*>\s*[^<\s]|<(?:\w+:)?is\b")


_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: What other workbooks in a zip hold instead of xl/workbook.xml.
_OTHER_FORMATS = {"xl/workbook.bin": "XLSB", "content.xml": "ODS", "Index/Document.iwa": "Numbers"}


def looks_like_workbook(content: bytes) -> bool:
    """Whether the bytes begin like a zip (XLSX) or an OLE file (XLS, a password, a document)."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))


def read_workbook(file: str, content: bytes) -> list[Sheet]:
    """Every sheet of a workbook.

    Raises DamagedInputError: damaged, a zip bomb, behind a password, of a format that is not XLSX.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise DamagedInputError("workbook_encrypted", where=file)
        raise DamagedInputError("workbook_format", where=file, format="XLS")
    scans = _checked_sheets(file, content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = [
            (meta, book.get_sheet_by_name(meta.name))
            for meta in book.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet
        ]
        grids = [(meta, _grid(file, sheet)) for meta, sheet in found]
    except DamagedInputError:
        raise
    except Exception as error:  # calamine raises many kinds for damaged files
        raise DamagedInputError("workbook_damaged", where=file) from error
    sheets = []
    for meta, rows in grids:
        if meta.name not in scans:
            raise DamagedInputError("workbook_damaged", where=file)
        suspect, hidden = _scan(scans[meta.name])
        sheets.append(
            Sheet(
                meta.name,
                rows,
                range(1, len(rows) + 1),
                "",
                suspect,
                hidden,
                meta.visible == SheetVisibleEnum.Visible,
            )
        )
    return sheets


def _grid(file: str, sheet: Any) -> list[list[Any]]:
    if sheet.end is not None:
        last_row, last_column = sheet.end
        if last_row >= ROWS_MAX or last_column >= COLUMNS_MAX:
            raise DamagedInputError("too_large", where=f"{file}!{sheet.name}")
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return rows


def _checked_sheets(file: str, content: bytes) -> dict[str, bytes]:
    """Sheet name -> its XML, after the size and entity checks."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            unpacked = sum(item.file_size for item in members)
            packed = sum(item.compress_size for item in members)
            if (
                len(members) > MEMBERS_MAX
                or unpacked > UNPACKED_BYTES_MAX
                or (unpacked > 50_000_000 and unpacked > RATIO_MAX * max(packed, 1))
                or not all(_true_size(content, item) for item in members)
            ):
                raise DamagedInputError("zip_bomb", where=file)
            names = {item.filename for item in members}
            if "xl/workbook.xml" not in names:
                raise _not_xlsx(file, names)
            for name in sorted(names):
                if name.endswith((".xml", ".rels")):
                    data = archive.read(name)
                    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
                        raise DamagedInputError("entities_refused", where=f"{file}, {name}")
            return dict(_sheet_parts(file, archive, names))
    except Exception as error:  # zipfile and lxml raise many kinds for damaged files
        if isinstance(error, DamagedInputError):
            raise
        raise DamagedInputError("workbook_damaged", where=file) from error


def _not_xlsx(file: str, names: set[str]) -> DamagedInputError:
    for name, found in _OTHER_FORMATS.items():
        if name in names:
            return DamagedInputError("workbook_format", where=file, format=found)
    return DamagedInputError("not_a_workbook", where=file)


def _true_size(content: bytes, item: zipfile.ZipInfo) -> bool:
    """Whether a member unpacks to no more than it declares (calamine does not look)."""
    name_length, extra_length = struct.unpack_from("<HH", content, item.header_offset + 26)
    begin = item.header_offset + 30 + name_length + extra_length
    packed = content[begin : begin + item.compress_size]
    if item.compress_type == zipfile.ZIP_STORED:
        return item.compress_size <= item.file_size
    unpacker, size = zlib.decompressobj(-15), 0
    while packed and size <= item.file_size and not unpacker.eof:
        size += len(unpacker.decompress(packed, 1 << 20))
        packed = unpacker.unconsumed_tail
    return size <= item.file_size


def _sheet_parts(
    file: str, archive: zipfile.ZipFile, names: set[str]
) -> Iterator[tuple[str, bytes]]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)

    def root(name: str) -> Any:
        return etree.fromstring(archive.read(name), parser)

    relations = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for item in root("xl/_rels/workbook.xml.rels"):
            relations[item.get("Id")] = item.get("Target", "")
    for item in root("xl/workbook.xml").iter("{*}sheet"):
        key = next((value for name, value in item.items() if name.endswith("}id")), "")
        target = relations.get(key, "").lstrip("/")
        path = posixpath.normpath(target if target.startswith("xl/") else f"xl/{target}")
        if path in names:
            data = archive.read(path)
            _check_extent(f"{file}!{item.get('name', '')}", data)
            yield item.get("name", ""), data


def _check_extent(where: str, xml: bytes) -> None:
    """Refuse a sheet with a far cell: calamine would allocate the whole rectangle before it."""
    if not _FAR.search(xml):
        return  # at most 104 columns of 99,999 rows
    rows = columns = 1
    for found in _CELL.finditer(xml):
        place = _PLACE.search(found[1]) if found[2] else None
        if place:
            rows = max(rows, int(place[2] or 1))
            columns = max(columns, _column_index(place[1]) + 1)
    if columns > COLUMNS_MAX or rows > ROWS_MAX or columns * rows > CELLS_MAX:
        raise DamagedInputError("too_large", where=where)


def _scan(xml: bytes) -> tuple[dict[tuple[int, int], str], frozenset[int]]:
    """Cells that calamine shows as empty although they are not, and the hidden rows."""
    hidden: frozenset[int] = frozenset()
    if b"hidden=" in xml:
        hidden = frozenset(int(found[1]) for found in _HIDDEN_ROW.finditer(xml))
    suspect: dict[tuple[int, int], str] = {}
    if _FORMULA.search(xml) or _MAYBE_ERROR.search(xml):
        number = 0
        for row in _ROW.finditer(xml):
            place = _PLACE.search(row[1])
            number = int(place[2]) if place and place[2] else number + 1
            suspect.update({(number, column): kind for column, kind in _suspect_cells(row[2])})
    return suspect, hidden


def _suspect_cells(row: bytes | None) -> Iterator[tuple[int, str]]:
    """(column index, 'error' or 'formula') of the cells of a row that only look empty."""
    column = -1
    for attributes, inner in _CELL.findall(row or b""):
        place = _PLACE.search(attributes)
        column = _column_index(place[1]) if place and place[1] else column + 1
        if _ERROR.search(attributes):
            yield column, "error"
        elif _FORMULA.search(inner) and not _HAS_VALUE.search(inner):
            yield column, "formula"


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1
