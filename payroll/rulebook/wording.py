"""A finding in words: the message and the remedy of its rule, filled with what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping

from payroll.model.identifiers import iban_problem
from payroll.rulebook.controls import Control
from payroll.texts import fill, text
from payroll.texts.shown import day_shown, euros_shown, iban_shown

#: The columns of a recorded finding that its words are filled with, and its id.
SAID = ("finding_id", "subject_id", "observed", "limit", "source", "stream")
#: Of our own making; a text of a source that only looks like one is shown as it is.
_AMOUNT = re.compile(r"-?[0-9]{1,15}\.[0-9]{2}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def message(control: Control, values: Mapping[str, str], language: str) -> str:
    """What was found, amounts, dates and accounts as a reader writes them.

    values: subject, observed, limit, source, stream and the finding's own parameters.
    """
    return fill(control.message[language], _shown(values, language))


def remedy(control: Control, values: Mapping[str, str], language: str) -> str:
    """What to do about it."""
    return fill(control.remedy[language], _shown(values, language))


def in_words(
    control: Control, finding: Mapping[str, str], words: Mapping[str, str], language: str
) -> tuple[str, str]:
    """(message, remedy) of a finding as it is recorded. finding: SAID; words: its FINDING_WORDS."""
    values = {**words, **finding, "subject": finding["subject_id"]}
    return message(control, values, language), remedy(control, values, language)


def _shown(values: Mapping[str, str], language: str) -> dict[str, str]:
    stream = values.get("stream", "")
    shown = {key: _value_shown(value, language) for key, value in values.items()}
    return shown | {"stream": text(f"checks_stream_{stream}", language) if stream else ""}


def _value_shown(value: str, language: str) -> str:
    if _AMOUNT.fullmatch(value):
        return euros_shown(int(value.replace(".", "")), language)
    if _DAY.fullmatch(value):
        return day_shown(value, language)
    if _IBAN.fullmatch(value) and not iban_problem(value):
        return iban_shown(value)
    return value
