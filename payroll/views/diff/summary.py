"""The summary of a Diff as tables: sides, counts and totals, the bridge."""

from __future__ import annotations

from payroll.model.exact import Exact
from payroll.render.table import Column, Table
from payroll.views.diff.bridge import STEPS, TOTAL
from payroll.views.diff.compare import FIRST_ROLES, Comparison
from payroll.views.diff.model import Diff
from payroll.views.diff.tables import CHANGE
from payroll.views.diff.words import Words

#: Counts whose mark is that of another.
_MARKS = {"within": "same", "status": "changed", "rest": "same"}


def summary_tables(diff: Diff, words: Words) -> list[Table]:
    """Sides, counts and totals, and the bridge as a whole and per stream and site."""
    tables = [_sides(diff, words), _counts(diff, words), _bridge(diff.main, words, "cmp_bridge")]
    if diff.base is not None:
        tables.append(_bridge(diff.base, words, "cmp_bridge_first"))
    return [table for table in tables if len(table)]


def _sides(diff: Diff, words: Words) -> Table:
    sides = [("old", diff.main.old), ("new", diff.main.new)]
    if diff.base is not None:
        sides = [("first", diff.base.old), ("draft", diff.main.old), ("now", diff.main.new)]
    measured = [side.columns.get(diff.main.measure) for _, side in sides]
    totals = [Exact(int(item.units.sum()), item.scale) if item else "" for item in measured]
    return Table.of(
        "cmp_sides",
        (Column("cmp_col_side", "text", 24), [words.say(f"cmp_side_{name}") for name, _ in sides]),
        (Column("cmp_col_what", "wrap", 40), [side.label for _, side in sides]),
        (Column("cmp_col_rows", "count", 12), [len(side) for _, side in sides]),
        (Column("cmp_col_total", "value", 20), totals),
    )


def _counts(diff: Diff, words: Words) -> Table:
    """Rows and money per kind of difference; explained and unexplained apart."""
    rows = [*_counted(diff.main)]
    if diff.rest is not None:
        rest = diff.rest
        count = len(rest.changes) + len(rest.matched.added) + len(rest.matched.removed)
        rows.append(("rest", count, None))
    scale = diff.main.new.columns[diff.main.measure].scale if diff.main.measure else 0
    return Table.of(
        "cmp_counts",
        (CHANGE, [_MARKS.get(name, name) for name, _, _ in rows]),
        (
            Column("cmp_col_meaning", "wrap", 54),
            [words.say(f"cmp_count_{name}") for name, _, _ in rows],
        ),
        (Column("cmp_col_count", "count", 12), [count for _, count, _ in rows]),
        (
            Column("cmp_col_amount", "value", 20),
            [Exact(units, scale) if units is not None else "" for _, _, units in rows],
        ),
    )


def _counted(found: Comparison) -> list[tuple[str, int, int | None]]:
    """(kind of difference, how many, units of the measure); None where there is nothing to sum."""
    columns, matched, measure = found.new.columns, found.matched, found.measure
    roles = [columns[name].heading.role for name in found.changes["column"]]
    rows: list[tuple[str, int, int | None]] = [
        (str(role), roles.count(role), None) for role in FIRST_ROLES
    ]
    added = removed = changed = None
    if measure:
        mine = (found.changes["column"] == measure).to_numpy(dtype=bool)
        delta = found.changes["delta"].to_numpy()
        for name, which in (("unexplained", ~found.explained), ("explained", found.explained)):
            rows.append((name, int((mine & which).sum()), int(delta[mine & which].sum())))
        added = int(columns[measure].units[matched.added].sum())
        removed = -int(found.old.columns[measure].units[matched.removed].sum())
        changed = int(delta[mine].sum())
    return [
        *rows,
        ("added", len(matched.added), added),
        ("removed", len(matched.removed), removed),
        ("changed", found.changed_rows, changed),
        ("within", sum(item.within for item in found.counts), None),
        ("same", found.unchanged, None),
    ]


def _bridge(found: Comparison, words: Words, table_id: str) -> Table:
    def label(kind: str, group: str) -> str:
        if kind == TOTAL:
            return words.say("column_total")
        shown = words.code("stream_", group) if kind == "stream" else group
        return f"{words.say(f'cmp_group_{kind}')} {shown or words.say('cmp_no_group')}"

    return Table.of(
        table_id,
        (Column("cmp_col_group", "text", 24), [label(row.kind, row.group) for row in found.bridge]),
        *(
            (
                Column(f"cmp_step_{step}", "value", 16),
                [Exact(getattr(row, step), row.scale) for row in found.bridge],
            )
            for step in ("last", *STEPS, "this", "gap")
        ),
    )
