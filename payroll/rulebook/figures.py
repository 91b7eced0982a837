"""What a rule id of a line stands for: the figure's title, value in force, date, status, source.

Read from the run's own rule book. Ids: parameter:<id>, scale:<id>, step:<id>, premium:<code>,
component:<code>, policy:<id>, deduction:<code>, change:<figure>@<date>, and
rebuild:<what> of the program itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import DatedPolicy, DatedRate, EstimationPolicy, PremiumRate
from payroll.rulebook.dated import newest
from payroll.rulebook.deductions import DatedDeduction, Deduction
from payroll.rulebook.entries import entries
from payroll.rulebook.steps import DatedStep, Step
from payroll.rulebook.words import Texts, in_every_language
from payroll.texts import catalogue, languages, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One value of the rule book as it held on a day.

    value: a number (or a text); None for a scale, a step and a pay code. rows: the rows of a scale
    that served, in the order of `columns` (name, unit). from_: None where nothing is dated.
    """

    figure_id: str
    title: Mapping[str, str]
    unit: str = ""
    value: Fraction | str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Fraction, ...], ...] = ()
    from_: date | None = None
    status: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """The day that dates what is earned, and the day that dates what is paid."""

    earning: date
    payment: date

    def of(self, applies_to: str) -> date:
        """The day that decides for an entry of the rule book."""
        return self.payment if applies_to == "payment_date" else self.earning


def figure_at(book: RuleBook, figure: str, day: date, row: int | None = None) -> Figure | None:
    """A parameter or a scale on a day; of a scale the one row that served, else every row."""
    if figure in book.scales:
        scale = book.scales[figure]
        found = newest(scale.values, day)
        if found is None:
            return None
        rows = found.rows if row is None or not 0 <= row < len(found.rows) else (found.rows[row],)
        return Figure(
            figure_id=f"scale:{figure}",
            title=in_every_language(("scale", figure, "title"), scale.title),
            columns=tuple(scale.columns.items()),
            rows=rows,
            from_=found.from_,
            status=found.status,
            source=found.source,
        )
    if figure not in book.parameters:
        return None
    parameter = book.parameters[figure]
    value = newest(parameter.values, day)
    if value is None:
        return None
    return Figure(
        figure_id=f"parameter:{figure}",
        title=in_every_language(("parameter", figure, "title"), parameter.title),
        unit=parameter.unit,
        value=str(value.value) if isinstance(value.value, date) else value.value,
        from_=value.from_,
        status=value.status,
        source=value.source,
    )


def figure_of(book: RuleBook, token: str, days: Days) -> Figure | None:
    """What one word of a line's rule_id stands for; None when the rule book does not know it."""
    prefix, _, key = token.partition(":")
    if prefix == "change":
        figure, _, day = key.partition("@")
        return figure_at(book, figure, date.fromisoformat(day))
    if prefix == "rebuild":
        return _own(token)
    if prefix in ("parameter", "scale"):
        entry = book.scales.get(key) or book.parameters.get(key)
        return None if entry is None else figure_at(book, key, days.of(entry.applies_to))
    if prefix == "component" and key in book.components:
        component = book.components[key]
        return Figure(
            figure_id=token,
            title=plain_texts(component.title),
            status=component.status,
            source=component.source,
        )
    return _dated(book, token, days)


def _dated(book: RuleBook, token: str, days: Days) -> Figure | None:
    """A step, a premium, an estimation policy or a kind of deduction on its day."""
    prefix, _, key = token.partition(":")
    found = entries(book).get(prefix, {}).get(key)
    if not isinstance(found, Step | PremiumRate | EstimationPolicy | Deduction):
        return None
    day = days.of(found.applies_to) if isinstance(found, Step) else days.earning
    values: Sequence[DatedStep | DatedRate | DatedPolicy | DatedDeduction] = found.values
    held = newest(values, day)
    if held is None:
        return None
    figure = Figure(
        figure_id=token,
        title=plain_texts(found.title),
        from_=held.from_,
        status=held.status,
        source=held.source,
    )
    if isinstance(held, DatedRate):
        return replace(figure, value=held.value, unit=held.kind)
    if isinstance(held, DatedPolicy):
        return replace(figure, value=held.percent, unit=held.method)
    return figure


def plain_texts(texts: Texts) -> dict[str, str]:
    """The words of a rule in every language."""
    return {language: texts[language] for language in languages()}


def _own(token: str) -> Figure | None:
    entry_id = "explain_" + token.replace(":", "_")
    if entry_id not in catalogue():
        return None
    return Figure(figure_id=token, title={lang: text(entry_id, lang) for lang in languages()})
