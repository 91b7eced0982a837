"""The facts of a payment file for the control sheet, from its bytes alone."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal

from payroll.model.errors import require
from payroll.model.file_facts import Block, FileFacts
from payroll.model.money import cents_from_decimal
from payroll.sepa.reader import read_message

NOT_PROVIDED = "NOTPROVIDED"


def file_facts(path: str, content: bytes) -> FileFacts:
    """Read a file as it lies in the run folder and add it up.

    Raises InvariantError for anything but a file of our grammar whose counts and sums are right.
    """
    message = read_message(content)
    header, payments = message.header, message.payments()
    count, total = len(payments), int(payments["amount_cents"].sum())
    block = Block(
        block_id=header["block_id"],
        count=int(header["block_count"]),
        total_cents=cents_from_decimal(Decimal(header["block_sum"])),
    )
    stated = (int(header["count"]), cents_from_decimal(Decimal(header["sum"])))
    right = stated == (count, total) == (block.count, block.total_cents)
    require(right, f"{path} states another number or sum than its payments come to")
    bic = header["debtor_bic"]
    return FileFacts(
        path=path,
        version=message.namespace.rpartition(":")[2],
        message_id=header["message_id"],
        created_at=datetime.fromisoformat(header["created_at"]),
        initiator_name=header["initiator_name"],
        initiator_id=header["initiator_id"],
        debtor_name=header["debtor_name"],
        debtor_iban=header["debtor_iban"],
        debtor_bic="" if bic == NOT_PROVIDED else bic,
        execution_date=date.fromisoformat(header["execution_date"]),
        category_purpose=header.get("category_purpose", ""),
        batch_booking=header["batch_booking"] == "true",
        blocks=(block,),
        lines=payments[["end_to_end_id", "amount_cents", "iban"]],
        count=count,
        total_cents=total,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
    )
