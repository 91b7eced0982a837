"""What is taken off the net beside tax, social security and garnishments: within the law.

Law of 12 April 1965, art. 23: a closed list of kinds, and together at most one fifth of the cash
pay due at each payment, after tax, social and complementary-scheme retentions. A deduction in doubt
is left out and listed; the salary goes.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payroll.model.components import ONE_OFF_NET, OTHER_DEDUCTIONS
from payroll.model.findings import Finding, finding, findings_for
from payroll.model.frames import NOT_CARRIED_OVER, TEXT
from payroll.model.money import Cents, Rounding, divide, euros
from payroll.model.order import PayrunOrder
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.calculation import Mask
from payroll.rebuild.staff import StaffMonth
from payroll.rulebook.book import RuleBook
from payroll.rulebook.deductions import Deduction, named

STREAM = SALARIES.name
LIMIT, KNOWN, REPEAT = "deduction_limit_percent", "known_deductions", "repeat"
_UNKNOWN, _BEYOND, _NOT_REPEATED = (
    "reason_deduction_unknown",
    "reason_deduction_beyond",
    "reason_deduction_not_repeated",
)


@dataclass(frozen=True, slots=True)
class Deductions:
    """What is taken of each (cents), per member of staff; NOT_CARRIED_OVER of what is not taken.

    rule_id, recomputed: of the line of each; an amount that the limit cut is recomputed.
    """

    taken: Cents
    cut: Cents
    left_out: pd.DataFrame


def most_deductible(net: Cents, order: PayrunOrder, rulebook: RuleBook) -> Cents:
    """What all limited deductions together may take of each net (cents), never more than the share.

    net: after tax, social and complementary-scheme retentions, before any other deduction.
    """
    paid = order.pay_on(STREAM) or order.period.last_day
    share = rulebook.number(LIMIT, paid) / 100
    return divide(np.maximum(net, 0) * share.numerator, share.denominator, Rounding.DOWN)


def known_deductions(
    people: StaffMonth, net: Cents, staying: Mask, order: PayrunOrder, rulebook: RuleBook
) -> tuple[Deductions, list[Finding]]:
    """The register's other deductions of who stays: repeated within the limit, or left out, as the
    employer chose; the register's total does not say of which kind they are.
    """
    frame = people.frame
    own: Cents = np.where(staying, frame["deductions_now_cents"].to_numpy(), 0)
    repeat = rulebook.choice(KNOWN, order.period.first_day) == REPEAT
    most = most_deductible(net, order, rulebook) if repeat else np.zeros(len(own), dtype=np.int64)
    typed = frame["deductions_typed"].to_numpy(dtype=bool)
    most = np.where(typed, most_deductible(net, order, rulebook), most)
    taken: Cents = np.where(own > 0, np.minimum(own, most), np.where(typed | repeat, own, 0))
    some, left = (own != 0) & ~typed, own - taken  # a typed one says what it is and its end
    findings = []
    if some.any():
        told = finding(
            "REB-072" if repeat else "REB-074",
            stream=STREAM,
            observed=str(int(some.sum())),
            limit=euros(int((taken if repeat else own)[some].sum())),
        )
        findings.append(told)
    rows = frame[left != 0].assign(
        amount_cents=-left[left != 0],
        component=OTHER_DEDUCTIONS,
        label="",
        nature="unknown",
        reason=_BEYOND if repeat else _NOT_REPEATED,
    )
    if repeat:
        beyond = rows.assign(
            observed=[euros(cents) for cents in own[left != 0].tolist()],
            limit=[euros(cents) for cents in taken[left != 0].tolist()],
        )
        findings += findings_for("REB-073", beyond, stream=STREAM)
    return Deductions(taken, left, _not_taken(rows)), findings


def typed_deductions(
    tables: SourceTables,
    adjustments: pd.DataFrame,
    people: StaffMonth,
    *,
    most: Cents,
    taken: Cents,
    order: PayrunOrder,
    rulebook: RuleBook,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """The adjustments with each typed deduction as the law lets it be taken, NOT_CARRIED_OVER of
    the rest, and what is said of it.

    A net amount typed below zero is a deduction. most, taken: of each member of staff, what limited
    deductions may take and what the known ones take of it (cents). The rows gain `rule_id`.
    """
    adjustments = adjustments.assign(rule_id=pd.Series("", adjustments.index, dtype=TEXT))
    rows = adjustments[(adjustments["kind"] == ONE_OFF_NET) & (adjustments["amount"] < 0)]
    rows = rows[people.is_paid(people.positions(rows["payee_id"]))]
    if rows.empty:
        return adjustments, NOT_CARRIED_OVER.empty(), []
    kinds = [_kind(row, order, rulebook) for row in rows.to_dict("records")]
    listed = np.array([kind is not None for kind in kinds], dtype=bool)
    limited = np.array([_limited(kind, order) for kind in kinds], dtype=bool)
    wanted: Cents = -rows["amount"].to_numpy(dtype=np.int64)
    person = people.positions(rows["payee_id"])
    in_limit = pd.Series(np.where(listed & limited, wanted, 0))
    before = (in_limit.groupby(person).cumsum() - in_limit).to_numpy(dtype=np.int64)
    left = np.maximum(most[person] - np.maximum(taken[person], 0) - before, 0)
    given: Cents = np.where(limited, np.minimum(wanted, left), wanted)
    given = np.where(listed, given, 0)
    codes = [f"deduction:{kind.code}" if kind is not None else "" for kind in kinds]
    cut = listed & (given < wanted)
    rules = np.where(cut, [f"{code} parameter:{LIMIT}" for code in codes], codes)
    rows = rows.assign(rest=wanted - given, given=given, listed=listed)
    adjustments.loc[rows.index, "amount"] = -given
    adjustments.loc[rows.index, "rule_id"] = pd.Series(rules, rows.index, dtype=TEXT)
    left_out = rows[rows["rest"] > 0]
    left_out = left_out.assign(
        amount_cents=-left_out["rest"],
        component=ONE_OFF_NET,
        label=left_out["reason"],
        nature="unknown",
        reason=np.where(left_out["listed"], _BEYOND, _UNKNOWN),
    )
    return adjustments, _not_taken(left_out), _told(tables, left_out)


def _kind(row: Mapping[Hashable, Any], order: PayrunOrder, rulebook: RuleBook) -> Deduction | None:
    """The kind that an adjustment names; `component` where the list has such a column."""
    words = f"{row['reason']} {row['evidence']}"
    return named(rulebook.deductions, row.get("component", ""), words, order.period.first_day)


def _limited(kind: Deduction | None, order: PayrunOrder) -> bool:
    held = kind.dated(order.period.first_day) if kind is not None else None
    return held is None or held.limited


def _told(tables: SourceTables, rows: pd.DataFrame) -> list[Finding]:
    rows = rows.assign(
        source=[tables.cell(source, "value") for source in rows["source"]],
        observed=[euros(cents) for cents in (rows["given"] + rows["rest"]).tolist()],
        limit=[euros(cents) for cents in rows["given"].tolist()],
    )
    findings = []
    for rule_id, some in (("REB-070", rows[~rows["listed"]]), ("REB-071", rows[rows["listed"]])):
        findings += findings_for(rule_id, some, stream=STREAM, id=some["adjustment_id"])
    return findings


def _not_taken(rows: pd.DataFrame) -> pd.DataFrame:
    """NOT_CARRIED_OVER of rows that have its columns."""
    texts = {name: TEXT for name, dtype in NOT_CARRIED_OVER.columns.items() if dtype == TEXT}
    return NOT_CARRIED_OVER.conform(rows.astype(texts))
