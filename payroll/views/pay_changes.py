"""Whose pay differs between two rebuilds of the same inputs, and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from payroll.model.frames import INT, TEXT, FrameSchema
from payroll.model.streams import STREAMS
from payroll.record.findings import blocking
from payroll.record.run import Run

#: One row per stream and payee whose amount or status differs, the largest difference first.
#: The amount is what is paid, held or (negative) to be recovered; status: pay, held, '' = none.
PAY_CHANGES = FrameSchema(
    "pay_changes",
    {
        "stream": TEXT,
        "payee_id": TEXT,
        "old_cents": INT,
        "new_cents": INT,
        "difference_cents": INT,
        "old_status": TEXT,
        "new_status": TEXT,
    },
    key=("stream", "payee_id"),
)
KEYS = ["stream", "payee_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayDiff:
    """The same inputs under two rule books. rows: PAY_CHANGES; totals: per stream, everybody.

    refused: 'old' and 'new' -> the rules that refuse the run.
    """

    rows: pd.DataFrame
    newly_held: pd.DataFrame
    no_longer_held: pd.DataFrame
    totals: Mapping[str, Mapping[str, int]]
    refused: Mapping[str, tuple[str, ...]]


def pay_diff(before: Run, after: Run) -> PayDiff:
    """Whose pay differs between two runs of the same inputs."""
    old, new = ((run.payments, run.frames["receivables"]) for run in (before, after))
    rows = pay_changes(old, new)
    return PayDiff(
        rows=rows,
        newly_held=newly_held(rows),
        no_longer_held=no_longer_held(rows),
        totals=stream_totals(old, new),
        refused={"old": _refusing(before), "new": _refusing(after)},
    )


def _refusing(run: Run) -> tuple[str, ...]:
    return tuple(sorted(set(run.findings.loc[blocking(run.findings), "rule_id"])))


def pay_changes(
    old: tuple[pd.DataFrame, pd.DataFrame], new: tuple[pd.DataFrame, pd.DataFrame]
) -> pd.DataFrame:
    """PAY_CHANGES between two pairs of (payments, receivables)."""
    before, after = _dues(*old), _dues(*new)
    both = before.merge(after, how="outer", on=KEYS, suffixes=("_old", "_new"), sort=True)
    rows = pd.DataFrame(
        {
            **{name: both[name].astype("str").to_numpy() for name in KEYS},
            **{
                f"{side}_cents": both[f"amount_cents_{side}"].fillna(0).astype("int64").to_numpy()
                for side in ("old", "new")
            },
            **{
                f"{side}_status": both[f"status_{side}"].fillna("").astype("str").to_numpy()
                for side in ("old", "new")
            },
        }
    )
    rows["difference_cents"] = rows["new_cents"] - rows["old_cents"]
    rows = rows.astype(
        {name: "str" for name, dtype in PAY_CHANGES.columns.items() if dtype == TEXT}
    )
    rows = rows[(rows["difference_cents"] != 0) | (rows["old_status"] != rows["new_status"])]
    size = -rows["difference_cents"].abs()
    rows = rows.assign(size=size).sort_values(["size", *KEYS], kind="stable")
    return PAY_CHANGES.conform(rows)


def _dues(payments: pd.DataFrame, receivables: pd.DataFrame) -> pd.DataFrame:
    """amount_cents and status per stream and payee; one held payment makes the payee held."""
    owed = receivables[[*KEYS, "amount_cents"]].assign(status="")
    dues = pd.concat([payments[[*KEYS, "amount_cents", "status"]], owed], ignore_index=True)
    # '' < 'held' < 'pay': a held payment outweighs one to pay, which outweighs none
    order = dues["status"].map({"": 0, "pay": 1, "held": 2}).astype("int64")
    grouped = dues.assign(order=order).groupby(KEYS, sort=True)
    found = grouped.agg(amount_cents=("amount_cents", "sum"), order=("order", "max"))
    status = found["order"].map({0: "", 1: "pay", 2: "held"}).astype("str")
    return found.assign(status=status)[["amount_cents", "status"]].reset_index()


def newly_held(changes: pd.DataFrame) -> pd.DataFrame:
    """The rows whose payee is held under the new rules only."""
    return changes[(changes["new_status"] == "held") & (changes["old_status"] != "held")]


def no_longer_held(changes: pd.DataFrame) -> pd.DataFrame:
    """The rows whose payee was held under the old rules only."""
    return changes[(changes["old_status"] == "held") & (changes["new_status"] != "held")]


def stream_totals(
    old: tuple[pd.DataFrame, pd.DataFrame], new: tuple[pd.DataFrame, pd.DataFrame]
) -> dict[str, dict[str, int]]:
    """Per stream with any payee, old and new: what is due to everybody, and what of it is held."""
    totals: dict[str, dict[str, int]] = {}
    names = [f"{side}_{what}" for side in ("old", "new") for what in ("cents", "held_cents")]
    for side, (payments, receivables) in (("old", old), ("new", new)):
        held = payments[payments["status"] == "held"]
        for name, frame in (
            (f"{side}_cents", payments),
            (f"{side}_cents", receivables),
            (f"{side}_held_cents", held),
        ):
            for stream, cents in frame.groupby("stream")["amount_cents"].sum().items():
                totals.setdefault(str(stream), dict.fromkeys(names, 0))[name] += int(cents)
    return {name: totals[name] for name in STREAMS if name in totals}
