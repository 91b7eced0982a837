"""Amounts in words, as they are written on a paper that is signed, by the rules of numbers.toml.

The rules are CLDR's rule-based number formats, so that a further language can take its own from
there. A language without usable ones shows the words of the fallback, marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from payroll.model.errors import require
from payroll.texts import FALLBACK, fill, marked
from payroll.texts.folders import toml_of

#: [What stands here] is left out when nothing remains.
_OPTIONAL = re.compile(r"\[([^\]]*)\]")
#: ←%rules← the quotient, →%rules→ the remainder, =%rules= the number; no name: by the same rules.
_PART = re.compile(r"([←→=])(?:%([\w-]+))?\1")

#: Name -> (base, words), by rising base.
Rules = Mapping[str, Sequence[tuple[int, str]]]


def amount_in_words(cents: int, language: str) -> str:
    """An amount of euro in words, the cents always named: nothing can be added behind it.

    Raises InvariantError for a negative amount and from a thousand billion euro on.
    """
    whole, part = divmod(cents, 100)
    _require_speakable(whole)

    def words(rules: Rules) -> str:
        values = {"euros": _spelt(rules, "euros", whole), "cents": _spelt(rules, "cents", part)}
        return fill(rules["amount"][0][1], values)

    return _in(language, words)


def number_in_words(number: int, language: str) -> str:
    """A whole number in words, 0 to 999 999 999 999; InvariantError outside."""
    _require_speakable(number)
    return _in(language, lambda rules: _spelt(rules, "cardinal", number))


def _require_speakable(number: int) -> None:
    require(0 <= number < 10**12, "a number is too large to be written in words")


def _in(language: str, words: Callable[[Rules], str]) -> str:
    """Words by the rules of a language, or of the fallback where its own cannot be used."""
    try:
        return words(_rules(language))
    except (KeyError, ValueError, RecursionError):
        require(language != FALLBACK, "the fallback cannot write a number in words")
        return marked(words(_rules(FALLBACK)))


@cache
def _rules(language: str) -> Rules:
    """Raises ValueError when a rule has no base."""
    rules = {}
    for name, written in toml_of(language, "numbers.toml").items():
        listed = written if isinstance(written, list) else [f"0: {written}"]
        pairs = [str(rule).partition(": ") for rule in listed]
        rules[name] = [(int(base), words.removeprefix("'")) for base, _, words in pairs]
    return rules


def _spelt(rules: Rules, name: str, number: int) -> str:
    """A number by one set of rules. Raises KeyError or ValueError when there is no rule for it."""
    base, words = max(rule for rule in rules[name] if rule[0] <= number)
    quotient, rest = divmod(number, 10 ** (len(str(base)) - 1))
    values = {"←": quotient, "→": rest, "=": number}
    words = _OPTIONAL.sub(r"\1" if rest else "", words)
    return _PART.sub(lambda part: _spelt(rules, part[2] or name, values[part[1]]), words)
