"""One fact, one finding: what only follows from another finding on the same payee is not shown.

An unreadable account takes a person's row away, and without the row there is no name, no account,
nobody on the list: five holds for one cell. The rule book says what follows from what
(`implied_by`, `implied_by_unread`); nobody becomes payable by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from payroll.checks.engine import rules_of_holds
from payroll.model.errors import require
from payroll.model.findings import EXCLUDED, SOURCE_KIND, RuledFinding
from payroll.model.streams import streams_of
from payroll.rulebook.controls import Control


def told_once(
    payments: pd.DataFrame,
    findings: Iterable[RuledFinding],
    controls: Mapping[str, Control],
    released: Collection[str] = (),
    held: Collection[str] = (),
) -> tuple[pd.DataFrame, list[RuledFinding]]:
    """Payments and findings without the findings that another one explains, and their rules.

    A cause must be as grave, concern at least the same streams, and stand: one that somebody has
    cleared (`released`, ids of findings) explains nothing, so that its consequences show again, and
    what a person upheld (`held`) stays to be seen.
    No payment changes its status.
    """
    findings, decided = list(findings), frozenset(released)
    by_payee: dict[tuple[str, str], list[RuledFinding]] = {}
    for finding in findings:
        if streams_of(finding):
            key = (finding.subject_kind, finding.subject_id)
            by_payee.setdefault(key, []).append(finding)
    hidden: set[str] = set()
    for own in by_payee.values():
        hidden |= _explained(own, controls, decided) if len(own) > 1 else set()
    hidden -= set(held)
    if not hidden:
        return payments, findings
    shown = [finding for finding in findings if finding.finding_id not in hidden]
    touched = {
        (stream, finding.subject_id)
        for finding in findings
        if finding.finding_id in hidden
        for stream in streams_of(finding)
    }
    return _with_rules(payments, touched, rules_of_holds(shown, decided, held)), shown


def _explained(
    own: list[RuledFinding], controls: Mapping[str, Control], decided: frozenset[str]
) -> set[str]:
    """The ids of a payee's findings that another one, itself shown or explained, accounts for.

    One after the other: of two that imply each other, one stays.
    """
    left = {finding.finding_id: finding for finding in own}
    for finding_id, finding in list(left.items()):
        control = controls[finding.rule_id]
        if not (control.implied_by or control.implied_by_unread):
            continue
        covered: set[str] = set()
        for cause in left.values():
            if cause is not finding and _explains(cause, finding, control, decided):
                covered.update(streams_of(cause))
        if covered.issuperset(streams_of(finding)):
            del left[finding_id]
    return {finding.finding_id for finding in own} - set(left)


def _explains(
    cause: RuledFinding, finding: RuledFinding, control: Control, decided: frozenset[str]
) -> bool:
    as_grave = cause.severity.rank <= finding.severity.rank
    unread = cause.params.get(EXCLUDED) and cause.params.get(SOURCE_KIND)
    named = cause.rule_id in control.implied_by or unread in control.implied_by_unread
    return as_grave and named and cause.finding_id not in decided


def _with_rules(
    payments: pd.DataFrame, touched: set[tuple[str, str]], rules: Mapping[tuple[str, str], set[str]]
) -> pd.DataFrame:
    """Held payments of some payees with the rules that are still shown, which are never none."""
    hold_rules = payments["hold_rules"].tolist()
    keys = zip(payments["stream"].tolist(), payments["payee_id"].tolist(), strict=True)
    for row, key in enumerate(keys):
        if key in touched and hold_rules[row]:
            require(bool(rules.get(key)), "a held payment lost every finding that holds it")
            hold_rules[row] = " ".join(sorted(rules[key]))
    return payments.assign(hold_rules=pd.Series(hold_rules, index=payments.index, dtype="str"))
