"""Last total + joiners - leavers + changes + adjustments = this total, closing to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from payroll.model.errors import require
from payroll.views.diff.match import Matched
from payroll.views.diff.sides import Role, Side, TypedColumn

TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeRow:
    """The bridge of everything (kind 'total') or of one stream or site, in units of the measure.

    leavers is negative. moved: amounts that came from, or went to, another group of the kind.
    within: differences that the tolerance lets pass.
    """

    kind: str
    group: str
    scale: int
    last: int
    joiners: int
    leavers: int
    changes: int
    adjustments: int
    moved: int
    within: int
    this: int

    @property
    def gap(self) -> int:
        """What the steps do not explain: always 0."""
        steps = (
            self.joiners,
            self.leavers,
            self.changes,
            self.adjustments,
            self.moved,
            self.within,
        )
        return self.this - self.last - sum(steps)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step's amounts with the row of the side whose group they belong to."""

    name: str
    amounts: npt.NDArray[np.int64]
    side: int  # 0: the old side, 1: the new one
    rows: npt.NDArray[np.int64]


def bridge_rows(
    old: Side,
    new: Side,
    matched: Matched,
    *,
    measure: str,
    tolerance: Decimal,
    adjusted: Mapping[tuple[str, str], int],
) -> tuple[BridgeRow, ...]:
    """The bridge as a whole, then per stream and per site where the sides know them."""
    before, after = old.columns[measure], new.columns[measure]
    steps = _steps(
        old, new, matched, before=before, after=after, tolerance=tolerance, adjusted=adjusted
    )
    scale = after.scale
    rows = [_row(scale, before.units, after.units, steps)]
    for kind in (Role.STREAM, Role.SITE):
        groups = [_groups(side, kind) for side in (old, new)]
        if groups[0] is not None and groups[1] is not None:
            rows += _grouped(
                str(kind), (groups[0], groups[1]), matched, before=before, after=after, steps=steps
            )
    for row in rows:
        require(row.gap == 0, f"the bridge of {row.kind} {row.group} does not close")
    return tuple(rows)


def _groups(side: Side, kind: Role) -> npt.NDArray[np.object_] | None:
    texts: Sequence[str] | None = side.groups.get(str(kind))
    if texts is None:
        column = next((item for item in side.columns.values() if item.heading.role is kind), None)
        texts = None if column is None else column.key_texts()
    if texts is None:
        return None
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


def _steps(
    old: Side,
    new: Side,
    matched: Matched,
    *,
    before: TypedColumn,
    after: TypedColumn,
    tolerance: Decimal,
    adjusted: Mapping[tuple[str, str], int],
) -> list[_Step]:
    """Every cent of the difference in one step.

    A row of a payee who stands on the other side too is a change, not a joiner or a leaver.
    """
    entities = [_entities(side) for side in (old, new)]
    delta = after.units[matched.new] - before.units[matched.old]
    small = (np.abs(delta) <= int(tolerance.scaleb(after.scale))) & (
        before.numeric[matched.old] & after.numeric[matched.new]
    )
    own = np.where(small, 0, _adjusted(new, entities[1], matched, delta, adjusted))
    joins = ~_known(entities[1], entities[0], matched.added)
    leaves = ~_known(entities[0], entities[1], matched.removed)
    added, removed = after.units[matched.added], -before.units[matched.removed]
    return [
        _Step("joiners", np.where(joins, added, 0), 1, matched.added),
        _Step("leavers", np.where(leaves, removed, 0), 0, matched.removed),
        _Step("changes", np.where(joins, 0, added), 1, matched.added),
        _Step("changes", np.where(leaves, 0, removed), 0, matched.removed),
        _Step("changes", np.where(small, 0, delta - own), 1, matched.new),
        _Step("adjustments", own, 1, matched.new),
        _Step("within", np.where(small, delta, 0), 1, matched.new),
    ]


def _entities(side: Side) -> list[tuple[str, str]] | None:
    """(stream, payee) of each row; None where nobody is named: then each row is its own."""
    found = [
        next((item for item in side.columns.values() if item.heading.role is role), None)
        for role in (Role.STREAM, Role.PAYEE)
    ]
    stream, payee = found
    if payee is None:
        return None
    streams = stream.key_texts() if stream is not None else [""] * len(side)
    return list(zip(streams, payee.key_texts(), strict=True))


def _known(
    own: list[tuple[str, str]] | None,
    other: list[tuple[str, str]] | None,
    rows: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    if own is None or other is None:
        return np.zeros(len(rows), dtype=bool)
    there = set(other)
    return np.array([own[row] in there for row in rows.tolist()], dtype=bool)


def _adjusted(
    new: Side,
    entities: list[tuple[str, str]] | None,
    matched: Matched,
    delta: npt.NDArray[np.int64],
    adjusted: Mapping[tuple[str, str], int],
) -> npt.NDArray[np.int64]:
    """The part of each difference that comes from adjustments: of the runs' lines, or of a row that
    is itself an adjusted line. A payee's adjusted amount goes to the first of its rows only.
    """
    own = np.zeros(len(delta), dtype="int64")
    basis = next((item for item in new.columns.values() if item.heading.role is Role.BASIS), None)
    if basis is not None:
        own = np.where(basis.text[matched.new] == "adjusted", delta, 0)
    elif adjusted and entities is not None:
        left = dict(adjusted)
        for position in np.flatnonzero(delta != 0).tolist():
            own[position] = left.pop(entities[int(matched.new[position])], 0)
    return own


def _row(
    scale: int, last: npt.NDArray[np.int64], this: npt.NDArray[np.int64], steps: list[_Step]
) -> BridgeRow:
    sums = dict.fromkeys(("joiners", "leavers", "changes", "adjustments", "within"), 0)
    for step in steps:
        sums[step.name] += int(step.amounts.sum())
    return BridgeRow(
        kind=TOTAL,
        group=TOTAL,
        scale=scale,
        last=int(last.sum()),
        moved=0,
        this=int(this.sum()),
        **sums,
    )


def _grouped(
    kind: str,
    groups: tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]],
    matched: Matched,
    *,
    before: TypedColumn,
    after: TypedColumn,
    steps: list[_Step],
) -> list[BridgeRow]:
    """One bridge per group; who changes group takes the old amount along, the rest is a change."""
    names = sorted({*groups[0].tolist(), *groups[1].tolist()})
    place = {name: number for number, name in enumerate(names)}
    codes = [np.array([place[name] for name in side.tolist()], dtype="int64") for side in groups]

    def summed(amounts: npt.NDArray[np.int64], code: npt.NDArray[np.int64]) -> list[int]:
        total = np.zeros(len(names), dtype="int64")
        np.add.at(total, code, amounts)
        return [int(item) for item in total]

    sums = {
        name: [0] * len(names)
        for name in ("joiners", "leavers", "changes", "adjustments", "within")
    }
    for step in steps:
        found = summed(step.amounts, codes[step.side][step.rows])
        sums[step.name] = [a + b for a, b in zip(sums[step.name], found, strict=True)]
    source, target = codes[0][matched.old], codes[1][matched.new]
    carried = np.where(source != target, before.units[matched.old], 0)
    moved = [a - b for a, b in zip(summed(carried, target), summed(carried, source), strict=True)]
    last, this = summed(before.units, codes[0]), summed(after.units, codes[1])
    return [
        BridgeRow(
            kind=kind,
            group=name,
            scale=after.scale,
            last=last[number],
            this=this[number],
            moved=moved[number],
            **{step: found[number] for step, found in sums.items()},
        )
        for number, name in enumerate(names)
    ]
