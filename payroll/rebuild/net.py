"""From this month's gross to its net: by the law and a residual, or by ratio without the data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.columns import Trail
from payroll.gross_to_net.engine import run_step
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, findings_for
from payroll.model.frames import TEXT
from payroll.model.money import LINE_CENTS_MAX, Cents, euros
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import PayrunOrder
from payroll.model.streams import SALARIES
from payroll.rebuild.calculation import Calculation, Mask
from payroll.rebuild.estimation import NO_RATIO, percent_ratio
from payroll.rebuild.gross import Month
from payroll.rebuild.lines import STAFF_LINES, staff_lines
from payroll.rebuild.quarter import STEP as QUARTER
from payroll.rebuild.ratio import net_by_ratio
from payroll.rebuild.staff import People
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import policy_of
from payroll.rulebook.law import Law

STREAM = SALARIES.name
#: What is left of a claim that takes the legal maximum every month.
NO_END = LINE_CENTS_MAX
SETTLEMENT = "special_contribution_settlement"
RESIDUAL, RATIO = "rebuild:residual", "rebuild:last_known_ratio"


def net_lines(
    people: People, month: Month, calculation: Calculation, rulebook: RuleBook, order: PayrunOrder
) -> tuple[pd.DataFrame, list[Finding]]:
    """STAFF_LINES (signed): every line between gross and net, and the deductions for others."""
    frame = people.frame
    staying = (frame["payable"] & ~frame["left_before"]).to_numpy(dtype=bool)
    computed = calculation.computed & staying
    frame["changed"] = month.gross_after != frame["gross_before"].to_numpy()
    by_law = _by_law(people, calculation, computed)
    by_ratio, findings = _by_ratio(people, month, staying & ~computed, rulebook, order)
    net: Cents = month.gross_after.copy()
    for rows in (by_law, by_ratio):
        np.add.at(net, rows["person"].to_numpy(), rows["amount_cents"].to_numpy())
    third, found = _third_parties(people, calculation, net, staying)
    lines = pd.concat([by_law, by_ratio, third], ignore_index=True)
    return STAFF_LINES.conform(lines), findings + found


def _by_law(people: People, calculation: Calculation, computed: Mask) -> pd.DataFrame:
    """The steps of this month's calculation, and the residual of the known month.

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
            _rows(
                np.flatnonzero(computed),
                step.id,
                step.sign * amount,
                (np.where(known, "known", "recomputed"), rule, source),
            )
        )
    people.because("law_change", computed & register & (moved_net != 0))
    rules = np.full(len(frame), f"step:{QUARTER}")
    parts.append(
        _rows(
            np.flatnonzero(computed),
            SETTLEMENT,
            -calculation.settled,
            (np.full(len(frame), "recomputed"), rules, source),
        )
    )
    explained = calculation.known_pay["net_cents"].to_numpy() - calculation.known_settled
    left = frame["net_before"].to_numpy() - explained
    paid = calculation.people["gross_cents"].to_numpy() != 0  # nothing paid: nothing to anchor
    left = np.where(register & paid, left, 0)
    texts = (np.full(len(frame), "residual"), np.full(len(frame), RESIDUAL), source)
    parts.append(_rows(np.flatnonzero(computed), "residual", left, texts))
    return pd.concat(parts, ignore_index=True)


def _by_ratio(
    people: People, month: Month, chosen: Mask, rulebook: RuleBook, order: PayrunOrder
) -> tuple[pd.DataFrame, list[Finding]]:
    """People whose data do not let the law be applied: the known net, by ratio where it changes."""
    frame = people.frame
    before = frame["gross_before"].to_numpy()
    register = frame["in_register"].to_numpy()
    changed = month.gross_after != before
    no_ratio = changed & register & ((before <= 0) | (frame["net_before"].to_numpy() <= 0))
    no_ratio &= chosen
    policy = policy_of(rulebook.policies, NO_RATIO)
    dated = policy.dated(order.period.first_day)
    net, gross = percent_ratio(dated)
    inputs = {
        "person": np.arange(len(frame), dtype=np.int64),
        "gross_before": np.where(no_ratio, 0, before),
        "gross_after": month.gross_after,
        "net_before": frame["net_before"].to_numpy(),
        "ratio_net": np.where(no_ratio, net, frame["ratio_net"].to_numpy()),
        "ratio_gross": np.where(no_ratio, gross, frame["ratio_gross"].to_numpy()),
    }
    for step in NET_STEPS:
        inputs[step.id] = np.where(no_ratio, 0, frame[step.register].to_numpy() * step.sign)
    rows = net_by_ratio(pd.DataFrame(inputs)[chosen])
    person = rows["person"].to_numpy()
    estimated = rows["basis"].to_numpy() != "known"
    rule = np.where(estimated & register[person], RATIO, "")
    by_policy = np.where(no_ratio, f"policy:{policy.id}", frame["policy"].to_numpy(dtype=object))
    rule = np.where(estimated & (by_policy[person] != ""), by_policy[person], rule)
    frame.loc[no_ratio, "legal_nature"] = str(dated.legal_nature)
    source = frame["source"].to_numpy(dtype=object)[person]
    findings = findings_for("REB-022", frame[no_ratio], stream=STREAM)
    texts = {"rule_id": rule, "source": source}
    return rows.assign(
        **{name: pd.Series(value, dtype=TEXT) for name, value in texts.items()}
    ), findings


