"""A payment order (pain.001) that lies among the bank's answers: what it is, and whose."""

from __future__ import annotations

from dataclasses import dataclass

from payroll.bank_status.recognise import is_xml
from payroll.bank_status.values import account, cleaned
from payroll.bank_status.xml import answer_records, answer_root, incomplete
from payroll.model.errors import DamagedInputError
from payroll.xml_records import Record, message_of

_HEADER, _BLOCK, _PAYMENT = "GrpHdr", "PmtInf", "PmtInf/CdtTrfTxInf"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """What an order says of itself. payments: as announced; total: as written, in its currency;
    days: of execution; debtors: IBANs of the accounts that it pays from.
    """

    version: str
    message_id: str
    payments: str
    total: str
    days: tuple[str, ...]
    debtors: tuple[str, ...]


def payment_order(name: str, content: bytes) -> PaymentOrder | None:
    """The order that a file is; None of any other file, which is for `read_answer` to name.

    Raises DamagedInputError as `answer_records` of an order that is damaged.
    """
    if not is_xml(content):
        return None
    try:
        kind, version, more = message_of(answer_root(name, content)[0])
    except DamagedInputError:
        return None
    if kind != "pain.001":
        return None
    records: list[Record] = []
    answer_records(name, content, (), (_HEADER, _BLOCK, _PAYMENT), records.append)
    headers = [record for record in records if record.path == _HEADER]
    blocks = [record for record in records if record.path == _BLOCK]
    if not headers:
        raise incomplete(name, _HEADER, "MsgId")
    header = headers[0]
    days = (block.one("ReqdExctnDt/Dt", "ReqdExctnDt/DtTm", "ReqdExctnDt") for block in blocks)
    return PaymentOrder(
        version=f"{version}{more}",
        message_id=cleaned(header.one("MsgId")),
        payments=cleaned(header.one("NbOfTxs")),
        total=cleaned(header.one("CtrlSum")),
        days=tuple(sorted({day[:10] for day in days if day})),
        debtors=tuple(sorted({account(block.one("DbtrAcct/Id/IBAN")) for block in blocks} - {""})),
    )
