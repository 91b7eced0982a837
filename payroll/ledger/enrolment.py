"""Whose signature counts: a key is enrolled by an event; employer.toml alone makes no signer.

The first use of a ledger enrols whoever may approve then; each approval after it signs the chain
and so these keys too. A key that comes later is enrolled by two people who are enrolled already;
where one is, by that one alone, which is told until a second one signs (decisions/0010).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from payroll.ledger.book import Event, Ledger
from payroll.ledger.keys import public_of, signed
from payroll.model.order import Approver
from payroll.model.people import person_key

ENROLLED = "enrolled"
_HEADING = "emergency-payroll enrolment 1"
#: How many people sign for a key where that many are enrolled.
_SIGNATURES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A person's key as the ledger has it.

    by: who signed for it, '' at the ledger's first use; second: who signed for it too. seq, at: of
    the event since which it counts.
    """

    seq: int
    at: str
    name: str
    role: str
    public_key: str
    by: str
    second: str = ""

    @property
    def is_alone(self) -> bool:
        """One person alone signed for it."""
        return bool(self.by) and not self.second

    @property
    def signed_by(self) -> str:
        """Who signed for it, for people to read; '' at the ledger's first use."""
        return " + ".join(filter(None, (self.by, self.second)))

    def is_of(self, other: Enrolment) -> bool:
        """Whether both enrol the same key of the same person in the same role."""
        return (person_key(self.name), self.role, self.public_key) == (
            person_key(other.name),
            other.role,
            other.public_key,
        )

    def may_be_seconded(self, by: str) -> bool:
        """Whether that person's signature beside the first one makes two."""
        return person_key(by) not in (person_key(self.by), person_key(self.name))


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Every enrolment of a ledger in order, and the events that are none though they say so.

    waiting: signed for by one where two are asked for: they enrol nobody yet.
    """

    entries: tuple[Enrolment, ...] = ()
    forged: tuple[int, ...] = ()
    waiting: tuple[Enrolment, ...] = ()

    def key_of(self, name: str, before: int | None = None) -> str:
        """The newest key of a person, of those enrolled before an event; '' for none."""
        keys = [
            entry.public_key
            for entry in self.entries
            if person_key(entry.name) == person_key(name) and (before is None or entry.seq < before)
        ]
        return keys[-1] if keys else ""

    def signs(self, name: str, public_key: str, seq: int | None = None) -> bool:
        """Whether that key was this person's, at event no. `seq` or now.

        What an earlier version of the program approved stands before every enrolment: it counts
        where the key was enrolled afterwards.
        """
        if seq is not None and self.entries and seq < self.entries[0].seq:
            known = {(person_key(entry.name), entry.public_key) for entry in self.entries}
            return (person_key(name), public_key) in known
        return bool(public_key) and self.key_of(name, seq) == public_key


def first_enrolments(approvers: Iterable[tuple[Approver, str]], at: str) -> list[Event]:
    """The enrolments that open a ledger: of (approver, public key)."""
    return [
        Event(
            at=at,
            kind=ENROLLED,
            body={"name": person.name, "role": person.role, "public_key": key, "by": ""},
        )
        for person, key in approvers
        if key
    ]


def enrolment(
    person: Approver, public_key: str, by: str, key: Ed25519PrivateKey, *, at: str, head: str
) -> Event:
    """The signed enrolment of a person's key, to be appended right after the event `head`."""
    text = _statement(person.name, person.role, public_key, by, at=at, head=head)
    return Event(
        at=at,
        kind=ENROLLED,
        body={
            "name": person.name,
            "role": person.role,
            "public_key": public_key,
            "by": by,
            "signer_key": public_of(key),
            "signature": base64.b64encode(key.sign(text.encode())).decode(),
        },
    )


def enrolled_in(ledger: Ledger | None) -> Enrolled:
    """Whose keys a ledger knows."""
    if ledger is None:
        return Enrolled()
    (other,) = ledger.connection.execute(
        "SELECT min(seq) FROM event WHERE kind NOT IN ('opened', ?)", (ENROLLED,)
    ).fetchone()
    known, forged = Enrolled(), []
    for event in ledger.events("kind = ?", ENROLLED):
        opening = other is None or event.seq < int(other)
        if (opening and not _said(event, "signature")) or _vouched(ledger, known, event):
            known = _with(known, _entry(event))
        else:
            forged.append(event.seq)
    return replace(known, forged=tuple(forged))


def _with(known: Enrolled, entry: Enrolment) -> Enrolled:
    """What a ledger knows after one more signature for a key, or at its first use."""
    if known.signs(entry.name, entry.public_key):  # it counts already, on one signature or on two
        seconded = tuple(
            replace(old, second=entry.by)
            if old.is_of(entry) and old.is_alone and old.may_be_seconded(entry.by)
            else old
            for old in known.entries
        )
        return replace(known, entries=seconded)
    first = next((item for item in known.waiting if item.is_of(entry)), None)
    people = {person_key(item.name) for item in known.entries}
    if not entry.by or len(people) < _SIGNATURES:
        return replace(known, entries=(*known.entries, entry))
    if first is None:
        return replace(known, waiting=(*known.waiting, entry))
    if person_key(first.by) == person_key(entry.by):
        return known
    return replace(
        known,
        entries=(*known.entries, replace(entry, by=first.by, second=entry.by)),
        waiting=tuple(item for item in known.waiting if item is not first),
    )


def _vouched(ledger: Ledger, known: Enrolled, event: Event) -> bool:
    """Whether somebody who was enrolled already signed exactly this.

    In a ledger that an earlier version began, nobody is: there it is somebody who had approved.
    """
    by, signer = _said(event, "by"), _said(event, "signer_key")
    if known.entries:
        trusted = known.signs(by, signer)
    else:
        earlier = ledger.events("kind = 'approved' AND seq < ?", event.seq)
        trusted = any(
            _said(item, "public_key") == signer and person_key(_said(item, "by")) == person_key(by)
            for item in earlier
        )
    text = _statement(
        *(_said(event, name) for name in ("name", "role", "public_key", "by")),
        at=event.at,
        head=event.previous,
    )
    return trusted and signed(signer, text, _said(event, "signature"))


def _statement(name: str, role: str, public_key: str, by: str, *, at: str, head: str) -> str:
    fields = {
        "name": name,
        "role": role,
        "public-key": public_key,
        "ledger-head": head,
        "by": by,
        "at": at,
    }
    return "\n".join([_HEADING, *(f"{key}: {value}" for key, value in fields.items()), ""])


def _entry(event: Event) -> Enrolment:
    names = ("name", "role", "public_key", "by")
    said = {name: _said(event, name) for name in names}
    return Enrolment(seq=event.seq, at=event.at, **said)


def _said(event: Event, name: str) -> str:
    return str(event.body.get(name, ""))


def new_since(enrolled: Enrolled, seq: int) -> Sequence[Enrolment]:
    """What was enrolled after event no. `seq`."""
    return [entry for entry in enrolled.entries if entry.seq > seq]
