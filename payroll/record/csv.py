"""The CSV files of a run folder: UTF-8, LF, integers as integers, and no spreadsheet formula.

What is written is read back exactly: a text that a spreadsheet would run as a formula gets one
leading apostrophe, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from payroll.model.errors import InvariantError
from payroll.model.frames import BOOL, DAY, INT, TEXT, FrameSchema, iso_days

if TYPE_CHECKING:
    import pandas as pd

#: A text that a spreadsheet would run as a formula (CWE-1236). A signed plain number is none.
_STARTS = frozenset("=@\t\r+-'")
_FORMULA = re.compile(r"^'*(?:[=@\t\r]|[+-](?!\d[\d.,/ ]*$))")
#: What a cell ends at (RFC 4180); a text that holds one stands in quotes.
_ENDS = frozenset(',"\r\n')
_AT_ONCE = 20_000  # rows: what is written of them stands in memory


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a frame of text, integer, bool (1, 0) and day (ISO) columns."""
    content = io.BytesIO()
    content.write(_lines([_quoted([name]) for name in frame.columns]))
    for begin in range(0, len(frame), _AT_ONCE):
        part = frame.iloc[begin : begin + _AT_ONCE]
        content.write(_lines([_written(part[name]) for name in frame.columns]))
    return content.getvalue()


def _lines(columns: Sequence[Sequence[str]]) -> bytes:
    """Rows of cells, each ended in LF; csv.writer takes far longer to look at every character."""
    if len(columns) == 1:  # an empty line is no row
        columns = [[cell or '""' for cell in columns[0]]]
    rows = map(",".join, zip(*columns, strict=True))
    return ("\n".join(rows) + "\n").encode()


def _written(column: pd.Series[Any]) -> list[str]:
    dtype = str(column.dtype)
    if dtype == BOOL:
        column = column.astype("int64")
    elif dtype == DAY:
        return iso_days(column)
    values: list[Any] = column.tolist()
    if dtype == TEXT:
        together = "\0" + "\0".join(values)  # most columns hold nothing that a sheet could run
        if any(f"\0{sign}" in together for sign in _STARTS):
            values = [neutralised(text) if text[:1] in _STARTS else text for text in values]
        return _quoted(values, together)
    return list(map(str, values))


def _quoted(texts: list[str], together: str | None = None) -> list[str]:
    """The cells of texts: what holds a sign that ends a cell or a row stands in quotes."""
    together = "".join(texts) if together is None else together
    if not any(sign in together for sign in _ENDS):
        return texts
    return [
        '"' + text.replace('"', '""') + '"' if not _ENDS.isdisjoint(text) else text
        for text in texts
    ]


def neutralised(value: str) -> str:
    """The text with a leading apostrophe when a spreadsheet would take it for a formula."""
    return f"'{value}" if value[:1] in _STARTS and _FORMULA.match(value) else value


def restored(value: str) -> str:
    """The text that `neutralised` was given."""
    return value[1:] if value[:1] == "'" and _FORMULA.match(value) else value


class Unreadable(ValueError):  # noqa: N818 - reads as a state of the file
    """What is no such file; `place` is where in it, as `!R17, stream`, '' of all of it.

    Rows are counted as a spreadsheet shows them: the heading is the first.
    """

    def __init__(self, place: str = "") -> None:
        super().__init__(f"no CSV file of a run{place}")
        self.place = place


def _at(row: int, column: str) -> Unreadable:
    return Unreadable(f"!R{row + 2}, {column}")


def read_frame(content: bytes, schema: FrameSchema) -> pd.DataFrame:
    """Read a file of a schema back as the frame that was written, in its order.

    Raises Unreadable, with the place, for what no frame of the schema is written as: other columns,
    a number, a flag or a day of another form, a value that its column may not have, a key twice.
    """
    import pandas as pd

    columns = _read_columns(content, schema)
    frame = pd.DataFrame(
        {name: _series(columns[name], dtype) for name, dtype in schema.columns.items()}
    )
    if schema.key:
        again = frame.duplicated(list(schema.key)).tolist()
        if any(again):
            raise _at(again.index(True), schema.key[0])
    return frame


def require_readable(content: bytes, schema: FrameSchema) -> None:
    """Raise Unreadable, with the place, unless every cell is one of its column."""
    _read_columns(content, schema)


