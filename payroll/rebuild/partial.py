"""A known month that was not whole: its scale salary is that of the contract, not what was paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import BASE_SALARY, GROSS_RESIDUAL
from payroll.model.findings import Finding, findings_for
from payroll.model.frames import INT, TEXT, TO_SETTLE, FrameSchema, join_texts
from payroll.model.money import Cents, divide, divide_columns, euros
from payroll.model.order import PayrunOrder
from payroll.model.period import Period
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.absences import ABSENCES, ended_by_return
from payroll.rebuild.adjustments import parse_days
from payroll.rebuild.lines import STAFF_LINES
from payroll.rebuild.proration import DAYS, FULL_TIME, first_index, fte_text, known_fte, last_index
from payroll.rebuild.staff import STAFF_MONTH, Mask, StaffMonth
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import HELD, PAID_BY_BANK, PARTIAL_MONTH, policy_of

#: A register that keeps to the contract differs from it by a cent of rounding at most (cents).
ROUNDED = 2
#: Recurring lines that were made whole. row: which; scale: the scale salary, by the contract; the
#: others are base x numerator / denominator.
_MADE = FrameSchema(
    "made_whole", {"row": INT, "scale": INT, "base": INT, "numerator": INT, "denominator": INT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeMonth:
    """The recurring lines of a known month that is whole for everybody.

    rebuilt: whose were made so. made: which lines, and of what.
    """

    rows: pd.DataFrame
    rebuilt: Mask
    made: pd.DataFrame


def made_whole(
    rows: pd.DataFrame,
    people: StaffMonth,
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
) -> tuple[WholeMonth, list[Finding]]:
    """The recurring lines of the known month (person, amount_cents, component, rule_id, source,
    prorated) as they would be had nobody been there for a part of it only.

    The month of who was hired or left within it, or was away from it, is not whole where less
    scale salary was paid than the contract gives. By policy the scale salary is then that of the
    contract, as indexed in that month, and what else follows the days is raised in proportion; or
    the person is held. Raises PayrollError when the rule book has no such policy.
    """
    frame = people.frame
    due = contract_cents(frame)
    person = rows["person"].to_numpy()
    scale = (rows["component"] == BASE_SALARY).to_numpy()
    paid: Cents = np.zeros(len(frame), dtype=np.int64)
    np.add.at(paid, person[scale], rows["amount_cents"].to_numpy()[scale])
    away = away_in_known_month(tables["adjustments"], order)
    where = people.positions(away.index.to_series().astype("str"))
    told = (frame["known_thirtieths"] < DAYS).to_numpy(copy=True)
    told[where[where >= 0]] = True
    told &= frame["in_register"].to_numpy(dtype=bool) & people.is_paid(np.arange(len(frame)))
    partial: Mask = told & (due > 0) & (paid < due - ROUNDED)
    found = np.flatnonzero(partial)
    policy = policy_of(rulebook.policies, PARTIAL_MONTH)
    held = policy.dated(order.period.first_day).method == HELD
    shown = _shown(people, found, tables, away).assign(
        observed=[euros(cents) for cents in due[found].tolist()],
        limit=[euros(cents) for cents in paid[found].tolist()],
    )
    rule_id = "REB-059" if held else "REB-058"
    findings = findings_for(rule_id, shown.drop(columns="row"), stream=SALARIES.name)
    findings += _hired_late(people, partial, tables, order)
    if held or not len(found):
        return WholeMonth(rows=rows, rebuilt=np.zeros_like(partial), made=_MADE.empty()), findings
    source = shown["row"].to_numpy(dtype=object)
    made = _made(rows, partial, (due, paid), source, f"policy:{policy.id}")
    return made, findings


def contract_cents(frame: pd.DataFrame) -> Cents:
    """The scale salary of the whole known month by the contract of each (STAFF_MONTH), in cents."""
    fte = known_fte(frame["fte_millionths"])
    return divide(frame["known_monthly_cents"].to_numpy() * fte, FULL_TIME)


def away_in_known_month(adjustments: pd.DataFrame, order: PayrunOrder) -> pd.Series[str]:
    """Who was away without pay for a part of the known month, by what was typed: the rows that say
    so, by payee. A return counts where the absence that it ends was of that month, or is not told.
    """
    rows = _absences(adjustments, order)
    told: pd.Series[str] = rows.groupby("payee_id")["source"].agg(join_texts).astype("str")
    return told


def _absences(adjustments: pd.DataFrame, order: PayrunOrder) -> pd.DataFrame:
    """The adjustments that say that somebody was away within the known month, `to` the last day."""
    rows = adjustments[
        adjustments["kind"].isin([*ABSENCES, "return"]) & adjustments["from"].notna()
    ]
    amount = pd.Series([parse_days(text) or 0 for text in rows["value"]], rows.index, dtype=INT)
    rows = ended_by_return(rows.assign(amount=amount), order)
    begin, end = (
        pd.Timestamp(day) for day in (order.last_known.first_day, order.last_known.last_day)
    )
    back = rows["kind"] == "return"
    days = pd.to_timedelta(rows["amount"] - 1, unit="D")
    last = rows["to"].fillna(rows["from"] + days)
    away = ~back & (rows["from"] <= end) & (last >= begin) & (last >= rows["from"])
    later = rows.loc[~back & (rows["from"] > end), "payee_id"]
    within = (rows["from"] > begin) & (rows["from"] <= pd.Timestamp(order.period.last_day))
    away |= back & within & ((rows["from"] <= end) | ~rows["payee_id"].isin(later))
    return rows.assign(to=last)[away]


def _days_there(
    people: StaffMonth, rebuilt: Mask, tables: SourceTables, order: PayrunOrder
) -> Mapping[str, Cents]:
    """Paid thirtieths and working days of the known month of everybody, those of the rebuilt
    without the days on which they were away: so were they paid, work bonus included.

    Of who came back and of whom no absence was typed, the days before are such.
    """
    frame, of = people.frame, order.last_known
    rows = _absences(tables["adjustments"], order)
    back = rows["kind"] == "return"
    told = back & rows["payee_id"].isin(rows.loc[~back, "payee_id"])
    rows = rows[~told]
    first = rows["from"].mask(back, pd.Timestamp(of.first_day))
    last = rows["to"].mask(back, rows["from"] - pd.Timedelta(days=1))
    person = people.positions(rows["payee_id"])
    staff = tables["employees"].drop_duplicates("employee_id").set_index("employee_id")
    staff = staff.reindex(people.ids)
    found = {}
    for name, length, counted in (
        ("known_thirtieths", DAYS, range(1, DAYS + 1)),
        ("known_working_days", of.days, of.working_days),
    ):
        days = np.array(counted)
        there = _within(days, staff["hire_date"], staff["leave_date"], of, length)
        away = np.zeros_like(there)
        np.logical_or.at(
            away, person[person >= 0], _within(days, first, last, of, length)[person >= 0]
        )
        paid = np.maximum((there & ~away).sum(axis=1), 1)
        found[name] = np.where(rebuilt, paid, frame[name].to_numpy())
    return found


def _within(
    days: npt.NDArray[np.int64],
    first: pd.Series[pd.Timestamp],
    last: pd.Series[pd.Timestamp],
    month: Period,
    length: int,
) -> Mask:
    """Per row and day of a month whether the day lies between two dates."""
    begin, end = first_index(first, month, length), last_index(last, month, length)
    found: Mask = (days >= begin[:, None]) & (days <= end[:, None])
    return found


def _made(
    rows: pd.DataFrame,
    partial: Mask,
    amounts: tuple[Cents, Cents],
    source: npt.NDArray[np.object_],
    policy: str,
) -> WholeMonth:
    """The rows of the partial: one scale salary each instead of theirs, the others in proportion.

    amounts: what the contract gives and what was paid, per person; source: per partial person.
    """
    due, paid = amounts
    found = np.flatnonzero(partial)
    scale = (rows["component"] == BASE_SALARY).to_numpy()
    rows = rows[~(scale & partial[rows["person"].to_numpy()])].reset_index(drop=True)
    person, known = rows["person"].to_numpy(), rows["amount_cents"].to_numpy()
    other = partial[person] & rows["prorated"].to_numpy(dtype=bool) & (paid[person] > 0)
    other &= (rows["component"] != GROSS_RESIDUAL).to_numpy()
    raised = divide_columns(known * due[person], np.maximum(paid[person], 1))
    rows = rows.assign(
        amount_cents=np.where(other, raised, known),
        rule_id=rows["rule_id"].mask(other, (rows["rule_id"] + f" {policy}").str.strip()),
    )
    new = pd.DataFrame(
        {
            "person": found,
            "amount_cents": due[found],
            "component": BASE_SALARY,
            "rule_id": f"component:{BASE_SALARY} {policy}",
            "source": source,
            "prorated": True,
        }
    )
    at, none = np.flatnonzero(other), np.zeros_like(due[found])
    made = pd.DataFrame(
        {
            "row": np.concatenate([at, len(rows) + np.arange(len(new))]),
            "scale": np.repeat([0, 1], [len(at), len(new)]),
            "base": np.concatenate([known[at], due[found]]),
            "numerator": np.concatenate([due[person[at]], none]),
            "denominator": np.concatenate([paid[person[at]], none]),
        }
    )
    whole = pd.concat([rows, new], ignore_index=True)
    return WholeMonth(rows=whole, rebuilt=partial, made=_MADE.conform(made))


def _shown(
    people: StaffMonth, found: npt.NDArray[np.intp], tables: SourceTables, away: pd.Series[str]
) -> pd.DataFrame:
    """Of some people: payee_id; row, the row of the list with the adjustments that say why; and
    source, the same with the cell.
    """
    ids = people.frame["payee_id"].iloc[found].reset_index(drop=True)
    staff = tables["employees"].drop_duplicates("employee_id").set_index("employee_id")["source"]
    own = staff.reindex(ids).fillna("").tolist()
    why = away.reindex(ids).fillna("").tolist()
    rows = [join_texts(pair) for pair in zip(own, why, strict=True)]
    cells = [
        join_texts([tables.cell(row, "monthly_gross"), text])
        for row, text in zip(own, why, strict=True)
    ]
    texts: Mapping[str, list[str]] = {"row": rows, "source": cells}
    return pd.DataFrame({"payee_id": ids, **texts}).astype("str")


def _hired_late(
    people: StaffMonth, partial: Mask, tables: SourceTables, order: PayrunOrder
) -> list[Finding]:
    """Others hired within the known month: what is known of their pay may be a part of it."""
    frame, known = people.frame, order.last_known
    before = (frame["in_register"] | (frame["origin"] == PAID_BY_BANK)) & ~partial
    staff = tables["employees"].drop_duplicates("employee_id")
    late = staff["hire_date"] > pd.Timestamp(known.first_day)
    late &= staff["hire_date"] <= pd.Timestamp(known.last_day)
    rows = staff[late & staff["employee_id"].isin(frame.loc[before, "payee_id"])]
    rows = rows.rename(columns={"employee_id": "payee_id"})
    rows = rows.assign(
        source=[tables.cell(source, "hire_date") for source in rows["source"]],
        observed=[str(day)[:10] for day in rows["hire_date"]],
    )
    return findings_for("REB-024", rows, stream=SALARIES.name)


def lines_made(
    paid: pd.DataFrame, whole: WholeMonth, people: StaffMonth, worked: Cents, split: Cents
) -> pd.DataFrame:
    """The recurring lines (STAFF_LINES, in the order of their rows) with what those of a month that
    was made whole are made of: full-time pay of the contract, days and working time.

    worked: thirtieths x working time per person; split: rows that hold for a part of the month.
    """
    made = whole.made[~whole.made["row"].isin(split)]
    if made.empty:
        return paid
    frame, paid = people.frame, paid.copy()
    scale = made.loc[made["scale"] == 1, "row"].to_numpy()
    person = paid["person"].to_numpy()[scale]
    monthly, full = frame["known_monthly_cents"].to_numpy()[person], DAYS * FULL_TIME
    fte = frame["fte_millionths"].to_numpy()[person]
    own = ["" if time in (0, FULL_TIME) else fte_text(time) for time in fte.tolist()]
    told = paid.iloc[scale]
    _put(
        paid,
        scale,
        amount_cents=divide_columns(monthly * worked[person], np.full(len(person), full)),
        basis="recomputed",
        quantity=told["quantity"].mask(told["quantity"] == "", f"{DAYS}/{DAYS}").to_numpy(),
        rate=told["rate"].mask(told["rate"] == "", pd.Series(own, told.index, dtype=TEXT)),
        base=monthly,
        numerator=worked[person],
        denominator=full,
    )
    other = made[made["scale"] == 0]
    rows = other["row"].to_numpy()
    _put(paid, rows, basis="estimated")
    entire = paid["denominator"].to_numpy()[rows] == 0
    factors = {name: other[name].to_numpy()[entire] for name in ("base", "numerator")}
    _put(paid, rows[entire], **factors, denominator=other["denominator"].to_numpy()[entire])
    return STAFF_LINES.conform(paid)


def _put(lines: pd.DataFrame, rows: npt.NDArray[np.int64], **values: object) -> None:
    for name, value in values.items():
        lines.iloc[rows, lines.columns.get_loc(name)] = value  # type: ignore[call-overload]


def by_policy(
    people: StaffMonth, rebuilt: Mask, tables: SourceTables, order: PayrunOrder, rulebook: RuleBook
) -> StaffMonth:
    """The same people, whose month was made whole with the policy for it: what their pay legally
    is, the net of a gross where the law is not applied, the days of the known month on which they
    were there, and that it is to be settled.
    """
    if not rebuilt.any():
        return people
    found = policy_of(rulebook.policies, PARTIAL_MONTH)
    dated = found.dated(order.period.first_day)
    frame = people.frame
    values: Mapping[str, str | int] = {
        "policy": f"policy:{found.id}",
        "legal_nature": str(dated.legal_nature),
        "ratio_net_cents": dated.ratio[0],
        "ratio_gross_cents": dated.ratio[1],
    }
    columns = {name: frame[name].mask(rebuilt, value) for name, value in values.items()}
    rows = frame.loc[rebuilt, ["payee_id", "source"]].assign(
        stream=SALARIES.name, reason="reason_partial_known_month"
    )
    settle = pd.concat([people.to_settle, rows], ignore_index=True)
    return replace(
        people,
        frame=STAFF_MONTH.conform(
            frame.assign(
                **columns, **_days_there(people, rebuilt, tables, order), known_partial=rebuilt
            )
        ),
        to_settle=TO_SETTLE.conform(settle.astype("str")),
    )
