"""Delimited text: encoding and delimiter are found, not guessed silently; both are recorded."""

from __future__ import annotations

import csv
import io

from payroll.ingest.sheet import Sheet
from payroll.model.errors import DamagedInputError

#: The sheet name used in source references of files that have no sheets.
CSV_SHEET = "csv"
COLUMNS_MAX = 2_000
ROWS_MAX = 1_048_576
_DELIMITERS = ";\t,|"


def read_delimited(file: str, content: bytes) -> Sheet:
    """Read a CSV file. Raises DamagedInputError: NUL, no delimiter, open quote, limits."""
    text, encoding = decoded(file, content)
    delimiter = _delimiter(file, text)
    rows: list[list[str]] = []
    numbers: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in reader:
            if len(row) > COLUMNS_MAX or len(rows) >= ROWS_MAX:
                raise DamagedInputError("too_large", where=f"{file}!{CSV_SHEET}!R{begins}")
            rows.append(row)
            numbers.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DamagedInputError("csv_broken", where=f"{file}!{CSV_SHEET}!R{begins}") from error
    return Sheet(CSV_SHEET, rows, numbers, encoding, delimiter=delimiter)


def decoded(file: str, content: bytes) -> tuple[str, str]:
    """(text, encoding): a byte-order mark decides, else strict UTF-8, else cp1252 (recorded)."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        candidates = ("utf-8", "cp1252")
        if b"\x00" in content:
            position = content.index(b"\x00")
            line = content.count(b"\n", 0, position) + 1
            raise DamagedInputError("nul_byte", where=f"{file}!{CSV_SHEET}!R{line}")
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise DamagedInputError("encoding_unknown", where=file)


def _delimiter(file: str, text: str) -> str:
    """The delimiter that gives the same number (two or more) of columns on most lines."""
    sample = [line for line in text[:65_536].splitlines()[:200] if line.strip()]
    best, score = "", 0
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter)]
        except csv.Error:
            continue
        split = [width for width in widths if width > 1]  # title lines have one cell
        common = max(set(split), key=lambda width: (split.count(width), width), default=1)
        points = split.count(common) * 1000 + common
        if split and points > score:
            best, score = delimiter, points
    if not best:
        raise DamagedInputError("no_columns", where=file)
    return best
