"""A run as people are shown it: a language, and the words that the views share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from payroll.model.frames import rows_of
from payroll.model.streams import STREAMS
from payroll.record.findings import findings_in
from payroll.record.run import Run
from payroll.rulebook.own_rules import OwnRules, days_of, own_rules
from payroll.texts import text, text_or

T = TypeVar("T")
#: Families of rules that are about where the money goes: shown before the amounts.
ACCOUNT_FAMILIES = ("BANK", "IBAN", "NAME")


class Shown:
    """A run and the language it is shown in: the employer's, unless another one is asked for."""

    def __init__(self, run: Run, language: str = "") -> None:
        self.run = run
        self.language = language or run.employer.language
        self._known: dict[Callable[[Shown], Any], Any] = {}

    def once(self, make: Callable[[Shown], T]) -> T:
        """What several parts need, worked out for the first of them."""
        if make not in self._known:
            self._known[make] = make(self)
        found: T = self._known[make]
        return found

    def say(self, entry_id: str, **params: object) -> str:
        """A text in the language."""
        return text(entry_id, self.language, **params)

    def say_or_raw(self, prefix: str, value: str) -> str:
        """The word for a code, or the code itself when there is no word for it."""
        return text_or(f"{prefix}{value}", self.language, value)

    def words(self, prefix: str, values: Iterable[str]) -> list[str]:
        """The words of a whole column of codes, each looked up once."""
        values = list(values)
        known = {value: self.say_or_raw(prefix, value) for value in set(values)}
        return [known[value] for value in values]

    def reasons(self, values: Iterable[str]) -> list[str]:
        """Text ids joined by spaces, as words joined by '; '."""
        values = list(values)
        known = {
            value: "; ".join(self.say_or_raw("", item) for item in value.split())
            for value in set(values)
        }
        return [known[value] for value in values]

    def decided(self, values: Iterable[str]) -> list[str]:
        """Decisions as the findings hold them (`pay 1/2: names`), the action in words."""
        shown = []
        for value in values:
            action, blank, rest = value.partition(":") if value else ("", "", "")
            word, _, part = action.partition(" ")
            words = self.say_or_raw("dec_action_", word) if word else ""
            shown.append(f"{words} {part}".rstrip() + blank + rest)
        return shown

    def name(self, kind: str, payee_id: str) -> str:
        """The name of a payee, or ''."""
        return self.run.names.get((kind, payee_id), "")

    def names_in(self, frame: pd.DataFrame) -> list[str]:
        """The names for a frame with stream and payee_id columns."""
        return [
            self.name(STREAMS[stream].payee, payee_id)
            for stream, payee_id in rows_of(frame, "stream", "payee_id")
        ]

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The words of pay codes, and of premiums as `premium:<code>`."""
        rulebook = self.run.rulebook
        words = {code: item.title[self.language] for code, item in rulebook.components.items()}
        premiums = rulebook.premiums.items()
        return words | {f"premium:{code}": item.title[self.language] for code, item in premiums}

    @cached_property
    def own_rules(self) -> OwnRules:
        """The employer's own rules: every difference from those that shipped."""
        return own_rules(self.run.rules, days_of(self.run.order))

    @cached_property
    def findings(self) -> pd.DataFrame:
        """FINDINGS, message and remedy in the language."""
        return findings_in(self.run, self.language)

    def account_findings(self) -> pd.DataFrame:
        """The findings about bank accounts and names that ask for a person's eye."""
        family = self.findings["rule_id"].str.split("-").str[0]
        serious = self.findings["severity"].isin(["block", "hold", "warn"])
        return self.findings[family.isin(ACCOUNT_FAMILIES) & serious]
