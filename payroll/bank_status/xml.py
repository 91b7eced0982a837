"""The XML of a bank's answer: how much of it is read, and what is said of what is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection

from payroll.model.errors import DamagedInputError
from payroll.xml_records import Record, XmlLimits, read_records, root_of

ELEMENTS_MAX = 6_000_000
RECORDS_MAX = 500_000


def _limits() -> XmlLimits:
    return XmlLimits(
        elements=ELEMENTS_MAX,
        records=RECORDS_MAX,
        doctype="answer_entities",
        beyond="answer_nested",
        malformed="answer_malformed",
        missing="answer_incomplete",
        twice="answer_twice",
        long="answer_long",
    )


def answer_root(name: str, content: bytes) -> tuple[str, str]:
    """(namespace, name) of the root element. Raises DamagedInputError as `answer_records`."""
    return root_of(name, content, _limits())


def answer_records(
    name: str,
    content: bytes,
    messages: Collection[str],
    paths: Collection[str],
    take: Callable[[Record], None],
) -> None:
    """The records of an answer at these paths below the message, which has one of those names.

    Raises DamagedInputError answer_entities (a DOCTYPE), answer_nested (beyond a limit),
    answer_malformed (with the line), answer_incomplete (another message).
    """
    read_records(name, content, messages, paths, take, limits=_limits())


def incomplete(name: str, message: str, element: str) -> DamagedInputError:
    """The error that a message holds none of an element that it must hold."""
    return Record("", message, name, None, _limits()).missing(element)
