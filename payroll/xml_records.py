"""An XML message as a stream of flat records, from hostile bytes.

expat alone, no tree: a DOCTYPE stops it in any encoding, nothing outside the bytes is ever opened,
and memory holds one record per level. Depth, elements, names, tags, texts and the values of a
record are bounded. A record's texts stand under their paths of local names, whatever the prefix and
the version of the message: a reader's grammar is a table of such paths, the newer beside the older.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from xml.parsers import expat

from payroll.model.errors import DamagedInputError

DEPTH_MAX = 40
#: Distinct names of elements and attributes: a schema has a few hundred; the parser keeps each.
NAMES_MAX = 2_000
CHARACTERS_MAX = 20_000
VALUES_MAX = 2_000
#: ISO 20022 gives identifiers 35 characters and names 140.
VALUE_MAX = 140
#: A tag is taken in whole, with all its attributes; a comment counts as a tag.
_LONG_TAG = re.compile(rb"<[^>]{65536}")
#: A message as a namespace names it, whoever wrote the schema: camt.053.001.08, and what follows.
_MESSAGE = re.compile(
    r"(?<![a-z0-9])([a-z]{4}\.[0-9]{3})\.([0-9]{3}\.[0-9]{2})(?![0-9])([^/]{0,20})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """How many elements and records a reader takes in, and the error ids of what it refuses.

    doctype: a DOCTYPE; beyond: more than a limit; malformed: no XML (with the line); missing: a
    required element, or another message; twice: two texts where one may be; long: no value.
    """

    elements: int
    records: int
    doctype: str
    beyond: str
    malformed: str
    missing: str
    twice: str
    long: str


@dataclass(slots=True)
class Record:
    """One repeating element: its texts by path below it, an amount's currency as `Amt@Ccy`."""

    path: str
    where: str
    file: str
    parent: Record | None
    limits: XmlLimits
    values: dict[str, list[str]] = field(default_factory=dict)
    below: dict[str, int] = field(default_factory=dict)
    size: int = 0

    @property
    def place(self) -> str:
        """File and place in it, as an error says it."""
        return f"{self.file}, {self.where}"

    def first(self, *paths: str) -> str:
        """The first text at the first of these paths that has one, whatever follows; '' without."""
        for path in paths:
            if path in self.values:
                return self.values[path][0]
        return ""

    def one(self, *paths: str) -> str:
        """The text at the first of these paths that has one, '' without.

        Raises DamagedInputError `twice` when two differ, `long` when it is no value.
        """
        for path in paths:
            found = set(self.values.get(path, ()))
            if len(found) > 1:
                raise self.twice(path)
            for text in found:
                if len(text) > VALUE_MAX:
                    raise DamagedInputError(self.limits.long, where=self.place, element=path)
                return text
        return ""

    def required(self, *paths: str) -> str:
        """As `one`; raises DamagedInputError `missing` when there is none."""
        text = self.one(*paths)
        if not text:
            raise self.missing(paths[0])
        return text

    def missing(self, element: str) -> DamagedInputError:
        """The error that an element is not there."""
        return DamagedInputError(self.limits.missing, where=self.place, element=element)

    def twice(self, element: str) -> DamagedInputError:
        """The error that an element stands twice."""
        return DamagedInputError(self.limits.twice, where=self.place, element=element)

    def every(self, *paths: str) -> list[str]:
        """All texts at these paths, in the order of the paths."""
        return [text for path in paths for text in self.values.get(path, ())]

    def within(self, path: str) -> Record | None:
        """The record around this one with that path, or the record itself; None without."""
        found: Record | None = self
        while found is not None and found.path != path:
            found = found.parent
        return found

    def ancestor(self, path: str) -> Record:
        """As `within`; raises DamagedInputError `missing` when there is none."""
        found = self.within(path)
        if found is None:
            raise self.missing(path)
        return found


class _RootFoundError(Exception):
    """Stops the first look once the root element is known."""


def root_of(name: str, content: bytes, limits: XmlLimits) -> tuple[str, str]:
    """(namespace, name) of the root element. Raises DamagedInputError as `read_records`."""
    found: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        found.append(tag)
        raise _RootFoundError

    parser = _parser(name, limits)
    parser.StartElementHandler = start
    with contextlib.suppress(_RootFoundError):
        _parse(name, parser, content, limits)
    namespace, _, local = found[0].rpartition(" ")
    return namespace, local


def message_of(namespace: str) -> tuple[str, str, str]:
    """(camt.053, 001.08, what a dialect adds to it as `.ch.02`) of a namespace, in small letters.

    ISO 20022, SWIFT, the Swiss, the German and other banks write it each in their own way; '' of a
    namespace that names no message. What is in the message is for its reader to know.
    """
    found = _MESSAGE.search(namespace)
    if found is None or found.end() != len(namespace):
        return "", "", ""
    kind, version, more = (part.lower() for part in found.groups())
    return kind, version, more.removesuffix(".xsd")


