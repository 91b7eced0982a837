"""Enrol a key in the ledger: somebody whose key it knows signs for it."""

from __future__ import annotations

from pathlib import Path

from payroll.ledger.approvals import key_of, listed_approver
from payroll.ledger.enrolment import Enrolled, Enrolment, enrolled_in, enrolment
from payroll.ledger.keys import fingerprint, open_key, public_of
from payroll.model.errors import PayrollError, UsageError
from payroll.release.workspace import LEDGER, begun, employer_of, reading, writing
from payroll.store import now


def enrol_key(workspace: Path, name: str, by: str, private: bytes, passphrase: str) -> Enrolment:
    """Sign with an enrolled key for the key that employer.toml has for a person.

    Two people sign where two are enrolled: the first signature waits (`is_alone`, of no event that
    counts), and the same one again changes nothing. In a ledger that an earlier version of the
    program began, the first to sign is one whose key approved a run there. Raises UsageError
    approver_unknown, approver_without_key, enrol_first_use (nobody approved anything yet: the first
    approval enrols), key_enrolled, passphrase_wrong; PayrollError signer_not_enrolled and as
    `writing`.
    """
    employer = employer_of(workspace)
    person, signer = listed_approver(employer, name), listed_approver(employer, by)
    public, key = key_of(person), open_key(private, passphrase)
    if not begun(workspace):
        raise UsageError("enrol_first_use", where=LEDGER)
    with writing(workspace) as ledger:
        known = enrolled_in(ledger)
        if _is_enrolled(known, person.name, public, signer.name):
            raise UsageError("key_enrolled", where=LEDGER, by=person.name)
        at, head = now().isoformat(), ledger.head()[1]
        with ledger.transaction():
            event = enrolment(person, public, signer.name, key, at=at, head=head)
            ledger.append(event)
            after = enrolled_in(ledger)
            if len(after.forged) > len(known.forged):
                shown = fingerprint(public_of(key))
                raise PayrollError("signer_not_enrolled", where=LEDGER, by=signer.name, key=shown)
        both = (*after.waiting, *after.entries)
        return next(item for item in both[::-1] if item.public_key == public)


def waits(workspace: Path, made: Enrolment) -> bool:
    """Whether a signature enrols nobody before a second person signs too."""
    with reading(workspace) as ledger:
        return made in enrolled_in(ledger).waiting


def _is_enrolled(known: Enrolled, name: str, public: str, by: str) -> bool:
    """Whether the key is another person's, or this one's without anybody left to sign for it."""
    others = {item.public_key for item in known.entries if item.name != name}
    if public in others or not known.signs(name, public):
        return public in others
    mine = next(item for item in known.entries[::-1] if item.public_key == public)
    return not (mine.is_alone and mine.may_be_seconded(by))
