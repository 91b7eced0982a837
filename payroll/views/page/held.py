"""Who is held, payee by payee: every payment, every reason, every remedy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from payroll.model.findings import Severity
from payroll.model.frames import rows_of
from payroll.model.streams import STREAMS
from payroll.record.findings import holding
from payroll.views.page.data import KINDS, Payee, creditor_names, shown_name
from payroll.views.shown import Shown

#: More held payees than this are not written as text; the page says how many are left out.
MOST_HELD = 2_000
#: Further findings of a rule on files and the run that are written out.
MOST_OTHERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A finding that holds: its words."""

    finding_id: str
    rule_id: str
    message: str
    remedy: str
    source: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A held payee. payments: (stream, cents) of what is held; none when nothing was prepared."""

    kind: str
    payee_id: str
    name: str
    site: str
    payments: tuple[tuple[str, int], ...]
    rules: tuple[str, ...]
    why: tuple[Why, ...]

    @property
    def cents(self) -> int:
        """All that is held of this payee."""
        return sum(cents for _, cents in self.payments)

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams in which something is held."""
        return tuple(dict.fromkeys(stream for stream, _ in self.payments))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """A rule's findings: how many, on how many payees, the first one's words.

    others: further words on files and on the run, which no payee's page shows; left: how many
    more of them there are.
    """

    severity: str
    rule_id: str
    count: int
    payees: int
    message: str
    remedy: str
    others: tuple[str, ...]
    left: int


def held_payees(shown: Shown) -> tuple[Held, ...]:
    """Largest amount first; those without a payment last, so that nobody vanishes."""
    payments: dict[Payee, list[tuple[str, int]]] = defaultdict(list)
    rules: dict[Payee, list[str]] = defaultdict(list)
    held = shown.run.payments
    held = held[held["status"] == "held"]
    for stream, payee_id, cents, hold_rules in rows_of(
        held, "stream", "payee_id", "amount_cents", "hold_rules"
    ):
        payee = (str(STREAMS[stream].payee), payee_id)
        payments[payee].append((stream, int(cents)))
        rules[payee] += hold_rules.split()
    why: dict[Payee, list[Why]] = defaultdict(list)
    findings = shown.findings[holding(shown.findings)]
    findings = findings.assign(decision=shown.decided(findings["decision"]))
    for kind, payee_id, *words in rows_of(
        findings,
        "subject_kind",
        "subject_id",
        "finding_id",
        "rule_id",
        "message",
        "remedy",
        "source",
        "decision",
    ):
        if kind in KINDS:
            why[kind, payee_id].append(Why(**dict(zip(Why.__slots__, words, strict=True))))
            rules[kind, payee_id].append(words[1])
    creditors = creditor_names(shown.run)
    order = {stream: number for number, stream in enumerate(STREAMS)}
    found = [
        Held(
            kind=payee[0],
            payee_id=payee[1],
            name=shown_name(shown, payee, creditors),
            site=shown.run.sites.get(payee, ""),
            why=tuple(why.get(payee, ())),
            payments=tuple(sorted(payments.get(payee, ()), key=lambda item: order[item[0]])),
            rules=tuple(dict.fromkeys(rules[payee])),
        )
        for payee in rules | payments
    ]
    return tuple(
        sorted(found, key=lambda item: (not item.payments, -item.cents, item.kind, item.payee_id))
    )


def rule_counts(shown: Shown) -> tuple[RuleCount, ...]:
    """Every rule that found something, the most serious first."""
    ranks = {str(severity): rank for rank, severity in enumerate(Severity)}
    told: dict[tuple[int, str], list[tuple[str, ...]]] = {}
    columns = ("severity", "rule_id", "subject_kind", "subject_id", "message", "remedy")
    for severity, rule_id, *words in rows_of(shown.findings, *columns):
        told.setdefault((ranks[severity], rule_id), []).append((severity, *words))
    return tuple(_rule_count(rule_id, told[rank, rule_id]) for rank, rule_id in sorted(told))


def _rule_count(rule_id: str, rows: list[tuple[str, ...]]) -> RuleCount:
    """rows: severity, subject_kind, subject_id, message and remedy of what a rule found."""
    severity, _, _, message, remedy = rows[0]
    others = [words for _, kind, _, words, _ in rows[1:] if kind not in KINDS]
    return RuleCount(
        severity=severity,
        rule_id=rule_id,
        count=len(rows),
        payees=len({(kind, payee) for _, kind, payee, _, _ in rows if kind in KINDS}),
        message=message,
        remedy=remedy,
        others=tuple(others[:MOST_OTHERS]),
        left=max(len(others) - MOST_OTHERS, 0),
    )
