"""Findings: facts about people or money that a human must judge. Values, never exceptions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does: refuse the run, hold the payee, warn, or inform."""

    BLOCK = "block"
    HOLD = "hold"
    WARN = "warn"
    INFO = "info"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact, raised under a rule of rules/controls.

    rule_id: the rule's id; its file entry holds the severity and the words in fr, nl, en.
    severity: as the rule says, or as a warn/hold threshold decided.
    subject_kind, subject_id: the payee (held when severity is hold), the file or the run.
    stream: the stream concerned, or '' for every stream of the subject.
    observed, limit: plain machine text (amounts as '1234.56', dates as ISO), shown in the message.
    source: the place, `file!sheet!R<row>, column`; several are joined by '; '.
    params: further placeholders of the message.
    """

    rule_id: str
    severity: Severity
    subject_kind: SubjectKind
    subject_id: str
    stream: str = ""
    observed: str = ""
    limit: str = ""
    source: str = ""
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
    def finding_id(self) -> str:
        """F- and 12 hex digits over the content: a changed finding has another id."""
        parts = [
            self.rule_id,
            self.severity,
            self.subject_kind,
            self.subject_id,
            self.stream,
            self.observed,
            self.limit,
            self.source,
            *(f"{key}={self.params[key]}" for key in sorted(self.params)),
        ]
        digest = hashlib.sha256("\x1f".join(parts).encode())
        return "F-" + digest.hexdigest()[:12]
