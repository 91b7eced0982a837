"""Work out the last known month from its own inputs, and say what lies behind what differs.

The same engine as for this month; the people are those of the register whose data allow it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.backtest import BACKTEST, STEPS, Backtest, Cause
from payroll.model.money import Cents, divide
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import PayrunOrder
from payroll.model.tables import SourceTables
from payroll.rebuild.calculation import Calculation
from payroll.rebuild.gross import Month
from payroll.rebuild.proration import DAYS, FULL_TIME, known_fte
from payroll.rebuild.staff import StaffMonth

Mask = npt.NDArray[np.bool_]
#: A group explains differences when at least this share of it differs, so many times more often
#: than everybody else, and at least so many people.
SHARE_PERCENT, TIMES, FEWEST = 50, 4, 3
MOST_CAUSES = 8
#: Compared with the contract only: the later steps start from the gross that was paid, not from it.
APART = "base_salary"


def backtest(
    tables: SourceTables,
    order: PayrunOrder,
    people: StaffMonth,
    month: Month,
    calculation: Calculation,
) -> Backtest:
    """The back-test of `order.last_known`; amounts of the register against gross to net of it."""
    frame = people.frame
    register = frame["in_register"].to_numpy(dtype=bool)
    chosen = np.flatnonzero(register & calculation.computed)
    columns: dict[str, Cents] = {}
    for step, (known, rebuilt) in _amounts(tables, order, people, month, calculation).items():
        columns[f"{step}_known_cents"] = known[chosen]
        columns[f"{step}_rebuilt_cents"] = rebuilt[chosen]
    rows = pd.DataFrame(columns).assign(
        payee_id=frame["payee_id"].iloc[chosen].to_numpy(),
        source=frame["source"].iloc[chosen].to_numpy(),
    )
    rows = rows.astype({"payee_id": "str", "source": "str"})
    order_of = np.argsort(rows["payee_id"].to_numpy(), kind="stable")
    found = Backtest(period=str(order.last_known), rows=BACKTEST.conform(rows))
    groups = _Groups(tables, people, month, calculation, chosen[order_of])
    return Backtest(
        period=found.period,
        rows=found.rows,
        not_compared=int(register.sum()) - len(chosen),
        causes=_causes(found, groups),
    )


def _amounts(
    tables: SourceTables,
    order: PayrunOrder,
    people: StaffMonth,
    month: Month,
    calculation: Calculation,
) -> Mapping[str, tuple[Cents, Cents]]:
    """(known, rebuilt) per step, for everybody."""
    frame, pay = people.frame, calculation.known_pay
    register = tables["register_totals"]
    register = register[register["period"] == str(order.last_known)].drop_duplicates("employee_id")
    where = pd.Index(register["employee_id"]).get_indexer(people.ids)
    taxable: Cents = np.append(register["taxable_cents"].to_numpy(dtype=np.int64), 0)[where]
    base: Cents = np.zeros(len(frame), dtype=np.int64)
    scale = month.known["component"].to_numpy() == "base_salary"
    person = month.known["person"].to_numpy()
    np.add.at(base, person[scale], month.known["amount_cents"].to_numpy()[scale])
    fte = known_fte(frame["fte_millionths"])
    worked = fte * frame["known_thirtieths"].to_numpy()
    contract = divide(frame["known_monthly_cents"].to_numpy() * worked, FULL_TIME * DAYS)
    found = {
        "base_salary": (base, np.where(base != 0, contract, base)),
        "gross": (frame["gross_before_cents"].to_numpy(), pay["gross_cents"].to_numpy()),
        "taxable": (taxable, pay["taxable_cents"].to_numpy()),
        "net": (frame["net_before_cents"].to_numpy(), pay["net_cents"].to_numpy()),
    }
    for step in NET_STEPS:
        found[step.id] = (frame[step.register].to_numpy(), pay[step.cents].to_numpy())
    settled = calculation.known_settled
    special, net = found["special_contribution"], found["net"]
    found["special_contribution"] = (special[0], special[1] + settled)
    found["net"] = (net[0], net[1] - settled)
    return {name: found[name] for name in STEPS}


class _Groups:
    """Who belongs to which group, in the order of the back-test's rows."""

    def __init__(
        self,
        tables: SourceTables,
        people: StaffMonth,
        month: Month,
        calculation: Calculation,
        chosen: npt.NDArray[np.intp],
    ) -> None:
        known = calculation.known_people.iloc[chosen]
        staff = tables["employees"].drop_duplicates("employee_id").set_index("employee_id")
        staff = staff.loc[people.frame["payee_id"].iloc[chosen]]
        statutory: Mask = known["statutory"].to_numpy(dtype=bool)
        self.statuses: dict[str, Mask] = {"statutory": statutory, "contractual": ~statutory}
        self.masks: dict[tuple[str, str, str], Mask] = {}  # by kind, value and status ('' = all)
        self.amounts: dict[str, Cents] = {}
        rows = month.known
        for code in sorted(rows["component"].unique()):
            own = rows[rows["component"] == code]
            amount: Cents = np.zeros(len(people.frame), dtype=np.int64)
            np.add.at(amount, own["person"].to_numpy(), own["amount_cents"].to_numpy())
            self.amounts[code] = amount[chosen]
            self._add("component", code, amount[chosen] != 0)
        for kind in ("category", "site", "status", "tax_status"):
            for value in sorted(staff[kind].unique()):
                self._add(kind, value, (staff[kind] == value).to_numpy(dtype=bool))
        for kind, mask in (
            ("children", (known["children"] > 0)),
            ("disabled_children", (known["disabled_children"] > 0)),
            ("part_time", (staff["fte_millionths"] < 10**6)),
            ("exceptional", (known["exceptional_cents"] != 0)),
            ("incomplete", (people.frame["known_thirtieths"].iloc[chosen] < 30)),
        ):
            self._add(kind, "", mask.to_numpy(dtype=bool))
        self._split()

    def _add(self, kind: str, value: str, mask: Mask) -> None:
        if not value and kind in ("category", "site"):
            return
        if 0 < mask.sum() < len(mask):
            self.masks[kind, value, ""] = mask

    def _split(self) -> None:
        """Also each status within a group; last, so that the whole group is named where it can."""
        for (kind, value, _), mask in list(self.masks.items()):
            for status, own in self.statuses.items():
                part = mask & own
                if kind in ("component", "category", "site") and 0 < part.sum() < mask.sum():
                    self.masks[kind, value, status] = part


