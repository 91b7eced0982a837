"""What is doubtful in a rule book that loads: for whoever keeps it, never a reason not to run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import Component
from payroll.rulebook.entries import entries, users
from payroll.rulebook.words import WRITTEN

#: A rule not looked at for this long is called stale.
STALE_DAYS = 400

Doubt = Literal["stale", "unverified", "unused", "title", "function"]


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """One doubt about an entry (`kind:id`); detail: the date, language or function it is about."""

    doubt: Doubt
    entry: str
    detail: str = ""


def remarks(
    book: RuleBook, today: date, functions: Collection[str], read_directly: Collection[str]
) -> list[Remark]:
    """Everything doubtful, sorted.

    functions: what a step may name. read_directly: figures that the program reads by their id,
    without a step.
    """
    found = [*_stale(book, today), *_unverified(book), *_unused(book, read_directly)]
    found += [*_titles(book), *_functions(book, functions)]
    return sorted(found)


def _stale(book: RuleBook, today: date) -> Iterator[Remark]:
    oldest = today - timedelta(days=STALE_DAYS)
    checked = {
        f"{kind}:{entry_id}": entry.checked_on
        for kind, found in entries(book).items()
        for entry_id, entry in found.items()
    }
    checked |= {f"bank:{key}": profile.checked_on for key, profile in book.bank_profiles.items()}
    for entry_id, day in checked.items():
        if day < oldest:
            yield Remark("stale", entry_id, day.isoformat())


def _unverified(book: RuleBook) -> Iterator[Remark]:
    """Values in use or to come; what has ended shapes nothing."""
    for kind, found in entries(book).items():
        for entry_id, entry in found.items():
            if isinstance(entry, Component) and entry.status == "unverified":
                yield Remark("unverified", f"{kind}:{entry_id}")
            for value in getattr(entry, "values", ()):
                if value.status == "unverified" and not getattr(value, "ended", False):
                    yield Remark("unverified", f"{kind}:{entry_id}", value.from_.isoformat())
    yield from _unverified_bank(book)


def _unverified_bank(book: RuleBook) -> Iterator[Remark]:
    for key, profile in book.bank_profiles.items():
        if profile.status == "unverified":
            yield Remark("unverified", f"bank:{key}")
        for name in profile.unverified:
            yield Remark("unverified", f"bank:{key}", name)
    countries = {
        item.code: item for bank in book.bank_profiles.values() for item in bank.countries.values()
    }
    for code, country in countries.items():
        if country.status == "unverified":
            yield Remark("unverified", f"country:{code}", country.from_.isoformat())
    for kind, codes in (("status", book.statuses), ("reason", book.reasons)):
        for code, answer in codes.items():
            if answer.status == "unverified":
                yield Remark("unverified", f"{kind}:{code}")


def _unused(book: RuleBook, read_directly: Collection[str]) -> Iterator[Remark]:
    used = {*users(book), *read_directly}
    for kind, found in (("parameter", book.parameters), ("scale", book.scales)):
        for entry_id in found:
            if entry_id not in used:
                yield Remark("unused", f"{kind}:{entry_id}")


def _titles(book: RuleBook) -> Iterator[Remark]:
    """Titles of figures; the other kinds do not load without all three languages."""
    for kind, found in (("parameter", book.parameters), ("scale", book.scales)):
        for entry_id, entry in found.items():
            for language in WRITTEN:
                if not entry.title.get(language, "").strip():
                    yield Remark("title", f"{kind}:{entry_id}", language)


def _functions(book: RuleBook, functions: Collection[str]) -> Iterator[Remark]:
    for step in book.steps.values():
        for value in step.values:
            if value.function not in functions:
                yield Remark("function", f"step:{step.id}", value.function)
