"""Approve a run, and release it once: claim every key, then hand the files over, restartably."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from payroll.atomic_files import WRITING, replace_whole
from payroll.ledger.approvals import (
    APPROVED,
    approvals_of,
    approve,
    approver_named,
    may_approve,
    missing,
    newly_listed,
    require_own_key,
)
from payroll.ledger.book import Event, Ledger
from payroll.ledger.keys import open_key
from payroll.ledger.payment_keys import ITEMS, Near, claim_run, near_duplicates
from payroll.model.decisions import DECISIONS, recorded
from payroll.model.errors import DamagedInputError, PayrollError
from payroll.model.released import LEDGER_EXTRACT, REISSUE
from payroll.release.private_files import make_private_folder
from payroll.release.proven_run import ProvenRun
from payroll.release.workspace import EMPLOYER, begun, reading, writing
from payroll.store import now, read_input

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
    newly_listed: approvers whom employer.toml did not list, or not so, when the run was made.
    changed_inputs: files of the month that are no longer as the run read them.
    """

    files: tuple[Path, ...]
    resumed: bool
    near: tuple[tuple[str, str, int, str], ...]
    valid: tuple[Event, ...]
    newly_listed: tuple[str, ...] = ()
    changed_inputs: tuple[str, ...] = ()


def check_approver(proven: ProvenRun, name: str) -> None:
    """Raise PayrollError unless that person may approve the run now: before a key is asked for."""
    approver = approver_named(proven.employer, name)
    with reading(proven.workspace) as ledger:
        may_approve(proven.subject, approver, _approvals(ledger, proven))


def approve_run(proven: ProvenRun, name: str, private: bytes, passphrase: str) -> Approval:
    """Sign the run's manifest digest and record it (`prepared` once, then `approved`).

    Raises PayrollError as payroll.ledger.approvals, run_released, UsageError passphrase_wrong.
    """
    subject, employer = proven.subject, proven.employer
    approver = approver_named(employer, name)
    key = open_key(private, passphrase)
    require_own_key(approver, key)  # before a ledger is begun
    with writing(proven.workspace) as ledger:
        if ledger.events("kind = 'released' AND run_id = ?", subject.run_id):
            raise PayrollError("run_released", where=subject.run_id)
        at = now().isoformat()
        with ledger.transaction():
            _record_prepared(ledger, proven, at)
            earlier = _approvals(ledger, proven)
            event = approve(subject, employer, approver, key, earlier, at=at, head=ledger.head()[1])
            ledger.append(event)
        valid, _ = approvals_of(subject, employer, _approvals(ledger, proven))
    needed, lacking = missing(subject, employer, valid)
    return Approval(event=event, valid=tuple(valid), needed=needed, lacking_roles=lacking)


def release_run(proven: ProvenRun, by: str, near: Near) -> Release:
    """Verify the approvals, claim every payment key at once, copy the files to the outbox.

    Killed at any moment and called again, it goes on where it stopped; nothing is claimed twice.
    near: when a payment is so much like another that it is worth a warning.
    Raises PayrollError approvals_missing, approval_forged, key_live, key_failed, run_released,
    held_since, ledger_busy, run_not_written, outbox_ahead (the ledger is an older
    copy), outbox_differs,
    DamagedInputError run_not_as_released.
    """
    subject = proven.subject
    if not begun(proven.workspace):  # nobody approved anything: no ledger is begun for that
        with reading(proven.workspace):  # one that was lost is told first
            _require_approved(proven, ())
    with writing(proven.workspace) as ledger:
        before = ledger.events("kind = 'released' AND run_id = ?", subject.run_id)
        if any(item.body.get("manifest_sha256") != subject.manifest_sha256 for item in before):
            raise DamagedInputError("run_not_as_released", where=subject.run_id)
        valid, void = approvals_of(subject, proven.employer, _approvals(ledger, proven))
        if not before:
            _require_approved(proven, valid, void=len(void))
            _require_none_delivered(ledger, proven)
            _require_nobody_held_since(proven)
            _claim(ledger, proven, valid, by)
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
        valid=tuple(valid),
        newly_listed=tuple(newly_listed(subject, valid)),
        changed_inputs=tuple(changed_inputs(proven)),
    )


def near_rule(proven: ProvenRun) -> Near:
    """When payments are much alike by the run's own rules (LED-006, which looks before)."""
    control = proven.run.rulebook.controls["LED-006"]
    return Near(
        days=control.whole("days"),
        minimum_cents=control.cents("minimum"),
        official=tuple(control.texts("official")),
    )


def _claim(ledger: Ledger, proven: ProvenRun, valid: Sequence[Event], by: str) -> None:
    subject = proven.subject
    body: dict[str, object] = {
        "manifest_sha256": subject.manifest_sha256,
        "approvals": [event.digest for event in valid],
        "held": {"payments": len(proven.held), "cents": int(proven.held["amount_cents"].sum())},
        ITEMS: proven.items,
    }
    claim_run(
        ledger,
        run_id=subject.run_id,
        files=proven.files,
        payments=proven.payments,
        payment_keys=proven.payment_keys,
        at=now().isoformat(),
        by=by,
        body=body,
    )


def _require_approved(proven: ProvenRun, valid: Sequence[Event], *, void: int = 0) -> None:
    needed, lacking = missing(proven.subject, proven.employer, valid)
    if needed:
        raise PayrollError(
            "approvals_missing",
            where=proven.subject.run_id,
            count=needed,
            roles=", ".join(lacking) or "-",
            void=void,
        )


def _require_none_delivered(ledger: Ledger, proven: ProvenRun) -> None:
    """A file in the outbox that the ledger knows nothing of was delivered by one since lost."""
    known = {row[0] for row in ledger.connection.execute("SELECT outbox_name FROM file")}
    for file in proven.files:
        path = proven.outbox / file.outbox_name
        if path.name not in known and (path.exists() or path.is_symlink()):
            raise PayrollError("outbox_ahead", where=path.name)


def changed_inputs(proven: ProvenRun) -> list[str]:
    """The lists and orders of the month that are no longer as the run read them."""
    month, inputs = proven.month, proven.run.inputs
    aside = {EMPLOYER, LEDGER_EXTRACT, REISSUE, DECISIONS}
    return [
        name
        for name in sorted(inputs.keys() - aside)
        if (month / name).is_file() and read_input(month / name) != inputs[name]
    ]


def _require_nobody_held_since(proven: ProvenRun) -> None:
    """Raise PayrollError held_since when somebody decided since to hold a payee of the run."""
    path = proven.month / DECISIONS
    if not path.is_file():
        return
    before = {(item.finding, item.by, item.at) for item in recorded(proven.run.inputs)}
    paid = set(proven.payments["payee_id"])
    held = {
        item.subject
        for item in recorded({DECISIONS: read_input(path)})
        if item.action == "hold"
        and item.subject in paid
        and (item.finding, item.by, item.at) not in before
    }
    if held:
        payees = ", ".join(sorted(held)[:5])
        raise PayrollError("held_since", where=proven.subject.run_id, payees=payees)


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


def _approvals(ledger: Ledger | None, proven: ProvenRun) -> list[Event]:
    if ledger is None:
        return []
    return ledger.events("kind = ? AND run_id = ?", APPROVED, proven.subject.run_id)


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
