"""The customer payment status report: pain.002.001.03 (ISO 2009) to .14.

A reason may stand at any of the three levels; all are kept. What is not in a report is not said:
absence is no acceptance (bank-rules 9.1).
"""

from __future__ import annotations

from typing import Literal

from payroll.bank_status.values import (
    Remarks,
    account,
    cents,
    cleaned,
    foreign,
    reason_codes,
    reference,
    texts,
    whole_number,
)
from payroll.bank_status.xml import answer_records, incomplete
from payroll.model.answers import VOP_CODES, AnswerFact, AnswerLevel, BankAnswer
from payroll.xml_records import Record

MESSAGE = "CstmrPmtStsRpt"
_HEADER = "GrpHdr"
_GROUP = "OrgnlGrpInfAndSts"
_GROUP_COUNT = f"{_GROUP}/NbOfTxsPerSts"
_BLOCK = "OrgnlPmtInfAndSts"
_BLOCK_COUNT = f"{_BLOCK}/NbOfTxsPerSts"
_PAYMENT = f"{_BLOCK}/TxInfAndSts"


def read_pain002(name: str, content: bytes, version: str, sha256: str) -> BankAnswer:
    """Read one report. Raises DamagedInputError."""
    report = _Report()
    answer_records(name, content, (MESSAGE,), report.takers(), report.take)
    if report.header is None or report.group is None:
        missing = _HEADER if report.header is None else _GROUP
        raise incomplete(name, MESSAGE, missing)
    return BankAnswer(
        kind="pain.002",
        version=version,
        answer_id=report.header.required("MsgId"),
        created_at=report.header.one("CreDtTm"),
        account_iban="",
        original_message_id=report.group.required("OrgnlMsgId"),
        sha256=sha256,
        facts=(*report.files, *report.blocks, *report.payments),
        remarks=report.remarks.all(),
    )


class _Report:
    """The facts of one report while it is read."""

    def __init__(self) -> None:
        self.header: Record | None = None
        self.group: Record | None = None
        self.files: list[AnswerFact] = []
        self.blocks: list[AnswerFact] = []
        self.payments: list[AnswerFact] = []
        self.remarks = Remarks()

    def takers(self) -> tuple[str, ...]:
        """The elements that become records."""
        return (_HEADER, _GROUP, _GROUP_COUNT, _BLOCK, _BLOCK_COUNT, _PAYMENT)

    def take(self, record: Record) -> None:
        """Turn one record into facts."""
        if record.path == _HEADER:
            self.header = record
        elif record.path == _GROUP:
            self._take_group(record)
        elif record.path == _BLOCK:
            self._take_block(record)
        elif record.path == _PAYMENT:
            self._take_payment(record)
        elif count := whole_number(record.one("DtldNbOfTxs"), record.place):
            code = cleaned(record.one("DtldSts"))
            self.remarks.say("answer_count_per_status", code=code, count=count)

    def _message_id(self, record: Record) -> str:
        if self.group is None:
            raise record.missing(f"{_GROUP}/OrgnlMsgId")
        return self.group.required("OrgnlMsgId")

    def _take_group(self, record: Record) -> None:
        if self.group is not None:
            raise record.twice(_GROUP)
        self.group = record
        self._take_whole("file", record, record.one("GrpSts"), self.files)

    def _take_block(self, record: Record) -> None:
        record.required("OrgnlPmtInfId")
        self._take_whole("block", record, record.one("PmtInfSts"), self.blocks)

    def _take_whole(
        self, level: AnswerLevel, record: Record, code: str, facts: list[AnswerFact]
    ) -> None:
        """Our file or one block; without a code and a reason nothing is said of it."""
        reasons, additional = _reasons(record)
        if not (code or reasons or additional):
            return
        facts.append(
            AnswerFact(
                level=level,
                what=_what(code),
                code=code,
                message_id=self._message_id(record),
                block_id=record.one("OrgnlPmtInfId"),
                # The control sum of our own file, which is in euro.
                amount_cents=cents(record.one("OrgnlCtrlSum"), "EUR", record.place, self.remarks),
                transactions=whole_number(record.one("OrgnlNbOfTxs"), record.place),
                reasons=reasons,
                additional=additional,
                where=record.where,
            )
        )

    def _take_payment(self, record: Record) -> None:
        code = record.one("TxSts")
        reasons, additional = _reasons(record)
        amount = "OrgnlTxRef/Amt/InstdAmt"
        currency = record.one(f"{amount}@Ccy")
        self.payments.append(
            AnswerFact(
                level="payment",
                what=_what(code),
                code=code,
                message_id=self._message_id(record),
                block_id=record.ancestor(_BLOCK).required("OrgnlPmtInfId"),
                end_to_end_id=reference(record.one("OrgnlEndToEndId")),
                amount_cents=cents(record.one(amount), currency, record.place, self.remarks),
                currency=foreign(record.one(amount), currency),
                counterparty_iban=account(record.one("OrgnlTxRef/CdtrAcct/Id/IBAN")),
                counterparty_name=cleaned(
                    record.one("OrgnlTxRef/Cdtr/Pty/Nm", "OrgnlTxRef/Cdtr/Nm")
                ),
                bank_reference=record.one("AcctSvcrRef"),
                reasons=reasons,
                additional=additional,
                where=record.where,
            )
        )


def _what(code: str) -> Literal["vop", "status"]:
    return "vop" if code in VOP_CODES else "status"


def _reasons(record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(ISO codes, what the bank adds: its own codes and its words) of one level."""
    codes = reason_codes(record.every("StsRsnInf/Rsn/Cd"))
    return codes, texts(record.every("StsRsnInf/Rsn/Prtry", "StsRsnInf/AddtlInf"))
