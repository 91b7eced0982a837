"""The back-test: the last known month worked out anew, set beside what its register says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from payroll.model.frames import INT, TEXT, FrameSchema
from payroll.model.money import Cents
from payroll.model.net_steps import AMOUNTS

if TYPE_CHECKING:
    import pandas as pd

#: The amounts compared, in the order of the law; `net` is before deductions for third parties.
STEPS = ("base_salary", *AMOUNTS)

#: One row per person of the register who could be worked out: each amount as known and as rebuilt.
BACKTEST = FrameSchema(
    "backtest",
    {
        "payee_id": TEXT,
        **{f"{step}_{side}_cents": INT for step in STEPS for side in ("known", "rebuilt")},
        "source": TEXT,
    },
    key=("payee_id",),
    sort=("payee_id",),
)

#: Upper ends of the classes of differences shown (cents, of the absolute difference).
CLASSES = (0, 1, 100, 500, 2_500, 10_000, 25_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A group that a step's differences go with: `people` of the `members` of the group differ.

    step: the first step at which these people differ. kind: component, status, tax_status,
    category, site, children, disabled_children, part_time, exceptional, incomplete, everybody,
    rounding (a cent at most) or same_amount (no group behind it). low_cents, high_cents: rebuilt
    less known, over these people; typical_cents: the most frequent one. percent: the difference as
    a share of the component's amount (other kinds: of the step's), in hundredths of a percent, when
    it is one. status: contractual or statutory where the cause is of one of them.
    """

    step: str
    kind: str
    value: str
    people: int
    members: int
    low_cents: int
    high_cents: int
    typical_cents: int
    percent: int | None = None
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What the back-test found; differences are rebuilt less known, in cents.

    period: the month worked out anew. rows: BACKTEST. not_compared: people of its register whose
    data do not let the law be applied.
    """

    period: str
    rows: pd.DataFrame
    not_compared: int = 0
    causes: tuple[Cause, ...] = ()

    def difference(self, step: str = "net") -> Cents:
        """Rebuilt less known of a step, per row."""
        known: Cents = self.rows[f"{step}_known_cents"].to_numpy(dtype=np.int64)
        return self.rebuilt(step) - known

    def rebuilt(self, step: str) -> Cents:
        """A step as worked out, per row."""
        found: Cents = self.rows[f"{step}_rebuilt_cents"].to_numpy(dtype=np.int64)
        return found

    def agrees(self) -> npt.NDArray[np.bool_]:
        """Per row whether every step agrees to the cent."""
        same = np.ones(len(self.rows), dtype=bool)
        for step in STEPS:
            same &= self.difference(step) == 0
        return same

    def headline(self) -> Mapping[str, int]:
        """The few numbers that say whether the rules can be trusted."""
        net = np.abs(self.difference())
        return {
            "compared": len(self.rows),
            "not_compared": self.not_compared,
            "all_steps_to_the_cent": int(self.agrees().sum()),
            "net_to_the_cent": int((net == 0).sum()),
            "net_within_one_euro": int((net <= 100).sum()),
            "largest_difference_cents": int(net.max(initial=0)),
        }

    def distribution(self, step: str = "net") -> tuple[tuple[int, int], ...]:
        """(upper end of the class in cents, how many people); the last class is open (-1)."""
        size = np.abs(self.difference(step))
        row = np.searchsorted(np.array(CLASSES), size, side="left")
        counts = np.bincount(row, minlength=len(CLASSES) + 1)
        return tuple(zip((*CLASSES, -1), counts.tolist(), strict=True))

    def worst(self, count: int = 10) -> pd.DataFrame:
        """The rows that differ most in net, largest first, with difference_cents."""
        frame = self.rows.assign(difference_cents=self.difference())
        frame = frame[frame["difference_cents"] != 0]
        size = -frame["difference_cents"].abs()
        return (
            frame.assign(size=size)
            .sort_values(["size", "payee_id"], kind="stable")
            .head(count)
            .drop(columns="size")
        )


def no_backtest(period: str = "") -> Backtest:
    """The back-test of a run without salaries."""
    return Backtest(period=period, rows=BACKTEST.empty())
