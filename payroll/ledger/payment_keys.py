"""Release: every payment key of a run is claimed in one transaction, or none is.

Requirements 17, 20-22 of facts/emergency-payroll: protection against paying twice spans all files,
runs and months; it names the run that won; a key is claimed again only to replace a payment that
is known to have failed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import groupby, zip_longest
from operator import itemgetter

import pandas as pd

from payroll.ledger.book import Event, Ledger
from payroll.ledger.our_ids import require_told_apart
from payroll.ledger.states import FREE, payment_states, superseded
from payroll.model.errors import PayrollError, require
from payroll.model.frames import rows_of
from payroll.model.released import KEY

PAYMENT_COLUMNS = (
    "end_to_end_id",
    "message_id",
    "payment_id",
    "stream",
    "payee_id",
    "creditor_name",
    "iban",
    "amount_cents",
    "replaces",
)
#: Where the event of a release records the items it pays: payee, item, cents, day, and the payee's
#: enterprise number; what is like them later is found by it.
ITEMS = "items"
_SHOWN = 5
_KEYS = ", ".join(KEY)
_SAME_KEY = " AND ".join(f"old.{name} = new.{name}" for name in KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedFile:
    """One payment file as it is released; counts and total come from its bytes."""

    message_id: str
    block_id: str
    path: str
    outbox_name: str
    sha256: str
    stream: str
    debtor_iban: str
    bank_profile: str
    execution_date: str
    transactions: int
    total_cents: int


def payment_digest(row: Sequence[object], keys: Iterable[Sequence[object]]) -> str:
    """The digest of a payment's row and of its keys: SHA-256, first 32 hexadecimal digits."""
    content = "\x1f".join(map(str, row))
    for key in keys:
        content += "\x1e" + "\x1f".join(map(str, key))
    return hashlib.sha256(content.encode()).hexdigest()[:32]


class RowsDigest:
    """The digest over the payments of a file, added one by one in the order of their ids."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()

    def add(self, digest: str) -> None:
        """One more payment, by its digest."""
        self._whole.update(digest.encode())

    def text(self) -> str:
        """SHA-256 in hexadecimal digits."""
        return self._whole.hexdigest()


def claim_run(
    ledger: Ledger,
    *,
    run_id: str,
    files: Sequence[ReleasedFile],
    payments: pd.DataFrame,
    payment_keys: pd.DataFrame,
    at: str,
    by: str,
    body: dict[str, object],
) -> None:
    """Claim every key of a run and record its files: all on the disk when this returns, or nothing.

    payments: PAYMENT_COLUMNS, sorted by end_to_end_id. payment_keys: KEY and end_to_end_id, every
    payment at least once. body: what the event `released` records besides.
    Raises PayrollError key_live (some of it is paid already), key_failed (it failed before and
    nobody asked to pay it again), run_released, payment_id_used.
    """
    keys = rows_of(payment_keys, *KEY, "end_to_end_id")
    rows = sorted(keys)  # in the order in which they are stored
    digests = {file.message_id: RowsDigest() for file in files}
    with ledger.transaction():
        if ledger.events("kind = 'released' AND run_id = ?", run_id):
            raise PayrollError("run_released", where=run_id)
        _insert(ledger, rows, _digested(payments, rows, digests))
        _require_reissued(ledger, rows)
        ledger.connection.executemany(
            "INSERT INTO file VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                (
                    file.message_id,
                    file.block_id,
                    run_id,
                    file.path,
                    file.outbox_name,
                    file.sha256,
                    file.stream,
                    file.debtor_iban,
                    file.bank_profile,
                    file.execution_date,
                    file.transactions,
                    file.total_cents,
                    digests[file.message_id].text(),
                )
                for file in files
            ],
        )
        require_told_apart(ledger.connection)
        ledger.append(released_event(ledger, run_id, at=at, by=by, body=body))


def _digested(
    payments: pd.DataFrame, keys: list[tuple[str, ...]], digests: Mapping[str, RowsDigest]
) -> Iterator[tuple[object, ...]]:
    """Each payment with its digest, which is added to that of its file.

    A million of them are never held at once; keys: sorted.
    """
    of_payment = itemgetter(len(KEY))
    groups = groupby(sorted(keys, key=of_payment), key=of_payment)
    pairs = zip_longest(rows_of(payments, *PAYMENT_COLUMNS), groups)
    for row, group in pairs:
        found = row is not None and group is not None and row[0] == group[0]
        require(found, "a payment without a key, or the reverse, or out of order")
        digest = payment_digest(row, [claim[:-1] for claim in group[1]])
        digests[row[1]].add(digest)
        yield (*row, digest)


def released_event(
    ledger: Ledger, run_id: str, *, at: str, by: str, body: dict[str, object]
) -> Event:
    """The event that ties the rows of a run's files to the chain."""
    rows = ledger.connection.execute(
        "SELECT * FROM file WHERE run_id = ? ORDER BY message_id", (run_id,)
    )
    files = [list(row) for row in rows]
    return Event(at=at, kind="released", run_id=run_id, body={**body, "by": by, "files": files})


