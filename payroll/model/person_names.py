"""Names as they are compared: without case, accents, order, titles, articles and legal forms."""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse

#: Of names, beside ASCII and its accents; a no-break space may come from a copied list.
_LETTERS = frozenset("æœøßđðþłıÆŒØĐÐÞŁ’\N{NO-BREAK SPACE}")

#: Legal forms, titles and small words: they tell nobody apart.
_FORMS = frozenset(
    [
        "sa",
        "srl",
        "sprl",
        "nv",
        "bv",
        "bvba",
        "asbl",
        "vzw",
        "sc",
        "scrl",
        "cv",
        "gmbh",
        "sarl",
        "sas",
        "ag",
        "ltd",
        "dr",
        "docteur",
        "dokter",
        "mr",
        "mme",
        "mevr",
        "mrs",
        "et",
        "en",
        "de",
        "het",
        "der",
        "den",
        "van",
        "von",
        "des",
        "du",
        "la",
        "le",
        "les",
    ]
)
WORD = re.compile(r"[^\W_]+")
#: Letters that no decomposition takes apart, and how banks write vowels with two dots.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_TWO_DOTS = re.compile(r"([aou])e")


def folded(name: str) -> str:
    """A name without accents and case."""
    if name.isascii():
        return name.casefold()
    split = unicodedata.normalize("NFKD", name)
    return "".join(filterfalse(unicodedata.combining, split)).casefold()


def is_form(word: str) -> bool:
    """Whether a folded word is a title, an article or a legal form."""
    return word in _FORMS


def words_of(*names: str) -> frozenset[str]:
    """The words of names that tell people apart: no titles, articles or legal forms."""
    return _telling(folded(" ".join(names)))


def bank_words(name: str) -> frozenset[str]:
    """The words of a name, alike however a bank's character set wrote it (Müller = Mueller)."""
    if not name:
        return frozenset()
    plain = folded(name)
    if not plain.isascii():
        plain = plain.translate(_PLAIN)
    if "ae" in plain or "oe" in plain or "ue" in plain:
        plain = _TWO_DOTS.sub(r"\1", plain)
    return _telling(plain)


def _telling(plain: str) -> frozenset[str]:
    words = WORD.findall(plain)
    return frozenset(word for word in words if len(word) > 1 and word not in _FORMS)


def odd_letter(name: str) -> str:
    """The first sign of a name that is no Latin letter, or cannot be seen, as U+202E; '' of none.

    What stays can be read aloud: no line break, no direction mark, no look-alike of another script.
    """
    for letter in unicodedata.normalize("NFD", name):
        plain = letter.isascii() and letter.isprintable()
        if not (plain or letter in _LETTERS or unicodedata.combining(letter)):
            return f"U+{ord(letter):04X}"
    return ""
