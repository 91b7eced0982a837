"""The sheet of controls: its columns, its words and how each value is written and read back.

One row per control. Each parameter has two cells, its name (which stays) and its value, so that a
number is a number with a range of its own, and 150 controls do not need a column for each of 40
names. A heading or a word is understood in each language, whatever the workbook was written in.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from payroll.model.findings import Severity
from payroll.model.streams import STREAMS
from payroll.rulebook.controls import Control
from payroll.rulebook.limits import leaves, shape_of
from payroll.rulebook.words import WRITTEN
from payroll.texts import FALLBACK, text
from payroll.texts.read_back import meant

Kind = Literal["id", "text", "choice", "mark", "day", "kinds", "locked"]

SEVERITY = "severity"
OVERRIDES = ("none", "one", "two_people")
IF_MISSING = ("block", "warn", "info", "skip")
CHOICES: Mapping[str, tuple[str, ...]] = {
    SEVERITY: tuple(str(item) for item in Severity),
    "override": OVERRIDES,
    "if_missing": IF_MISSING,
}
#: Fewer pairs would make the sheet depend too much on the rules of the day.
PAIRS_MIN = 4
MARK = "x"
#: The fields that hold a text per language.
WORDS = ("title", "message", "remedy")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column. name: the field of the control (`title.fr`, `stream.fees`, `param.1`, `value.1`);
    kind: what stands in it; width in characters.
    """

    name: str
    kind: Kind
    width: int

    @property
    def head(self) -> str:
        """The name before its point: a field of the control, `stream`, `param` or `value`."""
        return self.name.partition(".")[0]

    @property
    def part(self) -> str:
        """The name behind its point: a language, a stream, a number; '' without."""
        return self.name.partition(".")[2]

    @property
    def field(self) -> str:
        """The field of the control that it is about."""
        return "streams" if self.head == "stream" else self.head

    def heading(self, language: str) -> str:
        """Its heading in a language."""
        if self.head in WORDS:
            return f"{text(f'cw_col_{self.head}', language)} ({self.part})"
        if self.head == "stream":
            return text(f"checks_stream_{self.part}", language)
        return text(f"cw_col_{self.head}", language, number=self.part)


def sheet_columns(pairs: int, language: str) -> list[SheetColumn]:
    """The columns in their order: the reader's language before the others of the rule files."""
    first = written(language)
    others = [item for item in WRITTEN if item != first]
    columns = [
        SheetColumn("id", "id", 11),
        SheetColumn("family", "locked", 9),
        SheetColumn(f"title.{first}", "text", 34),
        SheetColumn(SEVERITY, "choice", 13),
        *(SheetColumn(f"stream.{stream}", "mark", 9) for stream in STREAMS),
        SheetColumn("override", "choice", 16),
        SheetColumn("valid_from", "day", 14),
        SheetColumn("valid_to", "day", 18),
    ]
    for number in range(1, pairs + 1):
        columns += [
            SheetColumn(f"param.{number}", "locked", 19),
            SheetColumn(f"value.{number}", "locked", 18),
        ]
    columns += [
        SheetColumn("requires", "kinds", 20),
        SheetColumn("if_missing", "choice", 14),
        SheetColumn("kind", "locked", 25),
        SheetColumn(f"message.{first}", "text", 52),
        SheetColumn(f"remedy.{first}", "text", 52),
    ]
    for other in others:
        columns += [
            SheetColumn(f"title.{other}", "text", 34),
            SheetColumn(f"message.{other}", "text", 52),
            SheetColumn(f"remedy.{other}", "text", 52),
        ]
    return [*columns, SheetColumn("source", "text", 44), SheetColumn("checked_on", "day", 12)]


def written(language: str) -> str:
    """The language of the rule files that somebody reading in a language works on first."""
    return language if language in WRITTEN else FALLBACK


def pairs_needed(controls: Mapping[str, Control]) -> int:
    """How many pairs of name and value the longest control takes."""
    counts = [len(list(leaves(control.params))) for control in controls.values()]
    return max([PAIRS_MIN, *counts])


def family(control: Control) -> str:
    """The beginning of the id: what the control is about."""
    return control.id.partition("-")[0]


def word(field: str, value: str, language: str) -> str:
    """A value of a closed list as people read it."""
    return text(f"cw_{field}_{value}", language)


def canonical(field: str, shown: str) -> str | None:
    """The value behind a word in any language, or the value itself; None for none or for two."""
    return meant(shown, {value: f"cw_{field}_{value}" for value in CHOICES[field]})


def list_shown(items: Sequence[object]) -> str:
    """A list in one cell: a; b; c. An item with a semicolon or a quote stands in quotes."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="").writerow(items)
    quoted = line.getvalue()
    plain = not any(mark in str(item) for item in items for mark in ';"\n\r')
    return "; ".join(map(str, items)) if plain else quoted


def list_read(shown: str) -> list[str]:
    """The items of such a cell, without blanks around them; empty ones do not count."""
    rows = csv.reader(io.StringIO(shown.strip()), delimiter=";", skipinitialspace=True)
    return [item.strip() for row in rows for item in row if item.strip()]


def param_shown(name: str, value: object) -> str:
    """The text of a parameter, for a cell that holds no number or date."""
    shape = shape_of(name, value)
    if isinstance(value, list | tuple) and (
        shape != "fixed" or all(isinstance(item, str | int) for item in value)
    ):
        return list_shown(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else json.dumps(value, default=str)
