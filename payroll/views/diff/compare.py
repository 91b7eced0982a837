"""Two typed sides -> every difference, as frames: whole columns at a time, exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.views.diff.bridge import BridgeRow, bridge_rows
from payroll.views.diff.match import Matched, key_texts, match
from payroll.views.diff.sides import Role, Side, TypedColumn, plain_text

#: The sections above the amounts, in this order.
FIRST_ROLES = (Role.ACCOUNT, Role.NAME, Role.STATUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What two runs say about a payee, by (stream, payee id).

    reasons: words for a reader. explained: payees whose change the reasons cover. adjusted: cents
    that come from adjustments, indexed: from an index of public pay. sources, rules: cells
    and rules behind the change.
    """

    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)
    explained: frozenset[tuple[str, str]] = frozenset()
    adjusted: Mapping[tuple[str, str], int] = field(default_factory=dict)
    indexed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], str] = field(default_factory=dict)
    rules: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How to compare. tolerance: below or at it two numbers are the same; near: see `match`."""

    keys: tuple[str, ...]
    compared: tuple[str, ...]
    tolerance: Decimal = Decimal(0)
    near: str = ""
    repeats: bool = False
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCount:
    """One compared column: cells that differ, cells that differ within the tolerance, totals."""

    name: str
    kind: str
    scale: int
    changed: int
    within: int
    old_total: int | None
    new_total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that differs between two sides.

    changes: one row per cell, columns column, old, new (row numbers of the sides), delta (units of
    the column, 0 for a text), largest first. unchanged: rows that are the same in every column.
    measure: the amount that is summed and bridged, '' = none. repeated: key -> rows old, new.
    """

    old: Side
    new: Side
    request: Request
    matched: Matched
    changes: pd.DataFrame
    counts: tuple[ColumnCount, ...]
    unchanged: int
    measure: str
    bridge: tuple[BridgeRow, ...]
    repeated: Mapping[str, tuple[int, int]]
    explained: npt.NDArray[np.bool_]  # one per change

    @property
    def different(self) -> bool:
        """Whether anything differs beyond the tolerance."""
        return bool(len(self.changes) or len(self.matched.added) or len(self.matched.removed))

    @property
    def changed_rows(self) -> int:
        """Rows of both sides with at least one cell that differs."""
        return len(self.matched.old) - self.unchanged

    def key(self, *, new: bool, row: int) -> tuple[str, ...]:
        """The key of a row, one text per key column."""
        side = self.new if new else self.old
        return tuple(plain_text(side.columns[name].value(row)) for name in self.request.keys)

    def entity(self, *, new: bool, row: int) -> tuple[str, str]:
        """(stream, payee) of a row, as evidence names them; '' where a side has no such column."""
        side = self.new if new else self.old
        return (_cell_of_role(side, Role.STREAM, row), _cell_of_role(side, Role.PAYEE, row))


def _cell_of_role(side: Side, role: Role, row: int) -> str:
    column = side.of_role(role)
    return str(column.text[row]) if column is not None else ""


def compare(old: Side, new: Side, request: Request) -> Comparison:
    """Every difference between two sides whose columns were typed together."""
    matched = match(old, new, request.keys, request.compared, request.near)
    parts: list[pd.DataFrame] = []
    counts = []
    touched = np.zeros(len(matched.old), dtype=bool)
    for name in request.compared:
        before, after = old.columns[name], new.columns[name]
        differs, within, delta = _differences(before, after, matched, request.tolerance)
        touched |= differs
        rows = np.flatnonzero(differs)
        parts.append(_part(name, matched, rows, delta))
        counts.append(_count(name, before, after, len(rows), int(within.sum())))
    nothing = np.zeros(0, dtype="int64")
    parts = parts or [_part("", matched, nothing, nothing)]
    changes = _sorted(pd.concat(parts, ignore_index=True), old, new)
    measure = measure_of(new, request.compared)
    return Comparison(
        old=old,
        new=new,
        request=request,
        matched=matched,
        changes=changes,
        counts=tuple(counts),
        unchanged=int((~touched).sum()),
        measure=measure,
        bridge=bridge_rows(
            old,
            new,
            matched,
            measure=measure,
            tolerance=request.tolerance,
            adjusted=request.evidence.adjusted,
            indexed=request.evidence.indexed,
        )
        if measure
        else (),
        repeated=_repeated(old, new, request),
        explained=_explained(new, changes, request.evidence),
    )


