"""What a parameter of a control may be: shape and range, told by its name and what stands there.

One rule for every kind of check, so that a new control needs no declaration of its own: the end of
the name says the unit (`hold_percent`, `warn_euro`, `minimum_people`), the value in force says how
it is written. Rule files and the workbook of controls are held to the same limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

ShapeKind = Literal[
    "whole", "number", "flag", "day", "texts", "wholes", "numbers", "severity", "fixed"
]
#: How a parameter begins that says what a finding does in a case told apart.
CASE = "severity_"

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
#: Names whose value says where a check looks, not how strictly: no reviewer's business.
_STRUCTURE = ("figures", "key", "fields", "columns", "moduli")
_LEVELS = ("warn", "hold", "block")


@dataclass(frozen=True, slots=True)
class Limits:
    """The range of a number; decimals: how many at most. unit: '%', 'EUR', 'h' or ''."""

    low: Decimal
    high: Decimal
    decimals: int
    unit: str = ""

    @property
    def shown(self) -> str:
        """The range in a few signs, the same in every language."""
        return f"{self.low:f} … {self.high:f} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class ParameterProblem:
    """What is wrong with a parameter: its dotted name, a text id and its placeholders."""

    name: str
    text_id: str
    params: Mapping[str, str]


def _limits(low: str, high: str, decimals: int, unit: str = "") -> Limits:
    return Limits(Decimal(low), Decimal(high), decimals, unit)


_SHARE = _limits("0", "100", 2, "%")
#: A change may be more than the whole: pay that is three times last month's has moved by 200 %.
_CHANGE = _limits("0", "1000", 2, "%")
_EURO = _limits("0", "10000000", 2, "EUR")
_HOURS = _limits("0", "744", 2, "h")  # the hours of 31 days
#: (pattern of the name, limits); the first that fits counts.
_BY_NAME = tuple(
    (re.compile(pattern), limits)
    for pattern, limits in (
        (r"(warn|hold|block)_percent", _CHANGE),
        (r"(.*_)?percent", _SHARE),
        (r"(.*_)?euro|caps(\..*)?|multiple|minimum(_gross)?|tolerance", _EURO),
        (r"(.*_)?hours", _HOURS),
        (r"(.*_)?days", _limits("0", "3660", 2)),
        (r"(.*_)?months", _limits("0", "120", 2)),
        (r"(.*_)?(people|payees|count)", _limits("0", "1000000", 0)),
        (r"(.*_)?factors?", _limits("1", "10000", 2)),
        (r"", _limits("0", "10000000", 6)),
    )
)


def limits_of(name: str) -> Limits:
    """The range for a parameter of that (dotted) name."""
    fits = (limits for pattern, limits in _BY_NAME if pattern.fullmatch(name))
    return next(fits, _BY_NAME[-1][1])


def shape_of(name: str, value: object) -> ShapeKind:
    """How a value is written; `fixed`: a reviewer may not change it."""
    if name.partition(".")[0] in _STRUCTURE or name.startswith(CASE):
        return "severity" if name.startswith(CASE) else "fixed"
    if isinstance(value, list | tuple):
        return _shape_of_list(value)
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "whole"
    if isinstance(value, Decimal) or is_number(value):
        return "number"
    return "day" if isinstance(value, date) else "fixed"


def _shape_of_list(items: Sequence[object]) -> ShapeKind:
    if items and all(type(item) is int for item in items):
        return "wholes"
    if items and all(isinstance(item, Decimal) or is_number(item) for item in items):
        return "numbers"
    return "texts" if all(isinstance(item, str) for item in items) else "fixed"


def is_number(value: object) -> bool:
    """Whether a text is a plain number: '0700' and '1e3' are none."""
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def leaves(params: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every parameter by its dotted name; a list is one value."""
    for name, value in params.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def with_leaf(params: Mapping[str, object], name: str, value: object) -> dict[str, object]:
    """The parameters with another value at a dotted name."""
    head, _, rest = name.partition(".")
    inner = params.get(head)
    if rest and isinstance(inner, Mapping):
        return {**params, head: with_leaf(inner, rest, value)}
    return {**params, head: value}


def problems(params: Mapping[str, object]) -> list[ParameterProblem]:
    """Every value out of its range, and every threshold below the one of a lesser severity."""
    found = dict(leaves(params))
    told = {
        problem.name: problem
        for name, value in found.items()
        for item in _numbers(name, value)
        if (problem := _out_of_range(name, item)) is not None
    }
    return [*told.values(), *(item for item in _reversed(found) if item.name not in told)]


def _numbers(name: str, value: object) -> list[Decimal]:
    shape = shape_of(name, value)
    if shape in ("whole", "number"):
        return [Decimal(str(value))]
    if shape in ("wholes", "numbers") and isinstance(value, list | tuple):
        return [Decimal(str(item)) for item in value]
    return []


def _out_of_range(name: str, number: Decimal) -> ParameterProblem | None:
    limits = limits_of(name)
    params = {"name": name, "value": f"{number:f}"}
    if not number.is_finite() or not limits.low <= number <= limits.high:
        return ParameterProblem(name, "param_range", params | {"expected": limits.shown})
    if number != round(number, limits.decimals):
        return ParameterProblem(name, "param_decimals", params | {"expected": str(limits.decimals)})
    return None


def _reversed(found: Mapping[str, object]) -> Iterator[ParameterProblem]:
    """hold_x below warn_x, block_x below hold_x or warn_x."""
    for name in found:
        level, _, rest = name.partition("_")
        if level not in _LEVELS:
            continue
        for lesser in _LEVELS[: _LEVELS.index(level)]:
            other = f"{lesser}_{rest}" if rest else lesser
            mine, theirs = (_numbers(item, found.get(item)) for item in (name, other))
            if mine and theirs and mine[0] < theirs[0]:
                yield ParameterProblem(
                    name,
                    "param_below",
                    {
                        "name": name,
                        "value": f"{mine[0]:f}",
                        "other": other,
                        "expected": f"{theirs[0]:f}",
                    },
                )
                break
