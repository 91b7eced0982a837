"""An empty workbook per source kind: headings, drop-downs, notes and an invented example.

The example stands on the notes sheet, field by field from top to bottom: it can never be paid, and
the notes sheet cannot be mistaken for a second table, because no row of it holds the headings.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from payroll.model.tables import ADJUSTMENT_KINDS, FIELDS, Field
from payroll.render.xlsx import CellFormats
from payroll.render.xlsx_limits import at_a_cell, new_sheet
from payroll.templates.examples import EXAMPLES, Example
from payroll.texts import catalogue, text

#: field -> canonical value -> the word to write, which ingest must understand.
Choices = Mapping[str, Mapping[str, str]]

_LAST_ROW = 1_048_575
#: Signs that Excel takes in the list of a drop-down.
DROP_DOWN = 255
_NUMBER_FORMATS = {"money": "#,##0.00", "ratio": "0.00##", "hours": "0.00", "count": "0"}
_DARK, _LIGHT = "#1F3864", "#8EA9DB"


def template_workbook(
    kind: str,
    language: str,
    labels: Mapping[str, str],
    choices: Choices | None = None,
    fields: Sequence[Field] | None = None,
) -> bytes:
    """The template of a source kind, the same bytes every time.

    labels: field -> heading, as ingest knows it in that language (a field without one keeps its
    canonical name). choices: the words for choice and flag fields (flags: 'yes' and 'no'); a field
    without words keeps the canonical ones, a flag the language's yes and no.
    """
    template = _Template(kind, language, labels, choices or {}, fields or FIELDS[kind])
    return template.build()


class _Template:
    def __init__(
        self,
        kind: str,
        language: str,
        labels: Mapping[str, str],
        choices: Choices,
        fields: Sequence[Field],
    ) -> None:
        self.kind, self.language, self.fields = kind, language, fields
        self.labels = {item.name: labels.get(item.name, item.name) for item in fields}
        self.words = {item.name: self._words(item, choices) for item in fields}
        self._bytes = io.BytesIO()
        self.workbook = Workbook(self._bytes, {"in_memory": True})
        self.workbook.set_properties({"created": datetime(2022, 1, 1)})  # noqa: DTZ001 - fixed
        self.formats = CellFormats(self.workbook, language)

    def build(self) -> bytes:
        name, notes = self.say(f"wb_kind_{self.kind}"), self.say("tpl_notes_sheet")
        table, explained = (new_sheet(self.workbook, words) for words in (name, notes))
        self._table(table, notes)
        self._notes(explained, name)
        self.workbook.close()
        return self._bytes.getvalue()

    def say(self, entry_id: str, **params: object) -> str:
        return text(entry_id, self.language, **params)

    def _words(self, item: Field, choices: Choices) -> Mapping[str, str]:
        if item.type == "flag":
            own = {"yes": self.say("tpl_yes"), "no": self.say("tpl_no")}
            return choices.get(item.name, own)
        if item.type == "choice":
            return choices.get(item.name, {value: value for value in item.choices})
        return {}

    def _what(self, item: Field) -> str:
        special = f"tpl_field_{self.kind}_{item.name}"
        return self.say(special if special in catalogue() else f"tpl_field_{item.name}")

    def _how(self, item: Field) -> str:
        words = self.words[item.name]
        if words:
            return self.say("tpl_pick", words=", ".join(words.values()))
        return self.say(f"tpl_type_{item.type}")

    def _need(self, item: Field) -> str:
        return self.say("tpl_required" if item.required else "tpl_optional")

    def _cell_format(self, item: Field) -> Any:
        if item.type == "day":
            return self.formats(num_format=self.formats.day, align="left")
        return self.formats(num_format=_NUMBER_FORMATS.get(item.type, "@"))

    def _table(self, sheet: Any, notes: str) -> None:
        for number, item in enumerate(self.fields):
            label = self.labels[item.name]
            look = self.formats(
                bold=True,
                text_wrap=True,
                valign="vcenter",
                border=1,
                border_color="#FFFFFF",
                bg_color=_DARK if item.required else _LIGHT,
                font_color="#FFFFFF" if item.required else "#000000",
            )
            sheet.set_column(number, number, max(14, len(label) + 3), self._cell_format(item))
            sheet.write_string(0, number, label, look)
            sheet.data_validation(1, number, _LAST_ROW, number, self._validation(item, notes))
        sheet.set_row(0, 32)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, 0, len(self.fields) - 1)
        sheet.ignore_errors({"number_stored_as_text": "A2:XFD1048576"})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def _validation(self, item: Field, notes: str) -> dict[str, object]:
        label, message = self.labels[item.name], f"{self._what(item)}\n{self._how(item)}"
        rule: dict[str, object] = {
            "validate": "any",
            "input_message": f"{message}\n({self._need(item)})",
        }
        if len(label) <= 32:
            rule["input_title"] = label
        words = list(self.words[item.name].values())
        # a list that Excel has no room for is told in the notes alone
        if words and len(",".join(words)) <= DROP_DOWN and not any("," in word for word in words):
            rule |= {
                "validate": "list",
                "source": words,
                "error_title": self.say("tpl_refused_title"),
                "error_message": self.say("tpl_refused", sheet=notes),
            }
        return at_a_cell(rule)

    def _notes(self, sheet: Any, table: str) -> None:
        sheet.write_string(
            0,
            0,
            self.say("tpl_notes_title", sheet=table),
            self.formats(bold=True, font_size=16, font_color=_DARK),
        )
        sheet.set_row(0, 24)
        sheet.write_string(1, 0, self.say("tpl_notes_how"), self.formats())
        sheet.write_string(2, 0, self.say("tpl_notes_example"), self.formats(bold=True))
        for number, (name, width) in enumerate(
            (("heading", 30), ("required", 14), ("what", 66), ("format", 52), ("example", 24))
        ):
            sheet.set_column(number, number, width)
            sheet.write_string(4, number, self.say(f"tpl_col_{name}"), self.formats.heading())
        wrap, row = self.formats(text_wrap=True), 5
        for row, item in enumerate(self.fields, 5):
            need = self.formats(bold=item.required)
            sheet.write_string(row, 0, self.labels[item.name], need)
            sheet.write_string(row, 1, self._need(item), need)
            sheet.write_string(row, 2, self._what(item), wrap)
            how = self._how(item)
            sheet.write_string(row, 3, how, wrap)
            sheet.set_row(row, 13.5 * max(1, -(-len(how) // 48), -(-len(self._what(item)) // 62)))
            self._example(sheet, row, item)
        if "kind" in self.words:
            self._kinds(sheet, row + 2)
        sheet.freeze_panes(5, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _example(self, sheet: Any, row: int, item: Field) -> None:
        value: Example | None = EXAMPLES[self.kind].get(item.name)
        look = self._cell_format(item)
        if isinstance(value, date):
            sheet.write_datetime(row, 4, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
        elif isinstance(value, int | Decimal):
            aligned = self.formats(num_format=_NUMBER_FORMATS[item.type], align="left")
            sheet.write_number(row, 4, value, aligned)
        elif value is not None:
            sheet.write_string(row, 4, self.words[item.name].get(value, value), look)

    def _kinds(self, sheet: Any, row: int) -> None:
        sheet.write_string(
            row,
            0,
            self.say("tpl_kinds_title"),
            self.formats(bold=True, font_size=12, font_color=_DARK),
        )
        for number, kind in enumerate(ADJUSTMENT_KINDS, row + 1):
            sheet.write_string(
                number, 0, self.words["kind"].get(kind, kind), self.formats(bold=True)
            )
            sheet.write_string(number, 2, self.say(f"tpl_kind_{kind}"), self.formats())
