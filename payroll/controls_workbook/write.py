"""The workbook of controls that `payroll rules export` writes: one row per control, and how to.

Grey cells stay as they are: the sheet is protected without a password, and what is changed there
all the same is refused when it is read back. The same rules give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from payroll.controls_workbook.columns import (
    CHOICES,
    MARK,
    SEVERITY,
    SheetColumn,
    family,
    list_shown,
    pairs_needed,
    param_shown,
    sheet_columns,
    word,
    written,
)
from payroll.controls_workbook.help import write_help
from payroll.model.errors import require
from payroll.render.xlsx import CELL_LIMIT, COLOURS, CellFormats, quoted_start
from payroll.render.xlsx_limits import at_a_cell, in_a_formula, new_sheet
from payroll.rulebook.controls import Control
from payroll.rulebook.limits import leaves, limits_of, shape_of
from payroll.rulebook.permitted import decided_fields
from payroll.texts import text

HEADING_ROW = 3  # counted from 0, below title and two lines of instructions
_DARK, _GREY, _LINE = "#1F3864", "#E7E6E6", "#BFBFBF"
#: A spreadsheet holds 15 digits; a number with more is written as text.
_DIGITS = 15
_HEIGHT_MAX = 8
#: 1 March 1900: the first day on which every spreadsheet agrees.
_FIRST_DAY = date(1900, 3, 1)


def control_workbook(controls: Mapping[str, Control], language: str) -> bytes:
    """The workbook, the same bytes every time."""
    return _SheetWriter(controls, language).build()


class _SheetWriter:
    def __init__(self, controls: Mapping[str, Control], language: str) -> None:
        self.controls, self.language = controls, language
        self.columns = sheet_columns(pairs_needed(controls), language)
        self._bytes = io.BytesIO()
        self.workbook = Workbook(self._bytes, {"in_memory": True})
        created = datetime(2022, 1, 1)  # noqa: DTZ001 - fixed, for the same bytes
        self.workbook.set_properties({"title": self.say("cw_title"), "created": created})
        self.formats = CellFormats(self.workbook, language)

    def say(self, entry_id: str, **params: object) -> str:
        return text(entry_id, self.language, **params)

    def cell(self, *, locked: bool, **properties: object) -> Any:
        """A cell of the table: grey and locked, or white and open."""
        shade = {"bg_color": _GREY, "font_color": "#404040"} if locked else {"locked": False}
        return self.formats(border=1, border_color=_LINE, text_wrap=1, **shade, **properties)

    def _place(self, name: str) -> int:
        return next(number for number, item in enumerate(self.columns) if item.name == name)

    def build(self) -> bytes:
        sheet = new_sheet(self.workbook, self.say("cw_sheet"))
        self._frame(sheet)
        for row, control in enumerate(self.controls.values(), HEADING_ROW + 1):
            self._row(sheet, row, control)
        self._drop_downs(sheet)
        explained = new_sheet(self.workbook, self.say("cw_help_sheet"))
        write_help(explained, self.formats, self.columns, self.controls, self.language)
        sheet.activate()
        self.workbook.close()
        return self._bytes.getvalue()

    def _frame(self, sheet: Any) -> None:
        title = self.formats(bold=1, font_size=16, font_color=_DARK)
        sheet.write_string(0, 0, self.say("cw_title"), title)
        sheet.set_row(0, 24)
        sheet.write_string(1, 0, self.say("cw_how_1"), self.formats())
        sheet.write_string(2, 0, self.say("cw_how_2"), self.formats(italic=1))
        heading = self.formats(
            bold=1,
            bg_color=_DARK,
            font_color="#FFFFFF",
            text_wrap=1,
            border=1,
            border_color="#FFFFFF",
            valign="vcenter",
        )
        for number, column in enumerate(self.columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(HEADING_ROW, number, column.heading(self.language), heading)
        sheet.set_row(HEADING_ROW, 30)
        last = HEADING_ROW + max(1, len(self.controls))
        sheet.freeze_panes(HEADING_ROW + 1, 3)
        sheet.autofilter(HEADING_ROW, 0, last, len(self.columns) - 1)
        sheet.protect(
            "",
            {
                "autofilter": True,
                "sort": True,
                "format_columns": True,
                "format_rows": True,
                "format_cells": True,
            },
        )
        sheet.ignore_errors({"number_stored_as_text": f"A{HEADING_ROW + 2}:XFD{last + 1}"})
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADING_ROW)
        sheet.print_area(0, 0, last, self._place(f"remedy.{written(self.language)}"))
        sheet.set_footer("&L&9&A&R&9&P / &N")
        self._colours(sheet)

    def _colours(self, sheet: Any) -> None:
        """The colour of each severity."""
        place = self._place(SEVERITY)
        row, last = HEADING_ROW + 1, HEADING_ROW + len(self.controls)
        for severity in CHOICES[SEVERITY]:
            background, letters = COLOURS[severity]
            colours = self.workbook.add_format({"bg_color": background, "font_color": letters})
            sheet.conditional_format(
                row,
                place,
                last,
                place,
                {
                    "type": "cell",
                    "criteria": "==",
                    "format": colours,
                    "value": in_a_formula(word(SEVERITY, severity, self.language)),
                },
            )

    def _row(self, sheet: Any, row: int, control: Control) -> None:
        locked = decided_fields(control)
        lines = 1
        for place, column in enumerate(self.columns):
            if column.head in ("param", "value"):
                continue
            shut = column.kind in ("id", "locked") or column.field in locked
            value = self._value(column, control)
            centred = {"align": "center"} if column.kind == "mark" else {}
            if isinstance(value, date):
                self._day(sheet, row, place, value, locked=shut)
            else:
                self._text(sheet, row, place, value, locked=shut, **centred)
                lines = max(lines, -(-len(value) // max(1, column.width)))
        lines = max(lines, self._params(sheet, row, control))
        sheet.set_row(row, 13.5 * min(lines, _HEIGHT_MAX))

    def _value(self, column: SheetColumn, control: Control) -> str | date:
        if column.head == "family":
            return family(control)
        value = getattr(control, column.field)
        if column.kind == "mark":
            return MARK if column.part in value else ""
        if column.kind == "choice":
            return "" if value is None else word(column.field, value, self.language)
        if column.part:
            return str(value[column.part])
        if column.kind == "kinds":
            return list_shown(value)
        return value if isinstance(value, date) else str(value or "")

    def _params(self, sheet: Any, row: int, control: Control) -> int:
        """The pairs of name and value; how many lines the longest takes."""
        places = [n for n, item in enumerate(self.columns) if item.name.startswith("param.")]
        found = list(leaves(control.params))
        lines = 1
        for number, place in enumerate(places):
            name, value = found[number] if number < len(found) else ("", "")
            self._text(sheet, row, place, name, locked=True)
            if not name:
                self._text(sheet, row, place + 1, "", locked=True)
                continue
            self._param(sheet, row, place + 1, name, value)
            lines = max(lines, -(-len(param_shown(name, value)) // 18))
        return lines

    def _param(self, sheet: Any, row: int, place: int, name: str, value: object) -> None:
        shape = shape_of(name, value)
        number = Decimal(str(value)) if shape in ("whole", "number") else None
        if number is not None and _fits(number):
            decimals = max(0, -int(number.as_tuple().exponent))
            digits = f"0.{'0' * decimals}" if decimals else "0"
            look = self.cell(locked=False, align="right", indent=1, num_format=digits)
            sheet.write_number(row, place, number, look)
        elif isinstance(value, date):
            self._day(sheet, row, place, value, locked=False)
        else:
            shown = param_shown(name, value)
            if shape == SEVERITY:
                shown = word(SEVERITY, str(value), self.language)
            self._text(sheet, row, place, shown, locked=shape == "fixed")
        if shape != "fixed":
            sheet.data_validation(row, place, row, place, self._limits(name, shape))

    def _limits(self, name: str, shape: str) -> dict[str, object]:
        limits = limits_of(name)
        rule: dict[str, object] = {
            "validate": "any",
            "input_title": name,
            "input_message": self.say(f"cw_write_{shape}", expected=limits.shown),
        }
        if shape in ("whole", "number"):
            rule |= {
                "validate": "integer" if shape == "whole" else "decimal",
                "criteria": "between",
                "minimum": limits.low,
                "maximum": limits.high,
                "error_title": self.say("tpl_refused_title"),
                "error_message": self.say(f"cw_write_{shape}", expected=limits.shown),
            }
        elif shape == "flag":
            rule |= {"validate": "list", "source": ["true", "false"]}
        elif shape == SEVERITY:
            words = [word(SEVERITY, item, self.language) for item in CHOICES[SEVERITY]]
            rule |= {"validate": "list", "source": words}
        return at_a_cell(rule)

    def _day(self, sheet: Any, row: int, place: int, value: date, *, locked: bool) -> None:
        look = self.cell(locked=locked, num_format=self.formats.day, align="left")
        if value >= _FIRST_DAY:
            sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
        else:
            self._text(sheet, row, place, value.isoformat(), locked=locked)

    def _text(
        self, sheet: Any, row: int, place: int, value: str, *, locked: bool, **more: object
    ) -> None:
        """A text, always as a string; one that looks like a formula keeps its quote."""
        require(2 * len(value) <= CELL_LIMIT, "a text of a control does not fit into a cell")
        quote = {"quote_prefix": 1} if quoted_start(value) else {}
        look = self.cell(locked=locked, num_format="@", **quote, **more)
        if value:
            sheet.write_string(row, place, value, look)
        else:
            sheet.write_blank(row, place, None, look)

    def _drop_downs(self, sheet: Any) -> None:
        first, last = HEADING_ROW + 1, HEADING_ROW + max(1, len(self.controls))
        for place, column in enumerate(self.columns):
            if column.kind in ("id", "locked"):
                continue
            rule: dict[str, object] = {
                "validate": "any",
                "input_title": column.heading(self.language),
                "input_message": self.say(f"cw_note_{column.head}"),
            }
            if column.kind in ("choice", "mark"):
                words = [
                    word(column.field, item, self.language)
                    for item in CHOICES.get(column.field, ())
                ]
                rule |= {
                    "validate": "list",
                    "source": words or [MARK],
                    "error_title": self.say("tpl_refused_title"),
                    "error_message": self.say("tpl_refused", sheet=self.say("cw_help_sheet")),
                }
            sheet.data_validation(first, place, last, place, at_a_cell(rule))


def _fits(number: Decimal) -> bool:
    return number.is_finite() and len(number.as_tuple().digits) <= _DIGITS
