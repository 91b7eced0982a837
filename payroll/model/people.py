"""Who is who among those who prepare, type, decide and approve: two people are two people.

facts/emergency-payroll, requirements 6 and 18. A name is met as somebody typed it: in another
order, without accents, with a title, an initial for a first name, or as a user name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import combinations, filterfalse

_WORD = re.compile(r"[^\W_\d]+")
#: Titles that say nothing about who somebody is.
_TITLE = re.compile(
    "dr|docteur|dokter|doctor|pr|prof|mr?|mme|mlle|mevr|mevrouw|mw|dhr|heer|mrs|ms|me|ir|ing"
    "|monsieur|madame"
).fullmatch
#: Cyrillic and Greek letters, and a dotless i, as the Latin ones that they look like.
_LOOKS = str.maketrans("аеорсухіјѕкмтвнԁԛԝһαβεζηικμνορτυχı", "aeopcyxijskmtbhdqwhabezhikmnoptyxi")


def person_key(name: str) -> str:
    """A person's name as it is compared: without accents, case, and spaces in excess."""
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(filterfalse(unicodedata.combining, plain))
    return " ".join(letters.casefold().replace("-", " ").split())


def same_person(one: str, other: str) -> bool:
    """Whether two names as typed may be of one person; in doubt they are."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return False
    if sorted(first) == sorted(second):
        return True
    short, long = sorted((first, second), key=len)
    return _fit(short, long) or any(
        len(words) == 1 and words[0] in _user_names(others)
        for words, others in ((first, second), (second, first))
    )


def two_names_of_one(names: Iterable[str]) -> tuple[str, str] | None:
    """The first two of some names, written otherwise, that may be of one person; None = there are
    none: each name is a person of their own.
    """
    apart = list({person_key(name): name for name in names}.values())
    return next((pair for pair in combinations(apart, 2) if same_person(*pair)), None)


def named_in(name: str, listed: Collection[str]) -> str:
    """The listed name that was meant, its words in any order, case and accents; '' when none was,
    or more than one.
    """
    found = {item for item in listed if _look(item) == _look(name)}
    return found.pop() if len(found) == 1 else ""


def _look(name: str) -> tuple[str, ...]:
    """A name as the eye takes it: its words in any order, letters by their look."""
    return tuple(sorted(_words(name)))


def _words(name: str) -> list[str]:
    visible = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    plain = person_key(visible.partition("@")[0]).translate(_LOOKS)
    words = _WORD.findall(plain)
    return [word for word in words if not _TITLE(word)] or words


def _fit(short: list[str], long: list[str]) -> bool:
    """Whether each word of the shorter name is one of the longer, or an initial of one or for one.

    Initials alone are somebody's when they are all of theirs.
    """
    left, whole = list(long), 0
    for word in sorted(short, key=len, reverse=True):
        same = [item for item in left if item == word]
        begun = [item for item in left if 1 in (len(item), len(word)) and item[0] == word[0]]
        if not same + begun:
            return False
        left.remove((same + begun)[0])
        whole += bool(same) and len(word) > 1
    return whole > 0 or not left


def _user_names(words: list[str]) -> Iterator[str]:
    """What a computer may call somebody with these words in their name."""
    yield "".join(words)
    yield "".join(word[0] for word in words)
    yield "".join(reversed([word[0] for word in words]))
    for word in words:
        for other in words:
            if word is not other:
                yield from (word + other, word[0] + other, word + other[0])
