"""Every string shown to people, by id and language; where a language lacks one, the French, marked.

A language is a folder beside this module or on this PC: see payroll.texts.folders. An entry of a
catalogue is one text, `id = "..."`; an error has three: id.what (happened), id.expected, id.remedy.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

from payroll.model.errors import InvariantError, PayrollError, Said
from payroll.texts.folders import (
    FALLBACK,
    catalogue_files,
    in_language,
    is_shipped,
    languages,
    marked,
    toml_of,
    unmarked,
)
from payroll.texts.shown import euros_shown, style_of

#: A parameter of an error that ends so is an amount, and fills the placeholder of the name before.
_CENTS = "_cents"
#: A parameter of an error that holds ids, with commas between, is shown by their words.
_WORDS = {"stream": "checks_stream_", "streams": "checks_stream_", "state": "status_state_"}

#: What stands between the words of one and of several.
SEVERAL = "|"

__all__ = [
    "FALLBACK",
    "catalogue",
    "error_lines",
    "fields_of",
    "fill",
    "fits",
    "help_text",
    "in_language",
    "languages",
    "marked",
    "sent_text",
    "text",
    "unmarked",
]


def catalogue(language: str = FALLBACK) -> Mapping[str, str]:
    """The texts of a language by id, those of an error by `id.part`; the fallback has every id.

    What a further language says in a way that cannot be filled counts as not said. Raises
    DamagedInputError language_unreadable.
    """
    return _texts(language, of_help=False)


def _help(language: str = FALLBACK) -> Mapping[str, str]:
    """The help of the command line: ids of its own, read without the other files."""
    return _texts(language, of_help=True)


@cache
def _texts(language: str, *, of_help: bool) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for name in ("help.toml",) if of_help else catalogue_files(language):
        for entry_id, words in _entries(toml_of(language, name)):
            if entry_id in texts and is_shipped(language):
                raise InvariantError(f"text id {entry_id} stands twice")
            texts[entry_id] = words
    if is_shipped(language):
        return texts
    return _usable(texts, _help() if of_help else catalogue())


def _entries(content: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for entry_id, entry in content.items():
        parts = entry.items() if isinstance(entry, Mapping) else (("", entry),)
        for part, words in parts:
            if isinstance(words, str):
                yield f"{entry_id}.{part}" if part else entry_id, words


def _usable(texts: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The texts that can be filled, of the ids that there are."""
    return {
        entry_id: words
        for entry_id, words in texts.items()
        if entry_id in wanted and fits(words, wanted[entry_id])
    }


def fits(words: str, wanted: str) -> bool:
    """Whether a text can stand for another: no stray brace, no placeholder that nobody fills."""
    return _placeholders(words) <= _placeholders(wanted)


@lru_cache(maxsize=8192)
def _placeholders(words: str) -> set[str]:
    """The {names} of a text; {?} where its braces do not pair."""
    try:
        return {name for name, _, _ in fields_of(words) if name.isidentifier()}
    except ValueError:
        return {"?"}


def fields_of(words: str) -> Iterator[tuple[str, str, str]]:
    """Each {name} of a text, with what stands after a colon and a conversion in it; also of those
    within the words of one and of several (see `fill`). Raises ValueError when braces do not pair.
    """
    for _, name, spec, conversion in string.Formatter().parse(words):
        if name is not None:
            yield name, spec or "", conversion or ""
            yield from fields_of(spec or "")


def text(entry_id: str, language: str, /, **params: object) -> str:
    """The text of an entry in a language, its {placeholders} filled."""
    return _picked(catalogue, entry_id, language, params)


def text_or(entry_id: str, language: str, otherwise: str) -> str:
    """The text of an entry, or something else where the catalogue has no such entry."""
    return text(entry_id, language) if entry_id in catalogue() else otherwise


def sent_text(entry_id: str, language: str, /, **params: object) -> str:
    """A text that leaves the house with a payment: the bank and the payee read no mark."""
    return unmarked(text(entry_id, language, **params))


def help_text(entry_id: str, language: str, /, **params: object) -> str:
    """A text of the help of the command line."""
    return _picked(_help, entry_id, language, params)


def _picked(
    texts: Callable[[str], Mapping[str, str]],
    entry_id: str,
    language: str,
    params: Mapping[str, object],
) -> str:
    own = texts(language).get(entry_id)
    if own is not None:
        return fill(own, params)
    if entry_id not in texts(FALLBACK):
        raise InvariantError(f"no text {entry_id!r}")
    return fill(marked(texts(FALLBACK)[entry_id]), params)


def fill(template: str, params: Mapping[str, object]) -> str:
    """Fill a template by name only: no attribute or index access, unknown names stay visible.

    `{count:row|rows}` is the words of one or of several: of `count`, the first where it is 1.
    Within a text that is marked as a whole nothing is marked again.
    """
    within = unmarked if template != unmarked(template) else str
    parts = []
    for literal, name, spec, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name is not None and spec and SEVERAL in spec and name in params:
            one, _, many = spec.partition(SEVERAL)
            parts.append(fill(one if str(params[name]) == "1" else many, params))
        elif name is not None:
            parts.append(within(str(params.get(name, "{" + name + "}"))))
    return "".join(parts)


def error_lines(error: PayrollError, language: str) -> list[str]:
    """An error as a person reads it: where and what, what was expected, what to do."""
    params: dict[str, object] = {**error.params}
    for name, value in error.params.items():
        if name in _WORDS:
            params[name] = _in_words(_WORDS[name], value, language)
        if name.endswith(_CENTS):
            params[name.removesuffix(_CENTS)] = euros_shown(int(value), language)
    if error.detail:
        params["detail"] = " ; ".join(_said(item, language) for item in error.detail)
    lines = [
        text(f"{error.error_id}.{part}", language, **params)
        for part in ("what", "expected", "remedy")
    ]
    lines[0] = _at(error.where, language) + lines[0]
    return lines


def _in_words(text_ids: str, value: str, language: str) -> str:
    ids = value.split(", ")
    known = [f"{text_ids}{item}" in catalogue() for item in ids]
    return ", ".join(
        text(f"{text_ids}{item}", language) if found else item
        for item, found in zip(ids, known, strict=True)
    )


def _said(item: Said, language: str) -> str:
    params = {
        name: value if isinstance(value, str) else in_language(value, language)
        for name, value in item.params.items()
    }
    return _at(item.place, language) + text(item.text_id, language, **params)


def _at(place: str, language: str) -> str:
    return place and place + style_of(language).colon
