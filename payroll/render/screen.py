"""Numbers, dates and columns of a text that people read, in each language, 100 columns wide."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

from payroll.model.period import Period
from payroll.render.table import Table, cell_text
from payroll.texts import text
from payroll.texts.shown import euros_shown, style_of, whole_shown

WIDTH = 100
AMOUNT = 12
LABEL = 46
#: A space that no line may end at: before French punctuation, in quotation marks, before %.
_TIED = re.compile(r" (?=[:;%»?!·])|(?<=«) ")
#: More decimals than this are cut, with an ellipsis.
_DECIMALS = 6


def number(value: Fraction, language: str, decimals: int = _DECIMALS) -> str:
    """A number as a reader writes it, exact; what lies beyond the decimals becomes '…'."""
    scaled = abs(value) * 10**decimals
    whole, part = divmod(int(scaled), 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    point, thousands = style_of(language).decimal, whole_shown(whole, language)
    cut = "…" if scaled.denominator != 1 else ""
    return ("-" if value < 0 else "") + thousands + (point + digits if digits or cut else "") + cut


def money(cents: Fraction, language: str) -> str:
    """Cents in euro; a fraction of a cent by two more decimals: 32238.8541 -> '322,3885…'."""
    if cents.denominator == 1:
        return euros_shown(int(cents), language)
    return number(cents / 100, language, 4)


def percent(rate: Fraction, language: str) -> str:
    """A share as a percentage, or in thirtieths where no decimal ends it: 13,07 %, 17/30."""
    exact = (rate * 10**8).denominator == 1
    if exact or rate.denominator > 1000:
        return number(rate * 100, language) + style_of(language).percent
    if 30 % rate.denominator == 0:
        return f"{30 * rate.numerator // rate.denominator}/30"
    return f"{rate.numerator}/{rate.denominator}"


def times(rate: Fraction, language: str) -> str:
    """A rate as it is applied: '× 12', '÷ 12', '× 13,07 %', '÷ 80 %'."""
    if rate.denominator == 1 and rate > 1:
        return f"× {number(rate, language)}"
    if rate.numerator == 1 and rate.denominator in (3, 12):
        return f"÷ {rate.denominator}"
    return f"÷ {percent(1 / rate, language)}" if rate > 1 else f"× {percent(rate, language)}"


def month_shown(period: str, language: str) -> str:
    """'2022-05' -> 'mai 2022'."""
    month = Period.parse(period)
    return f"{text(f'explain_month_{month.month}', language)} {month.year}"


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
