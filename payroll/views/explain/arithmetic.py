"""How one amount came about, on one line; and a figure of the rule book with its origin."""

from __future__ import annotations

from fractions import Fraction

from payroll.model.components import INDEX_STEP
from payroll.model.exact import Exact
from payroll.rulebook.figures import Figure
from payroll.texts import catalogue, text
from payroll.texts.shown import (
    day_shown,
    decimal_shown,
    euros_shown,
    exact_shown,
    factor_shown,
    fraction_shown,
    part_cents_shown,
    rate_shown,
    style_of,
)
from payroll.views.explain.tree import ExplainedLine, Hours, Proration, StepAmount, YearShare


def item_shown(item: StepAmount, language: str) -> str:
    """The arithmetic of an item: '2 466,63 × 13,07 % = 322,388541, arrondi'."""
    raw = item.raw
    if raw is not None and item.rate is not None and item.base_cents is not None:
        if item.rate == 1 and item.item == "reference_wage":
            return ""
        return _product(item, raw, language)
    terms = [term for index, term in enumerate(item.terms) if term[1] or not index]
    if terms:
        first, *others = terms
        shown = ("-" if first[0] < 0 else "") + euros_shown(first[1], language)
        shown += "".join(
            f" {'-' if sign * cents < 0 else '+'} {euros_shown(abs(cents), language)}"
            for sign, cents in others
        )
        return shown + _limit(item, sum(sign * cents for sign, cents in terms), language)
    if item.item == "taxable_floored" and item.figure is not None:
        step = item.figure.value
        shown = fraction_shown(step, language) if isinstance(step, Fraction) else str(step)
        return text("explain_floored", language, step=shown)
    return ""


def _product(item: StepAmount, raw: Fraction, language: str) -> str:
    base, rate = (
        part_cents_shown(Fraction(item.base_cents or 0), language),
        item.rate or Fraction(0),
    )
    if item.start_cents is None:
        shown = f"{base} {_factor(item.item, rate, language)}"
    else:
        start = euros_shown(item.start_cents, language)
        shown = f"{start} - {base} × {fraction_shown(rate, language)}"
        if not item.base_cents:
            return start
    if item.limited:
        return f"{shown}, {text('explain_none_granted', language)}" if not item.cents else shown
    if raw.denominator == 1:
        return shown
    return (
        f"{shown} = {part_cents_shown(raw, language)}, {text(f'explain_{item.rounding}', language)}"
    )


def _factor(item: str, rate: Fraction, language: str) -> str:
    """A rate as it is applied; days, hours and children as counts."""
    if item in ("daily_wage", "hourly_wage"):
        return f"÷ {fraction_shown(1 / rate, language)}"
    if item in ("reference_wage", "garnishment_children"):
        return f"× {fraction_shown(rate, language)}"
    return factor_shown(rate, language)


def _limit(item: StepAmount, total: int, language: str) -> str:
    if not item.limited:
        return ""
    if item.cents < total:
        return f", {text('explain_capped', language)}"
    name = "not_below_zero" if not item.cents else "raised"
    return f", {text(f'explain_{name}', language)}"


def line_shown(line: ExplainedLine, language: str) -> str:
    """How a gross line came about: a part of a month, or hours at a rate."""
    if line.proration is not None and line.base_cents is not None:
        return _proration(line.base_cents, line.proration, language)
    if line.share is not None and line.base_cents is not None:
        return f"{euros_shown(line.base_cents, language)} {factor_shown(line.share, language)}"
    if line.of_year is not None and line.base_cents is not None:
        return _of_year(line, line.base_cents, line.of_year, language)
    if line.hours is not None:
        return _hours(line.hours, language)
    if line.component == INDEX_STEP:
        return _index(line, language)
    return " × ".join(part for part in (line.quantity, line.rate) if part)