def _read_columns(content: bytes, schema: FrameSchema) -> dict[str, list[Any]]:
    columns = list(zip(*_rows_of(content, schema), strict=True)) or [()] * len(schema.columns)
    return {
        name: read_column(column, schema, name)
        for name, column in zip(schema.columns, columns, strict=True)
    }


def read_rows(content: bytes) -> tuple[list[str], list[list[str]]]:
    """(heading, rows) as texts, of any length. Raises Unreadable for what is no such file."""
    at = 0
    before = csv.field_size_limit(len(content) + 1)  # a cell may be as long as what was written
    try:
        rows: list[list[str]] = []
        for row in csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True):
            at += 1
            if len(row) != len(rows[0] if rows else row):
                raise Unreadable(f"!R{at}")
            rows.append(row)
    except UnicodeDecodeError as error:
        at = content.count(b"\n", 0, error.start)
        raise Unreadable(f"!R{at + 1}") from error
    except csv.Error as error:
        raise Unreadable(f"!R{at + 1}") from error
    finally:
        csv.field_size_limit(before)
    if not rows:
        raise Unreadable
    return rows[0], rows[1:]


def read_column(texts: Sequence[str], schema: FrameSchema, name: str) -> list[Any]:
    """The values of a column's cells: int, bool or text; a day as ISO, '' = none.

    Raises Unreadable, its row counted in these cells, at the first that no value is written as.
    """
    read = _READ[schema.columns[name]]
    try:
        values = list(map(read, texts))
    except ValueError as error:
        raise _at(_first_unread(read, texts), name) from error
    odd = schema.odd_row(name, values)
    if odd is not None:
        raise _at(odd, name)
    return values


def _first_unread(read: Callable[[str], Any], texts: Sequence[str]) -> int:
    for row, text in enumerate(texts):
        try:
            read(text)
        except ValueError:
            return row
    raise InvariantError("a column is read and is not")


def _whole(text: str) -> int:
    """An int64 as it is written. Raises ValueError, also for another writing of one."""
    value = int(text)
    if str(value) != text or not -(2**63) <= value < 2**63:
        raise ValueError("no whole number of a run")
    return value


def _flag(text: str) -> bool:
    return bool(("0", "1").index(text))


def _day(text: str) -> str:
    if text and date.fromisoformat(text).isoformat() != text:
        raise ValueError("no day of a run")
    return text


def _text(text: str) -> str:
    return restored(text) if text[:1] == "'" else text


_READ: Mapping[str, Callable[[str], Any]] = {INT: _whole, BOOL: _flag, DAY: _day, TEXT: _text}


def _series(values: list[Any], dtype: str) -> pd.Series[Any]:
    import pandas as pd

    if dtype == DAY:
        days = pd.Series([value or None for value in values], dtype="str")
        return pd.to_datetime(days, format="%Y-%m-%d").astype("datetime64[s]")
    return pd.Series(values, dtype=dtype)


def rows_about(
    content: bytes, schema: FrameSchema, column: str, values: Collection[str], *, count: int
) -> list[Mapping[str, Any]]:
    """The rows of a large file whose column holds one of some values, without parsing the others.

    count: how many rows the manifest says the file has; when a cell holds a line break the lines
    are more than that, and the file is read whole. Raises Unreadable as `read_frame`.
    """
    one_line_each = content.count(b"\n") == count + 1 and content.endswith(b"\n")
    few = one_line_each and all(value and not {'"', "\n"} & set(value) for value in values)
    try:
        rows = _rows_of(b"\n".join(_lines_with(content, values)) if few else content, schema)
        at = list(schema.columns).index(column)
        columns = list(zip(*(row for row in rows if _text(row[at]) in values), strict=True))
        read = [
            read_column(cells, schema, name)
            for name, cells in zip(schema.columns, columns, strict=bool(columns))
        ]
    except Unreadable:
        require_readable(content, schema)  # its place in the whole file
        raise
    return [dict(zip(schema.columns, row, strict=True)) for row in zip(*read, strict=True)]


def rows_by_name(content: bytes, schema: FrameSchema) -> Iterator[Mapping[str, str]]:
    """Every row as heading -> text. Raises Unreadable as `read_rows`, and for other columns."""
    rows = _rows_of(content, schema)
    return (dict(zip(schema.columns, map(restored, row), strict=True)) for row in rows)


def _rows_of(content: bytes, schema: FrameSchema) -> list[list[str]]:
    names, rows = read_rows(content)
    if names != list(schema.columns):
        raise Unreadable("!R1")
    return rows


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
