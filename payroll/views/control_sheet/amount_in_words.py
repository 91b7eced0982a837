"""Amounts in words, as they are written on a paper that is signed: Belgian French, Dutch, English.

French: septante, quatre-vingts, nonante, in the traditional spelling (hyphens below a hundred, no
s before mille). Dutch: one word up to a thousand, a blank after duizend, een with its accents where
it stands alone (Taalunie). English: British, with and.
"""

from __future__ import annotations

from payroll.model.errors import require


def _listed(words: str) -> tuple[str, ...]:
    """0 to 19 by their number; or 20, 30 ... by their ten."""
    return tuple(words.split())


_FRENCH = _listed(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf"
)
_FRENCH_TENS = _listed("_ _ vingt trente quarante cinquante soixante septante quatre-vingt nonante")
_DUTCH = _listed(
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
    "zestien zeventien achttien negentien"
)
_DUTCH_TENS = _listed("_ _ twintig dertig veertig vijftig zestig zeventig tachtig negentig")
_ENGLISH = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_ENGLISH_TENS = _listed("_ _ twenty thirty forty fifty sixty seventy eighty ninety")


def amount_in_words(cents: int, language: str) -> str:
    """An amount of euro in words, the cents always named: nothing can be added behind it.

    Raises InvariantError for a negative amount and from a thousand billion euro on.
    """
    euros, part = divmod(cents, 100)
    whole, rest = number_in_words(euros, language), number_in_words(part, language)
    if language == "nl":
        return f"{whole} euro en {rest} cent"
    if language == "en":
        return f"{whole} euro{_s(euros != 1)} and {rest} cent{_s(part != 1)}"
    round_millions = euros >= 10**6 and euros % 10**6 == 0
    unit = "d'euros" if round_millions else f"euro{_s(euros > 1)}"
    return f"{whole} {unit} et {rest} cent{_s(part > 1)}"


def number_in_words(number: int, language: str) -> str:
    """A whole number in words, 0 to 999 999 999 999; InvariantError outside."""
    require(0 <= number < 10**12, "a number is too large to be written in words")
    return {"fr": _french, "nl": _dutch}.get(language, _english)(number)


def _s(several: bool) -> str:
    return "s" if several else ""


def _french(number: int) -> str:
    if number == 0:
        return _FRENCH[0]
    parts = []
    for size, noun in ((10**9, "milliard"), (10**6, "million")):
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_french_hundreds(count)} {noun}{_s(count > 1)}")
    thousands, units = divmod(number, 1000)
    if thousands == 1:
        parts.append("mille")
    elif thousands:  # cent and vingt take no s before mille, which is no noun
        parts.append(f"{_french_hundreds(thousands, before_mille=True)} mille")
    if units:
        parts.append(_french_hundreds(units))
    return " ".join(parts)


def _french_hundreds(number: int, *, before_mille: bool = False) -> str:
    hundreds, rest = divmod(number, 100)
    words = []
    if hundreds:
        many = hundreds > 1
        words += [_FRENCH[hundreds]] if many else []
        words.append("cent" + _s(many and not rest and not before_mille))
    if 0 < rest < 20:
        words.append(_FRENCH[rest])
    elif rest:
        tens, unit = divmod(rest, 10)
        ten = _FRENCH_TENS[tens]
        if unit == 0:
            words.append(ten + _s(tens == 8 and not before_mille))
        else:
            words.append(f"{ten} et un" if unit == 1 and tens != 8 else f"{ten}-{_FRENCH[unit]}")
    return " ".join(words)


def _dutch(number: int) -> str:
    if number == 0:
        return _DUTCH[0]
    parts = []
    for size, noun in ((10**9, "miljard"), (10**6, "miljoen")):
        count, number = divmod(number, size)
        parts += [_dutch_hundreds(count), noun] if count else []
    thousands, units = divmod(number, 1000)
    if thousands:
        parts.append(("" if thousands == 1 else _dutch_hundreds(thousands)) + "duizend")
    if units:
        parts.append(_dutch_hundreds(units))
    return " ".join("één" if part == "een" else part for part in parts)


def _dutch_hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    word = ""
    if hundreds:
        word = ("" if hundreds == 1 else _DUTCH[hundreds]) + "honderd"
    if 0 < rest < 20:
        word += _DUTCH[rest]
    elif rest:
        tens, unit = divmod(rest, 10)
        link = "ën" if _DUTCH[unit].endswith("e") else "en"
        word += (_DUTCH[unit] + link if unit else "") + _DUTCH_TENS[tens]
    return word


def _english(number: int) -> str:
    if number < 100:
        return _english_tens(number)
    parts = []
    for size, noun in (
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        count, number = divmod(number, size)
        parts += [_english(count), noun] if count else []
    if number:
        parts += ["and", _english_tens(number)]
    return " ".join(parts)


def _english_tens(number: int) -> str:
    if number < 20:
        return _ENGLISH[number]
    tens, unit = divmod(number, 10)
    return _ENGLISH_TENS[tens] + (f"-{_ENGLISH[unit]}" if unit else "")
