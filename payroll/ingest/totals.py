"""What was read of a source, in sum, and what its sender declared (`control`) against it.

A row that was set aside is named already and holds its payee: it must not stop everybody else. So
a difference that such rows make up for is said, and only one that they do not refuses the run.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from payroll.ingest import values
from payroll.ingest.rows import SourceRead
from payroll.model.errors import DamagedInputError, require
from payroll.model.findings import Finding, SubjectKind, finding
from payroll.model.money import euros
from payroll.model.order import SourceOrder
from payroll.model.tables import BANK_PAYMENTS, SourceSummary, fields_of

DIFFERS, EXPLAINED, UNVERIFIABLE = "ING-006", "ING-015", "ING-016"


def summary_of(
    source: SourceOrder, read: SourceRead, sha256: str, *, sheet: str = "", encoding: str = ""
) -> SourceSummary:
    """What a source gave, before anything of it is taken for a repetition of another."""
    return SourceSummary(
        kind=source.kind,
        file=source.file,
        sheet=sheet,
        sha256=sha256,
        encoding=encoding,
        header_row=read.header_row,
        rows_read=read.rows_read,
        rows_used=len(read.frame),
        rows_excluded=read.rows_read - len(read.frame),
        totals_cents=_totals(source.kind, read.frame),
        excluded_cents=read.excluded_cents,
    )


def recounted(summary: SourceSummary, own: pd.DataFrame) -> SourceSummary:
    """The summary after repeated rows were set aside; conservation is checked here.

    own: the rows of this source that are still used.
    """
    totals = _totals(summary.kind, own)
    excluded = dict(summary.excluded_cents)
    for name, cents in summary.totals_cents.items():
        excluded[name] = excluded.get(name, 0) + cents - totals[name]
    require(len(own) <= summary.rows_used, f"{summary.file}: rows appeared from nowhere")
    return replace(
        summary,
        rows_used=len(own),
        rows_excluded=summary.rows_read - len(own),
        totals_cents=totals,
        excluded_cents=excluded,
    )


def _totals(kind: str, frame: pd.DataFrame) -> dict[str, int]:
    if kind == BANK_PAYMENTS:
        return {"amount": int(frame["amount_cents"].sum())}
    money = [item for item in fields_of(kind) if item.type == "money"]
    return {item.name: int(frame[item.column].sum()) for item in money}


def control_totals(source: SourceOrder, read: SourceRead, summary: SourceSummary) -> list[Finding]:
    """Findings on declared totals: none when the rows used agree with them.

    Raises DamagedInputError: control_unknown (the name is no total), control_not_a_number.
    """
    findings = []
    for name, declared in source.control.items():
        if name == "rows":
            found = _rows(source, read, summary, _declared(source, name, declared, cents=False))
        elif name in summary.totals_cents:
            wanted = _declared(source, name, declared, cents=True)
            found = _amount(source, read, summary, name, wanted)
        else:
            where = f"payrun.toml, {source.file}"
            raise DamagedInputError("control_unknown", where=where, name=name)
        findings += [found] if found else []
    return findings


def _rows(
    source: SourceOrder, read: SourceRead, summary: SourceSummary, declared: int
) -> Finding | None:
    """The number of rows: subtotals may be counted by the sender, rows set aside too."""
    aside = summary.rows_excluded - read.subtotals
    missing = declared - summary.rows_used
    if missing == 0 or (not aside and missing == read.subtotals):
        return None
    explained = 0 < missing <= aside or missing == summary.rows_excluded
    return _finding(
        source,
        EXPLAINED if explained else DIFFERS,
        level=_level(read, explained),
        name="rows",
        observed=str(summary.rows_used),
        limit=str(declared),
        aside=aside,
        explained=str(missing if explained else aside),
    )


def _amount(
    source: SourceOrder, read: SourceRead, summary: SourceSummary, name: str, declared: int
) -> Finding | None:
    """The total of an amount: over the rows used, and the rows set aside in part or whole."""
    missing = declared - summary.totals_cents[name]
    if missing == 0:
        return None
    bad = read.excluded_cents.get(name, 0)
    aside_cents = summary.excluded_cents.get(name, 0)
    aside = summary.rows_excluded - read.subtotals
    unread = read.unread.get(name, 0)
    explained = missing in (bad, aside_cents - bad, aside_cents)
    return _finding(
        source,
        EXPLAINED if explained else UNVERIFIABLE if unread else DIFFERS,
        level=_level(read, explained),
        name=name,
        observed=euros(declared - missing),
        limit=euros(declared),
        aside=aside,
        explained=euros(missing if explained else aside_cents),
        unread=str(unread),
        rest=euros(missing - aside_cents),
    )


def _level(read: SourceRead, explained: bool) -> str:
    """`held`: rows make up for the difference that hold their payees, all of them."""
    return "held" if explained and not read.nameless else ""


def _declared(source: SourceOrder, name: str, declared: int | str, *, cents: bool) -> int:
    """A declared total in cents (100, "100.5" and "100,50" are amounts) or as a number of rows."""
    try:
        return values.total(str(declared)) if cents else values.count(str(declared), ".")
    except values.Unreadable:
        where = f"payrun.toml, {source.file}, control.{name}"
        raise DamagedInputError(
            "control_not_a_number", where=where, name=name, text=str(declared)[:60]
        ) from None


def _finding(
    source: SourceOrder,
    rule_id: str,
    *,
    level: str,
    observed: str,
    limit: str,
    aside: int,
    **params: str,
) -> Finding:
    return finding(
        rule_id,
        SubjectKind.FILE,
        source.file,
        observed=observed,
        limit=limit,
        source=source.file,
        level=level,
        aside=str(aside),
        **params,
    )
