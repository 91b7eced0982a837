"""What an approver is shown of the ledger and of employer.toml before signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from payroll.ledger.answer_files import AnswerFile, failed_by
from payroll.ledger.approvals import key_of
from payroll.ledger.book import Event, last_release
from payroll.ledger.employer_facts import Difference, as_recorded, differences
from payroll.ledger.enrolment import Enrolment, enrolled_in, new_since
from payroll.release.proven_run import ProvenRun
from payroll.release.release import signers
from payroll.release.workspace import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFacts:
    """What stands beside the run when it is approved.

    head: the last event of the ledger, None before the first. enrolled: the keys that the first
    use enrols, later those enrolled since the last release. alone: keys of approvers for which one
    person alone signed, at every approval until a second one signs. strangers: approvers of
    employer.toml whose key the ledger does not know. last_release: its run and day, ''.
    since_release, since_run: what is other in employer.toml. rests_on: the files that say that what
    the run pays again had failed.
    """

    head: Event | None = None
    enrolled: tuple[Enrolment, ...] = ()
    alone: tuple[Enrolment, ...] = ()
    strangers: tuple[Enrolment, ...] = ()
    last_release: tuple[str, str] = ("", "")
    since_release: tuple[Difference, ...] = ()
    since_run: tuple[Difference, ...] = ()
    rests_on: tuple[AnswerFile, ...] = ()


def approval_facts(proven: ProvenRun) -> ApprovalFacts:
    """What the ledger and employer.toml say now. Raises DamagedInputError as `reading`."""
    now, then = as_recorded(proven.employer), as_recorded(proven.run.employer)
    since_run = tuple(differences(then, now))
    with reading(proven.workspace) as ledger:
        if ledger is None:
            first = [_listed(item.name, item.role, key) for item, key in signers(proven)]
            return ApprovalFacts(enrolled=tuple(first), since_run=since_run)
        released = last_release(ledger)
        was = released.body.get("employer") if released else None
        enrolled = enrolled_in(ledger)
        listed = [(item, key_of(item)) for item in proven.employer.all_approvers]
        keys = {(item.name, key) for item, key in listed}
        return ApprovalFacts(
            head=ledger.events("seq = ?", ledger.head()[0])[0],
            enrolled=tuple(new_since(enrolled, released.seq if released else 0)),
            alone=tuple(
                entry
                for entry in enrolled.entries
                if entry.is_alone and (entry.name, entry.public_key) in keys
            ),
            strangers=tuple(
                _listed(item.name, item.role, key)
                for item, key in listed
                if key and not enrolled.signs(item.name, key)
            ),
            last_release=(released.run_id, released.at) if released else ("", ""),
            since_release=tuple(differences(was, now)) if isinstance(was, Mapping) else (),
            since_run=since_run,
            rests_on=tuple(failed_by(ledger, _replaced(proven))),
        )


def _replaced(proven: ProvenRun) -> frozenset[str]:
    """The failed payments that a run pays again."""
    replaces = proven.payments["replaces"]
    return frozenset(key for keys in replaces[replaces != ""] for key in keys.split())


def _listed(name: str, role: str, key: str) -> Enrolment:
    return Enrolment(seq=0, at="", name=name, role=role, public_key=key, by="")
