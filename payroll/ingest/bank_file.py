"""Last month's payment file as the bank holds it: pain.001 of any software, read without trust.

ISO 20022 pain.001.001.02 to .12: the names of the elements are those of the standard, the prefix
and the version are the sender's. A DTD is refused, no entity is resolved, nothing is fetched.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
from lxml import etree

from payroll.ingest.rows import SourceRead
from payroll.model.errors import DamagedInputError
from payroll.model.findings import Finding, SubjectKind, finding
from payroll.model.identifiers import compact_iban
from payroll.model.money import LINE_CENTS_MAX, euros
from payroll.model.order import SourceOrder
from payroll.model.tables import BANK_PAYMENT_ROWS, BANK_PAYMENTS, SourceSummary

SET_ASIDE, HEADER_DIFFERS = "ING-012", "ING-020"
PAYMENTS_MAX = 1_000_000
#: The longest text that is kept: names have 140 characters at most, a remittance 140 per line.
_TEXT_MAX = 560
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:\$?pain\.001\.001\.(0[2-9]|1[0-2])")
_AMOUNT = re.compile(r"(\d{1,13})(?:\.(\d{0,2})0*)?")
_BLOCK, _PAYMENT, _HEADER = "PmtInf", "CdtTrfTxInf", "GrpHdr"
_PAYMENT_TEXTS = {
    "end_to_end_id": "PmtId/EndToEndId",
    "amount": "Amt/InstdAmt",
    "equivalent": "Amt/EqvtAmt/Amt",
    "name": "Cdtr/Nm",
    "ultimate_name": "UltmtCdtr/Nm",
    "iban": "CdtrAcct/Id/IBAN",
    "category": "PmtTpInf/CtgyPurp/Cd",
    "purpose": "Purp/Cd",
}


@dataclass(slots=True)
class _Reading:
    """The rows read so far, what was set aside, and what the headers say against what was read."""

    source: SourceOrder
    columns: dict[str, list[object]] = field(
        default_factory=lambda: {name: [] for name in BANK_PAYMENT_ROWS.columns}
    )
    findings: list[Finding] = field(default_factory=list)
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
    try:
        _require_pain001(source.file, content)
        _read(reading, content)
    except etree.XMLSyntaxError as error:
        where = f"{source.file}!R{error.lineno}" if error.lineno else source.file
        raise DamagedInputError("bank_xml_damaged", where=where) from error
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
    return frame, _source_read(reading, frame), _summary(reading, frame, content)


def _events(content: bytes, **chosen: object) -> Iterator[tuple[str, etree._Element]]:
    return iter(
        etree.iterparse(
            io.BytesIO(content),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            **chosen,
        )
    )


def _require_pain001(file: str, content: bytes) -> None:
    """Refuse what is no pain.001 before anything of it is read."""
    if b"<" not in content[:4096]:
        raise DamagedInputError("bank_not_xml", where=file)
    _, root = next(_events(content, events=("start",)))
    if root.getroottree().docinfo.internalDTD is not None:
        raise DamagedInputError("bank_xml_dtd", where=file)
    namespace = etree.QName(root).namespace or ""
    if not _NAMESPACE.fullmatch(namespace):
        found = re.sub(r"[^\w.:-]", "?", namespace.rpartition(":")[2] or _local(root))[:40]
        raise DamagedInputError("bank_xml_other", where=file, found=found)


def _read(reading: _Reading, content: bytes) -> None:
    tags = tuple(f"{{*}}{name}" for name in (_HEADER, _BLOCK, _PAYMENT))
    header: Mapping[str, str] = {}
    payments: list[dict[str, str]] = []
    for _, element in _events(content, events=("end",), tag=tags):
        name = _local(element)
        if name == _PAYMENT:
            payments.append(_payment(element))
            if reading.rows_read + len(payments) > PAYMENTS_MAX:
                raise DamagedInputError(
                    "bank_too_many", where=reading.source.file, limit=PAYMENTS_MAX
                )
        elif name == _HEADER:
            header = _texts(element, {"count": "NbOfTxs", "sum": "CtrlSum"})
        else:
            _take_block(reading, element, payments)
            payments = []
        element.clear()
    _compare(reading, "GrpHdr", header, reading.rows_read, reading.read_cents)


def _payment(element: etree._Element) -> dict[str, str]:
    """The texts of one payment, '' where it has none."""
    texts: dict[str, list[str]] = {}
    amount = _leaves(element, "", texts)
    found = {name: (texts.get(path) or [""])[0] for name, path in _PAYMENT_TEXTS.items()}
    found["currency"] = "" if amount is None else amount.get("Ccy", "")
    lines = texts.get("RmtInf/Ustrd", [])
    references = [
        *texts.get("RmtInf/Strd/CdtrRefInf/Ref", []),
        *texts.get("RmtInf/Strd/CdtrRefInf/CdtrRef", []),
    ]
    found["remittance"] = " ".join(text for text in (*lines, *references) if text)[:_TEXT_MAX]
    return found


def _leaves(
    element: etree._Element, prefix: str, texts: dict[str, list[str]]
) -> etree._Element | None:
    """The texts of the elements without children, by their path of local names; the amount."""
    amount = None
    for child in element:
        path = prefix + child.tag.rpartition("}")[2]
        if len(child):
            inner = _leaves(child, path + "/", texts)
            amount = inner if amount is None else amount
        else:
            texts.setdefault(path, []).append(_clean(child.text))
            if path == "Amt/InstdAmt" and amount is None:
                amount = child
    return amount


def _take_block(reading: _Reading, element: etree._Element, payments: list[dict[str, str]]) -> None:
    """Add the payments of one PmtInf, and compare its own totals with them."""
    block = _texts(
        element,
        {
            "id": "PmtInfId",
            "count": "NbOfTxs",
            "sum": "CtrlSum",
            "day": "ReqdExctnDt",
            "day_dt": "ReqdExctnDt/Dt",
            "day_time": "ReqdExctnDt/DtTm",
            "debtor_iban": "DbtrAcct/Id/IBAN",
            "category": "PmtTpInf/CtgyPurp/Cd",
        },
    )
    block_id = _unique(block["id"], reading.block_ids)
    block["day"] = block["day_dt"] or block["day_time"] or block["day"]
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
        "category_purpose": payment["category"] or payment["purpose"] or block["category"],
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
    if stated and (not stated.isdecimal() or int(stated) != count):
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


def _source_read(reading: _Reading, frame: pd.DataFrame) -> SourceRead:
    return SourceRead(
        frame=frame,
        rows_read=reading.rows_read,
        header_row=0,
        headings={},
        excluded_cents={"amount": reading.excluded_cents},
        nameless=reading.rows_read - len(frame),
        unread={"amount": reading.unread} if reading.unread else {},
        findings=reading.findings,
    )


def _summary(reading: _Reading, frame: pd.DataFrame, content: bytes) -> SourceSummary:
    return SourceSummary(
        kind=BANK_PAYMENTS,
        file=reading.source.file,
        sheet="",
        sha256=hashlib.sha256(content).hexdigest(),
        encoding="",
        header_row=0,
        rows_read=reading.rows_read,
        rows_used=len(frame),
        rows_excluded=reading.rows_read - len(frame),
        totals_cents={"amount": int(frame["amount_cents"].sum())},
        excluded_cents={"amount": reading.excluded_cents},
    )


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _find(element: etree._Element, path: str) -> etree._Element | None:
    """The first element at a path of local names, whatever their namespace."""
    for name in path.split("/"):
        found = element.find(f"{{*}}{name}")
        if found is None:
            return None
        element = found
    return element


def _texts(element: etree._Element, paths: Mapping[str, str]) -> dict[str, str]:
    found = {name: _find(element, path) for name, path in paths.items()}
    return {name: "" if item is None else _clean(item.text) for name, item in found.items()}


def _clean(text: str | None) -> str:
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


def _unique(block_id: str, taken: set[str]) -> str:
    """A block's id as a part of a place: no '!', ';' or ', ', and no two alike in a file."""
    plain = re.sub(r"[^\w.:/+-]", "_", block_id)[:70] or "PmtInf"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}~{number}"
    taken.add(name)
    return name
