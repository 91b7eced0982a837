"""The bank's character set: every text is converted by this table, never cut, never guessed.

Source: EPC217-08 and Isabel, facts/bank-rules section 4. Belgian default: ä -> a, ü -> u.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NAME_MAX = 70
REMITTANCE_MAX = 140
IDENTIFIER_MAX = 35

_ALLOWED = "a-zA-Z0-9/?:().,'+ -"
SENDABLE = re.compile(rf"[{_ALLOWED}]*")
_SET = frozenset(filter(SENDABLE.fullmatch, map(chr, range(128))))
_SPACES = re.compile(r" {2,}")

_FROM_TO = {
    "Æ": "AE",
    "æ": "ae",
    "Œ": "OE",
    "œ": "oe",
    "Ø": "O",
    "ø": "o",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "ı": "i",
    "İ": "I",
    "Þ": "TH",
    "þ": "th",
    "ß": "ss",
    "ẞ": "SS",
    "&": "+",
    "€": "E",
    "=": "-",
    ";": ",",
    "…": "...",
    "⁄": "/",
}
_FROM_TO |= dict.fromkeys('’‘ʼ`´"“”„«»‹›', "'")
_FROM_TO |= dict.fromkeys("–—―‑‐‒−_~", "-")
_FROM_TO |= dict.fromkeys("[{", "(") | dict.fromkeys("]}", ")") | dict.fromkeys("|\\", "/")
_FROM_TO |= dict.fromkeys("@#!*%$<>^", ".") | dict.fromkeys("\t\r\n", " ")
TABLE: Mapping[int, str] = str.maketrans(_FROM_TO)

#: Characters nobody sees: zero-width, direction marks, soft hyphen, controls. A sign of fraud.
_HIDDEN = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)


@dataclass(frozen=True, slots=True)
class Converted:
    """A text as it can be sent. problem: '' | hidden | script; sign: the code point it is about."""

    text: str
    problem: str = ""
    sign: str = ""


def is_plain(text: str) -> bool:
    """Whether a text can be sent as it is, every space a single one between words."""
    return SENDABLE.fullmatch(text) is not None and "  " not in text and text == text.strip()


def convert(text: str) -> Converted:
    """Convert one text. A foreign script or an unseen character is a problem, never a guess."""
    if is_plain(text):
        return Converted(text)
    hidden = _HIDDEN.search(text)
    if hidden:
        return Converted(text, "hidden", _code_point(hidden[0]))
    spelled = unicodedata.normalize("NFKD", text.translate(TABLE)).translate(TABLE)
    plain = [char if char in _SET else _replaced(char) for char in spelled]
    if None in plain:
        return Converted(text, "script", _code_point(spelled[plain.index(None)]))
    return Converted(_SPACES.sub(" ", "".join(filter(None, plain))).strip())


def _replaced(char: str) -> str | None:
    """'' for an accent, a space or a full stop for a sign, None for a letter of another script."""
    kind = unicodedata.category(char)
    if kind.startswith("M"):
        return ""
    if kind.startswith("L") or kind == "Nd":
        return None
    return " " if kind.startswith("Z") else "."


def convert_texts(texts: Iterable[str]) -> dict[str, Converted]:
    """`convert` for a column: each distinct text that is not plain, by the text as it was."""
    return {text: convert(text) for text in dict.fromkeys(texts) if not is_plain(text)}


def identifier_problem(identifier: str) -> str:
    """Why a reference cannot be sent: '' | empty | length | charset | slash. It is never mended."""
    if not identifier or identifier != identifier.strip():
        return "empty"
    if len(identifier) > IDENTIFIER_MAX:
        return "length"
    if not SENDABLE.fullmatch(identifier):
        return "charset"
    slash = identifier.startswith("/") or identifier.endswith("/") or "//" in identifier
    return "slash" if slash else ""


def _code_point(char: str) -> str:
    return f"U+{ord(char):04X}"
