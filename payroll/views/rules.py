"""The entries of a rule book in words: one line each (list), or all behind one (explain)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import Component, DatedPolicy, DatedRate, EstimationPolicy
from payroll.rulebook.controls import Control
from payroll.rulebook.dated import newest
from payroll.rulebook.deductions import DatedDeduction, Deduction
from payroll.rulebook.entries import DatedEntry, Entry, amount, entries, users, value_text
from payroll.rulebook.parameters import DatedValue, Parameter
from payroll.rulebook.scales import DatedRows, Scale
from payroll.rulebook.steps import DatedStep, Step
from payroll.rulebook.words import words_of
from payroll.texts import text, text_or
from payroll.texts.shown import style_of

Value = DatedValue | DatedRows | DatedStep | DatedRate | DatedPolicy | DatedDeduction


def listed(book: RuleBook, day: date, language: str) -> list[dict[str, str]]:
    """One row per entry: kind, id, value, status and since when on a day ('-' where none)."""
    return [
        {
            "kind": kind,
            "id": entry_id,
            "title": _title(kind, entry_id, entry, language),
            **_on_the_day(entry, day, language),
        }
        for kind, found in entries(book).items()
        for entry_id, entry in sorted(found.items())
    ]


def _title(kind: str, entry_id: str, entry: Entry, language: str) -> str:
    title = entry.title
    if isinstance(title, Mapping):
        return words_of((kind, entry_id, "title"), title, language)
    return title[language]


def _on_the_day(entry: Entry, day: date, language: str) -> dict[str, str]:
    if isinstance(entry, Control):
        value = f"{entry.severity} {entry.kind}" if entry.in_force(day) else "-"
        return {"value": value, "status": "-", "since": str(entry.valid_from)}
    if isinstance(entry, Component):
        return {"value": _component(entry), "status": entry.status, "since": "-"}
    values: Sequence[Value] = entry.values
    found = newest(values, day)
    if found is None:
        ended = [str(item.from_) for item in values if item.from_ <= day]
        return {"value": "-", "status": "-", "since": ended[-1] if ended else "-"}
    return {
        "value": _short(entry, found, language),
        "status": found.status,
        "since": str(found.from_),
    }


def _component(entry: Component) -> str:
    return f"{entry.nature}, {entry.enters}, {entry.taxation}"


def _short(entry: DatedEntry, value: Value, language: str) -> str:
    """A dated value in a few words."""
    if isinstance(value, DatedValue):
        unit = entry.unit if isinstance(entry, Parameter) and entry.unit != "text" else ""
        return f"{amount(value.value, unit)} {unit}".rstrip()
    if isinstance(value, DatedRows):
        if len(value.rows) == 1 and isinstance(entry, Scale):
            units = entry.columns.values()
            return " / ".join(map(amount, value.rows[0], units))
        return text("rules_rows", language, count=len(value.rows))
    if isinstance(value, DatedDeduction):
        return text("rule_limited" if value.limited else "rule_not_limited", language)
    return _of_a_method(value)


def _of_a_method(value: DatedStep | DatedRate | DatedPolicy) -> str:
    if isinstance(value, DatedStep):
        return value.function
    if isinstance(value, DatedRate):
        return f"{value_text(value.value)} {value.kind}"
    return f"{value.method} {value_text(value.percent)} % ({value.legal_nature})"


def explained(
    book: RuleBook, kind: str, entry_id: str, entry: Entry, *, day: date, language: str
) -> Iterator[str]:
    """The lines of one entry. day: for the figures that a step or control only names."""
    yield f"{kind}:{entry_id}  {_title(kind, entry_id, entry, language)}"

    def labelled(label: str, value: object) -> str:
        return _labelled(label, value, language)

    yield labelled("rule_checked", entry.checked_on)
    if isinstance(entry, Control):
        yield from _control(book, entry, day, language)
        return
    if isinstance(entry, Component):
        yield labelled("rule_aliases", ", ".join(entry.aliases) or "-")
        yield _component(entry)
        for flag in ("prorated", "follows_index", "nsso_subject", "pension_base"):
            yield f"{flag}: {str(getattr(entry, flag)).lower()}"
        yield labelled("rule_source", f"[{_status(entry.status, language)}] {entry.source}")
        return
    if isinstance(entry, Step):
        yield entry.formula[language]
        yield from _step(book, entry, day, language)
        return
    if isinstance(entry, Parameter):
        yield labelled("rule_values", f"{entry.unit}, {entry.applies_to}")
    elif isinstance(entry, Scale):
        yield labelled("rule_values", entry.applies_to)
    elif isinstance(entry, EstimationPolicy):
        yield labelled("rule_group", entry.group)
    elif isinstance(entry, Deduction):
        yield labelled("rule_article", entry.item)
        yield labelled("rule_aliases", ", ".join(entry.words) or "-")
    else:
        yield labelled("rule_aliases", ", ".join(entry.aliases) or "-")
    for value in entry.values:
        yield from _dated(entry, value, language, "  ")
    if isinstance(entry, Parameter | Scale):
        yield labelled("rule_used_by", ", ".join(users(book).get(entry_id, [])) or "-")


def _dated(entry: DatedEntry, value: Value, language: str, indent: str) -> Iterator[str]:
    """A dated value with its status and source; the rows of a scale below it."""
    if getattr(value, "ended", False):
        shown = text("rules_ended", language)
    elif isinstance(value, DatedRows):
        shown = ""
    else:
        shown = _short(entry, value, language)
    told = f"[{_status(value.status, language)}] {value.source}"
    yield f"{indent}{value.from_}  {shown}".rstrip() + f"  {told}"
    if isinstance(entry, Scale) and isinstance(value, DatedRows):
        yield from _rows(entry, value, f"{indent}    ", language)


def _labelled(label: str, value: object, language: str) -> str:
    return text(label, language) + style_of(language).colon + str(value)


def _status(status: str, language: str) -> str:
    """How a figure is known, in words."""
    return text(f"explain_{status}", language)


def _rows(scale: Scale, value: DatedRows, indent: str, language: str) -> Iterator[str]:
    """The rows of a scale, every column aligned on the right."""
    if not value.rows:
        return
    heads = [
        f"{text_or(f'explain_column_{name}', language, name)} ({unit})"
        for name, unit in scale.columns.items()
    ]
    units = tuple(scale.columns.values())
    table = [heads, *(list(map(amount, row, units)) for row in value.rows)]
    widths = [max(len(row[index]) for row in table) for index in range(len(heads))]
    for row in table:
        yield indent + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))


def _step(book: RuleBook, step: Step, day: date, language: str) -> Iterator[str]:
    now = newest(step.values, day)
    for value in step.values:
        told = f"[{_status(value.status, language)}] {value.source}"
        yield f"  {value.from_}  {value.function}  {told}"
        yield "    " + _labelled("rule_dated_by", value.applies_to, language)
        rounding = ", ".join(f"{amount} {mode}" for amount, mode in value.rounding.items())
        yield "    " + _labelled("rule_rounding", rounding or "-", language)
        if value is now:
            yield f"    {text('rule_figures', language, day=day)}:"
            yield from _figures(book, value.figures, day, language)
        else:
            yield "    " + _labelled(
                "rule_figures_named", ", ".join(value.figures) or "-", language
            )


def _figures(book: RuleBook, names: Sequence[str], day: date, language: str) -> Iterator[str]:
    """Each named figure with its value on a day."""
    for name in names:
        entry: Parameter | Scale = book.scales.get(name) or book.parameters[name]
        values: Sequence[DatedValue | DatedRows] = entry.values
        found = newest(values, day)
        if found is None:
            yield f"      {name}  -"
            continue
        yield f"      {name}"
        yield from _dated(entry, found, language, "        ")


def _control(book: RuleBook, control: Control, day: date, language: str) -> Iterator[str]:
    severity = text(f"severity_{control.severity}", language)
    yield _labelled("rule_severity", severity, language)
    for field in ("valid_from", "valid_to"):
        yield _labelled(f"cw_col_{field}", getattr(control, field) or "-", language)
    yield f"kind: {control.kind}"
    params = [f"{key} = {value}" for key, value in control.params.items() if key != "figures"]
    yield f"params: {', '.join(params) or '-'}"
    names = [name for ids in control.figures.values() for name in ids]
    if names:
        yield f"{text('rule_figures', language, day=day)}:"
        yield from _figures(book, names, day, language)
    yield control.message[language]
    yield _labelled("rule_remedy", control.remedy[language], language)
    yield _labelled("rule_override", control.override, language)
    yield _labelled("rule_source", control.source, language)
