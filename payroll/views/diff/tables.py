"""A Diff as tables: what screen, workbook and page all show, in the order of a review.

Accounts, names and status first; amounts nobody explains before those that are; other values;
added; removed; pay lines; what the comparison rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from payroll.model.exact import Exact
from payroll.render.table import Column, Table
from payroll.views.diff.compare import FIRST_ROLES, Comparison
from payroll.views.diff.model import Diff
from payroll.views.diff.sides import Role, Side, Value, plain_text
from payroll.views.diff.words import Words

CHANGE = Column("cmp_col_change", "mark", 16, "cmp_mark_")
_MARKS = {Role.ACCOUNT: "account", Role.NAME: "name"}
#: How the words of codes begin in the catalogue: in keys by role, in values by our own name.
_KEY_WORDS = {Role.STREAM: "stream_", Role.COMPONENT: "wb_component_"}
_VALUE_WORDS = {"status": "wb_status_", "legal_nature": "wb_legal_"}

#: A column and its values.
Filled = tuple[Column, Sequence[object]]


class DiffRow(NamedTuple):
    """A row of a table: the row of each side, None where a side has none, and the column shown."""

    mark: str  # changed | account | name | added | removed
    old: int | None
    new: int | None
    name: str


def detail_tables(diff: Diff, words: Words, *, rest: bool) -> list[Table]:
    """Every table below the summary; `rest` adds what was already so in the second of three."""
    main = Listing(diff.main, words)
    tables = [main.changes(table_id, items, diff) for table_id, items in main.sections().items()]
    tables += [main.alone("added"), main.alone("removed")]
    if diff.detail is not None:
        tables.append(Listing(diff.detail, words).everything("cmp_lines"))
    if diff.rest is not None and rest:
        tables.append(Listing(diff.rest, words).everything("cmp_rest"))
    if diff.main.repeated:
        tables.append(main.repeated())
    return [*tables, main.columns()]


class Listing:
    """A comparison listed in the reader's words."""

    def __init__(self, found: Comparison, words: Words) -> None:
        self.found, self.words = found, words
        self.frozen = 1 + len(found.request.keys)
        columns = found.new.columns
        self._headings = {
            name: words.heading(name, columns[name].heading.shown) for name in columns
        }

    def sections(self) -> dict[str, list[DiffRow]]:
        """The cells that differ, by the table that they stand in."""
        names = ("cmp_accounts", "cmp_unexplained", "cmp_explained", "cmp_other")
        found: dict[str, list[DiffRow]] = {name: [] for name in names}
        columns = self.found.new.columns
        for item, explained in zip(self._changed(), self.found.explained.tolist(), strict=True):
            if columns[item.name].heading.role in FIRST_ROLES:
                found["cmp_accounts"].append(item)
            elif columns[item.name].kind != "amount":
                found["cmp_other"].append(item)
            else:
                found["cmp_explained" if explained else "cmp_unexplained"].append(item)
        found["cmp_accounts"].sort(
            key=lambda item: FIRST_ROLES.index(columns[item.name].heading.role)
        )
        return found

    def changes(self, table_id: str, items: Sequence[DiffRow], diff: Diff | None = None) -> Table:
        """One row per item; of a three-way comparison with what it was at first."""
        old = [self._value(item, self.found.old, item.old) for item in items]
        new = [self._value(item, self.found.new, item.new) for item in items]
        moved = [self._delta(item) for item in items]
        columns: list[Filled] = [(CHANGE, [item.mark for item in items]), *self._keys(items)]
        if self.found.new.of_role(Role.NAME) is not None:
            columns.append((Column("wb_col_name", "text", 26), list(map(self._person, items))))
        headings = [self._headings.get(item.name, "") for item in items]
        columns.append((Column("cmp_col_column", "text", 22), headings))
        if diff is not None and diff.base is not None:
            first = [self._first(diff, item) for item in items]
            columns.append((Column("cmp_col_first", "value", 18), first))
        columns += [
            (Column("cmp_col_old", "value", 22), old),
            (Column("cmp_col_new", "value", 22), new),
            (Column("cmp_col_delta", "value", 15, signed=True), moved),
            (Column("cmp_col_percent", "percent", 10), list(map(_percent, old, new, moved))),
            *self._evidence(items),
        ]
        return Table.of(table_id, *columns, frozen_columns=self.frozen)

    def everything(self, table_id: str) -> Table:
        """Changed, added and removed rows of a further comparison, the largest first."""
        items = [*self._changed(), *self._alone("added"), *self._alone("removed")]

        def size(item: DiffRow) -> float:
            delta = self._delta(item)
            return -abs(delta.units) / 10**delta.scale if isinstance(delta, Exact) else 0

        return self.changes(table_id, sorted(items, key=size))

    def alone(self, mark: str) -> Table:
        """Rows of one side, whole: the key, the amount that counts, then every other column."""
        items, measure = self._alone(mark), self.found.measure
        sides = [self._side(item) for item in items]
        compared = self.found.request.compared
        names = [name for name in (measure, *compared) if name]
        columns: list[Filled] = [
            (CHANGE, [mark] * len(items)),
            *self._keys(items),
            *(
                (
                    Column("", "value", 20, heading=self._headings[name]),
                    [
                        self._value(item._replace(name=name), side, row)
                        for item, (_, side, row) in zip(items, sides, strict=True)
                    ],
                )
                for name in dict.fromkeys(names)
            ),
            *self._evidence(items),
        ]
        return Table.of(f"cmp_{mark}", *columns, frozen_columns=self.frozen)

    def repeated(self) -> Table:
        """Keys that stand on several rows of a side."""
        counts = self.found.repeated
        return Table.of(
            "cmp_repeated",
            (Column("cmp_col_key", "text", 34), [key.replace("\x1f", " + ") for key in counts]),
            (Column("cmp_col_times_old", "count", 14), [old for old, _ in counts.values()]),
            (Column("cmp_col_times_new", "count", 14), [new for _, new in counts.values()]),
        )

    def columns(self) -> Table:
        """One row per compared column: its kind, its tolerance, what differs, both totals."""
        counts, say = self.found.counts, self.words.say
        tolerance = Exact(int(self.found.request.tolerance.scaleb(6)), 6)
        totals = [
            [Exact(total, item.scale) if total is not None else "" for item, total in side]
            for side in (
                [(item, item.old_total) for item in counts],
                [(item, item.new_total) for item in counts],
            )
        ]
        numbers = [item.kind in ("amount", "number") for item in counts]
        return Table.of(
            "cmp_columns",
            (Column("cmp_col_column", "text", 30), [self._headings[item.name] for item in counts]),
            (
                Column("cmp_col_kind", "text", 14),
                [say(f"cmp_kind_of_{item.kind}") for item in counts],
            ),
            (
                Column("cmp_col_tolerance", "value", 14),
                [tolerance if number else "" for number in numbers],
            ),
            (Column("cmp_col_cells", "count", 12), [item.changed for item in counts]),
            (Column("cmp_col_within", "count", 14), [item.within for item in counts]),
            (Column("cmp_col_old_total", "value", 20), totals[0]),
            (Column("cmp_col_new_total", "value", 20), totals[1]),
        )

    def _changed(self) -> list[DiffRow]:
        marks = {
            name: _MARKS.get(column.heading.role, "changed")
            for name, column in self.found.new.columns.items()
        }
        rows = (self.found.changes[name].tolist() for name in ("old", "new", "column"))
        return [DiffRow(marks[name], old, new, name) for old, new, name in zip(*rows, strict=True)]

    def _alone(self, mark: str) -> list[DiffRow]:
        """The rows of one side only, the largest first."""
        is_new, matched = mark == "added", self.found.matched
        side = self.found.new if is_new else self.found.old
        rows = matched.added if is_new else matched.removed
        measure = self.found.measure

        def order(row: int) -> tuple[object, ...]:
            size = abs(int(side.columns[measure].units[row])) if measure else 0
            values = (str(side.columns[name].value(row)) for name in self.found.request.compared)
            return (-size, self.found.key(new=is_new, row=row), *values)

        return [
            DiffRow(mark, None if is_new else row, row if is_new else None, measure)
            for row in sorted(rows.tolist(), key=order)
        ]

    def _side(self, item: DiffRow) -> tuple[bool, Side, int]:
        """(is new, side, row) that tell of an item: the new ones, unless its row is gone."""
        if item.new is not None:
            return True, self.found.new, item.new
        return False, self.found.old, item.old or 0

    def _value(self, item: DiffRow, side: Side, row: int | None) -> Value:
        """A cell; codes of our own files as words."""
        if row is None or not item.name:
            return ""
        value = side.columns[item.name].value(row)
        words = _VALUE_WORDS.get(item.name)
        return self.words.code(words, value) if words and isinstance(value, str) else value

    def _first(self, diff: Diff, item: DiffRow) -> Value:
        row = diff.first_row.get(item.new) if item.new is not None else None
        if row is None or diff.base is None:
            return self.words.say("cmp_not_there")
        return self._value(item, diff.base.old, row)

    def _delta(self, item: DiffRow) -> Value:
        """New less old; a row that a side lacks, or that holds no number, counts as nothing."""
        sides = ((self.found.old, item.old, -1), (self.found.new, item.new, 1))
        cells = [
            (side.columns[item.name], row, sign)
            for side, row, sign in sides
            if row is not None and item.name
        ]
        if not any(column.numeric[row] for column, row, _ in cells):
            return ""
        units = sum(sign * int(column.units[row]) for column, row, sign in cells)
        return Exact(units, cells[0][0].scale)

    def _person(self, item: DiffRow) -> str:
        _, side, row = self._side(item)
        columns = [column for column in side.columns.values() if column.heading.role is Role.NAME]
        return " ".join(name for column in columns if (name := str(column.text[row])))

    def _keys(self, items: Sequence[DiffRow]) -> list[Filled]:
        columns: list[Filled] = []
        for name in self.found.request.keys:
            words = _KEY_WORDS.get(self.found.new.columns[name].heading.role)
            sides = [self._side(item) for item in items]
            shown = [plain_text(side.columns[name].value(row)) for _, side, row in sides]
            if words:
                shown = [self.words.code(words, item) for item in shown]
            columns.append((Column("", "text", 14, heading=self._headings[name]), shown))
        return columns

    def _evidence(self, items: Sequence[DiffRow]) -> list[Filled]:
        """Why it differs, where it stands, and which rules it hit."""
        rows = [self._told(item) for item in items]
        reasons, places, rules = zip(*rows, strict=True) if rows else ((), (), ())
        return [
            (Column("cmp_col_reason", "wrap", 54), reasons),
            (Column("cmp_col_source", "wrap", 44), places),
            (Column("cmp_col_rules", "text", 20), rules),
        ]

    def _told(self, item: DiffRow) -> tuple[str, str, str]:
        is_new, side, row = self._side(item)
        evidence = self.found.request.evidence
        entity = self.found.entity(new=is_new, row=row)
        own = {
            role: str(column.text[row]) if (column := side.of_role(role)) is not None else ""
            for role in (Role.REASON, Role.RULES)
        }
        places = [
            one.places[at]
            for one, at in ((self.found.old, item.old), (self.found.new, item.new))
            if at is not None
        ]
        cells = [" → ".join(places), evidence.sources.get(entity, "")]
        hits = [*own[Role.RULES].split(), *evidence.rules.get(entity, "").split()]
        return (
            "; ".join(filter(None, (own[Role.REASON], evidence.reasons.get(entity, "")))),
            "\n".join(filter(None, cells)),
            " ".join(dict.fromkeys(hits)),
        )


def _percent(before: Value, after: Value, delta: Value) -> float | None:
    """A ratio to show, never money; none for a row of one side only."""
    if not (isinstance(before, Exact) and isinstance(delta, Exact) and before.units):
        return None
    return delta.units / abs(before.units) if after != "" else None
