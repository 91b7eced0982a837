"""Every text that the code names stands in the catalogue, and every language says the same."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import payroll
from payroll.texts import LANGUAGES, catalogue

PACKAGE = Path(payroll.__file__).parent
TEXTS = PACKAGE / "texts"
#: text("id", ...), say("id", ...), data.say("id") ...; ids that are put together are left out.
_NAMED = re.compile(r"(?<![\w_])(?:text|say)\(\s*\"([a-z0-9_]+)\"")


def test_texts_named_in_the_code_exist() -> None:
    code = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    missing = [
        (path.relative_to(PACKAGE).as_posix(), name, language)
        for path, source in code.items()
        if path.parent.name != "demo" and "control.text(" not in source  # names a parameter there
        for name in _NAMED.findall(source)
        for language in LANGUAGES
        if name not in catalogue(language)
    ]
    assert missing == []


def texts_of(path: Path) -> dict[str, str]:
    """Every text of a catalogue file by its id, an error's by `id.part`, in the file's order."""
    found = {}
    for entry_id, entry in tomllib.loads(path.read_text("utf-8")).items():
        parts = {"": entry} if isinstance(entry, str) else {f".{key}": entry[key] for key in entry}
        if isinstance(entry, dict):
            assert list(entry) == ["what", "expected", "remedy"], entry_id
        found |= {entry_id + part: words for part, words in parts.items()}
    return found


def placeholders(words: str) -> set[str]:
    """The {names} of a text; a brace in what a person types is none."""
    return {
        name for _, name, _, _ in string.Formatter().parse(words) if name and name.isidentifier()
    }


def test_the_shipped_languages_have_the_same_files() -> None:
    names = [sorted(path.name for path in (TEXTS / language).iterdir()) for language in LANGUAGES]
    assert names[0] == names[1] == names[2]
    assert len(names[0]) > 30


def test_the_shipped_languages_say_the_same() -> None:
    """The same ids in the same order, each with words and the same placeholders."""
    for path in sorted((TEXTS / "fr").glob("*.toml")):
        _same_in_all_languages(path.name)


def _same_in_all_languages(name: str) -> None:
    french, *others = (texts_of(TEXTS / language / name) for language in LANGUAGES)
    for other in others:
        assert list(other) == list(french)
        for entry_id, words in other.items():
            assert words.strip(), entry_id
            assert french[entry_id].strip(), entry_id
            own = placeholders(words) - set(LANGUAGES)  # column_missing: the heading per language
            assert own == placeholders(french[entry_id]) - set(LANGUAGES), entry_id
