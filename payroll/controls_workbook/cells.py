"""One cell of the sheet of controls: its exact value, or why it is refused.

A spreadsheet keeps numbers in binary and shows 15 digits of them: those 15 are what was typed.
Nothing is guessed: a formula, a percentage and a thousands separator are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from payroll.controls_workbook.columns import (
    CHOICES,
    MARK,
    SEVERITY,
    canonical,
    list_read,
    param_shown,
    word,
)
from payroll.model.errors import Said
from payroll.model.identifiers import compact_iban, iban_problem
from payroll.model.refusals import SHOWN_MAX
from payroll.model.tables import SOURCE_KINDS
from payroll.rulebook.limits import is_number, limits_of, shape_of

_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_BELGIAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class CellError(Exception):
    """A cell that is refused; `said` tells why, without the cell's own text."""

    def __init__(self, text_id: str, **params: object) -> None:
        self.said = Said(text_id, {key: str(value) for key, value in params.items()})
        super().__init__(text_id)


@dataclass(frozen=True, slots=True)
class CellRead:
    """What a cell holds: a text, a number, a day, a truth value or None for nothing."""

    value: Any
    number_format: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing stands there."""
        return self.value is None or self.value == ""

    @property
    def shown(self) -> str:
        """What stands there, fit for a line on a screen."""
        value = self.value
        if isinstance(value, float):
            value = f"{value:.15g}"
        if isinstance(value, datetime):
            value = value.date() if value.time() == datetime.min.time() else value
        return printable("" if value is None else str(value))


def printable(value: str, limit: int = SHOWN_MAX) -> str:
    """A text on one line, without signs that a terminal would obey, cut when it is long."""
    plain = "".join(char if char.isprintable() else " " for char in value)
    return plain if len(plain) <= limit else f"{plain[:limit]}…"


def read_cell(cell: Any) -> CellRead:
    """What openpyxl found in a cell. Raises CellError for a formula or an error."""
    if cell.data_type == "f":
        raise CellError("cw_formula")
    if cell.data_type == "e":
        raise CellError("cw_error_cell")
    return CellRead(cell.value, cell.number_format)


def text_of(cell: CellRead, *, required: bool = True) -> str:
    """A text exactly as it stands. Raises CellError for anything else."""
    if cell.empty and not required:
        return ""
    if not isinstance(cell.value, str) or not cell.value.strip():
        raise CellError("cw_want_text")
    if any(not char.isprintable() and char != "\n" for char in cell.value):
        raise CellError("cw_want_printable")
    return cell.value


def number_of(cell: CellRead, expected: str) -> Decimal:
    """The exact number that was typed. Raises CellError."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "%" in cell.number_format:
            raise CellError("cw_percent", expected=expected)
        return Decimal(value if isinstance(value, int) else f"{value:.15g}")
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip().replace(",", "."))
    percent = isinstance(value, str) and value.strip().endswith("%")
    raise CellError("cw_percent" if percent else "cw_want_number", expected=expected)


def day_of(cell: CellRead) -> date:
    """A date, typed as one or written 2022-05-31 or 31/05/2022. Raises CellError."""
    value = cell.value
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        found = _BELGIAN_DAY.fullmatch(value.strip())
        iso = "-".join((found[3], found[2].zfill(2), found[1].zfill(2))) if found else value.strip()
        with suppress(ValueError):
            if len(iso) == 10:
                return date.fromisoformat(iso)
    raise CellError("cw_want_day")


def choice_of(cell: CellRead, field: str, language: str) -> str:
    """The value of a closed list behind a word in any language. Raises CellError."""
    found = canonical(field, cell.value) if isinstance(cell.value, str) else None
    if found is None:
        words = ", ".join(word(field, item, language) for item in CHOICES[field])
        raise CellError("cw_want_choice", expected=words)
    return found


def mark_of(cell: CellRead) -> bool:
    """Whether the cell is marked. Raises CellError for anything but the mark or nothing."""
    if cell.empty:
        return False
    if not isinstance(cell.value, str) or cell.value.strip().casefold() != MARK:
        raise CellError("cw_want_mark", expected=MARK)
    return True


def kinds_of(cell: CellRead) -> list[str]:
    """Source kinds. Raises CellError for an unknown one."""
    items = list_read(text_of(cell, required=False))
    _all_known(items, SOURCE_KINDS)
    return items


def _all_known(items: Sequence[str], known: Sequence[str]) -> None:
    unknown = [item for item in items if item not in known]
    if unknown:
        raise CellError("cw_want_choice", expected=", ".join(known))


def param_of(cell: CellRead, name: str, value: object, shipped: object, language: str) -> object:
    """The parameter's new value, written as the old or the program's own where it is equal to one.

    value: in force now; shipped: the program's own, whose manner of writing is followed. Raises
    CellError.
    """
    shape, expected = shape_of(name, value), limits_of(name).shown
    if shape == "fixed":
        if cell.shown != printable(param_shown(name, value)):
            raise CellError("cw_locked", expected=printable(param_shown(name, value)))
        return value
    if shape in ("whole", "number"):
        return _like(value, shipped, number_of(cell, expected), expected)
    if shape == "day":
        return day_of(cell)
    if shape == "flag":
        return _flag(cell)
    if shape == "severity":
        return choice_of(cell, SEVERITY, language)
    return _items(cell, shape, value, expected)


def _like(old: object, shipped: object, number: Decimal, expected: str) -> object:
    """A number written as the old one was: whole, as a decimal, or quoted with its decimals."""
    if isinstance(old, int):
        if number != number.to_integral_value():
            raise CellError("cw_want_whole", expected=expected)
        return int(number)
    equal = [item for item in (old, shipped) if number == Decimal(str(item))]
    if equal:
        return equal[0]
    manner = Decimal(str(shipped)), number.normalize()
    places = max(-int(item.as_tuple().exponent) for item in manner)
    return f"{number:.{max(0, places)}f}" if isinstance(old, str) else number


def _flag(cell: CellRead) -> bool:
    shown = str(cell.value).strip().casefold()
    if shown not in ("true", "false"):
        raise CellError("cw_want_choice", expected="true, false")
    return shown == "true"


def _items(cell: CellRead, shape: str, value: object, expected: str) -> object:
    old = list(value) if isinstance(value, list | tuple) else []
    if shape == "texts":
        items = list_read(text_of(cell, required=False))
        if old and set(old) <= set(SOURCE_KINDS):
            _all_known(items, SOURCE_KINDS)
        if old and not any(map(iban_problem, old)):
            items = [compact_iban(item) for item in items]
            wrong = next((item for item in items if iban_problem(item)), None)
            if wrong is not None:
                raise CellError("cw_want_ibans", item=printable(wrong))
        return value if items == old else items
    shown = cell.shown if isinstance(cell.value, int) else text_of(cell)
    numbers: list[object] = []
    for number, item in enumerate(list_read(shown)):
        if not is_number(item.replace(",", ".")):
            raise CellError("cw_want_numbers", item=printable(item), expected=expected)
        like = old[min(number, len(old) - 1)]
        numbers.append(_like(like, like, Decimal(item.replace(",", ".")), expected))
    if not numbers:
        raise CellError("cw_want_numbers", item="", expected=expected)
    return value if numbers == old else numbers
