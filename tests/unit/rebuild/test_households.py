"""What a household on the employees list comes to: reductions of spouse and dependants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payroll.gross_to_net.columns import CALCULATION_INPUT, MONTH
from payroll.gross_to_net.engine import gross_to_net
from payroll.rebuild.calculation import households
from payroll.rebuild.quarter import Quarter, settlement
from tests.unit.rebuild.staff_samples import BOOK, ORDER, table

WAGE = 250_000


def people_of(**listed: object) -> pd.DataFrame:
    """CALCULATION_INPUT of one full-time person of the employees list."""
    row = {"employee_id": "00001", "status": "contractual", "tax_status": "married_two_incomes"}
    household = households(table("employees", [{**row, **listed}]), np.zeros(1, np.intp))
    month = {
        name: WAGE if name in ("gross_cents", "nsso_cents") else 0 for name in MONTH.columns
    } | {"month_days": 22, "work_days": 22 * 10**6, "part_time": False}
    frame = household.assign(**month)
    return CALCULATION_INPUT.conform(frame.astype(dict(CALCULATION_INPUT.columns)))


@pytest.mark.parametrize(
    ("listed", "less"),
    [
        ({"dependants_65": 2}, 16_800),
        ({"spouse_low_income": True}, 12_000),
        ({"spouse_low_pension": True}, 24_000),
        ({"spouse_low_pension": True, "spouse_low_income": True}, 24_000),
        ({"spouse_low_income": True, "tax_status": "single"}, 2_600),  # that of a single person
    ],
)
def test_what_the_list_says_of_the_household_lowers_the_withholding(
    listed: dict[str, object], less: int
) -> None:
    _, law = BOOK.laws(ORDER)
    plain, found = (
        int(gross_to_net(people_of(**of), law)["withholding_cents"].iat[0]) for of in ({}, listed)
    )
    assert plain - found == less


@pytest.mark.parametrize("low", [False, True])
def test_a_quarter_of_constant_wages_settles_nothing_whatever_the_spouse_earns(low: bool) -> None:
    law = BOOK.law(ORDER.period.shift(1).first_day, ORDER.period.shift(1).last_day)
    people = people_of(spouse_low_income=low)
    monthly = gross_to_net(people, law)["special_contribution_cents"].to_numpy()
    wage = np.full(1, WAGE)
    found = Quarter(np.ones(1, dtype=bool), wage, wage, 3 * monthly, np.zeros(1, np.int64))
    assert settlement(found, people, law).tolist() == [0]
