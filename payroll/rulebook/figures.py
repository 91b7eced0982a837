"""What a rule id of a line stands for: the figure's title, value in force, date, status, source.

Read from the run's own rule book. Ids: parameter:<id>, scale:<id>, step:<id>, premium:<code>,
component:<code>, policy:<id>, change:<figure>@<date>, and rebuild:<what> of the program itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from payroll.rulebook.book import RuleBook
from payroll.rulebook.dated import newest
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
    prefix, _, key = token.partition(":")
    if prefix == "step" and key in book.steps:
        step = book.steps[key]
        method = newest(step.values, days.of(step.applies_to))
        return (
            None
            if method is None
            else Figure(
                figure_id=token,
                title=plain_texts(step.title),
                from_=method.from_,
                status=method.status,
                source=method.source,
            )
        )
    if prefix == "premium" and key in book.premiums:
        premium = book.premiums[key]
        rate = premium.dated(days.earning)
        return (
            None
            if rate is None
            else Figure(
                figure_id=token,
                title=plain_texts(premium.title),
                value=rate.value,
                unit=rate.kind,
                from_=rate.from_,
                status=rate.status,
                source=rate.source,
            )
        )
    if prefix == "policy" and key in book.policies:
        entry = book.policies[key]
        policy = newest(entry.values, days.earning)
        return (
            None
            if policy is None
            else Figure(
                figure_id=token,
                title=plain_texts(entry.title),
                value=policy.percent,
                unit=policy.method,
                from_=policy.from_,
                status=policy.status,
                source=policy.source,
            )
        )
    return None


def plain_texts(texts: Texts) -> dict[str, str]:
    """The words of a rule in every language."""
    return {language: texts[language] for language in languages()}


def _own(token: str) -> Figure | None:
    entry_id = "explain_" + token.replace(":", "_")
    if entry_id not in catalogue():
        return None
    return Figure(figure_id=token, title={lang: text(entry_id, lang) for lang in languages()})
