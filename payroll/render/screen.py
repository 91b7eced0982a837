"""Columns and tables of a text that people read on a screen, 100 columns wide."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from itertools import islice
from typing import Any

from payroll.render.table import Table, cell_text

WIDTH = 100
AMOUNT = 12
LABEL = 46
#: A space that no line may end at: before French punctuation, in quotation marks, before %.
_TIED = re.compile(r" (?=[:;%»?!·])|(?<=«) ")


def row(label: str, middle: str, amount: str, indent: int = 4) -> list[str]:
    """Label, arithmetic and amount in three columns; on several lines where they do not fit."""
    room = WIDTH - AMOUNT
    head = " " * indent + label
    if len(head) < LABEL and len(middle) <= room - LABEL - 1:
        return [f"{head:<{LABEL}}{middle:<{room - LABEL}}{amount:>{AMOUNT}}".rstrip()]
    if len(head) + len(middle) + 2 <= room:
        return [f"{head}  {middle}".ljust(room) + f"{amount:>{AMOUNT}}"]
    wrapped = wrap(middle, indent + 4, room - 1)
    return [head, *wrapped[:-1], wrapped[-1].ljust(room) + f"{amount:>{AMOUNT}}"]


def total(label: str, amount: str, indent: int = 2) -> str:
    """A label and an amount, joined by dots."""
    head = " " * indent + label + " "
    dots = "·" * max(WIDTH - len(head) - len(amount) - 1, 0)
    return f"{head}{dots} {amount}"


def table(rows: Sequence[tuple[str, ...]], header: tuple[str, ...]) -> list[str]:
    """A label and right-aligned amounts per row, under a header."""
    width = (WIDTH - LABEL) // (len(header) - 1)
    lines = []
    for cells in (header, *rows):
        label = "    " + cells[0]
        amounts = "".join(f"{cell:>{width}}" for cell in cells[1:])
        lines.append(
            label + amounts[max(len(label) - LABEL, 0) :]
            if len(label) > LABEL
            else f"{label:<{LABEL}}{amounts}"
        )
    return lines


def wrap(words: str, indent: int = 4, width: int = WIDTH) -> list[str]:
    """A sentence on as many lines as it needs; a path is never broken."""
    return textwrap.wrap(
        _TIED.sub("\u00a0", words),
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [" " * indent]


def heading(words: str, mark: str = "─") -> str:
    """A title drawn out to the full width."""
    return f"{mark * 2} {words} {mark * (WIDTH - len(words) - 4)}"


#: Colours of the marks on screen; the sign and word say the same.
_STYLES = {
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "account": "bold red",
    "name": "bold red",
    "unexplained": "red",
    "explained": "green",
}


def grid(table: Table, language: str, title: str, rows: int | None = None) -> Any:
    """A table for rich's console, its first rows or all; no text of it can steer the terminal."""
    from rich import box
    from rich.table import Table as ScreenTable
    from rich.text import Text

    made = ScreenTable(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD)
    for column, right in zip(table.columns, table.right(), strict=True):
        heading = Text(column.said(language))
        made.add_column(heading, justify="right" if right else "left", no_wrap=right)
    for row in islice(table.rows(), rows):
        made.add_row(
            *(
                Text(
                    _printable(cell_text(column, value, language)),
                    style=_STYLES.get(str(value), "") if column.kind == "mark" else "",
                )
                for column, value in zip(table.columns, row, strict=True)
            )
        )
    return made


def _printable(shown: str) -> str:
    """A text without what could steer a terminal."""
    return "".join(char if char.isprintable() or char in "\n\u202f" else "�" for char in shown)
