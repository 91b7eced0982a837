"""Gross to net of a list of people, without a register: for a check by hand and for what-if."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from payroll.gross_to_net.engine import gross_to_net
from payroll.model.findings import Finding, finding
from payroll.model.money import Cents, divide
from payroll.model.net_steps import NET_STEPS
from payroll.rebuild.calculation import households, worked_of
from payroll.rebuild.proration import DAYS
from payroll.rulebook.book import RuleBook

MILLION = 1_000_000
UNVERIFIED = "PARAM-001"


def pay_of(staff: pd.DataFrame, rulebook: RuleBook, days: tuple[date, date]) -> pd.DataFrame:
    """employee_id and PAY of each person on a list, in its order.

    days: the earning day and the day of payment. monthly_gross is that of full time; the share of
    it by the working time is wholly subject to social security, and the pension base of statutory
    staff. Raises PayrollError when the days lack a step, or a figure that somebody needs.
    """
    law = rulebook.law(*days)
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
        worked=worked_of(fte, np.full(len(staff), DAYS, dtype=np.int64)),
    )
    pay = gross_to_net(people, law)
    pay.insert(0, "employee_id", staff["employee_id"].to_numpy())
    return pay


def unverified_behind(
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
