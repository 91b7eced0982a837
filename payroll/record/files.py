"""The CSV files of a run folder, one per frame of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from payroll.model.backtest import BACKTEST
from payroll.model.errors import DamagedInputError, InvariantError
from payroll.model.frames import NOT_CARRIED_OVER, RECEIVABLES, TO_SETTLE, FrameSchema
from payroll.model.record_frames import (
    CHANGES,
    FINDING_WORDS,
    FINDINGS,
    LINE_SUMS,
    OPEN_INVOICES,
    PAYEES,
    PEOPLE,
    RECORD_LINES,
    RECORD_PAYMENTS,
    TEXT_CHANGES,
    TYPED,
)
from payroll.model.released import PAYMENT_KEYS
from payroll.record.csv import csv_bytes, read_frame

if TYPE_CHECKING:
    import pandas as pd

#: The frame's name in a Run -> its schema; the file is the name with hyphens, `.csv`.
FRAMES: Mapping[str, FrameSchema] = {
    "payments": RECORD_PAYMENTS,
    "lines": RECORD_LINES,
    "line_sums": LINE_SUMS,
    "findings": FINDINGS,
    "finding_words": FINDING_WORDS,
    "people": PEOPLE,
    "payees": PAYEES,
    "changes": CHANGES,
    "not_carried_over": NOT_CARRIED_OVER,
    "to_settle": TO_SETTLE,
    "receivables": RECEIVABLES,
    "already_paid": RECORD_PAYMENTS,
    "awaiting_reissue": RECORD_PAYMENTS,
    "open_invoices": OPEN_INVOICES,
    "adjustments": TYPED,
    "text_changes": TEXT_CHANGES,
    "payment_keys": PAYMENT_KEYS,
    "backtest": BACKTEST,
}

#: The frames of payments that a run does not make -> the text that says why.
NOT_MADE = {"already_paid": "cs_released", "awaiting_reissue": "cs_later"}


def file_of(frame: str) -> str:
    """The file of a frame: `line_sums` is line-sums.csv."""
    return f"{frame.replace('_', '-')}.csv"


def frame_files(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Every frame as its file."""
    return {file_of(name): csv_bytes(frames[name]) for name in FRAMES}


class StoredFrames(Mapping[str, "pd.DataFrame"]):
    """The frames of a run folder, each read when it is first asked for.

    Raises DamagedInputError run_file_unreadable for a file that is missing or no such frame.
    """

    def __init__(self, files: Mapping[str, bytes], where: str) -> None:
        self._files, self._where = files, where
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            schema = FRAMES[name]  # KeyError: no frame of a run
            try:
                self._read[name] = read_frame(self._files[file_of(name)], schema)
            except (KeyError, ValueError, InvariantError) as error:
                where = f"{self._where}/{file_of(name)}"
                raise DamagedInputError("run_file_unreadable", where=where) from error
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FRAMES)

    def __len__(self) -> int:
        return len(FRAMES)
