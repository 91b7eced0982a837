"""Can the rules explain the last known month? Whom they cannot, this month is not trusted for."""

from __future__ import annotations

import numpy as np

from payroll.checks.data import CheckData, amounts_found, beyond, run_finding
from payroll.model.findings import Finding
from payroll.model.money import euros
from payroll.model.streams import SALARIES
from payroll.rulebook.controls import Control


def known_month_unexplained(data: CheckData, control: Control) -> list[Finding]:
    """The net of the last known month and what the rules make of its inputs differ too much."""
    rows = data.rebuilt.backtest.rows
    difference = rows["net_rebuilt_cents"] - rows["net_known_cents"]
    hold = beyond(difference, rows["net_known_cents"], control, "hold")
    warn = beyond(difference, rows["net_known_cents"], control, "warn") | hold
    found = rows[warn]
    return amounts_found(
        data,
        control,
        found,
        found["net_rebuilt_cents"],
        found["net_known_cents"],
        hold=hold[warn],
        kind="employee",
        stream=SALARIES.name,
        cell="net",
        difference=[euros(cents) for cents in difference[warn]],
    )


def backtest_agreement(data: CheckData, control: Control) -> list[Finding]:
    """Too few people of the last known month come out near the net that they were paid."""
    backtest = data.rebuilt.backtest
    count = len(backtest.rows)
    if count < control.whole("minimum_people"):
        return []
    near = int((np.abs(backtest.difference()) <= control.cents("within_euro")).sum())
    if near * 100 >= count * control.whole("minimum_percent"):
        return []
    return [
        run_finding(
            control,
            observed=f"{near}/{count}",
            limit=f"{control.whole('minimum_percent')} %",
            stream=SALARIES.name,
            within=euros(control.cents("within_euro")),
        )
    ]
