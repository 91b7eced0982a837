"""What each side of a comparison is: a run, one of its files, a register, or any spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from payroll.ingest.read import sheets_of
from payroll.ingest.sheet import Sheet
from payroll.model.errors import Said, UsageError
from payroll.model.streams import STREAMS
from payroll.record.run import Run
from payroll.rulebook.formats import Formats
from payroll.views.diff.any_table import any_tables, register_table
from payroll.views.diff.model import Note
from payroll.views.diff.own_files import (
    from_frame,
    from_sheet,
    only_salaries,
    own_sheet,
    register_payments,
)
from payroll.views.diff.sides import RawTable, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A side as it came from disk: the record of a run folder, or one file's bytes."""

    label: str
    content: bytes = b""
    run: Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A side, recognised: what it can be read as is a run's, or else among the views of a file.

    kind: run | payments | lines | review | register | sheet. sheets: of a file.
    """

    label: str
    kind: str
    run: Run | None = None
    views: Mapping[str, RawTable] = field(default_factory=dict)
    sheets: tuple[Sheet, ...] = ()

    def has(self, view: str) -> bool:
        """Whether it can be read as payments, lines, a register, or any sheet."""
        return view in (_OF_A_RUN if self.run is not None else (*self.views, "sheet"))

    def table(self, view: str) -> RawTable:
        """The side as one of its views but `sheet`."""
        if self.run is not None:
            return from_frame(self.label, view, self.run.frames[view])
        return self.views[view]


_OF_A_RUN = ("payments", "lines")


def recognised(given: Given, formats: Formats) -> Source:
    """What a side is, by its content. Raises DamagedInputError."""
    label = given.label
    if given.run is not None:
        return Source(label=label, kind="run", run=given.run)
    sheets = tuple(sheets_of(label, {label: given.content}))
    if (own := own_sheet(sheets)) is not None:
        views = {own.kind: from_sheet(label, own)}
        kind = "review" if own.words else own.kind
        return Source(label=label, kind=kind, views=views, sheets=sheets)
    if (register := register_table(label, sheets, formats)) is not None:
        views = {"register": register, "payments": register_payments(register)}
        return Source(label=label, kind="register", views=views, sheets=sheets)
    return Source(label=label, kind="sheet", sheets=sheets)


def common_tables(sources: Sequence[Source], formats: Formats) -> tuple[list[RawTable], list[Note]]:
    """Every side as the same kind of table. Raises UsageError cmp_kinds when there is none."""
    for view in ("register", "payments", "lines", "sheet"):
        if all(source.has(view) for source in sources):
            break
    else:
        said = tuple(Said(f"cmp_kind_{source.kind}", place=source.label) for source in sources)
        raise UsageError("cmp_kinds", detail=said)
    if view == "sheet":
        return _sheets(sources, formats)
    tables = [source.table(view) for source in sources]
    if view == "register":
        keys = max((table.keys for table in tables), key=len)
        aside = () if "period" in keys else ("period",)
        return [replace(table, keys=keys, aside=aside) for table in tables], []
    return _payments(sources, tables) if view == "payments" else (tables, [])


def _payments(
    sources: Sequence[Source], tables: list[RawTable]
) -> tuple[list[RawTable], list[Note]]:
    """Against a register salaries alone; of two months no pay day."""
    notes: list[Note] = []
    if any(source.kind == "register" for source in sources):
        tables = [only_salaries(table) for table in tables]
        notes.append(("cmp_note_only_salaries", {}))
    months = {
        frozenset(str(cell)[:7] for cell in table.cells.get("execution_date", ()))
        for table in tables
    }
    if len(months) > 1:
        tables = [replace(table, aside=(*table.aside, "execution_date")) for table in tables]
        notes.append(("cmp_note_other_month", {}))
    return tables, notes


def _sheets(sources: Sequence[Source], formats: Formats) -> tuple[list[RawTable], list[Note]]:
    """The sheets that have most in common; other sheets that could be compared too are named."""

    def common(one: RawTable, other: RawTable) -> tuple[int, int]:
        names = len(one.cells.keys() & other.cells.keys())
        return names * min(len(one), len(other)), names

    tables = [any_tables(item.label, item.sheets, formats) for item in sources]
    first, second = max(
        ((one, other) for one in tables[0] for other in tables[1]), key=lambda pair: common(*pair)
    )
    chosen = [first, second]
    chosen += [max(found, key=lambda table: common(first, table)) for found in tables[2:]]
    notes: list[Note] = [
        ("cmp_note_other_sheet", {"side": table.label, "sheet": table.sheet})
        for found, used in zip(tables, chosen, strict=True)
        for table in found
        if table is not used
    ]
    return chosen, notes


def with_sites(side: Side, source: Source) -> Side:
    """The side with the site of each row, where its run knows where people work."""
    sites = source.run.sites if source.run is not None else {}
    if not sites or "payee_id" not in side.columns:
        return side
    streams, payees = (side.columns[name].key_texts() for name in ("stream", "payee_id"))
    found = [
        sites.get((STREAMS[stream].payee, payee), "")
        for stream, payee in zip(streams, payees, strict=True)
    ]
    return replace(side, groups={"site": found})
