"""The net of people whose data do not let the law be applied: by their own last known ratio.

The net before third-party deductions follows the gross; an unchanged gross gives exactly the known
month. Everything estimated here says so in its basis.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.frames import TEXT
from payroll.model.money import Cents, divide_columns
from payroll.model.net_steps import NET_STEPS


def net_by_ratio(people: pd.DataFrame) -> pd.DataFrame:
    """The lines between gross and net: person, component, amount_cents (signed), basis.

    people, one row per `person` (an integer), all int64 cents: gross_before, gross_after,
    net_before (before third-party deductions), ratio_net / ratio_gross (the net that a gross
    gives; ratio_gross positive) and each of NET_STEPS as known, signed.

    Unchanged gross: the known lines, and a `residual` for what they do not explain of net_before.
    Changed gross: each line scaled half-up, and a `residual` so that gross and lines add up to
    half_up(ratio_net x gross_after / ratio_gross). Who had no gross before gets the whole
    difference as `deductions_estimated`.
    """
    after = people["gross_after"].to_numpy()
    before = people["gross_before"].to_numpy()
    gross = people["ratio_gross"].to_numpy()
    same = after == before
    scaled = divide_columns(people["ratio_net"].to_numpy() * after, gross)
    left: Cents = np.where(same, people["net_before"].to_numpy(), scaled) - after
    parts = []
    for step in NET_STEPS:
        amount = people[step.id].to_numpy()
        amount = np.where(same, amount, divide_columns(amount * after, gross))
        left = left - amount
        parts.append(_rows(people, step.id, amount, np.where(same, "known", "estimated")))
    known = before > 0
    residual = np.where(known, left, 0)
    parts.append(_rows(people, "residual", residual, np.full(len(people), "residual")))
    unknown = np.where(known, 0, left)
    parts.append(_rows(people, "deductions_estimated", unknown, np.full(len(people), "estimated")))
    return pd.concat(parts, ignore_index=True)


def _rows(
    people: pd.DataFrame, component: str, amount: Cents, basis: npt.NDArray[np.str_]
) -> pd.DataFrame:
    some = amount != 0
    return pd.DataFrame(
        {
            "person": people["person"].to_numpy()[some],
            "component": pd.Series([component] * int(some.sum()), dtype=TEXT),
            "amount_cents": amount[some],
            "basis": pd.Series(basis[some], dtype=TEXT),
        }
    )
