"""Which payments or files of ours a credit may give back, where no id of theirs says so for sure.

A bank that gives money back may leave out our id and the payee's account, break a text after 12 or
35 characters, book a whole batch at once, or keep its charges. What says nothing against it and
fits in amount, account and time is proposed; people decide (facts/bank-rules 9.2).
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from payroll.ledger.our_ids import in_texts
from payroll.ledger.unmatched import Unmatched
from payroll.model.people import same_person

#: What an answer calls money that came in: known as a return, or not.
MONEY_BACK = ("return", "credit")
#: How long after its execution a payment may come back without its id.
RETURN_DAYS = 60
#: How much a bank may keep of what it gives back, in cents: no charge for a return is higher.
CHARGES_MAX_CENTS = 50_00
#: How banks say in a text that money comes back, in the languages of Belgium and in English.
_BACK = re.compile(
    "retour|rejet|extourn|restitu|annul|rembours|terug|geweiger|storn|return|reject|revers|refund"
    "|ruckgabe|ruckuberw|rucklauf"
)
_ITEM_CHARS = 4


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment, or a whole file, as money that left. id: end-to-end or message id; iban, name: of
    the payee, '' of a file."""

    id: str
    message_id: str
    debtor_iban: str
    execution_date: str
    cents: int
    iban: str = ""
    name: str = ""


