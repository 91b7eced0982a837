"""Prove a ledger: every event in its chain, every row under the digest that a release recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from payroll.ledger.approvals import APPROVED, covers, said_in
from payroll.ledger.book import GENESIS, Event, Ledger, canonical, event_of
from payroll.ledger.by_hand import unproved
from payroll.ledger.enrolment import enrolled_in
from payroll.ledger.payment_keys import PAYMENT_COLUMNS, RowsDigest, payment_digest
from payroll.ledger.states import FREE, payment_states, reissued
from payroll.model.released import KEY

_SAME_KEY = " AND ".join(f"old.{name} = new.{name}" for name in KEY)
#: (what, which): what is an id `ledger_problem_<what>` of the text catalogue.
LedgerProblem = tuple[str, str]
#: Places in a row of `file`, which an event of release repeats.
_COUNT, _CENTS = 10, 11


def problems(ledger: Ledger) -> list[LedgerProblem]:
    """Everything that is not as it was written, each with the event, file or payment concerned."""
    try:
        found = [*_structure(ledger), *_chain(ledger)]
        found += [*_files(ledger), *_payments(ledger), *_claims(ledger)]
        found += _approvals(ledger)
        return [*found, *(("match_unproved", seq) for seq in unproved(ledger))]
    except (sqlite3.DatabaseError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return [("structure", f"{type(error).__name__}: {error}")]  # a value of another type


def unapproved(ledger: Ledger, run_id: str = "") -> list[LedgerProblem]:
    """Releases that enough approvals of their run, its bytes and its total do not stand behind.

    Each signed with a key that was the signer's when they signed; of a ledger that knows no keys,
    `not_enrolled` tells. run_id: of that run alone.
    """
    approvals = {event.digest: event for event in ledger.events("kind = ?", APPROVED)}
    enrolled, found = enrolled_in(ledger), []
    for event in ledger.events("kind = 'released' AND ? IN ('', run_id)", run_id):
        body = event.body
        listed, files = body.get("approvals"), body.get("files")
        given = listed if isinstance(listed, list) else []
        rows = files if isinstance(files, list) else []
        count, cents = (sum(int(row[at]) for row in rows) for at in (_COUNT, _CENTS))
        known = [approvals[key] for key in given if key in approvals]
        theirs = not enrolled.entries or all(
            enrolled.signs(*_signer(item), item.seq) for item in known
        )
        manifest = str(body.get("manifest_sha256"))
        covered = theirs and covers(known, event.run_id, manifest, count, cents)
        if not covered or len(known) < len(given):
            found.append(("release_unapproved", event.run_id))
    return found


def _signer(approval: Event) -> tuple[str, str]:
    return str(approval.body.get("by")), str(approval.body.get("public_key"))


def not_enrolled(ledger: Ledger) -> list[LedgerProblem]:
    """Told of a ledger in which people approved and nobody's key is enrolled."""
    approved = ledger.events("kind = ?", APPROVED)
    return [("not_enrolled", "1")] if approved and not enrolled_in(ledger).entries else []


def _structure(ledger: Ledger) -> Iterator[LedgerProblem]:
    for row in ledger.connection.execute("PRAGMA integrity_check(20)"):
        if row[0] != "ok":
            yield "structure", str(row[0])


def _chain(ledger: Ledger) -> Iterator[LedgerProblem]:
    previous, expected = GENESIS, 1
    for row in ledger.connection.execute("SELECT * FROM event ORDER BY seq"):
        event = event_of(row)
        if event.seq != expected:
            yield "event_missing", str(expected)
        elif event.previous != previous:
            yield "event_broken", str(event.seq)
        if canonical(event.body) != row[6] or event.chained(event.seq, event.previous) != row[8]:
            yield "event_changed", str(event.seq)
        previous, expected = event.digest, event.seq + 1


