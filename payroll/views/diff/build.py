"""`payroll diff` as a pure function: the bytes of two or three sides -> a Diff.

`sources` tells what each side is and reads it as what all sides have in common; here the columns
are typed together and compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from payroll.model.errors import Said, UsageError
from payroll.rulebook.formats import Formats, plain_key
from payroll.views.diff.compare import Comparison, Request, compare
from payroll.views.diff.evidence import evidence_between
from payroll.views.diff.match import find_key
from payroll.views.diff.model import Diff, Note
from payroll.views.diff.sides import RawTable, Side
from payroll.views.diff.sources import Given, Source, common_tables, recognised, with_sites
from payroll.views.diff.typed import typed_sides

__all__ = ["Given", "Options", "diff_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks. keys: () = find them."""

    keys: tuple[str, ...] = ()
    tolerance: Decimal = Decimal(0)
    ignored: tuple[str, ...] = ()
    language: str = "fr"


def diff_of(given: Sequence[Given], formats: Formats, options: Options) -> Diff:
    """Compare two or three sides. Raises UsageError when they cannot be compared: cmp_kinds,
    cmp_key_missing, cmp_column_unknown, cmp_nothing_shared; DamagedInputError for a bad file.
    """
    sources = [recognised(item, formats) for item in given]
    tables, notes = common_tables(sources, formats)
    sides, keys, told = _typed(tables, options)
    notes += told
    sides = [with_sites(side, source) for side, source in zip(sides, sources, strict=True)]
    request = _request(tables, sides, keys, options)
    old, new = sides[-2], sides[-1]
    main = compare(old, new, _with_evidence(request, sources[-2:], options))
    base = None
    if len(sides) == 3:
        ends = [sources[0], sources[-1]]
        base = compare(sides[0], new, _with_evidence(request, ends, options))
    names = [{heading.name for heading in table.headings} for table in tables[-2:]]
    same_kind = tables[-1].kind == "sheet"
    return Diff(
        main=main,
        base=base,
        detail=_detail(sources[-2:], options, tables[-1].kind),
        only_old=_lacking(tables[-2], names[1]) if same_kind else (),
        only_new=_lacking(tables[-1], names[0]) if same_kind else (),
        notes=tuple(notes),
    )


def _lacking(table: RawTable, names: set[str]) -> tuple[str, ...]:
    return tuple(item.shown for item in table.headings if item.name not in names)


def _typed(
    tables: Sequence[RawTable], options: Options
) -> tuple[list[Side], tuple[str, ...], list[Note]]:
    """The typed sides and the names of the key columns."""
    names = _shared(tables)
    if len(names) < 2:
        raise UsageError("cmp_nothing_shared", where=_labels(tables))
    keys = tuple(_named(tables, word) for word in options.keys) or tables[0].keys
    sides, unclear = typed_sides(tables, names, keys)
    if not keys:
        keys = _found_key(tables, sides)
        codes, _ = typed_sides(tables, keys, keys)
        sides = [
            replace(side, columns={**side.columns, **key.columns})
            for side, key in zip(sides, codes, strict=True)
        ]
    notes: list[Note] = [("cmp_note_two_readings", {"column": name}) for name in unclear]
    notes += [
        ("cmp_note_totals", {"side": table.label, "count": table.totals})
        for table in tables
        if table.totals
    ]
    if not options.keys and tables[0].kind == "sheet":
        shown = " + ".join(sides[0].columns[name].heading.shown for name in keys)
        notes.append(("cmp_note_key", {"key": shown}))
    return sides, keys, notes


def _shared(tables: Sequence[RawTable]) -> list[str]:
    """The names of the columns that all sides have."""
    names = [item.name for item in tables[0].headings]
    return [name for name in names if all(name in table.cells for table in tables)]


def _found_key(tables: Sequence[RawTable], sides: Sequence[Side]) -> tuple[str, ...]:
    found = find_key(sides, tables)
    if found.keys:
        return found.keys
    said = tuple(
        Said("cmp_candidate", {"column": name, "count": str(count)})
        for name, count in found.candidates
    )
    raise UsageError(
        "cmp_key_missing", where=_labels(tables), detail=said or (Said("cmp_no_candidate"),)
    )


def _labels(tables: Sequence[RawTable]) -> str:
    return ", ".join(table.label for table in tables)


def _named(tables: Sequence[RawTable], word: str) -> str:
    """The column that a word of the command line means."""
    wanted, shared = plain_key(word), _shared(tables)
    for name in shared:
        for table in tables:
            heading = table.heading(name)
            if heading and wanted in (plain_key(name), plain_key(heading.shown)):
                return name
    shown = {item.name: item.shown for item in tables[0].headings}
    columns = ", ".join(shown[name] for name in shared)
    raise UsageError("cmp_column_unknown", where=_labels(tables), column=word, columns=columns)


def _request(
    tables: Sequence[RawTable], sides: Sequence[Side], keys: tuple[str, ...], options: Options
) -> Request:
    ignored = {_named(tables, word) for word in options.ignored}
    aside = {name for table in tables for name in table.aside}
    compared = tuple(
        name for name in sides[0].columns if name not in (*keys, *aside) and name not in ignored
    )
    return Request(
        keys=keys,
        compared=compared,
        tolerance=options.tolerance,
        near=tables[0].near,
        repeats=tables[0].repeats,
    )


def _with_evidence(request: Request, sources: Sequence[Source], options: Options) -> Request:
    return replace(request, evidence=evidence_between(sources[0], sources[1], options.language))


def _detail(sources: Sequence[Source], options: Options, kind: str) -> Comparison | None:
    """Between two runs: their lines, keyed on stream, payee and component."""
    if kind != "payments" or any(source.run is None for source in sources):
        return None
    tables = [source.table("lines") for source in sources]
    plain = replace(options, keys=(), ignored=())
    sides, keys, _ = _typed(tables, plain)
    request = _request(tables, sides, keys, plain)
    return compare(sides[0], sides[1], request)
