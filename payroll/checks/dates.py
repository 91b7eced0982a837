"""Days: on which the bank settles, until which wages are due, and from which they make sense."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from payroll.checks.data import CheckData, run_finding
from payroll.model.findings import Finding, Severity
from payroll.model.period import Period, is_target_day
from payroll.rulebook.controls import Control


def not_target_day(data: CheckData, control: Control) -> list[Finding]:
    """A payment date on which TARGET is closed: salaries go earlier, suppliers later."""
    return [
        run_finding(control, observed=day.isoformat(), stream=stream)
        for stream in data.streams(control)
        if not is_target_day(day := data.pay_on(stream))
    ]


@lru_cache(maxsize=16)
def _belgian_holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays("BE", years=year))


def wage_deadline(period: Period, working_days: int) -> date:
    """The n-th working day after a period: Saturdays count, Sundays and legal holidays do not."""
    day, left = period.last_day, working_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() != 6 and day not in _belgian_holidays(day.year)
    return day


def after_wage_deadline(data: CheckData, control: Control) -> list[Finding]:
    """Salaries paid after the n-th working day that follows their period."""
    deadline = wage_deadline(data.order.period, control.whole("working_days"))
    return [
        run_finding(control, observed=day.isoformat(), limit=deadline.isoformat(), stream=stream)
        for stream in data.streams(control)
        if (day := data.pay_on(stream)) > deadline
    ]


def date_in_past(data: CheckData, control: Control) -> list[Finding]:
    """A payment date before the day the run was made."""
    made = data.created_at.date()
    return [
        run_finding(control, observed=day.isoformat(), limit=made.isoformat(), stream=stream)
        for stream in data.streams(control)
        if (day := data.pay_on(stream)) < made
    ]


def horizon(data: CheckData, control: Control) -> list[Finding]:
    """A payment date so far ahead that the bank may refuse it (block) or somebody mistyped it."""
    findings = []
    warn, block = control.whole("warn_days"), control.whole("block_days")
    for stream in data.streams(control):
        ahead = (data.pay_on(stream) - data.created_at.date()).days
        if ahead > warn:
            far = ahead > block
            findings.append(
                run_finding(
                    control, observed=str(ahead), limit=str(block if far else warn),
                    stream=stream, severity=Severity.BLOCK if far else Severity.WARN,
                )
            )  # fmt: skip
    return findings


def earned_in_payment_month(data: CheckData, control: Control) -> list[Finding]:
    """Bonuses whose earning month is the month of payment: their hours cannot be complete."""
    order = data.order.bonuses
    if order is None or str(order.earned) < order.pay_on.isoformat()[:7]:
        return []
    return [
        run_finding(
            control, observed=str(order.earned), limit=order.pay_on.isoformat(), stream="bonuses"
        )
    ]


def single_transaction(data: CheckData, control: Control) -> list[Finding]:
    """A stream with one payment only: its file cannot opt out of Verification of Payee."""
    counts = data.rebuilt.payments["stream"].value_counts()
    return [
        run_finding(control, observed="1", stream=stream)
        for stream in data.streams(control)
        if counts.get(stream, 0) == 1
    ]
