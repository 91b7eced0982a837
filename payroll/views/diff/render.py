"""The three faces of one model: screen (rich), workbook (XLSX), page (HTML)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, Template

from payroll.model.exact import Day, Exact
from payroll.render.table import Column, Table
from payroll.render.xlsx import Book, quoted_start, within_a_cell
from payroll.texts.shown import day_shown, decimal_shown, whole_shown
from payroll.views.diff.model import Diff
from payroll.views.diff.summary import summary_tables
from payroll.views.diff.tables import detail_tables
from payroll.views.diff.words import Words

if TYPE_CHECKING:
    from rich.console import Console

#: Rows of a table on screen and page, unless all are asked for; a workbook always has all.
SHOWN = 200
#: A day in the past, so that the same comparison gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a constant
_RIGHT = ("count", "percent")
_SIGNS = {
    "added": "+",
    "removed": "−",
    "changed": "~",
    "account": "!",
    "name": "!",
    "unexplained": "?",
    "explained": "✓",
    "same": "=",
}


def title(diff: Diff, words: Words) -> str:
    """What is compared with what."""
    labels = [diff.main.old.label, diff.main.new.label]
    if diff.base is not None:
        labels.insert(0, diff.base.old.label)
    return words.say("cmp_title", sides=" → ".join(labels))


def notes(diff: Diff, words: Words) -> list[str]:
    """What was left out or decided, as sentences."""
    said = [words.say(name, **params) for name, params in diff.notes]
    for name, columns in (("cmp_only_old", diff.only_old), ("cmp_only_new", diff.only_new)):
        if columns:
            said.append(words.say(name, columns=", ".join(columns)))
    return said


def verdict(diff: Diff, words: Words) -> str:
    """One sentence: the same, or how many rows differ."""
    found = diff.main
    if not diff.different:
        within = sum(item.within for item in found.counts)
        return words.say("cmp_same", count=found.unchanged, within=within)
    return words.say(
        "cmp_different",
        added=len(found.matched.added),
        removed=len(found.matched.removed),
        changed=found.changed_rows,
        unchanged=found.unchanged,
    )


def rows_line(count: int, shown: int, words: Words) -> str:
    """How many rows a table shows of how many."""
    if shown < count:
        few, all_of_them = (whole_shown(item, words.language) for item in (shown, count))
        return words.say("cmp_showing", shown=few, count=all_of_them)
    return words.say("wb_rows", count=count) if count else words.say("wb_rows_none")


def cell_text(column: Column, value: Any, words: Words) -> str:
    """A cell as a person reads it; a mark is a sign and a word, never a colour alone."""
    if isinstance(value, Exact):
        return words.number(value, signed=column.title == "cmp_col_delta")
    if isinstance(value, Day):
        return day_shown(value.iso, words.language)
    if value is None or value == "":
        return ""
    if column.kind == "mark":
        return f"{_SIGNS.get(value, '')} {words.say(column.words + value)}".strip()
    if column.kind == "percent":
        return decimal_shown(f"{value:+.1%}", words.language)
    return whole_shown(value, words.language) if isinstance(value, int) else str(value)


def _is_right(column: Column, values: Sequence[Any]) -> bool:
    return column.kind in _RIGHT or any(isinstance(value, Exact) for value in values)


# --- screen -------------------------------------------------------------------------------------

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
#: Left out of a screen's width; workbook and page have them.
_NOT_ON_SCREEN = {"cmp_col_source", "cmp_col_rules", "cmp_step_gap"}


def print_screen(diff: Diff, words: Words, console: Console, *, everything: bool) -> None:
    """Summary, then each table that has rows; the columns of places and rules are left out."""
    from rich.text import Text

    console.print(Text(title(diff, words), style="bold"))
    console.print(Text(verdict(diff, words)))
    for line in notes(diff, words):
        console.print(Text(f"· {line}", style="dim"))
    for table in summary_tables(diff, words):
        console.print()
        console.print(_screen_table(table, words, everything=True))
    for table in detail_tables(diff, words, rest=everything):
        if len(table.values[0]) and table.id != "cmp_columns":
            console.print()
            console.print(_screen_table(table, words, everything=everything))


def _screen_table(table: Table, words: Words, *, everything: bool) -> Any:
    from rich import box
    from rich.table import Table as ScreenTable
    from rich.text import Text

    count = len(table.values[0])
    shown = count if everything else min(count, SHOWN)
    heading = words.say(f"wb_title_{table.id}")
    if table.id.startswith("cmp_") and table.id not in _SUMMARY:
        heading += f" ({rows_line(count, shown, words)})"
    made = ScreenTable(title=Text(heading, style="bold"), title_justify="left", box=box.SIMPLE_HEAD)
    used = [
        number for number in _filled(table) if table.columns[number].title not in _NOT_ON_SCREEN
    ]
    for number in used:
        column = table.columns[number]
        right = _is_right(column, table.values[number])
        made.add_column(
            Text(column.said(words.say)), justify="right" if right else "left", no_wrap=right
        )
    for row in range(shown):
        cells = []
        for number in used:
            column, value = table.columns[number], table.values[number][row]
            style = _STYLES.get(str(value), "") if column.kind == "mark" else ""
            cells.append(Text(_printable(cell_text(column, value, words)), style=style))
        made.add_row(*cells)
    return made


def _filled(table: Table) -> list[int]:
    """The columns in which at least one row says something."""
    return [
        number
        for number, values in enumerate(table.values)
        if any(value not in ("", None) for value in values)
    ]


def _printable(shown: str) -> str:
    """A text without what could steer a terminal."""
    return "".join(char if char.isprintable() or char in "\n\u202f" else "�" for char in shown)


_SUMMARY = {"cmp_sides", "cmp_counts", "cmp_bridge", "cmp_bridge_first"}


# --- workbook -----------------------------------------------------------------------------------


def build_workbook(diff: Diff, language: str, *, everything: bool) -> bytes:
    """The comparison as a workbook: every row, numbers as numbers, no text that could be run."""
    words = Words(language)
    book = Book(language, title(diff, words), _CREATED, words.say("cmp_workbook"))
    _summary_sheet(book, diff, words)
    for table in detail_tables(diff, words, rest=everything):
        book.add_table(table)
    return book.finish()


def _summary_sheet(book: Book, diff: Diff, words: Words) -> None:
    sheet = book.add_sheet(book.say("wb_sheet_summary"), words.say("cmp_workbook"))
    sheet.hide_gridlines(2)
    for number, width in enumerate((26, 54, 18, 18, 18, 18, 18, 18, 18, 18)):
        sheet.set_column(number, number, width)
    row = 2
    for line in (verdict(diff, words), *notes(diff, words)):
        look = book.formats(quote_prefix=quoted_start(line))
        sheet.write_string(row, 0, within_a_cell(line, book.language), look)
        row += 1
    for table in summary_tables(diff, words):
        row = _block(book, sheet, table, row + 1)


def _block(book: Book, sheet: Any, table: Table, row: int) -> int:
    """A summary table with its title; the row behind it."""
    look = book.formats(bold=True, font_size=12, font_color="#1F3864")
    sheet.write_string(row, 0, book.say(f"wb_title_{table.id}"), look)
    row += 1
    for number, column in enumerate(table.columns):
        right = _is_right(column, table.values[number])
        heading = book.formats.heading("euro" if right else "text")
        sheet.write_string(row, number, column.said(book.say), heading)
    for line in zip(*table.values, strict=True):
        row += 1
        for number, (column, value) in enumerate(zip(table.columns, line, strict=True)):
            _write(book, sheet, (row, number), column, value)
    return row + 1


def _write(book: Book, sheet: Any, place: tuple[int, int], column: Column, value: Any) -> None:
    row, number = place
    if isinstance(value, Exact):
        sheet.write_number(row, number, Decimal(value.digits()), book.formats.number(value.scale))
    elif column.kind == "count":
        sheet.write_number(row, number, value, book.formats.of("count"))
    elif column.kind == "mark":
        sheet.write_string(row, number, book.say(column.words + value), book.formats.mark(value))
    elif value:
        look = book.formats(quote_prefix=quoted_start(value), text_wrap=True)
        sheet.write_string(row, number, within_a_cell(value, book.language), look)


# --- page ---------------------------------------------------------------------------------------


def build_page(diff: Diff, language: str, *, everything: bool) -> bytes:
    """The comparison as one page: no request, no script, every text escaped."""
    words = Words(language)
    sections = [
        _section(table, words, everything=everything)
        for table in detail_tables(diff, words, rest=everything)
    ]
    page = _template().render(
        language=language,
        say=words.say,
        title=title(diff, words),
        verdict=verdict(diff, words),
        same=not diff.different,
        notes=notes(diff, words),
        summary=[_section(table, words, everything=True) for table in summary_tables(diff, words)],
        sections=sections,
    )
    return page.encode()


def _section(table: Table, words: Words, *, everything: bool) -> dict[str, object]:
    count = len(table.values[0])
    shown = count if everything else min(count, SHOWN)
    note = "" if table.id in _SUMMARY else words.say(f"wb_note_{table.id}")
    used = _filled(table)
    table = replace(
        table,
        columns=tuple(table.columns[number] for number in used),
        values=[table.values[number] for number in used],
    )
    right = [
        _is_right(column, values)
        for column, values in zip(table.columns, table.values, strict=True)
    ]
    headings = [
        (column.said(words.say), side) for column, side in zip(table.columns, right, strict=True)
    ]
    return {
        "id": table.id,
        "title": words.say(f"wb_title_{table.id}"),
        "count": count,
        "note": note,
        "rows_line": rows_line(count, shown, words),
        "headings": headings,
        "rows": list(_cells(table, words, right, shown)),
    }


def _cells(
    table: Table, words: Words, right: Sequence[bool], shown: int
) -> Iterator[list[tuple[str, str]]]:
    """Rows of (class, text)."""
    for row in range(shown):
        yield [
            (
                f"mark {values[row]}" if column.kind == "mark" else "number" if side else "",
                cell_text(column, values[row], words),
            )
            for column, values, side in zip(table.columns, table.values, right, strict=True)
        ]


@lru_cache(maxsize=1)
def _template() -> Template:
    source = resources.files(__package__).joinpath("page.html.j2").read_text("utf-8")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(source)
