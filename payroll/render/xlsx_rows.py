"""Volume: XlsxWriter makes the workbook with empty tables; their rows are streamed into it.

The cells are those that XlsxWriter itself would write, which a test holds equal, with each text in
its cell instead of in a list that all sheets share: no table stands in memory as XML.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from payroll.model.errors import require

_BUFFERED = 5_000
_LINE_HEIGHT = 13.5  # points
_HIGHEST = 408.75  # points: the highest row there is, in whole pixels
_EXTENT = re.compile(rb'<dimension ref="[^"]*"/>')
#: What a sheet's XML cannot hold is written _xHHHH_, and so is the beginning of such a text.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")
#: A text that needs neither escape, quote nor blanks kept; with `_x` apart, most texts are such.
_PLAIN = re.compile(
    "[0-9A-Za-zÀ-ɏ(«“][ !\"#$%'()*+,./:;=?@0-9A-Z_a-zÀ-ɏ«»“”‘’…–—·±×÷€°\\[\\]|-]*"
).fullmatch
_LONG = 10_000
#: Where the number of its row will stand in a cell that is made for all its rows; no XML holds it.
_ROW = "\0"
#: Half the time of the best level; the file grows by a tenth.
_PACKING = 4


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of one table sheet, a column at a time.

    first: the number of the first row. cells: per column, a value -> the cell's XML behind its
    place, '' for no cell. lines: how many lines each row shows, empty when every row shows one.
    """

    first: int
    cells: Sequence[Callable[[Any], str]]
    values: Sequence[Sequence[object]]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.values[0])


def text_cell(value: str, look: Any) -> str:
    """A text, always as a string."""
    shown = escape(value)
    if not value.isprintable() or "_x" in value:
        shown = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", shown)
    space = ' xml:space="preserve"' if value != value.strip() else ""
    return f'" s="{look.xf_index}" t="inlineStr"><is><t{space}>{shown}</t></is></c>'


def text_writer(plain: Any, unusual: Callable[[str], str]) -> Callable[[str], str]:
    """What writes the texts of a column: plain ones the short way, others by `unusual`."""
    head: list[str] = []  # the look has its number only once the workbook is closed

    def write(value: str) -> str:
        if _PLAIN(value) and value[-1] != " " and "_x" not in value and len(value) < _LONG:
            if not head:
                head.append(f'" s="{plain.xf_index}" t="inlineStr"><is><t>')
            return f"{head[0]}{value}</t></is></c>"
        return unusual(value) if value else ""

    return write


def number_writer(shown: Callable[[Any], object], look: Any) -> Callable[[Any], str]:
    """What writes the numbers of a column by their digits; None and '' have no cell."""
    head: list[str] = []

    def write(value: Any) -> str:
        if value is None or value == "":
            return ""
        if not head:
            head.append(f'" s="{look.xf_index}"><v>')
        return f"{head[0]}{shown(value)}</v></c>"

    return write


def with_rows(workbook: bytes, tables: dict[str, TableRows]) -> bytes:
    """The workbook with the rows of its tables; tables: member of the archive -> its rows.

    In place of the rows each of these sheets holds prototype cells, from `first` on to its end.
    What is written is taken out of `tables`: xlsxwriter's objects hold one another, and so
    whoever has them in hand, until the program ends.
    """
    result = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as source, ZipFile(result, "w", ZIP_DEFLATED) as target:
        for item in source.infolist():
            content, table = source.read(item), tables.pop(item.filename, None)
            parts = iter([content]) if table is None else _sheet(content, table)
            _write(target, ZipInfo(item.filename, item.date_time), parts)
    return result.getvalue()


def _write(target: ZipFile, item: ZipInfo, parts: Iterator[bytes]) -> None:
    item.compress_type = target.compression
    item._compresslevel = _PACKING  # type: ignore[attr-defined]  # noqa: SLF001 - public in 3.13
    with target.open(item, "w") as member, ThreadPoolExecutor(1) as beside:
        packed = beside.submit(member.write, b"")
        for part in parts:  # zlib packs without the lock while the next rows are made
            packed.result()
            packed = beside.submit(member.write, part)
        packed.result()


def _sheet(content: bytes, table: TableRows) -> Iterator[bytes]:
    """The sheet's XML with the table's rows instead of the prototypes."""
    head, found, rest = content.partition(b'<row r="%d"' % table.first)
    require(bool(found), "a table sheet has no prototype row")
    last = f"{column_letters(len(table.cells) - 1)}{table.first + len(table) - 1}"
    head, count = _EXTENT.subn(f'<dimension ref="A1:{last}"/>'.encode(), head)
    require(count == 1, "a table sheet does not say its extent once")
    yield head
    for start in range(0, len(table), _BUFFERED):
        yield "".join(_rows(table, start)).encode()
    yield rest[rest.index(b"</sheetData>") :]


def _rows(table: TableRows, start: int) -> Iterator[str]:
    columns = []
    for number, (cell, values) in enumerate(zip(table.cells, table.values, strict=True)):
        part = values[start : start + _BUFFERED]
        place = f'<c r="{column_letters(number)}{_ROW}'
        known = {value: xml and place + xml for value in set(part) for xml in (cell(value),)}
        columns.append(map(known.__getitem__, part))
    for number, row in enumerate(zip(*columns, strict=True), table.first + start):
        lines = table.lines[number - table.first] if table.lines else 1
        cells = "".join(row).replace(_ROW, str(number))
        yield f"{_row_begin(number, lines)}{cells}</row>"


def _row_begin(number: int, lines: int) -> str:
    if lines == 1:
        return f'<row r="{number}">'
    return f'<row r="{number}" ht="{min(_LINE_HEIGHT * lines, _HIGHEST):g}" customHeight="1">'


def column_letters(number: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
