"""What a bank answers: pain.002, camt.052 to camt.054 and CODA as one list of facts.

A fact says what the bank wrote, where, about which file, block or payment. What a code means stands
in rules/bank/answers.toml; which of our payments a fact is about is for the ledger to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from payroll.model.errors import Said

AnswerKind = Literal["pain.002", "camt.052", "camt.053", "camt.054", "coda"]
AnswerLevel = Literal["file", "block", "payment", "entry"]
AnswerWhat = Literal["status", "vop", "debit", "credit", "return", "reversal", "cost", "other"]

#: Verification of payee (ISO external status codes): never an acceptance, never a refusal.
VOP_CODES = frozenset({"RVNC", "RCVC", "RVCM", "RVMC", "RVNM", "RVNA"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFact:
    """One thing that the bank says. Texts are '' and figures None where the bank gives none.

    level: what it is about: our whole file, a payment block, one payment, or an entry on the
    account that books several payments at once. what: a `return` gives money of ours back, be it a
    payment that came back or a debit that the bank reversed; a `reversal` is a debit that takes a
    credit back. code: as written (RJCT, BOOK, a CODA transaction code as 1-01-05-000).
    amount_cents: never negative; None too when it is not in euro or holds parts of a cent.
    currency: of what moved or is spoken of, where it is not the euro; '' = in euro, or none given.
    transactions: how many payments an entry, block or file holds. booked: the money has moved on
    the account. booked_on: ISO day. reasons: ISO codes. additional: texts of the bank, cleaned and
    cut. mentions: ids that stand elsewhere than where the standard has ours. account_iban: of the
    statement, '' where it names none. entry: where the entry stands that a payment details. where:
    place in the answer, as `TxInfAndSts[3]` or `R17`.
    """

    level: AnswerLevel
    what: AnswerWhat
    code: str = ""
    message_id: str = ""
    block_id: str = ""
    end_to_end_id: str = ""
    amount_cents: int | None = None
    currency: str = ""
    transactions: int | None = None
    counterparty_iban: str = ""
    counterparty_name: str = ""
    booked: bool = False
    booked_on: str = ""
    bank_reference: str = ""
    reasons: tuple[str, ...] = ()
    additional: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    account_iban: str = ""
    entry: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLink:
    """What ties a statement to the one before and after it, on one account.

    number: its sequence number, '' where it has none. Balances in cents; days are ISO days.
    unexplained_cents: by how much its own entries do not lead from one balance to the other.
    """

    account_iban: str
    number: str
    opening_cents: int
    opening_on: str
    closing_cents: int
    closing_on: str
    unexplained_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAnswer:
    """One file of the bank, whole.

    answer_id: MsgId of a pain.002, id of a statement, file reference and sequence of a CODA; of
    several statements the first and how many follow, as `2205-01 (+2)`. created_at: as written.
    account_iban: '' for pain.002 and when the statements are of several accounts. sha256: of the
    exact bytes, in hexadecimal. remarks: what a person should know, in words of the catalogue.
    accounts: every account that a statement names. statements: of end-of-day statements, in order.
    """

    kind: AnswerKind
    version: str
    answer_id: str
    created_at: str
    account_iban: str
    original_message_id: str
    sha256: str
    facts: tuple[AnswerFact, ...]
    remarks: tuple[Said, ...] = ()
    accounts: tuple[str, ...] = ()
    statements: tuple[StatementLink, ...] = ()
