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

import tomli

from payroll.model.errors import DamagedInputError
from payroll.model.findings import SubjectKind
from payroll.model.order import Employer, PayrunOrder
from payroll.model.released import REISSUE, carried_out
from payroll.model.streams import STREAMS
from payroll.record.csv import rows_about, rows_by_name
from payroll.record.files import (
    FRAMES,
    INPUTS,
    NOT_MADE,
    RULEBOOK,
    file_of,
    require_whole,
    unreadable,
)
from payroll.rulebook.book import RuleBook, load_rulebook, shapes_pay
from payroll.rulebook.controls import Control, load_controls
from payroll.rulebook.toml import load_toml
from payroll.rulebook.wording import in_words

Row = Mapping[str, Any]

_ORDERS = ("payrun.toml", REISSUE)
#: Where a frame does not name the payee by payee_id.
_PAYEE_COLUMN = {"findings": "subject_id"}


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
        there = [name for name in _ORDERS if INPUTS + name in self.files]
        with unreadable(self.where, f"{INPUTS}payrun.toml"):
            return carried_out({name: self.files[INPUTS + name] for name in there})

    @cached_property
    def rulebook(self) -> RuleBook:
        """The rules that pay was worked out with: no controls, formats or banks."""
        paths = [name.removeprefix(RULEBOOK) for name in self.files if name.startswith(RULEBOOK)]
        with unreadable(self.where, RULEBOOK):
            return load_rulebook(
                {path: self.files[RULEBOOK + path] for path in paths if shapes_pay(path)}
            )

    @cached_property
    def language(self) -> str:
        """The employer's language: that of the words written down."""
        with unreadable(self.where, f"{INPUTS}employer.toml"):
            said = tomli.loads(self.files[f"{INPUTS}employer.toml"].decode("utf-8-sig"))
            return str(said.get("language", Employer.model_fields["language"].default))

    def findings(self, language: str) -> list[Row]:
        """The findings on the payee, their message and remedy in a language."""
        rows = self.rows("findings")
        if not rows or language == self.language:
            return rows
        words: dict[str, dict[str, str]] = {row["finding_id"]: {} for row in rows}
        for row in self._rows("finding_words", "finding_id", list(words)):
            words[row["finding_id"]][row["name"]] = row["value"]
        controls = self._controls({row["rule_id"] for row in rows})
        said: list[Row] = []
        for row in rows:
            with unreadable(self.where, f"{file_of('findings')}, rule_id"):
                control = controls[row["rule_id"]]
            told, remedy = in_words(control, row, words[row["finding_id"]], language)
            said.append({**row, "message": told, "remedy": remedy})
        return said

    def _controls(self, rules: Collection[str]) -> Mapping[str, Control]:
        """Some rules of the run, read from the files that name them alone."""
        with unreadable(self.where, RULEBOOK):
            entries: dict[str, dict[str, object]] = {}
            for path in self.files:
                inside = path.removeprefix(RULEBOOK)
                if not inside.removeprefix("workspace/").startswith("controls/"):
                    continue
                content = self.files[path]
                if any(rule.encode() in content for rule in rules):
                    found = load_toml(inside, content).get("control")
                    listed = found if isinstance(found, list) else []
                    entries[inside] = {"control": [e for e in listed if e.get("id") in rules]}
            return load_controls(entries)

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
            with unreadable(self.where, file_of(frame)):
                rows = rows_by_name(self.files[file_of(frame)], FRAMES[frame])
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
        file = file_of(frame)
        with unreadable(self.where, file):
            content, count = self.files[file], self.counts[file]
            return rows_about(content, FRAMES[frame], column, values, count=count)


def read_payee(
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    where: str,
    *,
    kind: SubjectKind,
    payee_id: str,
) -> PayeeRecord:
    """The record of one payee in a run folder. Raises DamagedInputError run_file_unreadable."""
    require_whole(files, where)
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
