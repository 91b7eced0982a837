"""The CSV files of a run folder, one per frame of the record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from payroll.model.backtest import BACKTEST
from payroll.model.errors import DamagedInputError, PayrollError
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

#: Where a run folder keeps what the run was made of.
INPUTS, RULEBOOK = "inputs/", "rulebook/"

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


@contextmanager
def unreadable(where: str, file: str) -> Iterator[None]:
    """What is read inside stands in a file of a run folder, which is damaged if it cannot be read.

    Whatever goes wrong is DamagedInputError run_file_unreadable with the file and, as far as it is
    known, row and column: the one place that says so. where: the folder, for messages.
    """
    try:
        yield
    except DamagedInputError:
        raise
    except PayrollError as error:  # of an order or a rule: what it says of itself is kept
        place = f"{where}/{file}" if not error.where else f"{where}/{_below(file)}{error.where}"
        raise DamagedInputError(
            error.error_id, where=place, detail=error.detail, **error.params
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        place = f"{where}/{file}{getattr(error, 'place', '')}"
        raise DamagedInputError("run_file_unreadable", where=place) from error


def require_whole(files: Collection[str], where: str) -> None:
    """Raise DamagedInputError run_file_unreadable unless the orders and rules of a run are there.

    files: the paths in the folder.
    """
    for name in (f"{INPUTS}payrun.toml", f"{INPUTS}employer.toml"):
        if name not in files:
            raise DamagedInputError("run_file_unreadable", where=f"{where}/{name}")
    if not any(name.startswith(RULEBOOK) for name in files):
        raise DamagedInputError("run_file_unreadable", where=f"{where}/{RULEBOOK}")


def _below(file: str) -> str:
    return f"{file.rpartition('/')[0]}/" if "/" in file else ""


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
            with unreadable(self._where, file_of(name)):
                self._read[name] = read_frame(self._files[file_of(name)], schema)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FRAMES)

    def __len__(self) -> int:
        return len(FRAMES)
