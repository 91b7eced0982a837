"""What a CODA movement is: a batch or one payment, a debit, a credit, a cost or a return.

Transaction code: type (1 digit), family (2), operation (2), category (3); bank-rules 9.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from payroll.bank_status.values import Remarks, cleaned, foreign, reason_codes, reference, texts
from payroll.model.answers import AnswerFact, AnswerLevel, AnswerWhat

#: Domestic or SEPA credit transfers, instant ones.
_TRANSFERS = frozenset({"01", "02"})
_COSTS_FAMILY, _COSTS_OPERATION = "80", "37"
#: Payment of wages, collective transfer: the total of a file of ours.
_BATCHES = frozenset({"05", "07"})
_UNEXECUTABLE = "54"
#: Cancellation or correction: of an operation of the debit side, of the credit side.
_CORRECTIONS = frozenset({"49", "99"})
#: R-transactions: reject, return, refund, reversal, cancellation.
_R_TYPES = frozenset("12345")
#: Totals (by the customer, by the bank), and the details that split an amount into its parts.
_TOTALS, _PARTS = frozenset("12"), frozenset("78")


@dataclass(slots=True)
class Movement:
    """One movement with its continuations; amounts in thousandths, debits negative."""

    sequence: str
    detail: str
    code: str
    thousandths: int
    bank_reference: str
    entry_day: str
    where: str
    communication: str = ""
    reference: str = ""
    r_type: str = ""
    r_reason: str = ""
    account: str = ""
    name: str = ""
    information: list[str] = field(default_factory=list)

    @property
    def is_detail(self) -> bool:
        """Whether it details the movement before it: its amount counts in no total."""
        return self.detail != "0000"

    @property
    def is_batch(self) -> bool:
        """Whether it books several payments at once."""
        return not self.is_detail and (self.code[0] in _TOTALS or self.code[3:5] in _BATCHES)

    @property
    def what(self) -> AnswerWhat:
        """The kind of movement, by its code and its sign."""
        kind, family, operation = self.code[0], self.code[1:3], self.code[3:5]
        if kind in _PARTS:
            return "other"
        if family == _COSTS_FAMILY or operation == _COSTS_OPERATION:
            return "cost" if self.thousandths < 0 else "credit"
        turned = operation in _CORRECTIONS or self.r_type in _R_TYPES
        if self.thousandths >= 0:
            came_back = operation == _UNEXECUTABLE or turned
            return "return" if family in _TRANSFERS and came_back else "credit"
        return "reversal" if turned else "debit"


def facts_of(
    main: Movement, details: list[Movement], currency: str, remarks: Remarks, own: str
) -> list[AnswerFact]:
    """One movement and its details. The parts of one amount (costs, exchange) are no payments.

    own: the account of the statement.
    """
    payments = [item for item in details if item.what != "other"]
    transactions = None
    if payments:
        transactions = len(payments)
        if sum(item.thousandths for item in payments) != main.thousandths:
            transactions = None
            remarks.count("answer_details_differ")
    level: AnswerLevel = "payment"
    if main.is_batch or payments or main.code[1:3] not in _TRANSFERS or main.what == "cost":
        level = "entry"
    facts = [_fact(main, level, currency, remarks, transactions=transactions)]
    for detail in details:
        block = main.reference if level == "entry" else ""
        fact = _fact(detail, "payment", currency, remarks, block_id=block)
        facts.append(replace(fact, entry=main.where))
    return [replace(fact, account_iban=own) for fact in facts]


def _fact(
    item: Movement,
    level: AnswerLevel,
    currency: str,
    remarks: Remarks,
    *,
    transactions: int | None = None,
    block_id: str = "",
) -> AnswerFact:
    returned = item.r_type in _R_TYPES or item.what == "return"
    whole = level == "entry"
    return AnswerFact(
        level=level,
        what=item.what,
        code="-".join((item.code[0], item.code[1:3], item.code[3:5], item.code[5:])),
        block_id=reference(item.reference) if whole else reference(block_id),
        end_to_end_id="" if whole else reference(item.reference),
        amount_cents=_cents(item.thousandths, currency, remarks),
        currency=foreign("0", currency),
        transactions=transactions,
        counterparty_iban=item.account,
        counterparty_name=cleaned(item.name),
        booked=True,
        booked_on=item.entry_day,
        bank_reference=item.bank_reference,
        reasons=reason_codes([item.r_reason]) if returned else (),
        additional=texts([item.communication, *item.information]),
        where=item.where,
    )


def _cents(thousandths: int, currency: str, remarks: Remarks) -> int | None:
    """The amount without its sign; None with a remark when not exact in euro."""
    if currency != "EUR":
        remarks.count("answer_not_euro")
        return None
    if thousandths % 10:
        remarks.count("answer_parts_of_a_cent")
        return None
    return abs(thousandths) // 10