def came_short(cents: int, paid_cents: int) -> int | None:
    """What is missing of a payment that came back, in cents: 0 of none; None when it cannot be it.

    Never more than a bank's charges, nor more than half of what came back.
    """
    missing = paid_cents - cents
    return missing if 0 <= missing <= min(CHARGES_MAX_CENTS, cents // 2) else None


class MoneyBack:
    """Everything that was paid, found by what may be said of it when it comes back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def may_be(self, told: Unmatched, *, silent: bool) -> tuple[str, ...]:
        """Ids of the payments and files that an item may give back, the newest first.

        An id, an account, a name, an invoice or a month that it names says which; what names none
        may be any of its amount, when it is known as a return or silent: it says nothing at all.
        """
        if told.what not in MONEY_BACK or not told.amount_cents:
            return ()
        text = _Said(told)
        found = self._named(told, text) or [*self._whole(told), *self._like(told, text, silent)]
        return tuple(dict.fromkeys(paid.id for paid in found))

    def _named(self, told: Unmatched, text: _Said) -> list[Paid]:
        """What its ids name; a file whose payment of just that amount came back is that payment."""
        ids = {*told.ours, *(self._folded[key] for key in text.ids if key in self._folded)}
        payments = [paid for paid in self._payments if paid.id in ids]
        files = [paid for paid in self._files if paid.id in ids]
        within = {paid.id for paid in files}
        inside = [paid for paid in self._exact(told) if paid.message_id in within]
        return [p for p in payments if _is_near(told, p)] or inside or files

    def _whole(self, told: Unmatched) -> list[Paid]:
        """The files of several payments that come to just that amount, whole or what is live."""
        return [
            paid for paid in self._files if paid.cents == told.amount_cents and _fits(told, paid)
        ]

    def _like(self, told: Unmatched, text: _Said, silent: bool) -> list[Paid]:
        exact = self._exact(told)
        named = [paid for paid in exact if text.names(paid) or self._claims_named(paid, text)]
        same = [paid for paid in exact if told.iban and paid.iban == told.iban]
        if found := [paid for paid in same if paid in named] or same or named:
            return found
        if short := self._short(told, text):
            return short
        return exact if not told.iban and (told.what == "return" or silent or text.back) else []

    def _short(self, told: Unmatched, text: _Said) -> list[Paid]:
        """What came back less the bank's charges, by the payee's account or name."""
        cents = told.amount_cents or 0
        if told.iban or told.name:
            near = [p for p in self._by_payee.get(told.iban or text.name, ()) if _is_near(told, p)]
        elif told.what == "return" or text.back:
            begin = bisect_left(self._amounts, cents)
            end = bisect_right(self._amounts, cents + CHARGES_MAX_CENTS)
            near = [paid for paid in self._by_cents[begin:end] if text.names(paid)]
        else:
            return []
        return [p for p in near if came_short(cents, p.cents) is not None and _fits(told, p)]

    def _exact(self, told: Unmatched) -> list[Paid]:
        cents = told.amount_cents or 0
        begin, end = bisect_left(self._amounts, cents), bisect_right(self._amounts, cents)
        found = [paid for paid in self._by_cents[begin:end] if _fits(told, paid)]
        return sorted(found, key=lambda paid: (paid.execution_date, paid.id), reverse=True)

    def _claims_named(self, paid: Paid, text: _Said) -> bool:
        """Whether a text names an invoice of the payment, or the month that it pays."""
        rows = self._connection.execute(
            "SELECT period, item FROM claim WHERE end_to_end_id = ?", (paid.id,)
        )
        return any(text.names_item(item) or text.names_month(month) for month, item in rows)

    @cached_property
    def _payments(self) -> list[Paid]:
        rows = self._connection.execute(
            "SELECT end_to_end_id, message_id, debtor_iban, execution_date, amount_cents, iban,"
            " creditor_name FROM payment JOIN file USING (message_id)"
        )
        return [Paid(*row) for row in rows]

    @cached_property
    def _files(self) -> list[Paid]:
        """Each file of several payments, with its total and with what of it has not failed."""
        live = "SELECT end_to_end_id FROM claim WHERE freed = ''"
        rows = self._connection.execute(
            "SELECT message_id, message_id, debtor_iban, execution_date, total_cents FROM file"
            " WHERE transactions > 1 UNION SELECT message_id, message_id, debtor_iban,"
            " execution_date, sum(amount_cents) FROM payment JOIN file USING (message_id)"
            f" WHERE transactions > 1 AND end_to_end_id IN ({live}) GROUP BY message_id"
            " ORDER BY 4 DESC, 1"
        )
        return [Paid(*row) for row in rows]

    @cached_property
    def _by_cents(self) -> list[Paid]:
        return sorted(self._payments, key=lambda paid: paid.cents)

    @cached_property
    def _amounts(self) -> list[int]:
        return [paid.cents for paid in self._by_cents]

    @cached_property
    def _by_payee(self) -> dict[str, list[Paid]]:
        """By account, and by name as `_Said.name` writes it."""
        found: dict[str, list[Paid]] = {}
        for paid in self._payments:
            for key in (paid.iban, _name_key(paid.name)):
                found.setdefault(key, []).append(paid)
        return found

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {paid.id.upper(): paid.id for paid in (*self._payments, *self._files)}


class _Said:
    """The texts of an item, as payees, invoices and months are looked for in them."""

    def __init__(self, told: Unmatched) -> None:
        self._told = told
        self._line = " ".join((told.name, *told.texts))
        self.name = _name_key(told.name)
        self.ids = frozenset(in_texts((*told.texts, told.reference)))
        self._words = frozenset(_words(self._line))
        self._run_on = "".join(_words(self._line))
        self.back = _BACK.search(self._run_on) is not None

    def names(self, paid: Paid) -> bool:
        """Whether the payee's name stands in it: in any order, case and accents, cut or wrapped."""
        words = _words(paid.name)
        whole = "".join(words)
        if not whole:
            return False
        told = "".join(_words(self._told.name))
        return (
            self._words.issuperset(words)
            or whole in self._run_on
            or (len(told) >= 2 * _ITEM_CHARS and whole.startswith(told))
            or same_person(self._told.name, paid.name)
        )

    def names_item(self, item: str) -> bool:
        """Whether an invoice number stands in it."""
        number = "".join(_words(item))
        return len(number) >= _ITEM_CHARS and number in self._run_on

    def names_month(self, month: str) -> bool:
        """Whether a month stands in it, and not as a part of a day."""
        if not month:
            return False
        year, number = month[:4], month[5:7]
        either = rf"{year}[-/. ]?{number}|{number}[-/. ]?{year}"
        return re.search(rf"(?<!\d)(?<!\d[-/.])(?:{either})(?![-/.]?\d)", self._line) is not None


def _fits(told: Unmatched, paid: Paid) -> bool:
    """Whether it left the account of the statement, and not long before."""
    if told.account not in ("", paid.debtor_iban):
        return False
    if not told.booked_on:
        return True
    executed = date.fromisoformat(paid.execution_date)
    return executed <= date.fromisoformat(told.booked_on) <= executed + timedelta(RETURN_DAYS)


def _is_near(told: Unmatched, paid: Paid) -> bool:
    return came_short(told.amount_cents or 0, paid.cents) is not None


def _words(text: str) -> list[str]:
    """The words of a text without accents, case and signs."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = (char for char in plain if not unicodedata.combining(char))
    return re.findall(r"[^\W_]+", "".join(letters))


def _name_key(name: str) -> str:
    return " ".join(sorted(_words(name)))
