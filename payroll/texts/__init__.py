"""Every string shown to people: a folder of TOML catalogues per language beside this module.

An entry is one text, `id = "..."`; an error has three: id.what (happened), id.expected, id.remedy.
Every language has the same ids in files of the same names. help.toml is the help of the command
line, under ids of its own.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from payroll.model.errors import InvariantError, PayrollError, Said

LANGUAGES = ("fr", "nl", "en")
HELP = "help.toml"

Entry = str | Mapping[str, str]


@lru_cache
def catalogue(language: str = LANGUAGES[0]) -> Mapping[str, Entry]:
    """All entries of a language, by id; an id that stands twice is our bug."""
    entries: dict[str, Entry] = {}
    folder = resources.files(__name__).joinpath(language)
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml") or file.name == HELP:
            continue
        for entry_id, entry in tomllib.loads(file.read_text("utf-8")).items():
            if entry_id in entries:
                raise InvariantError(f"text id {entry_id} stands twice")
            entries[entry_id] = entry
    return entries


def text(entry_id: str, language: str, **params: object) -> str:
    """The text of an entry in a language, its {placeholders} filled."""
    entry = catalogue(language).get(entry_id)
    if not isinstance(entry, str):
        raise InvariantError(f"no text {entry_id!r} in {language!r}")
    return fill(entry, params)


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
    entry = catalogue(language).get(error.error_id)
    if not isinstance(entry, Mapping):
        raise InvariantError(f"no error text {error.error_id!r}") from error
    params = {**error.params}
    if error.detail:
        params["detail"] = " ; ".join(_said(item, language) for item in error.detail)
    lines = [fill(entry[part], params) for part in ("what", "expected", "remedy")]
    lines[0] = _at(error.where, language) + lines[0]
    return lines


def _said(item: Said, language: str) -> str:
    return _at(item.place, language) + text(item.text_id, language, **item.params)


def _at(place: str, language: str) -> str:
    return place and (f"{place} : " if language == "fr" else f"{place}: ")
