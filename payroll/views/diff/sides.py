"""The two (or three) sides of a comparison, as read and as typed: where ingest and review meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from payroll.model.exact import Day, Exact


class Role(StrEnum):
    """What a column means to a reviewer; everything else is plain."""

    ACCOUNT = "account"
    NAME = "name"
    STATUS = "status"
    AMOUNT = "amount"
    PAYEE = "payee"
    CODE = "code"  # an identifier: never a number, whatever it looks like
    COMPONENT = "component"
    SITE = "site"
    STREAM = "stream"
    REASON = "reason"
    RULES = "rules"
    BASIS = "basis"
    PLAIN = "plain"


#: A value of a compared cell; '' is an empty cell.
Value = Exact | Day | str


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a side. name: what pairs it with the other side; shown: as written.

    kind: '' = found from the cells, else cents | code | iban | text | money | day | period.
    """

    name: str
    shown: str
    role: Role = Role.PLAIN
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A side as read: raw cells per column, and the place of each row (`file!sheet!R7`).

    kind: payments | lines | register | sheet. keys: heading names of its own key, () = to be found.
    repeats: whether a key may stand on several rows (one payee, two invoices) without being a
    fault. near: the column that pairs such rows first. aside: columns that differ by nature.
    totals: rows of subtotals that were set aside. notes: text ids and their parameters.
    """

    label: str
    kind: str
    sheet: str = ""
    headings: tuple[Heading, ...]
    cells: Mapping[str, Sequence[Any]]
    places: Sequence[str]
    keys: tuple[str, ...] = ()
    repeats: bool = False
    near: str = ""
    aside: tuple[str, ...] = ()
    totals: int = 0
    notes: tuple[tuple[str, Mapping[str, object]], ...] = ()

    def __len__(self) -> int:
        return len(self.places)

    def heading(self, name: str) -> Heading | None:
        """The heading of that name."""
        return next((item for item in self.headings if item.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedColumn:
    """One column of one side. A cell is a number where `numeric`, else its canonical text.

    kind: amount | number | day | period | iban | code | text. scale: decimals of the units.
    """

    heading: Heading
    kind: str
    scale: int
    units: npt.NDArray[np.int64]
    numeric: npt.NDArray[np.bool_]
    text: npt.NDArray[np.object_]

    def value(self, row: int) -> Value:
        """The cell as a value to show."""
        if self.numeric[row]:
            return Exact(int(self.units[row]), self.scale)
        shown = str(self.text[row])
        return Day(shown) if self.kind == "day" and _is_iso_day(shown) else shown

    def key_texts(self) -> list[str]:
        """Every cell as a text, for keys and groups."""
        if not self.numeric.any():
            return [str(item) for item in self.text.tolist()]
        if self.scale == 0 and self.numeric.all():
            return [str(units) for units in self.units.tolist()]
        return [plain_text(self.value(row)) for row in range(len(self.text))]


def _is_iso_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side, typed. group_* hold one text per row where known: stream and site of the bridge."""

    label: str
    columns: Mapping[str, TypedColumn]
    places: Sequence[str]
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    def of_role(self, role: str) -> TypedColumn | None:
        """The first column of a role."""
        found = (column for column in self.columns.values() if column.heading.role == role)
        return next(found, None)


def plain_text(value: Value) -> str:
    """A value as machine text."""
    if isinstance(value, Exact):
        return value.digits()
    return value.iso if isinstance(value, Day) else value
