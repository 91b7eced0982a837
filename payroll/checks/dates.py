"""Days: until which wages are due, and from which they make sense; the bank's are sepa's."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from payroll.checks.data import CheckData, run_finding
from payroll.model.findings import Finding
from payroll.model.period import Period, belgian_holidays
from payroll.model.sections import EarnedOrder
from payroll.model.streams import BONUSES, FEES, SALARIES, STREAMS
from payroll.rulebook.controls import Control


def wage_deadline(period: Period, working_days: int) -> date:
    """The n-th working day after a period: Saturdays count, Sundays and legal holidays do not."""
    day, left = period.last_day, working_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() != 6 and day not in belgian_holidays(day.year)
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


def earned_in_payment_month(data: CheckData, control: Control) -> list[Finding]:
    """Bonuses whose earning month is the month of payment: their hours cannot be complete."""
    order = data.order.section(BONUSES)
    if order is None or str(order.earned) < order.pay_on.isoformat()[:7]:
        return []
    return [
        run_finding(
            control, observed=str(order.earned), limit=order.pay_on.isoformat(), stream=BONUSES.name
        )
    ]


def paid_before_earned(data: CheckData, control: Control) -> list[Finding]:
    """Salaries paid so long before their month ends that they are advances, not pay."""
    last = data.order.period.last_day
    return [
        run_finding(control, observed=day.isoformat(), limit=last.isoformat(), stream=stream)
        for stream in data.streams(control)
        if (last - (day := data.pay_on(stream))).days > control.whole("days")
    ]


def earned_long_ago(data: CheckData, control: Control) -> list[Finding]:
    """Bonuses or fees earned more than some months before they are paid."""
    findings = []
    for stream in data.streams(control):
        order = data.order.stream(stream)
        if isinstance(order, EarnedOrder):
            months = _months(order.pay_on) - _months(order.earned.first_day)
            if months > control.whole("months"):
                findings.append(
                    run_finding(
                        control,
                        observed=str(order.earned),
                        limit=order.pay_on.isoformat(),
                        stream=stream,
                    )
                )
    return findings


def known_month_old(data: CheckData, control: Control) -> list[Finding]:
    """The last known month lies more than some months before the period: warn, then block."""
    gap = _months(data.order.period.first_day) - _months(data.order.last_known.first_day)
    for level in ("block", "warn"):
        if gap > control.whole(f"{level}_months"):
            return [
                run_finding(
                    control,
                    observed=str(data.order.last_known),
                    limit=str(data.order.period),
                    level=level,
                    stream=SALARIES.name,
                )
            ]
    return []


def month_already_paid(data: CheckData, control: Control) -> list[Finding]:
    """A stream of the month that something proves to be paid: register, bank or ledger.

    A register or the bank's salaries prove their own month, and the bonuses of `lag_months` before
    it where the register has such; the bank's fees prove those of `lag_months` before the day on
    which they were made. Statements of a later month that is over prove fees too, when most
    practitioners of the month have one. The ledger proves the pay day of another month of the
    stream.
    """
    proofs = [
        *_known_months(data, control),
        *_pay_days(data, control),
        *_later_statements(data, control),
    ]
    return [
        run_finding(control, observed=str(data.order.earned(stream)), limit=proof, stream=stream)
        for stream, proof in dict(reversed(proofs)).items()
    ]


def _known_months(data: CheckData, control: Control) -> list[tuple[str, str]]:
    """(stream, proof) of the streams whose month the register or the bank has paid."""
    known, lag = _months(data.order.last_known.first_day), control.whole("lag_months")
    bank = data.tables.bank
    fees = bank.loc[bank["payee_kind"] == "practitioner", "execution_date"].max()
    dropped = data.rebuilt.not_carried_over
    variable = (dropped["nature"] == "variable").any()
    proved = {
        SALARIES.name: known if len(data.known_staff) else 0,
        BONUSES.name: known - lag if variable else 0,
        FEES.name: 0 if pd.isna(fees) else _months(fees) - lag,
    }
    return [
        (stream, str(data.order.last_known))
        for stream in data.streams(control)
        if _months(data.order.earned(stream).first_day) <= proved.get(stream, 0)
    ]


def _later_statements(data: CheckData, control: Control) -> list[tuple[str, str]]:
    """(fees, month) when statements of a month that is over follow those of the month to be paid.

    Whoever was billed for April was billed for March before. Not asked of a reissue, which pays
    what failed of a month that was paid.
    """
    if FEES.name not in data.streams(control) or data.ledger.reissue:
        return []
    frame, earned = data.tables["fee_statements"], str(data.order.earned(FEES.name))
    now = set(frame.loc[frame["period"] == earned, "practitioner_id"])
    over = frame["period"] < data.pay_on(FEES.name).isoformat()[:7]
    later = frame[(frame["period"] > earned) & over]
    again = now.intersection(later["practitioner_id"])
    most = len(later) > 0 and 2 * len(again) >= len(now)
    return [(FEES.name, str(later["period"].max()))] if most else []


def _pay_days(data: CheckData, control: Control) -> list[tuple[str, str]]:
    """(stream, day) of the streams that would be paid no later than another month of theirs was."""
    released = data.ledger.released
    released = released[released["state"] == "live"]
    bank = data.tables.bank
    salaries = bank.loc[bank["payee_kind"] == "employee", "execution_date"].max()
    found = []
    for stream in data.streams(control):
        if STREAMS[stream].yearly:
            continue
        month, pay_on = str(data.order.earned(stream)), data.pay_on(stream).isoformat()
        rows = released[(released["stream"] == stream) & (released["period"] < month)]
        days = rows["execution_date"].tolist()
        if stream == SALARIES.name and not pd.isna(salaries):
            days.append(salaries.date().isoformat())
        found += [(stream, day) for day in days if pay_on <= day][:1]
    return found


def _months(day: date) -> int:
    return day.year * 12 + day.month