def read_records(
    name: str,
    content: bytes,
    messages: Collection[str],
    paths: Collection[str],
    take: Callable[[Record], None],
    *,
    limits: XmlLimits,
) -> None:
    """Hand over each element at one of `paths` (below Document and the message) at its end.

    messages: the names that the message may have; none = any.
    A record inside another is handed over first and knows the texts of its parents so far: what the
    standard writes before it. Raises DamagedInputError by the ids of `limits`.
    """
    reader = _Reader(name, tuple(messages), frozenset(paths), take, limits)
    parser = _parser(name, limits)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    _parse(name, parser, content, limits)


def _parser(name: str, limits: XmlLimits) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise DamagedInputError(limits.doctype, where=name)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _parse(name: str, parser: expat.XMLParserType, content: bytes, limits: XmlLimits) -> None:
    if _LONG_TAG.search(content):
        raise DamagedInputError(limits.beyond, where=name)
    try:
        parser.Parse(content, True)  # noqa: FBT003 - C
    except expat.ExpatError as error:
        raise DamagedInputError(limits.malformed, where=f"{name}!R{error.lineno}") from error
    except (LookupError, ValueError) as error:  # an encoding that expat does not know
        raise DamagedInputError(limits.malformed, where=f"{name}!R1") from error


class _Reader:
    """The elements open now, and the records among them."""

    def __init__(
        self,
        name: str,
        messages: tuple[str, ...],
        paths: frozenset[str],
        take: Callable[[Record], None],
        limits: XmlLimits,
    ) -> None:
        self.limits = limits
        self.name, self.messages, self.paths, self.take = name, messages, paths, take
        self.prefix = ""
        self.open: list[str] = []  # the path of each element that is open, '' down to the message
        self.records: list[tuple[int, Record]] = []
        self.numbers: dict[str, int] = {}
        self.elements = self.taken = 0
        self.names: set[str] = set()
        self.is_leaf = False
        self.pieces: list[str] = []
        self.characters = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element, and a record where one begins."""
        self.elements += 1
        self.names.add(tag)
        if attributes:
            self.names.update(attributes)
        depth = len(self.open)
        if depth == 0:
            self.prefix = tag[: tag.rfind(" ") + 1]
        local = tag.removeprefix(self.prefix)
        if (
            depth >= DEPTH_MAX
            or self.elements > self.limits.elements
            or len(self.names) > NAMES_MAX
            or self.taken > self.limits.records
        ):
            raise DamagedInputError(self.limits.beyond, where=self.name)
        if depth == 1 and self.messages and local not in self.messages:
            raise DamagedInputError(self.limits.missing, where=self.name, element=self.messages[0])
        path = f"{self.open[-1]}/{local}" if depth > 2 else local if depth == 2 else ""
        self.open.append(path)
        self.is_leaf = True
        if self.pieces:
            self.pieces, self.characters = [], 0
        if path in self.paths:
            self.records.append((depth + 1, self._record(path, local)))
        elif "Ccy" in attributes and self.records:
            self._keep("@Ccy", attributes["Ccy"])

    def _record(self, path: str, local: str) -> Record:
        parent = self.records[-1][1] if self.records else None
        numbers = self.numbers if parent is None else parent.below
        number = numbers[local] = numbers.get(local, 0) + 1
        where = f"{local}[{number}]"
        place = where if parent is None else f"{parent.where}/{where}"
        return Record(path, place, self.name, parent, self.limits)

    def text(self, piece: str) -> None:
        """Collect the text of an element, within the limit."""
        self.characters += len(piece)
        if self.characters > CHARACTERS_MAX:
            raise DamagedInputError(self.limits.beyond, where=self.name)
        self.pieces.append(piece)

    def end(self, _: str) -> None:
        """Close an element: keep its text when it has nothing inside, hand a record over."""
        depth = len(self.open)
        if self.is_leaf and self.pieces and self.records:
            text = "".join(self.pieces).strip()
            if text:
                self._keep("", text)
        self.is_leaf = False
        if self.pieces:
            self.pieces, self.characters = [], 0
        if self.records and self.records[-1][0] == depth:
            self.taken += 1
            self.take(self.records.pop()[1])
        self.open.pop()

    def _keep(self, suffix: str, text: str) -> None:
        record = self.records[-1][1]
        record.size += 1
        if record.size > VALUES_MAX:
            raise DamagedInputError(self.limits.beyond, where=self.name)
        path = self.open[-1][len(record.path) + 1 :] + suffix
        record.values.setdefault(path, []).append(text)
