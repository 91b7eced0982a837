"""People whose month is not known: which policy serves them, and the gross and ratio it gives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.model.frames import BOOL, INT, TEXT, FrameSchema, join_texts
from payroll.model.money import Cents, divide, divide_columns
from payroll.model.order import PayrunOrder
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import policy_of

#: What a policy gives for each of some people. gross_cents: by contractual_base the full-time
#: monthly gross, else that of the past months. full_time: it is still to be multiplied by the
#: working time. has: False = nothing to go by.
ESTIMATES = FrameSchema(
    "estimates",
    {
        "gross_cents": INT,
        "full_time": BOOL,
        "ratio_net_cents": INT,
        "ratio_gross_cents": INT,  # positive
        "has": BOOL,
        "legal_nature": TEXT,
        "rule_id": TEXT,
        "source": TEXT,
    },
)


def estimates(
    people: pd.DataFrame,
    group: str,
    register_totals: pd.DataFrame,
    order: PayrunOrder,
    rulebook: RuleBook,
) -> pd.DataFrame:
    """ESTIMATES of a group's policy, in the order and index of `people`.

    people: payee_id, monthly_gross_cents (full-time), source.
    """
    found = policy_of(rulebook.policies, group)
    policy = found.dated(order.period.first_day)
    numerator, denominator = policy.ratio
    fixed = {"legal_nature": str(policy.legal_nature), "rule_id": f"policy:{found.id}"}
    if policy.method == "contractual_base":
        frame = people[["source"]].assign(
            gross_cents=people["monthly_gross_cents"],
            full_time=True,
            ratio_net_cents=np.int64(numerator),
            ratio_gross_cents=np.int64(denominator),
            has=people["monthly_gross_cents"] > 0,
        )
    else:
        months = policy.months if policy.method == "mean_of_months" else 1
        past = past_months(register_totals, str(order.last_known), months)
        past = past.reindex(people["payee_id"]).set_axis(people.index)
        has = past["gross_cents"].fillna(0) > 0
        gross = past["gross_cents"].where(has, 1).astype("int64")
        net: Cents = past["net_cents"].where(has, 0).to_numpy(dtype=np.int64)
        frame = pd.DataFrame(
            {
                "source": past["source"]
                .astype("object")
                .where(has, people["source"])
                .astype("str"),
                "gross_cents": gross.where(has, 0),
                "full_time": False,
                "ratio_net_cents": divide(net * numerator, denominator),
                "ratio_gross_cents": gross,
                "has": has,
            }
        )
    texts = {name: pd.Series(text, frame.index, dtype=TEXT) for name, text in fixed.items()}
    return ESTIMATES.conform(frame.assign(**texts)).set_axis(people.index)


def past_months(register_totals: pd.DataFrame, newest: str, months: int) -> pd.DataFrame:
    """By employee the mean gross and net before third-party deductions of their newest months.

    Columns gross_cents, net_cents (half-up means over at most `months` months up to `newest`) and
    source (the register rows, joined by '; ').
    """
    rows = register_totals[register_totals["period"] <= newest]
    rows = rows.drop_duplicates(["employee_id", "period"])
    rows = rows.sort_values("period", ascending=False, kind="stable")
    rows = rows[rows.groupby("employee_id").cumcount() < months]
    net = rows["net_cents"] + rows["garnishment_cents"] + rows["other_deductions_cents"]
    grouped = rows.assign(net_cents=net).groupby("employee_id")
    sums = grouped[["gross_cents", "net_cents"]].sum()
    counts = np.asarray(grouped.size(), dtype=np.int64)
    gross: Cents = sums["gross_cents"].to_numpy(dtype=np.int64)
    before: Cents = sums["net_cents"].to_numpy(dtype=np.int64)
    return pd.DataFrame(
        {
            "gross_cents": divide_columns(gross, counts),
            "net_cents": divide_columns(before, counts),
            "source": grouped["source"].agg(join_texts).astype("str"),
        },
        index=sums.index,
    )