def claimed_as(
    ledger: Ledger,
    run_id: str,
    files: Sequence[ReleasedFile],
    payments: pd.DataFrame,
    payment_keys: pd.DataFrame,
) -> bool:
    """Whether the files, payments and keys that the ledger has of a run are exactly these.

    payments, payment_keys: as `claim_run`.
    """
    names = [item.name for item in fields(ReleasedFile)]
    of_run = "message_id IN (SELECT message_id FROM file WHERE run_id = ?)"
    keys = ", ".join(f"claim.{name}" for name in KEY)
    pairs: list[tuple[str, list[tuple[object, ...]]]] = [
        (f"{', '.join(names)} FROM file WHERE run_id = ?", [*map(astuple, files)]),
        (
            f"{', '.join(PAYMENT_COLUMNS)} FROM payment WHERE {of_run}",
            [*rows_of(payments, *PAYMENT_COLUMNS)],
        ),
        (
            f"{keys}, end_to_end_id FROM claim JOIN payment USING (end_to_end_id) WHERE {of_run}",
            [*rows_of(payment_keys, *KEY, "end_to_end_id")],
        ),
    ]
    return all(
        set(ledger.connection.execute(f"SELECT {query}", (run_id,))) == set(rows)
        for query, rows in pairs
    )


def _insert(
    ledger: Ledger, rows: list[tuple[str, ...]], payments: Iterator[tuple[object, ...]]
) -> None:
    connection = ledger.connection
    try:
        connection.executemany(
            f"INSERT INTO claim ({_KEYS}, freed, end_to_end_id) VALUES (?,?,?,?,'',?)", rows
        )
    except sqlite3.IntegrityError as error:
        raise _live(ledger, rows) from error
    try:
        connection.executemany("INSERT INTO payment VALUES (?,?,?,?,?,?,?,?,?,?)", payments)
    except sqlite3.IntegrityError as error:
        raise PayrollError("payment_id_used") from error


def _live(ledger: Ledger, rows: list[tuple[str, ...]]) -> PayrollError:
    """Which keys are live already, and in which run: the loser is told who won."""
    connection = ledger.connection
    found = []
    for *key, _ in rows:
        row = connection.execute(
            "SELECT file.run_id FROM claim"
            " JOIN payment USING (end_to_end_id) JOIN file USING (message_id)"
            " WHERE claim.stream = ? AND claim.payee_id = ? AND claim.period = ?"
            " AND claim.item = ? AND claim.freed = ''",
            key,
        ).fetchone()
        if row is not None:  # its own rows have no payment yet
            found.append((key, row[0]))
    shown = ", ".join(f"{key[0]} {key[1]} {key[3] or key[2]}" for key, _ in found[:_SHOWN])
    runs = ", ".join(sorted({run for _, run in found}))
    return PayrollError("key_live", count=len(found), shown=shown or "-", runs=runs or "-")


def _require_reissued(ledger: Ledger, rows: list[tuple[str, ...]]) -> None:
    """A key that failed is claimed again only in the place of the payment that failed last."""
    failed: dict[tuple[str, ...], list[str]] = {}
    for *key, payment in ledger.connection.execute(
        f"SELECT {_KEYS}, end_to_end_id FROM claim INDEXED BY claim_freed WHERE freed <> ''"
    ):
        failed.setdefault(tuple(key), []).append(payment)
    if not failed:
        return
    again = superseded(ledger)
    bad = [
        key
        for *key, _ in rows
        if any((old, *key) not in again for old in failed.get(tuple(key), ()))
    ]
    if bad:
        raise _unasked(bad)


