"""No register is left: last month's nets are what the bank paid, and this month's are the same.

The bank's file knows no gross, no components and no deductions, so that nothing of them can be
worked out; each payment is an estimate that says so (basis, legal nature, list to true up).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.model.bank_month import salaries_paid
from payroll.model.components import NET_AS_PAID
from payroll.model.findings import Finding, finding, findings_for
from payroll.model.money import Cents, divide, divide_columns, euros
from payroll.model.order import PayrunOrder
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.gross import Month
from payroll.rebuild.lines import STAFF_LINES, staff_lines
from payroll.rebuild.proration import PRORATION
from payroll.rebuild.staff import StaffMonth
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import PAID_BY_BANK, policy_of


def bank_lines(
    people: StaffMonth, month: Month, order: PayrunOrder, rulebook: RuleBook
) -> pd.DataFrame:
    """STAFF_LINES, one per person whom the bank paid: the policy's share of that net, for the days
    employed. The factors are those of the days, of a whole month those of the policy.
    """
    frame = people.frame
    person = np.flatnonzero((frame["net_paid_cents"] > 0).to_numpy())
    person = person[people.is_paid(person)]
    if not len(person):
        return STAFF_LINES.empty()
    as_paid = policy_of(rulebook.policies, PAID_BY_BANK).dated(order.period.first_day)
    numerator, denominator = as_paid.ratio
    shared = month.shared
    net: Cents = frame["net_paid_cents"].to_numpy(dtype=np.int64)[person]
    policy_share: Cents = divide(net * numerator, denominator)
    quantity = shared.quantity[person]
    whole = quantity == ""
    base = np.where(whole, net, policy_share)
    numerators = np.where(whole, numerator, shared.numerator[person])
    denominators = np.where(whole, denominator, shared.denominator[person])
    policy = frame["policy"].to_numpy(dtype=object)[person]
    source = frame["source"].to_numpy(dtype=object)[person]
    told = shared.source[person]
    return staff_lines(
        person,
        component=NET_AS_PAID,
        amount_cents=divide_columns(base * numerators, denominators),
        basis="estimated",
        rule_id=np.where(whole, policy, policy + (" " + PRORATION)),
        source=np.where(told != "", source + "; " + told, source),
        quantity=quantity,
        rate=shared.rate[person],
        base=base,
        numerator=numerators,
        denominator=denominators,
    )


def bank_findings(tables: SourceTables) -> list[Finding]:
    """What must be said of a month that stands on the bank's file alone, and who was paid twice."""
    if not tables.bank_alone:
        return []
    paid = salaries_paid(tables.bank)
    alone = finding(
        "REB-047",
        stream=SALARIES.name,
        observed=str(len(paid)),
        limit=euros(int(paid["amount_cents"].sum())),
    )
    twice = paid[paid["times"] > 1]
    twice = twice.assign(
        observed=[str(count) for count in twice["times"].tolist()],
        limit=[euros(cents) for cents in twice["amount_cents"].tolist()],
    )
    return [alone, *findings_for("REB-048", twice, stream=SALARIES.name)]
