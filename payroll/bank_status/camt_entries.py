"""What an entry of a camt message and its details are: a batch, one payment, a return, a reversal.

An entry that books one payment is that payment: one fact. An entry that books several (a batch),
or tells no payment, is one fact of level `entry`, followed by one per payment; one that books
several batches is a fact per batch. A return is a credit that carries RtrInf or the sub-family
RRTN, or that the bank marks as the reversal of a debit (RvslInd); a debit so marked takes a credit
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from payroll.bank_status.values import (
    Remarks,
    account,
    cents,
    cleaned,
    foreign,
    iso_day,
    reason_codes,
    reference,
    texts,
    whole_number,
)
from payroll.model.answers import AnswerFact, AnswerWhat
from payroll.xml_records import Record

_RETURN_SUB_FAMILIES = frozenset({"RRTN"})
_COST_SUB_FAMILIES = frozenset({"CHRG", "COMM", "FEES"})
_SUB_FAMILY = "BkTxCd/Domn/Fmly/SubFmlyCd"
_DETAIL_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
_CREDITOR_REFERENCES = ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
_ACCOUNTS = ("IBAN", "BBAN", "Othr/Id", "PrtryAcct/Id")
#: Places where a bank may put an id of ours that has its own place.
_MENTIONS = ("Refs/InstrId", "Refs/TxId", "Refs/ChqNb", "Refs/ClrSysRef", *_CREDITOR_REFERENCES)


@dataclass(frozen=True, slots=True)
class Batch:
    """What an entry says of one of the batches that it books; '' where it says nothing."""

    message_id: str
    block_id: str
    count: str
    total: str
    currency: str
    where: str

    @property
    def is_named(self) -> bool:
        """Whether it says anything."""
        return bool(self.message_id or self.block_id or self.count)


def batches_in(record: Record) -> list[Batch]:
    """The batches of an entry's details, or of the entry itself (version .01), in their order."""
    names = ("MsgId", "PmtInfId", "NbOfTxs", "TtlAmt", "TtlAmt@Ccy")
    columns = [record.values.get(f"Btch/{name}", []) for name in names]
    rows = list(zip_longest(*columns, fillvalue="")) or [("", "", "", "", "")]
    return [
        Batch(message_id, block_id, count, total, currency, record.where)
        for message_id, block_id, count, total, currency in rows
    ]


def account_of(statement: Record) -> str:
    """The account of a statement, as an IBAN; '' when it names none that is one."""
    return account(statement.one(*(f"Acct/Id/{kind}" for kind in _ACCOUNTS)))


def status_of(entry: Record) -> str:
    """BOOK, PDNG, ...: its code in every version.

    What a statement (camt.053) gives a booking day and no status is booked; a report of the day or
    a notification may announce a day, so there a status is asked for.
    """
    places = ("Sts", "Sts/Cd", "Sts/Prtry")
    booked = entry.path.startswith("Stmt/") and _booked_on(entry)
    return entry.one(*places) or ("BOOK" if booked else entry.required(*places))


def _currency(entry: Record) -> str:
    """The currency in which an entry moved the account, where it is not the euro."""
    return foreign(entry.required("Amt"), entry.one("Amt@Ccy"))


def entry_facts(
    entry: Record, payments: list[AnswerFact], batches: Sequence[Batch], remarks: Remarks, own: str
) -> list[AnswerFact]:
    """The facts of one entry. own: the account of its statement."""
    direction, code = entry.required("CdtDbtInd"), status_of(entry)
    amount_cents = cents(entry.required("Amt"), entry.one("Amt@Ccy"), entry.place, remarks)
    named = [batch for batch in batches if batch.is_named]
    words, mentions = entry.every("AddtlNtryInf"), texts(entry.every("NtryRef"))
    whole = AnswerFact(
        level="entry",
        what=_what(entry, direction, ""),
        code=code,
        amount_cents=amount_cents,
        currency=_currency(entry),
        booked=code == "BOOK",
        booked_on=_booked_on(entry),
        bank_reference=entry.one("AcctSvcrRef"),
        additional=texts(words),
        mentions=mentions,
        account_iban=own,
        where=entry.where,
    )
    if len(named) > 1:
        return [*(_of_batch(whole, batch, remarks) for batch in named), *payments]
    batch = named[0] if named else Batch("", "", "", "", "", "")
    count = whole_number(batch.count, entry.place)
    is_total = len(payments) == 1 and _is_total(payments[0])
    if len(payments) == 1 and count in (None, 1) and not is_total:
        alone = payments[0]
        if alone.amount_cents is None:
            alone = replace(alone, amount_cents=amount_cents)
        return [
            replace(
                alone,
                entry="",
                additional=texts([*alone.additional, *words]),
                mentions=texts([*alone.mentions, *mentions]),
            )
        ]
    whole = replace(
        whole,
        message_id=reference(batch.message_id) or _shared(item.message_id for item in payments),
        block_id=reference(batch.block_id) or _shared(item.block_id for item in payments),
        transactions=count or (None if is_total else len(payments) or None),
    )
    return [whole, *(() if is_total else payments)]


