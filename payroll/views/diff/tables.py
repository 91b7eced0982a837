"""A Diff as tables: what screen, workbook and page all show, in the order of a review.

Accounts, names and status first; amounts nobody explains before those that are; other values;
added; removed; pay lines; what the comparison rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from payroll.model.exact import Exact
from payroll.render.table import Column, Table
from payroll.texts import catalogue
from payroll.views.diff.compare import FIRST_ROLES, Comparison, column_of_role
from payroll.views.diff.model import Diff
from payroll.views.diff.sides import Role, Side, Value, plain_text
from payroll.views.diff.words import Words

_CHANGE = Column("cmp_col_change", "mark", 16, "cmp_mark_")
_SOURCE = Column("cmp_col_source", "wrap", 44)
_REASON = Column("cmp_col_reason", "wrap", 54)
_RULES = Column("cmp_col_rules", "text", 20)


def detail_tables(diff: Diff, words: Words, *, rest: bool) -> list[Table]:
    """Every table below the summary; `rest` adds what was already so in the second of three."""
    main = diff.main
    tables = [
        *_changes(diff, main, words),
        _rows(main, words, "added"),
        _rows(main, words, "removed"),
    ]
    if diff.detail is not None:
        tables.append(_all_changes(diff.detail, words, "cmp_lines"))
    if diff.rest is not None and rest:
        tables.append(_all_changes(diff.rest, words, "cmp_rest"))
    if main.repeated:
        tables.append(_repeated(main))
    return [*tables, _columns(main, words)]


def _changes(diff: Diff, found: Comparison, words: Words) -> list[Table]:
    roles = [found.new.columns[name].heading.role for name in found.changes["column"]]
    kinds = [found.new.columns[name].kind for name in found.changes["column"]]
    first = np.array([role in FIRST_ROLES for role in roles], dtype=bool)
    amount = np.array([kind == "amount" for kind in kinds], dtype=bool) & ~first
    order = {role: number for number, role in enumerate(FIRST_ROLES)}
    above = sorted(np.flatnonzero(first).tolist(), key=lambda row: order[roles[row]])
    parts = (
        ("cmp_accounts", above),
        ("cmp_unexplained", np.flatnonzero(amount & ~found.explained).tolist()),
        ("cmp_explained", np.flatnonzero(amount & found.explained).tolist()),
        ("cmp_other", np.flatnonzero(~first & ~amount).tolist()),
    )
    return [_change_table(diff, found, words, table_id, rows) for table_id, rows in parts]


def _all_changes(found: Comparison, words: Words, table_id: str) -> Table:
    """Changed, added and removed rows of a further comparison in one table, largest first."""
    table = _change_table(None, found, words, table_id, list(range(len(found.changes))))
    more: list[list[object]] = [list(column) for column in table.values]
    for what in ("added", "removed"):
        for row in _by_size(found, what):
            for column, value in zip(more, _row_as_change(found, words, what, row), strict=True):
                column.append(value)
    size = [
        abs(item.units) / 10**item.scale if isinstance(item, Exact) else 0
        for item in more[_delta_at(table)]
    ]
    order = sorted(range(len(size)), key=lambda number: -size[number])
    return replace(table, values=[[column[number] for number in order] for column in more])


def _delta_at(table: Table) -> int:
    return [column.title for column in table.columns].index("cmp_col_delta")


def _change_table(
    diff: Diff | None, found: Comparison, words: Words, table_id: str, rows: Sequence[int]
) -> Table:
    changes = found.changes
    picked = [
        changes[name].to_numpy()[list(rows)].tolist() if len(rows) else []
        for name in ("column", "old", "new", "delta")
    ]
    names, olds, news, deltas = picked
    values: list[list[object]] = [[_mark(found, name) for name in names]]
    columns = [
        _CHANGE,
        *_key_columns(found),
        *_name_column(found),
        Column("cmp_col_column", "text", 22),
    ]
    values += [list(column) for column in _keys(found, words, news)]
    if _name_column(found):
        values.append([_name(found.new, row) for row in news])
    values.append([_heading(found, name, words) for name in names])
    if diff is not None and diff.base is not None:
        columns.append(Column("cmp_col_first", "value", 18))
        values.append(
            [_first_value(diff, name, row, words) for name, row in zip(names, news, strict=True)]
        )
    before = [found.old.columns[name].value(row) for name, row in zip(names, olds, strict=True)]
    after = [found.new.columns[name].value(row) for name, row in zip(names, news, strict=True)]
    moved = [_delta(found, name, delta) for name, delta in zip(names, deltas, strict=True)]
    columns += [
        Column("cmp_col_old", "value", 22),
        Column("cmp_col_new", "value", 22),
        Column("cmp_col_delta", "value", 15, signed=True),
        Column("cmp_col_percent", "percent", 10),
        _REASON,
        _SOURCE,
        _RULES,
    ]
    values += [
        [_said(name, value, words) for name, value in zip(names, before, strict=True)],
        [_said(name, value, words) for name, value in zip(names, after, strict=True)],
        list(moved),
        [_percent(value, delta) for value, delta in zip(before, moved, strict=True)],
        [_reason(found, row) for row in news],
        [_places(found, old, new) for old, new in zip(olds, news, strict=True)],
        [_rules(found, row) for row in news],
    ]
    return Table(
        id=table_id,
        columns=tuple(columns),
        values=values,
        frozen_columns=1 + len(found.request.keys),
    )


def _mark(found: Comparison, name: str) -> str:
    role = found.new.columns[name].heading.role
    return {Role.ACCOUNT: "account", Role.NAME: "name"}.get(role, "changed")


def _key_columns(found: Comparison) -> list[Column]:
    return [
        Column("", "text", 14, heading=found.new.columns[name].heading.shown)
        if f"cmp_head_{name}" not in catalogue()
        else Column(f"cmp_head_{name}", "text", 14)
        for name in found.request.keys
    ]


def _name_column(found: Comparison) -> list[Column]:
    has = column_of_role(found.new, Role.NAME) is not None
    return [Column("wb_col_name", "text", 26)] if has else []


def _keys(found: Comparison, words: Words, rows: Sequence[int]) -> list[list[str]]:
    columns = []
    for name in found.request.keys:
        column = found.new.columns[name]
        shown = [plain_text(column.value(row)) for row in rows]
        prefix = {Role.STREAM: "stream_", Role.COMPONENT: "wb_component_"}.get(column.heading.role)
        columns.append([words.code(prefix, item) for item in shown] if prefix else shown)
    return columns


def _name(side: Side, row: int) -> str:
    parts = [
        str(column.text[row])
        for column in side.columns.values()
        if column.heading.role is Role.NAME
    ]
    return " ".join(part for part in parts if part)


def _heading(found: Comparison, name: str, words: Words) -> str:
    known = f"cmp_head_{name}"
    return words.say(known) if known in catalogue() else found.new.columns[name].heading.shown


def _said(name: str, value: Value, words: Words) -> Value:
    """A code of our own files as a word."""
    if name == "status" and isinstance(value, str):
        return words.code("wb_status_", value)
    if name == "legal_nature" and isinstance(value, str):
        return words.code("wb_legal_", value)
    return value


def _first_value(diff: Diff, name: str, row: int, words: Words) -> Value:
    base = diff.base
    if base is None or row not in diff.first_row:
        return words.say("cmp_not_there")
    return _said(name, base.old.columns[name].value(diff.first_row[row]), words)


def _delta(found: Comparison, name: str, delta: int) -> Value:
    column = found.new.columns[name]
    return Exact(delta, column.scale) if column.kind in ("amount", "number") else ""


def _percent(before: Value, delta: Value) -> float | None:
    if not (isinstance(before, Exact) and isinstance(delta, Exact) and before.units):
        return None
    return delta.units / abs(before.units)  # a ratio to show, never money


def _reason(found: Comparison, row: int, *, new: bool = True) -> str:
    own = column_of_role(found.new if new else found.old, Role.REASON)
    told = found.request.evidence.reasons.get(found.entity(new=new, row=row), "")
    return "; ".join(part for part in (str(own.text[row]) if own else "", told) if part)


def _places(found: Comparison, old: int | None, new: int | None) -> str:
    parts = [
        found.old.places[old] if old is not None else "",
        found.new.places[new] if new is not None else "",
    ]
    row = (found.new, new) if new is not None else (found.old, old)
    is_new = new is not None
    told = found.request.evidence.sources.get(found.entity(new=is_new, row=row[1] or 0), "")
    return " → ".join(part for part in parts if part) + (f"\n{told}" if told else "")


def _rules(found: Comparison, row: int, *, new: bool = True) -> str:
    side = found.new if new else found.old
    own = column_of_role(side, Role.RULES)
    told = found.request.evidence.rules.get(found.entity(new=new, row=row), "")
    hits = [*(str(own.text[row]).split() if own is not None else []), *told.split()]
    return " ".join(dict.fromkeys(hits))


# --- added and removed --------------------------------------------------------------------------


def _by_size(found: Comparison, what: str) -> list[int]:
    side, rows = (
        (found.new, found.matched.added) if what == "added" else (found.old, found.matched.removed)
    )
    keyed = partial(found.key, new=what == "added")
    units = side.columns[found.measure].units if found.measure else None
    return sorted(
        rows.tolist(),
        key=lambda row: (
            -abs(int(units[row])) if units is not None else 0,
            keyed(row=row),
            *(str(side.columns[name].value(row)) for name in found.request.compared),
        ),
    )


def _rows(found: Comparison, words: Words, what: str) -> Table:
    """Rows of one side only, whole: the key, the amount that counts, then every other column."""
    side = found.new if what == "added" else found.old
    rows = _by_size(found, what)
    is_new = what == "added"
    others = [name for name in found.request.compared if name != found.measure]
    columns = [_CHANGE, *_key_columns(found)]
    shown = replace_side(found, side)
    values: list[list[object]] = [
        [what] * len(rows),
        *(list[object](column) for column in _keys(shown, words, rows)),
    ]
    if found.measure:
        columns.append(_value_column(found, found.measure, words))
        values.append([side.columns[found.measure].value(row) for row in rows])
    for name in others:
        columns.append(_value_column(found, name, words))
        column = side.columns[name]
        values.append([_said(name, column.value(row), words) for row in rows])
    columns += [_REASON, _SOURCE, _RULES]
    values += [
        [_reason(found, row, new=is_new) for row in rows],
        [_places(found, None if is_new else row, row if is_new else None) for row in rows],
        [_rules(found, row, new=is_new) for row in rows],
    ]
    return Table(
        id=f"cmp_{what}",
        columns=tuple(columns),
        values=values,
        frozen_columns=1 + len(found.request.keys),
    )


def replace_side(found: Comparison, side: Side) -> Comparison:
    """The comparison with `side` in the place of its new side, for the key of a removed row."""
    return replace(found, new=side)


def _value_column(found: Comparison, name: str, words: Words) -> Column:
    return Column("", "value", 20, heading=_heading(found, name, words))


def _row_as_change(found: Comparison, words: Words, what: str, row: int) -> list[object]:
    is_new = what == "added"
    side = found.new if is_new else found.old
    keys = [column[0] for column in _keys(replace_side(found, side), words, [row])]
    reason = _reason(found, row, new=is_new)
    value: Value = side.columns[found.measure].value(row) if found.measure else ""
    delta: Value = value
    if isinstance(value, Exact) and not is_new:
        delta = Exact(-value.units, value.scale)
    name = [_name(side, row)] if _name_column(found) else []
    heading = _heading(found, found.measure, words) if found.measure else ""
    return [
        what,
        *keys,
        *name,
        heading,
        "" if is_new else value,
        value if is_new else "",
        delta if isinstance(delta, Exact) else "",
        None,
        reason,
        _places(found, None if is_new else row, row if is_new else None),
        _rules(found, row, new=is_new),
    ]


# --- what the comparison rests on ---------------------------------------------------------------


def _repeated(found: Comparison) -> Table:
    keys = [key.replace("\x1f", " + ") for key in found.repeated]
    values: list[Sequence[object]] = [
        keys,
        [count[0] for count in found.repeated.values()],
        [count[1] for count in found.repeated.values()],
    ]
    columns = (
        Column("cmp_col_key", "text", 34),
        Column("cmp_col_times_old", "count", 14),
        Column("cmp_col_times_new", "count", 14),
    )
    return Table(id="cmp_repeated", columns=columns, values=values)


def _columns(found: Comparison, words: Words) -> Table:
    """One row per compared column: its kind, its tolerance, what differs, both totals."""
    counts = found.counts
    tolerance = Exact(int(found.request.tolerance.scaleb(6)), 6)
    numbers = [item.kind in ("amount", "number") for item in counts]
    totals = [
        [
            Exact(total, item.scale) if total is not None else ""
            for total, item in zip(side, counts, strict=True)
        ]
        for side in ([item.old_total for item in counts], [item.new_total for item in counts])
    ]
    values: list[Sequence[object]] = [
        [_heading(found, item.name, words) for item in counts],
        [words.say(f"cmp_kind_of_{item.kind}") for item in counts],
        [tolerance if number else "" for number in numbers],
        [item.changed for item in counts],
        [item.within for item in counts],
        *totals,
    ]
    columns = (
        Column("cmp_col_column", "text", 30),
        Column("cmp_col_kind", "text", 14),
        Column("cmp_col_tolerance", "value", 14),
        Column("cmp_col_cells", "count", 12),
        Column("cmp_col_within", "count", 14),
        Column("cmp_col_old_total", "value", 20),
        Column("cmp_col_new_total", "value", 20),
    )
    return Table(id="cmp_columns", columns=columns, values=values)
