"""The changes that a workbook of controls makes to a book, and the rule file that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from payroll.controls_workbook.cells import printable
from payroll.controls_workbook.read import Refusal, SheetRead, read_controls
from payroll.ingest.workbook import read_workbook
from payroll.model.errors import Said, require
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.compare import RuleChange
from payroll.rulebook.overrides import IN_BOOK, Accepted, accepted_overrides, own_controls

_SHOWN_MAX = 160


def read_over(
    file: str, content: bytes, book: RuleBook, shipped: RuleBook, language: str
) -> SheetRead:
    """The workbook's controls; a change of one that lies in another rule file is refused too.

    book: the rules in force in the workspace; shipped: the program's own. Raises PayrollError.
    """
    read_workbook(file, content)  # refuses what is damaged, locked or a bomb
    read = read_controls(file, content, book.controls, shipped.controls, language)
    for control_id, path in _elsewhere(book):
        if read.controls.get(control_id, book.controls[control_id]) != book.controls[control_id]:
            said = Said("cw_elsewhere", {"file": path.removeprefix("workspace/")})
            read.refused.append(Refusal(read.places[control_id], control_id, "", said))
    return read


def _elsewhere(book: RuleBook) -> Iterator[tuple[str, str]]:
    """The workspace's controls that lie in other files than the one that is written here."""
    for path, content in book.files.items():
        if path.startswith("workspace/controls/") and path.endswith(".toml") and path != IN_BOOK:
            for control_id in own_controls(content, book.controls):
                yield control_id, path


def overrides(
    book: RuleBook,
    edited: RuleBook,
    shipped: RuleBook,
    found: Sequence[RuleChange],
    *,
    at: datetime,
    by: str,
    reason: str,
) -> bytes:
    """The rule file with every change, once it is seen to load exactly as it was edited."""
    accepted = Accepted(at, by.strip(), reason.strip(), [change_line(item) for item in found])
    content = accepted_overrides(
        book.files.get(IN_BOOK, b""), book.controls, edited.controls, shipped.controls, accepted
    )
    written = load_rulebook({**book.files, IN_BOOK: content})
    require(written.controls == edited.controls, "the overrides do not load as they were edited")
    return content


def change_line(change: RuleChange) -> str:
    """id, field: old -> new; on one line."""
    values = (change.old, change.new)
    old, new = (printable(value, _SHOWN_MAX) if value else "-" for value in values)
    return f"{change.entry}  {change.field}: {old} -> {new}"
