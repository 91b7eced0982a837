"""Two names of payees that may be one person's: initials, accents, order, double and short forms.

In doubt they are: whoever decides is shown both. Not for who signs (payroll.model.people).
"""

from __future__ import annotations

import re
from functools import lru_cache

from payroll.model.person_names import WORD, folded, is_form

#: Spellings that sound alike, in this order: Philippe = Filip, Katy = Cathi, Factice = Factisse.
_SOUNDS = ((r"ph", "f"), (r"qu|k", "c"), (r"c(?=[eiy])|z|ç", "s"), (r"th", "t"), (r"y", "i"))
_ALIKE = tuple((re.compile(pattern), sound) for pattern, sound in _SOUNDS)
_DOUBLED = re.compile(r"(.)\1+")
#: A short form is at least so long; and words are so long that may differ by one or two letters.
_SHORT_FORM, _ONE_SLIP, _TWO_SLIPS = 3, 4, 8
#: So many equal words, of as many parts of either name, are one person's whatever else stands
#: there; a double first name is one part.
_ENOUGH = 2
_ELIDED = re.compile(r"\b[dl]['’]")

#: Each word and the part of the name, as blanks part it, that it belongs to.
Words = tuple[tuple[str, int], ...]


def heard(name: str) -> Words:
    """The words of a name as they are compared, initials too; without titles and small words."""
    parts = _ELIDED.sub("", folded(name)).split()
    words = [(word, part) for part, text in enumerate(parts) for word in WORD.findall(text)]
    told = [(_sound(word), part) for word, part in words if not is_form(word)]
    return tuple(sorted(told, key=lambda item: (-len(item[0]), item)))


def alike(one: Words, other: Words) -> bool:
    """Whether two names (`heard`) may be one person's.

    Each word of the shorter is one of the longer, an initial of one or nearly one; or two equal
    words are of both.
    """
    short, long = sorted((one, other), key=len)
    if not short:
        return False
    left, whole, equal, missed = list(long), 0, set(), 0
    for word, part in short:
        same = [item for item in left if item[0] == word]
        found = (same or [item for item in left if _nearly(word, item[0])])[:1]
        if not found:
            missed += 1
            if len(short) - missed < _ENOUGH:
                return False
            continue
        left.remove(found[0])
        whole += min(len(word), len(found[0][0])) > 1
        if same and len(word) > 1:
            equal.add((part, found[0][1]))
    if missed:
        return min(len({item[side] for item in equal}) for side in (0, 1)) >= _ENOUGH
    return whole > 0 or not left


@lru_cache(maxsize=1 << 16)
def _sound(word: str) -> str:
    for pattern, sound in _ALIKE:
        word = pattern.sub(sound, word)
    return _DOUBLED.sub(r"\1", word)


def _nearly(one: str, other: str) -> bool:
    """An initial or a short form of the other, or the same but for a slip."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if long.startswith(short) and (len(short) == 1 or len(short) >= _SHORT_FORM):
        return True
    slips = (len(short) >= _ONE_SLIP) + (len(short) >= _TWO_SLIPS)
    if len(long) - len(short) > slips or not slips:
        return False
    # a slip mends no more than one letter that only one of them has: of most words seen at once
    if len({*long}.difference(short)) > slips or len({*short}.difference(long)) > slips:
        return False
    return 0 < _slips(short, long) <= slips


def _slips(one: str, other: str) -> int:
    """Letters to change, add, drop or swap with the next (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, row = row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if before and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
