"""Figures that the rebuild reads by their id, without a step: the rest stands in steps.toml."""

from __future__ import annotations

from payroll.rebuild.bonuses import HOURS_PER_YEAR
from payroll.rebuild.deductions import KNOWN, LIMIT
from payroll.rulebook.bonus_month import WORK_BONUS_MONTH
from payroll.rulebook.index import INDEX

READ_DIRECTLY = frozenset(
    {
        HOURS_PER_YEAR,
        INDEX,
        KNOWN,
        LIMIT,
        WORK_BONUS_MONTH,
        "proration_days_per_month",  # the count of thirtieths: payroll.rebuild.proration
        *(
            f"works_retention_{kind}_{what}"
            for kind in ("social", "tax")
            for what in ("percent", "iban")
        ),
    }
)
