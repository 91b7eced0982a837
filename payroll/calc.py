"""`payroll calc` as a pure function: a table of people -> their pay under the law of a month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from payroll.gross_to_net.engine import gross_to_net, holiday_pay
from payroll.gross_to_net.social import WEEK_DAYS
from payroll.ingest.read import read_table
from payroll.model.components import HOUSEHOLD_ALLOWANCE, SETTLEMENT
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, RuledFinding, SubjectKind, finding, findings_for
from payroll.model.law import LACKS_FIGURE, Law
from payroll.model.line_sums import products
from payroll.model.money import Cents, Rounding, divide, euros
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import CalculationSource
from payroll.model.period import Period
from payroll.model.tables import CALCULATION, SourceTables
from payroll.rebuild.calculation import bases, households, time_worked
from payroll.rebuild.proration import DAYS, first_index, last_index, working_days
from payroll.rebuild.quarter import Quarter, settlement
from payroll.rulebook.book import RuleBook
from payroll.rulebook.index import INDEX, scale_monthly
from payroll.rulebook.ruling import ruled

MILLION = 1_000_000
WEEK_HOURS = "full_time_week_hours"
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
        if error.error_id not in LACKS_FIGURE:
            raise
        raise PayrollError(error.error_id, where=month, **error.params) from error


def _pay_of(staff: pd.DataFrame, rulebook: RuleBook, days: tuple[date, date]) -> pd.DataFrame:
    """employee_id and PAY of each person on a list, in its order; HOLIDAY_PAY and the settlement of
    the quarter beside it where the list has what they are worked out from.

    days: the earning day and the day of payment. The gross is the share of full time by working
    time and by the thirtieths in service; it is wholly subject to social security, and the pension
    base of statutory staff unless the list has another. Raises PayrollError when the days lack a
    step, or a figure that somebody needs.
    """
    law, month = rulebook.law(*days), Period(days[0].year, days[0].month)
    for step in NET_STEPS:  # also when nobody is on the list
        law.step(step.id)
    people = _inputs(staff, rulebook, month)
    pay = gross_to_net(people, law)
    pay.insert(0, "employee_id", staff["employee_id"].to_numpy())
    if staff["holiday_basis_given"].any():
        pay = pay.join(holiday_pay(people, _holiday_gross(staff), law))
    if staff["quarter_first_given"].any():
        pay[f"{SETTLEMENT}_cents"] = _settled(staff, people, pay, law)
    return pay


def _inputs(staff: pd.DataFrame, rulebook: RuleBook, month: Period) -> pd.DataFrame:
    """CALCULATION_INPUT of the list."""
    household = households(staff, np.arange(len(staff)))
    statutory = household["statutory"].to_numpy(dtype=bool)
    fte = staff["fte_millionths"].to_numpy(dtype=np.int64)
    first, last = (
        first_index(staff["employed_from"], month),
        last_index(staff["employed_to"], month),
    )
    thirtieths = np.maximum(last - first + 1, 0)
    monthly = staff["monthly_gross_cents"].to_numpy(dtype=np.int64)
    if staff["scale_annual_given"].any():
        coefficient = rulebook.number(INDEX, month.first_day)
        annual = staff["scale_annual_cents"].to_numpy(dtype=np.int64)
        scale = scale_monthly(annual, coefficient)
        monthly = np.where(staff["scale_annual_given"], scale, monthly)
    gross: Cents = divide(monthly * fte * thirtieths, MILLION * DAYS)
    worked = time_worked(
        fte, working_days(staff["employed_from"], staff["employed_to"], month), month
    )
    if staff["paid_hours_given"].any():
        a_day = rulebook.number(WEEK_HOURS, month.first_day) * 100 / WEEK_DAYS
        hours = staff["paid_hours_hundredths"].to_numpy(dtype=np.int64)
        by_hours = divide(hours * MILLION * a_day.denominator, a_day.numerator)
        worked["work_days"] = np.where(staff["paid_hours_given"], by_hours, worked["work_days"])
    base = staff["pension_base_cents"].where(staff["pension_base_given"], gross)
    lines = pd.DataFrame(
        {
            "person": np.arange(len(staff)),
            "component": HOUSEHOLD_ALLOWANCE,
            "amount_cents": staff["household_allowance_cents"],
        }
    )
    more = bases(lines, statutory, rulebook.components)
    return household.assign(
        gross_cents=gross + more["gross_cents"],
        nsso_cents=gross + more["nsso_cents"],
        pension_cents=np.where(statutory, base, 0),
        exceptional_cents=staff["exceptional_cents"].to_numpy(dtype=np.int64),
        **worked,
    )


def _holiday_gross(staff: pd.DataFrame) -> Cents:
    """The basis x the percentage x the share of the reference year, whole where none is given; the
    third decimal dropped, as in a run.
    """
    share = staff["holiday_share_millionths"].where(staff["holiday_share_given"], MILLION)
    sums = pd.DataFrame(
        {
            "base": staff["holiday_basis_cents"],
            "numerator": staff["holiday_percentage_millionths"] * share,
            "denominator": np.int64(MILLION * MILLION),
            "rounding": Rounding.DOWN.value,
        }
    )
    return products(sums)


def _settled(staff: pd.DataFrame, people: pd.DataFrame, pay: pd.DataFrame, law: Law) -> Cents:
    """What the month takes as the last of a quarter, beside its own contribution (cents)."""
    withheld = staff["quarter_withheld_cents"] + pay["special_contribution_cents"]
    found = Quarter(
        settles=staff["quarter_first_given"].to_numpy(dtype=bool),
        first=staff["quarter_first_cents"].to_numpy(dtype=np.int64),
        second=staff["quarter_second_cents"].to_numpy(dtype=np.int64),
        withheld=withheld.to_numpy(dtype=np.int64),
        settled=np.zeros(len(staff), dtype=np.int64),
    )
    return settlement(found, people, law)


def _unverified_behind(
    pay: pd.DataFrame, rulebook: RuleBook, days: tuple[date, date]
) -> list[Finding]:
    """One finding per unverified value behind an amount of `pay`, with how many it may shape."""
    law, status = rulebook.law(*days), rulebook.value_status(*days)
    source = rulebook.value_source(*days)
    counts: dict[str, int] = {}
    for step in NET_STEPS:
        shaped = int((pay[step.cents] != 0).sum())
        for value_id in rulebook.values_behind(f"step:{step.id}", law) if shaped else ():
            if status.get(value_id) == "unverified":
                counts[value_id] = counts.get(value_id, 0) + shaped
    return [
        finding(UNVERIFIED, observed=value_id, lines=str(count), how=source[value_id])
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