def _index(line: ExplainedLine, language: str) -> str:
    """'2 637,11 · 1,8476 → 1,8845 · 01/06/2022': the amount, both coefficients and since when, or
    the days of the month, or the annual amount at 138.01 as it is raised.
    """
    base = "" if line.base_cents is None else euros_shown(line.base_cents, language)
    rate = decimal_shown(line.rate.replace("→", " → "), language)
    told, mark, rest = line.quantity.partition(" × ")
    if mark:
        told = euros_shown(int(told.replace(".", "")), language)
        told = f"{told} × {decimal_shown(rest.replace('/', '÷'), language)}"
    elif told.count("-") == len(("month", "day")):
        told = day_shown(told, language)
    return " · ".join(part for part in (base, rate, told) if part)


def _proration(base: int, share: Proration, language: str) -> str:
    def part(days: int, time: int) -> str:
        whole = all(item == share.over_millionths for _, item in share.parts)
        if whole or time == 10**6:
            return f"{days}/30"
        worked = rate_shown(Fraction(time, 10**6), language)
        return worked if days == 30 else f"{days}/30 × {worked}"

    parts = [part(days, time) for days, time in share.parts]
    joined = f"({' + '.join(parts)})" if len(parts) > 1 else parts[0]
    shown = f"{euros_shown(base, language)} × {joined}"
    changed = any(time != share.over_millionths for _, time in share.parts)
    if changed and share.over_millionths != 10**6:
        shown += f" ÷ {rate_shown(Fraction(share.over_millionths, 10**6), language)}"
    return shown


def _of_year(line: ExplainedLine, base: int, part: YearShare, language: str) -> str:
    """'3 000,00 × 92 % × 270/360 = 2 070,00', the exact amount where it was cut."""
    days = part.thirtieths
    share = rate_shown(part.share, language) if days is None else f"{days}/360"
    shown = f"{euros_shown(base, language)} × {rate_shown(part.percentage, language)} × {share}"
    exact = base * part.percentage * part.share
    if exact == line.cents:
        return shown
    return f"{shown} = {part_cents_shown(exact, language)}, {text('explain_down', language)}"


def _hours(hours: Hours, language: str) -> str:
    count = exact_shown(Exact(hours.hundredths, 2), language)
    shown = text("explain_hours", language, hours=count)
    if hours.monthly_gross_cents is None:
        rate, factor = (fraction_shown(item, language) for item in (hours.rate, hours.factor))
        return f"{shown} × {rate} × {factor}"
    base = euros_shown(hours.monthly_gross_cents, language)
    rate = rate_shown(hours.rate / 100, language)
    return f"{shown} × {base} × 12 ÷ {fraction_shown(hours.factor, language)} × {rate}"


def figure_value(figure: Figure, language: str) -> str:
    """The value of a figure with its unit; the row of a scale as 'column value' pairs."""
    if figure.rows:
        return " | ".join(
            ", ".join(
                f"{text(f'explain_column_{name}', language)} {_cell(value, unit, language)}"
                for (name, unit), value in zip(figure.columns, row, strict=True)
            )
            for row in figure.rows
        )
    if not isinstance(figure.value, Fraction):
        return figure.value or ""
    entry_id = f"explain_unit_{figure.unit}"
    if entry_id in catalogue():
        return text(entry_id, language, value=fraction_shown(figure.value, language))
    return _cell(figure.value, figure.unit, language)


def _cell(value: Fraction, unit: str, language: str) -> str:
    if unit == "euro":
        return part_cents_shown(value * 100, language)
    if unit == "percent":
        return rate_shown(value / 100, language)
    return fraction_shown(value, language)


def item_label(item: StepAmount, language: str) -> str:
    """The words of an item, with the limit or the count of the scale's row that served."""
    words: dict[str, str] = {}
    if item.figure is not None and len(item.figure.rows) == 1:
        (row,) = item.figure.rows
        words = {
            name: _cell(value, unit, language)
            for (name, unit), value in zip(item.figure.columns, row, strict=True)
        }
    return text(f"g2n_{item.item}", language, **words)


def figure_shown(figure: Figure, language: str) -> str:
    """Title, value, date and status of a figure."""
    value = figure_value(figure, language)
    head = figure.title[language] + (style_of(language).colon + value if value else "")
    facts = [head]
    if figure.from_ is not None:
        facts.append(text("explain_since", language, day=day_shown(figure.from_, language)))
    if figure.status:
        facts.append(text(f"explain_{figure.status}", language))
    return " · ".join(facts)
