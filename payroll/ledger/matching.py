"""Which of our files and payments each fact of an answer is about; what is about none is set aside.

Ids are compared without case, for a bank may write them in capitals. An amount or an account that
differs, or an id that nobody knows, is set aside and listed; nothing that names one of our ids is
dropped (facts/bank-rules 9.1 and 9.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from payroll.ledger.book import Event, Ledger
from payroll.ledger.money_back import MoneyBack
from payroll.ledger.our_ids import OurIds, folded
from payroll.ledger.states import RETURN, RETURN_BOOKED, RETURN_REVERSED
from payroll.ledger.unmatched import Unmatched
from payroll.model.answers import AnswerFact, BankAnswer

#: code -> meaning, of the bank profile of a file.
Meaning = Callable[[str, str], str]
#: What a debit or credit may be taken for only after a look at who says so.
_NO_BOOKING = frozenset({"status", "vop"})


@dataclass(frozen=True, slots=True)
class Target:
    """What a fact is about: a file of ours, or one payment of it."""

    message_id: str
    end_to_end_id: str = ""


_Found = tuple[Target | None, str]
_NOTHING: _Found = (None, "")


class Matcher:
    """Finds which of our files and payments each fact is about.

    ours: the accounts of the house; what stands on another account and names nothing of ours is
    counted in `others`. None: every account is taken for ours.
    """

    def __init__(
        self,
        ledger: Ledger,
        answer: BankAnswer,
        meaning: Meaning,
        ours: frozenset[str] | None = None,
    ) -> None:
        self._connection = ledger.connection
        self._answer, self._meaning, self._ours = answer, meaning, ours
        self._ids, self._money_back = OurIds(ledger, answer.facts), MoneyBack(ledger.connection)
        self.unmatched: list[Unmatched] = []
        self.others = 0
        self._profiles: dict[str, str] = {}

    def events(self, at: str) -> list[Event]:
        """One event per fact that is about something of ours."""
        found = [(fact, *self._sure(fact, *self._target(fact))) for fact in self._facts()]
        matched = {(fact.entry or fact.where): fact for fact, target, _ in found if target}
        partly = {fact.entry for fact, target, why in found if why and not target}
        events = []
        for fact, target, why in found:
            told_by_others = (
                fact.level == "entry" and not fact.entry and fact.where not in partly
            ) or (
                fact.what == "other" and self._answer.kind == "coda"  # the parts of one amount
            )
            if target is None:
                if why and not (told_by_others and (fact.entry or fact.where) in matched):
                    self._set_aside(fact, why)
                continue
            if fact.what == "reversal":
                self._set_aside(fact, "reversal")
            if kind := self._kind(fact, target):
                events.append(
                    Event(
                        at=at,
                        kind=kind,
                        message_id=target.message_id,
                        end_to_end_id=target.end_to_end_id,
                        body=self._body(fact),
                    )
                )
        return events

    def _facts(self) -> Iterator[AnswerFact]:
        for fact in self._answer.facts:
            if fact.account_iban or not self._answer.account_iban:
                yield fact
            else:
                yield replace(fact, account_iban=self._answer.account_iban)

    def _sure(self, fact: AnswerFact, target: Target | None, why: str) -> _Found:
        """Nothing that we pay moves in another currency than the euro, nor on another account than
        the one that pays: what says so of a payment of ours is told, and moves nothing.
        """
        if fact.currency and (target is not None or why not in ("", "unknown")):
            return None, "currency"
        if target is None or not fact.account_iban:
            return target, why
        row = self._connection.execute(
            "SELECT debtor_iban FROM file WHERE message_id = ?", (target.message_id,)
        ).fetchone()
        return (target, why) if row[0] == fact.account_iban else (None, "account")

    def profile_of(self, message_id: str) -> str:
        """The bank profile of a file."""
        if message_id not in self._profiles:
            row = self._connection.execute(
                "SELECT bank_profile FROM file WHERE message_id = ?", (message_id,)
            ).fetchone()
            self._profiles[message_id] = str(row[0]) if row else ""
        return self._profiles[message_id]

    def _set_aside(self, fact: AnswerFact, why: str) -> None:
        foreign = self._ours is not None and fact.account_iban not in ("", *self._ours)
        if foreign and why == "unknown":
            self.others += 1
            return
        self.unmatched.append(self._unmatched(fact, why))

    def _unmatched(self, fact: AnswerFact, why: str) -> Unmatched:
        return Unmatched(
            where=fact.where,
            why=why,
            level=fact.level,
            code=fact.code,
            amount_cents=None if fact.currency else fact.amount_cents,
            what=fact.what,
            booked=fact.booked,
            booked_on=fact.booked_on,
            name=fact.counterparty_name,
            iban=fact.counterparty_iban,
            account=fact.account_iban,
            reference=fact.bank_reference,
            reasons=fact.reasons,
            texts=fact.additional,
            ours=self._ours_in(fact),
        )

    def _ours_in(self, fact: AnswerFact) -> tuple[str, ...]:
        """The payments, and the files by their message ids, that a fact names anywhere."""
        payments, names = self._ids.mentioned(fact)
        files = (found[0] for name in names for found in self._files(name))
        return tuple(dict.fromkeys((*payments, *files)))

    def _body(self, fact: AnswerFact) -> Mapping[str, object]:
        body: dict[str, object] = {
            "answer": self._answer.sha256,
            "where": fact.where,
            "code": fact.code,
            "reasons": list(fact.reasons),
            "additional": list(fact.additional),
            "booked_on": fact.booked_on,
            "bank_reference": fact.bank_reference,
            "amount_cents": fact.amount_cents,
            "format": "" if fact.what in _NO_BOOKING else self._answer.kind,
        }
        return {key: value for key, value in body.items() if value not in ("", None, [])}

    def _kind(self, fact: AnswerFact, target: Target) -> str:
        if fact.what in _NO_BOOKING:
            return self._meaning(self.profile_of(target.message_id), fact.code)
        whole = target.end_to_end_id or fact.amount_cents == self._total(target)
        words = {
            "cost": ("cost", "cost"),
            "reversal": (RETURN_REVERSED, RETURN_REVERSED),
            "return": (RETURN_BOOKED, RETURN),
            "credit": (RETURN_BOOKED, RETURN),
            "debit": ("debited" if whole else "debited_part", "pending"),
        }
        booked, announced = words[fact.what]
        return booked if fact.booked else announced

    def _total(self, target: Target) -> int:
        row = self._connection.execute(
            "SELECT total_cents FROM file WHERE message_id = ?", (target.message_id,)
        ).fetchone()
        return int(row[0])

    def _target(self, fact: AnswerFact) -> _Found:
        """(what a fact is about, why it is about nothing): ('', '') is none of our business."""
        if fact.what in ("cost", "other", "reversal"):
            return self._beside(fact)
        found = self._by_ids(fact)
        if found[0] is None and found[1] in ("", "unknown") and fact.what not in _NO_BOOKING:
            mentioned = self._mentioned(fact)
            if mentioned != _NOTHING:
                return mentioned
            if fact.what == "credit":
                return (None, "proposal") if self._like_a_return(fact) else _NOTHING
        return found

    def _by_ids(self, fact: AnswerFact) -> _Found:
        """By the ids where the standard has them; a debit without any by total and day."""
        if fact.level == "payment" and fact.end_to_end_id:
            found = self._payment(fact)
            if (
                found[1] == "unknown" and fact.what not in _NO_BOOKING
            ):  # CODA has one field for any id
                return self._file(replace(fact, end_to_end_id="", block_id=fact.end_to_end_id))
            return found
        if fact.level == "payment" and fact.what not in ("debit", "return", "credit"):
            return None, "unknown"
        return self._file(fact)

    def _payment(self, fact: AnswerFact) -> _Found:
        row = self._connection.execute(
            "SELECT message_id, amount_cents, iban, block_id FROM payment"
            " JOIN file USING (message_id) WHERE end_to_end_id = ?",
            (own := self._ids.payment(fact.end_to_end_id),),
        ).fetchone()
        if row is None:
            return None, "unknown"
        message_id, amount, iban, block_id = row
        around = {folded(message_id), folded(block_id), ""}
        if not {folded(fact.message_id), folded(fact.block_id)} <= around:
            return None, "ambiguous"
        may_be_silent = fact.what in (*_NO_BOOKING, "debit", "cost")
        if fact.amount_cents != amount and not (fact.amount_cents is None and may_be_silent):
            return None, "amount"
        if fact.counterparty_iban not in ("", iban):
            return None, "account"
        return Target(str(message_id), own), ""

    def _files(self, *names: str) -> list[tuple[str, int]]:
        """(message id, total) of the files that bear every one of some ids of a file."""
        keys = map(folded, names)
        own = [self._ids.files.get(key) or self._ids.blocks.get(key) or "?" for key in keys if key]
        marks = " AND ".join("? IN (message_id, block_id)" for _ in own)
        rows = self._connection.execute(
            f"SELECT message_id, total_cents FROM file WHERE {marks}", own
        )
        return [(str(row[0]), int(row[1])) for row in rows]

    def _file(self, fact: AnswerFact) -> _Found:
        if not fact.message_id and not fact.block_id:
            if fact.what == "debit":
                return self._by_amount(fact)
            return _NOTHING if fact.what == "credit" else (None, "unknown")
        found = self._files(fact.message_id, fact.block_id)
        if len(found) != 1:
            return None, "unknown" if not found else "ambiguous"
        message_id, total = found[0]
        beyond = fact.amount_cents is not None and fact.amount_cents > total
        doubts = {
            "debit": "amount" if beyond else "",
            "return": "" if fact.amount_cents == total else "ambiguous",  # which came back?
            "credit": "unclear",  # nothing says that it is a return
        }
        why = doubts.get(fact.what, "")
        return (None, why) if why else (Target(message_id), "")

    def _by_amount(self, fact: AnswerFact) -> _Found:
        """A debit without any of our ids: the one file of that account, total and day."""
        rows = self._connection.execute(
            "SELECT message_id FROM file WHERE total_cents = ? AND debtor_iban = ?"
            " AND (? = '' OR abs(julianday(execution_date) - julianday(?)) <= 5)",
            (fact.amount_cents, fact.account_iban, fact.booked_on, fact.booked_on),
        ).fetchall()
        if len(rows) == 1:
            return Target(str(rows[0][0])), ""
        return None, "ambiguous" if rows else ""

    def _beside(self, fact: AnswerFact) -> _Found:
        """Costs, a credit taken back and what contradicts itself: about us only if it names us."""
        target = self._names(fact)
        if target is None:
            return self._mentioned(fact)
        exact = fact.amount_cents == self._amount(target)
        if fact.what == "reversal":
            return (target, "") if fact.booked and exact else (None, "reversal")
        return (target, "") if fact.what == "cost" and not exact else (None, "unclear")

    def _names(self, fact: AnswerFact) -> Target | None:
        """The payment, else the file, that bears an id of a fact."""
        if own := self._ids.payment(fact.end_to_end_id):
            row = self._connection.execute(
                "SELECT message_id FROM payment WHERE end_to_end_id = ?", (own,)
            ).fetchone()
            return Target(str(row[0]), own)
        for key in (fact.end_to_end_id, fact.block_id, fact.message_id):
            found = self._files(key) if key else []
            if len(found) == 1:
                return Target(found[0][0])
        return None

    def _amount(self, target: Target) -> int:
        if not target.end_to_end_id:
            return self._total(target)
        row = self._connection.execute(
            "SELECT amount_cents FROM payment WHERE end_to_end_id = ?", (target.end_to_end_id,)
        ).fetchone()
        return int(row[0])

    def _mentioned(self, fact: AnswerFact) -> _Found:
        """What only a text of the bank names: listed, unless it is a debit of just that amount."""
        payments, names = self._ids.mentioned(fact)
        if not payments and not names:
            return _NOTHING
        if fact.what == "debit" and len(payments) == 1 and fact.amount_cents is not None:
            found = self._payment(replace(fact, end_to_end_id=payments[0]))
            if found[0] is not None:
                return found
        return None, "mentioned"

    def _like_a_return(self, fact: AnswerFact) -> bool:
        """Whether a credit may give back a payment or a file of ours, though it names no id."""
        says = (fact.end_to_end_id, fact.counterparty_iban, fact.counterparty_name)
        silent = not any((*says, *fact.additional, *fact.mentions)) and fact.transactions in (
            None,
            1,
        )
        return bool(self._money_back.may_be(self._unmatched(fact, "proposal"), silent=silent))
