"""This month's salaries: the last known month, its recurring components, and what changed since."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from payroll.model.findings import Finding, SubjectKind
from payroll.model.frames import DROPPED, SALARY_CHANGES, TEXT, TO_TRUE_UP
from payroll.model.order import PayrunOrder
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import read_adjustments, staff_targets
from payroll.rebuild.estimation import percent_ratio
from payroll.rebuild.gross import Month, gross_lines
from payroll.rebuild.gross_to_net import STATUTORY, gross_to_net
from payroll.rebuild.lines import findings_for, finish_lines
from payroll.rebuild.staff import People, find_people
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import policy_of
from payroll.texts import text

STREAM = "salaries"
NO_RATIO = "without_ratio"
#: Register columns of the statutory lines.
_STATUTORY_COLUMNS = dict(
    zip(
        STATUTORY,
        (
            "personal_contributions_cents", "work_bonus_cents", "withholding_cents",
            "fiscal_work_bonus_cents", "special_contribution_cents",
        ),
        strict=True,
    )
)  # fmt: skip
_THIRD_PARTY = {"other_deductions": "other_deductions_cents", "garnishment": "garnishment_cents"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffResult:
    """This month's salaries; the frames conform to payroll.model.frames.

    ratios: by person of the last register what a gross gives net, for the bonuses: payee_id,
    net_cents (before third-party deductions) and gross_cents (both positive), source.
    """

    lines: pd.DataFrame
    targets: pd.DataFrame
    dropped: pd.DataFrame
    to_true_up: pd.DataFrame
    changes: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    ratios: pd.DataFrame


def rebuild_salaries(
    tables: SourceTables, order: PayrunOrder, rulebook: RuleBook, language: str = "fr"
) -> StaffResult:
    """Rebuild the salaries of `order.period` from `order.last_known` and the adjustments.

    Everybody of the last register and whoever joined is in the result: paid (lines and a target),
    in to_true_up, or named in a finding. An unchanged person gets exactly the known net. Raises
    PayrollError when the rule book lacks a policy or parameter.
    """
    adjustments, findings = read_adjustments(tables, order)
    findings += _other_months(tables, order)
    people, found = find_people(tables, order, rulebook, adjustments)
    findings += found
    month, found = gross_lines(tables, order, rulebook, people, adjustments)
    findings += found
    net, found = _net_lines(people, month, rulebook, order)
    findings += found
    extra = _net_adjustments(adjustments, people)
    findings += _garnished(tables, adjustments)
    lines = _as_lines(pd.concat([month.lines, net, extra], ignore_index=True), people, order)
    paid = people.frame[~people.frame["left_before"] & people.frame["payable"]]
    remittance = text("remittance_salary", language, period=order.period)
    return StaffResult(
        lines=lines,
        targets=staff_targets(tables, order, STREAM, paid, remittance),
        dropped=DROPPED.conform(month.dropped),
        to_true_up=TO_TRUE_UP.conform(people.to_true_up),
        changes=_changes(people, month, lines),
        findings=findings,
        ratios=_ratios(people.frame),
    )


def _other_months(tables: SourceTables, order: PayrunOrder) -> list[Finding]:
    """Register rows that are not of the last known month, one finding per source kind."""
    findings = []
    for kind in ("register_totals", "register_lines"):
        other = tables[kind][tables[kind]["period"] != str(order.last_known)]
        if len(other):
            cell = tables.cell(other["source"].iloc[0], "period")
            row = {"payee_id": ["run"], "observed": [str(len(other))], "source": [cell],
                   "limit": [str(order.last_known)]}  # fmt: skip
            findings += findings_for(
                "REB-036", pd.DataFrame(row), stream=STREAM, kinds=[SubjectKind.RUN]
            )
    return findings


def _ratios(people: pd.DataFrame) -> pd.DataFrame:
    good = people["in_register"] & (people["gross_before"] > 0) & (people["net_before"] > 0)
    return pd.DataFrame(
        {
            "payee_id": people["payee_id"],
            "net_cents": people["net_before"],
            "gross_cents": people["gross_before"],
            "source": people["source"],
        }
    )[good].reset_index(drop=True)


def _net_lines(
    people: People, month: Month, rulebook: RuleBook, order: PayrunOrder
) -> tuple[pd.DataFrame, list[Finding]]:
    """Everything between gross and net, and the deductions for third parties as known."""
    frame = people.frame
    after = month.gross_after
    before = frame["gross_before"].to_numpy()
    register = frame["in_register"].to_numpy()
    changed = after != before
    no_ratio = changed & register & ((before <= 0) | (frame["net_before"].to_numpy() <= 0))
    policy = policy_of(rulebook.policies, NO_RATIO)
    dated = policy.dated(order.period.first_day)
    net, gross = percent_ratio(dated)
    inputs = {
        "person": np.arange(len(frame), dtype=np.int64),
        "gross_before": np.where(no_ratio, 0, before),
        "gross_after": after,
        "net_before": frame["net_before"].to_numpy(),
        "ratio_net": np.where(no_ratio, net, frame["ratio_net"].to_numpy()),
        "ratio_gross": np.where(no_ratio, gross, frame["ratio_gross"].to_numpy()),
    }
    for component, sign in STATUTORY.items():
        known = frame[_STATUTORY_COLUMNS[component]].to_numpy() * sign
        inputs[component] = np.where(no_ratio, 0, known)
    leaving = frame["left_before"].to_numpy()
    rows = gross_to_net(pd.DataFrame(inputs)[~leaving & frame["payable"].to_numpy()])
    third = [
        pd.DataFrame({"person": frame.index, "component": component, "basis": "known"}).assign(
            amount_cents=-frame[column].to_numpy()
        )[(frame[column] != 0).to_numpy() & ~leaving]
        for component, column in _THIRD_PARTY.items()
    ]
    rows = pd.concat([rows, *third], ignore_index=True)
    person = rows["person"].to_numpy()
    estimated = rows["basis"].to_numpy() != "known"
    rule = np.where(estimated & register[person], "rebuild:last_known_ratio", "")
    by_policy = np.where(no_ratio, f"policy:{policy.id}", frame["policy"].to_numpy(dtype=object))
    rule = np.where(estimated & (by_policy[person] != ""), by_policy[person], rule)
    frame["changed"] = changed
    frame.loc[no_ratio, "legal_nature"] = str(dated.legal_nature)
    source = frame["source"].to_numpy(dtype=object)[person]
    rows = rows.assign(rule_id=rule, source=source, quantity="", rate="")
    unsure = frame[no_ratio & ~leaving]
    return rows, findings_for("REB-022", unsure, stream=STREAM)


def _net_adjustments(adjustments: pd.DataFrame, people: People) -> pd.DataFrame:
    """One-off net amounts and new garnishments, as typed."""
    rows = adjustments[adjustments["kind"].isin(["one_off_net", "garnishment"])]
    person = people.positions(rows["payee_id"])
    sign = np.where(rows["kind"] == "garnishment", -1, 1)
    frame = pd.DataFrame(
        {
            "person": person,
            "component": rows["kind"],
            "amount_cents": rows["amount"] * sign,
            "basis": "adjusted",
            "rule_id": "",
            "source": rows["source"],
            "quantity": "",
            "rate": "",
        }
    )
    return frame[people.is_paid(person)]


def _garnished(tables: SourceTables, adjustments: pd.DataFrame) -> list[Finding]:
    rows = adjustments[adjustments["kind"] == "garnishment"]
    sources = [tables.cell(source, "value") for source in rows["source"]]
    return findings_for("REB-023", rows.assign(source=sources), stream=STREAM)


def _as_lines(rows: pd.DataFrame, people: People, order: PayrunOrder) -> pd.DataFrame:
    person = rows["person"].to_numpy()
    frame = people.frame
    register = frame["in_register"] & (frame["legal_nature"] == "")
    nature = np.where(register, np.where(frame["changed"], "full_estimate", "final"),
                      frame["legal_nature"])  # fmt: skip
    columns = {
        name: pd.Series(rows[name].to_numpy(dtype=object), dtype=TEXT)
        for name in ("component", "basis", "rule_id", "source", "quantity", "rate")
    }
    columns["payee_id"] = pd.Series(frame["payee_id"].to_numpy(dtype=object)[person], dtype=TEXT)
    columns["legal_nature"] = pd.Series(nature[person], dtype=TEXT)
    for name, value in (("stream", STREAM), ("earning_period", str(order.period))):
        columns[name] = pd.Series([value] * len(rows), dtype=TEXT)
    amounts = rows["amount_cents"].to_numpy(dtype=np.int64)
    return finish_lines(pd.DataFrame(columns).assign(amount_cents=amounts))


def _changes(people: People, month: Month, lines: pd.DataFrame) -> pd.DataFrame:
    frame = people.frame
    net = np.zeros(len(frame), dtype=np.int64)
    np.add.at(net, people.positions(lines["payee_id"]), lines["amount_cents"].to_numpy())
    known = frame["net_before"] - sum(frame[name] for name in _THIRD_PARTY.values())
    reasons = [f"reason_{name}" for name in people.reasons]
    flags = sum(mask.astype(np.int64) << bit for bit, mask in enumerate(people.reasons.values()))
    texts = {
        int(code): " ".join(name for bit, name in enumerate(reasons) if int(code) >> bit & 1)
        for code in np.unique(flags)
    }
    changes = pd.DataFrame(
        {
            "payee_id": frame["payee_id"],
            "gross_before_cents": frame["gross_before"],
            "gross_after_cents": np.where(frame["left_before"], 0, month.gross_after),
            "net_before_cents": known,
            "net_after_cents": net,
            "reasons": pd.Series([texts[code] for code in np.asarray(flags).tolist()], dtype=TEXT),
        }
    )
    return SALARY_CHANGES.conform(changes[frame["payable"] | frame["in_register"]])
