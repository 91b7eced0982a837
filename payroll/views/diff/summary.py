"""The summary of a Diff as tables: sides, counts and totals, the bridge."""

from __future__ import annotations

from collections.abc import Sequence

from payroll.model.exact import Exact
from payroll.render.table import Column, Table
from payroll.views.diff.bridge import TOTAL
from payroll.views.diff.compare import FIRST_ROLES, Comparison
from payroll.views.diff.model import Diff
from payroll.views.diff.words import Words

_CHANGE = Column("cmp_col_change", "mark", 16, "cmp_mark_")


def summary_tables(diff: Diff, words: Words) -> list[Table]:
    """Sides, counts and totals, and the bridge as a whole and per stream and site."""
    tables = [_sides(diff, words), _counts(diff, words)]
    bridges = [("cmp_bridge", diff.main)]
    if diff.base is not None:
        bridges.append(("cmp_bridge_first", diff.base))
    return tables + [_bridge(found, words, table_id) for table_id, found in bridges if found.bridge]


def _sides(diff: Diff, words: Words) -> Table:
    sides = [(words.say("cmp_side_old"), diff.main.old), (words.say("cmp_side_new"), diff.main.new)]
    if diff.base is not None:
        sides = [
            (words.say("cmp_side_first"), diff.base.old),
            (words.say("cmp_side_draft"), diff.main.old),
            (words.say("cmp_side_now"), diff.main.new),
        ]
    measure = diff.main.measure
    values: list[Sequence[object]] = [
        [name for name, _ in sides],
        [side.label for _, side in sides],
        [len(side) for _, side in sides],
        [
            Exact(int(side.columns[measure].units.sum()), side.columns[measure].scale)
            if measure
            else ""
            for _, side in sides
        ],
    ]
    columns = (
        Column("cmp_col_side", "text", 24),
        Column("cmp_col_what", "wrap", 40),
        Column("cmp_col_rows", "count", 12),
        Column("cmp_col_total", "value", 20),
    )
    return Table(id="cmp_sides", columns=columns, values=values)


def _counts(diff: Diff, words: Words) -> Table:
    """Rows and money per kind of difference; explained and unexplained apart."""
    found = diff.main
    measure = found.measure
    zero, scale = (0, found.new.columns[measure].scale) if measure else (0, 0)
    new_units = found.new.columns[measure].units if measure else None
    old_units = found.old.columns[measure].units if measure else None
    mine = (found.changes["column"] == measure).to_numpy(dtype=bool)
    sure, unsure = mine & found.explained, mine & ~found.explained
    delta = found.changes["delta"].to_numpy()
    within = sum(item.within for item in found.counts)
    roles = [found.new.columns[name].heading.role for name in found.changes["column"]]
    rows: list[tuple[str, int, int | None]] = [
        (str(role), roles.count(role), None) for role in FIRST_ROLES
    ]
    rows += [
        ("unexplained", int(unsure.sum()), int(delta[unsure].sum())),
        ("explained", int(sure.sum()), int(delta[sure].sum())),
        (
            "added",
            len(found.matched.added),
            int(new_units[found.matched.added].sum()) if new_units is not None else zero,
        ),
        (
            "removed",
            len(found.matched.removed),
            -int(old_units[found.matched.removed].sum()) if old_units is not None else zero,
        ),
        ("changed", found.changed_rows, int(delta[mine].sum())),
        ("within", within, None),
        ("same", found.unchanged, None),
    ]
    if diff.rest is not None:
        rest = diff.rest
        count = len(rest.changes) + len(rest.matched.added) + len(rest.matched.removed)
        rows.append(("rest", count, None))
    if not measure:
        rows = [
            (name, count, None)
            for name, count, _ in rows
            if name not in ("explained", "unexplained")
        ]
    values: list[Sequence[object]] = [
        [name if name not in ("within", "status", "rest") else _LIKE[name] for name, _, _ in rows],
        [words.say(f"cmp_count_{name}") for name, _, _ in rows],
        [count for _, count, _ in rows],
        [Exact(total, scale) if total is not None else "" for _, _, total in rows],
    ]
    columns = (
        _CHANGE,
        Column("cmp_col_meaning", "wrap", 54),
        Column("cmp_col_count", "count", 12),
        Column("cmp_col_amount", "value", 20),
    )
    return Table(id="cmp_counts", columns=columns, values=values)


_LIKE = {"within": "same", "status": "changed", "rest": "same"}
_STEPS = ("last", "joiners", "leavers", "changes", "adjustments", "moved", "within", "this", "gap")


def _bridge(found: Comparison, words: Words, table_id: str) -> Table:
    def label(kind: str, group: str) -> str:
        if kind == TOTAL:
            return words.say("column_total")
        shown = words.code("stream_", group) if kind == "stream" else group
        return f"{words.say(f'cmp_group_{kind}')} {shown or words.say('cmp_no_group')}"

    rows = found.bridge
    values: list[list[object]] = [[label(row.kind, row.group) for row in rows]]
    values += [[Exact(int(getattr(row, step)), row.scale) for row in rows] for step in _STEPS]
    columns = [Column("cmp_col_group", "text", 24)]
    columns += [Column(f"cmp_step_{step}", "value", 16) for step in _STEPS]
    return Table(id=table_id, columns=tuple(columns), values=values)
