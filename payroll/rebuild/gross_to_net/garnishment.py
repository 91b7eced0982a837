"""What may be seized from a net wage.

Source: facts on Belgian payroll, section 6 (art. 1409 Code judiciaire). All payments of one month
add up; maintenance debts have no limit and are not computed here.
"""

from __future__ import annotations

import numpy as np

from payroll.model.money import Cents, divide
from payroll.rebuild.gross_to_net.columns import Trail
from payroll.rulebook.law import StepLaw


def garnishment_by_bands(net: Cents, children: Cents, law: StepLaw, trail: Trail) -> Cents:
    """The part of a month's net (cents) that ordinary debts may take, less an amount per child."""
    table = law.table("garnishment_bands")
    above, percent = table.columns["above"], table.columns["percent"]
    rounding = law.rounding("band")
    tops = np.append(above[1:], np.iinfo(np.int64).max)
    total: Cents = np.zeros(len(net), dtype=np.int64)
    for start, top, share in zip(above.tolist(), tops.tolist(), percent.tolist(), strict=True):
        within = np.clip(net, start, top) - start
        total += divide(within * share, table.denominators["percent"], rounding)
    trail.note("garnishment_bands", total, "garnishment_bands")
    if children.any():
        total = np.maximum(total - children * law.cents("garnishment_per_child"), 0)
    return trail.note("garnishment", total, "garnishment_per_child")
