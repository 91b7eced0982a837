"""Four eyes: approvals are signatures over the manifest's digest, checked again at release.

Requirement 18 of facts/emergency-payroll: approvals name the run, its totals and its digest; any
changed byte voids them; who prepared the run or an adjustment of it cannot approve it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from payroll.ledger.book import Event
from payroll.ledger.enrolment import Enrolled
from payroll.ledger.keys import compact_public, fingerprint, public_of, signed
from payroll.model.errors import PayrollError, UsageError
from payroll.model.money import euros
from payroll.model.order import Approver, Employer
from payroll.model.people import named_in, person_key, same_person

APPROVED = "approved"
_HEADING = "emergency-payroll approval 1"
_FIELDS = (
    "employer",
    "run",
    "manifest-sha256",
    "payments",
    "total",
    "ledger-head",
    "by",
    "role",
    "at",
    "approvals-needed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is approved: a run by its manifest's digest, and what it pays.

    preparer_named: the order says who prepared the run, so that one other person makes four eyes;
    where it does not, only two approvers do. approvals, roles, approvers: what employer.toml asked
    for, and whom it listed, when the run was made.
    """

    run_id: str
    manifest_sha256: str
    payments: int
    total_cents: int
    streams: tuple[str, ...]
    prepared_by: tuple[str, ...]  # of the run and of its adjustments
    preparer_named: bool = False
    approvals: int = 0
    roles: tuple[str, ...] = ()
    approvers: tuple[Approver, ...] = ()


def required(subject: Subject, employer: Employer) -> int:
    """How many people must approve: what is asked for now, or was when the run was made."""
    fewest = 1 if subject.preparer_named else 2
    return max(employer.release.approvals, subject.approvals, fewest)


def strictest(subject: Subject, employer: Employer) -> tuple[Approver, ...]:
    """Who may approve, each as the stricter of now and of when the run was made has them.

    Only who is listed both times with the same key; the lower limit, the streams of both lists,
    and a role where it is the same one.
    """
    found = []
    for person in employer.all_approvers:
        before = [item for item in subject.approvers if _same(item, person)]
        if len(before) == 1 and key_of(person):
            limits = [item.limit_cents for item in (person, before[0])]
            known = [limit for limit in limits if limit is not None]
            change = {
                "limit_cents": min(known, default=None),
                "role": person.role if person.role == before[0].role else "",
                "streams": _both(person.streams, before[0].streams),
            }
            found.append(person.model_copy(update=change))
    return tuple(found)


def _same(one: Approver, other: Approver) -> bool:
    return person_key(one.name) == person_key(other.name) and key_of(one) == key_of(other)


