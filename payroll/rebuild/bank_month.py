"""No register is left: last month's nets are what the bank paid, and this month's are the same.

The bank's file knows no gross, no components and no deductions, so that nothing of them can be
worked out; each payment is an estimate that says so (basis, legal nature, list to true up).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.model.bank_month import salaries_paid
from payroll.model.findings import Finding, SubjectKind
from payroll.model.money import Cents, divide, divide_columns, euros
from payroll.model.order import PayrunOrder
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.estimation import percent_ratio
from payroll.rebuild.gross import PRORATION, Month
from payroll.rebuild.lines import findings_for
from payroll.rebuild.staff import People
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import PAID_BY_BANK, policy_of

COMPONENT = "net_as_paid"


def bank_lines(
    people: People, month: Month, order: PayrunOrder, rulebook: RuleBook
) -> pd.DataFrame:
    """One line per person whom the bank paid: the policy's share of that net, for the days employed
    (person, amount_cents and the texts of LINES).
    """
    frame = people.frame
    person = np.flatnonzero((frame["net_paid"] > 0).to_numpy())
    person = person[people.is_paid(person)]
    if not len(person):
        return pd.DataFrame()
    numerator, denominator = percent_ratio(
        policy_of(rulebook.policies, PAID_BY_BANK).dated(order.period.first_day)
    )
    shared = month.shared
    whole: Cents = divide(
        frame["net_paid"].to_numpy(dtype=np.int64)[person] * numerator, denominator
    )
    amount = divide_columns(whole * shared.numerator[person], shared.denominator[person])
    quantity = shared.quantity[person]
    policy = frame["policy"].to_numpy(dtype=object)[person]
    source = frame["source"].to_numpy(dtype=object)[person]
    told = shared.source[person]
    return pd.DataFrame(
        {
            "person": person,
            "component": COMPONENT,
            "amount_cents": amount,
            "basis": "estimated",
            "rule_id": np.where(quantity != "", policy + (" " + PRORATION), policy),
            "source": np.where(told != "", source + "; " + told, source),
            "quantity": quantity,
            "rate": shared.rate[person],
        }
    )


def bank_findings(tables: SourceTables) -> list[Finding]:
    """What must be said of a month that stands on the bank's file alone, and who was paid twice."""
    if not tables.bank_alone:
        return []
    paid = salaries_paid(tables.bank)
    run = pd.DataFrame(
        {
            "payee_id": ["run"],
            "observed": [str(len(paid))],
            "limit": [euros(int(paid["amount_cents"].sum()))],
            "source": [""],
        }
    )
    findings = findings_for("REB-047", run, stream=SALARIES.name, kinds=[SubjectKind.RUN])
    twice = paid[paid["times"] > 1]
    twice = twice.assign(
        observed=[str(count) for count in twice["times"].tolist()],
        limit=[euros(cents) for cents in twice["amount_cents"].tolist()],
    )
    return findings + findings_for("REB-048", twice, stream=SALARIES.name)
