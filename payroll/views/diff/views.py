"""Sides read as what they have in common: payments, lines, a register, or a plain spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from payroll.model.errors import Said, UsageError, require
from payroll.model.findings import SubjectKind
from payroll.model.streams import SALARIES, STREAMS, paid_to
from payroll.texts import text
from payroll.views.diff.compare import Evidence
from payroll.views.diff.evidence import run_evidence
from payroll.views.diff.model import Note
from payroll.views.diff.sides import Heading, RawTable, Role, Side
from payroll.views.diff.sources import Source

#: The columns of payments as they are compared; `reference` is the structured or free one.
_PAYMENT_HEADINGS = (
    Heading("stream", "stream", Role.STREAM, "code"),
    Heading("payee_id", "payee_id", Role.PAYEE, "code"),
    Heading("creditor_name", "creditor_name", Role.NAME, "text"),
    Heading("iban", "iban", Role.ACCOUNT, "iban"),
    Heading("status", "status", Role.STATUS, "text"),
    Heading("amount", "amount", Role.AMOUNT, "cents"),
    Heading("legal_nature", "legal_nature", Role.PLAIN, "text"),
    Heading("execution_date", "execution_date", Role.PLAIN, "day"),
    Heading("reference", "reference", Role.PLAIN, "text"),
    Heading("hold_rules", "hold_rules", Role.RULES, "text"),
)
_LINE_HEADINGS = (
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
)
#: Heading of the review's payments sheet -> our name, and how its words begin in the catalogue.
_REVIEW = {
    "stream": ("column_stream", "stream_", STREAMS),
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


def common_tables(sources: Sequence[Source]) -> tuple[list[RawTable], list[Note]]:
    """Every side as the same kind of table. Raises UsageError cmp_kinds when there is none."""
    for view in ("register", "payments", "lines", "sheet"):
        if all(view in source.views for source in sources):
            break
    else:
        said = tuple(Said(f"cmp_kind_{source.kind}", place=source.label) for source in sources)
        raise UsageError("cmp_kinds", detail=said)
    if view == "register":
        return _registers(sources)
    if view == "payments":
        return _payments(sources)
    if view == "lines":
        return [run_lines(source) for source in sources], []
    return _sheets(sources)


def _registers(sources: Sequence[Source]) -> tuple[list[RawTable], list[Note]]:
    tables = [source.register for source in sources if source.register is not None]
    keys = max((table.keys for table in tables), key=len)
    aside = () if "period" in keys else ("period",)
    return [replace(table, keys=keys, aside=aside) for table in tables], []


def _payments(sources: Sequence[Source]) -> tuple[list[RawTable], list[Note]]:
    tables = [_payment_table(source) for source in sources]
    notes: list[Note] = []
    if any(source.kind == "register" for source in sources):
        tables = [_only_salaries(table) for table in tables]
        notes.append(("cmp_note_only_salaries", {}))
    months = {
        frozenset(str(cell)[:7] for cell in table.cells.get("execution_date", ()))
        for table in tables
    }
    aside: tuple[str, ...] = ("reference", "hold_rules")
    if len(months) > 1:
        aside = (*aside, "execution_date")
        notes.append(("cmp_note_other_month", {}))
    return [
        replace(table, keys=("stream", "payee_id"), near="reference", repeats=True, aside=aside)
        for table in tables
    ], notes


def _payment_table(source: Source) -> RawTable:
    if source.review is not None:
        return _review_payments(source)
    if source.register is not None:
        return _register_payments(source.register)
    frame = source.payments
    require(frame is not None, "a side has no payments")
    structured, free = (frame[name].tolist() for name in ("structured_reference", "remittance"))  # type: ignore[index]
    reference = [one or other for one, other in zip(structured, free, strict=True)]
    return _of_frame(source, frame, _PAYMENT_HEADINGS, "payments", {"reference": reference})


def _of_frame(
    source: Source,
    frame: pd.DataFrame | None,
    headings: Sequence[Heading],
    kind: str,
    more: Mapping[str, list[str]],
) -> RawTable:
    require(frame is not None, "a side has no frame")
    cells: dict[str, list[object]] = dict(more)  # type: ignore[arg-type]
    for heading in headings:
        column = "amount_cents" if heading.name == "amount" else heading.name
        if heading.name not in cells and frame is not None:
            cells[heading.name] = frame[column].tolist()
    prefix = f"{source.label}/{kind}.csv" if source.kind == "run" else source.label
    count = 0 if frame is None else len(frame)
    places = [f"{prefix}!csv!R{number}" for number in range(2, count + 2)]
    return RawTable(
        label=source.label, kind=kind, headings=tuple(headings), cells=cells, places=places
    )


def run_lines(source: Source) -> RawTable:
    """The lines of a run, keyed on stream, payee and component."""
    frame = source.run.lines if source.run else None
    table = _of_frame(source, frame, _LINE_HEADINGS, "lines", {})
    aside = ("earning_period", "basis", "rule_id", "source")
    return replace(
        table,
        keys=("stream", "payee_id", "component"),
        near="earning_period",
        repeats=True,
        aside=aside,
    )


def _review_payments(source: Source) -> RawTable:
    """The payments sheet of a review, its words turned into codes."""
    sheet, language = source.review, source.language
    require(sheet is not None, "a side has no review")
    rows = sheet.rows[5:] if sheet is not None else []
    found = [str(cell) for cell in sheet.rows[4]] if sheet is not None else []
    cells: dict[str, list[object]] = {}
    headings = []
    for heading in _PAYMENT_HEADINGS:
        title, prefix, codes = _REVIEW[heading.name]
        column = found.index(text(title, language))
        words = {text(f"{prefix}{code}", language): code for code in codes}
        values = [row[column] if column < len(row) else "" for row in rows]
        cells[heading.name] = [words.get(str(value), value) for value in values]
        headings.append(replace(heading, kind="money") if heading.kind == "cents" else heading)
    name = sheet.name if sheet is not None else ""
    return RawTable(
        label=source.label,
        kind="payments",
        sheet=name,
        headings=tuple(headings),
        cells=cells,
        places=[f"{source.label}!{name}!R{number}" for number in range(6, len(rows) + 6)],
    )


def _register_payments(register: RawTable) -> RawTable:
    """A pay register as the salaries that it paid: net per person."""
    wanted = {"employee_id": "payee_id", "net": "amount", "iban": "iban"}
    headings = [Heading("stream", "stream", Role.STREAM, "code")]
    cells: dict[str, Sequence[object]] = {"stream": [SALARIES.name] * len(register)}
    for own, name in wanted.items():
        found = register.heading(own)
        if found is not None:
            headings.append(replace(found, name=name))
            cells[name] = register.cells[own]
    return replace(register, kind="payments", headings=tuple(headings), cells=cells)


def _only_salaries(table: RawTable) -> RawTable:
    kept = [row for row, name in enumerate(table.cells["stream"]) if name == SALARIES.name]
    if len(kept) == len(table):
        return table
    cells = {name: [column[row] for row in kept] for name, column in table.cells.items()}
    return replace(table, cells=cells, places=[table.places[row] for row in kept])


def _sheets(sources: Sequence[Source]) -> tuple[list[RawTable], list[Note]]:
    """The sheets that have most in common; other sheets that could be compared too are named."""

    def common(one: RawTable, other: RawTable) -> tuple[int, int]:
        names = one.cells.keys() & other.cells.keys()
        return len(names), len(names) * min(len(one), len(other))

    tables = [source.tables() for source in sources]
    first, second = max(
        ((one, other) for one in tables[0] for other in tables[1]),
        key=lambda pair: common(*pair)[::-1],
    )
    chosen = [first, second]
    chosen += [max(found, key=lambda table: common(first, table)[::-1]) for found in tables[2:]]
    notes: list[Note] = [
        ("cmp_note_other_sheet", {"side": table.label, "sheet": table.sheet})
        for found, used in zip(tables, chosen, strict=True)
        for table in found
        if table is not used
    ]
    return chosen, notes


def with_sites(side: Side, source: Source) -> Side:
    """The side with the site of each row, where its run knows the employees' sites."""
    if not source.sites or "payee_id" not in side.columns:
        return side
    streams = side.columns["stream"].key_texts()
    payees = side.columns["payee_id"].key_texts()
    staff = paid_to(SubjectKind.EMPLOYEE)
    sites = [
        source.sites.get(payee, "") if stream in staff else ""
        for stream, payee in zip(streams, payees, strict=True)
    ]
    return replace(side, groups={"site": sites})


def evidence_between(old: Source, new: Source, language: str) -> Evidence | None:
    """What two runs say about their differences; of one run, its rule hits alone."""
    if new.kind != "run" or new.run is None:
        return None
    before = old.run if old.kind == "run" else None
    return run_evidence(before, new.run, language, known_month=old.kind == "register")
