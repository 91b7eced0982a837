"""Approve a run, and release it once: claim every key, then hand the files over, restartably."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from payroll.atomic_files import WRITING, replace_whole, require_no_link
from payroll.ledger.approvals import (
    approvals_of,
    approve,
    approver_named,
    key_of,
    may_approve,
    missing,
    require_enrolled,
    require_own_key,
    strictest,
)
from payroll.ledger.book import Event, Ledger
from payroll.ledger.employer_facts import as_recorded
from payroll.ledger.enrolment import enrolled_in
from payroll.ledger.keys import open_key
from payroll.ledger.near_duplicates import Near, near_duplicates
from payroll.ledger.payment_keys import ITEMS, claim_run
from payroll.model.errors import PayrollError
from payroll.model.order import Approver
from payroll.release.guards import (
    Changes,
    approvals_in,
    changes_since,
    require_approved,
    require_as_claimed,
    require_none_delivered,
    require_unchanged,
)
from payroll.release.private_files import make_private_folder
from payroll.release.proven_run import ProvenRun
from payroll.release.released_since import require_none_since
from payroll.release.workspace import begun, reading, writing
from payroll.store import now

DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What an approval came to: by whom, how many are still needed, which roles are lacking."""

    event: Event
    valid: tuple[Event, ...]
    needed: int
    lacking_roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a release did. resumed: it finished an earlier one that was interrupted.

    near: (stream, payee, cents, other run) of payments much like one of another run.
    changes: what is no longer as the run read it, and was let be.
    """

    files: tuple[Path, ...]
    resumed: bool
    near: tuple[tuple[str, str, int, str], ...]
    valid: tuple[Event, ...]
    changes: Changes


def _unheard(_stage: str) -> None:
    """Where nobody watches the building."""


def check_approver(
    proven: ProvenRun, name: str, announce: Callable[[str], None] = _unheard
) -> None:
    """Raise PayrollError unless that person may approve the run now: before a key is asked for.

    announce: as `payroll.release.released_since.require_none_since`.
    """
    approver = approver_named(proven.subject, proven.employer, name)
    with reading(proven.workspace) as ledger:
        if ledger is not None:
            require_enrolled(enrolled_in(ledger), approver.name, key_of(approver))
        may_approve(proven.subject, approver, approvals_in(ledger, proven))
        if ledger is not None and not _is_released(ledger, proven):
            require_none_since(ledger, proven, announce)


def _is_released(ledger: Ledger, proven: ProvenRun) -> bool:
    return bool(ledger.events("kind = 'released' AND run_id = ?", proven.subject.run_id))


def approve_run(proven: ProvenRun, name: str, private: bytes, passphrase: str) -> Approval:
    """Sign the run's manifest digest and record it (`prepared` once, then `approved`).

    A ledger that is begun for it enrols whoever may approve this run.
    Raises PayrollError as payroll.ledger.approvals and payroll.release.released_since,
    run_released, UsageError passphrase_wrong.
    """
    subject, employer = proven.subject, proven.employer
    approver = approver_named(subject, employer, name)
    key = open_key(private, passphrase)
    require_own_key(approver, key)  # before a ledger is begun
    with writing(proven.workspace, signers(proven)) as ledger:
        enrolled = enrolled_in(ledger)
        require_enrolled(enrolled, approver.name, key_of(approver))
        if _is_released(ledger, proven):
            raise PayrollError("run_released", where=subject.run_id)
        require_none_since(ledger, proven)
        at = now().isoformat()
        with ledger.transaction():
            _record_prepared(ledger, proven, at)
            earlier = approvals_in(ledger, proven)
            event = approve(subject, employer, approver, key, earlier, at=at, head=ledger.head()[1])
            ledger.append(event)
        valid, _ = approvals_of(subject, employer, approvals_in(ledger, proven), enrolled)
    needed, lacking = missing(subject, employer, valid)
    return Approval(event=event, valid=tuple(valid), needed=needed, lacking_roles=lacking)


def signers(proven: ProvenRun) -> list[tuple[Approver, str]]:
    """Who may approve the run, each with their public key."""
    return [(item, key_of(item)) for item in strictest(proven.subject, proven.employer)]


def release_run(
    proven: ProvenRun,
    by: str,
    near: Near,
    as_approved: str | None = None,
    announce: Callable[[str], None] = _unheard,
) -> Release:
    """Verify the approvals, claim every payment key at once, copy the files to the outbox.

    Killed at any moment and called again, it goes on where it stopped; nothing is claimed twice.
    near: when a payment is so much like another that it is worth a warning. as_approved: why it is
    released although the month has changed since; None when nobody asked for that.
    announce: as `payroll.release.released_since.require_none_since`.
    Raises PayrollError approvals_missing, approval_forged, key_live, key_failed, released_since,
    run_released, held_since, changed_since, ledger_busy, link_refused, run_not_written,
    outbox_ahead (the ledger is an older copy), outbox_differs, signer_not_enrolled,
    ledger_not_enrolled, UsageError as_approved_who_and_why, person_unlisted,
    DamagedInputError run_not_as_released.
    """
    subject = proven.subject
    person = proven.employer.person(by) if by.strip() else ""
    if not begun(proven.workspace):  # nobody approved anything: no ledger is begun for that
        with reading(proven.workspace):  # one that was lost is told first
            require_approved(proven, ())
    require_no_link(proven.outbox, _beside(proven.outbox))  # before anything is claimed
    with writing(proven.workspace) as ledger:
        before = ledger.events("kind = 'released' AND run_id = ?", subject.run_id)
        if before:
            valid = require_as_claimed(ledger, proven, before)
        else:
            valid = _claimed(ledger, proven, person, as_approved, announce)
        delivered = {
            event.message_id
            for event in ledger.events("kind = ? AND run_id = ?", DELIVERED, subject.run_id)
        }
        left = [file for file in proven.files if file.message_id not in delivered]
        if before and not left:
            raise PayrollError("run_released", where=subject.run_id)
        _clear(proven.outbox)
        for file in left:
            _deliver(proven.outbox / file.outbox_name, proven.content(file))
            with ledger.transaction():
                ledger.append(
                    Event(
                        at=now().isoformat(),
                        kind=DELIVERED,
                        run_id=subject.run_id,
                        message_id=file.message_id,
                        body={"name": file.outbox_name},
                    )
                )
        alike = near_duplicates(ledger, subject.run_id, near)
    paths = tuple(proven.outbox / file.outbox_name for file in proven.files)
    return Release(
        files=paths,
        resumed=bool(before),
        near=tuple(alike),
        valid=valid,
        changes=changes_since(proven),
    )


def near_rule(proven: ProvenRun) -> Near:
    """When payments are much alike by the run's own rules (LED-006, which looks before)."""
    control = proven.run.rulebook.controls["LED-006"]
    return Near(
        days=control.whole("days"),
        minimum_cents=control.cents("minimum"),
        official=tuple(control.texts("official")),
    )


