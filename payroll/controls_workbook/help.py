"""The help sheet of the workbook of controls: what each column means, and what it may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from payroll.controls_workbook.columns import CHOICES, SheetColumn, word
from payroll.model.tables import SOURCE_KINDS
from payroll.rulebook.controls import Control
from payroll.rulebook.limits import leaves, limits_of, shape_of

_DARK = "#1F3864"


class Writer(Protocol):
    """What the help needs of the workbook's writer."""

    controls: Mapping[str, Control]
    columns: list[SheetColumn]
    language: str

    def say(self, entry_id: str, **params: object) -> str:
        """A text in the workbook's language."""

    def look(self, **properties: object) -> Any:
        """A cell format."""


def write_help(writer: Writer, sheet: Any) -> None:
    """Title, steps, columns, words of the closed lists, parameters with their ranges."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    sheet.set_column(2, 2, 44)
    title = writer.look(bold=1, font_size=16, font_color=_DARK)
    sheet.write_string(0, 0, writer.say("cw_help_title"), title)
    sheet.set_row(0, 24)
    row = 1
    for step in range(1, 5):
        sheet.write_string(row, 0, writer.say(f"cw_step_{step}"), writer.look())
        row += 1
    for name, rows in (
        ("columns", _columns(writer)),
        ("words", _words(writer)),
        ("params", _params(writer)),
    ):
        row = _section(writer, sheet, row + 1, name, list(rows))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _section(
    writer: Writer, sheet: Any, row: int, name: str, rows: list[tuple[str, str, str]]
) -> int:
    heading = writer.look(bold=1, bg_color=_DARK, font_color="#FFFFFF")
    for place in range(3):
        label = writer.say(f"cw_help_{name}_{place + 1}")
        sheet.write_string(row, place, label, heading)
    for row_number, cells in enumerate(rows, row + 1):
        for place, cell in enumerate(cells):
            sheet.write_string(
                row_number, place, cell, writer.look(bold=int(not place), text_wrap=1)
            )
        widths = (24, 95, 41)
        lines = max(-(-len(cell) // width) for cell, width in zip(cells, widths, strict=True))
        sheet.set_row(row_number, 13.5 * max(1, lines))
    return row + len(rows) + 1


def _columns(writer: Writer) -> Iterator[tuple[str, str, str]]:
    told: set[str] = set()
    for column in writer.columns:
        head = column.name.partition(".")[0]
        if head in told:
            continue
        told.add(head)
        label = column.heading(writer.language)
        if head == "stream":
            label = ", ".join(
                item.heading(writer.language)
                for item in writer.columns
                if item.name.startswith("stream.")
            )
        fixed = column.kind in ("id", "locked") and head != "value"
        how = writer.say("cw_fixed" if fixed else "cw_free")
        note = writer.say(f"cw_note_{head}")
        yield label, f"{note} ({', '.join(SOURCE_KINDS)})" if column.kind == "kinds" else note, how


def _words(writer: Writer) -> Iterator[tuple[str, str, str]]:
    for field, values in CHOICES.items():
        column = next(item for item in writer.columns if item.name == field)
        for value in values:
            shown = word(field, value, writer.language)
            meaning = writer.say(f"cw_{field}_{value}_means")
            yield shown, meaning, f"{column.heading(writer.language)} ({value})"


def _params(writer: Writer) -> Iterator[tuple[str, str, str]]:
    used: dict[str, tuple[str, list[str]]] = {}
    for control in writer.controls.values():
        for name, value in leaves(control.params):
            shape = shape_of(name, value)
            how = writer.say(f"cw_write_{shape}", expected=limits_of(name).shown)
            used.setdefault(name, (how, []))[1].append(control.id)
    for name, (how, ids) in sorted(used.items()):
        yield name, how, ", ".join(ids)
