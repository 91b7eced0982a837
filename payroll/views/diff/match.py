"""Which row of one side is which row of the other: by key, never by position."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.views.diff.sides import RawTable, Role, Side, TypedColumn

Rows = npt.NDArray[np.int64]
_SEPARATOR = "\x1f"
#: Columns that say how much, how or why, but not who.
_NO_KEY = {Role.AMOUNT, Role.STATUS, Role.REASON, Role.RULES, Role.BASIS, Role.STREAM, Role.SITE}
#: A key found alone must be known to the other side for at least this share of the smaller side.
_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows in both (old[i] is new[i]), rows of the new side only, rows of the old side only."""

    old: Rows
    new: Rows
    added: Rows
    removed: Rows


def key_texts(side: Side, keys: Sequence[str]) -> list[str]:
    """One text per row over the key columns."""
    columns = [side.columns[name].key_texts() for name in keys]
    if len(columns) == 1:
        return columns[0]
    return [_SEPARATOR.join(parts) for parts in zip(*columns, strict=True)]


def match(old: Side, new: Side, keys: Sequence[str], compared: Sequence[str], near: str) -> Matched:
    """Pair the rows. A key that stands on several rows pairs equal rows first, then those with
    the same `near`, then in the order of their contents: no row's place in the file matters.
    """
    texts = [key_texts(side, keys) for side in (old, new)]
    codes, _ = pd.factorize(_objects(texts[0] + texts[1]))
    ids = [codes[: len(old)].astype("int64"), codes[len(old) :].astype("int64")]
    again = [np.zeros(len(side), dtype="int64") for side in (old, new)]
    counts = [np.bincount(part, minlength=codes.max(initial=-1) + 1) for part in ids]
    repeated = np.flatnonzero((counts[0] > 1) | (counts[1] > 1))
    if len(repeated):
        _number_repeats(
            ids, again, repeated, [_signer(old, compared, near), _signer(new, compared, near)]
        )
    width = 1 + max((int(part.max(initial=0)) for part in again), default=0)
    unique = [part * width + turn for part, turn in zip(ids, again, strict=True)]
    _, left, right = np.intersect1d(unique[0], unique[1], assume_unique=True, return_indices=True)
    order = np.argsort(left, kind="stable")
    left, right = left[order].astype("int64"), right[order].astype("int64")
    return Matched(
        left,
        right,
        np.setdiff1d(np.arange(len(new), dtype="int64"), right, assume_unique=True),
        np.setdiff1d(np.arange(len(old), dtype="int64"), left, assume_unique=True),
    )


def _objects(items: Sequence[str]) -> npt.NDArray[np.object_]:
    found = np.empty(len(items), dtype=object)
    found[:] = items
    return found


Signer = Callable[[int], tuple[tuple[object, ...], str]]


def _signer(side: Side, compared: Sequence[str], near: str) -> Signer:
    columns = [side.columns[name] for name in sorted(compared)]
    close = side.columns.get(near)

    def sign(row: int) -> tuple[tuple[object, ...], str]:
        content = tuple(
            (bool(column.numeric[row]), int(column.units[row]), str(column.text[row]))
            for column in columns
        )
        return content, str(close.text[row]) if close is not None else ""

    return sign


def _number_repeats(
    ids: list[Rows], again: list[Rows], repeated: Rows, signers: list[Signer]
) -> None:
    """Number the rows of a repeated key: rows that belong together get the same number."""
    wanted = set(repeated.tolist())
    rows: list[dict[int, list[int]]] = []
    for part in ids:
        by_key: dict[int, list[int]] = defaultdict(list)
        for row in np.flatnonzero(np.isin(part, repeated)).tolist():
            by_key[int(part[row])].append(row)
        rows.append(by_key)
    for key in wanted:
        left = [(signers[0](row), row) for row in rows[0].get(key, [])]
        right = [(signers[1](row), row) for row in rows[1].get(key, [])]
        for number, (a, b) in enumerate(_pairs(sorted(left), sorted(right))):
            if a is not None:
                again[0][a] = number
            if b is not None:
                again[1][b] = number


_Signed = tuple[tuple[tuple[object, ...], str], int]


def _pairs(left: list[_Signed], right: list[_Signed]) -> Iterator[tuple[int | None, int | None]]:
    whole: Callable[[_Signed], object] = lambda item: item[0]  # noqa: E731
    close: Callable[[_Signed], object] = lambda item: item[0][1]  # noqa: E731
    for sign in (whole, close):
        waiting: dict[object, deque[_Signed]] = defaultdict(deque)
        for item in right:
            waiting[sign(item)].append(item)
        rest, used = [], set()
        for item in left:
            if waiting[sign(item)] and (sign is whole or sign(item)):
                other = waiting[sign(item)].popleft()
                used.add(other[1])
                yield item[1], other[1]
            else:
                rest.append(item)
        left, right = rest, [item for item in right if item[1] not in used]
    for position in range(max(len(left), len(right))):
        yield (
            left[position][1] if position < len(left) else None,
            right[position][1] if position < len(right) else None,
        )


# --- which columns are the key ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeySearch:
    """keys: the columns found, () = none is sure. candidates: (heading, repeats over the sides)."""

    keys: tuple[str, ...]
    candidates: tuple[tuple[str, int], ...]


def find_key(sides: Sequence[Side], tables: Sequence[RawTable]) -> KeySearch:
    """The first column, else the first pair, that names each row of every side once."""
    names = [name for name, column in sides[0].columns.items() if _may_be_key(name, column, sides)]
    names.sort(key=lambda name: _rank(sides[0].columns[name]))
    codes = {name: [side.columns[name].key_texts() for side in sides] for name in names}
    single = [(name,) for name in names]
    pairs = list(combinations(names[:8], 2))
    for keys in (*single, *pairs):
        texts = [
            list(zip(*(codes[name][number] for name in keys), strict=True))
            for number in range(len(sides))
        ]
        if _names_each_row(texts):
            return KeySearch(keys, ())
    repeats = [(name, sum(len(side) - len(set(side)) for side in codes[name])) for name in names]
    repeats.sort(key=lambda item: item[1])
    shown = {heading.name: heading.shown for heading in tables[0].headings}
    return KeySearch((), tuple((shown[name], count) for name, count in repeats[:6]))


def _names_each_row(texts: Sequence[list[tuple[str, ...]]]) -> bool:
    sets = [set(side) for side in texts]
    if any(len(found) != len(side) for found, side in zip(sets, texts, strict=True)):
        return False
    if any(not any(part for part in key) for found in sets for key in found):
        return False
    common = set.intersection(*sets)
    return len(common) >= _OVERLAP * min(len(found) for found in sets)


def _may_be_key(name: str, column: TypedColumn, sides: Sequence[Side]) -> bool:
    if column.heading.role in _NO_KEY or column.kind in ("amount", "day", "iban"):
        return False
    return not all(_counts_rows(side.columns[name]) for side in sides)


def _counts_rows(column: TypedColumn) -> bool:
    """Whether a column is 1, 2, 3 ...: the row's position, which names nothing."""
    count = len(column.units)
    return bool(count > 1 and column.numeric.all() and (np.diff(column.units) == 1).all())


def _rank(column: TypedColumn) -> int:
    """Identifiers first as they stand, then codes, numbers, texts; names for want of others."""
    ranks = {Role.PAYEE: 0, Role.CODE: 0, Role.COMPONENT: 2, Role.NAME: 6}
    kinds = {"code": 3, "number": 4}
    return ranks.get(column.heading.role, kinds.get(column.kind, 5))
