"""What the record of a run says of one payee, from the rows about them alone.

A question about one person does not wait until a month of thousands is read: each file is read when
its rows are asked for, and only the lines that may be about the payee are parsed.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from payroll.model.errors import DamagedInputError
from payroll.model.findings import SubjectKind
from payroll.model.frames import BOOL, INT
from payroll.model.order import PayrunOrder
from payroll.model.released import REISSUE, carried_out
from payroll.model.streams import STREAMS
from payroll.record.csv import rows_about, rows_by_name
from payroll.record.files import FRAMES, NOT_MADE, file_of
from payroll.rulebook.book import RuleBook, load_rulebook, shapes_pay

Row = Mapping[str, Any]

_INPUTS, _RULES = "inputs/", "rulebook/"
_ORDERS = ("payrun.toml", REISSUE)
#: Where a frame does not name the payee by payee_id.
_PAYEE_COLUMN = {"findings": "subject_id"}
_READ: Mapping[str, Callable[[str], Any]] = {INT: int, BOOL: lambda value: value == "1"}


class FilesOnDemand(Mapping[str, bytes]):
    """Files by path, each read when it is first asked for. read: the bytes of a path."""

    def __init__(self, names: Collection[str], read: Callable[[str], bytes]) -> None:
        self._names, self._read = names, cache(read)

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, kw_only=True)
class PayeeRecord:
    """The rows about one payee, as plain values: int, bool and str (a day as ISO).

    files: of the run folder, by path; counts: how many rows each CSV has. where: the folder, for
    messages. A file that is missing or has another form is DamagedInputError run_file_unreadable.
    """

    run_id: str
    kind: SubjectKind
    payee_id: str
    files: Mapping[str, bytes]
    counts: Mapping[str, int]
    where: str

    @cached_property
    def order(self) -> PayrunOrder:
        """The order as it was carried out."""
        there = [name for name in _ORDERS if _INPUTS + name in self.files]
        return carried_out({name: self.files[_INPUTS + name] for name in there})

    @cached_property
    def rulebook(self) -> RuleBook:
        """The rules that pay was worked out with: no controls, formats or banks."""
        paths = [name.removeprefix(_RULES) for name in self.files if name.startswith(_RULES)]
        return load_rulebook(
            {path: self.files[_RULES + path] for path in paths if shapes_pay(path)}
        )

    @property
    def lines(self) -> list[Row]:
        """The payee's lines in every stream, in the order of lines.csv."""
        return self.rows("lines")

    @cached_property
    def sums(self) -> Mapping[str, Row]:
        """LINE_SUMS of the payee's lines, by line_id."""
        rows = self._rows("line_sums", "line_id", [line["line_id"] for line in self.lines])
        return {row["line_id"]: row for row in rows}

    @property
    def payments(self) -> list[tuple[Row, str]]:
        """The payee's payments, each with '' or the frame of those that the run does not make."""
        found = [(row, "") for row in self.rows("payments")]
        return found + [(row, frame) for frame in NOT_MADE for row in self.rows(frame)]

    def rows(self, frame: str) -> list[Row]:
        """The rows of a frame that are about the payee."""
        if frame not in self._kept:
            found = self._rows(frame, _PAYEE_COLUMN.get(frame, "payee_id"), [self.payee_id])
            self._kept[frame] = [row for row in found if self._own(row)]
        return self._kept[frame]

    def row(self, frame: str) -> Row | None:
        """The one row of a frame that has one per payee, or None."""
        return next(iter(self.rows(frame)), None)

    def near(self, *frames: str) -> tuple[str, ...]:
        """The ids in some frames that look most like this one, else the first few."""
        known: dict[str, None] = {}
        for frame in frames:
            column = _PAYEE_COLUMN.get(frame, "payee_id")
            rows = rows_by_name(self._content(frame))
            known |= dict.fromkeys(row[column] for row in rows if self._own(row))
        near = difflib.get_close_matches(self.payee_id, known, n=3, cutoff=0.3)
        return tuple(near or list(known)[:3])

    @cached_property
    def _kept(self) -> dict[str, list[Row]]:
        return {}

    def _own(self, row: Row) -> bool:
        """Whether a row is about this kind of payee, where it says one: ids repeat among kinds."""
        if row.get("stream"):
            return STREAMS[row["stream"]].payee == self.kind
        return str(row.get("payee_kind") or row.get("subject_kind") or self.kind) == self.kind

    def _rows(self, frame: str, column: str, values: Collection[str]) -> list[Row]:
        columns = FRAMES[frame].columns
        try:
            rows = rows_about(self._content(frame), column, values, count=self._count(frame))
            return [
                {name: _READ.get(dtype, str)(row[name]) for name, dtype in columns.items()}
                for row in rows
            ]
        except (KeyError, ValueError) as error:
            raise self._unreadable(frame) from error

    def _content(self, frame: str) -> bytes:
        try:
            return self.files[file_of(frame)]
        except KeyError as error:
            raise self._unreadable(frame) from error

    def _count(self, frame: str) -> int:
        return self.counts[file_of(frame)]

    def _unreadable(self, frame: str) -> DamagedInputError:
        return DamagedInputError("run_file_unreadable", where=f"{self.where}/{file_of(frame)}")


def read_payee(
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    where: str,
    *,
    kind: SubjectKind,
    payee_id: str,
) -> PayeeRecord:
    """The record of one payee in a run folder. Raises DamagedInputError run_file_unreadable."""
    counts = manifest.get("rows")
    if not isinstance(counts, Mapping):  # written by an older program
        raise DamagedInputError("run_file_unreadable", where=f"{where}/manifest.json")
    return PayeeRecord(
        run_id=str(manifest["run_id"]),
        kind=kind,
        payee_id=payee_id,
        files=files,
        counts=counts,
        where=where,
    )
