"""The rows under a heading: which are data, what their cells say, and what must be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.ingest.columns import AmbiguousColumn, Values, parse_column
from payroll.ingest.currencies import foreign_rows
from payroll.ingest.header import Header
from payroll.ingest.passed_over import passed_over
from payroll.ingest.sheet import Sheet
from payroll.ingest.values import Cell, Unreadable, is_disguised, is_foreign, is_misread, text_of
from payroll.model.errors import DamagedInputError, require
from payroll.model.findings import EXCLUDED, SOURCE_KIND, Finding, SubjectKind, finding
from payroll.model.frames import text_values
from payroll.model.order import SourceOrder
from payroll.model.streams import of_source
from payroll.model.tables import PAYEE_FIELD, Field, fields_of, table_schema
from payroll.rulebook.formats import CurrencyWords, KindFormat

TOTAL = re.compile(
    r"^(sous[- ]?tota(l|ux)|tota(l|ux)|totaal|totalen|subtota(al|l)|grand total|eindtotaal"
    r"|algemeen totaal|somme|som)(?=$|[\s:.])",
    re.IGNORECASE,
)
#: No name begins like this; a spreadsheet would run it as a formula (CWE-1236).
FORMULA_STARTS = ("=", "@", "+", "-")
#: Required fields whose absence is a control's business (no payment is possible, the row is).
_MAY_BE_EMPTY = {"iban"}
_Given = npt.NDArray[np.bool_]
_SUBJECT = {"practitioner_id": SubjectKind.PRACTITIONER, "supplier_id": SubjectKind.SUPPLIER}


@dataclass(frozen=True, slots=True)
class SourceRead:
    """The used rows of one source, and what is to be said of the others.

    subtotals, nameless: rows that are totals, and rows set aside for want of a payee.
    unread: money field -> rows of a payee, used or not, whose amount is unknown.
    """

    frame: pd.DataFrame
    rows_read: int
    header_row: int
    headings: Mapping[str, str]
    excluded_cents: Mapping[str, int]
    subtotals: int = 0
    nameless: int = 0
    unread: Mapping[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    """Working state: the data rows of one source and what was found in them."""

    source: SourceOrder
    sheet: Sheet
    header: Header
    indexes: list[int]
    columns: dict[str, list[Cell]]
    split: frozenset[int] = frozenset()  # data rows of which only the payee is sure
    findings: list[Finding] = field(default_factory=list)

    def place(self, row: int) -> str:
        number = self.sheet.numbers[self.indexes[row]]
        return f"{self.source.file}!{self.sheet.name}!R{number}"

    def tell(
        self,
        rule_id: str,
        *,
        row: int,
        name: str = "",
        payee: str = "",
        observed: str = "",
        limit: str = "",
        excluded: bool = False,
        heading: str = "",
    ) -> None:
        heading = heading or self.header.headings.get(name, "")
        payee_field = PAYEE_FIELD[self.source.kind]
        payee_kind = _SUBJECT.get(payee_field, SubjectKind.EMPLOYEE)
        told = finding(
            rule_id,
            payee_kind if payee else SubjectKind.FILE,
            payee or self.source.file,
            stream=of_source(self.source.kind) if payee else "",
            observed=observed,
            limit=limit,
            source=f"{self.place(row)}, {heading}" if heading else self.place(row),
            field=heading,
            **{SOURCE_KIND: self.source.kind} | ({EXCLUDED: "yes"} if excluded else {}),
        )
        self.findings.append(told)


def read_rows(
    source: SourceOrder, sheet: Sheet, header: Header, fmt: KindFormat, currencies: CurrencyWords
) -> SourceRead:
    """Type every data row under the header. Raises DamagedInputError amount_ambiguous."""
    indexes, subtotals = _data_rows(source.kind, sheet, header)
    split = _split_rows(source, sheet, header, indexes)
    table = _Table(source, sheet, header, indexes, _columns(sheet, header, indexes, split), split)
    frame, bad_rows, unread = _typed(table, fmt)
    payees = frame[PAYEE_FIELD[source.kind]].tolist()
    for row, heading, text in foreign_rows(sheet, header, indexes, currencies):
        if payees[row] and row not in split:
            table.tell("ING-023", row=row, payee=payees[row], observed=text, heading=heading)
    money = [item for item in fields_of(source.kind) if item.type == "money"]
    excluded_cents = {
        item.name: int(frame[item.column].to_numpy()[list(bad_rows)].sum()) if bad_rows else 0
        for item in money
    }
    used = frame.drop(index=list(bad_rows)).reset_index(drop=True) if bad_rows else frame
    table.findings += _file_findings(table, frame, subtotals)
    require(len(used) + len(bad_rows) == len(indexes), f"{source.file}: rows were lost")
    return SourceRead(
        used,
        len(indexes) + len(subtotals),
        sheet.numbers[header.index],
        header.headings,
        excluded_cents,
        subtotals=len(subtotals),
        nameless=sum(item.rule_id == "ING-001" for item in table.findings),
        unread=unread,
        findings=table.findings,
    )


def _columns(
    sheet: Sheet, header: Header, indexes: list[int], split: frozenset[int]
) -> dict[str, list[Cell]]:
    """The cells of each field: empty behind the end of a row, and of a split row but the first."""
    width = max(header.columns.values()) + 1
    rows = [sheet.rows[index] for index in indexes]
    rows = [row if len(row) >= width else [*row, *[""] * (width - len(row))] for row in rows]
    for row in split:
        rows[row] = [rows[row][0], *[""] * (width - 1)]
    return {name: [row[column] for row in rows] for name, column in header.columns.items()}


def _cell(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else ""


def _split_rows(
    source: SourceOrder, sheet: Sheet, header: Header, indexes: list[int]
) -> frozenset[int]:
    """Data rows with more cells than headings: a text with the delimiter in it was split.

    Its payee is sure only in the first column. Raises DamagedInputError row_too_long when it is
    not there, when every second row is so (the delimiter is wrong, not a row), or between commas:
    there an amount may be split, and a row that seems whole may lack its cents.
    """
    width = len(sheet.rows[header.index])
    split = [
        row
        for row, index in enumerate(indexes)
        if len(sheet.rows[index]) > width and any(cell != "" for cell in sheet.rows[index][width:])
    ]
    unsure = header.columns[PAYEE_FIELD[source.kind]] > 0 or sheet.delimiter == ","
    if split and (unsure or 2 * len(split) >= len(indexes)):
        index = indexes[split[0]]
        raise DamagedInputError(
            "row_too_long",
            where=f"{source.file}!{sheet.name}!R{sheet.numbers[index]}",
            cells=len(sheet.rows[index]),
            columns=width,
        )
    return frozenset(split)


def _data_rows(kind: str, sheet: Sheet, header: Header) -> tuple[list[int], list[int]]:
    """Indexes of data rows and of subtotal rows; blank and repeated heading rows are neither."""
    id_column = header.columns[PAYEE_FIELD[kind]]
    heading = header.headings[PAYEE_FIELD[kind]].casefold()
    suspect_rows = {row for row, _ in sheet.suspect}
    data: list[int] = []
    subtotals: list[int] = []
    for index in range(header.index + 1, len(sheet.rows)):
        row = sheet.rows[index]
        identifier = _cell(row, id_column)
        id_text = identifier.strip() if isinstance(identifier, str) else str(identifier)
        if id_text.casefold() == heading:
            continue  # the headings again, at the top of a printed page
        if id_text and not TOTAL.match(id_text):  # nearly every row: it names its payee
            data.append(index)
            continue
        texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
        if not texts and all(cell == "" or isinstance(cell, str) for cell in row):
            if sheet.numbers[index] in suspect_rows:
                data.append(index)
        elif is_total(texts):
            subtotals.append(index)
        else:
            data.append(index)
    return data, subtotals


def is_total(texts: list[str]) -> bool:
    """Whether a row that names nobody is a total: it says so, and hardly anything else in words.

    A supplier called "Total ..." has a number, or a name beside an account and a town.
    """
    if not any(TOTAL.match(text) for text in texts):
        return False
    return sum(any(char.isalpha() for char in text) for text in texts) <= 2


def _typed(table: _Table, fmt: KindFormat) -> tuple[pd.DataFrame, set[int], dict[str, int]]:
    """The typed frame of all data rows, those that cannot be used, and `SourceRead.unread`."""
    kind = table.source.kind
    count = len(table.indexes)
    payee_field = PAYEE_FIELD[kind]
    data: dict[str, Values] = {}
    problems: list[tuple[int, Field, str]] = []
    for item in fields_of(kind):
        cells = table.columns.get(item.name, [""] * count)
        try:
            read, given, found = parse_column(item, cells, fmt)
        except AmbiguousColumn as error:
            heading = table.header.headings[item.name]
            raise _ambiguous(f"{table.place(error.row)}, {heading}", error.text) from None
        data[item.column] = read
        if item.given_column:
            sure = given.copy()
            sure[list(found)] = False
            data[item.given_column] = sure
        problems += [(row, item, expected) for row, expected in found.items()]
        problems += _empty_cells(table, item, given)
    data["source"] = text_values([table.place(row) for row in range(count)])
    frame = table_schema(kind).conform(pd.DataFrame(data))
    payees = frame[payee_field].tolist() if count else []
    bad_rows, unread = _judged(table, payees, problems)
    _tell_disguised(table, frame, payees)
    for row, name, taken, headed in passed_over(kind, table.sheet, table.header, table.indexes):
        table.tell("ING-022", row=row, name=name, payee=payees[row], observed=taken, limit=headed)
    return frame, bad_rows, unread


def _judged(
    table: _Table, payees: list[str], problems: list[tuple[int, Field, str]]
) -> tuple[set[int], dict[str, int]]:
    """(rows that cannot be used, `SourceRead.unread`); each is told, and holds its payee."""
    payee_field = PAYEE_FIELD[table.source.kind]
    nameless = {row for row, payee in enumerate(payees) if not payee}
    for row in sorted(nameless):
        table.tell("ING-001", row=row, name=payee_field)
    split = table.split - nameless
    for row in sorted(split):
        table.tell("ING-018", row=row, payee=payees[row], excluded=True)
    money = [item.name for item in fields_of(table.source.kind) if item.type == "money"]
    unread = dict.fromkeys(money, len(split)) if split else {}
    bad_rows = nameless | split
    for row, item, expected in problems:
        if row in nameless or row in split:
            continue
        if item.type == "money":
            unread[item.name] = unread.get(item.name, 0) + 1
        _tell_problem(table, row, item, expected, payees[row])
        if item.required:
            bad_rows.add(row)
    return bad_rows, unread


def _empty_cells(table: _Table, item: Field, given: _Given) -> Iterator[tuple[int, Field, str]]:
    """Required cells that are empty, and cells that only look empty (formula, error)."""
    column = table.header.columns.get(item.name)
    if column is None:
        return
    for row in (~given).nonzero()[0].tolist():
        number = table.sheet.numbers[table.indexes[row]]
        hidden = table.sheet.suspect.get((number, column))
        if hidden:
            yield row, item, f"found_{hidden}"
        elif item.required and item.name not in _MAY_BE_EMPTY:
            yield row, item, "found_empty"


def _tell_problem(table: _Table, row: int, item: Field, expected: str, payee: str) -> None:
    raw = table.columns.get(item.name, [""] * (row + 1))[row]
    rule_id = "ING-002" if item.required else "ING-003"
    if expected in ("found_formula", "found_error"):
        rule_id = "ING-008"
    elif expected == "found_empty":
        rule_id = "ING-004"
    if expected == "expected_amount" and item.type in ("ratio", "hours", "count"):
        expected = f"expected_{item.type}"  # it is no number at all
    observed = "" if item.type == "iban" else _shown(raw)
    limit = " | ".join(item.choices) if item.choices else _EXPECTED.get(expected, item.type)
    table.tell(
        rule_id,
        row=row,
        name=item.name,
        payee=payee,
        observed=observed,
        limit=limit,
        excluded=item.required,
    )


def _shown(raw: Cell) -> str:
    """The offending text, short, and without control characters."""
    try:
        return text_of(raw)[:60]
    except Unreadable:
        return "".join(char if char.isprintable() else "?" for char in str(raw))[:60]


#: What was expected, as a reader of any of the three languages recognises it.
_EXPECTED = {
    "expected_amount": "1234,56",
    "expected_ratio": "0,80 | 80 % | 4/5",
    "expected_hours": "7,60 | 7:36 (< 10 000)",
    "expected_count": "2",
    "expected_day": "31/05/2022",
    "expected_period": "2022-04",
    "expected_flag": "oui / ja / yes - non / nee / no",
    "expected_choice": "rules/formats",
    "expected_text_identifier": "000123 (texte / tekst / text)",
    "expected_below_limit": "< 10 000 000,00",
    "expected_no_control_character": "texte / tekst / text",
}


def _tell_disguised(table: _Table, frame: pd.DataFrame, payees: list[str]) -> None:
    """Texts that hide something, start a formula, or are of another script than their column."""
    for item in fields_of(table.source.kind):
        column = frame[item.column]
        if column.dtype != "str" or item.name not in table.header.columns:
            continue
        named = item.name.endswith("name")
        texts = set(column.tolist())
        hits = {
            text
            for text in texts
            if is_disguised(text) or (named and text.startswith(FORMULA_STARTS))
        }
        if named or item.type == "code" or item.name == "invoice_number":
            foreign = {text for text in texts if is_foreign(text)}
            hits |= foreign if 2 * len(foreign) < len(texts - {""}) else set()
        if hits:
            for row in column.isin(hits).to_numpy().nonzero()[0].tolist():
                table.tell("ING-009", row=row, name=item.name, payee=payees[row])


def _misread_rows(frame: pd.DataFrame) -> list[str]:
    """The rows (R17) with a text that was read in a wrong encoding."""
    hit = np.zeros(len(frame), dtype=bool)
    for name in frame.columns[frame.dtypes == "str"].drop("source"):
        texts = [text for text in set(frame[name].tolist()) if is_misread(text)]
        if texts:
            hit |= frame[name].isin(texts).to_numpy()
    return [source.rpartition("!")[2] for source in frame.loc[hit, "source"].tolist()]


def _file_findings(table: _Table, frame: pd.DataFrame, subtotals: list[int]) -> list[Finding]:
    """One finding per file for what concerns it as a whole."""
    source, sheet = table.source, table.sheet
    numbers = [sheet.numbers[index] for index in table.indexes]
    hidden = [number for number in numbers if number in sheet.hidden]
    facts: list[tuple[str, str, str]] = []
    if subtotals:
        listed = ", ".join(f"R{sheet.numbers[index]}" for index in subtotals[:10])
        facts.append(("ING-007", str(len(subtotals)), listed))
    if hidden or not sheet.visible:
        listed = ", ".join(f"R{number}" for number in hidden[:10])
        facts.append(("ING-010", str(len(hidden) or len(numbers)), listed))
    if sheet.encoding == "cp1252":
        facts.append(("ING-013", "cp1252", ""))
    misread = _misread_rows(frame)
    if misread:
        facts.append(("ING-019", str(len(misread)), ", ".join(misread[:10])))
    if table.header.unknown:
        facts.append(("ING-014", ", ".join(table.header.unknown)[:300], ""))
    place, file = f"{source.file}!{sheet.name}", SubjectKind.FILE
    return [
        finding(rule_id, file, source.file, observed=observed, limit=rows, source=place)
        for rule_id, observed, rows in facts
    ]


def _ambiguous(where: str, text: str) -> DamagedInputError:
    plain = text.strip()
    mark = "." if "." in plain else ","
    return DamagedInputError(
        "amount_ambiguous",
        where=where,
        text=plain,
        thousands=plain.replace(mark, ""),
        decimals=plain.replace(mark, ","),
    )
