"""The employer's own rules: every difference between the program's rules and those of a run.

Worked out from the bytes of the rule files, beside the controls, so that no rule can keep it from
being shown to whoever signs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from payroll.model.order import PayrunOrder
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.compare import RuleChange, changes
from payroll.texts import text, text_or

WORKSPACE = "workspace/"
_SHOWN_MAX = 80
#: What is read last: words, and who looked at a rule when.
_LAST = ("title", "message", "remedy", "source", "checked_on")
_CHOICES = ("severity", "override", "if_missing")


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One difference. off: the days of the run on which the control is in force no more."""

    change: RuleChange
    off: tuple[date, ...] = ()


def own_rules(
    files: Mapping[str, bytes],
    days: Collection[date] = (),
    shipped: Mapping[str, bytes] | None = None,
) -> tuple[OwnRule, ...]:
    """Every difference, what switches a control off first, words last; () without own rules.

    files: of a run, as in RuleBook; days: on which it pays. shipped: the program's own files, where
    they are at hand; else those of `files` that are not the workspace's. Raises PayrollError when
    the rules do not load.
    """
    if shipped is None:
        shipped = {name: files[name] for name in files if not name.startswith(WORKSPACE)}
    if dict(shipped) == dict(files):
        return ()
    before, now = load_rulebook(shipped), load_rulebook(files)
    found = [
        OwnRule(change, _off(change, before, now, days))
        for change in changes(before, now)
        if _head(change) != "example"
    ]
    return tuple(sorted(found, key=lambda rule: (not rule.off, _head(rule.change) in _LAST)))


def _off(
    change: RuleChange, before: RuleBook, now: RuleBook, days: Collection[date]
) -> tuple[date, ...]:
    if change.kind != "control" or change.field not in ("valid_from", "valid_to"):
        return ()
    old, new = before.controls[change.entry], now.controls[change.entry]
    return tuple(day for day in sorted(days) if old.in_force(day) and not new.in_force(day))


def days_of(order: PayrunOrder) -> frozenset[date]:
    """The days on which a control is in force or not for a run: its pay days, the month's end."""
    return frozenset({item.pay_on for item in order.streams.values()} | {order.period.last_day})


def lines(rules: Collection[OwnRule], language: str) -> list[str]:
    """One line per difference: rule, field, what it was and what it is."""
    return [_line(rule, language) for rule in rules]


def _line(rule: OwnRule, language: str) -> str:
    change = rule.change
    what = "changed" if change.field else change.what
    entry = change.entry if change.kind == "control" else f"{change.kind}:{change.entry}"
    shown = text(
        f"own_rule_{what}",
        language,
        rule=f"{entry} {change.at}".rstrip(),
        field=_field(change, language),
        was=_value(change, change.old, language),
        now=_value(change, change.new, language),
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
    plain = "".join(char if char.isprintable() else " " for char in value or "-")
    return plain if len(plain) <= _SHOWN_MAX else f"{plain[:_SHOWN_MAX]}…"