def _of_batch(whole: AnswerFact, batch: Batch, remarks: Remarks) -> AnswerFact:
    """One of several batches that an entry books together, with the total that is its own."""
    return replace(
        whole,
        message_id=reference(batch.message_id),
        block_id=reference(batch.block_id),
        transactions=whole_number(batch.count, batch.where),
        amount_cents=cents(batch.total, batch.currency, batch.where, remarks),
        entry=whole.where,
        where=batch.where,
    )


def payment_fact(
    detail: Record, entry: Record, batch: Batch, remarks: Remarks, own: str
) -> AnswerFact:
    """One payment that an entry details. batch: what the details around it say."""
    direction, code = entry.required("CdtDbtInd"), status_of(entry)
    turned = detail.one("CdtDbtInd")
    what: AnswerWhat = "other"
    if turned in ("", direction):
        what = _what(entry, direction, _returned(detail))
    else:
        remarks.count("answer_direction_differs")
    amount = _amount_path(detail)
    iban, party = _counterparty(detail, what, own)
    return AnswerFact(
        level="payment",
        what=what,
        code=code,
        message_id=reference(detail.one("Refs/MsgId") or batch.message_id),
        block_id=reference(detail.one("Refs/PmtInfId") or batch.block_id),
        end_to_end_id=reference(detail.one("Refs/EndToEndId")),
        amount_cents=cents(detail.one(amount), detail.one(f"{amount}@Ccy"), detail.place, remarks),
        currency=_currency(entry),
        counterparty_iban=iban,
        counterparty_name=party,
        booked=code == "BOOK",
        booked_on=_booked_on(entry),
        bank_reference=detail.one("Refs/AcctSvcrRef") or entry.one("AcctSvcrRef"),
        reasons=reason_codes(detail.every("RtrInf/Rsn/Cd", "RtrInf/RtrRsn/Cd")),
        additional=texts(
            detail.every(
                "RtrInf/Rsn/Prtry",
                "RtrInf/RtrRsn/Prtry",
                "RtrInf/AddtlInf",
                "RtrInf/AddtlRtrRsnInf",
                "RmtInf/Ustrd",
                "AddtlTxInf",
            )
        ),
        mentions=texts(detail.every(*_MENTIONS)),
        account_iban=own,
        entry=entry.where,
        where=detail.where,
    )


def _amount_path(detail: Record) -> str:
    """Where a payment's amount stands: in euro, wherever that is, else the first there is."""
    given = [path for path in _DETAIL_AMOUNTS if detail.one(path)]
    in_euro = [path for path in given if detail.one(f"{path}@Ccy") == "EUR"]
    return next(iter([*in_euro, *given]), "Amt")


def _is_total(payment: AnswerFact) -> bool:
    """Whether a detail names a block and no payment: it tells of the entry as a whole."""
    names_payment = payment.end_to_end_id or payment.counterparty_iban or payment.reasons
    return bool(payment.block_id) and not names_payment


def _shared(ids: Iterable[str]) -> str:
    """The id that all of them are, else ''."""
    found = set(ids)
    return found.pop() if len(found) == 1 else ""


def _booked_on(entry: Record) -> str:
    return iso_day(entry.one("BookgDt/Dt", "BookgDt/DtTm"), entry.place)


def _returned(detail: Record) -> str:
    """A sub-family for what the detail itself says of a return."""
    if any(path.startswith("RtrInf/") for path in detail.values):
        return "RRTN"
    return detail.one(_SUB_FAMILY)


def _what(entry: Record, direction: str, of_detail: str) -> AnswerWhat:
    """The kind of an entry, or of one of its details."""
    families = {entry.one(_SUB_FAMILY), of_detail}
    turned = bool(families & _RETURN_SUB_FAMILIES) or entry.one("RvslInd") in ("true", "1")
    if direction == "CRDT":
        return "return" if turned else "credit"
    if direction != "DBIT":
        raise entry.missing("CdtDbtInd")
    if turned:
        return "reversal"
    return "cost" if families & _COST_SUB_FAMILIES else "debit"


def _counterparty(detail: Record, what: AnswerWhat, own: str) -> tuple[str, str]:
    """(IBAN, name) of the other side: who is paid, or who paid; of a return who had been paid."""
    sides = ("Dbtr", "Cdtr") if what == "credit" else ("Cdtr", "Dbtr")
    found = [
        (
            account(detail.one(*(f"RltdPties/{side}Acct/Id/{kind}" for kind in _ACCOUNTS))),
            cleaned(detail.one(f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm")),
        )
        for side in sides
    ]
    other = [pair for pair in found if pair[0] != own or not own]
    return next((pair for pair in other if pair[0]), other[0] if other else ("", ""))
