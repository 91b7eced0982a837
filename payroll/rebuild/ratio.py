"""The net of people whose data do not let the law be applied: by their own last known ratio.

The net before third-party deductions follows the gross; an unchanged gross gives exactly the known
month. Everything estimated here says so in its basis.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.model.money import Cents, divide_columns
from payroll.model.net_steps import NET_STEPS
from payroll.rebuild.lines import STAFF_LINES, staff_lines


def net_by_ratio(people: pd.DataFrame) -> pd.DataFrame:
    """STAFF_LINES between gross and net, signed, with basis and the factors of what is scaled.

    people, one row per `person` (an integer), all int64 cents: gross_before, gross_after,
    net_before (before third-party deductions), ratio_net / ratio_gross (the net that a gross
    gives; ratio_gross positive) and each of NET_STEPS as known, signed.

    Unchanged gross: the known lines, and a `residual` for what they do not explain of net_before.
    Changed gross: each line scaled half-up, and a `residual` so that gross and lines add up to
    half_up(ratio_net x gross_after / ratio_gross). Who had no gross before gets the whole
    difference as `deductions_estimated`.
    """
    after = people["gross_after_cents"].to_numpy()
    before = people["gross_before_cents"].to_numpy()
    gross = people["ratio_gross_cents"].to_numpy()
    same = after == before
    person = people["person"].to_numpy()
    scaled = divide_columns(people["ratio_net_cents"].to_numpy() * after, gross)
    left: Cents = np.where(same, people["net_before_cents"].to_numpy(), scaled) - after
    parts = []
    for step in NET_STEPS:
        known_amount = people[step.id].to_numpy()
        amount = np.where(same, known_amount, divide_columns(known_amount * after, gross))
        left = left - amount
        parts.append(
            staff_lines(
                person,
                component=step.id,
                amount_cents=amount,
                basis=np.where(same, "known", "estimated"),
                base=np.where(same, 0, known_amount),
                numerator=np.where(same, 0, after),
                denominator=np.where(same, 0, gross),
            )
        )
    had_gross = before > 0
    for component, basis, own in (
        ("residual", "residual", had_gross),
        ("deductions_estimated", "estimated", ~had_gross),
    ):
        amount = np.where(own, left, 0)
        parts.append(staff_lines(person, component=component, amount_cents=amount, basis=basis))
    rows = pd.concat(parts, ignore_index=True)
    return STAFF_LINES.conform(rows[rows["amount_cents"] != 0])
