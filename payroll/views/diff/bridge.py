"""Last total + joiners - leavers + changes + adjustments = this total, closing to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.errors import require
from payroll.views.diff.match import Matched
from payroll.views.diff.sides import Role, Side, TypedColumn

TOTAL = "total"
#: From last to this, in the order of the bridge.
STEPS = ("joiners", "leavers", "changes", "adjustments", "index", "moved", "within")
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeRow:
    """The bridge of everything (kind 'total') or of one stream or site, in units of the measure.

    leavers is negative. index: what an index of public pay added. moved: amounts that came
    from, or went to, another group of the kind.
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
    index: int
    moved: int
    within: int
    this: int

    @property
    def gap(self) -> int:
        """What the steps do not explain: always 0."""
        steps: list[int] = [getattr(self, step) for step in STEPS]
        return self.this - self.last - sum(steps)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step's amounts with the row of the side whose group they belong to."""

    name: str
    amounts: Rows
    side: int  # 0: the old side, 1: the new one
    rows: Rows


def bridge_rows(
    old: Side,
    new: Side,
    matched: Matched,
    *,
    measure: str,
    tolerance: Decimal,
    adjusted: Mapping[tuple[str, str], int],
    indexed: Mapping[tuple[str, str], int],
) -> tuple[BridgeRow, ...]:
    """The bridge as a whole, then per stream and per site where the sides know them."""
    before, after = old.columns[measure], new.columns[measure]
    steps = [
        _Step("last", before.units, 0, np.arange(len(old))),
        *_steps(
            (old, new),
            matched,
            values=(before, after),
            tolerance=tolerance,
            adjusted=adjusted,
            indexed=indexed,
        ),
        _Step("this", after.units, 1, np.arange(len(new))),
    ]
    rows = []
    for kind in (TOTAL, Role.STREAM, Role.SITE):
        groups = [_groups(side, kind) for side in (old, new)]
        left, right = groups
        if left is not None and right is not None:
            carried = np.where(
                left[matched.old] == right[matched.new], 0, before.units[matched.old]
            )
            moved = [
                _Step("moved", carried, 1, matched.new),
                _Step("moved", -carried, 0, matched.old),
            ]
            rows += _rows(str(kind), (left, right), [*steps, *moved], after.scale)
    for row in rows:
        require(row.gap == 0, f"the bridge of {row.kind} {row.group} does not close")
    return tuple(rows)


def _groups(side: Side, kind: str) -> npt.NDArray[np.object_] | None:
    """The group of each row; None where the side does not know it."""
    if kind == TOTAL:
        return np.full(len(side), TOTAL, dtype=object)
    texts = side.groups.get(kind)
    if texts is None:
        column = side.of_role(kind)
        texts = None if column is None else column.key_texts()
    return None if texts is None else np.array(texts, dtype=object)


def _rows(
    kind: str,
    groups: tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]],
    steps: Sequence[_Step],
    scale: int,
) -> list[BridgeRow]:
    """One bridge per group; who changes group takes the old amount along, the rest is a change."""
    frame = pd.concat(
        [
            pd.DataFrame(
                {"step": step.name, "group": groups[step.side][step.rows], "units": step.amounts}
            )
            for step in steps
        ]
    )
    sums = frame.groupby(["group", "step"])["units"].sum().unstack(fill_value=0)
    return [
        BridgeRow(
            kind=kind,
            group=str(group),
            scale=scale,
            **{step: int(found.get(step, 0)) for step in (*STEPS, "last", "this")},
        )
        for group, found in sums.to_dict("index").items()
    ]


def _steps(
    sides: tuple[Side, Side],
    matched: Matched,
    *,
    values: tuple[TypedColumn, TypedColumn],
    tolerance: Decimal,
    adjusted: Mapping[tuple[str, str], int],
    indexed: Mapping[tuple[str, str], int],
) -> list[_Step]:
    """Every cent of the difference in one step.

    A row of a payee who stands on the other side too is a change, not a joiner or a leaver.
    """
    (_, new), (before, after) = sides, values
    entities = [_entities(side) for side in sides]
    delta = after.units[matched.new] - before.units[matched.old]
    small = (np.abs(delta) <= int(tolerance.scaleb(after.scale))) & (
        before.numeric[matched.old] & after.numeric[matched.new]
    )
    own = np.where(small, 0, _adjusted(new, entities[1], matched, delta, adjusted))
    index = np.where(small, 0, _first_rows(entities[1], matched, delta, indexed))
    joins = ~_known(entities[1], entities[0], matched.added)
    leaves = ~_known(entities[0], entities[1], matched.removed)
    added, removed = after.units[matched.added], -before.units[matched.removed]
    return [
        _Step("joiners", np.where(joins, added, 0), 1, matched.added),
        _Step("leavers", np.where(leaves, removed, 0), 0, matched.removed),
        _Step("changes", np.where(joins, 0, added), 1, matched.added),
        _Step("changes", np.where(leaves, 0, removed), 0, matched.removed),
        _Step("changes", np.where(small, 0, delta - own - index), 1, matched.new),
        _Step("adjustments", own, 1, matched.new),
        _Step("index", index, 1, matched.new),
        _Step("within", np.where(small, delta, 0), 1, matched.new),
    ]


def _entities(side: Side) -> list[tuple[str, str]] | None:
    """(stream, payee) of each row; None where nobody is named: then each row is its own."""
    stream, payee = side.of_role(Role.STREAM), side.of_role(Role.PAYEE)
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
    is itself an adjusted line.
    """
    basis = new.of_role(Role.BASIS)
    if basis is not None:
        return np.where(basis.text[matched.new] == "adjusted", delta, 0)
    return _first_rows(entities, matched, delta, adjusted)


def _first_rows(
    entities: list[tuple[str, str]] | None,
    matched: Matched,
    delta: npt.NDArray[np.int64],
    amounts: Mapping[tuple[str, str], int],
) -> npt.NDArray[np.int64]:
    """The amount of each payee, on the first of its rows that differ."""
    own = np.zeros(len(delta), dtype="int64")
    if amounts and entities is not None:
        left = dict(amounts)
        for position in np.flatnonzero(delta != 0).tolist():
            own[position] = left.pop(entities[int(matched.new[position])], 0)
    return own
