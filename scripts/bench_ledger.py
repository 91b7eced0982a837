"""Time the ledger against a bare sqlite3 INSERT of the same rows, each in a process of its own.

    PYTHONPATH=. python scripts/bench_ledger.py [PAYMENTS ...]      by default 10000 and 1000000

bare     executemany into one table with the columns and primary key of `payment`, same pragmas:
         no keys, so nothing keeps a debt from being paid twice; no digests, no index, no events
tables   executemany into the ledger's own two tables with all their indexes, in one transaction:
         still no digests, no check of what failed before, no events
claim    payroll.ledger.payment_keys.claim_run: keys, payments, indexes, digests, the chained event
proof    payroll.ledger.proof.problems of what was claimed
status   payroll.ledger.states.file_states of what was claimed
release  payroll.release.release.release_run after two approvals: claim, copies to outbox/, seal
         (10,000 payments; the files are stand-ins of 500 bytes a payment)

Prints seconds of the clock and of the processor, the latter as a multiple of `bare` (the clock also
counts who else uses the machine), the peak memory above that of its own input, and the file's size.
"""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from payroll.ledger.approvals import Subject
from payroll.ledger.book import open_ledger
from payroll.ledger.keys import new_key
from payroll.ledger.near_duplicates import Near
from payroll.ledger.payment_keys import PAYMENT_COLUMNS, ReleasedFile, claim_run
from payroll.ledger.proof import problems
from payroll.ledger.states import file_states
from payroll.model.frames import rows_of
from payroll.model.order import Employer
from payroll.model.results import SepaFile
from payroll.record.run import Run
from payroll.release.proven_run import ProvenRun
from payroll.release.release import approve_run, release_run

CASES = ("bare", "tables", "claim", "proof", "status", "release")
RELEASE_MAX = 10_000
FILES = 4
RUN_ID = "2022-05-abc123"
PHRASE = "correct horse battery"
AT = "2022-05-23T09:00:00"


def synthetic(count: int) -> tuple[list[ReleasedFile], pd.DataFrame, pd.DataFrame]:
    """(files, payments, keys) of a run: ids scattered as the program's are, one key each."""
    numbers = np.arange(count)
    scattered = (numbers * 2_654_435_761) % 2**32
    payments = pd.DataFrame(
        {
            "end_to_end_id": [f"E-{number:08x}{at:020d}" for at, number in enumerate(scattered)],
            "message_id": [f"M-{number % FILES}" for number in numbers],
            "payment_id": [f"P-{number:012x}" for number in numbers],
            "stream": "salaries",
            "payee_id": [f"{number:07d}" for number in numbers],
            "creditor_name": [f"Anna Fictive {number}" for number in numbers],
            "iban": [f"BE00{number:012d}" for number in scattered],
            "amount_cents": numbers % 400_000 + 100_000,
            "replaces": "",
        }
    )
    keys = payments[["stream", "payee_id", "end_to_end_id"]].assign(period="2022-05", item="net")
    files = [
        ReleasedFile(
            message_id=f"M-{number}",
            block_id=f"B-{number}",
            path=f"sepa/{number}.xml",
            outbox_name=f"{number}.xml",
            sha256="0" * 64,
            stream="salaries",
            debtor_iban="BE68539007547034",
            bank_profile="generic_be",
            execution_date="2022-05-31",
            transactions=len(own),
            total_cents=int(own["amount_cents"].sum()),
        )
        for number, (_, own) in enumerate(payments.groupby("message_id", sort=True))
    ]
    keys = keys[["stream", "payee_id", "period", "item", "end_to_end_id"]]
    return files, payments.sort_values("end_to_end_id")[list(PAYMENT_COLUMNS)], keys


def bare(path: Path, count: int) -> Callable[[], object]:
    """The peer: one table, one statement, one transaction."""
    _, payments, _ = synthetic(count)

    def insert() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        columns = ", ".join(
            f"{name} {'INTEGER' if name == 'amount_cents' else 'TEXT'} NOT NULL"
            for name in PAYMENT_COLUMNS
        )
        connection.execute(
            f"CREATE TABLE payment ({columns}, PRIMARY KEY (end_to_end_id)) STRICT, WITHOUT ROWID"
        )
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO payment VALUES (?,?,?,?,?,?,?,?,?)", rows_of(payments, *PAYMENT_COLUMNS)
        )
        connection.execute("COMMIT")
        connection.close()

    return insert


def tables(path: Path, count: int) -> Callable[[], object]:
    """The rows that `claim` writes, and nothing else that it does."""
    _, payments, keys = synthetic(count)

    def insert() -> None:
        with open_ledger(path, create=True) as ledger, ledger.transaction():
            ledger.connection.executemany(
                "INSERT INTO claim VALUES (?,?,?,?,'',?)", rows_of(keys, *keys.columns)
            )
            ledger.connection.executemany(
                "INSERT INTO payment VALUES (?,?,?,?,?,?,?,?,?,'')",
                rows_of(payments, *PAYMENT_COLUMNS),
            )

    return insert


