"""An independent reader of pain.001: expat and this grammar, nothing shared with the writer.

It accepts only what we may send: an unknown element, a comment, a DTD or a second text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from xml.parsers import expat

import numpy as np
import pandas as pd

from payroll.model.errors import InvariantError, require

_SEPARATOR = "}"  # between namespace and name; no text that may be sent holds it

_ADDRESS = {"TwnNm": "town", "Ctry": "country", "AdrLine": "address_line"}
_BLOCK = {
    "PmtInfId": "block_id",
    "PmtMtd": "method",
    "BtchBookg": "batch_booking",
    "NbOfTxs": "block_count",
    "CtrlSum": "block_sum",
    "PmtTpInf": {
        "InstrPrty": "priority",
        "SvcLvl": {"Cd": "service_level"},
        "CtgyPurp": {"Cd": "category_purpose"},
    },
    "Dbtr": {"Nm": "debtor_name", "PstlAdr": _ADDRESS},
    "DbtrAcct": {"Id": {"IBAN": "debtor_iban"}},
    "ChrgBr": "charges",
}
_HEADER = {
    "MsgId": "message_id",
    "CreDtTm": "created_at",
    "NbOfTxs": "count",
    "CtrlSum": "sum",
    "InitgPty": {
        "Nm": "initiator_name",
        "Id": {"OrgId": {"Othr": {"Id": "initiator_id", "Issr": "initiator_issuer"}}},
    },
}
_VERSION_PARTS: dict[str, tuple[object, str]] = {
    "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03": ("execution_date", "BIC"),
    "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09": ({"Dt": "execution_date"}, "BICFI"),
}
_TRANSACTION = "CdtTrfTxInf"
_TEXTS = (
    "end_to_end_id",
    "amount",
    "name",
    "iban",
    "purpose",
    "remittance",
    "reference_type",
    "reference_issuer",
    "structured_reference",
)

#: The parts of a transaction: each text, then the elements that end after it.
_ALWAYS = {
    "end_to_end_id": "EndToEndId PmtId",
    "amount": "InstdAmt Amt",
    "name": "Nm Cdtr",
    "iban": "IBAN Id CdtrAcct",
}
_PURPOSES: tuple[dict[str, str], ...] = ({}, {"purpose": "Cd Purp"})
_REMITTANCES: tuple[dict[str, str], ...] = (
    {},
    {"remittance": "Ustrd RmtInf"},
    {
        "reference_type": "Cd CdOrPrtry",
        "reference_issuer": "Issr Tp",
        "structured_reference": "Ref CdtrRefInf Strd RmtInf",
    },
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """One form a transaction may have, as the sequence of its texts and element ends."""

    ends: tuple[str, ...]
    ends_of: Callable[[list[str]], tuple[str, ...]]
    texts_of: Callable[[list[str]], tuple[str, ...]]  # in the order of _TEXTS, '' when absent

    @classmethod
    def of(cls, parts: Mapping[str, str], prefix: str) -> tuple[int, _Shape]:
        """(number of events, the shape) of these parts in a namespace."""
        at: dict[str, int] = {}
        ends: list[str] = []
        positions: list[int] = []
        for name, elements in parts.items():
            at[name] = len(at) + len(ends)
            for element in elements.split():
                positions.append(len(at) + len(ends))
                ends.append(prefix + element)
        texts = itemgetter(*(at.get(name, -1) for name in _TEXTS))
        return len(at) + len(ends), cls(tuple(ends), itemgetter(*positions), texts)


@dataclass(slots=True)
class ReadMessage:
    """A file as read: every value still the text that stands in it.

    header: GrpHdr and PmtInf by the names of the grammar. columns: one list per text of a
    transaction, '' where it has none.
    """

    namespace: str = ""
    header: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        """One text of every transaction, '' where it has none."""
        return self.columns[name]

    def payments(self) -> pd.DataFrame:
        """One row per payment, amounts in cents. Raises InvariantError for an amount not exact."""
        amounts = self.texts("amount")
        exact = re.compile(r"\d{1,9}\.\d{2}").fullmatch
        require(all(map(exact, amounts)), "an amount is not written with exactly two decimals")
        names = [
            name for name in _TEXTS if name not in ("amount", "reference_type", "reference_issuer")
        ]
        texts = {name: self.texts(name) for name in names}
        for name in ("execution_date", "debtor_iban", "message_id"):
            texts[name] = [self.header.get(name, "")] * len(amounts)
        frame = pd.DataFrame(texts, dtype="str")
        cents = np.array([int(text.replace(".", "")) for text in amounts], dtype=np.int64)
        frame.insert(1, "amount_cents", cents)
        return frame


def read_message(content: bytes) -> ReadMessage:
    """Read one file. Raises InvariantError for anything but a well-formed file of our grammar.

    How elements nest inside a transaction is the XSD's to judge; the values are this reader's.
    """
    message = ReadMessage()
    events: list[str] = []
    try:
        _parser(message, events).Parse(content, True)  # noqa: FBT003 - C
    except expat.ExpatError as error:
        raise InvariantError(f"a payment file is not well-formed: {error}") from error
    message.columns = _columns(events, message.namespace + _SEPARATOR)
    _require_only_euro(content, len(message.columns["amount"]))
    return message


def _parser(message: ReadMessage, events: list[str]) -> expat.XMLParserType:
    """Reads the header by the grammar; from the first transaction on it only keeps the events."""
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    node: object = None
    above: list[object] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal node
        namespace, _, name = name.rpartition(_SEPARATOR)
        if node is None:
            message.namespace = namespace
            node = {"Document": _grammar(namespace)}
        if name == _TRANSACTION:
            parser.StartElementHandler = None
            parser.EndElementHandler = parser.CharacterDataHandler = events.append
            return
        if attributes or not isinstance(node, dict) or name not in node:
            raise InvariantError(f"a payment file holds {name} out of place or with an attribute")
        above.append(node)
        node = node[name]

    def end(_name: str) -> None:
        nonlocal node
        filled = not isinstance(node, str) or node in message.header
        require(filled, "a payment file holds an empty element")
        node = above.pop()

    def text(data: str) -> None:
        if not isinstance(node, str) or node in message.header:
            raise InvariantError("a payment file holds a text out of place or twice")
        message.header[node] = data

    def refuse(*_: object) -> None:
        raise InvariantError("a payment file holds a DTD, a comment or an instruction")

    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.CommentHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    return parser


def _columns(events: list[str], prefix: str) -> dict[str, list[str]]:
    """The texts of the transactions by name. A transaction of no known shape is refused."""
    shapes: dict[int, list[_Shape]] = {}
    for purpose in _PURPOSES:
        for remittance in _REMITTANCES:
            length, shape = _Shape.of(_ALWAYS | purpose | remittance, prefix)
            shapes.setdefault(length, []).append(shape)
    mark = prefix + _TRANSACTION
    rows: list[tuple[str, ...]] = []
    begin = 0
    last = len(events) - 3
    require(
        events[last:] == [prefix + name for name in ("PmtInf", "CstmrCdtTrfInitn", "Document")],
        "a payment file ends otherwise than with its only PmtInf",
    )
    while begin < last:
        finish = events.index(mark, begin)
        part = events[begin:finish]
        found = [shape for shape in shapes.get(len(part), ()) if shape.ends_of(part) == shape.ends]
        require(len(found) == 1, "a payment file holds a transaction of unknown shape")
        part.append("")
        rows.append(found[0].texts_of(part))
        begin = finish + 1
    columns = list(zip(*rows, strict=True))
    return {name: list(column) for name, column in zip(_TEXTS, columns, strict=True)}


def _require_only_euro(content: bytes, count: int) -> None:
    """Every attribute is a declaration's or says that an amount is in euro.

    Counted in the bytes, because no text that may be sent holds an equals sign: two in the XML
    declaration, two namespaces, one per payment.
    """
    euro = content.count(b'<InstdAmt Ccy="EUR">')
    only = euro == count and content.count(b"=") == 4 + count
    require(only, "a payment file holds an amount not in euro or an unknown attribute")


def _grammar(namespace: str) -> dict[str, object]:
    if namespace not in _VERSION_PARTS:
        raise InvariantError("a payment file has an unknown namespace")
    day, bic = _VERSION_PARTS[namespace]
    agent = {"FinInstnId": {bic: "debtor_bic", "Othr": {"Id": "debtor_bic"}}}
    block = _BLOCK | {"ReqdExctnDt": day, "DbtrAgt": agent}
    return {"CstmrCdtTrfInitn": {"GrpHdr": _HEADER, "PmtInf": block}}


def must_equal(payments: pd.DataFrame, read: pd.DataFrame) -> None:
    """Raise InvariantError, with the first differing id, unless the file holds these payments.

    payments: rows of PAYMENTS of one file; read: `ReadMessage.payments()` of that file.
    """
    names = {"creditor_name": "name"}
    columns = (
        "end_to_end_id",
        "iban",
        "creditor_name",
        "amount_cents",
        "remittance",
        "structured_reference",
        "execution_date",
    )
    wanted = payments.sort_values("end_to_end_id")
    found = read.sort_values("end_to_end_id")
    ids, found_ids = wanted["end_to_end_id"].tolist(), found["end_to_end_id"].tolist()
    if ids != found_ids:
        differing = sorted(set(ids) ^ set(found_ids)) or ["an id that stands twice"]
        raise InvariantError(f"the payment file and the payments differ: {differing[0]}")
    for name in columns[1:]:
        left, right = wanted[name].tolist(), found[names.get(name, name)].tolist()
        if left != right:
            at = next(i for i, pair in enumerate(zip(left, right, strict=True)) if len({*pair}) > 1)
            raise InvariantError(f"the payment file differs from the payments: {ids[at]}, {name}")
