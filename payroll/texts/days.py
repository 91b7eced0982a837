"""Days and months in the words of a language."""

from __future__ import annotations

from datetime import date

from payroll.model.period import Period
from payroll.texts import fill, text
from payroll.texts.shown import style_of


def month_shown(period: str, language: str) -> str:
    """'2022-05' -> 'mai 2022'."""
    month = Period.parse(period)
    return f"{text(f'explain_month_{month.month}', language)} {month.year}"


def long_day_shown(day: date, language: str) -> str:
    """A day in words: mardi 31 mai 2022, dinsdag 31 mei 2022, Tuesday 31 May 2022."""
    style = style_of(language)
    words = {
        "weekday": text(f"cs_weekday_{day.weekday()}", language),
        "day": style.first_of_month if day.day == 1 else str(day.day),
        "month": text(f"explain_month_{day.month}", language),
        "year": day.year,
    }
    return fill(style.long_date, words)
