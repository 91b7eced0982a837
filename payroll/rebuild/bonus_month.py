"""The month in which a bonus counts for the work bonus: that of payment, or that of the work.

Of the latter the work bonus is worked out anew with the bonus, and the difference settled with it
(AR 17-1-2000 art. 1 by its text; which one an employer declares is a dated choice of the rules).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.columns import OTHER_BONUS, OTHER_WAGE
from payroll.gross_to_net.engine import gross_to_net
from payroll.model.components import BONUS_GROSS
from payroll.model.money import Cents
from payroll.model.order import PayrunOrder
from payroll.model.streams import BONUSES
from payroll.rebuild.calculation import bases, time_worked
from payroll.rebuild.salaries import StaffResult
from payroll.rulebook.bonus_month import counts_when_earned
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import by_alias, plain


def with_bonus(
    staff: StaffResult, person: npt.NDArray[np.intp], gross: Cents, rulebook: RuleBook
) -> pd.DataFrame:
    """CALCULATION_INPUT of this month for some positions, each with a gross bonus (cents) added."""
    inputs = staff.calculation.people.iloc[person].reset_index(drop=True)
    added = _added(inputs, gross, rulebook)
    return inputs.assign(**{name: inputs[name] + cents for name, cents in added.items()})


def in_month_earned(
    staff: StaffResult,
    person: npt.NDArray[np.intp],
    gross: Cents,
    rulebook: RuleBook,
    order: PayrunOrder,
) -> tuple[Mapping[str, Cents], bool]:
    """The columns of the engine by which bonuses count in the month of their work, and whether that
    month is estimated; no columns where they count in the month of payment.

    The known month is taken as it was paid, without the variable pay of the month before it; a
    month that nobody knows as this one, under its own law and in its own calendar.
    """
    earned = order.ordered(BONUSES).earned
    if not counts_when_earned(rulebook, earned, order.period):
        return {}, False
    calculation, law = staff.calculation, staff.calculation.known_law
    known = earned == order.last_known and law is not None
    if law is not None and known:
        month = calculation.known_people.iloc[person].reset_index(drop=True)
        before = _variable(staff, rulebook)["nsso_cents"][person]
        month = month.assign(nsso_cents=month["nsso_cents"] - before)
    else:
        month = calculation.people.iloc[person].reset_index(drop=True)
        fte = staff.people.frame["fte_millionths"].to_numpy()[person]
        month = month.assign(**time_worked(fte, len(earned.working_days), earned))
        law = rulebook.law(earned.first_day, earned.last_day)
    added = _added(month, gross, rulebook)
    later = month.assign(**{name: month[name] + cents for name, cents in added.items()})
    without, having = (gross_to_net(item, law)["work_bonus_cents"] for item in (month, later))
    columns = {OTHER_WAGE: added["nsso_cents"], OTHER_BONUS: (having - without).to_numpy()}
    return columns, not known


def _added(inputs: pd.DataFrame, gross: Cents, rulebook: RuleBook) -> Mapping[str, Cents]:
    """What a gross bonus adds to the bases of each of these people."""
    lines = {"person": np.arange(len(gross)), "component": BONUS_GROSS, "amount_cents": gross}
    statutory = inputs["statutory"].to_numpy(dtype=bool)
    return bases(pd.DataFrame(lines), statutory, rulebook.components)


def _variable(staff: StaffResult, rulebook: RuleBook) -> Mapping[str, Cents]:
    """What variable pay added to the bases of the known month: it was earned before it."""
    known = staff.month.known
    natures = {name: item.nature for name, item in by_alias(rulebook.components).items()}
    codes = [code for code in known["component"].unique() if natures.get(plain(code)) == "variable"]
    statutory = staff.people.household["statutory"].to_numpy(dtype=bool)
    return bases(known[known["component"].isin(codes)], statutory, rulebook.components)
