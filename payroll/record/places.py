"""Where two frames of one schema differ: the rows and columns, for whoever must find out why.

No name, account, message or other free text of a person is told, only that its column differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from payroll.model.frames import TEXT, FrameSchema, iso_days
from payroll.model.identifiers import compact_iban, iban_problem, masked_iban
from payroll.model.refusals import seen

if TYPE_CHECKING:
    import pandas as pd

#: Text columns whose values may be shown beside numbers, days and those of closed lists.
_SHOWN = {
    *("component", "earning_period", "end_to_end_id", "execution_date", "file", "finding_id"),
    *("hold_rules", "line_id", "origin", "parents", "payee_id", "payment_id", "period", "policy"),
    *("quantity", "rate", "reason", "reasons", "rule_id", "source", "structured_reference"),
    *("subject_id", "tax_status"),
}
#: The most that are told of one file.
PLACES_MAX = 5
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One difference.

    problem: changed | added (the row is not in what was rebuilt) | missing (it is only there) |
    moved | unreadable. row: of the recorded file as a spreadsheet counts, 0 = it is not in it. key:
    what the row is about, '' where rows have no key. recorded, rebuilt: None = not shown.
    """

    problem: str
    row: int
    key: str = ""
    column: str = ""
    recorded: str | None = None
    rebuilt: str | None = None


def places(
    schema: FrameSchema, recorded: pd.DataFrame, rebuilt: pd.DataFrame
) -> tuple[tuple[Place, ...], int]:
    """(the first differences of a recorded frame from the rebuilt one, how many more there are)."""
    found = _differences(schema, _rows(schema, recorded), _rows(schema, rebuilt))
    return tuple(islice(found, PLACES_MAX)), sum(1 for _ in found)


def _rows(schema: FrameSchema, frame: pd.DataFrame) -> dict[str, Row]:
    """Key -> cells; where rows have no key, their number."""
    names = list(schema.columns)
    columns = [
        iso_days(frame[name]) if name in _days(schema) else map(str, frame[name].tolist())
        for name in names
    ]
    rows = [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]
    if not schema.key:
        return {str(number): row for number, row in enumerate(rows)}
    return {" ".join(row[name] for name in schema.key): row for row in rows}


def _days(schema: FrameSchema) -> set[str]:
    return {name for name, dtype in schema.columns.items() if dtype.startswith("datetime")}


def _differences(
    schema: FrameSchema, recorded: Mapping[str, Row], rebuilt: Mapping[str, Row]
) -> Iterator[Place]:
    order = {key: number for number, key in enumerate(rebuilt)}
    last = -1
    for number, (key, row) in enumerate(recorded.items(), 2):
        shown = _seen(key) if schema.key else ""
        other = rebuilt.get(key)
        if other is None:
            yield Place(problem="added", row=number, key=shown)
            continue
        if order[key] < last:
            yield Place(problem="moved", row=number, key=shown)
        last = max(last, order[key])
        for name in schema.columns:
            if row[name] != other[name]:
                told = _is_shown(schema, name)
                yield Place(
                    problem="changed",
                    row=number,
                    key=shown,
                    column=name,
                    recorded=_seen(row[name]) if told else None,
                    rebuilt=_seen(other[name]) if told else None,
                )
    for key in rebuilt:
        if key not in recorded:
            yield Place(problem="missing", row=0, key=_seen(key) if schema.key else "")


def _is_shown(schema: FrameSchema, name: str) -> bool:
    return schema.columns[name] != TEXT or name in _SHOWN or name in schema.closed


def _seen(text: str) -> str:
    """A text that is no account, whatever column somebody put it in."""
    return " ".join(
        masked_iban(part) if not iban_problem(compact_iban(part)) else part
        for part in seen(text).split(" ")
    )
