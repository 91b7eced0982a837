"""The gate before a byte is kept: the XSD (libxml2), then what banks refuse and the XSD accepts.

Source: facts/bank-rules sections 2, 4 and 8; facts/sepa-libraries "XSD is a weak gate".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from importlib import resources

from lxml import etree
from stdnum import iso11649
from stdnum.be import vat

from payroll.model.charset import NAME_MAX, REMITTANCE_MAX, SENDABLE, identifier_problem
from payroll.model.errors import InvariantError, require
from payroll.model.identifiers import is_ogm, wrong_ibans
from payroll.model.period import is_target_day
from payroll.sepa.privacy import texts_with_national_number
from payroll.sepa.reader import ReadMessage

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
CENTS_MAX = 99_999_999_999  # 999 999 999.99 euro, the limit of the scheme
_PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="'
_AMOUNT = re.compile(r"\d{1,9}\.\d{2}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,35}")
_SUM = re.compile(r"\d{1,15}\.\d{2}")


@lru_cache(maxsize=4)
def schema(version: str) -> etree.XMLSchema:
    """The ISO schema of a version, as the installed sepaxml package carries it."""
    file = resources.files("sepaxml").joinpath(f"schemas/{version}.xsd")
    return etree.XMLSchema(etree.fromstring(file.read_bytes()))


def validate_xsd(content: bytes, version: str) -> None:
    """Raise InvariantError unless the bytes are valid against the version's XSD.

    The whole file is parsed, then validated: twice as fast as streaming, and memory is bounded
    because a bank profile bounds the file. (libxml2 skips the schema for a target parser.)
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        schema(version).assertValid(etree.fromstring(content, parser))
    except etree.LxmlError as error:
        line, column = getattr(error, "position", None) or (0, 0)
        kinds = re.findall(r"[A-Z]+:([A-Z_]+):", str(error.error_log))  # the texts stay unsaid
        where = f"{line}:{column} {', '.join(dict.fromkeys(kinds))}"
        raise InvariantError(f"a payment file is not valid {version}: {where}") from None


def must_be_sendable(content: bytes, message: ReadMessage, version: str, today: date) -> None:
    """Raise InvariantError naming the rules that a written file breaks; never a person's data."""
    broken = [*_form(content, message, version), *problems(message, today)]
    require(not broken, f"a payment file breaks: {', '.join(broken)}")


def must_have_address(message: ReadMessage, town: str, *, lines: bool) -> None:
    """Raise InvariantError unless the payer's town stands where the bank takes it, or nowhere.

    One element that a bank does not know puts the whole file at risk.
    """
    taken, other = ("address_line", "town") if lines else ("town", "address_line")
    header = message.header
    right = header.get(taken, "") == town and other not in header
    require(right and ("country" in header) == bool(town), "a payment file breaks: address")


def problems(message: ReadMessage, today: date) -> list[str]:
    """The rules that a file breaks, by name: those of the bank that its schema does not know."""
    return [*_header(message, today), *_totals(message), *_transactions(message)]


def _form(content: bytes, message: ReadMessage, version: str) -> Iterator[str]:
    if not content.startswith(f"{_PROLOGUE}{NAMESPACE}{version}".encode()):
        yield "prologue"  # a BOM, another encoding, a prefix
    if message.namespace != NAMESPACE + version:
        yield "namespace"


def _header(message: ReadMessage, today: date) -> Iterator[str]:
    header = message.header
    expected: dict[str, set[str | None]] = {
        "method": {"TRF"},
        "service_level": {"SEPA"},
        "charges": {"SLEV"},
        "batch_booking": {"true", "false"},
        "priority": {None, "NORM", "HIGH"},
        "category_purpose": {None, "SALA", "SUPP", "TAXS", "PENS", "INTC", "TREA"},
        "initiator_issuer": {"KBO-BCE"},
    }
    yield from (name for name, allowed in expected.items() if header.get(name) not in allowed)
    for name in ("message_id", "block_id"):
        if problem := identifier_problem(header.get(name, "")):
            yield f"{name}:{problem}"
    for name in ("debtor_name", "initiator_name"):
        yield from _text_problems(name, {header.get(name, "")}, NAME_MAX)
    if not vat.is_valid(header.get("initiator_id", "")):
        yield "initiator_id"
    yield from (f"debtor_iban:{item}" for item in _wrong([header.get("debtor_iban", "")]))
    yield from _dates(header, today)


