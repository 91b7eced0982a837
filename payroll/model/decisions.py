"""Decisions: a named person clears or upholds one finding, with a reason and evidence.

decisions.toml of a pay-run folder, an input of the run like any export. A decision names the
finding's digest: a finding that changed is another one, and the decision lapses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from payroll.model.refusals import parse_toml

#: Where a pay-run keeps its decisions.
DECISIONS = "decisions.toml"
Action = Literal["pay", "hold"]
Words = Annotated[str, Field(min_length=3, max_length=300)]


class Decision(BaseModel):
    """One recorded decision. rule and subject are for readers; the finding's id alone counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    finding: Annotated[str, Field(pattern=r"^F-[0-9a-f]{12}$")]
    rule: str
    subject: str
    action: Action
    by: Words
    at: datetime
    reason: Words
    evidence: Words


class DecisionList(BaseModel):
    """decisions.toml: every decision ever taken on this pay-run, in order; nothing is removed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: tuple[Decision, ...] = ()


def recorded(inputs: Mapping[str, bytes]) -> tuple[Decision, ...]:
    """The decisions among a run's inputs. Raises PayrollError as for any order."""
    content = inputs.get(DECISIONS)
    return () if content is None else parse_toml(DecisionList, DECISIONS, content).decision


def entry_text(decision: Decision) -> str:
    """A decision as it stands in decisions.toml."""
    values = {
        "finding": decision.finding,
        "rule": decision.rule,
        "subject": decision.subject,
        "action": decision.action,
        "by": decision.by,
        "reason": decision.reason,
        "evidence": decision.evidence,
    }
    lines = [f"{name} = {_toml_string(text)}" for name, text in values.items()]
    return "\n".join(["[[decision]]", *lines, f"at = {decision.at.isoformat()}", "", ""])


def _toml_string(text: str) -> str:
    """A JSON string is a TOML basic string, but for the one control character JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