def _causes(found: Backtest, groups: _Groups) -> tuple[Cause, ...]:
    """The groups behind the differences, each at the first step where its people differ."""
    left: Mask = np.ones(len(found.rows), dtype=bool)
    causes: list[Cause] = []
    for step in STEPS:
        difference, amounts = found.difference(step), found.rebuilt(step)
        origin = left & (difference != 0)
        if step != APART:
            left &= ~origin
        while origin.any() and len(causes) < MOST_CAUSES:
            best = _best_group(origin, groups)
            if best is None:
                break
            covered = origin & groups.masks[best]
            causes += _described(step, best, covered, (difference, amounts), groups)
            origin = origin & ~covered
        concerned = int(((amounts != 0) | origin).sum())
        causes += _without_group(step, difference[origin], amounts[origin], concerned)
    return tuple(sorted(causes[:MOST_CAUSES], key=lambda cause: -cause.people))


def _best_group(origin: Mask, groups: _Groups) -> tuple[str, str, str] | None:
    """The group in which most people differ while few others do, or None."""
    best, most = None, 0
    everybody = len(origin)
    total = int(origin.sum())
    for key, mask in groups.masks.items():
        members = int(mask.sum())
        inside = int((origin & mask).sum())
        outside, others = total - inside, everybody - members
        often = inside * 100 >= SHARE_PERCENT * members
        rather_here = inside * others >= TIMES * outside * members
        if inside >= FEWEST and often and rather_here and inside > most:
            best, most = key, inside
    return best


def _described(
    step: str,
    group: tuple[str, str, str],
    covered: Mask,
    columns: tuple[Cents, Cents],
    groups: _Groups,
) -> list[Cause]:
    """One cause, or one per status where the difference is another share for each.

    columns: the differences of the step, and its rebuilt amounts.
    """
    kind, value, only = group
    difference, step_amounts = columns
    amounts = groups.amounts[value] if kind == "component" else step_amounts
    percent = _percent if kind == "component" else _share
    parts = {only: covered}
    if kind == "component" and _percent(difference[covered], amounts[covered]) is None:
        split = {
            name: covered & own for name, own in groups.statuses.items() if (covered & own).any()
        }
        if all(_percent(difference[part], amounts[part]) is not None for part in split.values()):
            parts = split
    return [
        _cause(
            step,
            kind,
            difference[part],
            int((groups.masks[group] & groups.statuses.get(status, covered | True)).sum()),
            value=value,
            percent=percent(difference[part], amounts[part]),
            status=status,
        )
        for status, part in parts.items()
    ]


def _cause(
    step: str,
    kind: str,
    own: Cents,
    members: int,
    *,
    value: str = "",
    percent: int | None = None,
    status: str = "",
) -> Cause:
    """The cause of these differences, one per person who has one."""
    values, counts = np.unique(own, return_counts=True)
    return Cause(
        step=step,
        kind=kind,
        value=value,
        people=len(own),
        members=members,
        low_cents=int(values[0]),
        high_cents=int(values[-1]),
        typical_cents=int(values[counts.argmax()]),
        percent=percent,
        status=status,
    )


def _percent(difference: Cents, amounts: Cents) -> int | None:
    """The share of the amounts that the differences all are, in hundredths of a percent, or None.

    Each difference may be a cent off, as amounts were rounded on their own.
    """
    total, base = int(difference.sum()), int(amounts.sum())
    share = divide(total * 10_000, abs(base)) * (1 if base > 0 else -1) if base else 0
    near = np.abs(difference * 10_000 - amounts * share) <= 10_000 + np.abs(amounts)
    return share if share and bool(near.all()) else None


def _share(difference: Cents, amounts: Cents) -> int | None:
    """As `_percent`, where the differences are not simply the same amount for everybody."""
    return _percent(difference, amounts) if difference.min() != difference.max() else None


def _without_group(step: str, own: Cents, amounts: Cents, concerned: int) -> list[Cause]:
    """What unites people whom no group unites: a cent of rounding, that nearly everybody of the
    concerned differs, or the very same difference.
    """
    rounding = own[np.abs(own) <= 1]
    if len(own) < FEWEST:
        return []
    if len(rounding) * 100 >= SHARE_PERCENT * len(own):
        return [_cause(step, "rounding", rounding, len(rounding))]
    if len(own) * 100 >= SHARE_PERCENT * concerned:
        return [_cause(step, "everybody", own, concerned, percent=_share(own, amounts))]
    values, counts = np.unique(own, return_counts=True)
    often = values[(counts >= FEWEST) & (counts * 10 >= len(own))]
    same = [own[own == value] for value in often]
    return [_cause(step, "same_amount", equal, len(equal)) for equal in same]
