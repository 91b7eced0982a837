"""Last month's payment file as the bank holds it: pain.001 of any software, read without trust.

ISO 20022 pain.001.001.02 to .13, and its Swiss and German dialects: the names of the elements are
those of the standard, the prefix and the version are the sender's.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import pandas as pd

from payroll.ingest.rows import SourceRead
from payroll.ingest.totals import summary_of
from payroll.model.errors import DamagedInputError
from payroll.model.findings import Finding, SubjectKind, finding
from payroll.model.identifiers import compact_iban
from payroll.model.money import LINE_CENTS_MAX, euros
from payroll.model.order import SourceOrder
from payroll.model.tables import BANK_PAYMENT_ROWS, SourceSummary
from payroll.xml_records import Record, XmlLimits, message_of, read_records, root_of

SET_ASIDE, HEADER_DIFFERS = "ING-012", "ING-020"
PAYMENTS_MAX = 1_000_000
#: The longest text that is kept: names have 140 characters at most, a remittance 140 per line.
_TEXT_MAX = 560
#: Versions of ISO 20022, and German variants that have their elements.
_VERSION = re.compile(r"001\.(?:0[2-9]|1[0-3])|00[23]\.0[23]")
_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{0,2})0*)?")
_COUNT = re.compile(r"[0-9]{1,15}")
_HEADER, _BLOCK = "GrpHdr", "PmtInf"
_PAYMENT = f"{_BLOCK}/CdtTrfTxInf"
#: What is read of each record: name -> the paths at which the versions of the message have it.
_TOTALS = {"count": "NbOfTxs", "sum": "CtrlSum"}
_TEXTS: Mapping[str, Mapping[str, str]] = {
    _HEADER: _TOTALS,
    _BLOCK: _TOTALS
    | {
        "id": "PmtInfId",
        "day": "ReqdExctnDt/Dt ReqdExctnDt/DtTm ReqdExctnDt",
        "debtor_iban": "DbtrAcct/Id/IBAN",
        "category": "PmtTpInf/CtgyPurp/Cd",
    },
    _PAYMENT: {
        "end_to_end_id": "PmtId/EndToEndId",
        "amount": "Amt/InstdAmt",
        "currency": "Amt/InstdAmt@Ccy",
        "equivalent": "Amt/EqvtAmt/Amt",
        "name": "Cdtr/Nm",
        "ultimate_name": "UltmtCdtr/Nm",
        "iban": "CdtrAcct/Id/IBAN",
        "category": "PmtTpInf/CtgyPurp/Cd Purp/Cd",
    },
}
_GRAMMAR = {
    record: {name: tuple(paths.split()) for name, paths in texts.items()}
    for record, texts in _TEXTS.items()
}
_REMITTANCE = ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
_LIMITS = XmlLimits(
    elements=50_000_000,
    records=2 * PAYMENTS_MAX,
    doctype="bank_xml_dtd",
    beyond="bank_xml_damaged",
    malformed="bank_xml_damaged",
    missing="bank_xml_damaged",
    twice="bank_xml_damaged",
    long="bank_xml_damaged",
)


@dataclass(slots=True)
class _Reading:
    """The rows read so far, what was set aside, and what the headers say against what was read."""

    source: SourceOrder
    columns: dict[str, list[object]] = field(
        default_factory=lambda: {name: [] for name in BANK_PAYMENT_ROWS.columns}
    )
    findings: list[Finding] = field(default_factory=list)
    header: Mapping[str, str] = field(default_factory=dict)
    payments: list[Mapping[str, str]] = field(default_factory=list)  # of the block that is open
    block_ids: set[str] = field(default_factory=set)
    rows_read: int = 0
    read_cents: int = 0
    excluded_cents: int = 0
    unread: int = 0


def read_bank_file(
    source: SourceOrder, content: bytes
) -> tuple[pd.DataFrame, SourceRead, SourceSummary]:
    """(BANK_PAYMENT_ROWS without payees, what is said of the others, summary) of one file.

    A payment that is not in euro, or whose amount is none, is set aside with ING-012; header totals
    (NbOfTxs, CtrlSum) that differ from what was read are ING-020. Raises DamagedInputError:
    bank_too_many, bank_not_xml, bank_xml_damaged, bank_xml_dtd, bank_xml_other, bank_no_payment.
    """
    reading = _Reading(source)
    _require_pain001(source.file, content)
    read_records(source.file, content, (), _GRAMMAR, partial(_record, reading), limits=_LIMITS)
    _compare(reading, _HEADER, reading.header, reading.rows_read, reading.read_cents)
    if not reading.rows_read:
        raise DamagedInputError("bank_no_payment", where=source.file)
    frame = BANK_PAYMENT_ROWS.conform(
        pd.DataFrame(
            {
                name: pd.Series(reading.columns[name], dtype=dtype)
                for name, dtype in BANK_PAYMENT_ROWS.columns.items()
            }
        )
    )
    return told(
        source,
        frame,
        reading.findings,
        sha256=hashlib.sha256(content).hexdigest(),
        rows_read=reading.rows_read,
        excluded_cents=reading.excluded_cents,
        unread=reading.unread,
    )


def told(
    source: SourceOrder,
    frame: pd.DataFrame,
    findings: list[Finding],
    *,
    sha256: str,
    rows_read: int,
    excluded_cents: int,
    unread: int = 0,
) -> tuple[pd.DataFrame, SourceRead, SourceSummary]:
    """The payments of a file of the bank, what is said of the others, and its summary."""
    read = SourceRead(
        frame=frame,
        rows_read=rows_read,
        header_row=0,
        headings={},
        excluded_cents={"amount": excluded_cents},
        nameless=rows_read - len(frame),
        unread={"amount": unread} if unread else {},
        findings=findings,
    )
    return frame, read, summary_of(source, read, sha256)


def _require_pain001(file: str, content: bytes) -> None:
    """Refuse what is no pain.001 before anything of it is read."""
    if b"<" not in content[:4096]:
        raise DamagedInputError("bank_not_xml", where=file)
    namespace, root = root_of(file, content, _LIMITS)
    kind, version, _ = message_of(namespace)
    if kind != "pain.001" or not _VERSION.fullmatch(version):
        found = re.sub(r"[^\w.:-]", "?", namespace.rpartition(":")[2] or root)[:40]
        raise DamagedInputError("bank_xml_other", where=file, found=found)


def _record(reading: _Reading, record: Record) -> None:
    grammar = _GRAMMAR[record.path]
    found = {name: _clean(record.first(*paths)) for name, paths in grammar.items()}
    if record.path == _HEADER:
        reading.header = found
    elif record.path == _BLOCK:
        _take_block(reading, found)
    else:
        lines = map(_clean, record.every(*_REMITTANCE))
        found["remittance"] = " ".join(text for text in lines if text)[:_TEXT_MAX]
        reading.payments.append(found)
        if reading.rows_read + len(reading.payments) > PAYMENTS_MAX:
            raise DamagedInputError("bank_too_many", where=reading.source.file, limit=PAYMENTS_MAX)


def _take_block(reading: _Reading, block: Mapping[str, str]) -> None:
    """Add the payments of one PmtInf, and compare its own totals with them."""
    block_id = _unique(block["id"], reading.block_ids)
    payments, reading.payments = reading.payments, []
    before = reading.read_cents
    for number, payment in enumerate(payments, 1):
        _take(reading, payment, block, f"{reading.source.file}!{block_id}!R{number}")
    reading.rows_read += len(payments)
    _compare(reading, block_id, block, len(payments), reading.read_cents - before)


def _take(
    reading: _Reading, payment: Mapping[str, str], block: Mapping[str, str], place: str
) -> None:
    cents = _cents(payment["amount"])
    reading.read_cents += cents or 0
    usable = payment["currency"] == "EUR" and cents is not None and 0 < cents <= LINE_CENTS_MAX
    if not usable or cents is None:
        reading.excluded_cents += cents or 0
        reading.unread += cents is None
        reading.findings.append(_set_aside(reading, payment, place))
        return
    row: dict[str, object] = {
        **{name: payment[name] for name in ("name", "ultimate_name", "remittance")},
        "end_to_end_id": payment["end_to_end_id"],
        "iban": compact_iban(payment["iban"]),
        "amount_cents": cents,
        "category_purpose": payment["category"] or block["category"],
        "execution_date": day_of(block["day"]),
        "debtor_iban": compact_iban(block["debtor_iban"]),
        "payee_kind": "",
        "payee_id": "",
        "matched_by": "",
        "source": place,
    }
    for name, values in reading.columns.items():
        values.append(row[name])


def _set_aside(reading: _Reading, payment: Mapping[str, str], place: str) -> Finding:
    shown = f"{payment['amount'] or payment['equivalent']} {payment['currency']}".strip()
    return finding(
        SET_ASIDE,
        SubjectKind.FILE,
        reading.source.file,
        observed=re.sub(r"[^\w., -]", "?", shown)[:40] or "-",
        source=place,
    )


def _compare(
    reading: _Reading, where: str, header: Mapping[str, str], count: int, cents: int
) -> None:
    """ING-020 where a header's own totals are not what was read below it; absent ones say nothing.

    pain.001.001.02 and some software leave totals out. With an amount unread no sum can agree.
    """
    stated = header.get("count", "")
    total = _cents(header.get("sum", ""))
    found = []
    if stated and (not _COUNT.fullmatch(stated) or int(stated) != count):
        found.append(("NbOfTxs", str(count), stated))
    if header.get("sum") and total != cents and not reading.unread:
        found.append(("CtrlSum", euros(cents), header["sum"] if total is None else euros(total)))
    reading.findings += [
        finding(
            HEADER_DIFFERS,
            SubjectKind.FILE,
            reading.source.file,
            observed=observed,
            limit=limit[:40],
            source=f"{reading.source.file}!{where}",
            name=name,
        )
        for name, observed, limit in found
    ]


def _clean(text: str) -> str:
    """One line, composed letters, no control or format characters, of bounded length."""
    if not text:
        return ""
    if text.isascii() and len(text) <= _TEXT_MAX:
        return " ".join(text.split())
    plain = unicodedata.normalize("NFC", text[:_TEXT_MAX])
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    return " ".join(plain.split())


def _cents(text: str) -> int | None:
    """An amount of the standard in cents; None for anything else, a part of a cent included."""
    match = _AMOUNT.fullmatch(text)
    return None if match is None else int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def day_of(text: str) -> pd.Timestamp | None:
    """The day that a text begins with, None when it is none."""
    try:
        return pd.Timestamp(date.fromisoformat(text[:10]))
    except ValueError:
        return None


def place_part(an_id: str) -> str:
    """An id of the bank as a part of a place: no '!', ';' or ', '."""
    return re.sub(r"[^\w.:/+-]", "_", an_id)[:70]


def _unique(block_id: str, taken: set[str]) -> str:
    """A block's id as a part of a place; no two are alike in a file."""
    plain = place_part(block_id) or _BLOCK
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}~{number}"
    taken.add(name)
    return name
