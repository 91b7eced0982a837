"""Edit the workbook of controls at random: the rules loaded afterwards have exactly the edits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payroll.controls_workbook.columns import CHOICES, pairs_needed, sheet_columns, word
from payroll.controls_workbook.read import read_controls
from payroll.controls_workbook.write import HEADING_ROW, control_workbook
from payroll.model.streams import STREAMS
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.controls import Control
from payroll.rulebook.limits import leaves, limits_of, problems, shape_of, with_leaf
from payroll.rulebook.overrides import IN_BOOK, Accepted, accepted_overrides
from payroll.rulebook.permitted import decided_fields, permitted_severities
from payroll.store import load_rule_files, rules_folder
from payroll.texts import languages

#: Every shape of parameter, every kind of lock, in a book small enough to be written often.
IDS = (
    "AMT-001",
    "BACK-002",
    "COMPL-004",
    "DATE-002",
    "DUP-002",
    "HOURS-001",
    "IBAN-001",
    "IBAN-004",
    "INPUT-001",
    "PRACT-002",
    "REB-001",
    "REG-003",
    "FEE-004",
    "SUPP-003",
    "VAR-002",
    "VAR-001",
    "VAR-004",
)
FILES = load_rule_files(rules_folder())
SHIPPED = load_rulebook(FILES)
PAIRS = pairs_needed({name: SHIPPED.controls[name] for name in IDS})
WORDS = st.text(
    st.characters(
        exclude_categories=("C", "Z"), exclude_characters="{}_", include_characters=" \n"
    ),
    min_size=3,
    max_size=60,
).filter(lambda text: len(text.strip()) >= 3)
DAYS = st.dates(date(1901, 1, 1), date(2200, 1, 1))
ACCOUNTS = st.lists(
    st.sampled_from(["BE68539007547034", "BE71096123456769", "BE88063954965641"]), unique=True
)
ITEMS = st.lists(
    WORDS.map(lambda text: " ".join(text.split())).filter(lambda text: len(text) > 2), max_size=4
)


def number_edit(name: str, old: Any, shipped: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    """(what is typed, what the rules then say): as a number or as a text, comma or point."""
    limits = limits_of(name)
    places = 0 if isinstance(old, int) else min(2, limits.decimals)
    numbers = st.decimals(limits.low, limits.high, places=places, allow_nan=False)

    def typed(number: Decimal) -> st.SearchStrategy[tuple[Any, Any]]:
        if isinstance(old, int):
            new: Any = int(number)
        elif number in (Decimal(old), Decimal(shipped)):
            new = old if number == Decimal(old) else shipped
        else:
            digits = max(
                -int(item.as_tuple().exponent) for item in (Decimal(shipped), number.normalize())
            )
            new = f"{number:.{max(0, digits)}f}"
        return st.sampled_from(
            [(float(number), new), (f"{number}", new), (f"{number}".replace(".", ","), new)]
        )

    return numbers.flatmap(typed)


@st.composite
def edits(draw: st.DrawFn, control: Control, language: str) -> tuple[str, Any, dict[str, Any]]:
    """(column or parameter, what is typed, the fields that the control then has)."""
    fields = [f"{name}.{item}" for name in ("title", "remedy") for item in languages()]
    fields += ["source", "checked_on", "valid_to", *CHOICES, "streams"]
    grave = control.override == "none"
    closed = {"override", "streams", "valid_to", "if_missing"} if grave else set()
    closed |= decided_fields(control) | (set() if control.streams else {"streams"})
    fields = [name for name in fields if name not in closed]
    shapes = {name: (shape_of(name, value), value) for name, value in leaves(control.params)}
    params = [name for name, (shape, _) in shapes.items() if shape != "fixed"]
    name = draw(st.sampled_from(fields + 3 * params))
    head, _, part = name.partition(".")
    own = SHIPPED.controls[control.id]
    if name in shapes:
        shape, old = shapes[name]
        if shape == "severity":
            typed, new = draw(choice_edit("severity", permitted_severities(own, name)))
        else:
            typed, new = draw(param_edit(name, shape, old, dict(leaves(own.params))[name]))
        return name, typed, {"params": with_leaf(control.params, name, new)}
    if head in ("title", "remedy", "source"):
        text = draw(WORDS)
        if part:
            return name, text, {head: getattr(control, head).model_dump() | {part: text}}
        return name, text, {head: text}
    if name in CHOICES:
        values = permitted_severities(own) if name == "severity" else CHOICES[name]
        shown, value = draw(choice_edit(name, values))
        return name, shown, {name: value}
    return draw(stream_edit(control) if name == "streams" else day_edit(control, name))


@st.composite
def choice_edit(draw: st.DrawFn, field: str, values: Sequence[str]) -> tuple[str, str]:
    value = str(draw(st.sampled_from(values)))
    words = [value, *(word(field, value, language) for language in languages())]
    return draw(st.sampled_from(words)), value


@st.composite
def stream_edit(draw: st.DrawFn, control: Control) -> tuple[str, Any, dict[str, Any]]:
    stream = draw(st.sampled_from(tuple(STREAMS)))
    found = tuple(item for item in STREAMS if (item in control.streams) != (item == stream))
    if not found:
        return f"stream.{stream}", "X", {}
    return f"stream.{stream}", "x" if stream in found else None, {"streams": found}


@st.composite
def day_edit(draw: st.DrawFn, control: Control, name: str) -> tuple[str, Any, dict[str, Any]]:
    floor = control.valid_from if name == "valid_to" else date(1901, 1, 1)
    day = draw(DAYS.filter(lambda day: day >= floor))
    shown_day = draw(
        st.sampled_from([datetime.combine(day, time()), day.isoformat(), f"{day:%d/%m/%Y}"])
    )
    return name, shown_day, {name: day}


def param_edit(name: str, shape: str, old: Any, shipped: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    if shape in ("whole", "number"):
        return number_edit(name, old, shipped)
    if shape == "wholes":
        numbers = st.lists(st.integers(1, 10_000), min_size=1, max_size=4)
        return numbers.map(lambda items: ("; ".join(map(str, items)), items))
    if name == "official":
        return ACCOUNTS.map(lambda items: ("; ".join(items) or None, items))
    if name == "kinds":
        some = st.lists(st.sampled_from(old), unique=True)
        return some.map(lambda items: (";".join(items) or None, items))
    plain = ITEMS.filter(lambda items: not any(mark in item for item in items for mark in ';"'))
    return plain.map(lambda items: ("; ".join(items) or None, items))


def typed_into(content: bytes, language: str, cells: list[tuple[str, str, Any]]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    pairs = max(cell.column for cell in sheet[HEADING_ROW + 1])
    names = [column.name for column in sheet_columns(PAIRS, language)]
    assert len(names) == pairs
    for control, name, value in cells:
        row = next(row for row in sheet.iter_rows(HEADING_ROW + 2) if row[0].value == control)
        if name in names:
            cell = row[names.index(name)]
        else:
            cell = next(
                row[at + 1]
                for at, item in enumerate(names)
                if item.startswith("param.") and row[at].value == name
            )
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # as text, whatever it begins with
    result = io.BytesIO()
    book.save(result)
    return result.getvalue()


def in_sheet(book: RuleBook) -> dict[str, Control]:
    return {name: book.controls[name] for name in IDS}


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_loaded_book_has_exactly_the_edits(data: st.DataObject) -> None:
    """Two rounds: the second works on a book that has overrides already."""
    book = SHIPPED
    for _ in range(2):
        language = data.draw(st.sampled_from(languages()))
        shown = control_workbook(in_sheet(book), language)
        read = read_controls("c.xlsx", shown, book.controls, SHIPPED.controls, language)
        assert (read.refused, read.controls) == ([], in_sheet(book)), "an export is no edit"
        ids = data.draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=12))
        wanted, cells = dict(book.controls), []
        for name in ids:
            column, typed, fields = data.draw(edits(book.controls[name], language))
            params = fields.get("params", {})
            if problems(params):
                continue
            old = book.controls[name]
            entry = {key: getattr(old, key) for key in Control.model_fields} | fields
            new = Control.model_validate(entry)
            wanted[name] = new
            cells.append((name, column, typed))
        content = typed_into(shown, language, cells)
        read = read_controls("c.xlsx", content, book.controls, SHIPPED.controls, language)
        assert read.refused == []
        after = {**book.controls, **read.controls}
        assert after == wanted
        accepted = Accepted(datetime(2026, 1, 1, tzinfo=UTC), "A", "B", ["x"])
        written = accepted_overrides(
            book.files.get(IN_BOOK, b""), book.controls, after, SHIPPED.controls, accepted
        )
        book = load_rulebook({**FILES, IN_BOOK: written})
        assert book.controls == wanted
