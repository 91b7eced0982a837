"""From this month's gross to its net: by the law and a residual, or by ratio without the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payroll.model.components import QUARTER, SETTLEMENT
from payroll.model.findings import Finding, findings_for
from payroll.model.frames import INT, TEXT, FrameSchema
from payroll.model.money import Cents
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import PayrunOrder
from payroll.model.streams import SALARIES
from payroll.rebuild.calculation import Calculation, Mask
from payroll.rebuild.deductions import Deductions
from payroll.rebuild.gross import Month
from payroll.rebuild.lines import STAFF_LINES, lines_of_some
from payroll.rebuild.ratio import net_by_ratio
from payroll.rebuild.staff import StaffMonth
from payroll.rebuild.third_parties import third_parties
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import NO_RATIO, policy_of

STREAM = SALARIES.name
RESIDUAL, RATIO = "rebuild:residual", "rebuild:last_known_ratio"
#: Per member of staff, in their order: the net that a gross gives where the law is not applied, the
#: policy that says so ('' = the known month) and the legal nature that it gives ('' = by what the
#: lines rest on).
RATIOS = FrameSchema(
    "ratios",
    {"ratio_net_cents": INT, "ratio_gross_cents": INT, "policy": TEXT, "legal_nature": TEXT},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """STAFF_LINES (signed) between gross and net and of deductions for others, and what they rest
    on: the net before these, RATIOS, GARNISHED, the other deductions, and why pay changes (as in
    StaffMonth).
    """

    lines: pd.DataFrame
    before: Cents
    ratios: pd.DataFrame
    garnished: pd.DataFrame
    deductions: Deductions
    reasons: Mapping[str, Mask]


def net_lines(
    people: StaffMonth,
    month: Month,
    calculation: Calculation,
    rulebook: RuleBook,
    order: PayrunOrder,
) -> tuple[Net, list[Finding]]:
    """Every line between gross and net, and the deductions for others."""
    frame = people.frame
    staying = (frame["payable"] & ~frame["left_before"]).to_numpy(dtype=bool)
    computed = calculation.computed & staying
    by_law, law_change = _by_law(people, calculation, computed)
    no_ratio = _without_ratio(people, month) & staying & ~computed & ~month.rebuilt
    ratios = _ratios(people, no_ratio, rulebook, order)
    by_ratio = _by_ratio(people, month, ratios, staying & ~computed, no_ratio | month.rebuilt)
    findings = findings_for("REB-022", frame[no_ratio], stream=STREAM)
    net: Cents = month.gross_after.copy()
    for rows in (by_law, by_ratio):
        np.add.at(net, rows["person"].to_numpy(), rows["amount_cents"].to_numpy())
    third, found = third_parties(people, calculation, net, staying, order=order, rulebook=rulebook)
    lines = pd.concat([by_law, by_ratio, third.lines], ignore_index=True)
    return Net(
        lines=STAFF_LINES.conform(lines),
        before=net,
        ratios=ratios,
        garnished=third.garnished,
        deductions=third.deductions,
        reasons={
            "law_change": law_change,
            "garnishment_recomputed": third.moved,
            "deduction_limited": third.deductions.cut != 0,
        },
    ), findings + found


def _by_law(
    people: StaffMonth, calculation: Calculation, computed: Mask
) -> tuple[pd.DataFrame, Mask]:
    """The steps of this month's calculation, and the residual of the known month; whose net the law
    changed.

    An amount that is the register's own is `known`; one that the law changed names the figure.
    """
    frame = people.frame
    source = frame["source"].to_numpy(dtype=object)
    register = frame["in_register"].to_numpy(dtype=bool)
    parts = []
    moved_net: Cents = np.zeros(len(frame), dtype=np.int64)
    for step in NET_STEPS:
        amount = calculation.pay[step.cents].to_numpy()
        by_old_law = calculation.old_law_pay[step.cents].to_numpy()
        moved = computed & (amount != by_old_law)
        moved_net += step.sign * np.where(computed, amount - by_old_law, 0)
        known = register & (amount == frame[step.register].to_numpy())
        changed = calculation.changes.get(step.id, "")  # none where nobody could be computed
        rule = np.where(moved, f"step:{step.id} {changed}".rstrip(), f"step:{step.id}")
        parts.append(
            lines_of_some(
                np.flatnonzero(computed),
                step.id,
                step.sign * amount,
                (np.where(known, "known", "recomputed"), rule, source),
            )
        )
    rules = np.full(len(frame), f"step:{QUARTER}")
    parts.append(
        lines_of_some(
            np.flatnonzero(computed),
            SETTLEMENT,
            -calculation.settled,
            (np.full(len(frame), "recomputed"), rules, source),
        )
    )
    explained = calculation.known_pay["net_cents"].to_numpy() - calculation.known_settled
    left = frame["net_before_cents"].to_numpy() - explained
    paid = calculation.people["gross_cents"].to_numpy() != 0  # nothing paid: nothing to anchor
    whole = ~frame["known_partial"].to_numpy(dtype=bool)  # a part of a month anchors no whole one
    left = np.where(register & paid & whole, left, 0)
    texts = (np.full(len(frame), "residual"), np.full(len(frame), RESIDUAL), source)
    parts.append(lines_of_some(np.flatnonzero(computed), "residual", left, texts))
    return pd.concat(parts, ignore_index=True), computed & register & (moved_net != 0)


def _without_ratio(people: StaffMonth, month: Month) -> Mask:
    """Whose gross changed and was none, or gave no net: their own month says nothing."""
    frame = people.frame
    before, net = (frame[f"{name}_before_cents"].to_numpy() for name in ("gross", "net"))
    register = frame["in_register"].to_numpy(dtype=bool)
    found: Mask = (month.gross_after != before) & register & ((before <= 0) | (net <= 0))
    return found


def _ratios(
    people: StaffMonth, no_ratio: Mask, rulebook: RuleBook, order: PayrunOrder
) -> pd.DataFrame:
    """RATIOS: as known of each, and by policy of who has none."""
    policy = policy_of(rulebook.policies, NO_RATIO)
    dated = policy.dated(order.period.first_day)
    net, gross = dated.ratio
    by_policy = {
        "ratio_net_cents": net,
        "ratio_gross_cents": gross,
        "policy": f"policy:{policy.id}",
        "legal_nature": str(dated.legal_nature),
    }
    columns = {name: people.frame[name].mask(no_ratio, value) for name, value in by_policy.items()}
    return RATIOS.conform(pd.DataFrame(columns))


def _by_ratio(
    people: StaffMonth, month: Month, ratios: pd.DataFrame, chosen: Mask, no_ratio: Mask
) -> pd.DataFrame:
    """People whose data do not let the law be applied: the known net, by ratio where it changes."""
    frame = people.frame
    inputs = {
        "person": np.arange(len(frame), dtype=np.int64),
        "gross_before_cents": np.where(no_ratio, 0, frame["gross_before_cents"].to_numpy()),
        "gross_after_cents": month.gross_after,
        "net_before_cents": frame["net_before_cents"].to_numpy(),
        **{name: ratios[name].to_numpy() for name in ("ratio_net_cents", "ratio_gross_cents")},
    }
    for step in NET_STEPS:
        inputs[step.id] = np.where(no_ratio, 0, frame[step.register].to_numpy() * step.sign)
    rows = net_by_ratio(pd.DataFrame(inputs)[chosen])
    person = rows["person"].to_numpy()
    estimated = rows["basis"].to_numpy() != "known"
    policy = ratios["policy"].to_numpy(dtype=object)[person]
    own = np.where(frame["in_register"].to_numpy()[person], RATIO, "")
    texts = {
        "rule_id": np.where(estimated, np.where(policy != "", policy, own), ""),
        "source": frame["source"].to_numpy(dtype=object)[person],
    }
    columns = {name: pd.Series(value, rows.index, dtype=TEXT) for name, value in texts.items()}
    return rows.assign(**columns)
