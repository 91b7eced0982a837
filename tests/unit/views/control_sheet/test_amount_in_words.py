"""Known spellings: Belgian French, Dutch, British English."""

from __future__ import annotations

import pytest

from payroll.model.errors import InvariantError
from payroll.views.control_sheet import amount_in_words as words
from payroll.views.control_sheet.amount_in_words import amount_in_words, number_in_words


@pytest.mark.parametrize(
    ("number", "french", "dutch", "english"),
    [
        (0, "zéro", "nul", "zero"),
        (1, "un", "één", "one"),
        (16, "seize", "zestien", "sixteen"),
        (17, "dix-sept", "zeventien", "seventeen"),
        (21, "vingt et un", "eenentwintig", "twenty-one"),
        (22, "vingt-deux", "tweeëntwintig", "twenty-two"),
        (33, "trente-trois", "drieëndertig", "thirty-three"),
        (70, "septante", "zeventig", "seventy"),
        (71, "septante et un", "eenenzeventig", "seventy-one"),
        (77, "septante-sept", "zevenenzeventig", "seventy-seven"),
        (80, "quatre-vingts", "tachtig", "eighty"),
        (81, "quatre-vingt-un", "eenentachtig", "eighty-one"),
        (90, "nonante", "negentig", "ninety"),
        (91, "nonante et un", "eenennegentig", "ninety-one"),
        (99, "nonante-neuf", "negenennegentig", "ninety-nine"),
        (100, "cent", "honderd", "one hundred"),
        (101, "cent un", "honderdeen", "one hundred and one"),
        (180, "cent quatre-vingts", "honderdtachtig", "one hundred and eighty"),
        (200, "deux cents", "tweehonderd", "two hundred"),
        (201, "deux cent un", "tweehonderdeen", "two hundred and one"),
        (280, "deux cent quatre-vingts", "tweehonderdtachtig", "two hundred and eighty"),
        (1000, "mille", "duizend", "one thousand"),
        (1001, "mille un", "duizend één", "one thousand and one"),
        (1100, "mille cent", "duizend honderd", "one thousand one hundred"),
        (21_000, "vingt et un mille", "eenentwintigduizend", "twenty-one thousand"),
        (80_000, "quatre-vingt mille", "tachtigduizend", "eighty thousand"),
        (
            80_080,
            "quatre-vingt mille quatre-vingts",
            "tachtigduizend tachtig",
            "eighty thousand and eighty",
        ),
        (200_000, "deux cent mille", "tweehonderdduizend", "two hundred thousand"),
        (1_000_000, "un million", "één miljoen", "one million"),
        (1_000_001, "un million un", "één miljoen één", "one million and one"),
        (80_000_000, "quatre-vingts millions", "tachtig miljoen", "eighty million"),
        (200_000_000, "deux cents millions", "tweehonderd miljoen", "two hundred million"),
        (
            456_000_123,
            "quatre cent cinquante-six millions cent vingt-trois",
            "vierhonderdzesenvijftig miljoen honderddrieëntwintig",
            "four hundred and fifty-six million one hundred and twenty-three",
        ),
        (
            789_123,
            "sept cent quatre-vingt-neuf mille cent vingt-trois",
            "zevenhonderdnegenentachtigduizend honderddrieëntwintig",
            "seven hundred and eighty-nine thousand one hundred and twenty-three",
        ),
        (1_000_000_000, "un milliard", "één miljard", "one billion"),
    ],
)
def test_numbers(number: int, french: str, dutch: str, english: str) -> None:
    found = [number_in_words(number, language) for language in ("fr", "nl", "en")]
    assert found == [french, dutch, english]


@pytest.mark.parametrize(
    ("cents", "french", "dutch", "english"),
    [
        (1, "zéro euro et un cent", "nul euro en één cent", "zero euros and one cent"),
        (100, "un euro et zéro cent", "één euro en nul cent", "one euro and zero cents"),
        (
            280,
            "deux euros et quatre-vingts cents",
            "twee euro en tachtig cent",
            "two euros and eighty cents",
        ),
        (
            100_000_000,
            "un million d'euros et zéro cent",
            "één miljoen euro en nul cent",
            "one million euros and zero cents",
        ),
        (
            100_000_101,
            "un million un euros et un cent",
            "één miljoen één euro en één cent",
            "one million and one euros and one cent",
        ),
        (
            20_000_000_071,
            "deux cents millions d'euros et septante et un cents",
            "tweehonderd miljoen euro en eenenzeventig cent",
            "two hundred million euros and seventy-one cents",
        ),
    ],
)
def test_amounts(cents: int, french: str, dutch: str, english: str) -> None:
    found = [amount_in_words(cents, language) for language in ("fr", "nl", "en")]
    assert found == [french, dutch, english]


@pytest.mark.parametrize("cents", [-1, 10**14])
def test_what_no_run_can_come_to_is_refused(cents: int) -> None:
    with pytest.raises(InvariantError):
        amount_in_words(cents, "fr")


@pytest.mark.parametrize("rules", [{}, {"amount": "{euros}"}, {"cardinal": ["0: =%cardinal="]}])
def test_a_language_without_usable_rules_shows_the_fallback_marked(
    rules: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    toml_of = words.toml_of
    monkeypatch.setattr(
        words,
        "toml_of",
        lambda language, name: rules if language == "xx" else toml_of(language, name),
    )
    words._rules.cache_clear()
    assert amount_in_words(200, "xx") == "‹fr› deux euros et zéro cent"
    assert number_in_words(21, "xx") == "‹fr› vingt et un"
    words._rules.cache_clear()


def test_rules_of_cldr_serve_a_further_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """German, as CLDR has it: the tens behind the units, one word up to a million."""
    german = {
        "amount": "{euros} und {cents}",
        "euros": ["0: =%cardinal= Euro"],
        "cents": ["0: =%cardinal= Cent"],
        "cardinal": [
            *("0: null", "1: ein", "2: zwei", "3: drei", "4: vier", "5: fünf", "6: sechs"),
            *("7: sieben", "8: acht", "9: neun", "10: zehn", "11: elf", "12: zwölf"),
            *("13: →→zehn", "16: sechzehn", "17: siebzehn", "18: →→zehn"),
            *("20: [→→und]zwanzig", "30: [→→und]dreißig", "40: [→→und]vierzig"),
            *("50: [→→und]fünfzig", "60: [→→und]sechzig", "70: [→→und]siebzig"),
            *("80: [→→und]achtzig", "90: [→→und]neunzig"),
            *("100: ←←hundert[→→]", "1000: ←←tausend[→→]"),
        ],
    }
    monkeypatch.setattr(words, "toml_of", lambda _language, _name: german)
    words._rules.cache_clear()
    assert amount_in_words(123_456_00 + 21, "de") == (
        "einhundertdreiundzwanzigtausendvierhundertsechsundfünfzig Euro und einundzwanzig Cent"
    )
    words._rules.cache_clear()
