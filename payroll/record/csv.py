"""The CSV files of a run folder: UTF-8, LF, integers as integers, and no spreadsheet formula.

What is written is read back exactly: a text that a spreadsheet would run as a formula gets one
leading apostrophe, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from payroll.model.frames import BOOL, DAY, INT, TEXT, FrameSchema, iso_days

if TYPE_CHECKING:
    import pandas as pd

#: A text that a spreadsheet would run as a formula (CWE-1236). A signed plain number is none.
_STARTS = frozenset("=@\t\r+-'")
_FORMULA = re.compile(r"^'*(?:[=@\t\r]|[+-](?!\d[\d.,/ ]*$))")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a frame of text, integer, bool (1, 0) and day (ISO) columns."""
    columns = [_written(frame[name]) for name in frame.columns]
    content = io.BytesIO()
    with io.TextIOWrapper(content, "utf-8", newline="") as buffer:
        writer = csv.writer(_LineFeeds(buffer), lineterminator="\r\n")
        writer.writerow(frame.columns)
        writer.writerows(zip(*columns, strict=True))
        buffer.flush()
        return content.getvalue()


class _LineFeeds:
    """Ends each row in LF; the writer ends it in CR LF, for it quotes only what holds its ends."""

    def __init__(self, text: TextIO) -> None:
        self._write = text.write

    def write(self, row: str) -> None:
        self._write(row[:-2] + "\n")


def _written(column: pd.Series[Any]) -> list[Any]:
    dtype = str(column.dtype)
    if dtype == BOOL:
        column = column.astype("int64")
    elif dtype == DAY:
        return list(iso_days(column))
    values: list[Any] = column.tolist()
    if dtype == TEXT:
        return [neutralised(text) if text[:1] in _STARTS else text for text in values]
    return values


def neutralised(value: str) -> str:
    """The text with a leading apostrophe when a spreadsheet would take it for a formula."""
    return f"'{value}" if value[:1] in _STARTS and _FORMULA.match(value) else value


def restored(value: str) -> str:
    """The text that `neutralised` was given."""
    return value[1:] if value[:1] == "'" and _FORMULA.match(value) else value


def read_frame(content: bytes, schema: FrameSchema) -> pd.DataFrame:
    """Read a file of a schema back as the frame that was written, in its order.

    Raises ValueError when the columns or a number are not those of the schema.
    """
    import pandas as pd

    names, rows = read_rows(content)
    if names != list(schema.columns):
        raise ValueError(f"{schema.name}: columns are {names}")
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pd.DataFrame(
        {
            name: _typed(column, dtype)
            for (name, dtype), column in zip(schema.columns.items(), columns, strict=True)
        }
    )


def read_rows(content: bytes) -> tuple[list[str], list[list[str]]]:
    """(heading, rows) as texts. Raises ValueError for what is no such file."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("no CSV file of a run")
    return rows[0], rows[1:]


def _typed(column: Sequence[str], dtype: str) -> pd.Series[Any]:
    import pandas as pd

    if dtype in (INT, BOOL):
        numbers = pd.Series([int(value) for value in column], dtype="int64")
        return numbers if dtype == INT else numbers == 1
    if dtype == DAY:
        days = pd.Series([value or None for value in column], dtype="str")
        return pd.to_datetime(days, format="%Y-%m-%d").astype("datetime64[s]")
    texts = [restored(value) if value[:1] == "'" else value for value in column]
    return pd.Series(texts, dtype="str")


def rows_about(
    content: bytes, column: str, values: Collection[str], *, count: int
) -> list[Mapping[str, str]]:
    """The rows of a large file whose column holds one of some values, without parsing the others.

    count: how many rows the manifest says the file has; when a cell holds a line break the lines
    are more than that, and the file is read whole. Raises ValueError as `read_rows`.
    """
    one_line_each = content.count(b"\n") == count + 1 and content.endswith(b"\n")
    if one_line_each and all(value and not {'"', "\n"} & set(value) for value in values):
        content = b"\n".join(_lines_with(content, values))
    return [row for row in rows_by_name(content) if row[column] in values]


def rows_by_name(content: bytes) -> Iterator[Mapping[str, str]]:
    """Every row as heading -> text. Raises ValueError as `read_rows`."""
    names, rows = read_rows(content)
    return (dict(zip(names, map(restored, row), strict=True)) for row in rows)


def _lines_with(content: bytes, values: Collection[str]) -> list[bytes]:
    """The heading and, in their order, the lines that hold one of some values anywhere."""
    heading, body = content.find(b"\n"), {}
    for value in values:
        wanted = value.encode(errors="replace")  # half a character of the command line is in no row
        place = content.find(wanted, heading)
        while place >= 0:
            begin, end = content.rfind(b"\n", 0, place) + 1, content.find(b"\n", place)
            body[begin] = content[begin:end]
            place = content.find(wanted, end)
    return [content[:heading], *(body[begin] for begin in sorted(body))]
