"""In which month a bonus counts for the work bonus, as the rules of a day choose."""

from __future__ import annotations

from payroll.model.period import Period
from payroll.rulebook.book import RuleBook

#: The parameter, and its value that says: in the month in which it was earned.
WORK_BONUS_MONTH, EARNED = "bonus_work_bonus_month", "earned"


def counts_when_earned(rulebook: RuleBook, earned: Period, paid: Period) -> bool:
    """Whether bonuses earned in a month count in that one rather than in the month of the salary
    with which they are paid. Raises PayrollError when no value is in force.
    """
    return earned != paid and rulebook.choice(WORK_BONUS_MONTH, earned.first_day) == EARNED
