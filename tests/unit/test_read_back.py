"""Words that come back in a file: understood in any language, refused where two disagree."""

from __future__ import annotations

import pytest

from payroll.texts import read_back, text
from payroll.texts.read_back import by_likeness, meant

#: Two made-up languages that call opposite things by one word.
WORDS = {
    ("pay", "fr"): "Payer",
    ("hold", "fr"): "Retenir",
    ("pay", "xx"): "Retenir",
    ("hold", "xx"): "Xold",
}


@pytest.fixture
def two_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_back, "languages", lambda: ("fr", "xx"))
    monkeypatch.setattr(read_back, "text", lambda entry_id, language: WORDS[entry_id, language])


def test_a_word_is_understood_in_every_language() -> None:
    words = {name: f"dec_action_{name}" for name in ("pay", "hold")}
    for name, entry_id in words.items():
        for language in ("fr", "nl", "en"):
            assert meant(f" {text(entry_id, language).upper()} ", words) == name
        assert meant(name, words) == name
    assert meant("perhaps", words) is None


@pytest.mark.usefixtures("two_languages")
def test_a_word_that_means_two_things_is_none_of_them() -> None:
    words = {"pay": "pay", "hold": "hold"}
    assert meant("payer", words) == "pay"
    assert meant("xold", words) == "hold"
    assert meant("retenir", words) is None


@pytest.mark.usefixtures("two_languages")
def test_the_language_of_most_words_comes_first() -> None:
    assert by_likeness(["Payer", "Retenir"], "pay", "hold") == ["fr", "xx"]
    assert by_likeness(["Retenir", "Xold"], "pay", "hold") == ["xx", "fr"]
    assert by_likeness([], "pay", "hold") == ["fr", "xx"]
