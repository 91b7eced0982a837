"""The languages known: every folder of texts found here or on this PC, none of them listed in code.

A language is a folder named after it (`fr`, `de`, `pt-BR`) that holds a language.toml. The program
brings fr, nl and en; the environment variable PAYROLL_LANGUAGES names one more directory of such
folders, so that a language is added without touching the program. Nothing there can replace a
language of the program.

    language.toml  how numbers and dates are written (payroll.texts.shown)
    numbers.toml   numbers in words (payroll.texts.spoken); may be left out
    help.toml      the help of the command line
    rules.toml     words of the rules, by kind and id (payroll.rulebook.words); only of a further
                   language, because rules/ itself holds fr, nl and en
    *.toml         everything else that people are shown, by id

What a language does not say is shown in French behind one mark, the same everywhere: `marked`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import tomli

from payroll.model.errors import DamagedInputError, UsageError

#: The language that has every text, and that is taken where nothing else is asked for.
FALLBACK = "fr"
VARIABLE = "PAYROLL_LANGUAGES"
STYLE = "language.toml"
_NAME = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
#: In front of every text that stands in for a missing one; letters that cp1252 and every font have.
_MARK = f"‹{FALLBACK}› "


def languages() -> tuple[str, ...]:
    """The languages known, the fallback first, then those of the program, then those of this PC."""
    return tuple(_folders())


def language_folder(language: str) -> Path:
    """Where the texts of a language lie. Raises UsageError language_unknown."""
    require_language(language)
    return _folders()[language]


def require_language(language: str, where: str = "") -> None:
    """Raise UsageError language_unknown, naming those that are. where: who asks for it."""
    if language not in _folders():
        known = ", ".join(languages())
        raise UsageError(
            "language_unknown", where=where, language=language, known=known, variable=VARIABLE
        )


def is_shipped(language: str) -> bool:
    """Whether a language comes with the program: then a text that it lacks is our bug."""
    return language in _own_folders()


def marked(words: str) -> str:
    """Words of the fallback where a language has none of its own, visibly."""
    return _MARK + words


def unmarked(words: str) -> str:
    """Words without that mark: for the bank, and for what is read back from a file of ours."""
    return words.removeprefix(_MARK)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text of a language among several, or the marked one of the fallback."""
    own = texts.get(language)
    return marked(texts[FALLBACK]) if own is None else own


def toml_of(language: str, name: str) -> Mapping[str, object]:
    """One file of a language, {} where it has none.

    Raises DamagedInputError language_unreadable when it is no TOML.
    """
    return _toml(language_folder(language), name)


def catalogue_files(language: str) -> Iterable[str]:
    """The names of the files that hold texts by id, sorted."""
    own = {"help.toml", "numbers.toml", "rules.toml", STYLE}
    names = {file.name for file in language_folder(language).iterdir()}
    return sorted(name for name in names - own if name.endswith(".toml"))


@cache
def _own_folders() -> Mapping[str, Path]:
    found = _languages_in(Path(__file__).parent)
    order = sorted(found, key=lambda name: (name != FALLBACK, _order(found[name]), name))
    return {name: found[name] for name in order}


@cache
def _folders() -> Mapping[str, Path]:
    """Language -> its folder; the variable is read once."""
    further = os.environ.get(VARIABLE, "")
    more = _languages_in(Path(further)) if further else {}
    own = _own_folders()
    return {**own, **{name: more[name] for name in sorted(more) if name not in own}}


def _languages_in(directory: Path) -> dict[str, Path]:
    if not directory.is_dir():
        return {}
    return {
        item.name: item
        for item in directory.iterdir()
        if _NAME.fullmatch(item.name) and item.joinpath(STYLE).is_file()
    }


def _order(folder: Path) -> int:
    """The place that a language asks for among those of the program."""
    place = _toml(folder, STYLE).get("order")
    return place if isinstance(place, int) else 99


@cache
def _toml(folder: Path, name: str) -> Mapping[str, object]:
    file = folder.joinpath(name)
    if not file.is_file():
        return {}
    try:
        return tomli.loads(file.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        from payroll.model.refusals import not_toml  # pydantic: not for every start

        said = not_toml(error, file.read_bytes())
        raise DamagedInputError("language_unreadable", where=str(file), detail=(said,)) from error
