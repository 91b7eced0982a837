"""The bridge of totals: last known total, what moved and why, this total; per stream and per site.

Salaries are bridged person by person, fees practitioner by practitioner. Holiday pay is a step of
its own, in whatever payment it goes. Bonuses and invoices have
no last known amount to be set beside: their whole amount is `new`. All amounts are cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import HOLIDAY_LINES
from payroll.model.streams import BONUSES, FEES, HOLIDAY_PAY, SALARIES, STREAMS
from payroll.record.run import Run
from payroll.record.totals import DUE, cents_by_stream
from payroll.views.shown import Shown

#: The steps from `before` to `after`; before + all of them = after.
STEPS = (
    "joined",
    "left",
    "adjusted",
    "law",
    "index",
    "not_repeated",
    "other",
    "unexplained",
    "holiday_pay",
    "new",
)
#: Steps that part of somebody's change is, whatever kind of change it is: their column of CHANGES.
_PARTS = {"law": "law_cents", "index": "index_cents"}

#: Reasons of a person's change -> the step, the first that is found decides.
_REASONS: Mapping[str, tuple[str, ...]] = {
    "joined": (
        "joiner",
        "hired_in_period",
        "not_in_register",
        "nothing_known",
        "joiner_without_data",
        "no_totals",
    ),
    "left": ("leaver",),
    "adjusted": (
        "fte_change",
        "unpaid_absence",
        "sick_unpaid",
        "recurring_change",
        "partial_known_month",
        "one_off_added",
        "garnishment_added",
    ),
    "not_repeated": ("one_off_dropped", "arrears_dropped", "variable_dropped"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """One stream or site. due: its payments and receivables, released: what an earlier run has
    paid of it already, aside: what waits for another run; together they must equal `after`.
    """

    name: str
    before: int = 0
    steps: Mapping[str, int]
    after: int = 0
    due: int = 0
    released: int = 0
    aside: int = 0
    people: int = 0

    @property
    def gap(self) -> int:
        """What the payments differ from the bridge, which must be zero."""
        return self.due + self.released + self.aside - self.after

    def amount(self, name: str) -> int:
        """`before`, `after`, or a step."""
        return {"before": self.before, "after": self.after, **self.steps}[name]


def person_moves(shown: Shown) -> pd.DataFrame:
    """The changes of a run's salaries as `with_kinds` judges them."""
    return shown.once(_person_moves)


def _person_moves(shown: Shown) -> pd.DataFrame:
    return with_kinds(shown.run.changes_of(SALARIES.name))


def with_kinds(changes: pd.DataFrame) -> pd.DataFrame:
    """CHANGES of the salaries with delta_cents, kind (a step or '') and of who stays law_cents and
    index_cents.

    kind is where the delta goes less these two; '' when nothing moved and nobody says why.
    """
    before, after = changes["net_before_cents"], changes["net_after_cents"]
    known = {reasons: step_of(reasons) for reasons in changes["reasons"].unique()}
    kind = changes["reasons"].map(known).astype("str")
    explained = kind != ""
    kind = kind.mask(explained & (before == 0) & (after != 0), "joined")
    kind = kind.mask(explained & (before != 0) & (after == 0), "left")
    delta = after - before
    gross_moved = changes["gross_after_cents"] != changes["gross_before_cents"]
    kind = kind.mask(~explained & ((delta != 0) | gross_moved), "unexplained")
    stays = kind.isin(["adjusted", "not_repeated", "other"])
    parts = {column: changes[column].where(stays, 0) for column in _PARTS.values()}
    return changes.assign(delta_cents=delta, kind=kind.astype("str"), **parts)


def step_of(reasons: str) -> str:
    """The step that a person's reasons put them in, '' without any."""
    if not reasons:
        return ""
    found = {reason.removeprefix("reason_") for reason in reasons.split()}
    return next((step for step, names in _REASONS.items() if found.intersection(names)), "other")


def stream_moves(shown: Shown) -> tuple[Moves, ...]:
    """One bridge per stream in the order of STREAMS, then that of the whole run ('total')."""
    return shown.once(_stream_moves)


def _stream_moves(shown: Shown) -> tuple[Moves, ...]:
    run = shown.run
    of_people = _of_people(SALARIES.name, person_moves(shown))
    holidays = int(_holiday_lines(run)["amount_cents"].sum())
    apart = int(holiday_pay_of(run.lines, HOLIDAY_PAY.name)["amount_cents"].sum())
    made = {
        SALARIES.name: _with_holidays(of_people, holidays),
        HOLIDAY_PAY.name: _with_holidays(Moves(name=HOLIDAY_PAY.name, steps=_steps()), apart),
        FEES.name: _of_fees(shown),
    }
    cents = [cents_by_stream(run.frames[name]) for name in ("lines", *DUE)]
    rows = []
    for stream in STREAMS:
        lines, paid, owed, released, aside = (of[stream] for of in cents)
        bridge = made.get(stream) or Moves(name=stream, steps=_steps(new=lines), after=lines)
        rows.append(_with(bridge, due=paid + owed, released=released, aside=aside))
    total = {step: sum(row.steps[step] for row in rows) for step in STEPS}
    whole = Moves(
        name="total",
        before=sum(row.before for row in rows),
        steps=total,
        after=sum(row.after for row in rows),
        due=sum(row.due for row in rows),
        released=sum(row.released for row in rows),
        aside=sum(row.aside for row in rows),
    )
    return (*rows, whole)


