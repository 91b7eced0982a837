"""One payee, one number: zeros that a spreadsheet took away are put back where nothing is guessed.

A list of payees is the authority on how a number is written; a shorter one elsewhere that fits one
payee only lost its zeros. When the list itself lost them (every number a number cell), the other
exports say how long the numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pandas as pd

from payroll.model.findings import SOURCE_KIND, Finding, SubjectKind, finding
from payroll.model.frames import TEXT
from payroll.model.tables import PAYEE_FIELD

#: Kinds that list payees.
MASTERS = {
    "employees": SubjectKind.EMPLOYEE,
    "practitioners": SubjectKind.PRACTITIONER,
    "suppliers": SubjectKind.SUPPLIER,
}
MASTER_OF_FIELD = {PAYEE_FIELD[kind]: kind for kind in MASTERS}

Canonical = Mapping[str, Callable[[str], str]]


def with_master_ids(
    frames: dict[str, pd.DataFrame], found: Iterable[Finding]
) -> tuple[list[Finding], Canonical]:
    """Rewrite the payee numbers of `frames`: (what is told, source kind -> the new form of one).

    found: what is told already; it knows the numbers of rows that are not used.
    """
    aside: dict[str, set[str]] = {}
    for item in found:
        if item.subject_kind is not SubjectKind.FILE:
            aside.setdefault(item.params.get(SOURCE_KIND, ""), set()).add(item.subject_id)
    findings: list[Finding] = []
    canonical: dict[str, Callable[[str], str]] = {}
    for master in MASTERS:
        width = _lost_width(frames, master, aside.get(master, set()))
        if width:
            canonical[master] = _Padded(width)
            findings += _rewritten(frames, master, canonical[master], "ING-017", str(width))
    known = {}
    for master in MASTERS:
        new = canonical.get(master, str)
        listed = frames[master][PAYEE_FIELD[master]].tolist()
        known[master] = _Known({*listed, *map(new, aside.get(master, set()))})
    for kind in [kind for kind in frames if kind not in MASTERS]:
        own = MASTER_OF_FIELD.get(PAYEE_FIELD[kind])
        canonical[kind] = known[own] if own else _AnyOf(tuple(known.values()))
        findings += _rewritten(frames, kind, canonical[kind], "ING-011")
    return findings, canonical


def renamed(finding: Finding, canonical: Canonical) -> Finding:
    """A finding on a row of a source, its payee's number in the form that the frames have now."""
    new = canonical.get(finding.params.get(SOURCE_KIND, ""))
    if new is None or finding.subject_kind is SubjectKind.FILE:
        return finding
    return replace(finding, subject_id=new(finding.subject_id))


class _Padded:
    """Digits with the zeros that a number cell lost."""

    def __init__(self, width: int) -> None:
        self._width = width

    def __call__(self, identifier: str) -> str:
        return identifier.zfill(self._width) if _is_number(identifier) else identifier


class _Known:
    """A number as its list of payees writes it, when only zeros in front are missing."""

    def __init__(self, ids: set[str]) -> None:
        by_bare = {item.lstrip("0"): item for item in ids}
        self.ids = ids
        self._by_bare = by_bare if len(by_bare) == len(ids) else {}

    def __call__(self, identifier: str) -> str:
        """A longer number than the list's is another one; so is one that would fit two."""
        if identifier in self.ids:
            return identifier
        found = self._by_bare.get(identifier.lstrip("0"), "")
        return found if len(identifier) < len(found) else identifier


class _AnyOf:
    """The same over all lists, for an adjustment does not say what kind of payee it names."""

    def __init__(self, lists: tuple[_Known, ...]) -> None:
        self._lists = lists

    def __call__(self, identifier: str) -> str:
        if any(identifier in item.ids for item in self._lists):
            return identifier
        found = {item(identifier) for item in self._lists} - {identifier}
        return found.pop() if len(found) == 1 else identifier


def _rewritten(
    frames: dict[str, pd.DataFrame],
    kind: str,
    new: Callable[[str], str],
    rule_id: str,
    limit: str = "",
) -> list[Finding]:
    name, frame = PAYEE_FIELD[kind], frames[kind]
    changes = {old: new(old) for old in frame[name].unique().tolist()}
    changes = {old: found for old, found in changes.items() if old != found}
    if not changes:
        return []
    rows = frame[name].isin(changes)
    mended = [changes.get(item, item) for item in frame[name].tolist()]
    frames[kind] = frame.assign(**{name: pd.Series(mended, frame.index, dtype=TEXT)})
    file = frame.loc[rows, "source"].iloc[0].split("!")[0]
    return [
        finding(
            rule_id, SubjectKind.FILE, file, observed=str(int(rows.sum())), limit=limit, source=file
        )
    ]


def _lost_width(frames: Mapping[str, pd.DataFrame], master: str, aside: set[str]) -> int:
    """How long the numbers of a list were before it lost their zeros; 0 when it did not.

    Beyond doubt only: no number of the list begins with a zero, all are digits and stand once; in
    the other exports all numbers that begin with a zero have one length, no number is longer, and
    most of them are on the list once padded.
    """
    name = PAYEE_FIELD[master]
    ids = set(frames[master][name]) | aside
    if not ids or not all(_is_number(item) and item[0] != "0" for item in ids):
        return 0
    others: set[str] = set()
    for kind, frame in frames.items():
        if PAYEE_FIELD[kind] == name and kind != master:
            others |= set(frame[name])
    zeros = {item for item in others if item.startswith("0") and _is_number(item)}
    widths = {len(item) for item in zeros}
    if len(widths) != 1 or max(map(len, ids | others)) != max(widths):
        return 0
    (width,) = widths
    matched = {item for item in zeros if item.lstrip("0") in ids}
    return width if 2 * len(matched) > len(zeros) else 0


def _is_number(identifier: str) -> bool:
    return identifier.isascii() and identifier.isdigit()
