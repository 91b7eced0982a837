"""Read the sheet of controls back: the controls as edited, and every cell that is refused.

The rules in force are the measure: a row names one of them, and a cell that says the same in other
words changes nothing. A control without a row stays as it is.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from payroll.controls_workbook.cells import (
    CellError,
    CellRead,
    choice_of,
    day_of,
    kinds_of,
    mark_of,
    param_of,
    printable,
    read_cell,
    text_of,
)
from payroll.controls_workbook.columns import (
    CHOICES,
    PAIRS_MIN,
    WORDS,
    SheetColumn,
    family,
    sheet_columns,
    word,
)
from payroll.model.errors import DamagedInputError, PayrollError, Said
from payroll.model.refusals import refusals
from payroll.model.streams import STREAMS
from payroll.render.xlsx_rows import column_letters
from payroll.rulebook.controls import Control
from payroll.rulebook.limits import leaves, problems, shape_of, with_leaf
from payroll.rulebook.permitted import SEVERITY, Refused, decided_fields, not_permitted
from payroll.rulebook.words import WRITTEN
from payroll.texts import fields_of, languages

_HEADING_ROWS = 12
_PAIRS_MAX = 60
#: What any finding fills, besides the words that the control's own texts use.
_PLACEHOLDERS = {"subject", "observed", "limit", "source", "stream"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused cell: `file!sheet!R<row>, <column> (<heading>)`, its control, text and reason."""

    where: str
    control: str
    text: str
    said: Said


@dataclass(slots=True)
class SheetRead:
    """controls: every row's control as edited; places: id -> the row, as `file!sheet!R<row>`."""

    controls: dict[str, Control] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)


