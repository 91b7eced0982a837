"""What each side of a comparison is: a run, one of its files, a register, or any spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import pandas as pd

from payroll.ingest.read import read_table, sheets_of
from payroll.ingest.sheet import Sheet
from payroll.model.errors import DamagedInputError, PayrollError
from payroll.model.order import PayrunOrder
from payroll.record.csv import read_csv
from payroll.render.xlsx_limits import sheet_name
from payroll.rulebook.formats import Formats
from payroll.texts import languages, text
from payroll.views.diff.any_table import any_tables, register_table
from payroll.views.diff.evidence import RunFrames
from payroll.views.diff.sides import RawTable

PAYMENTS = (
    "payment_id",
    "stream",
    "payee_id",
    "creditor_name",
    "iban",
    "amount_cents",
    "remittance",
    "structured_reference",
    "execution_date",
    "legal_nature",
    "status",
    "hold_rules",
)
LINES = (
    "line_id",
    "stream",
    "payee_id",
    "component",
    "earning_period",
    "quantity",
    "rate",
    "amount_cents",
    "basis",
    "rule_id",
    "source",
)
FINDINGS = ("rule_id", "subject_kind", "subject_id", "stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A side as it came from disk: a run folder's files and order, or one file's bytes."""

    label: str
    content: bytes = b""
    files: Mapping[str, bytes] | None = None
    order: PayrunOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A side, recognised. views: what it can be read as, the best first."""

    label: str
    kind: str  # run | payments | lines | review | register | sheet
    views: tuple[str, ...]
    run: RunFrames | None = None
    payments: pd.DataFrame | None = None
    review: Sheet | None = None
    language: str = ""
    register: RawTable | None = None
    sheets: tuple[Sheet, ...] = ()
    formats: Formats = field(default_factory=Formats)
    sites: Mapping[str, str] = field(default_factory=dict)

    def tables(self) -> list[RawTable]:
        """Every sheet as a plain table. Raises DamagedInputError cmp_no_table."""
        return any_tables(self.label, self.sheets, self.formats)


def recognised(given: Given, formats: Formats) -> Source:
    """What a side is, by its content. Raises DamagedInputError."""
    if given.files is not None:
        return _run(given, given.files, formats)
    own = _own_csv(given.label, given.content)
    sheets = tuple(sheets_of(given.label, {given.label: given.content}))
    if own is not None:
        return replace(own, sheets=sheets, formats=formats)
    found = _review(given.label, sheets)
    if found is None:
        register = register_table(given.label, sheets, formats)
        found = Source(label=given.label, kind="sheet", views=("sheet",))
        if register is not None:
            found = replace(
                found, kind="register", views=("register", "payments", "sheet"), register=register
            )
    return replace(found, sheets=sheets, formats=formats)


def _run(given: Given, files: Mapping[str, bytes], formats: Formats) -> Source:
    frames = {}
    for name, columns in (("payments", PAYMENTS), ("lines", LINES), ("findings", FINDINGS)):
        found = _frame(files.get(f"{name}.csv", b""), columns)
        if found is None:
            raise DamagedInputError("manifest_unreadable", where=f"{given.label}/{name}.csv")
        frames[name] = found
    order = given.order
    run = RunFrames(
        period=str(order.period) if order else "",
        lines=frames["lines"],
        findings=frames["findings"],
        reasons=_reasons(files.get("review.xlsx", b"")),
    )
    return Source(
        label=given.label,
        kind="run",
        views=("payments", "lines"),
        run=run,
        payments=frames["payments"],
        sites=_sites(files, order, formats),
    )


def _frame(content: bytes, columns: tuple[str, ...]) -> pd.DataFrame | None:
    """A CSV file of a run folder; None when it is something else."""
    first = content[:2000].split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
    if not set(columns) <= set(first):
        return None
    try:
        return read_csv(content)
    except (ValueError, OverflowError):
        return None


def _own_csv(label: str, content: bytes) -> Source | None:
    payments = _frame(content, PAYMENTS)
    if payments is not None:
        return Source(label=label, kind="payments", views=("payments", "sheet"), payments=payments)
    lines = _frame(content, LINES)
    if lines is not None:
        run = RunFrames(period="", lines=lines, findings=pd.DataFrame(columns=FINDINGS))
        return Source(label=label, kind="lines", views=("lines", "sheet"), run=run)
    return None


def _review(label: str, found_sheets: Sequence[Sheet]) -> Source | None:
    """The payments of a review workbook, in whichever language it was written."""
    sheets = {sheet.name: sheet for sheet in found_sheets}
    for language in languages():
        found = sheets.get(sheet_name(text("wb_sheet_payments", language)))
        if found is not None and text("wb_col_creditor", language) in _heading_row(found):
            return Source(
                label=label,
                kind="review",
                views=("payments", "sheet"),
                review=found,
                language=language,
            )
    return None


def _heading_row(sheet: Sheet) -> list[str]:
    return [str(cell) for cell in sheet.rows[4]] if len(sheet.rows) > 4 else []


def _reasons(content: bytes) -> dict[str, tuple[str, ...]]:
    """Payee -> the reasons that a run's review gives for the change of salary."""
    if not content:
        return {}
    try:
        sheets = {sheet.name: sheet for sheet in sheets_of("review.xlsx", {"review.xlsx": content})}
    except DamagedInputError:
        return {}
    reasons: dict[str, tuple[str, ...]] = {}
    for language, part in product(languages(), ("unexplained", "explained")):
        sheet = sheets.get(sheet_name(text(f"wb_sheet_{part}", language)))
        if sheet is None:
            continue
        headings = _heading_row(sheet)
        names = [text(name, language) for name in ("wb_col_payee", "wb_col_reasons")]
        if all(name in headings for name in names):
            payee, reason = (headings.index(name) for name in names)
            reasons |= {
                str(row[payee]): tuple(str(row[reason]).split("; "))
                for row in sheet.rows[5:]
                if len(row) > reason and row[reason]
            }
    return reasons


def _sites(
    files: Mapping[str, bytes], order: PayrunOrder | None, formats: Formats
) -> dict[str, str]:
    """Employee -> site, from the employees source that the run keeps; {} where it tells none."""
    sites: dict[str, str] = {}
    for source in order.source if order else ():
        content = files.get(f"inputs/{source.file}")
        if source.kind != "employees" or content is None:
            continue
        try:
            tables, _ = read_table(source, content, formats)
        except PayrollError:
            continue
        frame = tables["employees"]
        sites |= dict(zip(frame["employee_id"].tolist(), frame["site"].tolist(), strict=True))
    return sites if any(sites.values()) else {}
