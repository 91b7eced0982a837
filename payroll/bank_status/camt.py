"""The report camt.052, the statement camt.053 and the notification camt.054, versions .01 to .13.

One reader reads them all: what has moved between the versions is found at each of its places. What
an entry is, is said in `camt_entries`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from payroll.bank_status.camt_entries import (
    Batch,
    account_of,
    batches_in,
    entry_facts,
    payment_fact,
    status_of,
)
from payroll.bank_status.values import Remarks, cents, cleaned, first_and_more, iso_day, one_account
from payroll.bank_status.xml import answer_records, incomplete
from payroll.model.answers import AnswerFact, AnswerKind, BankAnswer, StatementLink
from payroll.model.money import euros
from payroll.xml_records import Record

#: Kind -> (message element, statement element).
MESSAGES: dict[AnswerKind, tuple[str, str]] = {
    "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read_camt(name: str, content: bytes, kind: AnswerKind, version: str, sha256: str) -> BankAnswer:
    """Read one file. Raises DamagedInputError."""
    message, element = MESSAGES[kind]
    statements = _Statements(kind, element)
    named = (message, f"{message}V01")  # the first version wrote its number into the name
    answer_records(name, content, named, statements.paths(), statements.take)
    if statements.header is None or not statements.ids:
        missing = "GrpHdr" if statements.header is None else element
        raise incomplete(name, message, missing)
    remarks = statements.remarks
    account_iban = one_account(statements.accounts, remarks)
    return BankAnswer(
        kind=kind,
        version=version,
        answer_id=first_and_more(statements.ids),
        created_at=statements.header.one("CreDtTm"),
        account_iban=account_iban,
        original_message_id="",
        sha256=sha256,
        facts=tuple(statements.facts),
        remarks=remarks.all(),
        accounts=tuple(dict.fromkeys(statements.accounts)),
        statements=tuple(statements.links),
    )


@dataclass(slots=True)
class _CamtStatement:
    """The balances of one statement and what moved in it, in cents."""

    balances: dict[str, tuple[int, str]] = field(default_factory=dict)
    moved_cents: int | None = 0

    def move(self, amount_cents: int | None, direction: str) -> None:
        """Count a booked entry; what cannot be counted makes the check impossible."""
        if self.moved_cents is not None:
            signed = None if amount_cents is None else _signed(amount_cents, direction)
            self.moved_cents = None if signed is None else self.moved_cents + signed

    def balance(self, codes: tuple[str, ...]) -> tuple[int, str] | None:
        """(cents, day) of the first of these balances that was given."""
        return next((self.balances[code] for code in codes if code in self.balances), None)


class _Statements:
    """The facts of a file while it is read."""

    def __init__(self, kind: AnswerKind, element: str) -> None:
        self.kind, self.element = kind, element
        self.entry = f"{element}/Ntry"
        self.details = f"{self.entry}/NtryDtls"
        self.detail = f"{self.details}/TxDtls"
        self.bare_detail = f"{self.entry}/TxDtls"  # in version .01
        self.balance = f"{element}/Bal"
        self.header: Record | None = None
        self.ids: list[str] = []
        self.accounts: list[str] = []
        self.facts: list[AnswerFact] = []
        self.links: list[StatementLink] = []
        self.remarks = Remarks()
        self.statement = _CamtStatement()
        self.payments: list[AnswerFact] = []
        self.batches: list[Batch] = []

    def paths(self) -> tuple[str, ...]:
        """The elements that become records."""
        within = (self.details, self.detail, self.bare_detail)
        return ("GrpHdr", self.element, self.balance, self.entry, *within)

    def take(self, record: Record) -> None:
        """Turn one record into facts."""
        if record.path == "GrpHdr":
            self.header = record
        elif record.path in (self.detail, self.bare_detail):
            self._take_detail(record)
        elif record.path == self.details:
            self.batches += batches_in(record)
        elif record.path == self.entry:
            self._take_entry(record)
        elif record.path == self.balance:
            self._take_balance(record)
        else:
            self._take_statement(record)

    def _own(self, record: Record) -> str:
        return account_of(record.ancestor(self.element))

    def _take_detail(self, record: Record) -> None:
        entry = record.ancestor(self.entry)
        around = batches_in(record.within(self.details) or entry)
        batch = around[0] if len(around) == 1 else Batch("", "", "", "", "", "")
        self.payments.append(payment_fact(record, entry, batch, self.remarks, self._own(record)))

    def _take_entry(self, record: Record) -> None:
        batches = [*batches_in(record), *self.batches]
        facts = entry_facts(record, self.payments, batches, self.remarks, self._own(record))
        self.payments, self.batches = [], []
        self.facts += facts
        if status_of(record) == "BOOK":
            amount = record.one("Amt"), record.one("Amt@Ccy")
            moved = cents(*amount, record.place, Remarks())
            self.statement.move(moved, record.one("CdtDbtInd"))

    def _take_balance(self, record: Record) -> None:
        code = record.one("Tp/CdOrPrtry/Cd", "Tp/Cd")
        amount_cents = cents(record.one("Amt"), record.one("Amt@Ccy"), record.place, self.remarks)
        if code in (*_OPENING, *_CLOSING) and amount_cents is not None:
            signed = _signed(amount_cents, record.one("CdtDbtInd"))
            day = iso_day(record.one("Dt/Dt", "Dt/DtTm"), record.place)
            self.statement.balances[code] = (signed, day)

    def _take_statement(self, record: Record) -> None:
        self.ids.append(record.required("Id"))
        self.accounts.append(account_of(record))
        statement, self.statement = self.statement, _CamtStatement()
        if copy := record.one("CpyDplctInd"):
            self.remarks.say("answer_duplicate", code=cleaned(copy))
        pages = [record.one(f"{self.element}Pgntn/{name}") for name in ("LastPgInd", "PgNb")]
        if pages[0] == "false":
            self.remarks.say("answer_more_files")
        opening, closing = statement.balance(_OPENING), statement.balance(_CLOSING)
        if opening is None or closing is None:
            return
        number = cleaned(record.one("ElctrncSeqNb") or record.one("LglSeqNb"))
        self.remarks.say(
            "answer_statement",
            number=number or "-",
            opening=euros(opening[0]),
            opening_on=opening[1] or "-",
            closing=euros(closing[0]),
            closing_on=closing[1] or "-",
        )
        moved = statement.moved_cents
        left = 0 if moved is None else closing[0] - opening[0] - moved
        if self.kind == "camt.053" and pages[0] != "false" and pages[1] in ("", "1"):
            self.links.append(_link(self.accounts[-1], number, opening, closing, left))
        elif left:  # a page, or a part of a day, need not explain them
            self.remarks.say("answer_balance_differs", difference=euros(left))


def _signed(amount_cents: int, direction: str) -> int:
    return -amount_cents if direction == "DBIT" else amount_cents


def _link(
    account_iban: str,
    number: str,
    opening: tuple[int, str],
    closing: tuple[int, str],
    unexplained_cents: int,
) -> StatementLink:
    return StatementLink(
        account_iban=account_iban,
        number=number,
        opening_cents=opening[0],
        opening_on=opening[1],
        closing_cents=closing[0],
        closing_on=closing[1],
        unexplained_cents=unexplained_cents,
    )
