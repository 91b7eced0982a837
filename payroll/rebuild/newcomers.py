"""The pay of whoever has no known month: by contract, or estimated by a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payroll.model.money import divide_columns
from payroll.rebuild.lines import staff_lines
from payroll.rebuild.proration import DAYS, FULL_TIME, PRORATION
from payroll.rebuild.staff import StaffMonth

if TYPE_CHECKING:
    from payroll.rebuild.gross import Shared


def newcomer_lines(people: StaffMonth, shared: Shared) -> pd.DataFrame:
    """STAFF_LINES: one base salary each for the days employed, by contract or by a policy."""
    frame = people.frame
    new = np.flatnonzero(~frame["in_register"].to_numpy())
    full = frame["full_time"].to_numpy(dtype=bool)[new]
    base = frame["base_cents"].to_numpy()[new]
    numerator = np.where(full, shared.worked[new], shared.numerator[new])
    denominator = np.where(full, DAYS * FULL_TIME, shared.denominator[new])
    quantity = shared.quantity[new]
    by_contract = frame["computable"].to_numpy(dtype=bool)[new]
    policy = np.where(by_contract, "", frame["policy"].to_numpy(dtype=object)[new])
    prorated = np.where(policy == "", PRORATION, policy + (" " + PRORATION))
    source = frame["source"].to_numpy(dtype=object)[new]
    told = shared.source[new]
    return staff_lines(
        new,
        amount_cents=divide_columns(base * numerator, denominator),
        component="base_salary",
        basis=np.where(by_contract, "recomputed", "estimated"),
        rule_id=np.where(quantity == "", policy, prorated),
        source=np.where(told != "", source + "; " + told, source),
        quantity=quantity,
        rate=shared.rate[new],
        base=base,
        numerator=numerator,
        denominator=denominator,
    )
