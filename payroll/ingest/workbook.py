"""XLSX and XLS workbooks through calamine, with what calamine cannot show found in the XML.

calamine gives an error cell and a formula without stored value as an empty cell: a scan of the
sheet's XML finds both, and hidden rows, so that empty never means zero in a money column.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from payroll.ingest.delimited import COLUMNS_MAX, ROWS_MAX
from payroll.ingest.sheet import Sheet
from payroll.model.errors import DamagedInputError

UNPACKED_BYTES_MAX = 600_000_000
CELLS_MAX = 300_000_000
RATIO_MAX = 400  # an honest sheet packs 10 to 30 times
MEMBERS_MAX = 2_000

_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]*\br=[\"']([A-Z]{1,3})(\d+)[\"'])([^>]*?)"
    rb"(?:/>|>(.*?)</(?:\w+:)?c>)",
    re.DOTALL,
)
#: A cell beyond column ZZ, a row beyond 9,999: rare enough to look at each.
_FAR_COLUMN = re.compile(rb"\br=[\"']([A-Z]{3})[0-9]")
_FAR_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"']([0-9]{5,})[\"']")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b(?=[^>]*\bhidden=[\"'](?:1|true))[^>]*\br=[\"'](\d+)")
_HAS_VALUE = re.compile(rb"<(?:\w+:)?(?:v\b[^>]*>[^<]|is\b)")
_IS_ERROR = re.compile(rb"\bt=[\"']e[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")


def looks_like_workbook(content: bytes) -> bool:
    """Whether the bytes begin like a zip (XLSX) or an OLE file (XLS)."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


def read_workbook(file: str, content: bytes) -> list[Sheet]:
    """Every sheet of a workbook. Raises DamagedInputError when it is damaged or a zip bomb."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    scans: dict[str, bytes] = {}
    if content.startswith(b"PK"):
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
        suspect, hidden = _scan(scans.get(meta.name, b""))
        sheets.append(
            Sheet(
                meta.name, rows, range(1, len(rows) + 1), "", suspect, hidden,
                meta.visible == SheetVisibleEnum.Visible,
            )
        )  # fmt: skip
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
            ):
                raise DamagedInputError("zip_bomb", where=file)
            names = {item.filename for item in members}
            if "xl/workbook.xml" not in names:
                raise DamagedInputError("not_a_workbook", where=file)
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
        path = target if target.startswith("xl/") else f"xl/{target}"
        if path in names:
            data = archive.read(path)
            _check_extent(f"{file}!{item.get('name', '')}", data)
            yield item.get("name", ""), data


def _check_extent(where: str, xml: bytes) -> None:
    """Refuse a sheet with a far cell: calamine would allocate the whole rectangle before it."""
    columns = max((_column_index(found[1]) + 1 for found in _FAR_COLUMN.finditer(xml)), default=702)
    rows = max((int(found[1]) for found in _FAR_ROW.finditer(xml)), default=10_000)
    if columns > COLUMNS_MAX or rows > ROWS_MAX or columns * rows > CELLS_MAX:
        raise DamagedInputError("too_large", where=where)


def _scan(xml: bytes) -> tuple[dict[tuple[int, int], str], frozenset[int]]:
    """Cells that calamine shows as empty although they are not, and the hidden rows."""
    hidden = frozenset(int(found[1]) for found in _HIDDEN_ROW.finditer(xml))
    suspect: dict[tuple[int, int], str] = {}
    if _FORMULA.search(xml) or _IS_ERROR.search(xml):
        for found in _CELL.finditer(xml):
            letters, row, attributes, inner = found.groups()
            place = (int(row), _column_index(letters))
            if _IS_ERROR.search(attributes):
                suspect[place] = "error"
            elif inner and _FORMULA.search(inner) and not _HAS_VALUE.search(inner):
                suspect[place] = "formula"
    return suspect, hidden


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1
