"""When two invoice numbers are one number typed twice, and what of a number tells it."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

#: Signs of a number that tells whose it is; digits that tell the place in a series.
_TELLING = 4
_SERIES_DIGITS = 15
#: A year, a month or a day written as digits, or none.
_OF_A_DAY = re.compile(
    r"(?:19|20)\d\d(?:(?:0?[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?)?"
    r"|(?:(?:0[1-9]|[12]\d|3[01])?(?:0?[1-9]|1[0-2]))?(?:19|20)\d\d|"
)
#: Letters that are taken for digits, and the digits.
_LOOKS = str.maketrans("OILZSB", "011258")
#: Words that are written before or behind a number and are no part of it (fr, nl, en).
_NOISE = re.compile(
    r"\b(?:FACTUURNUMMER|FACTUUR|FACTURE|INVOICE|FACT|FAC|FRE|INV|FC|NUMERO|NUMMER|NR|NO|N|BIS|TER"
    r"|DUPLICATA|DUPLICAAT|DUPLICATE|COPIE|KOPIE|COPY|RAPPEL|HERINNERING|REMINDER)(?=\b|\d)"
)
_SIGNS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
_NO_DIGITS = re.compile(r"\D+")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def digits_of(text: str) -> str:
    """The digits of a text alone."""
    return _NO_DIGITS.sub("", text)


def without_signs(text: str) -> str:
    """The letters and digits of a text alone."""
    return _SIGNS.sub("", text)


def normalised_number(number: str) -> str:
    """An invoice number as it is compared: without case, punctuation, leading zeros and the words
    around it; letters that look like a digit are that digit.
    """
    return "".join(_parts(number))


@lru_cache(maxsize=1 << 18)
def _parts(number: str) -> tuple[str, ...]:
    """The same in its parts, as signs and blanks separate them."""
    words = _SIGNS.sub(" ", number.upper())
    plain = _NOISE.sub("", words)
    if not plain.strip():  # a number that is such a word
        plain = words
    found = _LEADING_ZEROS.sub("", plain.replace("O", "0")).translate(_LOOKS).split()
    return tuple(_LEADING_ZEROS.sub("", part) for part in found)


def parts_sorted(number: str) -> str:
    """What two numbers have in common of which the parts changed places; '' of a single part."""
    parts = _parts(number)
    return " ".join(sorted(parts)) if len(parts) > 1 else ""


def telling(number: str) -> str:
    """A number that hardly two suppliers have at once: neither short nor the name of a month."""
    plain = normalised_number(number)
    too_short = len(plain) < _TELLING
    return "" if too_short or _OF_A_DAY.fullmatch(digits_of(number)) else plain


def _digits(number: str) -> tuple[str, str]:
    """The digits of an invoice number without leading zeros: of the whole, and of each group."""
    groups = _DIGITS.findall(number)
    return "".join(groups).lstrip("0"), "".join(group.lstrip("0") for group in groups)


def digits_but_zeros(number: str) -> str:
    """What two numbers with the same digits have in common, however their zeros are written."""
    return digits_of(number).replace("0", "")


def _letters(number: str) -> str:
    """The letters that are part of a number: no words such as "facture", "n°" or "bis"."""
    plain = _NOISE.sub("", _SIGNS.sub(" ", number.upper()))
    return "".join(char for char in plain if char.isalpha())


def one_edit_apart(left: str, right: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours separates two texts."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    begin = 0
    while begin < min(len(left), len(right)) and left[begin] == right[begin]:
        begin += 1
    a, b = left[begin:], right[begin:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def same_number(left: str, right: str, *, same_day: bool) -> bool:
    """Whether two numbers of a supplier, for one amount, may be one number typed twice.

    same_day: both invoices bear one day, or the day of one is not known. A new invoice has another
    number and another day: then only what is written around the same digits may differ, or the
    order of the parts, and not from one word to another (the rent of "avril 2022" and of "mai
    2022").
    """
    mine, other = _parts(left), _parts(right)
    if left == right or "".join(mine) == "".join(other) or sorted(mine) == sorted(other):
        return True
    if any(one and one == two for one, two in zip(_digits(left), _digits(right), strict=True)):
        words = sorted((_letters(left), _letters(right)), key=len)
        return same_day or words[1].startswith(words[0]) or words[1].endswith(words[0])
    if not same_day:
        return False
    if not Counter(mine) - Counter(other) or not Counter(other) - Counter(mine):
        return True  # some of the parts alone were typed
    short, long = sorted((_digits(left)[0], _digits(right)[0]), key=len)
    around = len(short) > 1 and (long.startswith(short) or long.endswith(short))
    return around or one_edit_apart("".join(mine), "".join(other))


def in_a_series(number: str) -> int:
    """The digits of a number as its place among those of its supplier; 0 without digits."""
    return int("0" + digits_of(number)[-_SERIES_DIGITS:])
