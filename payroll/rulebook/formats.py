"""Source formats: under which headings and words exports write the canonical fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from payroll.model.errors import PayrollError
from payroll.model.tables import FIELDS
from payroll.rulebook.toml import RuleModel, parse_entry

_NOT_WORD = re.compile(r"[^a-z0-9%/]+")

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Headings(RuleModel):
    """The headings of a field, or words of a choice; the first of each language is the label."""

    fr: Words
    nl: Words
    en: Words


class SourceFormat(RuleModel):
    """rules/formats/<kind>.toml: headings per field, and the words that stand for its choices."""

    fields: Mapping[str, Headings]
    values: Mapping[str, Mapping[str, Headings]] = {}

    def labels(self, language: str) -> dict[str, str]:
        """field -> the heading shown in an empty template."""
        return {name: getattr(item, language)[0] for name, item in self.fields.items()}

    def words(self, language: str) -> dict[str, dict[str, str]]:
        """field -> choice -> the word shown in an empty template's drop-down."""
        return {
            name: {choice: getattr(item, language)[0] for choice, item in choices.items()}
            for name, choices in self.values.items()
        }

    def field_of_heading(self) -> dict[str, str]:
        """Folded heading -> field. The canonical name always matches."""
        found = {folded(name): name for name in self.fields}
        for name, headings in self.fields.items():
            for heading in (*headings.fr, *headings.nl, *headings.en):
                found.setdefault(folded(heading), name)
        return found

    def choice_of_word(self, name: str, choices: tuple[str, ...]) -> dict[str, str]:
        """Folded word -> canonical choice of a field."""
        found = {folded(choice): choice for choice in choices}
        for choice, words in self.values.get(name, {}).items():
            found.update({folded(word): choice for word in (*words.fr, *words.nl, *words.en)})
        return found


Formats = Mapping[str, SourceFormat]


def folded(text: str) -> str:
    """A heading or word with case, accents, spaces and punctuation ignored."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_WORD.sub("", plain.replace("œ", "oe"))


def load_formats(files: Mapping[str, dict[str, object]]) -> dict[str, SourceFormat]:
    """Every rules/formats/<kind>.toml by kind. Raises PayrollError for an unknown field."""
    formats: dict[str, SourceFormat] = {}
    for path, content in files.items():
        kind = path.rsplit("/", 1)[-1].removesuffix(".toml")
        entry = parse_entry(SourceFormat, path, kind, content)
        known = {item.name for item in FIELDS.get(kind, ())}
        if set(entry.fields) != known:
            detail = ", ".join(sorted(set(entry.fields) ^ known))
            raise PayrollError("rule_entry_invalid", where=path, detail=f"fields: {detail}")
        formats[kind] = entry
    return formats
