"""Identifiers: IBAN, Belgian structured communication (OGM), ISO 11649, enterprise number.

python-stdnum is the authority for all of them; only the IBAN's check digits are computed here,
because whole payment runs pass through it (stdnum takes seconds per 100,000) and tests hold the
result equal to stdnum's. It is imported where it is asked: it takes the network's modules along.
Sources: ISO 13616, ISO 7064 mod 97-10, facts/bank-rules section 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

#: More than any number of people, firms or accounts is written with.
SIGNS_MAX = 40

_SPACES = re.compile(r"[\s\u00a0\u202f.\-]+")
_IBAN = re.compile(r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$")
_BELGIAN = re.compile(r"^BE[0-9]{14}$")


def compact_iban(text: str) -> str:
    """Upper case, without spaces, dots or hyphens; nothing else is repaired."""
    return _SPACES.sub("", text).upper()


def iban_problem(iban: str) -> str:
    """Why a compacted IBAN is not payable: '' | missing | shape | checksum | bban.

    `bban` is a Belgian account whose own two check digits (first ten mod 97, 0 -> 97) are wrong
    although the IBAN's are right, or a foreign one that its country's format refuses.
    """
    if _is_right_belgian(iban):
        return ""
    if not iban:
        return "missing"
    if not _IBAN.match(iban) or (iban.startswith("BE") and not _BELGIAN.match(iban)):
        return "shape"
    digits = "".join(
        char if char.isdigit() else str(ord(char) - 55) for char in iban[4:] + iban[:4]
    )
    if int(digits) % 97 != 1 or not 2 <= int(iban[2:4]) <= 98:
        return "checksum"
    # A Belgian account whose IBAN digits are right has failed above on its own two.
    if iban.startswith("BE"):
        return "bban"
    from stdnum import iban as stdnum_iban

    return "" if stdnum_iban.is_valid(iban, check_country=True) else "bban"


def _is_right_belgian(iban: str) -> bool:
    """Whether both pairs of check digits of a Belgian IBAN are right: most accounts of a run."""
    return (
        _BELGIAN.fullmatch(iban) is not None
        and "02" <= iban[2:4] <= "98"
        and int(f"{iban[4:]}1114{iban[2:4]}") % 97 == 1
        and (int(iban[4:14]) % 97 or 97) == int(iban[14:])
    )


def wrong_ibans(ibans: Iterable[str]) -> dict[str, str]:
    """The distinct IBANs that cannot be paid, each with `iban_problem`'s reason."""
    return {iban: problem for iban in set(ibans) if (problem := iban_problem(iban))}


def iban_problems(ibans: Iterable[str]) -> list[str]:
    """`iban_problem` for a column, each distinct IBAN judged once."""
    known: dict[str, str] = {}
    return [
        known[iban] if iban in known else known.setdefault(iban, iban_problem(iban))
        for iban in ibans
    ]


def masked_iban(iban: str) -> str:
    """An IBAN for screens and messages: country, check digits and the last three."""
    return f"{iban[:4]}…{iban[-3:]}" if len(iban) > 7 else "…"


_OGM_SHAPE = re.compile(r"^[+*]{3}\s*\d{3}\s*/\s*\d{4}\s*/\s*\d{5}\s*[+*]{3}$")


class Standard(Protocol):
    """A module of python-stdnum for one kind of number."""

    def is_valid(self, number: str, /) -> bool:
        """Whether it is one."""


def is_number(standard: Standard, text: str) -> bool:
    """Whether a text of any length is a number of a standard: none has more than SIGNS_MAX signs,
    and stdnum makes one integer of however many there are.
    """
    return len(text) <= SIGNS_MAX and standard.is_valid(text)


def is_ogm(digits: str) -> bool:
    """Twelve digits are a Belgian structured reference: the last two check the first ten.

    python-stdnum's own `is_valid` cleans the text three times, which costs more than the rest of
    a payment.
    """
    from stdnum.be import ogm_vcs

    shaped = len(digits) == 12 and digits.isascii() and digits.isdigit()
    return shaped and digits != "0" * 12 and ogm_vcs.calc_check_digits(digits) == digits[10:]


def structured_reference(text: str) -> tuple[str, str]:
    """Read a payment reference: (reference, problem).

    ('010806817183', '') for a valid OGM/VCS in +++..., ***... or bare 12-digit form;
    ('RF18...', '') for a valid ISO 11649; ('', 'checksum') when it looks like one and fails
    (never downgraded silently to free text); ('', '') when it is free text.
    """
    from stdnum import iso11649

    compact = re.sub(r"[\s/+*.\-]", "", text).upper()
    if _OGM_SHAPE.match(text.strip()) or re.fullmatch(r"\d{12}", compact):
        marked = _OGM_SHAPE.match(text.strip()) is not None
        if is_ogm(compact):
            return compact, ""
        return "", "checksum" if marked else ""
    if re.fullmatch(r"RF\d{2}[A-Z0-9]{1,21}", compact):
        return (compact, "") if iso11649.is_valid(compact) else ("", "checksum")
    return "", ""
