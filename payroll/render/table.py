"""A table, whatever shows it: columns that know what they hold, and a sequence per column."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any

from payroll.model.exact import Day, Exact
from payroll.texts import text
from payroll.texts.shown import day_shown, euros_shown, exact_shown, percent_shown, whole_shown

#: Kinds whose column is totalled: hundredths that a sheet shows with two decimals.
SUMMED = ("euro", "hours")
#: The signs of marks where a reader may see no colour.
SIGNS = {
    "added": "+",
    "removed": "−",
    "changed": "~",
    "account": "!",
    "name": "!",
    "unexplained": "?",
    "explained": "✓",
    "same": "=",
}
NUMERIC = ("euro", "hours", "percent", "share", "count", "right")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading (a text id), its kind and its width in characters.

    Kinds: text, wrap (long text on several lines), euro (cents; None = empty), hours (hundredths;
    None = empty), percent (a ratio with its sign; None = empty), share (one without), count, day
    (ISO text, '' = empty), mark (a key of COLOURS; `words` gives the text id's beginning), value
    (an Exact, Day or text, each cell typed by what it holds).
    right is a text on the right side. A sheet that is laid out knows further kinds of cells.
    shown: a key of SHOWN, what makes the size of each amount seen.
    heading: the heading itself, where a run names the column.
    signed: a reader sees the sign of a value that grew.
    """

    title: str
    kind: str
    width: int = 12
    words: str = ""
    shown: str = ""
    heading: str = ""
    signed: bool = False

    def said(self, language: str, **params: object) -> str:
        """The heading in a language, its placeholders filled, or as it is."""
        return self.heading or text(self.title, language, **params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; `values` holds one sequence per column, all of the same length.

    id: behind `wb_title_` the text id of its title, behind `wb_sheet_` that of a sheet's name.
    printed: how many columns go on paper, 0 for all; the others are for the screen.
    """

    id: str
    columns: tuple[Column, ...]
    values: Sequence[Sequence[object]]
    frozen_columns: int = 0
    printed: int = 0
    note: dict[str, object] = field(default_factory=dict)
    choices: dict[int, list[str]] = field(default_factory=dict)  # column -> words to choose from

    @classmethod
    def of(cls, table_id: str, *columns: tuple[Column, Sequence[object]], **facts: Any) -> Table:
        """A table of columns, each beside its values; facts: the other fields."""
        return cls(
            id=table_id,
            columns=tuple(column for column, _ in columns),
            values=[values for _, values in columns],
            **facts,
        )

    @classmethod
    def of_rows(
        cls,
        table_id: str,
        columns: Sequence[Column],
        rows: Sequence[tuple[object, ...]],
        **facts: Any,
    ) -> Table:
        """A table of a few rows; facts: the other fields."""
        values = [[row[number] for row in rows] for number in range(len(columns))]
        return cls(id=table_id, columns=tuple(columns), values=values, **facts)

    def __len__(self) -> int:
        return len(self.values[0])

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The values row by row."""
        return zip(*self.values, strict=True)

    def filled(self) -> Table:
        """Without the columns in which no row says anything."""
        return self._only([any(cell not in ("", None) for cell in cells) for cells in self.values])

    def without(self, titles: Container[str]) -> Table:
        """Without the columns of some titles."""
        return self._only([column.title not in titles for column in self.columns])

    def _only(self, wanted: Sequence[bool]) -> Table:
        values = list(compress(self.values, wanted))
        return replace(self, columns=tuple(compress(self.columns, wanted)), values=values)

    def right(self) -> list[bool]:
        """Per column whether its values stand on the right."""
        return [
            column.kind in NUMERIC or any(isinstance(value, Exact) for value in values)
            for column, values in zip(self.columns, self.values, strict=True)
        ]


def cell_text(column: Column, value: Any, language: str) -> str:
    """A cell as a person reads it; a mark is a sign and a word, never a colour alone."""
    if value is None or value == "":
        return ""
    if isinstance(value, Exact):
        grew = column.signed and value.units > 0
        return ("+" if grew else "") + exact_shown(value, language)
    if isinstance(value, Day):
        return day_shown(value.iso, language)
    if column.kind == "mark":
        return f"{SIGNS.get(value, '')} {text(column.words + value, language)}".strip()
    ways = {"percent": percent_shown, "euro": euros_shown, "count": whole_shown}
    return ways[column.kind](value, language) if column.kind in ways else str(value)