def holiday_pay_of(lines: pd.DataFrame, stream: str) -> pd.DataFrame:
    """The lines of holiday pay that are part of a stream's payments."""
    return lines[(lines["stream"] == stream) & lines["component"].isin(HOLIDAY_LINES)]


def _holiday_lines(run: Run) -> pd.DataFrame:
    """Those that go with the salary."""
    return holiday_pay_of(run.lines, SALARIES.name)


def _with_holidays(moves: Moves, cents: int) -> Moves:
    """Holiday pay has no last known amount: a step of its own, beside what a salary moved by."""
    return replace(moves, after=moves.after + cents, steps={**moves.steps, "holiday_pay": cents})


def site_moves(shown: Shown) -> tuple[tuple[Moves, int], ...]:
    """The bridge of the salaries per site, and the bonuses of its people; '' = site not known."""
    if not shown.run.sites:
        return ()
    people = person_moves(shown)
    bonuses = shown.run.lines[shown.run.lines["stream"] == BONUSES.name]
    holidays = _holiday_lines(shown.run)
    sites, extra, paid = (
        _sites(shown.run, frame["payee_id"]) for frame in (people, bonuses, holidays)
    )
    amounts, of_holidays = (frame["amount_cents"].to_numpy() for frame in (bonuses, holidays))
    salaries = _salaries_due(shown.run)
    found = []
    for site in sorted({*sites.tolist(), *extra.tolist()}, key=lambda name: (name == "", name)):
        own = _of_people(site, people[sites == site])
        own = _with_holidays(own, int(of_holidays[paid == site].sum()))
        moves = _with(own, due=salaries.get(site, 0))
        found.append((moves, int(amounts[extra == site].sum())))
    return tuple(found)


def _salaries_due(run: Run) -> dict[str, int]:
    due: dict[str, int] = {}
    for name in DUE:
        rows = run.frames[name]
        rows = rows[rows["stream"] == SALARIES.name]
        sums = rows["amount_cents"].groupby(_sites(run, rows["payee_id"])).sum()
        for site, cents in sums.items():
            due[str(site)] = due.get(str(site), 0) + int(cents)
    return due


def site_names(run: Run, payee_ids: Iterable[str]) -> list[str]:
    """The site of each employee, '' where it is not known."""
    return [run.sites.get(("employee", payee_id), "") for payee_id in payee_ids]


def _sites(run: Run, payee_ids: pd.Series[str]) -> npt.NDArray[np.object_]:
    return np.array(site_names(run, payee_ids.tolist()), dtype=object)


def _of_people(name: str, people: pd.DataFrame) -> Moves:
    parts = {step: people[column] for step, column in _PARTS.items()}
    rest = (people["delta_cents"] - sum(parts.values())).to_numpy(dtype=np.int64)
    kinds = people["kind"].to_numpy(dtype=object)
    steps = {step: int(rest[kinds == step].sum()) for step in STEPS if step not in parts}
    return Moves(
        name=name,
        before=int(people["net_before_cents"].sum()),
        people=len(people),
        steps=_steps(**steps, **{step: int(cents.sum()) for step, cents in parts.items()}),
        after=int(people["net_after_cents"].sum()),
    )


def _of_fees(shown: Shown) -> Moves:
    """Practitioner by practitioner against the statements of the month before; else all is new."""
    changes = shown.run.changes_of(FEES.name)
    if changes.empty:
        lines = shown.run.lines
        total = int(lines.loc[lines["stream"] == FEES.name, "amount_cents"].sum())
        return Moves(name=FEES.name, steps=_steps(new=total), after=total)
    before, after = changes["net_before_cents"], changes["net_after_cents"]
    delta, joined, left = after - before, before == 0, after == 0
    return Moves(
        name=FEES.name,
        before=int(before.sum()),
        after=int(after.sum()),
        people=len(changes),
        steps=_steps(
            joined=int(delta[joined].sum()),
            left=int(delta[left & ~joined].sum()),
            other=int(delta[~joined & ~left].sum()),
        ),
    )


def _steps(**amounts: int) -> dict[str, int]:
    return {step: amounts.get(step, 0) for step in STEPS}


def _with(moves: Moves, due: int, released: int = 0, aside: int = 0) -> Moves:
    return replace(moves, due=due, released=released, aside=aside)


#: Upper ends (cents) of the classes of changes shown, from far below to far above.
CLASSES = (-50_000, -25_000, -10_000, -2_500, -1, 0, 2_500, 10_000, 25_000, 50_000)


def distribution(people: pd.DataFrame) -> list[tuple[int, int, int]]:
    """Per class of net changes: people unchanged or explained, unexplained; then the open class."""
    delta = people["delta_cents"].to_numpy()
    place = np.searchsorted(np.array(CLASSES), delta, side="left")
    doubtful = (people["kind"] == "unexplained").to_numpy(dtype=bool)
    size = len(CLASSES) + 1
    well = np.bincount(place[~doubtful], minlength=size).tolist()
    ill = np.bincount(place[doubtful], minlength=size).tolist()
    return [(number, *counts) for number, counts in enumerate(zip(well, ill, strict=True))]
