"""One person of a run rebuilt from the run's own bytes, and held against what the run wrote."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from payroll.bank_status.recognise import read_answer
from payroll.ingest.read import read_sources
from payroll.model.errors import PayrollError, UsageError
from payroll.model.frames import LINES
from payroll.model.order import Employer, PayrunOrder
from payroll.model.streams import BONUSES, SALARIES
from payroll.model.tables import PAYEE_FIELD, SourceTables
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.record.csv import csv_bytes, read_csv
from payroll.rulebook.book import RuleBook
from payroll.rulebook.figures import Days

#: The source kinds that are about staff.
STAFF_KINDS = ("employees", "register_totals", "register_lines", "premium_hours", "adjustments")
_STREAMS = (SALARIES.name, BONUSES.name)
_INTERNAL = ["payment_group", "legal_nature"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the explanation reads of a run folder."""

    run_id: str
    order: PayrunOrder
    employer: Employer
    inputs: Mapping[str, bytes]
    rulebook: RuleBook
    lines: pd.DataFrame
    payments: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as rebuilt. lines: lines.csv of the person in salaries and bonuses.

    position: where the person stands in the staff result; None when the rebuild knows nobody of
    that id.
    """

    run: Stored
    employee_id: str
    tables: SourceTables
    staff: StaffResult
    position: int | None
    lines: pd.DataFrame

    @property
    def days(self) -> Days:
        """The days that date what is earned and what is paid."""
        order = self.run.order
        return Days(order.period.last_day, order.pay_on(*_STREAMS))

    def of(self, kind: str) -> pd.DataFrame:
        """The person's rows of a source."""
        return self.tables[kind]


def rebuild_person(run: Stored, employee_id: str) -> Person:
    """Rebuild a person with the functions of the run, on that person's rows alone where they do.

    Raises UsageError explain_unknown for somebody the run does not know, PayrollError
    explain_differs when what comes out is not what the run folder says.
    """
    tables, _ = read_sources(run.order, run.inputs, run.rulebook.formats, read_answer)
    _require_known(run, tables, employee_id)
    written = (
        run.lines[(run.lines["payee_id"] == employee_id) & run.lines["stream"].isin(_STREAMS)]
        .drop(columns="payment_id")
        .reset_index(drop=True)
    )
    alone = _only(tables, employee_id)
    for chosen in (alone, tables):  # the rows of all where those of one do not decide
        staff, lines = _rebuilt(run, chosen, employee_id)
        if lines.equals(written):
            break
    else:
        raise PayrollError("explain_differs", where=run.run_id, id=employee_id)
    _require_paid(run, written, employee_id)
    found = int(staff.people.positions(pd.Series([employee_id]))[0])
    return Person(
        run=run,
        employee_id=employee_id,
        tables=alone,
        staff=staff,
        position=None if found < 0 else found,
        lines=written,
    )


def _only(tables: SourceTables, employee_id: str) -> SourceTables:
    frames = {
        kind: frame[frame[PAYEE_FIELD[kind]] == employee_id].reset_index(drop=True)
        if kind in STAFF_KINDS
        else frame
        for kind, frame in tables.frames.items()
    }
    return replace(tables, frames=frames)


def _rebuilt(
    run: Stored, tables: SourceTables, employee_id: str
) -> tuple[StaffResult, pd.DataFrame]:
    """The staff result and the person's lines as lines.csv has them."""
    given = RebuildInput(tables, run.order, run.rulebook, run.employer.language)
    staff = given.once(rebuild_salaries)
    frames = [staff.lines] if run.order.section(SALARIES) is not None else []
    if run.order.section(BONUSES) is not None:
        frames.append(rebuild_bonuses(given).lines)
    frames = [frame for frame in frames if len(frame)]
    lines = LINES.conform(pd.concat(frames, ignore_index=True)) if frames else LINES.empty()
    lines = lines[lines["payee_id"] == employee_id].drop(columns=_INTERNAL)
    return staff, read_csv(csv_bytes(lines))


def _require_known(run: Stored, tables: SourceTables, employee_id: str) -> None:
    known: dict[str, None] = {}
    for kind in STAFF_KINDS[:-1]:
        known |= dict.fromkeys(tables[kind]["employee_id"])
    known |= dict.fromkeys(tables.bank.loc[tables.bank["payee_kind"] == "employee", "payee_id"])
    about = run.findings[run.findings["subject_kind"] == "employee"]
    known |= dict.fromkeys(about["subject_id"])
    if employee_id not in known:
        near = difflib.get_close_matches(employee_id, known, n=3, cutoff=0.3)
        raise UsageError(
            "explain_unknown",
            where=run.run_id,
            id=employee_id,
            near=", ".join(near or list(known)[:3]),
        )


def _require_paid(run: Stored, lines: pd.DataFrame, employee_id: str) -> None:
    """payments.csv pays each stream of the person what its lines come to, or nothing at all."""
    mine = run.payments[
        (run.payments["payee_id"] == employee_id) & run.payments["stream"].isin(_STREAMS)
    ]
    for stream in _STREAMS:
        total = int(lines.loc[lines["stream"] == stream, "amount_cents"].sum())
        paid = int(mine.loc[mine["stream"] == stream, "amount_cents"].sum())
        if paid != max(total, 0):
            raise PayrollError("explain_differs", where=run.run_id, id=employee_id)
