"""What may be seized from a net wage.

Source: facts on Belgian payroll, section 6 (art. 1409 Code judiciaire). All payments of one month
add up; maintenance debts have no limit and are not computed here.
"""

from __future__ import annotations

import numpy as np

from payroll.gross_to_net.columns import Trail
from payroll.model.law import StepLaw
from payroll.model.money import Cents


def garnishment_by_bands(net: Cents, children: Cents, law: StepLaw, trail: Trail) -> Cents:
    """The part of a month's net (cents) that ordinary debts may take, less an amount per child."""
    table = law.table("garnishment_bands")
    above, percent = table.columns["above"], table.columns["percent"]
    rounding = law.rounding("band")
    tops = np.append(above[1:], np.iinfo(np.int64).max)
    total: Cents = np.zeros(len(net), dtype=np.int64)
    bands = zip(above.tolist(), tops.tolist(), percent.tolist(), strict=True)
    for number, (start, top, share) in enumerate(bands):
        within = np.clip(net, start, top) - start
        row = np.full(len(net), number) if trail.keep else None
        rate = (share, table.denominators["percent"])
        total += trail.share(
            "garnishment_band", within, rate, rounding, "garnishment_bands", row=row
        )
    trail.note("garnishment_bands", total)
    left = total
    if children.any():
        less = trail.way(
            "garnishment_children",
            children * law.cents("garnishment_per_child"),
            np.full(len(net), law.cents("garnishment_per_child")),
            (children, 1),
            figure="garnishment_per_child",
        )
        left = np.maximum(total - less, 0)
        trail.note("garnishment", left, terms=((1, total), (-1, less)))
    return left
