"""The help sheet of the workbook of controls: what each column means, and what it may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from payroll.controls_workbook.columns import CHOICES, SheetColumn, word
from payroll.model.tables import SOURCE_KINDS
from payroll.render.xlsx import CellFormats
from payroll.rulebook.controls import Control
from payroll.rulebook.limits import leaves, limits_of, shape_of
from payroll.texts import text

_DARK = "#1F3864"


def write_help(
    sheet: Any,
    formats: CellFormats,
    columns: Sequence[SheetColumn],
    controls: Mapping[str, Control],
    language: str,
) -> None:
    """Title, steps, columns, words of the closed lists, parameters with their ranges."""
    for place, width in enumerate((26, 100, 44)):
        sheet.set_column(place, place, width)
    title = formats(bold=1, font_size=16, font_color=_DARK)
    sheet.write_string(0, 0, text("cw_help_title", language), title)
    sheet.set_row(0, 24)
    for step in range(1, 5):
        sheet.write_string(step, 0, text(f"cw_step_{step}", language), formats())
    row = 5
    for name, rows in (
        ("columns", _columns(columns, language)),
        ("words", _words(columns, language)),
        ("params", _params(controls, language)),
    ):
        heads = [text(f"cw_help_{name}_{place}", language) for place in (1, 2, 3)]
        row = _section(sheet, formats, row + 1, heads, list(rows))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _section(
    sheet: Any,
    formats: CellFormats,
    row: int,
    heads: Sequence[str],
    rows: Sequence[tuple[str, str, str]],
) -> int:
    heading = formats(bold=1, bg_color=_DARK, font_color="#FFFFFF")
    for place, label in enumerate(heads):
        sheet.write_string(row, place, label, heading)
    for row_number, cells in enumerate(rows, row + 1):
        for place, cell in enumerate(cells):
            sheet.write_string(row_number, place, cell, formats(bold=not place, text_wrap=1))
        widths = (24, 95, 41)
        lines = max(-(-len(cell) // width) for cell, width in zip(cells, widths, strict=True))
        sheet.set_row(row_number, 13.5 * max(1, lines))
    return row + len(rows) + 1


def _columns(columns: Sequence[SheetColumn], language: str) -> Iterator[tuple[str, str, str]]:
    told: dict[str, list[SheetColumn]] = {}
    for item in columns:
        told.setdefault(item.head, []).append(item)
    for head, (column, *others) in told.items():
        same = others if column.kind == "mark" else []
        label = ", ".join(item.heading(language) for item in (column, *same))
        fixed = column.kind in ("id", "locked") and head != "value"
        note = text(f"cw_note_{head}", language)
        if column.kind == "kinds":
            note = f"{note} ({', '.join(SOURCE_KINDS)})"
        yield label, note, text("cw_fixed" if fixed else "cw_free", language)


def _words(columns: Sequence[SheetColumn], language: str) -> Iterator[tuple[str, str, str]]:
    for field, values in CHOICES.items():
        column = next(item for item in columns if item.name == field)
        for value in values:
            shown = word(field, value, language)
            meaning = text(f"cw_{field}_{value}_means", language)
            yield shown, meaning, f"{column.heading(language)} ({value})"


def _params(controls: Mapping[str, Control], language: str) -> Iterator[tuple[str, str, str]]:
    used: dict[str, tuple[str, list[str]]] = {}
    for control in controls.values():
        for name, value in leaves(control.params):
            shape = shape_of(name, value)
            how = text(f"cw_write_{shape}", language, expected=limits_of(name).shown)
            used.setdefault(name, (how, []))[1].append(control.id)
    for name, (how, ids) in sorted(used.items()):
        yield name, how, ", ".join(ids)
