"""Amounts that nobody meant: above the cap, round, negative, or hours nobody can work."""

from __future__ import annotations

import pandas as pd

from payroll.checks.data import CheckData, amounts_found, findings_of
from payroll.model.components import HOLIDAY_LINES
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding
from payroll.model.frames import iso_days
from payroll.model.money import euros
from payroll.model.streams import BONUSES, HOLIDAY_PAY, STREAMS
from payroll.rulebook.controls import Control


def amount_above_cap(data: CheckData, control: Control) -> list[Finding]:
    """A payment above the cap of its stream; a stream without a cap is an error of the rules."""
    caps = control.cents_by("caps")
    findings: list[Finding] = []
    for stream in data.streams(control):
        if stream not in caps:
            raise PayrollError(
                "control_param_invalid", where=control.id, param="caps", kind=control.kind
            )
        paid = data.paid[data.paid["stream"] == stream]
        if stream == STREAMS[HOLIDAY_PAY.name].beside:
            paid = paid.assign(amount_cents=paid["amount_cents"] - _along(data, stream, paid))
        rows = paid[paid["amount_cents"] > caps[stream]]
        findings += findings_of(
            data,
            control,
            rows,
            kind=str(STREAMS[stream].payee),
            observed=[euros(cents) for cents in rows["amount_cents"]],
            limit=euros(caps[stream]),
            stream=stream,
        )
    return findings


def _along(data: CheckData, stream: str, paid: pd.DataFrame) -> pd.Series[int]:
    """What of each payment is holiday pay: the cap of a stream is for what it pays itself."""
    lines = data.rebuilt.lines
    lines = lines[(lines["stream"] == stream) & lines["component"].isin(HOLIDAY_LINES)]
    sums = lines.groupby("payee_id")["amount_cents"].sum()
    return paid["payee_id"].map(sums).fillna(0).astype("int64")


def round_amount(data: CheckData, control: Control) -> list[Finding]:
    """A large payment that is a whole multiple of a round sum: typed by hand?"""
    paid = data.of_streams(data.paid, control)
    minimum, multiple = control.cents("minimum"), control.cents("multiple")
    large = (paid["amount_cents"] >= minimum) & (paid["amount_cents"] % multiple == 0)
    rows = paid[large]
    return findings_of(
        data,
        control,
        rows,
        observed=[euros(cents) for cents in rows["amount_cents"]],
        limit=euros(multiple),
        stream=rows["stream"],
    )


def _earned_hours(data: CheckData) -> pd.DataFrame:
    order = data.order.section(BONUSES)
    frame = data.tables["premium_hours"]
    return frame[frame["period"] == str(order.earned)] if order is not None else frame.iloc[:0]


def premium_hours_high(data: CheckData, control: Control) -> list[Finding]:
    """More hours of one premium in a month than a person can work."""
    hours = _earned_hours(data)
    sums = hours.groupby(["employee_id", "premium_code"], as_index=False).agg(
        hundredths=("hours_hundredths", "sum"), source=("source", "first")
    )
    return _hours(data, control, sums, premium="premium_code")


def premium_hours_negative(data: CheckData, control: Control) -> list[Finding]:
    """Fewer than zero hours: a correction that this run cannot settle."""
    hours = _earned_hours(data)
    rows = hours[hours["hours_hundredths"] < 0]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=BONUSES.name,
        observed=[euros(value) for value in rows["hours_hundredths"]],
        cell="hours",
    )


def premium_day_outside(data: CheckData, control: Control) -> list[Finding]:
    """A day worked that lies outside the month in which the hours were earned."""
    hours = _earned_hours(data)
    order = data.order.section(BONUSES)
    if order is None:
        return []
    first, last = pd.Timestamp(order.earned.first_day), pd.Timestamp(order.earned.last_day)
    day = hours["work_date"]
    rows = hours[day.notna() & ((day < first) | (day > last))]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=BONUSES.name,
        observed=iso_days(rows["work_date"]),
        limit=str(order.earned),
        cell="work_date",
    )


def premium_day_long(data: CheckData, control: Control) -> list[Finding]:
    """More hours of one premium on one day than a shift has: warn, then hold."""
    hours = _earned_hours(data)
    hours = hours[hours["work_date"].notna()]
    sums = hours.groupby(["employee_id", "work_date", "premium_code"], as_index=False).agg(
        hundredths=("hours_hundredths", "sum"), source=("source", "first")
    )
    sums = sums.assign(day=iso_days(sums["work_date"]))
    return _hours(data, control, sums, day="day")


def premium_hours_total(data: CheckData, control: Control) -> list[Finding]:
    """All premiums of a person together pass what a month can hold: warn, then hold."""
    hours = _earned_hours(data)
    sums = hours.groupby("employee_id", as_index=False).agg(
        hundredths=("hours_hundredths", "sum"), source=("source", "first")
    )
    return _hours(data, control, sums.assign(day=""), day="day")


def _hours(data: CheckData, control: Control, sums: pd.DataFrame, **shown: str) -> list[Finding]:
    """The sums of `hundredths` above `warn`; shown: more words of the message, by column.

    limit: what each one passed; level: warn or hold.
    """
    warn, hold = int(control.decimal("warn") * 100), int(control.decimal("hold") * 100)
    rows = sums[sums["hundredths"] > warn]
    above = rows["hundredths"] > hold
    return amounts_found(
        data,
        control,
        rows,
        rows["hundredths"],
        above.map({True: hold, False: warn}),
        hold=above,
        kind="employee",
        stream=BONUSES.name,
        cell="hours",
        **{name: rows[column] for name, column in shown.items()},
    )


def tiny_amount(data: CheckData, control: Control) -> list[Finding]:
    """A payment so small that it is the rest of a mistake."""
    paid = data.of_streams(data.paid, control)
    least = control.cents("minimum")
    rows = paid[paid["amount_cents"] < least]
    return findings_of(
        data,
        control,
        rows,
        observed=[euros(cents) for cents in rows["amount_cents"]],
        limit=euros(least),
        stream=rows["stream"],
    )
