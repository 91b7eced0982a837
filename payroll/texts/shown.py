"""Numbers, amounts and days as a language writes them: what its language.toml says."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from payroll.model.errors import DamagedInputError
from payroll.model.exact import Exact
from payroll.texts.folders import STYLE, language_folder, toml_of

#: More decimals of a fraction than this are cut, with an ellipsis.
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Style:
    """How a language writes what is no word. Every field is required in its language.toml.

    name: its own name, as its speakers write it. decimal, thousands: the signs within a number.
    date: a day in figures, of dd, mm and yyyy. long_date: a day in words, of {weekday}, {day},
    {month} and {year}. first_of_month: the first day in such words. colon, percent: with the
    spaces that stand before and after.
    """

    name: str
    decimal: str
    thousands: str
    date: str
    long_date: str
    first_of_month: str
    colon: str
    percent: str


@cache
def style_of(language: str) -> Style:
    """The style of a language.

    Raises DamagedInputError language_unreadable, or language_incomplete naming what is not usable.
    """
    found = toml_of(language, STYLE)
    values: dict[str, Any] = {field.name: found.get(field.name) for field in fields(Style)}
    wrong = [name for name, value in values.items() if not isinstance(value, str) or not value]
    wrong = wrong or [name for name, fits in _usable(**values).items() if not fits]
    if wrong:
        where = str(language_folder(language).joinpath(STYLE))
        raise DamagedInputError("language_incomplete", where=where, fields=", ".join(wrong))
    return Style(**values)


def _usable(
    *, decimal: str, thousands: str, date: str, long_date: str, **_others: str
) -> dict[str, bool]:
    """Whether numbers and days can be written, and read again by whoever knows the language."""
    parts = date.replace("dd", "d").replace("mm", "m").replace("yyyy", "y")
    try:
        said = long_date.format(weekday="", day="", month="", year="")
    except (KeyError, ValueError, IndexError):
        said = long_date
    return {
        "decimal": len(decimal) == 1 and decimal != thousands,
        "date": sorted(filter(str.isalpha, parts)) == ["d", "m", "y"],
        "long_date": "{" not in said,
    }


def whole_shown(number: int, language: str) -> str:
    """A whole number with its thousands apart: 1 234 (fr), 1.234 (nl), 1,234 (en)."""
    return f"{number:,}".replace(",", style_of(language).thousands)


def euros_shown(cents: int, language: str) -> str:
    """Cents for a reader: 1 234,56 (fr), 1.234,56 (nl), 1,234.56 (en)."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(int(cents)), 100)
    return f"{sign}{whole_shown(whole, language)}{style_of(language).decimal}{part:02d}"


def iban_shown(iban: str) -> str:
    """An account in full, in groups of four as ISO 13616 prints it: two of them are compared."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def decimal_shown(digits: str, language: str) -> str:
    """Digits with a decimal point as the language writes them: 12.5 -> 12,5 (fr)."""
    return digits.replace(".", style_of(language).decimal)


def percent_shown(ratio: float, language: str) -> str:
    """A ratio as a percentage with its sign and one decimal: +12,5%."""
    return decimal_shown(f"{ratio:+.1%}", language)


def exact_shown(value: Exact, language: str) -> str:
    """An exact number for a reader; one with two decimals is an amount."""
    if value.scale == 2:
        return euros_shown(value.units, language)
    return decimal_shown(value.digits(), language)


def day_shown(day: date | str, language: str) -> str:
    """A day (or an ISO text of one) in figures: 31/05/2022 (fr, nl), 2022-05-31 (en)."""
    year, month, number = str(day).split("-")
    pattern = style_of(language).date
    return pattern.replace("yyyy", year).replace("mm", month).replace("dd", number)


def fraction_shown(value: Fraction, language: str, decimals: int = _DECIMALS) -> str:
    """A number as a reader writes it, exact; what lies beyond the decimals becomes '…'."""
    scaled = abs(value) * 10**decimals
    whole, part = divmod(int(scaled), 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    point, thousands = style_of(language).decimal, whole_shown(whole, language)
    cut = "…" if scaled.denominator != 1 else ""
    return ("-" if value < 0 else "") + thousands + (point + digits if digits or cut else "") + cut


def part_cents_shown(cents: Fraction, language: str) -> str:
    """Cents in euro; a fraction of a cent by two more decimals: 32238.8541 -> '322,3885…'."""
    if cents.denominator == 1:
        return euros_shown(int(cents), language)
    return fraction_shown(cents / 100, language, 4)


def rate_shown(rate: Fraction, language: str) -> str:
    """A share as a percentage, or in thirtieths where no decimal ends it: 13,07 %, 17/30."""
    exact = (rate * 10**8).denominator == 1
    if exact or rate.denominator > 1000:
        return fraction_shown(rate * 100, language) + style_of(language).percent
    if 30 % rate.denominator == 0:
        return f"{30 * rate.numerator // rate.denominator}/30"
    return f"{rate.numerator}/{rate.denominator}"


def factor_shown(rate: Fraction, language: str) -> str:
    """A rate as it is applied: '× 12', '÷ 12', '× 13,07 %', '÷ 80 %'."""
    if rate.denominator == 1 and rate > 1:
        return f"× {fraction_shown(rate, language)}"
    if rate.numerator == 1 and rate.denominator in (3, 12):
        return f"÷ {rate.denominator}"
    return f"÷ {rate_shown(1 / rate, language)}" if rate > 1 else f"× {rate_shown(rate, language)}"
