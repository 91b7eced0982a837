"""The three faces of one model: screen (rich), workbook (XLSX), page (HTML)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, Template

from payroll.render.screen import grid
from payroll.render.sheet_layout import SheetLayout
from payroll.render.table import Table, cell_text
from payroll.render.xlsx import Book
from payroll.texts.shown import whole_shown
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


# --- screen -------------------------------------------------------------------------------------

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
        console.print(grid(_on_screen(table), words.language, words.say(f"wb_title_{table.id}")))
    for table in detail_tables(diff, words, rest=everything):
        if len(table) and table.id != "cmp_columns":
            shown = len(table) if everything else min(len(table), SHOWN)
            heading = f"{words.say(f'wb_title_{table.id}')} ({rows_line(len(table), shown, words)})"
            console.print()
            console.print(grid(_on_screen(table), words.language, heading, shown))


def _on_screen(table: Table) -> Table:
    return table.filled().without(_NOT_ON_SCREEN)


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
    layout = SheetLayout(book, "summary", (26, 54, *(18,) * 8), title="cmp_workbook")
    for line in (verdict(diff, words), *notes(diff, words)):
        layout.words(line)
    for table in summary_tables(diff, words):
        layout.table(table)
    layout.finish()


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
    count = len(table)
    shown = count if everything else min(count, SHOWN)
    note = "" if table.id in _SUMMARY else words.say(f"wb_note_{table.id}")
    table = table.filled()
    right = table.right()
    headings = [
        (column.said(words.language), side)
        for column, side in zip(table.columns, right, strict=True)
    ]
    return {
        "id": table.id,
        "title": words.say(f"wb_title_{table.id}"),
        "count": count,
        "note": note,
        "rows_line": rows_line(count, shown, words),
        "headings": headings,
        "rows": [_cells(table, row, right, words) for row in islice(table.rows(), shown)],
    }


def _cells(
    table: Table, row: Sequence[Any], right: Sequence[bool], words: Words
) -> list[tuple[str, str]]:
    """A row of (class, text)."""
    return [
        (
            f"mark {value}" if column.kind == "mark" else "number" if side else "",
            cell_text(column, value, words.language),
        )
        for column, value, side in zip(table.columns, row, right, strict=True)
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
