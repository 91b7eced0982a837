"""Find the heading row of a source and say which column holds which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from payroll.ingest.sheet import Sheet
from payroll.ingest.values import Unreadable, text_of
from payroll.model.errors import DamagedInputError, Said
from payroll.model.order import SourceOrder
from payroll.model.tables import fields_of
from payroll.rulebook.formats import KindFormat, plain_key
from payroll.texts import languages

#: Title rows stand above the headings; more of them than this and the order must name the row.
SEARCHED_ROWS = 80


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings stand: index of the row, field -> column index, field -> heading.

    passed_over: (field, column index, heading) of columns headed as a field that the order takes
    from another column.
    """

    index: int
    columns: Mapping[str, int]
    headings: Mapping[str, str]
    unknown: tuple[str, ...]
    passed_over: tuple[tuple[str, int, str], ...] = ()

    def missing(self, kind: str) -> list[str]:
        """The required fields that no heading gave."""
        return [
            item.name for item in fields_of(kind) if item.required and item.name not in self.columns
        ]


def choose_sheet(
    source: SourceOrder, sheets: Sequence[Sheet], fmt: KindFormat
) -> tuple[Sheet, Header]:
    """The sheet and heading row of a source: as ordered, else the only sheet that fits.

    Raises DamagedInputError: sheet_unknown, sheets_ambiguous, columns_missing, heading_twice.
    """
    candidates = list(sheets)
    if source.sheet is not None and len(sheets) and sheets[0].name != "csv":
        candidates = [item for item in sheets if item.name == source.sheet]
        if not candidates:
            names = ", ".join(item.name for item in sheets)
            raise DamagedInputError(
                "sheet_unknown", where=source.file, sheet=source.sheet, sheets=names
            )
    found = [(sheet, _best_header(source, sheet, fmt)) for sheet in candidates]
    fitting = [(sheet, header) for sheet, header in found if not header.missing(source.kind)]
    if len(fitting) > 1:
        fitting = [pair for pair in fitting if pair[0].visible] or fitting
    if len(fitting) > 1:
        names = ", ".join(sheet.name for sheet, _ in fitting)
        raise DamagedInputError("sheets_ambiguous", where=source.file, sheets=names)
    if not fitting:
        if not found:
            raise DamagedInputError("empty_file", where=source.file)
        raise _columns_missing(source, *max(found, key=lambda pair: len(pair[1].columns)), fmt)
    _check_ordered(source, fitting[0][1])
    return fitting[0]


def _check_ordered(source: SourceOrder, header: Header) -> None:
    """Every column that the order names must be there and mean a field."""
    found = {plain_key(heading): name for name, heading in header.headings.items()}
    for heading, name in source.columns.items():
        if found.get(plain_key(heading)) != name:
            raise DamagedInputError(
                "column_not_found", where=f"payrun.toml, {source.file}", heading=heading, field=name
            )


def _best_header(source: SourceOrder, sheet: Sheet, fmt: KindFormat) -> Header:
    if source.header_row is not None:
        numbers = [i for i, number in enumerate(sheet.numbers) if number == source.header_row]
        indexes: Sequence[int] = numbers[:1]
    else:
        indexes = range(min(SEARCHED_ROWS, len(sheet.rows)))
    known = fmt.headings
    ordered = {plain_key(heading): name for heading, name in source.columns.items()}
    best = Header(0, {}, {}, ())
    for index in indexes:
        header = _header_at(source, sheet, index, known, ordered)
        if len(header.columns) > len(best.columns):
            best = header
    return best


def _header_at(
    source: SourceOrder,
    sheet: Sheet,
    index: int,
    known: Mapping[str, str],
    ordered: Mapping[str, str],
) -> Header:
    columns: dict[str, int] = {}
    headings: dict[str, str] = {}
    unknown: list[str] = []
    passed_over: list[tuple[str, int, str]] = []
    twice: list[tuple[str, str, str]] = []
    for column, cell in enumerate(sheet.rows[index]):
        try:
            heading = text_of(cell)
        except Unreadable:
            continue
        word = plain_key(heading)
        name = ordered.get(word) or known.get(word)
        if name is None or (word not in ordered and name in ordered.values()):
            unknown += [heading] if heading else []
            passed_over += [(name, column, heading)] if name else []
        elif name in columns:
            twice.append((name, headings[name], heading))
        else:
            columns[name], headings[name] = column, heading
    header = Header(index, columns, headings, tuple(unknown), tuple(passed_over))
    if twice and not header.missing(source.kind):
        name, first, second = twice[0]
        where = f"{source.file}!{sheet.name}!R{sheet.numbers[index]}"
        raise DamagedInputError(
            "heading_twice", where=where, field=name, first=first, second=second
        )
    return header


def _columns_missing(
    source: SourceOrder, sheet: Sheet, header: Header, fmt: KindFormat
) -> DamagedInputError:
    missing = [
        Said("column_missing", {"field": name, "heading": _labels(fmt, name)})
        for name in header.missing(source.kind)
    ]
    number = sheet.numbers[header.index] if header.columns else 1
    return DamagedInputError(
        "columns_missing",
        where=f"{source.file}!{sheet.name}!R{number}",
        detail=tuple(missing),
        kind=source.kind,
        found=", ".join(header.headings.values()) or "-",
        unknown=", ".join(header.unknown)[:300] or "-",
    )


def _labels(fmt: KindFormat, name: str) -> dict[str, str]:
    """The usual heading of a field per language; its own name where the rules have none."""
    known = fmt.source.fields.get(name)
    return {each: known.label(each) if known else name for each in languages()}
