"""The pictures of the review page as numbers: bars, bridge and movers. No text, no markup."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payroll.model.frames import rows_of
from payroll.model.money import Cents, divide
from payroll.texts.shown import euros_shown

#: A plot's size in its own units; a bar's height follows the logarithm of its count.
WIDTH, HEIGHT, BAR_SPACE = 900, 220, 0.82
#: Upper ends (cents) of the classes of changes of net between two months.
CHANGE_CLASSES = (0, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000)
#: Units across the strip in which a row's bar is drawn.
STRIP = 1_000
MOVERS = 15

#: The parts of the bridge: kinds of changes (payroll.views.movements), parted where the law plays,
#: and what an index added to whichever of them.
BRIDGE = (
    "joined",
    "left",
    "adjusted",
    "dropped",
    "dropped_law",
    "law",
    "index",
    "other",
    "unexplained",
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One class of signed differences: its words, its count, and where its bar stands."""

    words: str
    count: int
    x: float
    y: float
    width: float
    height: float
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A row of the bridge or of the movers: its bar runs from x over width within STRIP units."""

    name: str
    cents: int
    people: int
    x: int
    width: int
    look: str  # whole | up | down | none


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """One of the people whose net changes most; percent: tenths of a percent, None from zero."""

    payee_id: str
    before: int
    after: int
    reasons: str
    bar: Strip
    percent: int | None


def bars(difference: Cents, ends: Sequence[int], language: str) -> tuple[Bar, ...]:
    """The distribution of signed differences, from far below to far above; empty without any."""
    if not len(difference):
        return ()
    size = np.searchsorted(np.array(ends), np.abs(difference), side="left")
    place = np.sign(difference) * size + len(ends)
    counts = np.bincount(place, minlength=2 * len(ends) + 1).tolist()
    step = WIDTH / len(counts)
    top = math.log1p(max(counts))
    made = []
    for number, count in enumerate(counts):
        height = round(math.log1p(count) / top * (HEIGHT - 60), 1) if count else 0.0
        made.append(
            Bar(
                words=_bar_words(number - len(ends), ends, language),
                count=count,
                x=round((number + (1 - BAR_SPACE) / 2) * step, 1),
                y=round(HEIGHT - 36 - height, 1),
                width=round(step * BAR_SPACE, 1),
                height=height,
                exact=number == len(ends),
            )
        )
    return tuple(made)


def _bar_words(number: int, ends: Sequence[int], language: str) -> str:
    """The far end of a class of signed differences: '0', '≤ 1', '> 250', '≥ -1' ..."""
    if number == 0:
        return "0"
    sign, size = ("-" if number < 0 else "", abs(number))
    if size == len(ends):
        limit = sign + _short(ends[-1], language)
        return f"< {limit}" if number < 0 else f"> {limit}"
    limit = sign + _short(ends[size], language)
    return f"≥ {limit}" if number < 0 else f"≤ {limit}"


def _short(cents: int, language: str) -> str:
    """An amount without its decimals when they are zero."""
    shown = euros_shown(cents, language)
    return shown[:-3] if cents % 100 == 0 else shown


def part_of(kind: str, reasons: str) -> str:
    """The part of BRIDGE that a person's kind of change and reasons put them in."""
    law = "reason_law_change" in reasons.split()
    parts = {"not_repeated": "dropped_law" if law else "dropped", "other": "law" if law else kind}
    return parts.get(kind, kind)


def bridge_strips(people: pd.DataFrame, along: tuple[int, int] = (0, 0)) -> tuple[Strip, ...]:
    """From the known month's nets to this month's: the parts sum exactly; empty without anybody.

    people: as payroll.views.movements.with_kinds judges them. Only who moves is counted. The axis
    begins near the lowest point, not at zero. along: holiday pay in the same payments, and of how
    many people.
    """
    if people.empty:
        return ()
    index: Cents = people["index_cents"].to_numpy()
    delta: Cents = people["delta_cents"].to_numpy() - index
    pairs = list(rows_of(people, "kind", "reasons"))
    known = {pair: part_of(*pair) for pair in set(pairs)}
    group = np.array([known[pair] for pair in pairs])
    before = int(people["net_before_cents"].sum())
    parts, level, levels = [], before, [before]
    for name in BRIDGE:
        moved = index if name == "index" else np.where(group == name, delta, 0)
        if moved.any():
            parts.append((name, int(moved.sum()), int((moved != 0).sum())))
            level += parts[-1][1]
            levels.append(level)
    if along[0]:
        parts.append(("holiday_pay", *along))
        levels.append(level + along[0])
    low, high = min(levels), max(levels)
    span = max(high - low, 1)
    start = low - span // 4

    def x(value: int) -> int:
        return divide((value - start) * STRIP, span + span // 2 + 1)

    everybody = len(people)
    rows = [
        Strip(name="before", cents=before, people=everybody, x=0, width=x(before), look="whole")
    ]
    level = before
    for name, cents, count in parts:
        left, right = sorted((x(level), x(level + cents)))
        look = "up" if cents > 0 else "down"
        rows.append(
            Strip(
                name=name, cents=cents, people=count, x=left, look=look, width=max(right - left, 2)
            )
        )
        level += cents
    after = Strip(name="after", cents=level, people=everybody, x=0, width=x(level), look="whole")
    return (*rows, after)


def movers(people: pd.DataFrame, count: int = MOVERS) -> tuple[Mover, ...]:
    """The people whose net moves most, largest first; bars left and right of the middle."""
    frame = people[people["delta_cents"] != 0]
    frame = frame.assign(size=-frame["delta_cents"].abs())
    frame = frame.sort_values(["size", "payee_id"], kind="stable").head(count)
    top = int(frame["delta_cents"].abs().max()) if len(frame) else 1
    found = []
    for row in frame.to_dict("records"):
        delta, before = int(row["delta_cents"]), int(row["net_before_cents"])
        width = max(abs(delta) * STRIP // (2 * top), 2)
        bar = Strip(
            name="",
            cents=delta,
            people=1,
            width=width,
            x=STRIP // 2 - (width if delta < 0 else 0),
            look="up" if delta > 0 else "down",
        )
        found.append(
            Mover(
                payee_id=str(row["payee_id"]),
                before=before,
                after=int(row["net_after_cents"]),
                reasons=str(row["reasons"]),
                bar=bar,
                percent=divide(delta * 1_000, before) if before > 0 else None,
            )
        )
    return tuple(found)


def share(part: int, whole: int) -> int:
    """`part` of `whole` in STRIP units; something is never drawn as nothing."""
    return max(divide(max(part, 0) * STRIP, whole), 2 if part > 0 else 0) if whole > 0 else 0
