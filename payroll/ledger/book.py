"""The ledger file: SQLite in WAL mode with full synchronisation, and its hash-chained events.

Nothing is ever changed or deleted but `freed` of a claim, which follows from the events: '' while
the key is live, the payment's own id once that payment has failed.
An event's digest covers its content and the digest of the one before; the digest of a release
covers the rows of its payments. One writer at a time (the caller holds the lock).
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from payroll.model.errors import DamagedInputError, PayrollError
from payroll.model.json_bytes import json_object

FORMAT = "1"
GENESIS = "0" * 64
BUSY_MS = 5_000
#: How SQLite says that it may not make or write a file.
_NOT_WRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)

_SCHEMA = """
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, run_id TEXT NOT NULL,
  message_id TEXT NOT NULL, end_to_end_id TEXT NOT NULL, body TEXT NOT NULL,
  previous TEXT NOT NULL, digest TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX event_run ON event (run_id) WHERE run_id <> '';
CREATE INDEX event_message ON event (message_id) WHERE message_id <> '';
CREATE INDEX event_payment ON event (end_to_end_id) WHERE end_to_end_id <> '';
CREATE TABLE file (
  message_id TEXT PRIMARY KEY, block_id TEXT NOT NULL, run_id TEXT NOT NULL, path TEXT NOT NULL,
  outbox_name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, stream TEXT NOT NULL,
  debtor_iban TEXT NOT NULL, bank_profile TEXT NOT NULL, execution_date TEXT NOT NULL,
  transactions INTEGER NOT NULL, total_cents INTEGER NOT NULL, rows_digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE payment (
  end_to_end_id TEXT PRIMARY KEY, message_id TEXT NOT NULL, payment_id TEXT NOT NULL,
  stream TEXT NOT NULL, payee_id TEXT NOT NULL, creditor_name TEXT NOT NULL, iban TEXT NOT NULL,
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0), replaces TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_message ON payment (message_id);
CREATE INDEX payment_iban ON payment (iban, amount_cents);
CREATE INDEX payment_replaces ON payment (replaces) WHERE replaces <> '';
CREATE TABLE claim (
  stream TEXT NOT NULL, payee_id TEXT NOT NULL, period TEXT NOT NULL, item TEXT NOT NULL,
  freed TEXT NOT NULL, end_to_end_id TEXT NOT NULL,
  PRIMARY KEY (stream, payee_id, period, item, freed)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_payment ON claim (end_to_end_id);
CREATE INDEX claim_freed ON claim (freed) WHERE freed <> '';
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. Ids are '' where it does not concern one run, file or payment."""

    seq: int = 0
    at: str
    kind: str
    run_id: str = ""
    message_id: str = ""
    end_to_end_id: str = ""
    body: Mapping[str, object]
    previous: str = ""
    digest: str = ""

    def chained(self, seq: int, previous: str) -> str:
        """The digest of this event as number `seq` after `previous`."""
        return _event_digest(
            previous,
            seq,
            self.at,
            self.kind,
            self.run_id,
            self.message_id,
            self.end_to_end_id,
            canonical(self.body),
        )


def canonical(body: Mapping[str, object]) -> str:
    """A body as the text that is stored and digested."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _event_digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


class Ledger:
    """An open ledger. Every change happens inside `transaction()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the transaction is on the disk when the block ends."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def checkpoint(self) -> bool:
        """Whether everything written stands in the file itself; not while somebody still reads it,
        as a question does that an error cut short: that error is the one to tell.
        """
        try:
            row = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        return not row[0]

    def head(self) -> tuple[int, str]:
        """(number, digest) of the last event; (0, GENESIS) of an empty ledger."""
        row = self.connection.execute(
            "SELECT seq, digest FROM event ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return (0, GENESIS) if row is None else (int(row[0]), str(row[1]))

    def append(self, *events: Event) -> None:
        """Chain events to the ledger, inside a transaction."""
        seq, previous = self.head()
        rows = []
        for event in events:
            seq += 1
            digest = event.chained(seq, previous)
            rows.append(
                (
                    seq,
                    event.at,
                    event.kind,
                    event.run_id,
                    event.message_id,
                    event.end_to_end_id,
                    canonical(event.body),
                    previous,
                    digest,
                )
            )
            previous = digest
        self.connection.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?)", rows)

    def events(self, where: str = "1", *values: object) -> list[Event]:
        """Events in order. `where` is SQL of this package, never of a user."""
        rows = self.connection.execute(f"SELECT * FROM event WHERE {where} ORDER BY seq", values)
        return [event_of(row) for row in rows]


def event_of(row: tuple[object, ...]) -> Event:
    """An event from its row. A body that is no JSON object is shown as text."""
    seq, at, kind, run_id, message_id, end_to_end_id, body, previous, digest = row
    try:
        content = json_object(str(body))
    except ValueError:
        content = {"unreadable": str(body)}
    return Event(
        seq=int(str(seq)),
        at=str(at),
        kind=str(kind),
        run_id=str(run_id),
        message_id=str(message_id),
        end_to_end_id=str(end_to_end_id),
        body=content,
        previous=str(previous),
        digest=str(digest),
    )


def last_release(ledger: Ledger) -> Event | None:
    """The newest release that a ledger has."""
    found = ledger.events("seq = (SELECT max(seq) FROM event WHERE kind = 'released')")
    return found[0] if found else None


@contextmanager
def open_ledger(path: Path, *, create: bool = False) -> Iterator[Ledger]:
    """Open a ledger file; with `create`, an absent one is made (0600, with its tables).

    Raises DamagedInputError ledger_missing, ledger_unreadable or ledger_format, PayrollError
    ledger_refused when the disk is full or read-only, or when another program has it locked.
    """
    if not path.exists() and not create:
        raise DamagedInputError("ledger_missing", where=path.name)
    connection = None
    try:
        connection = _connect(path)
        _prepare(connection, path.name, create=create)
        yield Ledger(connection)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # a message of damaged bytes
        raise _refusal(error, path.name) from error
    finally:
        if connection is not None:
            connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """A connection; where the ledger may not be written, one that needs no file beside it.

    A reader of a WAL ledger writes its -shm file. Where that is refused and the ledger is at rest,
    it is read as bytes that nobody changes. A file that this person may read only is read so from
    the first: what SQLite left beside it would have the same rights, and stop whoever may write.
    """
    effective = os.access in os.supports_effective_ids
    if path.exists() and not os.access(path, os.W_OK, effective_ids=effective) and at_rest(path):
        return _unchanging(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in _NOT_WRITABLE or not at_rest(path):
            raise
        return _unchanging(path)
    except BaseException:
        connection.close()
        raise
    return connection


def _unchanging(path: Path) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, isolation_level=None)


def at_rest(path: Path) -> bool:
    """Whether the file holds the whole ledger: neither a crash nor a reader left part beside it."""
    beside = (path.with_name(f"{path.name}-{kind}") for kind in ("wal", "journal"))
    return not any(item.exists() and item.stat().st_size for item in beside)


def is_blank(path: Path) -> bool:
    """Whether the file is a database without a table: its making was cut off."""
    try:
        connection = _connect(path)
        try:
            return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None
        finally:
            connection.close()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise _refusal(error, path.name) from error


def _prepare(connection: sqlite3.Connection, name: str, *, create: bool) -> None:
    if create:  # who only reads changes no byte, not even of a header that was tampered with
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA cache_size=-200000")  # kB: a large release stays in memory
    connection.execute("PRAGMA trusted_schema=OFF")
    if create and not _schema(connection):
        connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version={FORMAT};COMMIT;")
    found = str(connection.execute("PRAGMA user_version").fetchone()[0])
    if found != FORMAT or _schema(connection) != _own_schema():
        raise DamagedInputError("ledger_format", where=name)


def _schema(connection: sqlite3.Connection) -> frozenset[tuple[object, ...]]:
    return frozenset(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"))


@lru_cache(maxsize=1)
def _own_schema() -> frozenset[tuple[object, ...]]:
    """What a ledger is made of, and no trigger or view of somebody else's."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(_SCHEMA)
        return _schema(connection)
    finally:
        connection.close()


def _refusal(error: Exception, name: str) -> PayrollError:
    if isinstance(error, sqlite3.OperationalError):
        return PayrollError("ledger_refused", where=name, detail=str(error))
    return DamagedInputError("ledger_unreadable", where=name)
