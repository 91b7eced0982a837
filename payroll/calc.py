"""`payroll calc` as a pure function: a table of people -> their pay under the law of a month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from payroll.gross_to_net.engine import gross_to_net
from payroll.ingest.read import read_table
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, RuledFinding, SubjectKind, finding, findings_for
from payroll.model.money import Cents, divide, euros
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import CalculationSource
from payroll.model.period import Period
from payroll.model.tables import CALCULATION, SourceTables
from payroll.rebuild.calculation import households, time_worked
from payroll.rulebook.book import RuleBook
from payroll.rulebook.ruling import ruled

MILLION = 1_000_000
UNVERIFIED = "PARAM-001"
_ROW = re.compile(r"!R(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalcResult:
    """rows: employee_id and PAY, in the order of the file. left_out: how many were not used."""

    rows: pd.DataFrame
    findings: tuple[RuledFinding, ...]
    left_out: int


def calc(file: str, content: bytes, period: Period, rulebook: RuleBook) -> CalcResult:
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
        (_ROW.findall(item.source) or [item.source])[-1]
        for item in findings
        if item.subject_kind is not SubjectKind.FILE or item.rule_id == "ING-001"
    }
    findings.sort(key=lambda item: [int(number) for number in _ROW.findall(item.source)[-1:]])
    findings += _unverified_behind(rows, rulebook, days)
    told = ruled(findings, rulebook.controls)
    return CalcResult(rows=rows, findings=tuple(told), left_out=len(left_out))


def _pay(
    staff: pd.DataFrame, rulebook: RuleBook, days: tuple[date, date], month: str
) -> pd.DataFrame:
    try:
        return _pay_of(staff, rulebook, days)
    except PayrollError as error:
        if error.error_id not in ("parameter_not_in_force", "parameter_unknown"):
            raise
        raise PayrollError(error.error_id, where=month, **error.params) from error


def _pay_of(staff: pd.DataFrame, rulebook: RuleBook, days: tuple[date, date]) -> pd.DataFrame:
    """employee_id and PAY of each person on a list, in its order.

    days: the earning day and the day of payment. monthly_gross is that of full time; the share of
    it by the working time is wholly subject to social security, and the pension base of statutory
    staff. Raises PayrollError when the days lack a step, or a figure that somebody needs.
    """
    law, month = rulebook.law(*days), Period(days[0].year, days[0].month)
    for step in NET_STEPS:  # also when nobody is on the list
        law.step(step.id)
    fte = staff["fte_millionths"].to_numpy(dtype=np.int64)
    gross: Cents = divide(staff["monthly_gross_cents"].to_numpy(dtype=np.int64) * fte, MILLION)
    household = households(staff, np.arange(len(staff)))
    people = household.assign(
        gross_cents=gross,
        nsso_cents=gross,
        pension_cents=np.where(household["statutory"], gross, 0),
        exceptional_cents=np.zeros(len(staff), dtype=np.int64),
        **time_worked(fte, len(month.working_days), month),
    )
    pay = gross_to_net(people, law)
    pay.insert(0, "employee_id", staff["employee_id"].to_numpy())
    return pay


def _unverified_behind(
    pay: pd.DataFrame, rulebook: RuleBook, days: tuple[date, date]
) -> list[Finding]:
    """One finding per unverified value behind an amount of `pay`, with how many it may shape."""
    law, status = rulebook.law(*days), rulebook.value_status(*days)
    counts: dict[str, int] = {}
    for step in NET_STEPS:
        shaped = int((pay[step.cents] != 0).sum())
        for value_id in rulebook.values_behind(f"step:{step.id}", law) if shaped else ():
            if status.get(value_id) == "unverified":
                counts[value_id] = counts.get(value_id, 0) + shaped
    return [
        finding(UNVERIFIED, observed=value_id, lines=str(count))
        for value_id, count in sorted(counts.items())
    ]


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
