"""Which streams a control looks at, and what it may hold or refuse there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payroll.checks.engine import evaluate
from payroll.model.findings import Finding
from payroll.model.streams import streams_of
from tests.unit.checks.examples import check_data
from tests.unit.checks.test_catalogue import CONTROLS


def _found(rule_id: str, example: dict[str, Any]) -> list[Finding]:
    return evaluate(check_data(example), {rule_id: CONTROLS[rule_id]})


def test_hours_that_stand_twice_hold_the_bonus_and_not_the_salary() -> None:
    hours = {"premium_code": "NUIT", "hours": "8.00", "work_date": date(2022, 4, 3)}
    (finding,) = _found("DUP-002", {"premium_hours": [hours, hours]})
    assert streams_of(finding) == ("bonuses",)


@pytest.mark.parametrize("rule_id", ["INPUT-002", "INPUT-003", "INPUT-004"])
def test_a_run_without_staff_needs_no_list_of_who_joined_left_or_died(rule_id: str) -> None:
    assert _found(rule_id, {})
    assert not _found(rule_id, {"order": {"salaries": None, "bonuses": None}})
