"""Every string shown to people, in fr, nl and en: TOML catalogues beside this module.

An entry is a table with the three languages. Entries of errors_*.toml have three such tables:
what (happened), expected and remedy.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from payroll.model.errors import InvariantError, PayrollError, Said

LANGUAGES = ("fr", "nl", "en")


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Mapping[str, object]]:
    """All entries of all catalogue files, by id; an id that stands twice is our bug."""
    entries: dict[str, Mapping[str, object]] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        for entry_id, entry in tomllib.loads(file.read_text("utf-8")).items():
            if entry_id in entries:
                raise InvariantError(f"text id {entry_id} stands twice")
            entries[entry_id] = entry
    return entries


def text(entry_id: str, language: str, **params: object) -> str:
    """The text of an entry in a language, its {placeholders} filled."""
    entry = catalogue().get(entry_id)
    if entry is None or language not in entry:
        raise InvariantError(f"no text {entry_id!r} in {language!r}")
    return fill(str(entry[language]), params)


def fill(template: str, params: Mapping[str, object]) -> str:
    """Fill a template by name only: no attribute or index access, unknown names stay visible."""
    parts = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(str(params.get(name, "{" + name + "}")))
    return "".join(parts)


def error_lines(error: PayrollError, language: str) -> list[str]:
    """An error as a person reads it: where and what, what was expected, what to do."""
    entry = catalogue().get(error.error_id)
    if entry is None:
        raise InvariantError(f"no error text {error.error_id!r}") from error
    lines = []
    params = {**error.params}
    if error.detail:
        params["detail"] = " ; ".join(_said(item, language) for item in error.detail)
    for part in ("what", "expected", "remedy"):
        words = entry[part]
        if not isinstance(words, Mapping):
            raise InvariantError(f"error text {error.error_id!r} has no {part}")
        lines.append(fill(str(words[language]), params))
    lines[0] = _at(error.where, language) + lines[0]
    return lines


def _said(item: Said, language: str) -> str:
    return _at(item.place, language) + text(item.text_id, language, **item.params)


def _at(place: str, language: str) -> str:
    return place and (f"{place} : " if language == "fr" else f"{place}: ")
