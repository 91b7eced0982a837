"""Every text that the code names stands in the catalogue, and every language says the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import payroll
from payroll.model.errors import DamagedInputError, InvariantError, Said
from payroll.texts import (
    catalogue,
    error_lines,
    fields_of,
    fill,
    fits,
    in_language,
    languages,
    shown,
    text,
    unmarked,
)
from payroll.texts.folders import catalogue_files, toml_of
from payroll.texts.shown import Style, day_shown, decimal_shown, euros_shown, style_of, whole_shown

PACKAGE = Path(payroll.__file__).parent
TEXTS = PACKAGE / "texts"
SHIPPED = ("fr", "nl", "en")
#: text("id", ...), say("id", ...), data.say("id") ...; ids that are put together are left out.
_NAMED = re.compile(r"(?<![\w_])(?:text|say)\(\s*\"([a-z0-9_]+)\"")


def test_texts_named_in_the_code_exist() -> None:
    code = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    missing = [
        (path.relative_to(PACKAGE).as_posix(), name, language)
        for path, source in code.items()
        if path.parent.name != "demo" and "control.text(" not in source  # names a parameter there
        for name in _NAMED.findall(source)
        for language in SHIPPED
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
    return {name for name, _, _ in fields_of(words) if name.isidentifier()}


def test_the_shipped_languages_have_the_same_files() -> None:
    names = [sorted(path.name for path in (TEXTS / language).iterdir()) for language in SHIPPED]
    assert names[0] == names[1] == names[2]
    assert len(names[0]) > 30


def test_the_shipped_languages_say_the_same() -> None:
    """The same ids in the same order, each with words and the same placeholders."""
    for name in [*catalogue_files("fr"), "help.toml"]:
        _same_in_all_languages(name)


def _same_in_all_languages(name: str) -> None:
    french, *others = (texts_of(TEXTS / language / name) for language in SHIPPED)
    for other in others:
        assert list(other) == list(french)
        for entry_id, words in other.items():
            assert words.strip(), entry_id
            assert french[entry_id].strip(), entry_id
            assert placeholders(words) == placeholders(french[entry_id]), entry_id


def test_the_program_knows_its_languages_by_their_folders() -> None:
    assert languages() == SHIPPED
    assert {path.name for path in TEXTS.iterdir() if path.is_dir()} - {"__pycache__"} == set(
        SHIPPED
    )
    assert len({style_of(language).name for language in SHIPPED}) == 3


def test_what_a_language_lacks_is_french_behind_the_mark() -> None:
    said = {"fr": "Salaire", "nl": "Loon"}
    assert in_language(said, "nl") == "Loon"
    assert in_language(said, "en") == "‹fr› Salaire"
    assert unmarked(in_language(said, "en")) == "Salaire"
    assert in_language(said, "en").encode("cp1252")  # the letters of a PDF's own fonts


def test_a_text_that_could_not_be_filled_does_not_stand_for_another() -> None:
    assert fits("{a} x", "y {a} {b}")
    assert fits("plain", "{a}")
    assert not fits("{c}", "{a}")
    assert not fits("a stray { brace", "{a}")


def test_a_detail_may_differ_by_language() -> None:
    said = Said("column_missing", {"field": "iban", "heading": {"fr": "Compte", "en": "Account"}})
    error = DamagedInputError("columns_missing", detail=(said,), kind="x", found="-", unknown="-")
    assert "iban (Compte)" in " ".join(error_lines(error, "fr"))
    assert "iban (Account)" in " ".join(error_lines(error, "en"))
    assert "iban (‹fr› Compte)" in " ".join(error_lines(error, "nl"))


def test_a_text_that_nobody_has_is_our_bug() -> None:
    with pytest.raises(InvariantError):
        text("an_id_that_nobody_has", "nl")


def test_amounts_are_shown_as_each_language_writes_them() -> None:
    assert [euros_shown(-123456789, language) for language in ("fr", "nl", "en")] == [
        "-1\u202f234\u202f567,89",
        "-1.234.567,89",
        "-1,234,567.89",
    ]


def test_every_language_says_how_it_is_written_and_counts() -> None:
    for language in SHIPPED:
        assert set(toml_of(language, "language.toml")) == {"order", *Style.__slots__}
        rules = toml_of(language, "numbers.toml")
        assert {"amount", "euros", "cents", "cardinal"} <= set(rules)
        assert placeholders(str(rules["amount"])) == {"euros", "cents"}
    assert day_shown("2022-05-31", "fr") == "31/05/2022"
    assert day_shown("2022-05-31", "en") == "2022-05-31"
    assert (decimal_shown("-12.50", "nl"), whole_shown(4012, "nl")) == ("-12,50", "4.012")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decimal", "."),  # that of the thousands
        ("decimal", ",,"),
        ("date", "dd/mm"),
        ("date", "dd de mm de yyyy"),
        ("long_date", "{weekday} {"),
        ("long_date", "{weekday} {hour}"),
        ("colon", ""),
        ("percent", 3),
    ],
)
def test_a_style_that_would_be_misread_is_refused(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    style = {**toml_of("nl", "language.toml"), name: value}
    monkeypatch.setattr(shown, "toml_of", lambda _language, _name: style)
    monkeypatch.setattr(shown, "language_folder", lambda _language: tmp_path)
    with pytest.raises(DamagedInputError) as caught:
        style_of.__wrapped__("xx")
    assert caught.value.error_id == "language_incomplete"
    assert caught.value.params["fields"] == name
    assert caught.value.where == str(tmp_path / "language.toml")


def test_words_of_one_and_of_several() -> None:
    words = "{n} {n:row|rows}, {n:of {day}|from {day} to {last}}"
    assert fill(words, {"n": 1, "day": "a", "last": "b"}) == "1 row, of a"
    assert fill(words, {"n": "2", "day": "a", "last": "b"}) == "2 rows, from a to b"
    assert fill("{n:row|rows} {m}", {}) == "{n} {m}"
    assert placeholders(words) == {"n", "day", "last"}


def test_no_text_says_row_s() -> None:
    """Neither a text nor a message of a rule leaves one or several to the reader."""
    found = {
        f"{language} {entry_id}: {words}"
        for language in SHIPPED
        for entry_id, words in catalogue(language).items()
        if re.search(r"\w\((s|n|en|es)\)", words)
    }
    found |= {
        f"{path.name}: {line}"
        for path in (PACKAGE.parent / "rules" / "controls").glob("*.toml")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\w\((s|n|en|es)\)", line)
    }
    assert found == set()
