"""The payments and the lines of a run as tables: of its record, of one of its files, of a review.

A file may have been opened and saved by a spreadsheet: what counts is that its columns are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from payroll.ingest.sheet import Sheet
from payroll.ingest.values import Cell
from payroll.model.streams import SALARIES, STREAMS
from payroll.render.xlsx import FIRST_ROW
from payroll.render.xlsx_limits import sheet_name
from payroll.texts import languages, text
from payroll.views.diff.sides import Heading, RawTable, Role

_HEADINGS = {
    "payments": (
        Heading("stream", "stream", Role.STREAM, "code"),
        Heading("payee_id", "payee_id", Role.PAYEE, "code"),
        Heading("creditor_name", "creditor_name", Role.NAME, "text"),
        Heading("iban", "iban", Role.ACCOUNT, "iban"),
        Heading("status", "status", Role.STATUS, "text"),
        Heading("amount", "amount", Role.AMOUNT, "cents"),
        Heading("legal_nature", "legal_nature", Role.PLAIN, "text"),
        Heading("execution_date", "execution_date", Role.PLAIN, "day"),
        Heading("reference", "reference", Role.PLAIN, "text"),  # the structured or the free one
        Heading("hold_rules", "hold_rules", Role.RULES, "text"),
    ),
    "lines": (
        Heading("stream", "stream", Role.STREAM, "code"),
        Heading("payee_id", "payee_id", Role.PAYEE, "code"),
        Heading("component", "component", Role.COMPONENT, "code"),
        Heading("earning_period", "earning_period", Role.PLAIN, "text"),
        Heading("amount", "amount_cents", Role.AMOUNT, "cents"),
        Heading("quantity", "quantity"),
        Heading("rate", "rate", Role.PLAIN, "text"),
        Heading("basis", "basis", Role.BASIS, "text"),
        Heading("rule_id", "rule_id", Role.RULES, "text"),
        Heading("source", "source", Role.PLAIN, "text"),
    ),
}
#: What tells two rows of one key apart, and what differs by nature.
_KEYS = {"payments": ("stream", "payee_id"), "lines": ("stream", "payee_id", "component")}
_NEAR = {"payments": "reference", "lines": "earning_period"}
_ASIDE = {
    "payments": ("reference", "hold_rules"),
    "lines": ("earning_period", "basis", "rule_id", "source"),
}
#: Our name -> the columns of our files, the first that is filled counts.
_COLUMNS = {"amount": ("amount_cents",), "reference": ("structured_reference", "remittance")}
#: Our name -> heading of the review's payments sheet, how its words begin in the catalogue, codes.
REVIEW: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "stream": ("column_stream", "stream_", tuple(STREAMS)),
    "payee_id": ("wb_col_payee", "", ()),
    "creditor_name": ("wb_col_creditor", "", ()),
    "iban": ("wb_col_iban", "", ()),
    "status": ("wb_col_status", "wb_status_", ("pay", "held")),
    "amount": ("wb_col_amount", "", ()),
    "legal_nature": (
        "wb_col_legal",
        "wb_legal_",
        ("final", "full_estimate", "part_payment", "advance"),
    ),
    "execution_date": ("wb_col_date", "", ()),
    "reference": ("wb_col_remittance", "", ()),
    "hold_rules": ("wb_col_rules", "", ()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSheet:
    """A sheet that holds payments or lines.

    first: index of the first row below the headings. columns: our name -> the columns that may
    hold it. words: our name -> word of the sheet -> code. money: amounts are euros, not cents.
    """

    kind: str  # payments | lines
    sheet: Sheet
    first: int
    columns: Mapping[str, tuple[int, ...]]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    money: bool = False


def own_sheet(sheets: Sequence[Sheet]) -> OwnSheet | None:
    """The payments or lines among the sheets of a file; None where there are none."""
    return next((found for found in _own_sheets(sheets)), None)


def _own_sheets(sheets: Sequence[Sheet]) -> Iterator[OwnSheet]:
    for kind, headings in _HEADINGS.items():
        wanted = {item.name: _COLUMNS.get(item.name, (item.name,)) for item in headings}
        for sheet in sheets[:1]:
            if columns := _found(wanted, sheet, 0):
                yield OwnSheet(kind=kind, sheet=sheet, first=1, columns=columns)
    for language in languages():
        titles = {name: (text(title, language),) for name, (title, _, _) in REVIEW.items()}
        for sheet in sheets:
            named = sheet.name == sheet_name(text("wb_sheet_payments", language))
            if named and (columns := _found(titles, sheet, FIRST_ROW - 1)):
                yield OwnSheet(
                    kind="payments",
                    sheet=sheet,
                    first=FIRST_ROW,
                    columns=columns,
                    words={
                        name: {text(f"{prefix}{code}", language): code for code in codes}
                        for name, (_, prefix, codes) in REVIEW.items()
                    },
                    money=True,
                )


def _found(
    wanted: Mapping[str, tuple[str, ...]], sheet: Sheet, index: int
) -> dict[str, tuple[int, ...]]:
    """Where every wanted heading stands in a row; {} unless all do."""
    headings = list(sheet.rows[index]) if len(sheet.rows) > index else []
    if not all(title in headings for titles in wanted.values() for title in titles):
        return {}
    return {
        name: tuple(headings.index(title) for title in titles) for name, titles in wanted.items()
    }


def from_sheet(label: str, own: OwnSheet) -> RawTable:
    """The rows of a sheet that are not blank, words turned into codes."""
    kept = [
        index
        for index in range(own.first, len(own.sheet.rows))
        if any(cell != "" for cell in own.sheet.rows[index])
    ]
    rows = [own.sheet.rows[index] for index in kept]

    def column(name: str) -> list[Cell]:
        words = own.words.get(name, {})
        cells = [
            next((row[at] for at in own.columns[name] if at < len(row) and row[at] != ""), "")
            for row in rows
        ]
        return [words.get(str(cell), cell) for cell in cells] if words else cells

    places = [f"{label}!{own.sheet.name}!R{own.sheet.numbers[index]}" for index in kept]
    table = _table(label, own.kind, column, places)
    if not own.money:
        return table
    headings = [
        replace(item, kind="money") if item.kind == "cents" else item for item in table.headings
    ]
    return replace(table, headings=tuple(headings), sheet=own.sheet.name)


def from_frame(label: str, kind: str, frame: pd.DataFrame) -> RawTable:
    """RECORD_PAYMENTS or RECORD_LINES of a run."""

    def column(name: str) -> list[Cell]:
        columns = [frame[column].tolist() for column in _COLUMNS.get(name, (name,))]
        return (
            columns[0]
            if len(columns) == 1
            else [one or two for one, two in zip(*columns, strict=True)]
        )

    places = [f"{label}/{kind}.csv!csv!R{number}" for number in range(2, len(frame) + 2)]
    return _table(label, kind, column, places)


def _table(
    label: str, kind: str, column: Callable[[str], Sequence[Cell]], places: Sequence[str]
) -> RawTable:
    return RawTable(
        label=label,
        kind=kind,
        headings=_HEADINGS[kind],
        cells={item.name: column(item.name) for item in _HEADINGS[kind]},
        places=places,
        keys=_KEYS[kind],
        near=_NEAR[kind],
        repeats=True,
        aside=_ASIDE[kind],
    )


def register_payments(register: RawTable) -> RawTable:
    """A pay register as the salaries that it paid: net per person."""
    wanted = {"employee_id": "payee_id", "net": "amount", "iban": "iban"}
    headings = [_HEADINGS["payments"][0]]
    cells: dict[str, Sequence[Cell]] = {"stream": [SALARIES.name] * len(register)}
    for own, name in wanted.items():
        found = register.heading(own)
        if found is not None:
            headings.append(replace(found, name=name))
            cells[name] = register.cells[own]
    return replace(
        register,
        kind="payments",
        headings=tuple(headings),
        cells=cells,
        keys=_KEYS["payments"],
        near=_NEAR["payments"],
        repeats=True,
        aside=_ASIDE["payments"],
    )


def only_salaries(table: RawTable) -> RawTable:
    """The payments of that stream alone."""
    kept = [row for row, name in enumerate(table.cells["stream"]) if name == SALARIES.name]
    cells = {name: [column[row] for row in kept] for name, column in table.cells.items()}
    return replace(table, cells=cells, places=[table.places[row] for row in kept])
