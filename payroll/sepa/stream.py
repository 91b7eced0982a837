"""Volume: sepaxml builds the skeleton and a prototype per shape; rows are streamed between.

The bytes are those of the plain adapter (PaymentMessage); a property test holds them equal.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from payroll.model.errors import require
from payroll.sepa.adapter import OLD_VERSION, MessageHeader, PaymentMessage, Transaction, issuer

_BEGIN, _END = "<CdtTrfTxInf>", "</CdtTrfTxInf>"
_COUNT = b"<NbOfTxs>1</NbOfTxs>"
_BUFFERED = 2_000

#: A header for the prototypes: nothing of it stands in a transaction.
_PROTOTYPE = MessageHeader(
    version=OLD_VERSION,
    message_id="M",
    payment_information_id="P",
    created_at=datetime(2022, 1, 1),  # noqa: DTZ001 - local time, as the message has it
    initiator_id="0",
    debtor_name="D",
    debtor_iban="I",
    debtor_bic="",
    execution_date=date.min,
    batch_booking=True,
)


def write_plainly(header: MessageHeader, transactions: Iterable[Transaction]) -> bytes:
    """Every transaction through sepaxml: the oracle of `write_message`."""
    message = PaymentMessage(header)
    for transaction in transactions:
        message.add(transaction)
    return message.export()


def write_message(header: MessageHeader, transactions: Sequence[Transaction]) -> bytes:
    """The file's bytes. Raises InvariantError for no payment, or an amount that is not positive."""
    require(bool(transactions), "a payment file without payments")
    require(all(item.amount_cents > 0 for item in transactions), "an amount is not positive")
    total = sum(item.amount_cents for item in transactions)
    stub = transactions[0]._replace(amount_cents=total)
    head, rest = write_plainly(header, [stub]).split(_BEGIN.encode(), 1)
    foot = rest.split(_END.encode(), 1)[1]
    require(head.count(_COUNT) == 2, "the skeleton does not count its transactions twice")
    buffer = io.BytesIO()
    buffer.write(head.replace(_COUNT, b"<NbOfTxs>%d</NbOfTxs>" % len(transactions)))
    for start in range(0, len(transactions), _BUFFERED):
        part = transactions[start : start + _BUFFERED]
        buffer.write("".join(map(_row, part)).encode())
    buffer.write(foot)
    return buffer.getvalue()


def _row(item: Transaction) -> str:
    cents, reference = item.amount_cents, item.reference
    texts = [
        escape(item.end_to_end_id),
        f"{cents // 100}.{cents % 100:02d}",
        escape(item.name),
        escape(item.iban),
    ]
    if reference or item.remittance:
        texts.append(escape(reference or item.remittance))
    kind = issuer(reference) if reference else "TEXT" if item.remittance else ""
    return _template(item.purpose, kind) % tuple(texts)


@lru_cache(maxsize=256)
def _template(purpose: str, remittance_kind: str) -> str:
    """The transaction as sepaxml writes it, with %s for what differs from row to row."""
    prototype = Transaction(
        "@ID@",
        1,
        "@NAME@",
        "@IBAN@",
        "@TEXT@" if remittance_kind == "TEXT" else "",
        {"BBA": "000000000097", "ISO": "RF@REF@"}.get(remittance_kind, ""),
        purpose,
    )
    written = write_plainly(_PROTOTYPE, [prototype]).decode()
    row = _BEGIN + written.split(_BEGIN, 1)[1].split(_END, 1)[0] + _END
    row = row.replace("%", "%%")
    marks = [f">{mark}<" for mark in ("@ID@", "0.01", "@NAME@", "@IBAN@")]
    last = prototype.reference or prototype.remittance
    for mark in [*marks, f">{last}<"] if last else marks:
        require(row.count(mark) == 1, "the prototype does not hold each text once")
        row = row.replace(mark, ">%s<")
    return row
