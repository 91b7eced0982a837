"""Bank profiles: what one bank takes in a payment file, and since when each SEPA country is one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from payroll.model.errors import PayrollError
from payroll.model.refusals import refused
from payroll.model.streams import STREAMS, Sending, StreamName
from payroll.rulebook.answers import ProfileAnswers
from payroll.rulebook.parameters import Status
from payroll.rulebook.toml import Once, RuleModel, parse_entry
from payroll.rulebook.words import Texts, Worded

MessageVersion = Literal["pain.001.001.03", "pain.001.001.09"]
Code = Annotated[str, Field(pattern=r"^[A-Z]{4}$")]
AnyLegalNature = Literal["any", "final", "full_estimate", "part_payment", "advance"]


class DatedMessage(RuleModel):
    """The message version a bank takes from a date (of execution) on.

    address: a payer's address as country and one line of text, or as town and country. Not said:
    lines in pain.001.001.03, whose guidelines know no other, town and country after it.
    """

    from_: Annotated[date, Field(alias="from")]
    version: MessageVersion
    address: Literal["lines", "structured"] | None = None


class StreamRules(RuleModel):
    """What of the sending of one stream a bank takes otherwise; see payroll.model.streams.Sending.

    purpose: the codes by legal nature, all of them. An empty category or priority is not sent.
    """

    date_rule: Literal["previous", "next"] | None = None
    batch_booking: bool | None = None
    priority: Literal["", "NORM", "HIGH"] | None = None
    category_purpose: Code | Literal[""] | None = None
    purpose: Mapping[AnyLegalNature, Code] | None = None


class SepaCountry(RuleModel):
    """A country or territory of the SEPA scheme, by the first two letters of its IBANs."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    from_: Annotated[date, Field(alias="from")]
    eea: bool
    source: Annotated[str, Field(min_length=3)]
    status: Status


class BankProfile(Worded):
    """What one bank takes. `unverified` names the fields that its bank has not confirmed.

    max_transactions, max_bytes: limits of one file. kbo_prefix: whether the enterprise number of
    the initiating party is written with BE in front. warn_days, max_days: how far ahead of the
    file's creation it may be executed. cut_off: last time for execution on the same day.
    streams: what is to be sent otherwise than payroll.model.streams says.
    answers: what its answers mean where they differ from rules/bank/answers.toml.
    """

    KIND = "bank"

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: Texts
    source: Annotated[str, Field(min_length=3)]
    checked_on: date
    status: Status
    unverified: tuple[str, ...] = ()
    message: Annotated[tuple[DatedMessage, ...], Field(min_length=1)]
    max_transactions: Annotated[int, Field(ge=3, le=100_000)]
    max_bytes: Annotated[int, Field(ge=100_000, le=50_000_000)]
    kbo_prefix: bool
    warn_days: Annotated[int, Field(ge=1)]
    max_days: Annotated[int, Field(ge=1, le=366)]
    cut_off: time
    streams: Mapping[StreamName, StreamRules] = Field(default_factory=dict)
    answers: ProfileAnswers = Field(default_factory=ProfileAnswers)
    countries: Mapping[str, SepaCountry] = Field(default_factory=dict)

    @field_validator("cut_off", mode="before")
    @classmethod
    def _written_as_a_time(cls, value: object) -> object:
        if isinstance(value, time) or re.fullmatch(r"\d\d:\d\d", str(value)):
            return value
        raise refused("time")

    @model_validator(mode="after")
    def _complete_and_ordered(self) -> BankProfile:
        dates = [item.from_ for item in self.message]
        if dates != sorted(set(dates)):
            raise refused("dates_order")
        if unknown := set(self.unverified) - set(type(self).model_fields):
            raise refused("unverified_unknown", names=", ".join(sorted(unknown)))
        return self

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the profile says, countries included: its version."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def sending(self, stream: str) -> Sending:
        """How a stream is sent to this bank: as it says itself, but for what the profile says."""
        own = self.streams.get(stream, StreamRules())
        return replace(STREAMS[stream].sending, **own.model_dump(exclude_none=True))

    def version(self, day: date) -> str:
        """The version on an execution day. Raises PayrollError bank_message_not_in_force."""
        return self._message(day).version

    def address_in_lines(self, day: date) -> bool:
        """Whether an address is country and a line, on an execution day. Raises as `version`."""
        message = self._message(day)
        form = message.address or ("lines" if message.version.endswith(".03") else "structured")
        return form == "lines"

    def _message(self, day: date) -> DatedMessage:
        found = [item for item in self.message if item.from_ <= day]
        if not found:
            raise PayrollError("bank_message_not_in_force", where=self.id, day=day)
        return found[-1]

    def in_sepa(self, country: str, day: date) -> bool:
        """Whether IBANs of that country are reachable by SEPA credit transfer on a day."""
        found = self.countries.get(country)
        return found is not None and found.from_ <= day

    def needs_debtor_address(self, country: str) -> bool:
        """Whether the payer's address must stand in a file that pays to that country."""
        found = self.countries.get(country)
        return found is None or not found.eea


def load_bank_profiles(files: Mapping[str, dict[str, object]]) -> dict[str, BankProfile]:
    """Every `[[profile]]` of rules/bank by id, each with the dated list of SEPA countries.

    A workspace entry replaces its id. Raises PayrollError rule_entry_invalid, rule_entry_twice.
    """
    once = Once()
    countries: dict[str, SepaCountry] = {}
    profiles: dict[str, BankProfile] = {}
    for path, content in files.items():
        for number, entry in enumerate(_entries(content, "country"), 1):
            country = parse_entry(SepaCountry, path, f"country {number}", entry)
            once(path, f"country {country.code}")
            countries[country.code] = country
        for number, entry in enumerate(_entries(content, "profile"), 1):
            profile = parse_entry(BankProfile, path, f"profile {number}", entry)
            once(path, f"profile {profile.id}")
            profiles[profile.id] = profile
    return {
        name: profile.model_copy(update={"countries": countries})
        for name, profile in sorted(profiles.items())
    }


def _entries(content: Mapping[str, object], key: str) -> list[object]:
    entries = content.get(key, [])
    return entries if isinstance(entries, list) else [entries]
