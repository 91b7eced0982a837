"""What must hold before a run is claimed, and before an interrupted release goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from payroll.ledger.approvals import APPROVED, missing
from payroll.ledger.book import Event, Ledger
from payroll.ledger.enrolment import enrolled_in
from payroll.ledger.payment_keys import claimed_as
from payroll.ledger.proof import unapproved
from payroll.model.beside import BESIDE, TABLE
from payroll.model.decisions import DECISIONS, recorded
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.model.order import parse_order
from payroll.model.released import LEDGER_EXTRACT, LEDGER_HEAD, REISSUE
from payroll.record.run import files_beside
from payroll.release.proven_run import ProvenRun
from payroll.release.workspace import EMPLOYER
from payroll.rulebook.toml import WORKSPACE
from payroll.store import own_rule_files, read_input, what_lies_beside

_SHORTEST = 3  # of a name or a reason
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Changes:
    """What is no longer as the run read it.

    files: of the month, changed or gone, the bank's that came since, and the employer's own rules
    that are other now; payees: paid by the run,
    whom somebody decided since to hold, or whose decision to pay was taken back.
    """

    files: tuple[str, ...] = ()
    payees: tuple[str, ...] = ()


def approvals_in(ledger: Ledger | None, proven: ProvenRun) -> list[Event]:
    """Everything that says it approves the run."""
    if ledger is None:
        return []
    return ledger.events("kind = ? AND run_id = ?", APPROVED, proven.subject.run_id)


def require_approved(proven: ProvenRun, valid: Sequence[Event], *, void: int = 0) -> None:
    """Raise PayrollError approvals_missing."""
    needed, lacking = missing(proven.subject, proven.employer, valid)
    if needed:
        raise PayrollError(
            "approvals_missing",
            where=proven.subject.run_id,
            count=needed,
            roles=", ".join(lacking) or "-",
            void=void,
        )


def require_none_delivered(ledger: Ledger, proven: ProvenRun) -> None:
    """A file in the outbox that the ledger knows nothing of was delivered by one since lost."""
    known = {row[0] for row in ledger.connection.execute("SELECT outbox_name FROM file")}
    for file in proven.files:
        path = proven.outbox / file.outbox_name
        if path.name not in known and (path.exists() or path.is_symlink()):
            raise PayrollError("outbox_ahead", where=path.name)


def changes_since(proven: ProvenRun) -> Changes:
    """What of the month is other than the run read it; employer.toml has rules of its own."""
    month, inputs = proven.month, proven.run.inputs
    aside = {EMPLOYER, LEDGER_EXTRACT, LEDGER_HEAD, REISSUE, DECISIONS, BESIDE}
    files = [
        name
        for name in sorted(inputs.keys() - aside)
        if not (month / name).is_file() or read_input(month / name) != inputs[name]
    ]
    found = (*files, *_come_since(proven), *_rules_since(proven))
    return Changes(found, tuple(_decided_since(proven)))


def _rules_since(proven: ProvenRun) -> list[str]:
    """The employer's own rules that are other than the run obeyed, or that it never saw."""
    today = own_rule_files(proven.workspace)
    then = {name: text for name, text in proven.run.rules.items() if name.startswith(WORKSPACE)}
    names = sorted({*today, *then})
    return [
        f"rules/{name.removeprefix(WORKSPACE)}"
        for name in names
        if today.get(name) != then.get(name)
    ]


def _come_since(proven: ProvenRun) -> list[str]:
    """The bank's files that lie beside the order now and did not when the run was made."""
    run = proven.run
    now = what_lies_beside(proven.month, parse_order(run.inputs))
    bank = now[now["looks_like"] != TABLE]
    return sorted(set(bank["file"]) - set(files_beside(run.inputs)["file"]))


def _decided_since(proven: ProvenRun) -> list[str]:
    path = proven.month / DECISIONS
    content = {DECISIONS: read_input(path)} if path.is_file() else {}
    paid = set(proven.payments["payee_id"])

    def said(inputs: dict[str, bytes], action: str) -> dict[tuple[str, str, str], str]:
        return {
            (item.finding, item.by, str(item.at)): item.subject
            for item in recorded(inputs)
            if item.action == action and item.subject in paid
        }

    before = dict(proven.run.inputs)
    held = {who for key, who in said(content, "hold").items() if key not in said(before, "hold")}
    taken_back = {
        who for key, who in said(before, "pay").items() if key not in said(content, "pay")
    }
    return sorted(held | taken_back)


def require_unchanged(proven: ProvenRun, by: str, reason: str | None) -> dict[str, object]:
    """What the release records of changes that somebody lets be.

    reason: why the run is released as it was approved; None when nobody asked for that. Raises
    PayrollError held_since or changed_since, UsageError as_approved_who_and_why.
    """
    if reason is not None and min(len(by.strip()), len(reason.strip())) < _SHORTEST:
        raise UsageError("as_approved_who_and_why", where="--by, --reason")
    changes = changes_since(proven)
    run_id = proven.subject.run_id
    if reason is None and changes.payees:
        payees = ", ".join(changes.payees[:_SHOWN])
        raise PayrollError("held_since", where=run_id, payees=payees)
    if reason is None and changes.files:
        files = ", ".join(changes.files[:_SHOWN])
        raise PayrollError("changed_since", where=run_id, files=files, count=len(changes.files))
    if reason is None or changes == Changes():
        return {}
    told = {"files": list(changes.files), "payees": list(changes.payees)}
    return {"as_approved": {"reason": reason.strip(), **told}}


def require_as_claimed(
    ledger: Ledger, proven: ProvenRun, before: Sequence[Event]
) -> tuple[Event, ...]:
    """The approvals behind a release that the ledger has already; all of it must be this run's.

    Whoever writes such an event into the ledger cannot sign: nothing is delivered on its word.
    Raises DamagedInputError run_not_as_released, PayrollError ledger_not_enrolled.
    """
    run_id = proven.subject.run_id
    if not enrolled_in(ledger).entries:
        raise PayrollError("ledger_not_enrolled", where="ledger.sqlite")
    listed = before[0].body.get("approvals")
    digests = listed if isinstance(listed, list) else []
    valid = [event for event in approvals_in(ledger, proven) if event.digest in digests]
    if (
        len(before) != 1
        or before[0].body.get("manifest_sha256") != proven.subject.manifest_sha256
        or unapproved(ledger, run_id)
        or not claimed_as(ledger, run_id, proven.files, proven.payments, proven.payment_keys)
    ):
        raise DamagedInputError("run_not_as_released", where=run_id)
    require_approved(proven, valid)
    return tuple(valid)
