"""What a file looks like by its content alone, before anybody named it a source."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime

from payroll.ingest.bank_statement import is_statement
from payroll.ingest.workbook import looks_like_workbook
from payroll.model.beside import ORDER_TO_PAY, STATEMENT, TABLE

#: So far a file is looked at for what it is; the days of a bank's file are looked for in all of it.
HEAD_BYTES = 65_536
_ORDER = re.compile(rb"(?i)[:/$]pain\.001\.\d{3}\.\d\d")
_DAY = rb"\s*(?:<(?:[\w.-]+:)?(?:Dt|DtTm)>\s*)?(\d{4}-\d\d-\d\d)"
_ORDERED = re.compile(rb"<(?:[\w.-]+:)?ReqdExctnDt>" + _DAY)
_BOOKED = re.compile(rb"<(?:[\w.-]+:)?BookgDt>" + _DAY)
_ENTRY = re.compile(rb"<(?:[\w.-]+:)?Ntry[\s>]")
_DEBIT = re.compile(rb"<(?:[\w.-]+:)?CdtDbtInd>\s*DBIT")
#: A movement of CODA 2 that leaves the account: its sign (1 = debit) and the day of its entry.
_CODA_DEBIT = re.compile(rb"(?m)^21.{29}1.{83}(\d{6})")
_HTML_TABLE = re.compile(rb"<table\b", re.IGNORECASE)
_DELIMITERS = ";\t|,"
_LINES = 60


def look(content: bytes) -> tuple[str, str, str] | None:
    """(order | statement | table, first and last day of its payments), None for anything else.

    A statement without a debit pays nobody, and is none. Days are ISO, '' where none is found.
    """
    plain = content.replace(b"\0", b"") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else content
    head = plain[:HEAD_BYTES]
    if b"<" in head and _ORDER.search(head):
        return ORDER_TO_PAY, *_span(_iso_days(_ORDERED.findall(plain)))
    if is_statement(content):
        return _statement(plain)
    if looks_like_workbook(content) or _HTML_TABLE.search(head) or _is_delimited(head):
        return TABLE, "", ""
    return None


def _statement(plain: bytes) -> tuple[str, str, str] | None:
    if b"<" not in plain[:HEAD_BYTES]:
        moved = _CODA_DEBIT.findall(plain)
        return (STATEMENT, *_span([_coda_day(day) for day in moved])) if moved else None
    if not (_ENTRY.search(plain) and _DEBIT.search(plain)):
        return None
    return STATEMENT, *_span(_iso_days(_BOOKED.findall(plain)))


def _is_delimited(head: bytes) -> bool:
    """Most lines have as many cells as one another: two at least, three where commas part them."""
    if b"\0" in head or head.lstrip()[:1] in (b"<", b"{", b"%"):
        return False
    text = head.decode("utf-8", errors="replace")
    lines = [line for line in text.splitlines()[:_LINES] if line.strip()]
    if len(lines) < 2:
        return False
    for delimiter in _DELIMITERS:
        least = 1 + (delimiter == ",")
        widths = Counter(line.count(delimiter) for line in lines)
        most = max((count for width, count in widths.items() if width >= least), default=0)
        if most > 1 and most * 5 >= len(lines) * 3:
            return True
    return False


def _iso_days(found: list[bytes]) -> list[str]:
    return [day for item in set(found) if (day := _readable(item.decode()))]


def _readable(day: str) -> str:
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return ""


def _coda_day(day: bytes) -> str:
    try:
        return datetime.strptime(day.decode(), "%d%m%y").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return ""


def _span(days: list[str]) -> tuple[str, str]:
    known = [day for day in days if day]
    return (min(known), max(known)) if known else ("", "")
