"""Every source of an order -> SourceTables and findings: each row is used or named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from payroll.ingest.bank_file import read_bank_file
from payroll.ingest.bank_payees import with_payees
from payroll.ingest.bank_statement import ReadAnswer, is_statement, read_statement, without_repeats
from payroll.ingest.delimited import read_delimited
from payroll.ingest.header import choose_sheet
from payroll.ingest.identities import MASTER_OF_FIELD, MASTERS, renamed, with_master_ids
from payroll.ingest.rows import SourceRead, read_rows
from payroll.ingest.sheet import Sheet
from payroll.ingest.totals import control_totals, recounted, summary_of
from payroll.ingest.workbook import looks_like_workbook, read_workbook
from payroll.model.errors import DamagedInputError
from payroll.model.findings import Finding, SubjectKind, finding
from payroll.model.order import PayrunOrder, SourceOrder
from payroll.model.tables import (
    BANK_PAYMENT_ROWS,
    BANK_PAYMENTS,
    KINDS,
    PAYEE_FIELD,
    SourceSummary,
    SourceTables,
    table_schema,
    whole_kind,
)
from payroll.rulebook.formats import Formats

UNIQUE = {
    "employees": ["employee_id"],
    "practitioners": ["practitioner_id"],
    "suppliers": ["supplier_id"],
    "register_totals": ["employee_id", "period"],
    "adjustments": ["adjustment_id"],
}


def read_sources(
    order: PayrunOrder,
    contents: Mapping[str, bytes],
    formats: Formats,
    read_answer: ReadAnswer | None = None,
) -> tuple[SourceTables, list[Finding]]:
    """Read every source (a pure function of the bytes).

    read_answer: reads the bank's statements, which are another room's to know; without it only the
    bank's orders (pain.001) are read.
    Raises DamagedInputError when a file as a whole cannot be read; a bad cell is a finding.
    """
    findings: list[Finding] = []
    reads: list[tuple[SourceOrder, SourceRead, SourceSummary]] = []
    seen: set[tuple[str, str, str]] = set()
    for source in order.source:
        if source.kind == BANK_PAYMENTS:
            continue
        sheet, header = choose_sheet(source, sheets_of(source.file, contents), formats[source.kind])
        if (source.kind, source.file, sheet.name) in seen:  # the order may name the sheet, or not
            raise DamagedInputError("source_twice", where=source.file, kind=source.kind)
        seen.add((source.kind, source.file, sheet.name))
        read = read_rows(source, sheet, header, formats[source.kind], formats.currency)
        findings += read.findings
        reads.append((source, read, _summary(source, sheet, read, contents[source.file])))
    frames = {
        kind: _joined([read.frame for source, read, _ in reads if source.kind == kind], kind)
        for kind in KINDS
    }
    told, canonical = with_master_ids(frames, findings)
    findings = [renamed(finding, canonical) for finding in findings] + told
    summaries = tuple(summary for _, _, summary in reads)
    headings = {_place(summary): read.headings for _, read, summary in reads}
    tables = SourceTables(frames, summaries, headings)
    for kind, keys in UNIQUE.items():
        findings += _without_repeats(tables, frames, kind, keys)
    frames.update({kind: table_schema(kind).conform(frames[kind]) for kind in KINDS})
    summaries = tuple(_recounted(summary, frames[summary.kind]) for summary in summaries)
    for (source, read, _), summary in zip(reads, summaries, strict=True):
        findings += control_totals(source, read, summary)
    findings = [_resolved(finding, frames) for finding in findings]
    paid, of_bank, found = _read_bank(order, contents, read_answer)
    frames[BANK_PAYMENTS] = with_payees(paid, frames, str(order.last_known))
    return SourceTables(frames, (*summaries, *of_bank), headings), findings + found


def _read_bank(
    order: PayrunOrder, contents: Mapping[str, bytes], read_answer: ReadAnswer | None
) -> tuple[pd.DataFrame, tuple[SourceSummary, ...], list[Finding]]:
    """Every file of the bank joined, orders first: what a statement repeats counts once."""
    orders, statements = BANK_PAYMENT_ROWS.empty(), BANK_PAYMENT_ROWS.empty()
    summaries: list[SourceSummary] = []
    findings: list[Finding] = []
    sources = [
        (source, _content_of(source.file, contents))
        for source in order.source
        if source.kind == BANK_PAYMENTS
    ]
    digests = [hashlib.sha256(content).digest() for _, content in sources]
    for (source, _), digest in zip(sources, digests, strict=True):
        if digests.count(digest) > 1:
            raise DamagedInputError("source_twice", where=source.file, kind=source.kind)
    for source, content in sorted(sources, key=lambda item: is_statement(item[1])):
        if read_answer is None or not is_statement(content):
            frame, read, summary = read_bank_file(source, content)
            orders = pd.concat([orders, frame], ignore_index=True)
            repeated: list[Finding] = []
        else:
            frame, read, summary = read_statement(source, read_answer(source.file, content))
            frame, repeated = without_repeats(frame, orders, statements, source.file)
            statements = pd.concat([statements, frame], ignore_index=True)
        findings += read.findings + repeated + control_totals(source, read, summary)
        summaries.append(recounted(summary, frame))
    return pd.concat([orders, statements], ignore_index=True), tuple(summaries), findings


def read_table(
    source: SourceOrder, content: bytes, formats: Formats
) -> tuple[SourceTables, list[Finding]]:
    """Read one table outside any order. A row with a finding on its payee is left out of the frame.

    Raises DamagedInputError when the file as a whole cannot be read.
    """
    kind, fmt = source.kind, formats[source.kind]
    sheet, header = choose_sheet(source, sheets_of(source.file, {source.file: content}), fmt)
    read = read_rows(source, sheet, header, fmt, formats.currency)
    summary = _summary(source, sheet, read, content)
    held = {
        finding.source.removesuffix(f", {finding.params['field']}")
        for finding in read.findings
        if finding.subject_kind is not SubjectKind.FILE
    }
    sound = read.frame[~read.frame["source"].isin(held)].reset_index(drop=True)
    frames = {kind: table_schema(kind).conform(sound)}
    tables = SourceTables(frames, (summary,), {_place(summary): read.headings})
    findings = read.findings + _without_repeats(tables, frames, kind, UNIQUE[whole_kind(kind)])
    summary = _recounted(summary, frames[kind])
    return SourceTables(frames, (summary,), tables.headings), findings


def sheets_of(file: str, contents: Mapping[str, bytes]) -> list[Sheet]:
    """The sheets of a file. Raises DamagedInputError when it is no readable XLSX or CSV."""
    content = _content_of(file, contents)
    if looks_like_workbook(content):
        return read_workbook(file, content)
    if file.lower().endswith(".xls"):  # many programs write a web page or a text under this name
        raise DamagedInputError("workbook_format", where=file, format="XLS")
    if file.lower().endswith((".xlsx", ".xlsm")):
        raise DamagedInputError("workbook_damaged", where=file)
    if content.startswith(b"%PDF"):
        raise DamagedInputError("unsupported", where=file)
    return [read_delimited(file, content)]


def _content_of(file: str, contents: Mapping[str, bytes]) -> bytes:
    content = contents.get(file)
    if content is None:
        raise DamagedInputError("source_missing", where=file)
    if not content.strip():
        raise DamagedInputError("empty_file", where=file)
    return content


def _summary(source: SourceOrder, sheet: Sheet, read: SourceRead, content: bytes) -> SourceSummary:
    sha256 = hashlib.sha256(content).hexdigest()
    return summary_of(source, read, sha256, sheet=sheet.name, encoding=sheet.encoding)


def _place(summary: SourceSummary) -> str:
    """Where the rows of a source come from, as `source` begins in them."""
    return f"{summary.file}!{summary.sheet}"


def _recounted(summary: SourceSummary, frame: pd.DataFrame) -> SourceSummary:
    """The summary after repeated rows of a frame, of every source of its kind, were set aside."""
    return recounted(summary, frame[frame["source"].str.startswith(f"{_place(summary)}!")])


def _joined(parts: list[pd.DataFrame], kind: str) -> pd.DataFrame:
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else table_schema(kind).empty()


def _without_repeats(
    tables: SourceTables, frames: dict[str, pd.DataFrame], kind: str, keys: list[str]
) -> list[Finding]:
    """Keep the first of rows with the same key; each repeat is set aside and holds its payee."""
    frame = frames[kind]
    repeated = frame.duplicated(keys)
    if not repeated.any():
        return []
    name = PAYEE_FIELD[kind]
    first = frame[~repeated].set_index(keys)["source"]
    findings = []
    for row in frame[repeated].to_dict("records"):
        key = tuple(row[item] for item in keys) if len(keys) > 1 else row[keys[0]]
        findings.append(
            finding(
                "ING-005",
                _kind_of_field(name),
                str(row[name]),
                observed=str(row[keys[0]]),
                source=f"{tables.cell(first[key], keys[0])}; {tables.cell(row['source'], keys[0])}",
            )
        )
    frames[kind] = frame[~repeated].reset_index(drop=True)
    return findings


def _kind_of_field(name: str) -> SubjectKind:
    return MASTERS[MASTER_OF_FIELD.get(name, "employees")]


def _resolved(finding: Finding, frames: Mapping[str, pd.DataFrame]) -> Finding:
    """An adjustment does not say what kind of payee it names: the lists of payees do."""
    if finding.params.get("source_kind") != "adjustments":
        return finding
    for kind, subject in MASTERS.items():
        column = PAYEE_FIELD[kind]
        if (frames[kind][column] == finding.subject_id).any():
            return replace(finding, subject_kind=subject)
    return finding
