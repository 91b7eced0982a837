"""The statement camt.053 and the notification camt.054, of 2009 (.02) and 2019 (.08).

An entry that books one payment is that payment: one fact. An entry that books several (a batch), or
tells no payment, is one fact of level `entry`, followed by one per payment. A return is a credit
that carries RtrInf or the sub-family RRTN, with the EndToEndId of the payment that came back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from payroll.bank_status.values import (
    Remarks,
    account,
    cents,
    cleaned,
    first_and_more,
    iso_day,
    one_account,
    reason_codes,
    reference,
    texts,
    whole_number,
)
from payroll.bank_status.xml import answer_records, incomplete
from payroll.model.answers import AnswerFact, AnswerKind, AnswerWhat, BankAnswer
from payroll.model.money import euros
from payroll.xml_records import Record

#: Kind -> (message element, statement element).
MESSAGES: dict[AnswerKind, tuple[str, str]] = {
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_RETURN_SUB_FAMILIES = frozenset({"RRTN"})
_COST_SUB_FAMILIES = frozenset({"CHRG", "COMM", "FEES"})
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_SUB_FAMILY = "BkTxCd/Domn/Fmly/SubFmlyCd"


def read_camt(name: str, content: bytes, kind: AnswerKind, version: str, sha256: str) -> BankAnswer:
    """Read one file. Raises DamagedInputError."""
    message, element = MESSAGES[kind]
    statements = _Statements(element)
    answer_records(name, content, message, statements.paths(), statements.take)
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

    def __init__(self, element: str) -> None:
        self.element = element
        self.entry = f"{element}/Ntry"
        self.details = f"{self.entry}/NtryDtls"
        self.detail = f"{self.details}/TxDtls"
        self.balance = f"{element}/Bal"
        self.header: Record | None = None
        self.ids: list[str] = []
        self.accounts: list[str] = []
        self.facts: list[AnswerFact] = []
        self.remarks = Remarks()
        self.statement = _CamtStatement()
        self.payments: list[AnswerFact] = []
        self.batches: Counter[tuple[str, str, str]] = Counter()

    def paths(self) -> tuple[str, ...]:
        """The elements that become records."""
        return ("GrpHdr", self.element, self.balance, self.entry, self.details, self.detail)

    def take(self, record: Record) -> None:
        """Turn one record into facts."""
        if record.path == "GrpHdr":
            self.header = record
        elif record.path == self.detail:
            self.payments.append(self._payment(record))
        elif record.path == self.details:
            self.batches[_batch(record)] += 1
        elif record.path == self.entry:
            self._take_entry(record)
        elif record.path == self.balance:
            self._take_balance(record)
        else:
            self._take_statement(record)

    def _take_entry(self, record: Record) -> None:
        direction, code = record.required("CdtDbtInd"), _status(record)
        amount_cents = cents(
            record.required("Amt"), record.one("Amt@Ccy"), record.place, self.remarks
        )
        batches = [batch for batch in self.batches if any(batch)]
        message_id, block_id, said = batches[0] if len(batches) == 1 else ("", "", "")
        payments, self.payments = self.payments, []
        self.batches = Counter()
        count = whole_number(said, record.place)
        if code == "BOOK":
            self.statement.move(amount_cents, direction)
        words = record.every("AddtlNtryInf")
        is_total = len(payments) == 1 and _is_total(payments[0])
        if len(payments) == 1 and count in (None, 1) and not is_total:
            alone = payments[0]
            if alone.amount_cents is None:
                alone = replace(alone, amount_cents=amount_cents)
            self.facts.append(replace(alone, additional=texts([*alone.additional, *words])))
            return
        self.facts.append(
            AnswerFact(
                level="entry",
                what=_what(record, direction, ""),
                code=code,
                message_id=reference(message_id) or _shared(item.message_id for item in payments),
                block_id=reference(block_id) or _shared(item.block_id for item in payments),
                amount_cents=amount_cents,
                transactions=count or (None if is_total else len(payments) or None),
                booked=code == "BOOK",
                booked_on=_booked_on(record),
                bank_reference=record.one("AcctSvcrRef"),
                additional=texts(words),
                where=record.where,
            )
        )
        self.facts += () if is_total else payments

    def _payment(self, record: Record) -> AnswerFact:
        details, entry = record.ancestor(self.details), record.ancestor(self.entry)
        direction, code = entry.required("CdtDbtInd"), _status(entry)
        own = record.one("CdtDbtInd")
        what: AnswerWhat = "other"
        if own in ("", direction):
            what = _what(entry, direction, _returned(record))
        else:
            self.remarks.count("answer_direction_differs")
        amount = next(
            (
                path
                for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
                if record.one(path)
            ),
            "Amt",
        )
        iban, party = _counterparty(record, what, account(_account(record.ancestor(self.element))))
        return AnswerFact(
            level="payment",
            what=what,
            code=code,
            message_id=reference(record.one("Refs/MsgId") or details.one("Btch/MsgId")),
            block_id=reference(record.one("Refs/PmtInfId") or details.one("Btch/PmtInfId")),
            end_to_end_id=reference(record.one("Refs/EndToEndId")),
            amount_cents=cents(
                record.one(amount), record.one(f"{amount}@Ccy"), record.place, self.remarks
            ),
            counterparty_iban=iban,
            counterparty_name=party,
            booked=code == "BOOK",
            booked_on=_booked_on(entry),
            bank_reference=record.one("Refs/AcctSvcrRef") or entry.one("AcctSvcrRef"),
            reasons=reason_codes(record.every("RtrInf/Rsn/Cd")),
            additional=texts(
                record.every("RtrInf/Rsn/Prtry", "RtrInf/AddtlInf", "RmtInf/Ustrd", "AddtlTxInf")
            ),
            where=record.where,
        )

    def _take_balance(self, record: Record) -> None:
        code = record.one("Tp/CdOrPrtry/Cd")
        amount_cents = cents(record.one("Amt"), record.one("Amt@Ccy"), record.place, self.remarks)
        if code in (*_OPENING, *_CLOSING) and amount_cents is not None:
            signed = _signed(amount_cents, record.one("CdtDbtInd"))
            day = iso_day(record.one("Dt/Dt", "Dt/DtTm"), record.place)
            self.statement.balances[code] = (signed, day)

    def _take_statement(self, record: Record) -> None:
        self.ids.append(record.required("Id"))
        self.accounts.append(account(_account(record)))
        statement, self.statement = self.statement, _CamtStatement()
        if copy := record.one("CpyDplctInd"):
            self.remarks.say("answer_duplicate", code=cleaned(copy))
        if record.one("StmtPgntn/LastPgInd", "NtfctnPgntn/LastPgInd") == "false":
            self.remarks.say("answer_more_files")
        opening, closing = statement.balance(_OPENING), statement.balance(_CLOSING)
        if opening is None or closing is None:
            return
        self.remarks.say(
            "answer_statement",
            number=cleaned(record.one("ElctrncSeqNb") or record.one("LglSeqNb")) or "-",
            opening=euros(opening[0]),
            opening_on=opening[1] or "-",
            closing=euros(closing[0]),
            closing_on=closing[1] or "-",
        )
        moved = statement.moved_cents
        if moved is not None and opening[0] + moved != closing[0]:
            self.remarks.say(
                "answer_balance_differs", difference=euros(closing[0] - opening[0] - moved)
            )


def _is_total(payment: AnswerFact) -> bool:
    """Whether a detail names a block and no payment: it tells of the entry as a whole."""
    names_payment = payment.end_to_end_id or payment.counterparty_iban or payment.reasons
    return bool(payment.block_id) and not names_payment


def _shared(ids: Iterable[str]) -> str:
    """The id that all of them are, else ''."""
    found = set(ids)
    return found.pop() if len(found) == 1 else ""


def _signed(amount_cents: int, direction: str) -> int:
    return -amount_cents if direction == "DBIT" else amount_cents


def _account(record: Record) -> str:
    return record.one("Acct/Id/IBAN") or record.one("Acct/Id/Othr/Id")


def _batch(record: Record) -> tuple[str, str, str]:
    return record.one("Btch/MsgId"), record.one("Btch/PmtInfId"), record.one("Btch/NbOfTxs")


def _status(entry: Record) -> str:
    return entry.required("Sts", "Sts/Cd", "Sts/Prtry")


def _booked_on(entry: Record) -> str:
    return iso_day(entry.one("BookgDt/Dt", "BookgDt/DtTm"), entry.place)


def _returned(record: Record) -> str:
    """A sub-family for what the detail itself says of a return."""
    if any(path.startswith("RtrInf/") for path in record.values):
        return "RRTN"
    return record.one(_SUB_FAMILY)


def _what(entry: Record, direction: str, of_detail: str) -> AnswerWhat:
    """The kind of an entry, or of one of its details."""
    families = {entry.one(_SUB_FAMILY), of_detail}
    if direction == "CRDT":
        return "return" if families & _RETURN_SUB_FAMILIES else "credit"
    if direction != "DBIT":
        raise entry.missing("CdtDbtInd")
    return "cost" if families & _COST_SUB_FAMILIES else "debit"


def _counterparty(record: Record, what: AnswerWhat, own: str) -> tuple[str, str]:
    """(IBAN, name) of the other side: who is paid, or who paid; of a return who had been paid."""
    sides = ("Dbtr", "Cdtr") if what == "credit" else ("Cdtr", "Dbtr")
    found = [
        (
            account(record.one(f"RltdPties/{side}Acct/Id/IBAN")),
            cleaned(record.one(f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm")),
        )
        for side in sides
    ]
    other = [pair for pair in found if pair[0] != own or not own]
    return next((pair for pair in other if pair[0]), other[0] if other else ("", ""))
