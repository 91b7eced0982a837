"""What must hold of any two sheets: nothing differs from itself, both ways say the same, the
bridge closes, no order matters, and the changes applied to one side give the other.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.rulebook.book import load_rulebook
from payroll.store import load_rule_files, rules_folder
from payroll.views.diff.build import Given, Options, diff_of
from payroll.views.diff.compare import Comparison
from payroll.views.diff.sides import plain_text

FORMATS = load_rulebook(load_rule_files(rules_folder())).formats
HEAD = ("Matricule", "Nom", "Net", "Site")
NAMES = st.sampled_from(["Ann", "Bea", "Cis", "=1+1", "", "É"])
ROW = st.tuples(
    st.integers(1, 12).map(lambda number: f"{number:03d}"),
    NAMES,
    st.integers(-50_000, 50_000).map(lambda cents: f"{cents / 100:.2f}"),
    st.sampled_from(["North", "South"]),
)
SHEETS = st.lists(ROW, min_size=1, max_size=14)


def content(rows: list[tuple[str, ...]], head: tuple[str, ...] = HEAD) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([head, *rows])
    return buffer.getvalue().encode()


def compared(old: bytes, new: bytes) -> Comparison:
    sides = [Given(label="a.csv", content=old), Given(label="b.csv", content=new)]
    return diff_of(sides, FORMATS, Options(keys=("Matricule",), language="en")).main


def facts(found: Comparison, *, turned: bool = False) -> Counter[Any]:
    """Every difference as a value: no row numbers."""
    added, removed = found.matched.added, found.matched.removed
    counts: Counter[Any] = Counter()
    for name, old, new in zip(
        *(found.changes[item] for item in ("column", "old", "new")), strict=True
    ):
        values = [
            plain_text(found.old.columns[name].value(old)),
            plain_text(found.new.columns[name].value(new)),
        ]
        counts[
            "changed", found.key(new=True, row=new), name, tuple(values[::-1] if turned else values)
        ] += 1
    for what, rows, new in (("added", added, True), ("removed", removed, False)):
        said = {"added": "removed", "removed": "added"}[what] if turned else what
        for row in rows.tolist():
            counts[said, found.key(new=new, row=row), whole(found, row, new=new)] += 1
    return counts


def whole(found: Comparison, row: int, *, new: bool) -> tuple[str, ...]:
    side = found.new if new else found.old
    return tuple(
        plain_text(side.columns[name].value(row)) for name in sorted(found.request.compared)
    )


@settings(deadline=None, max_examples=60)
@given(SHEETS, st.randoms(use_true_random=False))
def test_a_sheet_does_not_differ_from_itself_in_another_order(
    rows: list[tuple[str, ...]], chance: random.Random
) -> None:
    shuffled = chance.sample(rows, len(rows))
    columns = chance.sample(range(4), 4)
    turned = [tuple(row[column] for column in columns) for row in shuffled]
    head = tuple(HEAD[column] for column in columns)
    assert not compared(content(rows), content(turned, head)).different


@settings(deadline=None, max_examples=60)
@given(SHEETS, SHEETS)
def test_both_ways_say_the_same(old: list[tuple[str, ...]], new: list[tuple[str, ...]]) -> None:
    there, back = compared(content(old), content(new)), compared(content(new), content(old))
    assert facts(there) == facts(back, turned=True)
    assert there.unchanged == back.unchanged


@settings(deadline=None, max_examples=60)
@given(SHEETS, SHEETS)
def test_the_bridge_closes(old: list[tuple[str, ...]], new: list[tuple[str, ...]]) -> None:
    found = compared(content(old), content(new))
    totals = [sum(round(float(row[2]) * 100) for row in rows) for rows in (old, new)]
    whole_row = found.bridge[0]
    assert [whole_row.last, whole_row.this] == totals
    assert all(row.gap == 0 for row in found.bridge)
    sites = [row for row in found.bridge if row.kind == "site"]
    for step in ("last", "joiners", "leavers", "changes", "adjustments", "this"):
        assert sum(getattr(row, step) for row in sites) == getattr(whole_row, step)
    assert sum(row.moved for row in sites) == 0


@settings(deadline=None, max_examples=60)
@given(SHEETS, SHEETS, st.randoms(use_true_random=False))
def test_no_order_matters(
    old: list[tuple[str, ...]], new: list[tuple[str, ...]], chance: random.Random
) -> None:
    plain = compared(content(old), content(new))
    mixed = compared(content(chance.sample(old, len(old))), content(chance.sample(new, len(new))))
    assert facts(plain) == facts(mixed)
    assert plain.bridge == mixed.bridge


@settings(deadline=None, max_examples=60)
@given(SHEETS, SHEETS)
def test_the_changes_applied_to_a_give_b(
    old: list[tuple[str, ...]], new: list[tuple[str, ...]]
) -> None:
    found = compared(content(old), content(new))
    names = sorted(found.request.compared)
    rows = {row: list(whole(found, row, new=False)) for row in range(len(found.old))}
    ids = {row: found.key(new=False, row=row) for row in rows}
    for name, a, b in zip(*(found.changes[item] for item in ("column", "old", "new")), strict=True):
        rows[a][names.index(name)] = plain_text(found.new.columns[name].value(b))
    for row in found.matched.removed.tolist():
        del rows[row]
    result = Counter((ids[row], tuple(values)) for row, values in rows.items())
    for row in found.matched.added.tolist():
        result[found.key(new=True, row=row), whole(found, row, new=True)] += 1
    wanted = Counter(
        (found.key(new=True, row=row), whole(found, row, new=True)) for row in range(len(found.new))
    )
    assert result == wanted
