"""What the codes of a bank's answer mean: statuses and reasons of rules/bank/answers.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from payroll.model.answers import VOP_CODES
from payroll.model.refusals import refused
from payroll.rulebook.parameters import Status
from payroll.rulebook.toml import RuleModel, parse_list
from payroll.rulebook.words import WRITTEN, Texts, Worded
from payroll.texts import text

#: The closed list of what a status says of a payment. `unknown` is for codes without an entry: it
#: is shown and never moves a payment.
Meaning = Literal[
    "received",
    "technically_ok",
    "accepted",
    "accepted_changed",
    "executing",
    "debited",
    "credited",
    "pending",
    "partly",
    "rejected",
    "awaiting_signature",
    "cancelled",
    "blocked",
    "withdrawn",
    "vop_pending",
    "vop_match",
    "vop_review",
    "vop_close",
    "vop_no_match",
    "vop_not_applicable",
]
UNKNOWN = "unknown"
Action = Literal["fix_data", "never_resend", "call_bank", "fund", "hr", "software", "other"]
AnswerCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{3}$")]


class StatusCode(Worded):
    """A status of a file, a block or a payment."""

    KIND = "status"

    code: AnswerCode
    levels: Annotated[tuple[Literal["file", "block", "payment"], ...], Field(min_length=1)]
    meaning: Meaning
    title: Texts
    source: Annotated[str, Field(min_length=3)]
    status: Status

    @model_validator(mode="after")
    def _levels_once(self) -> StatusCode:
        if len(set(self.levels)) != len(self.levels):
            raise refused("levels_twice")
        _require_own_axis({self.code: self.meaning})
        return self


class ReasonCode(Worded):
    """Why a payment was refused or came back.

    action: who acts. mended_by: `data` when another account or name mends it, `decision` when a
    person must decide before anything is paid again.
    """

    KIND = "reason"

    code: AnswerCode
    action: Action
    mended_by: Literal["data", "decision"]
    title: Texts
    source: Annotated[str, Field(min_length=3)]
    status: Status


class ProfileAnswers(RuleModel):
    """What one bank's answers mean where they differ.

    silence: what a payment is that a report does not name; absence is not acceptance unless the
    bank says that it reports refusals only. meanings: codes that this bank gives another meaning.
    """

    silence: Literal["nothing", "accepted"] = "nothing"
    meanings: Mapping[AnswerCode, Meaning] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _own_axis(self) -> ProfileAnswers:
        _require_own_axis(self.meanings)
        return self


def _require_own_axis(meanings: Mapping[str, Meaning]) -> None:
    """A verification of payee says nothing of execution, whoever defines its meaning."""
    for code, meaning in meanings.items():
        if (code in VOP_CODES) is not meaning.startswith("vop_"):
            raise refused("vop_meaning", code=code)


_UNKNOWN_TITLE = "status_reason_unknown"


class _UnknownTitle(Texts):
    """The words of a reason that no rule names: they stand in the catalogue."""

    def __getitem__(self, language: str) -> str:
        return text(_UNKNOWN_TITLE, language)


def unknown_reason(code: str) -> ReasonCode:
    """The entry of a code that the rules do not name: a person decides."""
    return ReasonCode.model_construct(
        code=code,
        action="other",
        mended_by="decision",
        title=_UnknownTitle(**{each: text(_UNKNOWN_TITLE, each) for each in WRITTEN}),
        source="-",
        status="unverified",
    )


def load_statuses(files: Mapping[str, dict[str, object]]) -> dict[str, StatusCode]:
    """Every `[[status]]` of rules/bank by code; a workspace entry replaces its code.

    Raises PayrollError rule_entry_invalid, rule_entry_twice.
    """
    return dict(sorted(parse_list(StatusCode, files, "status", "code").items()))


def load_reasons(files: Mapping[str, dict[str, object]]) -> dict[str, ReasonCode]:
    """Every `[[reason]]` of rules/bank by code; see `load_statuses`."""
    return dict(sorted(parse_list(ReasonCode, files, "reason", "code").items()))
