"""What the format of a workbook allows: names of sheets, and what pops up at a cell.

The words of the program fit; those of a further language may be longer, and French stands in for
them behind a mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME_MAX, _TITLE_MAX, _MESSAGE_MAX = 31, 32, 255
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def sheet_name(words: str, number: int = 1) -> str:
    """The name of a sheet of those words; number: from 2 on, a further such sheet."""
    ending = f" ({number})" if number > 1 else ""
    plain = _FORBIDDEN.sub("-", words).strip("'")
    return plain[: _NAME_MAX - len(ending)] + ending


def new_sheet(workbook: Any, words: str, number: int = 1) -> Any:
    """A sheet of that name, or the next one where two sheets would bear the same."""
    taken = {name.casefold() for name in workbook.sheetnames}
    while sheet_name(words, number).casefold() in taken:
        number += 1
    return workbook.add_worksheet(sheet_name(words, number))


def at_a_cell(rule: Mapping[str, object]) -> dict[str, object]:
    """A data validation whose titles and messages are cut to what a spreadsheet shows of them."""
    limits = {"title": _TITLE_MAX, "message": _MESSAGE_MAX}
    return {
        name: value[: limits[name.rpartition("_")[2]]]
        if isinstance(value, str) and name.startswith(("input_", "error_"))
        else value
        for name, value in rule.items()
    }


def in_a_formula(words: str) -> str:
    """A text as a formula writes it, with its quotes."""
    return '"' + words.replace('"', '""') + '"'
