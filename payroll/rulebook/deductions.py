"""What may be taken off pay: the closed list of the law of 12 April 1965, art. 23, as data.

Read from `[[deduction]]` of rules/parameters/deductions.toml. A deduction that is none of these is
not taken; an employer whose royal decree permits another adds it in its own rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from payroll.rulebook.components import Slug, Source, plain
from payroll.rulebook.dated import InOrder, newest
from payroll.rulebook.parameters import Status
from payroll.rulebook.toml import RuleModel, parse_list
from payroll.rulebook.words import Texts, Worded


class DatedDeduction(RuleModel):
    """How a kind of deduction is treated from a date on.

    limited: whether it counts in the share of the pay that all deductions together may take.
    """

    from_: Annotated[date, Field(alias="from")]
    limited: bool
    source: Source
    status: Status


class Deduction(Worded):
    """A kind of deduction of the closed list.

    item: its number in the article. words: what names it in the reason or the evidence of an
    adjustment, each as words begin; its code names it wherever a component is named.
    """

    KIND = "deduction"

    code: Slug
    item: str
    words: tuple[Annotated[str, Field(min_length=3)], ...] = ()
    title: Texts
    checked_on: date
    values: InOrder[DatedDeduction]

    def dated(self, day: date) -> DatedDeduction | None:
        """How it is treated on a day, None before the first date."""
        return newest(self.values, day)


def load_deductions(files: Mapping[str, dict[str, object]]) -> dict[str, Deduction]:
    """Every `[[deduction]]` by code; a workspace's replaces the program's.

    Raises PayrollError rule_entry_invalid, rule_entry_twice.
    """
    return parse_list(Deduction, files, "deduction", "code")


def named(
    deductions: Mapping[str, Deduction], component: str, words: str, day: date
) -> Deduction | None:
    """The kind that a component or the words of an adjustment name; None when none, or when the
    words name several.

    Of kinds without a limit and with one (damages, damages by fraud) the one without is meant: its
    words say more.
    """
    kinds = [item for item in deductions.values() if item.dated(day) is not None]
    by_code = [item for item in kinds if plain(item.code) == plain(component)]
    if by_code:
        return by_code[0]
    found = [item for item in kinds if _says(words, item.words)]
    free = [item for item in found if not _limited(item, day)]
    chosen = free or found
    return chosen[0] if len(chosen) == 1 else None


def _says(text: str, words: Iterable[str]) -> bool:
    return any(re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE) for word in words)


def _limited(kind: Deduction, day: date) -> bool:
    held = kind.dated(day)
    return held is None or held.limited
