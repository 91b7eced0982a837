"""This month against the last known one: per person, in total, and what the model left over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from payroll.checks.data import (
    CheckData,
    amounts_found,
    beyond,
    cannot_evaluate,
    findings_of,
    run_finding,
)
from payroll.model.components import HOLIDAY_LINES, HOLIDAY_PAY
from payroll.model.findings import Finding, Texts
from payroll.model.frames import rows_of
from payroll.model.money import euros
from payroll.model.streams import SALARIES
from payroll.rulebook.controls import Control


def _register_source(data: CheckData, payees: pd.Series[str]) -> pd.Series[str]:
    """Where last month's figures of these payees stand."""
    register = data.register.drop_duplicates("employee_id")
    sources = dict(rows_of(register, "employee_id", "source"))
    found = [sources.get(payee, "") for payee in payees.tolist()]
    return pd.Series(found, index=payees.index, dtype="str")


def _nets_found(
    data: CheckData, control: Control, rows: pd.DataFrame, **more: Texts
) -> list[Finding]:
    return amounts_found(
        data,
        control,
        rows.assign(source=_register_source(data, rows["payee_id"])),
        rows["net_after_cents"],
        rows["net_before_cents"],
        kind="employee",
        stream=SALARIES.name,
        cell="net",
        **more,  # type: ignore[arg-type]
    )


def net_change(data: CheckData, control: Control) -> list[Finding]:
    """Net pay moved beyond the thresholds; a change with a known reason is a case of its own."""
    everybody = data.rebuilt.changes_of(SALARIES.name)
    changes = everybody[everybody["net_before_cents"] != 0]
    moved = changes["net_after_cents"] - changes["net_before_cents"]
    hold = beyond(moved, changes["net_before_cents"], control, "hold")
    warn = beyond(moved, changes["net_before_cents"], control, "warn") | hold
    rows, hold = changes[warn], hold[warn]
    known = rows["reasons"] != ""
    level = np.where(hold, "hold", "warn").astype(object) + np.where(known, "_explained", "")
    findings = _nets_found(data, control, rows, level=level)
    paid = data.paid[data.paid["stream"] == SALARIES.name]
    known_before = paid["payee_id"].isin(data.register["employee_id"])
    lost = paid[known_before & ~paid["payee_id"].isin(everybody["payee_id"])]
    return findings + cannot_evaluate(data, control, lost, kind="employee", cell="net")


def total_change(data: CheckData, control: Control) -> list[Finding]:
    """The total of all net salaries moved by more than a percentage: warn, then block.

    A negative net counts as nothing: it is a receivable, and one person's slip refuses no run; nor
    does one that is held already, who counts neither before nor after. The three
    largest movements are named by their cells.
    """
    changes = data.rebuilt.changes_of(SALARIES.name)
    count = len(changes)
    changes = changes[data.not_held(SALARIES.name, changes["payee_id"])]
    dropped = data.rebuilt.not_carried_over
    holidays = dropped.loc[dropped["component"] == HOLIDAY_PAY, "payee_id"]
    changes = changes[~changes["payee_id"].isin(holidays)]  # their known month is no measure
    before = int(changes["net_before_cents"].clip(lower=0).sum())
    after = int(changes["net_after_cents"].clip(lower=0).sum())
    if count < control.whole("minimum_payees") or before <= 0:
        return []
    for level in ("block", "warn"):
        permyriad = int(control.decimal(f"{level}_percent") * 100)
        if abs(after - before) * 10_000 > before * permyriad:
            told = run_finding(
                control,
                observed=euros(after),
                limit=euros(before),
                stream=SALARIES.name,
                level=level,
            )
            # beside its source: other people who moved most make it another finding
            return [replace(told, params={"source": _largest_movements(data, changes)})]
    return []


def _largest_movements(data: CheckData, changes: pd.DataFrame) -> str:
    moved = (changes["net_after_cents"] - changes["net_before_cents"]).abs()
    people = changes.loc[moved.nlargest(3).index, "payee_id"].tolist()
    rows = data.register.drop_duplicates("employee_id").set_index("employee_id")["source"]
    return "; ".join(data.tables.cell(rows[item], "net") for item in people if item in rows.index)


def residual_size(data: CheckData, control: Control) -> list[Finding]:
    """A residual is larger than tolerated, or too large a part of this month's own pay."""
    lines = data.of_streams(data.rebuilt.lines, control)
    lines = lines[~lines["component"].isin(HOLIDAY_LINES)]
    explained = lines[lines["component"] != "residual"].groupby("payee_id")["amount_cents"].sum()
    residual = lines[lines["component"] == "residual"]
    size = residual["amount_cents"].abs()
    own = explained.reindex(residual["payee_id"]).fillna(0).astype("int64").set_axis(residual.index)
    hold = size * 100 > own.abs() * control.whole("hold_percent")
    hold &= size > control.cents("warn_euro")
    rows = residual[size > control.cents("warn_euro")]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=rows["stream"],
        observed=[euros(cents) for cents in rows["amount_cents"]],
        limit=euros(control.cents("warn_euro")),
        level=list(np.where(hold[rows.index], "hold", "warn")),
    )


def one_off_copied(data: CheckData, control: Control) -> list[Finding]:
    """A line copied from last month with a component that was dropped as a one-off elsewhere."""
    rows = data.rebuilt.not_carried_over
    one_off = rows.loc[rows["nature"] == "one_off", "component"].unique()
    lines = data.of_streams(data.rebuilt.lines, control)
    rows = lines[(lines["basis"] == "known") & lines["component"].isin(one_off)]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=rows["stream"],
        observed=[euros(cents) for cents in rows["amount_cents"]],
        component=rows["component"],
        cell="amount",
    )


def magnitude_slip(data: CheckData, control: Control) -> list[Finding]:
    """Net or gross is about 10, 100 or 1,000 times last month's, or that fraction of it.

    With a known reason (a leaver's three days are a tenth of a month) it is `explained`.
    """
    changes = data.rebuilt.changes_of(SALARIES.name)
    permyriad = int(control.decimal("tolerance_percent") * 100)
    times = np.zeros(len(changes), dtype=np.int64)
    for name in ("net", "gross"):
        before, after = (
            changes[f"{name}_{when}_cents"].to_numpy(dtype=np.int64) for when in ("before", "after")
        )
        for factor in control.wholes("factors"):
            for small, large, sign in ((before, after, 1), (after, before, -1)):
                near = np.abs(large - small * factor) * 10_000 <= small * factor * permyriad
                times[near & (small > 0)] = sign * factor
    rows = changes[times != 0]
    level = ["explained" if why else "" for why in rows["reasons"]]
    factors = [f"x{n}" if n > 0 else f"/{-n}" for n in times[times != 0]]
    return _nets_found(data, control, rows, level=level, factor=factors)
