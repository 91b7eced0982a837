"""Every entry of a rule book under one id: what is listed, explained, looked over and compared."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import Component, EstimationPolicy, PremiumRate
from payroll.rulebook.controls import Control
from payroll.rulebook.deductions import Deduction
from payroll.rulebook.parameters import Parameter
from payroll.rulebook.scales import Scale
from payroll.rulebook.steps import Step
from payroll.rulebook.toml import RuleModel

Entry = Parameter | Scale | Step | Component | PremiumRate | EstimationPolicy | Deduction | Control
#: The kinds that have values from a date on.
DatedEntry = Parameter | Scale | Step | PremiumRate | EstimationPolicy | Deduction


def entries(book: RuleBook) -> dict[str, Mapping[str, Entry]]:
    """Kind -> id -> entry; the kinds in the order in which they are shown."""
    return {
        "parameter": book.parameters,
        "scale": book.scales,
        "step": book.steps,
        "component": book.components,
        "premium": book.premiums,
        "policy": book.policies,
        "deduction": book.deductions,
        "control": book.controls,
    }


def find(book: RuleBook, wanted: str) -> list[tuple[str, str, Entry]]:
    """(kind, id, entry) of each entry with an id, written alone or as `kind:id` (as in lines)."""
    prefix, _, rest = wanted.rpartition(":")
    return [
        (kind, rest, found[rest])
        for kind, found in entries(book).items()
        if rest in found and prefix in ("", kind)
    ]


def near(book: RuleBook, wanted: str) -> list[str]:
    """The three ids that look most like one that is not there."""
    known = {
        entry_id.casefold(): entry_id for found in entries(book).values() for entry_id in found
    }
    word = wanted.rpartition(":")[2].casefold()
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.3) or list(known)[:3]
    return [known[item] for item in close]


def users(book: RuleBook) -> dict[str, list[str]]:
    """Figure id -> the steps (`step:<id>`) and controls that name it."""
    named: dict[str, list[str]] = {}
    for step in book.steps.values():
        for figure in dict.fromkeys(figure for item in step.values for figure in item.figures):
            named.setdefault(figure, []).append(f"step:{step.id}")
    for control in book.controls.values():
        for figure in dict.fromkeys(name for ids in control.figures.values() for name in ids):
            named.setdefault(figure, []).append(control.id)
    return named


def amount(value: object, unit: str) -> str:
    """A value with its cents when it is in euro: 1095.1 is 1095.10."""
    text = value_text(value)
    if unit.startswith("euro") and isinstance(value, Fraction):
        whole, _, cents = text.partition(".")
        return f"{whole}.{cents:<02}" if len(cents) < 2 else text
    return text


def value_text(value: object) -> str:
    """A value of a rule as people read it: an exact decimal where it is a number, else as it is."""
    if isinstance(value, Fraction):
        decimal = Decimal(value.numerator) / Decimal(value.denominator)
        return f"{decimal.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def as_written(value: object) -> object:
    """An entry (or a part of it) as tables, lists and texts under the names of the rule files."""
    if isinstance(value, RuleModel):
        return {
            info.alias or name: as_written(getattr(value, name))
            for name, info in type(value).model_fields.items()
        }
    if isinstance(value, Mapping):
        return {str(key): as_written(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_written(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int) else value_text(value)
