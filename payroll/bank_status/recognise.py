"""Which answer a file is, by its content and never by its name; everything else is refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from payroll.bank_status.camt import read_camt
from payroll.bank_status.coda import looks_like_coda, read_coda
from payroll.bank_status.pain002 import read_pain002
from payroll.bank_status.xml import answer_root
from payroll.model.answers import AnswerKind, BankAnswer
from payroll.model.errors import DamagedInputError
from payroll.xml_records import message_of

#: The largest answer that is read; callers look at the size before they read the file.
ANSWER_BYTES_MAX = 50 * 1024**2

#: The first and last version that is read of each message; one reader reads them all, by its paths.
VERSIONS: Mapping[AnswerKind, tuple[int, int]] = {
    "pain.002": (3, 14),
    "camt.052": (1, 13),
    "camt.053": (1, 13),
    "camt.054": (1, 13),
}
SUPPORTED = (
    *(f"{kind}.001.{first:02}-{last}" for kind, (first, last) in VERSIONS.items()),
    "CODA 2",
)

#: ISO 20022 itself, and the variants of the German banking industry, which have its elements.
_VARIANTS = ("001", "002", "003")
#: Beginnings of files that are something else.
_OTHERS = (
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"BZh", "BZIP2"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "Excel (XLS)"),
    (b"{\\rtf", "RTF"),
    (b"age-encryption.org", "age"),
    (b"-----BEGIN", "PEM"),
    (b"OFXHEADER", "OFX"),
)
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MT940 = re.compile(rb"\s*(?:\{1:F01|:20:)|.{0,400}^:60[FM]:", re.DOTALL | re.MULTILINE)
_CSV = re.compile(rb"[^\r\n;\t,]*(?:[;\t,][^\r\n;\t,]*){2,}[\r\n]")


def read_answer(name: str, content: bytes) -> BankAnswer:
    """Read one file of the bank.

    `name` only says in errors which file it was. Raises DamagedInputError answer_too_large,
    answer_not_recognised (naming what it looks like), answer_version (naming what is read), and
    what the readers refuse: see payroll/texts/*/errors_answers.toml.
    """
    if len(content) > ANSWER_BYTES_MAX:
        limit = ANSWER_BYTES_MAX // 1024**2
        raise DamagedInputError("answer_too_large", where=name, limit=limit)
    sha256 = hashlib.sha256(content).hexdigest()
    if looks_like_coda(content):
        return read_coda(name, content, sha256)
    if not is_xml(content):
        raise _unknown(name, _other(content))
    namespace, root = answer_root(name, content)
    named, number, more = message_of(namespace)
    message = f"{named}.{number}{more}" if named else ""
    kind = next((kind for kind in VERSIONS if kind == named), None)
    if kind is None or root != "Document":
        element = f"XML <{root[:40]}>" if root != "Document" or not message else ""
        raise _unknown(name, " ".join(filter(None, (message, element))))
    first, last = VERSIONS[kind]
    variant, _, version = number.partition(".")
    if variant not in _VARIANTS or not first <= int(version) <= last:
        raise DamagedInputError(
            "answer_version", where=name, kind=message, supported=", ".join(SUPPORTED)
        )
    version = f"{number}{more}"
    if kind == "pain.002":
        return read_pain002(name, content, version, sha256)
    return read_camt(name, content, kind, version, sha256)


def _unknown(name: str, kind: str) -> DamagedInputError:
    return DamagedInputError(
        "answer_not_recognised", where=name, kind=kind, supported=", ".join(SUPPORTED)
    )


def is_xml(content: bytes) -> bool:
    """Whether the first sign that is not blank opens an element, in UTF-8 or UTF-16."""
    start = content[:400].removeprefix(b"\xef\xbb\xbf")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return start[2:].replace(b"\x00", b"").lstrip()[:1] == b"<"
    return start.replace(b"\x00", b"").lstrip()[:1] == b"<" and _HTML.match(start) is None


def _other(content: bytes) -> str:
    """What a file that is neither XML nor CODA looks like, '?' when like nothing known."""
    if not content.strip():
        return "-"
    start = content[:1000]
    for beginning, kind in _OTHERS:
        if start.startswith(beginning):
            return kind
    if _HTML.match(start):
        return "HTML"
    if b"\x00" in start:
        return "?"
    if _MT940.match(start):
        return "MT940"
    return "CSV" if _CSV.match(start) else "?"
