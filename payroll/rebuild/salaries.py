"""This month's salaries: the last known month, its recurring components, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import INDEX_STEP
from payroll.model.findings import Finding, finding, findings_for
from payroll.model.frames import INT, NOT_CARRIED_OVER, TEXT, FrameSchema
from payroll.model.money import Cents, divide_columns, euros
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import PayrunOrder
from payroll.model.record_frames import CHANGES
from payroll.model.streams import HOLIDAY_PAY, SALARIES
from payroll.model.tables import MAINTENANCE, SourceTables
from payroll.rebuild.adjustments import read_adjustments, staff_targets
from payroll.rebuild.backtest import backtest
from payroll.rebuild.bank_month import bank_findings, bank_lines
from payroll.rebuild.calculation import Calculation, Mask, bases, calculate, time_worked
from payroll.rebuild.deductions import most_deductible, typed_deductions
from payroll.rebuild.deductions_now import garnishments_typed
from payroll.rebuild.gross import Month, gross_lines
from payroll.rebuild.lines import finish_lines, staff_lines
from payroll.rebuild.net import STREAM, Net, net_lines
from payroll.rebuild.partial import by_policy
from payroll.rebuild.people import people_of_record
from payroll.rebuild.quarter import settled_months
from payroll.rebuild.recurring import with_codes
from payroll.rebuild.staff import StaffMonth, find_people, with_deductions
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.rebuild.third_parties import lawful_part
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import PAID_BY_BANK
from payroll.rulebook.entries import value_text
from payroll.rulebook.index import index_step
from payroll.texts import sent_text

_THIRD_PARTY = {"other_deductions": "other_deductions_cents", "garnishment": "garnishment_cents"}


#: Per member of staff, in their order: what CALCULATION_INPUT would be of a month paid in full.
WHOLE_MONTH = FrameSchema(
    "whole_month", {"gross_cents": INT, "nsso_cents": INT, "pension_cents": INT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffResult(StreamResult):
    """This month's salaries.

    people, month, calculation, garnished: who they are, the gross, both months' gross to net and
    GARNISHED, for what else is paid in the month. whole: WHOLE_MONTH.
    """

    people: StaffMonth
    month: Month
    calculation: Calculation
    garnished: pd.DataFrame
    whole: pd.DataFrame


def rebuild_salaries(given: RebuildInput) -> StaffResult:
    """Rebuild the salaries of the period from the last known month and the adjustments.

    Everybody of the last register and whoever joined is in the result: paid (lines and a target),
    in to_settle, or named in a finding. An unchanged person gets exactly the known net. Raises
    PayrollError when the rule book lacks a policy or parameter.
    """
    tables, order, rulebook = given.tables, given.order, given.rulebook
    adjustments, findings = read_adjustments(tables, order)
    adjustments, found = with_codes(adjustments, tables, rulebook.components)
    findings += found + _other_months(tables, order)
    adjustments = garnishments_typed(adjustments, order)
    people, found = find_people(tables, order, rulebook, adjustments)
    findings += found
    month, found = gross_lines(tables, order, rulebook, people, adjustments)
    findings += found + _indexed(order, rulebook, month)
    people = by_policy(people, month.rebuilt, tables, order, rulebook)
    calculation, found = _calculate(tables, people, month, order, rulebook)
    findings += found
    net, of_net = net_lines(people, month, calculation, rulebook, order)
    asked = len(adjustments)
    adjustments, found = _garnishments(tables, adjustments, people, net, calculation)
    findings += found
    if len(adjustments) < asked:
        # what the register takes stands again where the typed one is not taken
        people = with_deductions(people, adjustments, order)
        net, of_net = net_lines(people, month, calculation, rulebook, order)
    findings += of_net + _replaced(adjustments, people)
    as_paid = bank_lines(people, month, order, rulebook)
    before = net.before.copy()
    np.add.at(before, as_paid["person"].to_numpy(), as_paid["amount_cents"].to_numpy())
    adjustments, left_out, found = typed_deductions(
        tables,
        adjustments,
        people,
        most=most_deductible(before, order, rulebook),
        taken=net.deductions.taken,
        order=order,
        rulebook=rulebook,
    )
    findings += found
    extra = _net_adjustments(adjustments, people)
    findings += bank_findings(tables)
    findings += _idle(tables, adjustments, people)
    drafts = pd.concat([month.lines, net.lines, extra, as_paid], ignore_index=True)
    lines = _as_lines(drafts, people, _natures(people, net, drafts), order)
    reasons = {**people.reasons, **month.reasons, **net.reasons}
    seized = people.positions(adjustments.loc[adjustments["kind"] == "garnishment", "payee_id"])
    reasons["garnishment_added"] &= people.mask(seized[seized >= 0])
    paid = people.frame[~people.frame["left_before"] & people.frame["payable"]]
    whole = _whole_month(people, month, rulebook)
    remittance = sent_text(SALARIES.remittance, given.language, period=order.period)
    return StaffResult(
        lines=lines,
        targets=staff_targets(tables, order, STREAM, paid, remittance),
        not_carried_over=_joined(month.not_carried_over, net.deductions.left_out, left_out),
        to_settle=people.to_settle,
        changes=_changes(
            people,
            month,
            calculation,
            lines,
            reasons,
            index=_index_effects(month, calculation, net),
        ),
        findings=findings,
        people=people,
        month=month,
        calculation=calculation,
        garnished=net.garnished,
        whole=whole,
        record=people_of_record(tables, people, calculation, net, month=month, whole=whole),
        backtest=backtest(tables, order, people, month, calculation),
    )


def _other_months(tables: SourceTables, order: PayrunOrder) -> list[Finding]:
    """Register rows of a month that is not used, one finding per source kind."""
    findings = []
    used = [str(order.last_known), *(str(month) for month in settled_months(order.period))]
    holidays = order.section(HOLIDAY_PAY)
    used += [str(holidays.basis_month)] if holidays is not None else []
    for kind in ("register_totals", "register_lines"):
        other = tables[kind][~tables[kind]["period"].isin(used)]
        if len(other):
            cell = tables.cell(other["source"].iloc[0], "period")
            told = finding(
                "REB-036",
                stream=STREAM,
                observed=str(len(other)),
                limit=str(order.last_known),
                source=cell,
            )
            findings.append(told)
    return findings


def _indexed(order: PayrunOrder, rulebook: RuleBook, month: Month) -> list[Finding]:
    """Public pay was indexed between the two months: from what to what, and for how many."""
    step = index_step(rulebook.parameters, order.last_known.first_day, order.period.first_day)
    if step is None:
        return []
    told = finding(
        "REB-046",
        stream=STREAM,
        observed=value_text(step.new),
        limit=value_text(step.old),
        since=step.since.isoformat(),
        count=str(int(month.reasons["index_step"].sum())),
    )
    return [told]


def _calculate(
    tables: SourceTables, people: StaffMonth, month: Month, order: PayrunOrder, rulebook: RuleBook
) -> tuple[Calculation, list[Finding]]:
    """Gross to net of both months for everybody whose data allow it."""
    frame = people.frame
    statutory = people.household["statutory"].to_numpy(dtype=bool)
    fte, days = (frame[name].to_numpy() for name in ("fte_millionths", "known_working_days"))
    known = {
        **bases(month.known, statutory, rulebook.components),
        **time_worked(fte, days, order.last_known),
    }
    shared = month.shared
    now = {
        **bases(month.lines, statutory, rulebook.components),
        "month_days": np.full(len(frame), len(order.period.working_days), dtype=np.int64),
        "work_days": shared.work_days,
        "part_time": shared.part_time,
    }
    without = month.lines[month.lines["component"] != INDEX_STEP]
    indexed = len(without) < len(month.lines)
    return calculate(
        tables,
        order,
        rulebook,
        ids=people.ids,
        household=people.household,
        known=pd.DataFrame(known),
        now=pd.DataFrame(now),
        unindexed=bases(without, statutory, rulebook.components) if indexed else None,
        known_holiday=month.known_holiday,
        computable=frame["computable"].to_numpy(dtype=bool),
    )


def _whole_month(people: StaffMonth, month: Month, rulebook: RuleBook) -> pd.DataFrame:
    """WHOLE_MONTH: what the normal pay of a year goes by, whatever part of the month is paid."""
    statutory = people.household["statutory"].to_numpy(dtype=bool)
    found = bases(month.whole, statutory, rulebook.components)
    return WHOLE_MONTH.conform(pd.DataFrame({name: found[name] for name in WHOLE_MONTH.columns}))


def _net_adjustments(adjustments: pd.DataFrame, people: StaffMonth) -> pd.DataFrame:
    """STAFF_LINES: one-off net amounts as typed, and new garnishments."""
    rows = adjustments[adjustments["kind"].isin(["one_off_net", "garnishment"])]
    rows = rows[people.is_paid(people.positions(rows["payee_id"]))]
    return staff_lines(
        people.positions(rows["payee_id"]),
        component=rows["kind"],
        amount_cents=rows["amount"] * np.where(rows["kind"] == "garnishment", -1, 1),
        basis="adjusted",
        source=rows["source"],
        rule_id=rows["rule_id"],
    )


def _joined(*dropped: pd.DataFrame) -> pd.DataFrame:
    """NOT_CARRIED_OVER of several."""
    parts = [rows for rows in dropped if len(rows)] or [NOT_CARRIED_OVER.empty()]
    return NOT_CARRIED_OVER.conform(pd.concat(parts, ignore_index=True))


def _idle(tables: SourceTables, adjustments: pd.DataFrame, people: StaffMonth) -> list[Finding]:
    """Adjustments of somebody who gets no salary this month: said, for nothing comes of them."""
    rows = adjustments[~adjustments["kind"].isin(["joiner", "leaver"])]
    rows = rows[~people.is_paid(people.positions(rows["payee_id"]))]
    sources = [tables.cell(source, "kind") for source in rows["source"]]
    rows = rows.assign(source=sources, observed=rows["kind"] + " " + rows["adjustment_id"])
    return findings_for("REB-042", rows, stream=STREAM)


def _replaced(adjustments: pd.DataFrame, people: StaffMonth) -> list[Finding]:
    """Whose garnishment of the register gives way to what was typed: both amounts (REB-057)."""
    frame = people.frame
    rows = frame[frame["garnishment_replaced"] & (frame["garnishment_cents"] != 0)]
    typed = adjustments[adjustments["kind"] == "garnishment"].groupby("payee_id")["amount"].sum()
    now = typed.reindex(rows["payee_id"]).fillna(0).astype("int64").tolist()
    rows = rows.assign(
        observed=[euros(cents) for cents in now],
        limit=[euros(cents) for cents in rows["garnishment_cents"].tolist()],
    )
    return findings_for("REB-057", rows[people.is_paid(rows.index.to_numpy())], stream=STREAM)


def _garnishments(
    tables: SourceTables,
    adjustments: pd.DataFrame,
    people: StaffMonth,
    net: Net,
    calculation: Calculation,
) -> tuple[pd.DataFrame, list[Finding]]:
    """The adjustments, each garnishment with what the law lets be taken of it, none with nothing.

    Each is told: one that is taken as typed (REB-023), one that is taken in part or not (REB-050).
    """
    typed = adjustments[adjustments["kind"] == "garnishment"]
    typed = typed[people.is_paid(people.positions(typed["payee_id"]))]
    typed = typed.assign(
        person=people.positions(typed["payee_id"]), maintenance=typed["component"] == MAINTENANCE
    )
    typed = typed.join(lawful_part(people, net.garnished, typed, calculation.law))
    shown = typed.assign(
        source=[tables.cell(source, "value") for source in typed["source"]],
        observed=[euros(cents) for cents in typed["amount"].tolist()],
        part=[euros(cents) for cents in typed["taken"].tolist()],
    )
    cut = typed["taken"] != typed["amount"]
    findings = findings_for("REB-023", shown[~cut].assign(limit="", observed=""), stream=STREAM)
    rows = shown[cut]
    findings += findings_for(
        "REB-050", rows, stream=STREAM, id=rows["adjustment_id"], part=rows["part"]
    )
    taken = typed["taken"].reindex(adjustments.index).fillna(adjustments["amount"])
    adjustments = adjustments.assign(amount=taken.astype("int64"))
    return adjustments[~adjustments.index.isin(typed.index[typed["taken"] == 0])], findings


def _natures(people: StaffMonth, net: Net, drafts: pd.DataFrame) -> npt.NDArray[np.object_]:
    """The legal nature of each person's pay: by policy, else by what its lines (STAFF_LINES) rest
    on: final where the law and the sources alone shaped it, provisional where a residual or an
    estimate did.
    """
    given = net.ratios["legal_nature"].to_numpy(dtype=object)
    shaped = drafts["basis"].isin(["residual", "estimated"]) & (drafts["amount_cents"] != 0)
    provisional = people.mask(drafts.loc[shaped, "person"].to_numpy())
    found: npt.NDArray[np.object_] = np.where(
        given != "", given, np.where(provisional, "full_estimate", "final")
    )
    return found


def _as_lines(
    rows: pd.DataFrame, people: StaffMonth, natures: npt.NDArray[np.object_], order: PayrunOrder
) -> pd.DataFrame:
    """FACTORED_LINES of STAFF_LINES."""
    person = rows["person"].to_numpy()
    frame = people.frame
    columns = {
        "payee_id": frame["payee_id"].to_numpy(dtype=object)[person],
        "legal_nature": natures[person],
        "stream": [STREAM] * len(rows),
        "earning_period": [str(order.period)] * len(rows),
    }
    texts = {name: pd.Series(value, rows.index, dtype=TEXT) for name, value in columns.items()}
    return finish_lines(rows.assign(**texts))


def _law_effects(people: StaffMonth, calculation: Calculation) -> Cents:
    """What the law itself changed of the net of everybody who was in the last register, else 0."""
    frame = people.frame
    staying = (frame["payable"] & ~frame["left_before"] & frame["in_register"]).to_numpy(dtype=bool)
    moved: Cents = np.zeros(len(frame), dtype=np.int64)
    for step in NET_STEPS:
        pay, by_old_law = (
            found[step.cents].to_numpy() for found in (calculation.pay, calculation.old_law_pay)
        )
        moved += step.sign * (pay - by_old_law)
    return np.where(calculation.computed & staying, moved, 0)


def _index_effects(month: Month, calculation: Calculation, net: Net) -> Cents:
    """What an index since the known month added to the net: by the law, else by the ratio."""
    old, without = (
        found["net_cents"].to_numpy()
        for found in (calculation.old_law_pay, calculation.unindexed_pay)
    )
    numerator, denominator = (
        net.ratios[name].to_numpy() for name in ("ratio_net_cents", "ratio_gross_cents")
    )
    after = month.gross_after
    with_it, without_it = (
        divide_columns(numerator * gross, denominator) for gross in (after, after - month.indexed)
    )
    return np.where(calculation.computed, old - without, with_it - without_it)


def _changes(
    people: StaffMonth,
    month: Month,
    calculation: Calculation,
    lines: pd.DataFrame,
    masks: Mapping[str, Mask],
    *,
    index: Cents,
) -> pd.DataFrame:
    """CHANGES of everybody in the last register, paid by the bank or newly to be paid.

    masks: whose pay changes, by the reason.
    """
    frame = people.frame
    net = np.zeros(len(frame), dtype=np.int64)
    np.add.at(net, people.positions(lines["payee_id"]), lines["amount_cents"].to_numpy())
    known = frame["net_before_cents"] - sum(frame[name] for name in _THIRD_PARTY.values())
    known += frame["net_paid_cents"]
    reasons = [f"reason_{name}" for name in masks]
    flags = sum(mask.astype(np.int64) << bit for bit, mask in enumerate(masks.values()))
    texts = {
        int(code): " ".join(name for bit, name in enumerate(reasons) if int(code) >> bit & 1)
        for code in np.unique(flags)
    }
    changes = pd.DataFrame(
        {
            "stream": pd.Series([STREAM] * len(frame), dtype=TEXT),
            "payee_id": frame["payee_id"],
            "had_before": frame["in_register"] | (frame["origin"] == PAID_BY_BANK),
            "gross_before_cents": frame["gross_before_cents"],
            "gross_after_cents": np.where(frame["left_before"], 0, month.gross_after),
            "net_before_cents": known,
            "net_after_cents": net,
            "law_cents": _law_effects(people, calculation),
            "index_cents": index,
            "reasons": pd.Series([texts[code] for code in np.asarray(flags).tolist()], dtype=TEXT),
        }
    )
    return CHANGES.conform(changes[frame["payable"] | frame["in_register"]])
