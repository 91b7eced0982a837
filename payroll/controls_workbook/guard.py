"""What an employer may never make weaker: a control that the program lets nobody override."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from payroll.model.findings import Severity
from payroll.model.streams import STREAMS
from payroll.rulebook.controls import Control

_ORDER = tuple(Severity)
_GRAVE = (Severity.BLOCK, Severity.HOLD)


def weakened(shipped: Control, before: Control, after: Control) -> Iterator[tuple[str, str, str]]:
    """(column, text id, what is expected) of each change that weakens such a control.

    shipped: the program's own; before: in force now. What was weaker already is not told again.
    """
    if shipped.override != "none":
        return
    if after.override not in ("none", before.override):
        yield "override", "cs_loosened", "none"
    if shipped.severity not in _GRAVE:
        return
    if after.severity != before.severity and (
        _ORDER.index(after.severity) > _ORDER.index(shipped.severity)
    ):
        yield "severity", "cs_weaker", str(shipped.severity)
    for stream in STREAMS:
        if stream in shipped.streams and stream in before.streams and stream not in after.streams:
            yield f"stream.{stream}", "cs_weaker", "x"
    if after.valid_from > max(shipped.valid_from, before.valid_from):
        yield "valid_from", "cs_weaker", shipped.valid_from.isoformat()
    ends = [control.valid_to or date.max for control in (after, shipped, before)]
    if ends[0] < min(ends[1:]):
        yield "valid_to", "cs_weaker", "-" if shipped.valid_to is None else str(shipped.valid_to)
