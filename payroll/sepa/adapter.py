"""sepaxml, bent into what a Belgian bank takes: our ids and date, category, purpose, references.

The methods overridden are private hooks of sepaxml 2.7.0, which is pinned; tests hold their
contract. One object is one file: it exports once. Validation is not sepaxml's (see validate.py).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sepaxml import SepaTransfer

from payroll.model.errors import InvariantError, require

OLD_VERSION = "pain.001.001.03"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeader:
    """What a file says once: GrpHdr and its single PmtInf."""

    version: str
    message_id: str
    payment_information_id: str
    created_at: datetime
    initiator_id: str
    debtor_name: str
    debtor_iban: str
    debtor_bic: str
    execution_date: date
    batch_booking: bool
    priority: str = ""
    category_purpose: str = ""
    debtor_town: str = ""  # town and country only when a bank outside the EEA is paid
    debtor_country: str = ""
    address_in_lines: bool = False  # the town as AdrLine, not TwnNm


class Transaction(NamedTuple):
    """One payment, its texts converted. reference: 12 digits, RF..., or '' for free text."""

    end_to_end_id: str
    amount_cents: int
    name: str
    iban: str
    remittance: str = ""
    reference: str = ""
    purpose: str = ""


class PaymentMessage(SepaTransfer):  # type: ignore[misc]  # sepaxml has no types
    """One pain.001 file. Add every transaction, then export once."""

    def __init__(self, header: MessageHeader) -> None:
        self._header = header
        self._exported = False
        config: dict[str, object] = {
            "name": header.debtor_name,
            "IBAN": header.debtor_iban,
            "batch": True,
            "currency": "EUR",
        }
        if header.debtor_bic:
            config["BIC"] = header.debtor_bic
        if header.debtor_town:
            town = header.debtor_town
            said = {"lines": [town]} if header.address_in_lines else {"town": town}
            config["address"] = {"country": header.debtor_country, **said}
        super().__init__(config, schema=header.version, clean=False)

    def add(self, transaction: Transaction) -> None:
        """Add one payment, from a fresh dict: sepaxml changes the one it is given."""
        require(type(transaction.amount_cents) is int, "an amount is not an int of cents")
        require(transaction.amount_cents > 0, "an amount is not positive")
        self.add_payment(
            {
                "name": transaction.name,
                "IBAN": transaction.iban,
                "amount": transaction.amount_cents,
                "description": transaction.remittance,
                "execution_date": self._header.execution_date,
                "endtoend_id": transaction.end_to_end_id,
                "purpose": transaction.purpose,
                "reference": transaction.reference,
            }
        )

    def export(self, validate: bool = False, pretty_print: bool = False) -> bytes:
        """The file's bytes. Raises InvariantError when called twice: sepaxml would pay twice."""
        require(not validate and not pretty_print, "validation is not sepaxml's")
        require(not self._exported, "a payment file was exported twice")
        self._exported = True
        exported: bytes = super().export(validate=False)
        return exported

    def _create_header(self) -> None:
        super()._create_header()
        header = _found(self._xml, "CstmrCdtTrfInitn/GrpHdr")
        _found(header, "MsgId").text = self._header.message_id
        created = self._header.created_at.replace(tzinfo=None)
        _found(header, "CreDtTm").text = created.isoformat(timespec="seconds")
        other = _path(_found(header, "InitgPty"), "Id", "OrgId", "Othr")
        _path(other, "Id").text = self._header.initiator_id
        _path(other, "Issr").text = "KBO-BCE"

    def _add_to_batch_list(
        self,
        TX: Mapping[str, ET.Element],  # noqa: N803 - the name is sepaxml's
        payment: Mapping[str, object],
    ) -> None:
        transaction = TX["CdtTrfTxInfNode"]
        remittance = TX["RmtInfNode"]
        reference = str(payment["reference"])
        if payment["purpose"]:
            purpose = ET.Element("Purp")
            _path(purpose, "Cd").text = str(payment["purpose"])
            transaction.insert(list(transaction).index(remittance), purpose)
        if reference:
            remittance.remove(TX["UstrdNode"])
            information = _path(remittance, "Strd", "CdtrRefInf")
            kind = _path(information, "Tp")
            _path(kind, "CdOrPrtry", "Cd").text = "SCOR"
            _path(kind, "Issr").text = issuer(reference)
            _path(information, "Ref").text = reference
        elif not payment["description"]:
            transaction.remove(remittance)
        super()._add_to_batch_list(TX, payment)

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        block = _found(self._xml, "CstmrCdtTrfInitn/PmtInf")
        _found(block, "PmtInfId").text = self._header.payment_information_id
        _found(block, "BtchBookg").text = str(self._header.batch_booking).lower()
        kind = _found(block, "PmtTpInf")
        if self._header.priority:
            priority = ET.Element("InstrPrty")
            priority.text = self._header.priority
            kind.insert(0, priority)
        if self._header.category_purpose:
            _path(kind, "CtgyPurp", "Cd").text = self._header.category_purpose
        if not self._header.debtor_bic:
            agent = _found(block, "DbtrAgt/FinInstnId")
            _path(agent, "Othr", "Id").text = "NOTPROVIDED"


def issuer(reference: str) -> str:
    """BBA for a Belgian structured communication, ISO for an ISO 11649 reference."""
    return "BBA" if re.fullmatch(r"\d{12}", reference) else "ISO"


def _found(node: ET.Element, path: str) -> ET.Element:
    found = node.find(path)
    if found is None:
        raise InvariantError(f"sepaxml built no {path}")
    return found


def _path(node: ET.Element, *tags: str) -> ET.Element:
    for tag in tags:
        node = ET.SubElement(node, tag)
    return node