def _third_parties(
    people: People, calculation: Calculation, net: Cents, staying: Mask
) -> tuple[pd.DataFrame, list[Finding]]:
    """Other deductions as known; a garnishment as known, or by the law where it follows the net.

    net: this month's net before third-party deductions, per person. A garnishment that was the
    legal maximum of the known month is the maximum of this one; a smaller one stays, but within
    this month's maximum; a larger one (maintenance has no limit) stays.
    """
    frame = people.frame
    source = frame["source"].to_numpy(dtype=object)
    other, known = (
        frame[f"{name}_cents"].to_numpy() for name in ("other_deductions", "garnishment")
    )
    person = np.flatnonzero(staying)
    everybody = np.full(len(frame), "known")
    texts = (everybody, np.full(len(frame), ""), source)
    rows = [_rows(person, "other_deductions", -other, texts)]
    seized = known.copy()
    by_law = np.zeros(len(frame), dtype=bool)
    follows = np.flatnonzero(calculation.computed & staying & (known > 0))
    limits, findings = _limits(people, follows, calculation, net - other)
    if limits is not None:
        before, after = limits
        own = known[follows]
        by_law[follows] = own == before
        more = frame.iloc[follows[own > before]].assign(
            observed=[euros(cents) for cents in own[own > before].tolist()],
            limit=[euros(cents) for cents in before[own > before].tolist()],
        )
        findings += findings_for("REB-045", more, stream=STREAM)
        seized[follows] = np.where(
            own == before, after, np.where(own < before, np.minimum(own, after), own)
        )
    frame["seizable"], frame["seized"] = net - other, seized
    frame["claim_left"] = np.where(by_law, NO_END, np.maximum(known - seized, 0))
    moved = staying & (seized != known)
    rows.append(
        _rows(
            person,
            "garnishment",
            -seized,
            (
                np.where(moved, "recomputed", "known"),
                np.where(moved, "step:garnishment", ""),
                source,
            ),
        )
    )
    people.because("garnishment_recomputed", moved)
    findings += findings_for("REB-039", frame[moved], stream=STREAM)
    return pd.concat(rows, ignore_index=True), findings


def _limits(
    people: People, person: npt.NDArray[np.intp], calculation: Calculation, net: Cents
) -> tuple[tuple[Cents, Cents] | None, list[Finding]]:
    """The legal maximum of the known month and of this one, each by its own law.

    Without bands for one of them each of these people is held: a person decides. net: of this
    month, before garnishment.
    """
    if not len(person) or calculation.law is None or calculation.known_law is None:
        return None, []
    frame = people.frame
    known = (frame["net_before"] - frame["other_deductions_cents"]).to_numpy()
    try:
        before = _legal_maximum(people, person, known[person], calculation.known_law)
        return (before, _legal_maximum(people, person, net[person], calculation.law)), []
    except PayrollError as error:
        if error.error_id != "parameter_not_in_force":
            raise
        held = frame.iloc[person].assign(
            observed=error.params["parameter"], limit=error.params["day"]
        )
        return None, findings_for("REB-040", held)


def seized_of_more(people: People, person: npt.NDArray[np.intp], more: Cents, law: Law) -> Cents:
    """What a garnishment takes of a further net of the same month (cents).

    All payments of a month add up (facts 6): the maximum of the whole less what the salary bore,
    and of an instalment no more than is left of it.
    """
    frame = people.frame
    seized, left = (frame[name].to_numpy()[person] for name in ("seized", "claim_left"))
    taken: Cents = np.zeros(len(more), dtype=np.int64)
    rows = np.flatnonzero(left > 0)
    if len(rows):
        net = frame["seizable"].to_numpy()[person[rows]] + more[rows]
        whole = _legal_maximum(people, person[rows], net, law)
        taken[rows] = np.clip(whole - seized[rows], 0, left[rows])
    return taken


def _legal_maximum(people: People, person: npt.NDArray[np.intp], net: Cents, law: Law) -> Cents:
    children = people.household["children"].to_numpy()  # a disabled one counts once here
    found: Cents = run_step(law.step("garnishment"), Trail(), net, children[person])
    return found


def _rows(
    person: npt.NDArray[np.intp],
    component: str,
    amount: Cents,
    texts: tuple[npt.NDArray[np.str_], npt.NDArray[np.str_], npt.NDArray[np.object_]],
) -> pd.DataFrame:
    """Lines of one component for some people; amount and texts (basis, rule, source) are those of
    everybody.
    """
    basis, rule, source = texts
    person = person[amount[person] != 0]
    return staff_lines(
        person,
        component=component,
        amount_cents=amount[person],
        basis=basis[person],
        rule_id=rule[person],
        source=source[person],
    )
