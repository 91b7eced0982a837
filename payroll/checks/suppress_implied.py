"""One fact, one finding: what only follows from another finding on the same payee is not shown.

An unreadable account takes a person's row away, and without the row there is no name, no account,
nobody on the list: five holds for one cell. The rule book says what follows from what
(`implied_by`, `implied_by_unread`); nobody becomes payable by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

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


class _Cause(NamedTuple):
    """What of a finding may explain others; many findings of a payee are one and the same cause."""

    rule_id: str
    unread: str
    rank: int
    streams: tuple[str, ...]

    @classmethod
    def of(cls, finding: RuledFinding) -> _Cause:
        """unread: the kind of source whose row the finding took away, '' when it took none."""
        unread = finding.params.get(EXCLUDED) and finding.params.get(SOURCE_KIND)
        return cls(finding.rule_id, unread or "", finding.severity.rank, streams_of(finding))

    def explains(self, consequence: _Cause, control: Control) -> bool:
        """Whether it is as grave as a finding under `control`, which names it."""
        named = self.rule_id in control.implied_by or self.unread in control.implied_by_unread
        return self.rank <= consequence.rank and named


def _explained(
    own: list[RuledFinding], controls: Mapping[str, Control], decided: frozenset[str]
) -> set[str]:
    """The ids of a payee's findings that another one, itself shown or explained, accounts for.

    One after the other: of two that imply each other, one stays. Causes are counted, so that the
    work stays linear when a source repeats one row ten thousand times.
    """
    by_id = {finding.finding_id: _Cause.of(finding) for finding in own}
    left = Counter(cause for finding_id, cause in by_id.items() if finding_id not in decided)
    hidden: set[str] = set()
    for finding_id, consequence in by_id.items():
        control = controls[consequence.rule_id]
        if not (control.implied_by or control.implied_by_unread):
            continue
        itself = Counter([consequence] if finding_id not in decided else [])
        left -= itself
        causes = [cause for cause in left if cause.explains(consequence, control)]
        covered = {stream for cause in causes for stream in cause.streams}
        if covered.issuperset(consequence.streams):
            hidden.add(finding_id)
        else:
            left += itself
    return hidden


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