def _dates(header: dict[str, str], today: date) -> Iterator[str]:
    try:
        day = date.fromisoformat(header.get("execution_date", ""))
        created = datetime.fromisoformat(header.get("created_at", ""))
    except ValueError:
        yield "date"
        return
    if day < today:
        yield "execution_date:past"
    if not is_target_day(day):
        yield "execution_date:closed"
    if created.tzinfo or created.microsecond or len(header["execution_date"]) != 10:
        yield "date"


def _totals(message: ReadMessage) -> Iterator[str]:
    amounts = message.texts("amount")
    if not all(map(_AMOUNT.fullmatch, amounts)):
        yield "amount:shape"
        return
    cents = [int(text.replace(".", "")) for text in amounts]
    if not cents or not 0 < min(cents) <= max(cents) <= CENTS_MAX:
        yield "amount:bounds"
    total = sum(cents)
    for name in ("sum", "block_sum"):
        text = message.header.get(name, "")
        if not _SUM.fullmatch(text) or int(text.replace(".", "")) != total:
            yield name
    yield from (
        name for name in ("count", "block_count") if message.header.get(name) != str(len(cents))
    )


def _transactions(message: ReadMessage) -> Iterator[str]:
    yield from (f"iban:{item}" for item in _wrong(message.texts("iban")))
    ids = message.texts("end_to_end_id")
    if len(set(ids)) != len(ids):
        yield "end_to_end_id:twice"
    yield from (f"end_to_end_id:{item}" for item in sorted(_id_problems(ids)))
    names, remittances = set(message.texts("name")), set(message.texts("remittance"))
    yield from _text_problems("name", names, NAME_MAX)
    yield from _text_problems("remittance", remittances - {""}, REMITTANCE_MAX)
    if not all(re.fullmatch(r"(?:[A-Z]{4})?", code) for code in set(message.texts("purpose"))):
        yield "purpose"
    references = message.texts("structured_reference")
    if any(references) or any(message.texts("reference_type")):
        parts = zip(
            references,
            message.texts("remittance"),
            message.texts("reference_type"),
            message.texts("reference_issuer"),
            message.texts("iban"),
            strict=True,
        )
        if not all(_reference_fits(*part) for part in parts):
            yield "reference"
    if texts_with_national_number([*names, *remittances, *references]):
        yield "national_number"


def _reference_fits(reference: str, remittance: str, kind: str, issuer: str, iban: str) -> bool:
    """Exactly one of free text and reference; its type and check digits right; BBA only in BE."""
    if not reference:
        return not kind and not issuer
    if remittance or kind != "SCOR" or identifier_problem(reference):
        return False
    if issuer == "BBA":
        return iban.startswith("BE") and is_ogm(reference)
    return issuer == "ISO" and iso11649.is_valid(reference)


def _text_problems(name: str, texts: set[str], longest: int) -> Iterator[str]:
    if not all(text.strip() for text in texts):
        yield f"{name}:empty"
    if max(map(len, texts), default=0) > longest:
        yield f"{name}:length"
    if not all(map(SENDABLE.fullmatch, texts)) or any(text.startswith("/") for text in texts):
        yield f"{name}:charset"


def _id_problems(ids: list[str]) -> set[str]:
    return {identifier_problem(item) for item in ids if not _PLAIN_ID.fullmatch(item)} - {""}


def _wrong(ibans: list[str]) -> list[str]:
    return sorted(set(wrong_ibans(ibans).values()))
