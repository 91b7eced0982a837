"""Words read back by parsers that share nothing with the writer give the amount again."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payroll.views.control_sheet.amount_in_words import amount_in_words

FRENCH = {
    "zéro": 0,
    "un": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "sept": 7,
    "huit": 8,
    "neuf": 9,
    "dix": 10,
    "onze": 11,
    "douze": 12,
    "treize": 13,
    "quatorze": 14,
    "quinze": 15,
    "seize": 16,
    "vingt": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "septante": 70,
    "huitante": 80,
    "nonante": 90,
}
ENGLISH = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
DUTCH = {
    "nul": 0,
    "een": 1,
    "twee": 2,
    "drie": 3,
    "vier": 4,
    "vijf": 5,
    "zes": 6,
    "zeven": 7,
    "acht": 8,
    "negen": 9,
    "tien": 10,
    "elf": 11,
    "twaalf": 12,
    "dertien": 13,
    "veertien": 14,
    "vijftien": 15,
    "zestien": 16,
    "zeventien": 17,
    "achttien": 18,
    "negentien": 19,
    "twintig": 20,
    "dertig": 30,
    "veertig": 40,
    "vijftig": 50,
    "zestig": 60,
    "zeventig": 70,
    "tachtig": 80,
    "negentig": 90,
}
SIZES = {
    "mille": 10**3,
    "million": 10**6,
    "milliard": 10**9,
    "thousand": 10**3,
    "billion": 10**9,
    "duizend": 10**3,
    "miljoen": 10**6,
    "miljard": 10**9,
}
#: Dutch numbers, longest first, so that zeventien is not read as zeven.
DUTCH_WORDS = re.compile("|".join(sorted([*DUTCH, "honderd", *SIZES, "en"], key=len, reverse=True)))


def added(words: list[str], values: dict[str, int], hundred: str) -> int:
    total = part = 0
    for word in words:
        if word in values:
            part += values[word]
        elif word == hundred:
            part = max(part, 1) * 100
        elif word in SIZES:
            total += max(part, 1) * SIZES[word]
            part = 0
        else:
            raise AssertionError(word)
    return total + part


def french(text: str) -> int:
    text = re.sub(r"quatre-vingts?", "huitante", text)
    text = re.sub(r"\b(cent|million|milliard)s\b", r"\1", text)
    return added([word for word in re.split("[ -]", text) if word != "et"], FRENCH, "cent")


def english(text: str) -> int:
    return added([word for word in re.split("[ -]", text) if word != "and"], ENGLISH, "hundred")


def dutch(text: str) -> int:
    text = text.replace("é", "e").replace("ë", "e").replace(" ", "")
    assert not DUTCH_WORDS.sub("", text)
    return added([word for word in DUTCH_WORDS.findall(text) if word != "en"], DUTCH, "honderd")


READERS = {
    "fr": (french, r"(.+?) (?:euros?|d'euros) et (.+) cents?"),
    "nl": (dutch, r"(.+) euro en (.+) cent"),
    "en": (english, r"(.+) euros? and (.+) cents?"),
}


@pytest.mark.parametrize("language", READERS)
@given(cents=st.one_of(st.integers(0, 10**5), st.integers(0, 10**14 - 1)))
@example(cents=8_080_80)
@example(cents=280_280_280_280_80)
@example(cents=101_001_001_101_01)
def test_words_read_back_give_the_amount(language: str, cents: int) -> None:
    read, shape = READERS[language]
    found = re.fullmatch(shape, amount_in_words(cents, language))
    assert found
    assert read(found[1]) * 100 + read(found[2]) == cents