def _differences(
    before: TypedColumn, after: TypedColumn, matched: Matched, tolerance: Decimal
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Per pair: whether it differs, whether it differs within the tolerance, new less old."""
    old_number, new_number = before.numeric[matched.old], after.numeric[matched.new]
    delta = after.units[matched.new] - before.units[matched.old]
    both = old_number & new_number
    allowed = int(tolerance.scaleb(after.scale))
    words = np.asarray(before.text[matched.old] != after.text[matched.new], dtype=bool)
    differs = np.where(both, np.abs(delta) > allowed, (old_number != new_number) | words)
    return differs, both & (delta != 0) & ~differs, delta


def _part(
    name: str, matched: Matched, rows: npt.NDArray[np.int64], delta: npt.NDArray[np.int64]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": pd.Series([name] * len(rows), dtype="str"),
            "old": matched.old[rows],
            "new": matched.new[rows],
            "delta": delta[rows],
        }
    )


def _count(
    name: str, before: TypedColumn, after: TypedColumn, changed: int, within: int
) -> ColumnCount:
    numbers = after.kind in ("amount", "number")
    totals = [int(column.units.sum()) if numbers else None for column in (before, after)]
    return ColumnCount(
        name=name,
        kind=after.kind,
        scale=after.scale,
        changed=changed,
        within=within,
        old_total=totals[0],
        new_total=totals[1],
    )


def _sorted(changes: pd.DataFrame, old: Side, new: Side) -> pd.DataFrame:
    """Largest difference first, as numbers; then by key, so that no row's place matters."""
    if changes.empty:
        return changes
    scales = {name: column.scale for name, column in new.columns.items()}
    top = max(scales.values(), default=0)
    factor = changes["column"].map({name: 10 ** (top - scale) for name, scale in scales.items()})
    size = changes["delta"].abs().astype("float64") * factor.astype("float64")  # order only
    keys = pd.Series([place_key(new, row) for row in changes["new"].tolist()], dtype="str")
    content = pd.Series(
        [
            str(old.columns[name].value(row))
            for name, row in zip(changes["column"].tolist(), changes["old"].tolist(), strict=True)
        ],
        dtype="str",
    )
    ranked = changes.assign(size=-size, key=keys.to_numpy(), content=content.to_numpy())
    ranked = ranked.sort_values(["size", "key", "column", "content"], kind="stable")
    return ranked[["column", "old", "new", "delta"]].reset_index(drop=True)


def place_key(side: Side, row: int) -> str:
    """A row's codes and payee, for a stable order of equal differences."""
    return "\x1f".join(
        str(column.value(row))
        for _, column in sorted(side.columns.items())
        if column.kind == "code" or column.heading.role in (Role.PAYEE, Role.STREAM)
    )


def measure_of(side: Side, compared: Sequence[str]) -> str:
    """The amount that counts: net, else the only or the last amount; else the only number."""
    amounts = [
        name for name in compared if name in side.columns and side.columns[name].kind == "amount"
    ]
    roles = [name for name in amounts if side.columns[name].heading.role is Role.AMOUNT]
    found = roles or amounts
    for name in found:
        if name.startswith(("net", "amount", "montant", "bedrag", "tebetalen", "apayer")):
            return name
    if found:
        return found[-1]
    numbers = [
        name for name in compared if name in side.columns and side.columns[name].kind == "number"
    ]
    return numbers[0] if len(numbers) == 1 else ""


def _repeated(old: Side, new: Side, request: Request) -> dict[str, tuple[int, int]]:
    if request.repeats:
        return {}
    counts = [Counter(key_texts(side, request.keys)) for side in (old, new)]
    wanted = {key for found in counts for key, count in found.items() if count > 1}
    return {key: (counts[0][key], counts[1][key]) for key in sorted(wanted)}


def _explained(new: Side, changes: pd.DataFrame, evidence: Evidence) -> npt.NDArray[np.bool_]:
    """Whether a reason stands behind each change: the runs' or the new side's own."""
    rows = changes["new"].to_numpy()
    reason = new.of_role(Role.REASON)
    found = np.zeros(len(changes), dtype=bool)
    if reason is not None:
        found |= np.asarray(reason.text[rows] != "", dtype=bool)
    if evidence.explained:
        stream, payee = new.of_role(Role.STREAM), new.of_role(Role.PAYEE)
        if payee is not None:
            streams = stream.text[rows].tolist() if stream is not None else [""] * len(rows)
            found |= np.array(
                [
                    key in evidence.explained
                    for key in zip(streams, payee.text[rows].tolist(), strict=True)
                ],
                dtype=bool,
            )
    return found
