"""Source formats: under which headings and words the world writes our canonical fields.

rules/formats/<kind>.toml holds, per field, headings in fr, nl and en, and, per choice or flag
field, the words for each value (a flag has `yes` and `no`). The first word of each language is the
label shown in empty templates. Case, accents, spaces and punctuation never matter; the canonical
names themselves always match.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field, PrivateAttr

from payroll.model.errors import PayrollError
from payroll.model.tables import FIELDS, VARIANTS, fields_of, whole_kind
from payroll.rulebook.toml import Once, RuleModel, parse_entry
from payroll.rulebook.words import further_aliases
from payroll.texts import in_language, unmarked

Word = Annotated[str, Field(min_length=1, max_length=80)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]
_SPELLED = str.maketrans({"°": "o", "œ": "oe", "æ": "ae", "ß": "ss"})


def plain_key(text: str) -> str:
    """A heading or word as it is compared: letters and digits only, no case, no accents."""
    words = unmarked(text)  # a template shows the French heading, marked, where it has no other
    spread = unicodedata.normalize("NFKD", words.casefold().translate(_SPELLED))
    return "".join(char for char in spread if char.isalnum())


class Aliases(RuleModel):
    """The words for one field or value per language; the first of each is its label."""

    fr: Words
    nl: Words
    en: Words
    _further: dict[str, Words] = PrivateAttr(default_factory=dict)  # see payroll.rulebook.words

    def label(self, language: str) -> str:
        """The word shown to people in that language."""
        first = {each: words[0] for each, words in self._by_language().items()}
        return in_language(first, language)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        for words in self._by_language().values():
            yield from words

    def add(self, language: str, words: Words) -> None:
        """Take the words of a further language too."""
        self._further[language] = words

    def _by_language(self) -> dict[str, Words]:
        return {"fr": self.fr, "nl": self.nl, "en": self.en, **self._further}


class SourceFormat(RuleModel):
    """One rules/formats file: the headings of a kind's fields and the words of their values."""

    fields: Mapping[str, Aliases] = Field(default_factory=dict)
    values: Mapping[str, Mapping[str, Aliases]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KindFormat:
    """What is known about one source kind, with its look-up tables."""

    kind: str
    source: SourceFormat
    headings: Mapping[str, str]  # plain_key of a heading -> field
    words: Mapping[str, Mapping[str, str]]  # field -> plain_key of a word -> value

    def field_of(self, heading: str) -> str | None:
        """The field that a heading stands for, or None."""
        return self.headings.get(plain_key(heading))


@dataclass(frozen=True, slots=True)
class CurrencyWords:
    """How the world says that a column holds a currency, and that a currency is the euro."""

    headings: frozenset[str]  # plain_key of a heading
    euro: Mapping[str, str]  # plain_key of a word -> EUR

    def heads(self, heading: str) -> bool:
        """Whether a heading names a currency, as a whole or in one of its words."""
        words = "".join(char if char.isalnum() else " " for char in heading).split()
        return any(plain_key(word) in self.headings for word in (heading, *words))


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats of every source kind; a kind without a file knows its canonical names only."""

    kinds: Mapping[str, KindFormat] = field(default_factory=dict)

    def __getitem__(self, kind: str) -> KindFormat:
        return self.kinds[kind]

    @property
    def currency(self) -> CurrencyWords:
        """The words for a currency in any kind of source: those of the field of invoices."""
        invoices = self.kinds["invoices"]
        headings = {word for word, name in invoices.headings.items() if name == "currency"}
        return CurrencyWords(frozenset(headings), invoices.words["currency"])

    def labels(self, kind: str, language: str) -> dict[str, str]:
        """Field -> the heading an empty template shows."""
        source = self.kinds[kind].source
        return {name: words.label(language) for name, words in source.fields.items()}

    def choices(self, kind: str, language: str) -> dict[str, dict[str, str]]:
        """Choice or flag field -> canonical value -> the word a template offers."""
        source = self.kinds[kind].source
        return {
            name: {value: words.label(language) for value, words in values.items()}
            for name, values in source.values.items()
        }


def load_formats(files: Mapping[str, dict[str, object]]) -> Formats:
    """Load rules/formats/<kind>.toml; a workspace file replaces the fields and values it names.

    Raises PayrollError rule_entry_invalid, rule_entry_twice, format_unknown (a kind, field or value
    that does not exist) or format_alias_twice (a word that stands for two things).
    """
    merged: dict[str, SourceFormat] = {kind: SourceFormat() for kind in (*FIELDS, *VARIANTS)}
    once = Once()
    for path, content in files.items():
        kind = PurePosixPath(path).stem
        once(path, kind)
        found = parse_entry(SourceFormat, path, kind, content)
        _check_names(path, kind, found)
        merged[kind] = _merged(merged[kind], found)
    for kind in VARIANTS:
        merged[kind] = _merged(merged[whole_kind(kind)], merged[kind])
    return Formats({kind: _indexed(kind, source) for kind, source in merged.items()})


def _merged(first: SourceFormat, then: SourceFormat) -> SourceFormat:
    """Both, the fields and values of the second in the place of the first's."""
    return SourceFormat(
        fields={**first.fields, **then.fields}, values={**first.values, **then.values}
    )


def _check_names(path: str, kind: str, found: SourceFormat) -> None:
    if kind not in (*FIELDS, *VARIANTS):
        raise PayrollError("format_unknown", where=path, name=kind)
    known = {item.name: item for item in fields_of(kind)}
    for name in (*found.fields, *found.values):
        if name not in known:
            raise PayrollError("format_unknown", where=path, name=name)
    for name, values in found.values.items():
        item = known[name]
        allowed = ("yes", "no") if item.type == "flag" else item.choices
        if unknown := set(values) - set(allowed):
            raise PayrollError("format_unknown", where=path, name=f"{name}.{min(unknown)}")


def _indexed(kind: str, source: SourceFormat) -> KindFormat:
    _take_further(kind, source)
    fields = (*FIELDS[whole_kind(kind)], *fields_of(kind))
    headings: dict[str, str] = {plain_key(item.name): item.name for item in fields}
    for name, aliases in source.fields.items():
        _add(headings, f"formats/{kind}.toml", name, aliases)
    words: dict[str, dict[str, str]] = {
        item.name: {plain_key(value): value for value in item.choices}
        for item in fields
        if item.choices
    }
    for name, values in source.values.items():
        for value, aliases in values.items():
            _add(words.setdefault(name, {}), f"formats/{kind}.toml, {name}", value, aliases)
    return KindFormat(kind, source, headings, words)


def _take_further(kind: str, source: SourceFormat) -> None:
    """Add the words of the languages that the rule files do not hold."""
    for name, aliases in source.fields.items():
        for language, further in further_aliases(kind, "fields", name):
            aliases.add(language, further)
    for name, values in source.values.items():
        for value, aliases in values.items():
            for language, further in further_aliases(kind, "values", name, value):
                aliases.add(language, further)


def _add(index: dict[str, str], where: str, meaning: str, aliases: Aliases) -> None:
    for alias in aliases:
        for spelling in {alias, alias.replace("°", "")}:  # exports lose the degree sign
            if index.setdefault(plain_key(spelling), meaning) != meaning:
                raise PayrollError("format_alias_twice", where=where, alias=alias)