def _claimed(
    ledger: Ledger,
    proven: ProvenRun,
    by: str,
    as_approved: str | None,
    announce: Callable[[str], None],
) -> tuple[Event, ...]:
    """Everything looked at once more, then every key claimed: the approvals that count."""
    subject = proven.subject
    approvals = approvals_in(ledger, proven)
    valid, void = approvals_of(subject, proven.employer, approvals, enrolled_in(ledger))
    require_approved(proven, valid, void=len(void))
    require_none_delivered(ledger, proven)
    require_none_since(ledger, proven, announce)
    let_be = require_unchanged(proven, by, as_approved)
    held = proven.held
    claim_run(
        ledger,
        run_id=subject.run_id,
        files=proven.files,
        payments=proven.payments,
        payment_keys=proven.payment_keys,
        at=now().isoformat(),
        by=by,
        body={
            "manifest_sha256": subject.manifest_sha256,
            "approvals": [event.digest for event in valid],
            "held": {"payments": len(held), "cents": int(held["amount_cents"].sum())},
            "employer": as_recorded(proven.run.employer),
            ITEMS: proven.items,
            **let_be,
        },
    )
    return tuple(valid)


def _record_prepared(ledger: Ledger, proven: ProvenRun, at: str) -> None:
    subject = proven.subject
    earlier = ledger.events("kind = 'prepared' AND run_id = ?", subject.run_id)
    if any(event.body.get("manifest_sha256") == subject.manifest_sha256 for event in earlier):
        return
    ledger.append(
        Event(
            at=at,
            kind="prepared",
            run_id=subject.run_id,
            body={
                "manifest_sha256": subject.manifest_sha256,
                "payments": subject.payments,
                "total_cents": subject.total_cents,
                "prepared_by": list(subject.prepared_by),
            },
        )
    )


def _deliver(path: Path, content: bytes) -> None:
    """Put a file into the outbox: whole, or not at all; one that is there already must be equal."""
    if path.exists() or path.is_symlink():
        if path.is_symlink() or not path.is_file() or path.read_bytes() != content:
            raise PayrollError("outbox_differs", where=path.name)
        return
    replace_whole(path, content, beside=_beside(path.parent))


def _beside(outbox: Path) -> Path:
    """Where a file is written before it is whole: never in the outbox itself."""
    return outbox.with_name(f"{WRITING}outbox")


def _clear(outbox: Path) -> None:
    """Make both folders, without what an interrupted copy left."""
    for folder in (outbox, _beside(outbox)):
        make_private_folder(folder)
    for path in _beside(outbox).iterdir():
        path.unlink()
