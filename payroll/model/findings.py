"""Findings: facts about people or money that a human must judge. Values, never exceptions.

A stage raises a fact under a rule; how grave it is, the rule book alone says
(payroll.rulebook.ruling). Every finding of every stage is made by one of the two functions here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class Severity(StrEnum):
    """What a finding does: refuse the run, hold the payee, warn, or inform; the gravest first."""

    BLOCK = "block"
    HOLD = "hold"
    WARN = "warn"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return tuple(Severity).index(self)


class SubjectKind(StrEnum):
    """What a finding is about; the three payee kinds are the ones that can be held."""

    EMPLOYEE = "employee"
    PRACTITIONER = "practitioner"
    SUPPLIER = "supplier"
    FILE = "file"
    RUN = "run"


#: Parameters of a finding on a row of a source: its kind, and 'yes' when the row is not used.
SOURCE_KIND, EXCLUDED = "source_kind", "excluded"
#: The columns of findings.csv.
FINDING_COLUMNS = (
    "finding_id",
    "rule_id",
    "severity",
    "subject_kind",
    "subject_id",
    "stream",
    "observed",
    "limit",
    "message",
    "remedy",
    "source",
    "decision",
)
#: One text for all rows, or one per row.
Texts = str | Iterable[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact, raised under a rule of rules/controls.

    rule_id: the rule's id; its file entry holds the severity and the words in fr, nl, en.
    level: the threshold that was passed (`warn`, `hold`, `block`) or the case that the rule tells
    apart (its parameter `severity_<level>`); '' = as the rule says (Control.severity_of).
    subject_kind, subject_id: the payee (held when the severity is hold), the file or the run.
    stream: the stream concerned, or '' for every stream of the subject.
    observed, limit: plain machine text (amounts as '1234.56', dates as ISO), shown in the message.
    source: the place, `file!sheet!R<row>, column`; several are joined by '; '.
    params: further placeholders of the message.
    """

    rule_id: str
    subject_kind: SubjectKind
    subject_id: str
    stream: str = ""
    observed: str = ""
    limit: str = ""
    source: str = ""
    level: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> Mapping[str, str]:
        """What the words of its rule are filled with."""
        return {
            **self.params,
            "subject": self.subject_id,
            "observed": self.observed,
            "limit": self.limit,
            "source": self.source,
            "stream": self.stream,
        }

    @property
    def content(self) -> tuple[str, ...]:
        """All that was found; two findings of the same content are one fact."""
        return (
            self.rule_id,
            self.subject_kind,
            self.subject_id,
            self.stream,
            self.observed,
            self.limit,
            self.source,
            *(f"{key}={self.params[key]}" for key in sorted(self.params)),
        )


@dataclass(frozen=True, kw_only=True)  # no slots: it keeps its id
class RuledFinding(Finding):
    """A finding with the severity that its rule gives it; made by payroll.rulebook.ruling.

    pays: a digest of what clearing it pays (payroll.checks.decisions), '' where that is nothing.
    """

    severity: Severity
    pays: str = ""

    @property
    def stops(self) -> bool:
        """Whether it holds its payee or refuses the run, unless somebody clears it."""
        return self.severity in (Severity.BLOCK, Severity.HOLD)

    @cached_property
    def finding_id(self) -> str:
        """F- and 12 hex digits over content, severity and what it pays: once changed, another."""
        rule_id, *found = self.content
        parts = [rule_id, self.severity, *found, *filter(None, [self.pays])]
        digest = hashlib.sha256("\x1f".join(parts).encode())
        return "F-" + digest.hexdigest()[:12]


def finding(
    rule_id: str,
    kind: SubjectKind = SubjectKind.RUN,
    subject_id: str = "run",
    /,
    *,
    stream: str = "",
    observed: str = "",
    limit: str = "",
    source: str = "",
    level: str = "",
    **params: str,
) -> Finding:
    """One finding, by default on the run; params: further placeholders of the rule's message."""
    return Finding(
        rule_id=rule_id,
        subject_kind=kind,
        subject_id=subject_id,
        stream=stream,
        observed=observed,
        limit=limit,
        source=source,
        level=level,
        params=params,
    )


def findings_for(
    rule_id: str,
    rows: pd.DataFrame,
    /,
    *,
    kind: Texts = SubjectKind.EMPLOYEE,
    payee: str = "payee_id",
    stream: Texts = "",
    observed: Texts | None = None,
    limit: Texts | None = None,
    source: Texts | None = None,
    level: Texts = "",
    **params: Texts,
) -> list[Finding]:
    """One finding per row: the only Python per payee, for the few and never for everybody.

    payee: the column with the subjects' ids. observed, limit, source: the column of that name where
    none is given, '' where there is none. What is given is one text for all rows, or one per row.
    """
    count = len(rows)
    if not count:
        return []

    def each(value: Texts) -> list[str]:
        return [str(value)] * count if isinstance(value, str) else [str(item) for item in value]

    def column(name: str, value: Texts | None) -> list[str]:
        return each(rows.get(name, "") if value is None else value)

    names = tuple(params)
    columns = zip(
        each(kind),
        each(rows[payee]),
        each(stream),
        column("observed", observed),
        column("limit", limit),
        column("source", source),
        each(level),
        *(each(params[name]) for name in names),
        strict=True,
    )
    return [
        Finding(
            rule_id=rule_id,
            subject_kind=SubjectKind(subject_kind),
            subject_id=subject,
            stream=in_stream,
            observed=seen,
            limit=allowed,
            source=place,
            level=asked,
            params=dict(zip(names, more, strict=True)),
        )
        for subject_kind, subject, in_stream, seen, allowed, place, asked, *more in columns
    ]