def read_controls(
    file: str,
    content: bytes,
    in_force: Mapping[str, Control],
    shipped: Mapping[str, Control],
    language: str,
) -> SheetRead:
    """The table of controls of a workbook. Raises PayrollError when it holds none, or two.

    shipped: the program's own controls, against which nothing may be loosened.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
    except Exception as error:  # openpyxl raises many kinds for damaged files
        raise DamagedInputError("workbook_damaged", where=file) from error
    tables = [
        (sheet, *found) for sheet in book.worksheets if (found := _heading_row(sheet)) is not None
    ]
    if len(tables) != 1:
        sheets = ", ".join(printable(sheet.title) for sheet in book.worksheets)
        raise PayrollError("controls_no_table", where=file, count=len(tables), sheets=sheets)
    reader = _SheetReader(file, tables[0][0], in_force, shipped, language)
    reader.read(*tables[0][1:])
    return reader.result


def _headings_of(language: str) -> dict[str, SheetColumn]:
    """Heading, case ignored -> column."""
    return {
        column.heading(language).casefold(): column
        for column in sheet_columns(_PAIRS_MAX, language)
    }


def _heading_row(sheet: Any) -> tuple[int, dict[str, SheetColumn]] | None:
    """The number of the row and what its headings mean, first in the language of most of them."""
    known = [_headings_of(language) for language in languages()]
    for number, row in enumerate(sheet.iter_rows(max_row=_HEADING_ROWS, values_only=True), 1):
        words = {str(cell).casefold() for cell in row}
        names: dict[str, SheetColumn] = {}
        for own in sorted(known, key=lambda own: len(words & own.keys())):
            names |= own
        if {"id", "severity"} <= {names[word].name for word in words & names.keys()}:
            return number, names
    return None


class _SheetReader:
    def __init__(
        self,
        file: str,
        sheet: Any,
        in_force: Mapping[str, Control],
        shipped: Mapping[str, Control],
        language: str,
    ) -> None:
        self.file, self.sheet = file, sheet
        self.in_force, self.shipped, self.language = in_force, shipped, language
        self.columns: dict[str, int] = {}
        self.kinds: dict[str, SheetColumn] = {}
        self.row, self.control_id = 0, ""
        self.result = SheetRead()

    def read(self, heading_row: int, names: Mapping[str, SheetColumn]) -> None:
        self.row = heading_row
        rows = list(self.sheet.iter_rows(min_row=heading_row))
        self._headings(rows[0], names, rows[1:])
        if self.result.refused:
            return
        for self.row, cells in enumerate(rows[1:], heading_row + 1):
            self.control_id = ""
            if any(cell.value is not None for cell in cells):
                self._control(cells)

    def refuse(self, name: str, cell: str, said: Said) -> None:
        """Refuse the cell of this row in a column (a field's name, or letters not in the table)."""
        place = self.columns.get(name)
        letters = name if place is None else column_letters(place)
        heading = f" ({self.kinds[name].heading(self.language)})" if name in self.kinds else ""
        where = f"{self.file}!{self.sheet.title}!R{self.row}, {letters}{heading}"
        self.result.refused.append(Refusal(where, self.control_id, cell, said))

    def _headings(
        self, cells: Iterable[Any], names: Mapping[str, SheetColumn], below: list[Any]
    ) -> None:
        for place, cell in enumerate(cells):
            shown = "" if cell.value is None else str(cell.value).strip()
            column = names.get(shown.casefold())
            if not shown:
                if any(row[place].value is not None for row in below):
                    self.refuse(column_letters(place), "", Said("cw_column_unnamed"))
            elif column is None:
                near = difflib.get_close_matches(shown.casefold(), names, 1)
                said = Said("cw_column_unknown", {"near": near[0] if near else "-"})
                self.refuse(column_letters(place), printable(shown), said)
            elif column.name in self.columns:
                self.refuse(column_letters(place), printable(shown), Said("cw_column_twice"))
            else:
                self.columns[column.name], self.kinds[column.name] = place, column
        for column in sheet_columns(PAIRS_MIN, self.language):
            if column.name not in self.columns:
                said = Said("cw_column_missing", {"name": column.heading(self.language)})
                self.refuse("-", "", said)

    def _control(self, cells: tuple[Any, ...]) -> None:
        before = len(self.result.refused)
        base = self._base(cells)
        if base is None:
            return
        self.control_id = base.id
        entry: dict[str, Any] = {name: getattr(base, name) for name in Control.model_fields}
        entry |= {name: getattr(base, name).model_dump() for name in WORDS}
        streams: list[str] = []
        for column in self.kinds.values():
            if column.head in ("id", "param", "value"):
                continue
            try:
                value = self._cell(cells, column, base)
            except CellError as error:
                self.refuse(column.name, self._shown(cells, column.name), error.said)
                continue
            if column.kind == "mark":
                streams += [column.part] if value else []
            elif column.part:
                entry[column.field][column.part] = value
            elif column.field in entry:
                entry[column.field] = value
        entry["streams"] = self._same_set(
            base, "streams", tuple(stream for stream in STREAMS if stream in streams)
        )
        if base.streams and not entry["streams"]:
            self.refuse(f"stream.{base.streams[0]}", "", Said("cw_streams_none"))
        entry["params"] = self._params(cells, base)
        if len(self.result.refused) == before:
            self._finish(cells, base, entry)

    def _base(self, cells: tuple[Any, ...]) -> Control | None:
        """The control that the row names; None when the cell is refused."""
        try:
            control_id = text_of(read_cell(cells[self.columns["id"]])).strip()
        except CellError as error:
            self.refuse("id", self._shown(cells, "id"), error.said)
            return None
        base = self.in_force.get(control_id)
        if base is None:
            near = difflib.get_close_matches(control_id, self.in_force, 3, cutoff=0.3)
            said = Said("cw_id_unknown", {"near": ", ".join(near) or "-"})
            self.refuse("id", printable(control_id), said)
        elif control_id in self.result.places:
            said = Said("cw_id_twice", {"place": self.result.places[control_id]})
            self.refuse("id", control_id, said)
            return None
        else:
            self.result.places[control_id] = f"{self.file}!{self.sheet.title}!R{self.row}"
        return base

    def _shown(self, cells: tuple[Any, ...], name: str) -> str:
        value = cells[self.columns[name]]
        return CellRead(value.value, value.number_format).shown

    def _cell(self, cells: tuple[Any, ...], column: SheetColumn, base: Control) -> Any:
        """What a cell says of its field. Raises CellError."""
        value = self._value(read_cell(cells[self.columns[column.name]]), column, base)
        before = getattr(base, column.field, value)
        before = column.part in before if column.kind == "mark" else before
        if column.field in decided_fields(base) and value != before:
            raise CellError("cw_decided")
        return value

    def _value(self, cell: CellRead, column: SheetColumn, base: Control) -> Any:
        if column.kind == "locked":
            expected = family(base) if column.head == "family" else str(getattr(base, column.head))
            if cell.shown.strip() != expected:
                raise CellError("cw_locked", expected=expected)
            return expected
        if column.kind == "choice":
            usual = column.field == "if_missing" and cell.empty
            return None if usual else choice_of(cell, column.field, self.language)
        if column.kind == "mark":
            return mark_of(cell)
        if column.kind == "day":
            return None if column.field == "valid_to" and cell.empty else day_of(cell)
        if column.kind == "kinds":
            return self._same_set(base, "requires", tuple(kinds_of(cell)))
        value = text_of(cell)
        if column.part:
            self._placeholders(value, getattr(base, column.field)[column.part], base)
        return value

    def _same_set(self, base: Control, name: str, items: tuple[str, ...]) -> tuple[str, ...]:
        """The items in the order in force or of the program, where that is all that differs."""
        for control in (base, self.shipped.get(base.id, base)):
            known: tuple[str, ...] = getattr(control, name)
            if set(items) == set(known):
                return known
        return items

    def _placeholders(self, value: str, old: str, base: Control) -> None:
        """A name in braces that no finding of this control fills would stay visible."""
        texts = [
            item[language]
            for item in (base.title, base.message, base.remedy)
            for language in WRITTEN
        ]
        known = _PLACEHOLDERS.union(*map(_names, texts))
        if value != old and (unknown := sorted(_names(value) - known)):
            words = ", ".join("{" + name + "}" for name in sorted(known))
            raise CellError("cw_placeholder", item=printable(", ".join(unknown)), expected=words)

    def _params(self, cells: tuple[Any, ...], base: Control) -> dict[str, object]:
        known, found = dict(leaves(base.params)), dict(base.params)
        shipped = known | {
            name: value
            for name, value in leaves(self.shipped.get(base.id, base).params)
            if name in known and shape_of(name, value) == shape_of(name, known[name])
        }
        seen: set[str] = set()
        for name in [item for item in self.kinds if item.startswith("param.")]:
            place = f"value.{name.partition('.')[2]}"
            param = self._shown(cells, name).strip()
            if not param:
                if self._shown(cells, place):
                    self.refuse(place, self._shown(cells, place), Said("cw_param_unnamed"))
            elif param not in known:
                said = Said("cw_param_unknown", {"expected": ", ".join(known) or "-"})
                self.refuse(name, param, said)
            elif param in seen:
                self.refuse(name, param, Said("cw_param_twice"))
            else:
                seen.add(param)
                old = known[param]
                try:
                    cell = read_cell(cells[self.columns[place]])
                    value = param_of(cell, param, old, shipped[param], self.language)
                except CellError as error:
                    self.refuse(place, self._shown(cells, place), error.said)
                    continue
                if value is not old:
                    found.update(with_leaf(found, param, value))
        for param in known:
            if param not in seen:
                self.refuse("id", base.id, Said("cw_param_missing", {"name": param}))
        return found

    def _place_of(self, cells: tuple[Any, ...], name: str) -> str:
        """The column of a field or of a parameter's value."""
        for column in self.kinds:
            if column.startswith("param.") and self._shown(cells, column).strip() == name:
                return f"value.{column.partition('.')[2]}"
        return name if name in self.columns else "id"

    def _finish(self, cells: tuple[Any, ...], base: Control, entry: dict[str, Any]) -> None:
        """Hold the whole control to its limits, and to what may never be loosened."""
        out_of_range = problems(entry["params"])
        for problem in out_of_range:
            place = self._place_of(cells, problem.name)
            said = Said(f"field_{problem.text_id}", problem.params)
            self.refuse(place, self._shown(cells, place), said)
        if out_of_range:
            return
        try:
            control = Control.model_validate(entry)
        except ValidationError as error:
            _, listed = refusals(Control, error)
            for item, said in zip(error.errors(), listed, strict=False):
                named = str(item.get("ctx", {}).get("name", ""))
                place = self._place_of(cells, ".".join(map(str, item["loc"])) or named)
                self.refuse(place, self._shown(cells, place), Said(said.text_id, said.params))
            return
        shipped = self.shipped.get(base.id)
        for refused in not_permitted(shipped, control) if shipped else ():
            self._not_permitted(cells, refused, control)
        self.result.controls[base.id] = control

    def _not_permitted(self, cells: tuple[Any, ...], item: Refused, own: Control) -> None:
        """Refuse the cell of a change that nobody may make."""
        name, words = item.field.removeprefix("params."), item.expected
        place = self._place_of(cells, name)
        if name == "streams":
            place = next(f"stream.{one}" for one in words.split(", ") if one not in own.streams)
        if item.field in CHOICES or shape_of(name, "") == SEVERITY:
            field_name = item.field if item.field in CHOICES else SEVERITY
            shown = [
                one if one == "-" else word(field_name, one, self.language)
                for one in words.split(", ")
            ]
            words = ", ".join(shown)
        self.refuse(place, self._shown(cells, place), Said(f"cw_{item.why}", {"expected": words}))


def _names(words: str) -> set[str]:
    try:
        return {name for name, _, _ in fields_of(words)}
    except ValueError:  # a single brace
        raise CellError("cw_brace") from None