def claim(path: Path, count: int) -> Callable[[], object]:
    """Every key of a run claimed in a new ledger."""
    files, payments, keys = synthetic(count)

    def act() -> None:
        with open_ledger(path, create=True) as ledger:
            claim_run(
                ledger,
                run_id=RUN_ID,
                files=files,
                payments=payments,
                payment_keys=keys,
                at=AT,
                by="Anne Fictive",
                body={},
            )

    return act


def proof(path: Path, _count: int) -> Callable[[], object]:
    """What `payroll ledger verify` asks of the ledger that `claim` left."""

    def act() -> None:
        with open_ledger(path) as ledger:
            if found := problems(ledger):
                raise SystemExit(f"not as it was written: {found[:3]}")

    return act


def status(path: Path, _count: int) -> Callable[[], object]:
    """What `payroll status` asks of the ledger that `claim` left."""

    def act() -> None:
        with open_ledger(path) as ledger:
            file_states(ledger)

    return act


def _run(payments: pd.DataFrame, files: list[ReleasedFile]) -> Run:
    """A run of these payments whose files hold stand-in bytes."""
    made = [
        SepaFile(
            path=file.path,
            content=b"x" * (500 * file.transactions),
            stream=file.stream,
            message_id=file.message_id,
            account_id="main",
            debtor_iban=file.debtor_iban,
            execution_date=file.execution_date,
            transactions=file.transactions,
            total_cents=file.total_cents,
            sha256=file.sha256,
        )
        for file in files
    ]
    return Run(
        run_id=RUN_ID,
        refused=False,
        created_at=datetime.fromisoformat(AT),
        code_version="",
        inputs_digest="",
        inputs={},
        rules={},
        frames={"payments": payments},
        sepa_files=tuple(made),
    )


def release(path: Path, count: int) -> Callable[[], object]:
    """A run of stand-in files, approved twice: `payroll release` but for reading the run again."""
    files, payments, payment_keys = synthetic(count)
    workspace = path.parent
    keys = {name: new_key(PHRASE, rounds=1) for name in ("Zoé Modèle", "Hervé Spécimen")}
    employer = Employer.model_validate(
        {
            "name": "Hôpital",
            "enterprise_number": "0403170701",
            "account": [],
            "release": {
                "approvers": [
                    {"name": name, "public_key": public} for name, (_, public) in keys.items()
                ]
            },
        }
    )
    (workspace / "employer.toml").write_text(
        'name = "Hôpital"\nenterprise_number = "0403170701"\naccount = []\n', "utf-8"
    )
    folder = workspace / "2022-05/runs" / RUN_ID
    folder.mkdir(parents=True)
    prepared = ProvenRun(
        folder=folder,
        run=_run(payments.assign(status="pay"), files),
        employer=employer,
        subject=Subject(
            run_id=RUN_ID,
            manifest_sha256="0" * 64,
            payments=count,
            total_cents=int(payments["amount_cents"].sum()),
            streams=("salaries",),
            prepared_by=("Anne Fictive",),
        ),
        files=tuple(files),
        payments=payments,
        payment_keys=payment_keys,
    )
    for name, (private, _) in keys.items():
        approve_run(prepared, name, private, PHRASE)
    return lambda: release_run(prepared, "Anne Fictive", Near(days=10))


def measure(case: str, path: Path, count: int) -> None:
    """Do one case in this process and print what it cost."""
    act: Callable[[], object] = globals()[case](path, count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, cpu = time.perf_counter(), time.process_time()
    act()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = path.stat().st_size
    found = {"seconds": seconds, "cpu": cpu, "own": peak - before, "peak": peak, "size": size}
    print(json.dumps(found))


def main() -> None:
    """Run every case in a child and print the table."""
    if sys.argv[1:2] == ["--case"]:
        measure(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
        return
    print(" payments case            s   cpu s  x bare  own MB  peak MB  file MB")
    for count in map(int, sys.argv[1:] or ("10000", "1000000")):
        folder = Path(tempfile.mkdtemp(dir="."))
        base = 0.0
        for case in CASES:
            if case == "release" and count > RELEASE_MAX:
                continue
            place = folder / ("claim" if case in ("proof", "status") else case)
            place.mkdir(exist_ok=True)
            own = [case, str(place / "ledger.sqlite"), str(count)]
            done = subprocess.run(
                [sys.executable, __file__, "--case", *own],
                check=True,
                capture_output=True,
                text=True,
            )
            found = json.loads(done.stdout)
            base = base or found["cpu"]
            print(
                f"{count:9} {case:8} {found['seconds']:8.2f} {found['cpu']:7.2f}"
                f" {found['cpu'] / base:7.1f}"
                f" {found['own'] / 1024:7.0f} {found['peak'] / 1024:8.0f}"
                f" {found['size'] / 1e6:8.1f}",
                flush=True,
            )
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