def _both(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """The streams of both lists; of an empty one every stream is."""
    if not (one and other):
        return tuple(one or other)
    return tuple(name for name in one if name in other) or ("",)  # no stream has no name


def statement(
    subject: Subject, employer: Employer, approver: Approver, *, at: str, head: str, needed: str
) -> str:
    """The text that is signed: whoever holds it and the public key can check it."""
    values = (
        employer.enterprise_number,
        subject.run_id,
        subject.manifest_sha256,
        subject.payments,
        _total(subject.total_cents),
        head,
        approver.name,
        approver.role,
        at,
        needed,
    )
    lines = [f"{name}: {value}" for name, value in zip(_FIELDS, values, strict=True)]
    return "\n".join([_HEADING, *lines, ""])


def said_in(event: Event) -> Mapping[str, str]:
    """The fields of the statement that an approval's key signed; none where that is not so.

    Whoever approves or is employed now is not asked: only whether the event says what was signed,
    right after the event that was the last when it was signed.
    """
    body, text = event.body, str(event.body.get("statement"))
    lines = text.split("\n")[1:]
    fields = dict(zip(_FIELDS, [line.partition(": ")[2] for line in lines], strict=False))
    rebuilt = [_HEADING, *(f"{name}: {value}" for name, value in fields.items()), ""]
    told = {
        "run": event.run_id,
        "manifest-sha256": body.get("manifest_sha256"),
        "ledger-head": event.previous,
        "by": body.get("by"),
        "role": body.get("role"),
        "at": event.at,
    }
    as_told = text == "\n".join(rebuilt) and all(fields.get(key) == told[key] for key in told)
    as_signed = signed(str(body.get("public_key")), text, str(body.get("signature")))
    return fields if as_told and as_signed else {}


def covers(approvals: Sequence[Event], run_id: str, manifest: str, count: int, cents: int) -> bool:
    """Whether enough different keys signed that run, its bytes, its payments and their total.

    Enough is the largest number that one of them has signed.
    """
    keys = {str(event.body.get("public_key")) for event in approvals}
    told = {
        "run": run_id,
        "manifest-sha256": manifest,
        "payments": str(count),
        "total": _total(cents),
    }
    said = [said_in(event) for event in approvals]
    enough = max((_needed(fields) for fields in said), default=1)
    return len(keys) == len(said) >= enough and all(
        fields.get(key) == told[key] for fields in said for key in told
    )


def _needed(fields: Mapping[str, str]) -> int:
    """How many approvals an approver signed for; more than anybody has where that is unreadable."""
    text = fields.get("approvals-needed", "")
    return int(text) if text.isascii() and text.isdigit() and int(text) else 1_000


def _total(cents: int) -> str:
    return f"{euros(cents)} EUR"


def listed_approver(employer: Employer, name: str) -> Approver:
    """The approver of that name in employer.toml. Raises UsageError.

    approver_unknown with the list, approver_without_key; nobody is listed twice.
    """
    known = {item.name: item for item in employer.all_approvers}
    found = known.get(named_in(name, known))
    if found is None:
        people, where = ", ".join(known) or "-", "employer.toml, release.approvers"
        raise UsageError("approver_unknown", where=where, by=name, people=people)
    if not key_of(found):
        raise UsageError("approver_without_key", where="employer.toml, release.approvers")
    return found


def approver_named(subject: Subject, employer: Employer, name: str) -> Approver:
    """The approver of that name, as `strictest`. Raises UsageError as `listed_approver`.

    approver_since_run: the person or the key was not listed when the run was made.
    """
    listed = listed_approver(employer, name)
    both = [item for item in strictest(subject, employer) if _same(item, listed)]
    if not both:
        raise UsageError("approver_since_run", where=subject.run_id, by=listed.name)
    return both[0]


def require_enrolled(
    enrolled: Enrolled, name: str, public_key: str, seq: int | None = None
) -> None:
    """Raise PayrollError unless the ledger knows that key as this person's, at event `seq` or now.

    ledger_not_enrolled (it knows nobody's: an earlier version began it), signer_not_enrolled.
    """
    if not enrolled.entries:
        raise PayrollError("ledger_not_enrolled", where="ledger.sqlite")
    if not enrolled.signs(name, public_key, seq):
        shown_key = fingerprint(public_key) or "-"
        raise PayrollError("signer_not_enrolled", where="ledger.sqlite", by=name, key=shown_key)


def may_approve(subject: Subject, approver: Approver, earlier: Sequence[Event]) -> None:
    """Raise PayrollError unless this person may approve this run now.

    approval_own_work, approval_limit, approval_stream, approval_repeated.
    """
    if any(same_person(approver.name, name) for name in subject.prepared_by):
        raise PayrollError("approval_own_work", where=subject.run_id, by=approver.name)
    if approver.limit_cents is not None and subject.total_cents > approver.limit_cents:
        raise PayrollError(
            "approval_limit",
            where=subject.run_id,
            by=approver.name,
            total_cents=subject.total_cents,
            limit_cents=approver.limit_cents,
        )
    outside = set(subject.streams).difference(approver.streams or subject.streams)
    if outside:
        raise PayrollError(
            "approval_stream",
            where=subject.run_id,
            by=approver.name,
            streams=", ".join(sorted(outside)),
        )
    for event in earlier:
        same = event.body.get("manifest_sha256") == subject.manifest_sha256
        name, key = str(event.body.get("by")), str(event.body.get("public_key"))
        own = key == key_of(approver) or same_person(name, approver.name)
        if same and own:
            raise PayrollError("approval_repeated", where=subject.run_id, by=approver.name)


def require_own_key(approver: Approver, key: Ed25519PrivateKey) -> None:
    """Raise UsageError key_not_theirs unless employer.toml has this key for this person."""
    if public_of(key) != key_of(approver):
        raise UsageError("key_not_theirs", by=approver.name)


def approve(
    subject: Subject,
    employer: Employer,
    approver: Approver,
    key: Ed25519PrivateKey,
    earlier: Sequence[Event],
    *,
    at: str,
    head: str,
) -> Event:
    """The signed event, to be appended right after the event whose digest is `head`.

    The signature so covers the whole ledger before it. Raises PayrollError as `may_approve`,
    UsageError key_not_theirs.
    """
    may_approve(subject, approver, earlier)
    require_own_key(approver, key)
    needed = str(required(subject, employer))
    text = statement(subject, employer, approver, at=at, head=head, needed=needed)
    signature = base64.b64encode(key.sign(text.encode())).decode()
    return Event(
        at=at,
        kind=APPROVED,
        run_id=subject.run_id,
        body={
            "by": approver.name,
            "role": approver.role,
            "public_key": public_of(key),
            "manifest_sha256": subject.manifest_sha256,
            "statement": text,
            "signature": signature,
        },
    )


def approvals_of(
    subject: Subject, employer: Employer, events: Sequence[Event], enrolled: Enrolled
) -> tuple[list[Event], list[Event]]:
    """(approvals that count, approvals void because the run's bytes were others).

    Raises PayrollError approval_forged for one whose signature, key or text is not right, and as
    `may_approve` and `require_enrolled`.
    """
    valid: list[Event] = []
    void: list[Event] = []
    for event in events:
        body = event.body
        if body.get("manifest_sha256") != subject.manifest_sha256:
            void.append(event)
            continue
        known = [
            item
            for item in strictest(subject, employer)
            if person_key(item.name) == person_key(str(body.get("by")))
            and key_of(item) == body.get("public_key")
        ]
        if len(known) != 1 or not _signed(event, subject, employer, known[0]):
            raise PayrollError(
                "approval_forged",
                where=subject.run_id,
                event=event.seq,
                fingerprint=fingerprint(str(body.get("public_key"))) or "-",
            )
        require_enrolled(enrolled, known[0].name, key_of(known[0]), event.seq)
        may_approve(subject, known[0], valid)
        valid.append(event)
    return valid, void


def missing(
    subject: Subject, employer: Employer, valid: Sequence[Event]
) -> tuple[int, tuple[str, ...]]:
    """(how many approvals are still needed, which roles have not approved yet)."""
    signed = [_needed(said_in(event)) for event in valid]
    wanted = max(required(subject, employer), *signed, 1)
    roles = {str(event.body.get("role")) for event in valid}
    asked = dict.fromkeys((*employer.release.roles, *subject.roles))
    lacking = tuple(role for role in asked if role not in roles)
    return max(wanted - len(valid), len(lacking), 0), lacking


def _signed(event: Event, subject: Subject, employer: Employer, approver: Approver) -> bool:
    said = said_in(event)
    needed = said.get("approvals-needed", "")
    expected = statement(
        subject, employer, approver, at=event.at, head=event.previous, needed=needed
    )
    return bool(said) and event.body.get("statement") == expected


def key_of(approver: Approver) -> str:
    """The public key of an approver without its comment; '' for none, or for no key."""
    try:
        return compact_public(approver.public_key)
    except ValueError:
        return ""


def shown(events: Sequence[Event]) -> list[Mapping[str, str]]:
    """Who approved, when and with which key, for people and machines."""
    return [
        {
            "by": str(event.body.get("by")),
            "role": str(event.body.get("role")),
            "at": event.at,
            "fingerprint": fingerprint(str(event.body.get("public_key"))),
        }
        for event in events
    ]
