"""A finding in words: the message and the remedy of its rule, filled with what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping

from payroll.model.identifiers import iban_problem
from payroll.rulebook.controls import Control
from payroll.texts import fill, text
from payroll.texts.shown import day_shown, euros_shown, iban_shown

_AMOUNT = re.compile(r"^-?\d+\.\d{2}$")
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def message(control: Control, values: Mapping[str, str], language: str) -> str:
    """What was found, amounts, dates and accounts as a reader writes them.

    values: subject, observed, limit, source, stream and the finding's own parameters.
    """
    return fill(control.message[language], _shown(values, language))


def remedy(control: Control, values: Mapping[str, str], language: str) -> str:
    """What to do about it."""
    return fill(control.remedy[language], _shown(values, language))


def _shown(values: Mapping[str, str], language: str) -> dict[str, str]:
    stream = values.get("stream", "")
    shown = {key: _value_shown(value, language) for key, value in values.items()}
    return shown | {"stream": text(f"checks_stream_{stream}", language) if stream else ""}


def _value_shown(value: str, language: str) -> str:
    if _AMOUNT.match(value):
        return euros_shown(int(value.replace(".", "")), language)
    if _DAY.match(value):
        return day_shown(value, language)
    if _IBAN.match(value) and not iban_problem(value):
        return iban_shown(value)
    return value
