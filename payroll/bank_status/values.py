"""The values of a bank's answer: amounts exact or not at all, texts cleaned and cut, accounts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from payroll.model.errors import DamagedInputError, Said
from payroll.model.identifiers import compact_iban

#: Characters of one text of the bank and texts of one fact that are kept.
TEXT_MAX, TEXTS_MAX = 210, 10

_AMOUNT = re.compile(r"\+?([0-9]{1,15})(?:\.([0-9]{1,6}))?")
_REASON = re.compile(r"[A-Z][A-Z0-9]{3}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_BBAN = re.compile(r"[0-9]{12}")


@dataclass(slots=True)
class Remarks:
    """What a person should know: said once each, or counted when it comes again and again."""

    said: list[Said] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def say(self, text_id: str, **params: object) -> None:
        """One remark with its placeholders, once."""
        remark = Said(text_id, {key: str(value) for key, value in params.items()})
        if remark not in self.said:
            self.said.append(remark)

    def count(self, text_id: str) -> None:
        """A remark whose text has {count}."""
        self.counts[text_id] += 1

    def all(self) -> tuple[Said, ...]:
        """Every remark, the counted ones last."""
        counted = (Said(name, {"count": str(n)}) for name, n in sorted(self.counts.items()))
        return (*self.said, *counted)


def cents(text: str, currency: str, where: str, remarks: Remarks) -> int | None:
    """A decimal as cents; None with a remark when not in euro or with parts of a cent.

    Raises DamagedInputError answer_amount for what is no amount: a sign, letters, an exponent.
    """
    if not text:
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise DamagedInputError("answer_amount", where=where)
    if currency != "EUR":
        remarks.count("answer_not_euro")
        return None
    fraction = (match[2] or "").ljust(2, "0")
    if fraction[2:].strip("0"):
        remarks.count("answer_parts_of_a_cent")
        return None
    return int(match[1] + fraction[:2])


def foreign(text: str, currency: str) -> str:
    """The currency of an amount that is given in another one than the euro, else ''."""
    return cleaned(currency) or "?" if text and currency != "EUR" else ""


def iso_day(text: str, where: str) -> str:
    """The day of an ISO date or moment, '' of none. Raises DamagedInputError answer_date."""
    if not text:
        return ""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise DamagedInputError("answer_date", where=where) from error


def whole_number(text: str, where: str) -> int | None:
    """A number of transactions, None of none. Raises DamagedInputError answer_count."""
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise DamagedInputError("answer_count", where=where)
    return int(text)


def cleaned(text: str) -> str:
    """A text of the bank on one line, without characters that cannot be seen, cut."""
    seen = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(seen.split())
    return line if len(line) <= TEXT_MAX else f"{line[: TEXT_MAX - 1]}…"


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """The distinct texts, cleaned, at most TEXTS_MAX of them."""
    found = dict.fromkeys(line for value in values if (line := cleaned(value)))
    return tuple(found)[:TEXTS_MAX]


def reason_codes(values: Iterable[str]) -> tuple[str, ...]:
    """The distinct values that have the form of an ISO reason code."""
    found = (value.strip().upper() for value in values)
    return tuple(dict.fromkeys(code for code in found if _REASON.fullmatch(code)))


def account(text: str) -> str:
    """An IBAN in compact form; a Belgian account number of 12 digits as its IBAN; else ''."""
    compact = compact_iban(text)
    if _IBAN.fullmatch(compact):
        return compact
    if _BBAN.fullmatch(compact) and (int(compact[:10]) % 97 or 97) == int(compact[10:]):
        return f"BE{98 - int(compact + '111400') % 97:02}{compact}"
    return ""


def reference(text: str) -> str:
    """An identifier of ours as it comes back; the fillers that stand for none are ''."""
    return "" if text.upper() in ("NOTPROVIDED", "NOT PROVIDED", "NONREF") else text


def first_and_more(names: list[str]) -> str:
    """The id of one answer made of several statements: the first and how many follow."""
    return names[0] if len(names) == 1 else f"{names[0]} (+{len(names) - 1})"


def one_account(accounts: Iterable[str], remarks: Remarks) -> str:
    """The account that all statements share, else '' with a remark."""
    found = sorted(set(accounts))
    if len(found) > 1:
        remarks.say("answer_several_accounts", count=len(found))
        return ""
    return found[0] if found else ""
