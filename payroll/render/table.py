"""A table, whatever shows it: columns that know what they hold, and a sequence per column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Kinds whose column is totalled: hundredths that a sheet shows with two decimals.
SUMMED = ("euro", "hours")
NUMERIC = ("euro", "hours", "percent", "share", "count", "right")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading (a text id), its kind and its width in characters.

    Kinds: text, wrap (long text on several lines), euro (cents; None = empty), hours (hundredths;
    None = empty), percent (a ratio with its sign; None = empty), share (one without), count, day
    (ISO text, '' = empty), mark (a key of COLOURS; `words` gives the text id's beginning), value
    (an Exact, Day or text, each cell typed by what it holds).
    shown: a key of SHOWN, what makes the size of each amount seen.
    heading: the heading itself, where a run names the column.
    """

    title: str
    kind: str
    width: int
    words: str = ""
    shown: str = ""
    heading: str = ""

    def said(self, say: Callable[..., str]) -> str:
        """The heading in the reader's language, or as it is."""
        return self.heading or say(self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table sheet; `values` holds one sequence per column, all of the same length.

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
