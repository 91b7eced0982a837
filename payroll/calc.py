"""`payroll calc` as a pure function: a table of people -> their pay under the law of a month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pandas as pd

from payroll.ingest.read import read_table
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, RuledFinding, SubjectKind, findings_for
from payroll.model.money import euros
from payroll.model.order import CalculationSource
from payroll.model.period import Period
from payroll.model.tables import CALCULATION, SourceTables
from payroll.rebuild.alone import pay_of, unverified_behind
from payroll.rulebook.book import RuleBook
from payroll.rulebook.ruling import ruled

_ROW = re.compile(r"!R(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """rows: employee_id and PAY, in the order of the file. left_out: how many were not used."""

    rows: pd.DataFrame
    findings: tuple[RuledFinding, ...]
    left_out: int


def what_if(file: str, content: bytes, period: Period, rulebook: RuleBook) -> WhatIf:
    """Read the table and compute everybody in it whose row is sound.

    Earned on the first day of the month, paid on its last. Raises DamagedInputError when the file
    cannot be read, PayrollError naming figure and month when the month lacks a figure.
    """
    tables, findings = read_table(CalculationSource(file=file), content, rulebook.formats)
    staff = tables[CALCULATION]
    amounts = _impossible_amounts(tables)
    staff = staff[~staff["employee_id"].isin({item.subject_id for item in amounts})]
    staff = staff.reset_index(drop=True)
    findings += amounts
    days = (period.first_day, period.last_day)
    rows = _pay(staff, rulebook, days, str(period))
    left_out = {
        (_ROW.findall(finding.source) or [finding.source])[-1]
        for finding in findings
        if finding.subject_kind is not SubjectKind.FILE or finding.rule_id == "ING-001"
    }
    findings.sort(key=lambda finding: [int(number) for number in _ROW.findall(finding.source)[-1:]])
    findings += unverified_behind(rows, rulebook, days)
    told = ruled(findings, rulebook.controls)
    return WhatIf(rows=rows, findings=tuple(told), left_out=len(left_out))


def _pay(
    staff: pd.DataFrame, rulebook: RuleBook, days: tuple[date, date], month: str
) -> pd.DataFrame:
    try:
        return pay_of(staff, rulebook, days)
    except PayrollError as error:
        if error.error_id not in ("parameter_not_in_force", "parameter_unknown"):
            raise
        raise PayrollError(error.error_id, where=month, **error.params) from error


def _impossible_amounts(tables: SourceTables) -> list[Finding]:
    """Rows without gross or without working time, as the controls of a run judge them."""
    staff = tables[CALCULATION]
    without_gross = staff[staff["monthly_gross_cents"] <= 0]
    idle = staff[staff["fte_millionths"] <= 0]

    def cells(rows: pd.DataFrame, field: str) -> list[str]:
        return [tables.cell(source, field) for source in rows["source"].tolist()]

    return [
        *findings_for(
            "REG-008",
            without_gross,
            payee="employee_id",
            observed=[euros(cents) for cents in without_gross["monthly_gross_cents"].tolist()],
            source=cells(without_gross, "monthly_gross"),
        ),
        *findings_for(
            "REG-009",
            idle,
            payee="employee_id",
            observed="0.00",
            limit="1.00",
            source=cells(idle, "fte"),
        ),
    ]