def _unasked(keys: Sequence[Sequence[str]]) -> PayrollError:
    """Which keys failed and would be claimed again though nobody asked for it."""
    shown = ", ".join(f"{key[0]} {key[1]} {key[3] or key[2]}" for key in keys[:_SHOWN])
    return PayrollError("key_failed", count=len(keys), shown=shown)


def require_free(
    ledger: Ledger, released: pd.DataFrame, payments: pd.DataFrame, payment_keys: pd.DataFrame
) -> None:
    """Raise PayrollError key_live, payment_id_used or key_failed as `claim_run` would, before it.

    released: RELEASED, as the ledger has it now. payments, payment_keys: as `claim_run`.
    """
    both = payment_keys.merge(released, on=list(KEY), suffixes=("", "_before"))
    live = both[both["state"] == "live"]
    if len(live):
        raise _live(ledger, sorted(rows_of(live, *KEY, "end_to_end_id")))
    if both["end_to_end_id_before"].isin(payments["end_to_end_id"]).any():
        raise PayrollError("payment_id_used")
    both = both.merge(payments[["end_to_end_id", "replaces"]], on="end_to_end_id")
    asked = [
        old in again.split() for old, again in rows_of(both, "end_to_end_id_before", "replaces")
    ]
    unasked = both[~pd.Series(asked, both.index, dtype="bool")]
    if len(unasked):
        raise _unasked(sorted(rows_of(unasked, *KEY)))


def refresh_claims(ledger: Ledger, message_ids: Iterable[str]) -> int:
    """Free the keys of payments that failed, and hold those of payments that did not after all.

    Inside a transaction; how many payments were freed. A key is free exactly while every payment
    that ever claimed it has failed: a rejected payment that the bank executed all the same takes
    its key back, unless another payment has it already.
    """
    files = _sharing(ledger, message_ids)
    failed = {
        item.end_to_end_id
        for message_id in files
        for item in payment_states(ledger, message_id)
        if item.state in FREE
    }
    freed = 0
    for key in sorted(failed):
        cursor = ledger.connection.execute(
            "UPDATE claim SET freed = end_to_end_id WHERE end_to_end_id = ? AND freed = ''", (key,)
        )
        freed += cursor.rowcount > 0
    for key in sorted(_freed(ledger, files) - failed):
        ledger.connection.execute(
            "UPDATE OR IGNORE claim SET freed = '' WHERE end_to_end_id = ? AND freed <> ''", (key,)
        )
    return freed


def _sharing(ledger: Ledger, message_ids: Iterable[str]) -> set[str]:
    """These files, and those that hold another payment of a key of theirs."""
    files = set(message_ids)
    return files | {
        str(row[0])
        for message_id in files
        for row in ledger.connection.execute(
            "SELECT DISTINCT other.message_id FROM payment AS own"
            " JOIN claim AS new ON new.end_to_end_id = own.end_to_end_id"
            f" JOIN claim AS old ON {_SAME_KEY} AND old.end_to_end_id <> new.end_to_end_id"
            " JOIN payment AS other ON other.end_to_end_id = old.end_to_end_id"
            " WHERE own.message_id = ?",
            (message_id,),
        )
    }


def _freed(ledger: Ledger, files: set[str]) -> set[str]:
    """The payments of some files that have a free key."""
    rows = ledger.connection.execute(
        "SELECT DISTINCT payment.end_to_end_id, message_id FROM claim JOIN payment"
        " USING (end_to_end_id) WHERE claim.freed <> ''"
    )
    return {str(key) for key, message_id in rows if message_id in files}


def recorded_items(ledger: Ledger) -> dict[tuple[str, str, str], tuple[int, str, str]]:
    """(run, payee, item) -> (cents, day, enterprise number), as the releases recorded it."""
    return {
        (event.run_id, payee, item): (cents, day, number)
        for event in ledger.events("kind = 'released'")
        for payee, item, cents, day, number in _listed(event.body.get(ITEMS))
    }


def _listed(items: object) -> list[tuple[str, str, int, str, str]]:
    """What an event lists, which is JSON: lists of five."""
    return items if isinstance(items, list) else []
