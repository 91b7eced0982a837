"""The employer's own rules: every difference between the rules that shipped and those of a run.

Worked out from the bytes of the rule files, beside the controls, so that no rule can keep it from
being shown to whoever signs; nor can a rules folder: the rules that shipped are in the program.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from payroll.model.order import PayrunOrder
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.compare import RuleChange, changes
from payroll.rulebook.controls import Control
from payroll.rulebook.shipped import other_than_shipped, shipped_rules
from payroll.rulebook.toml import WORKSPACE
from payroll.texts import text, text_or

_SHOWN_MAX = 80
_FILES_MAX = 4
#: What is read last: words, and who looked at a rule when.
_LAST = ("title", "message", "remedy", "source", "checked_on")
_CHOICES = ("severity", "override", "if_missing")


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One difference.

    off: the days of the run on which the control is not in force, or no more. added: the control
    that the program does not have.
    """

    change: RuleChange
    off: tuple[date, ...] = ()
    added: Control | None = None

    @property
    def ends_control(self) -> bool:
        """A control of the program does not look at this run."""
        return bool(self.off) and self.change.old is not None


@dataclass(frozen=True, slots=True)
class OwnRules:
    """What is other in the rules of a run than in those that shipped; false where nothing is.

    files: rule files of the program itself that are not as they shipped, since the run was made
    with another folder, or with files that somebody changed. rules: what any file says otherwise.
    """

    files: tuple[str, ...] = ()
    rules: tuple[OwnRule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.rules)

    def heading(self, language: str) -> str:
        """How many differences there are."""
        return text("own_rules", language, count=len(self.rules))

    def lines(self, language: str) -> list[str]:
        """The files, then one line per difference: rule, field, what it was and what it is."""
        listed = [_line(rule, language) for rule in self.rules]
        if not self.files:
            return listed
        names = ", ".join(map(_plain, self.files[:_FILES_MAX]))
        more = len(self.files) - _FILES_MAX
        names += f" (+{more})" if more > 0 else ""
        return [text("own_rule_files", language, count=len(self.files), files=names), *listed]


def own_rules(files: Mapping[str, bytes], days: Collection[date] = ()) -> OwnRules:
    """Every difference, what switches a control off first, words last.

    files: of a run, as in RuleBook; days: on which it pays. Raises PayrollError when the rules do
    not load.
    """
    others = other_than_shipped(files)
    if not others:
        return OwnRules()
    before, now = load_rulebook(shipped_rules()), load_rulebook(files)
    found = [
        OwnRule(change, _off(change, before, now, days), _added(change, now))
        for change in changes(before, now)
        if _head(change) != "example"
    ]
    return OwnRules(
        files=tuple(name for name in others if not name.startswith(WORKSPACE)),
        rules=tuple(
            sorted(found, key=lambda rule: (not rule.ends_control, _head(rule.change) in _LAST))
        ),
    )


def _off(
    change: RuleChange, before: RuleBook, now: RuleBook, days: Collection[date]
) -> tuple[date, ...]:
    if change.kind != "control" or change.field not in ("", "valid_from", "valid_to"):
        return ()
    old, new = before.controls.get(change.entry), now.controls.get(change.entry)
    return tuple(
        day
        for day in sorted(days)
        if (old is None or old.in_force(day)) and (new is None or not new.in_force(day))
    )


def _added(change: RuleChange, now: RuleBook) -> Control | None:
    whole = change.kind == "control" and change.what == "added" and not change.field
    return now.controls[change.entry] if whole else None


def days_of(order: PayrunOrder) -> frozenset[date]:
    """The days on which a control is in force or not for a run: its pay days, the month's end."""
    return frozenset({item.pay_on for item in order.streams.values()} | {order.period.last_day})


def _line(rule: OwnRule, language: str) -> str:
    change = rule.change
    what = "changed" if change.field else change.what
    entry = change.entry if change.kind == "control" else f"{change.kind}:{change.entry}"
    more: dict[str, object] = {}
    if rule.added is not None:
        what = "added_control"
        severity = text(f"cw_severity_{rule.added.severity}", language)
        more = {"severity": severity, "start": rule.added.valid_from}
    shown = text(
        f"own_rule_{what}",
        language,
        rule=f"{entry} {change.at}".rstrip(),
        field=_field(change, language),
        was=_value(change, change.old, language),
        now=_value(change, change.new, language),
        **more,
    )
    if not rule.off:
        return shown
    return shown + text("own_rule_off", language, days=", ".join(map(str, rule.off)))


def _head(change: RuleChange) -> str:
    return change.field.partition(".")[0]


def _field(change: RuleChange, language: str) -> str:
    """A field in words where people know it in words, its own name otherwise."""
    if change.kind != "control":
        return change.field
    head, _, part = change.field.partition(".")
    if head == "params":
        return part
    words = text_or(f"cw_col_{head}", language, change.field)
    return f"{words} ({part})" if part else words


def _value(change: RuleChange, value: str | None, language: str) -> str:
    head = _head(change)
    if change.kind == "control" and value is not None:
        choice = "severity" if change.field.startswith("params.severity_") else head
        if choice in _CHOICES:
            return text(f"cw_{choice}_{value}", language)
    return _plain(value or "-")


def _plain(value: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in value)
    return plain if len(plain) <= _SHOWN_MAX else f"{plain[:_SHOWN_MAX]}…"
