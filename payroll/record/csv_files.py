"""The CSV files of a run folder: UTF-8, LF, integers as integers, and no spreadsheet formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import pandas as pd

from payroll.model.errors import DamagedInputError, InvariantError
from payroll.model.released import LEDGER_EXTRACT, REISSUE, RELEASED, Known

#: A text that a spreadsheet would run as a formula (CWE-1236). A signed plain number is none.
_STARTS = frozenset("=@\t\r+-")
_FORMULA = re.compile(r"^(?:[=@\t\r]|[+-](?!\d[\d.,/ ]*$))")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a frame of text and integer columns; a dangerous text gets a leading apostrophe."""
    columns = []
    for name in frame.columns:
        values = frame[name].tolist()
        if frame[name].dtype == "str":
            values = [neutralised(text) if text[:1] in _STARTS else text for text in values]
        columns.append(values)
    content = io.BytesIO()
    with io.TextIOWrapper(content, "utf-8", newline="") as buffer:
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows(zip(*columns, strict=True))
        buffer.flush()
        return content.getvalue()


def known_of(inputs: Mapping[str, bytes]) -> Known:
    """What a run's inputs say of the ledger. Raises DamagedInputError ledger_extract."""
    content = inputs.get(LEDGER_EXTRACT)
    if content is None:
        return Known(reissue=REISSUE in inputs)
    try:
        released = RELEASED.conform(read_csv(content))
    except (InvariantError, ValueError) as error:
        raise DamagedInputError("ledger_extract", where=LEDGER_EXTRACT) from error
    return Known(released, REISSUE in inputs)


def neutralised(value: str) -> str:
    """The text with a leading apostrophe when a spreadsheet would take it for a formula."""
    return f"'{value}" if value[:1] in _STARTS and _FORMULA.match(value) else value


def read_csv(content: bytes) -> pd.DataFrame:
    """Read such a file back: all text but the `_cents` columns, which are int64."""
    frame = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
    for name in frame.columns:
        if name.endswith("_cents"):
            frame[name] = frame[name].astype("int64")
    return frame
