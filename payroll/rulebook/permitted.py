"""What a workspace may change of a control of the program: one answer for all who load or edit it.

Severity, thresholds, dates and words are the employer's to set, and the run obeys them. Three
things are not: what nobody may clear is never made softer; a finding without a payee holds nobody;
what a check or a stage is (its kind, what it looks at) is the program's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from payroll.model.findings import Severity
from payroll.rulebook.limits import leaves, shape_of

if TYPE_CHECKING:
    from payroll.rulebook.controls import Control

SEVERITY = "severity"
#: From the strictest: what is done where a source is missing. None: as EVAL-002 says.
_IF_MISSING = ("block", None, "warn", "info", "skip")


@dataclass(frozen=True, slots=True)
class Refused:
    """One change that is not permitted.

    why: loosened | kind_changed | param_unknown | weaker | graver | decided; `control_<why>` is the
    error that says it of a rule file, `cs_<why>` the text of a cell. field: as in the rule file,
    with dots. text, expected: what stands there, and what may.
    """

    why: str
    field: str
    text: str
    expected: str


def permitted_severities(shipped: Control, name: str = SEVERITY) -> tuple[Severity, ...]:
    """What a workspace may set as `severity`, or as a case of its own (`severity_<case>`).

    shipped: the program's control. What nobody may clear, and what the bank file cannot hold, is
    only ever made stricter. A case is never graver than `severity` (here: the program's).
    """
    given = shipped.severity if name == SEVERITY else Severity(str(shipped.params[name]))
    fixed = shipped.override == "none" or shipped.unavoidable
    return tuple(
        item
        for item in Severity
        if (item.rank <= given.rank or not fixed)
        and (item is not Severity.HOLD or shipped.subject == "payee")
        and (name == SEVERITY or item.rank >= shipped.severity.rank)
    )


def decided_fields(shipped: Control) -> frozenset[str]:
    """Fields that the program decides: a stage looks at what it looks at, whatever a file says."""
    if shipped.raised:
        return frozenset({"subject", "streams", "requires", "if_missing"})
    return frozenset({"subject"} if shipped.streams else {"subject", "streams"})


def not_permitted(shipped: Control, own: Control) -> Iterator[Refused]:
    """Every change of `own`, which replaces `shipped` in a workspace, that is refused."""
    if own.kind != shipped.kind:
        yield Refused("kind_changed", "kind", own.kind, shipped.kind)
    if shipped.override == "none" and own.override != "none":
        yield Refused("loosened", "override", own.override, "none")
    unknown = sorted(own.params.keys() - shipped.params.keys())
    if unknown:
        known = ", ".join(shipped.params) or "-"
        yield Refused("param_unknown", "params", ", ".join(unknown), known)
    for name in sorted(decided_fields(shipped)):
        if getattr(own, name) != getattr(shipped, name):
            yield _judged("decided", name, own, shipped)
    if shipped.streams and not own.streams:
        yield _judged("decided", "streams", own, shipped)
    yield from _severities(shipped, own)
    if shipped.override == "none":
        yield from _weaker(shipped, own)


def _severities(shipped: Control, own: Control) -> Iterator[Refused]:
    permitted = permitted_severities(shipped)
    if own.severity not in permitted:
        yield Refused("weaker", SEVERITY, own.severity, ", ".join(permitted))
    raised = shipped.model_copy(update={"severity": own.severity})
    for name in shipped.cases:
        value = str(own.params[name])
        permitted = permitted_severities(raised, name)
        if value not in permitted and value != shipped.params[name]:
            why = "graver" if Severity(value).rank < own.severity.rank else "weaker"
            yield Refused(why, f"params.{name}", value, ", ".join(permitted))


def _weaker(shipped: Control, own: Control) -> Iterator[Refused]:
    """What makes a control that nobody may clear find less, on fewer days or in fewer streams."""
    if own.streams and not set(shipped.streams) <= set(own.streams):
        yield _judged("weaker", "streams", own, shipped)
    if own.valid_from > shipped.valid_from:
        yield _judged("weaker", "valid_from", own, shipped)
    if (own.valid_to or date.max) < (shipped.valid_to or date.max):
        yield _judged("weaker", "valid_to", own, shipped)
    if not set(own.requires) <= set(shipped.requires):
        yield _judged("weaker", "requires", own, shipped)
    if _IF_MISSING.index(own.if_missing) > _IF_MISSING.index(shipped.if_missing):
        yield _judged("weaker", "if_missing", own, shipped)
    mine = dict(leaves(own.params))
    for name, value in leaves(shipped.params):
        if shape_of(name, value) == "fixed" and mine.get(name) != value:
            yield Refused("weaker", f"params.{name}", str(mine.get(name, "-")), str(value))


def _judged(why: str, name: str, own: Control, shipped: Control) -> Refused:
    return Refused(why, name, _shown(getattr(own, name)), _shown(getattr(shipped, name)))


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
