"""Enrol a key in the ledger: somebody whose key it knows signs for it."""

from __future__ import annotations

from pathlib import Path

from payroll.ledger.approvals import key_of, listed_approver
from payroll.ledger.enrolment import Enrolment, enrolled_in, enrolment
from payroll.ledger.keys import fingerprint, open_key, public_of
from payroll.model.errors import PayrollError, UsageError
from payroll.release.workspace import LEDGER, begun, employer_of, writing
from payroll.store import now


def enrol_key(workspace: Path, name: str, by: str, private: bytes, passphrase: str) -> Enrolment:
    """Enrol the key that employer.toml has for a person, signed by `by` with an enrolled key.

    In a ledger that an earlier version of the program began, the first to sign is one whose key
    approved a run there. Raises UsageError approver_unknown, approver_without_key, enrol_first_use
    (nobody approved anything yet: the first approval enrols), key_enrolled, passphrase_wrong;
    PayrollError signer_not_enrolled and as `writing`.
    """
    employer = employer_of(workspace)
    person, signer = listed_approver(employer, name), listed_approver(employer, by)
    public, key = key_of(person), open_key(private, passphrase)
    if not begun(workspace):
        raise UsageError("enrol_first_use", where=LEDGER)
    with writing(workspace) as ledger:
        known = enrolled_in(ledger)
        if known.signs(person.name, public) or public in {
            item.public_key for item in known.entries if item.name != person.name
        }:
            raise UsageError("key_enrolled", where=LEDGER, by=person.name)
        at, head = now().isoformat(), ledger.head()[1]
        with ledger.transaction():
            ledger.append(enrolment(person, public, signer.name, key, at=at, head=head))
            after = enrolled_in(ledger)
            if len(after.entries) == len(known.entries):
                shown = fingerprint(public_of(key))
                raise PayrollError("signer_not_enrolled", where=LEDGER, by=signer.name, key=shown)
        return after.entries[-1]