def _approvals(ledger: Ledger) -> Iterator[LedgerProblem]:
    """Every approval is signed by who is enrolled, over what it says and the chain before it."""
    enrolled = enrolled_in(ledger)
    for seq in enrolled.forged:
        yield "enrolment_forged", str(seq)
    for event in ledger.events("kind = ?", APPROVED):
        if not said_in(event):
            yield "approval_forged", str(event.seq)
        elif enrolled.entries and not enrolled.signs(*_signer(event), event.seq):
            yield "signer_unknown", str(event.seq)


def _files(ledger: Ledger) -> Iterator[LedgerProblem]:
    """The rows of `file` are those that the events of release name."""
    named: dict[str, list[object]] = {}
    for event in ledger.events("kind = 'released'"):
        files = event.body.get("files")
        for row in files if isinstance(files, list) else ():
            named[str(row[0])] = row
    found = {str(row[0]): list(row) for row in ledger.connection.execute("SELECT * FROM file")}
    for message_id in sorted(named.keys() | found.keys()):
        if message_id not in found:
            yield "file_missing", message_id
        elif message_id not in named:
            yield "file_added", message_id
        elif found[message_id] != named[message_id]:
            yield "file_changed", message_id


def _payments(ledger: Ledger) -> Iterator[LedgerProblem]:
    """Each payment and its keys are under its digest, and that under the digest of its file."""
    columns = ", ".join(f"payment.{name}" for name in PAYMENT_COLUMNS)
    keys = ", ".join(f"claim.{name}" for name in KEY)
    rows = ledger.connection.execute(
        f"SELECT {columns}, payment.digest, {keys} FROM payment LEFT JOIN claim"
        " USING (end_to_end_id) ORDER BY payment.end_to_end_id,"
        f" {keys}"
    )
    size = len(PAYMENT_COLUMNS)
    digests: dict[str, RowsDigest] = {}
    totals: dict[str, list[int]] = {}
    for end_to_end_id, group in groupby(rows, key=itemgetter(0)):
        parts = list(group)
        payment, digest = parts[0][:size], str(parts[0][size])
        if payment_digest(payment, [part[size + 1 :] for part in parts]) != digest:
            yield "payment_changed", str(end_to_end_id)
        digests.setdefault(payment[1], RowsDigest()).add(digest)
        sums = totals.setdefault(payment[1], [0, 0])
        sums[0] += 1
        sums[1] += payment[7]
    for message_id, count, total, expected in ledger.connection.execute(
        "SELECT message_id, transactions, total_cents, rows_digest FROM file"
    ):
        if digests.pop(message_id, RowsDigest()).text() != expected:
            yield "rows_changed", str(message_id)
        if totals.get(message_id, [0, 0]) != [count, total]:
            yield "totals_differ", str(message_id)
    for message_id in digests:
        yield "payments_added", str(message_id)
    for (end_to_end_id,) in ledger.connection.execute(
        "SELECT end_to_end_id FROM claim WHERE end_to_end_id NOT IN"
        " (SELECT end_to_end_id FROM payment)"
    ):
        yield "claim_added", str(end_to_end_id)


def _claims(ledger: Ledger) -> Iterator[LedgerProblem]:
    """Keys are free exactly where the events say that the payment failed."""
    again, failed = reissued(ledger), set()
    for (message_id,) in ledger.connection.execute("SELECT message_id FROM file").fetchall():
        states = payment_states(ledger, message_id, again)
        failed |= {item.end_to_end_id for item in states if item.state in FREE}
    held = {
        str(row[0])
        for key in failed
        for row in ledger.connection.execute(
            "SELECT end_to_end_id FROM claim WHERE end_to_end_id = ? AND freed = ''", (key,)
        )
    }
    for end_to_end_id in sorted(held):
        yield "claim_held", end_to_end_id
    for end_to_end_id, freed, live in ledger.connection.execute(
        f"SELECT old.end_to_end_id, old.freed, new.freed FROM claim AS old LEFT JOIN claim AS new"
        f" ON {_SAME_KEY} AND new.freed = '' WHERE old.freed <> '' ORDER BY 1"
    ):
        # of two payments of one key that were both executed, one holds it
        if freed != end_to_end_id or (end_to_end_id not in failed and live is None):
            yield "claim_freed", str(end_to_end_id)
