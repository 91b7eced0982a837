"""The workspace around a run folder, and its ledger: locked while written, sealed afterwards.

The seal holds the ledger file's digest and its last event, so that a byte altered outside any row
is seen too. A crash between a change and its seal leaves an older seal, whose event must still
stand in the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from payroll.handover.disk import only_one
from payroll.ledger.book import Event, Ledger, open_ledger
from payroll.ledger.proof import Problem, problems
from payroll.model.errors import DamagedInputError, UsageError
from payroll.model.order import Employer
from payroll.model.refusals import parse_toml
from payroll.store import now, read_input, replace_whole

LEDGER = "ledger.sqlite"
SEAL = "ledger.sqlite.seal"
EMPLOYER = "employer.toml"
_CHUNK = 1 << 20


def workspace_of(run: Path) -> Path:
    """The workspace of a run folder WORKSPACE/<month>/runs/<id>.

    Raises UsageError run_outside_workspace.
    """
    folder = run.resolve()
    workspace = folder.parent.parent.parent
    if folder.parent.name != "runs" or not (workspace / EMPLOYER).is_file():
        raise UsageError("run_outside_workspace", where=str(run))
    return workspace


def find_workspace(*near: Path) -> Path:
    """The workspace in or above one of some paths. Raises UsageError no_workspace."""
    for path in near:
        for folder in (path.resolve(), *path.resolve().parents):
            if (folder / EMPLOYER).is_file() and not (folder / "payrun.toml").is_file():
                return folder
    raise UsageError("no_workspace", where=str(near[0]))


def employer_of(workspace: Path) -> Employer:
    """The employer as the workspace has it now: who may approve is not the run's to say."""
    return parse_toml(Employer, EMPLOYER, read_input(workspace / EMPLOYER))


@contextmanager
def reading(workspace: Path) -> Iterator[Ledger | None]:
    """The ledger to read, or None when nothing was ever approved or released."""
    if not (workspace / LEDGER).exists():
        yield None
        return
    with open_ledger(workspace / LEDGER) as ledger:
        ledger.connection.execute("PRAGMA query_only=ON")
        yield ledger


@contextmanager
def writing(workspace: Path) -> Iterator[Ledger]:
    """The ledger to add to, made when absent: one writer at a time, its seal checked and renewed.

    Raises PayrollError ledger_busy, ledger_refused or run_not_written, DamagedInputError
    ledger_altered.
    """
    path = workspace / LEDGER
    with only_one(workspace / f".{LEDGER}.lock"):
        new = not path.exists()
        if new and (workspace / SEAL).exists():
            raise DamagedInputError("ledger_missing", where=LEDGER)
        bytes_digest = "" if new else _bytes_digest(path)
        with open_ledger(path, create=True) as ledger:
            if ledger.head()[0] == 0:
                path.chmod(0o600)
                _begin(ledger, employer_of(workspace))
            elif found := seal_problems(ledger, workspace, bytes_digest):
                what, which = found[0]
                raise DamagedInputError("ledger_altered", where=LEDGER, problem=what, which=which)
            yield ledger
            head = ledger.head()
            busy = ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        _seal(workspace, head, "" if busy else _sha256(path))


def _begin(ledger: Ledger, employer: Employer) -> None:
    with ledger.transaction():
        ledger.append(
            Event(
                at=now().isoformat(), kind="opened",
                body={"enterprise_number": employer.enterprise_number},
            )
        )  # fmt: skip


def _seal(workspace: Path, head: tuple[int, str], digest: str) -> None:
    content = {"seq": head[0], "head": head[1], "sha256": digest}
    replace_whole(workspace / SEAL, (json.dumps(content, indent=1) + "\n").encode())


def seal_problems(ledger: Ledger, workspace: Path, bytes_digest: str) -> list[Problem]:
    """What the seal says against the ledger; where it cannot tell, what a whole proof says.

    bytes_digest: of the file before it was opened; '' when it was not at rest.
    """
    try:
        seal = json.loads(read_input(workspace / SEAL))
        seq, head, sealed = int(seal["seq"]), str(seal["head"]), str(seal["sha256"])
    except DamagedInputError:
        return problems(ledger) or [("seal", SEAL)] * (ledger.head()[0] > 1)
    except (ValueError, KeyError, TypeError):
        return [("seal", SEAL)]
    if ledger.head() == (seq, head) and bytes_digest and sealed:
        return [] if bytes_digest == sealed else problems(ledger) or [("bytes", LEDGER)]
    if not ledger.events("seq = ? AND digest = ?", seq, head):
        return problems(ledger) or [("rewritten", str(seq))]
    return problems(ledger)


def prove(workspace: Path) -> tuple[list[Problem], tuple[int, str]]:
    """Everything wrong with a workspace's ledger, and its last event (number, digest).

    Raises DamagedInputError ledger_missing, ledger_unreadable.
    """
    path = workspace / LEDGER
    bytes_digest = _bytes_digest(path) if path.exists() else ""
    with open_ledger(path) as ledger:
        ledger.connection.execute("PRAGMA query_only=ON")
        found = problems(ledger) or seal_problems(ledger, workspace, bytes_digest)
        return found, ledger.head()


def _bytes_digest(path: Path) -> str:
    """The digest of a ledger at rest; '' while a crash or a reader leaves part of it beside it."""
    beside = path.with_name(f"{path.name}-wal")
    return "" if beside.exists() and beside.stat().st_size else _sha256(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
