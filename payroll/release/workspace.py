"""The workspace around a run folder, and its ledger: locked while written, sealed afterwards.

The seal holds the ledger file's digest and its last event, so that a byte altered outside any row
is seen too. While somebody writes, the seal is open: it holds the last event from before and no
digest. A crash leaves it so, and its event must still stand in the chain; a closed seal that is not
of the last event is one that was put back, or the ledger is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from payroll.atomic_files import replace_whole, require_no_link
from payroll.ledger.book import Event, Ledger, at_rest, is_blank, open_ledger
from payroll.ledger.enrolment import first_enrolments
from payroll.ledger.proof import LedgerProblem, not_enrolled, problems, unapproved
from payroll.model.errors import DamagedInputError, UsageError
from payroll.model.json_bytes import json_object
from payroll.model.order import Approver, Employer
from payroll.model.refusals import parse_toml
from payroll.release.private_files import disk_errors, only_one, sha256_of
from payroll.store import now, read_input

LEDGER = "ledger.sqlite"
SEAL = "ledger.sqlite.seal"
EMPLOYER = "employer.toml"


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


def person_in(folder: Path, by: str) -> str:
    """The listed name of whoever acts on a folder; where no employer.toml lists anybody (a run that
    was unpacked elsewhere), the name as it was given. Raises UsageError person_unlisted.
    """
    return employer_of(folder).person(by) if (folder / EMPLOYER).is_file() else by.strip()


def person_if_named(folder: Path, by: str) -> str:
    """The same where naming somebody is not asked for: '' for nobody."""
    return person_in(folder, by) if by.strip() else ""


@contextmanager
def reading(workspace: Path) -> Iterator[Ledger | None]:
    """The ledger to read, or None when nothing was ever approved or released.

    Raises DamagedInputError ledger_missing when only its seal is left or outbox/ holds files,
    ledger_altered when it is not as its seal says, source_denied.
    """
    if not begun(workspace):
        _require_nothing_delivered(workspace)
        yield None
        return
    with disk_errors(workspace):
        _require_as_sealed(workspace)
    with open_ledger(workspace / LEDGER) as ledger:
        ledger.connection.execute("PRAGMA query_only=ON")
        yield ledger


@contextmanager
def writing(workspace: Path, first: Iterable[tuple[Approver, str]] = ()) -> Iterator[Ledger]:
    """The ledger to add to, made when absent: one writer at a time, its seal checked and renewed.

    first: whose keys a ledger that is made now enrols (approver, public key). employer.toml is read
    before the ledger is touched: a slip in it is told as what it is.

    Raises UsageError order_invalid, PayrollError ledger_busy, ledger_refused, link_refused or
    run_not_written, DamagedInputError ledger_altered.
    """
    path, employer = workspace / LEDGER, employer_of(workspace)
    beside = (workspace / f"{LEDGER}-{kind}" for kind in ("wal", "shm", "journal"))
    require_no_link(path, workspace / SEAL, *beside)
    with only_one(workspace / f".{LEDGER}.lock"), disk_errors(workspace):
        there = begun(workspace)
        if not there:
            _require_nothing_delivered(workspace)
        bytes_digest = _bytes_digest(path) if there else ""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # its WAL takes the same mode
        with open_ledger(path, create=True) as ledger:
            if found := seal_problems(ledger, workspace, bytes_digest):
                what, which = found[0]
                raise DamagedInputError("ledger_altered", where=LEDGER, problem=what, which=which)
            if ledger.head()[0] == 0:
                _begin(ledger, employer, first)
            _seal(workspace, ledger.head(), "")
            try:
                yield ledger
            finally:
                at_rest_now = ledger.checkpoint()
                _seal(workspace, ledger.head(), sha256_of(path) if at_rest_now else "")


def begun(workspace: Path) -> bool:
    """Whether there is a ledger; one that was cut off before its first seal and table is none."""
    path = workspace / LEDGER
    try:
        sealed = (workspace / SEAL).exists()
        there = path.exists() and (path.stat().st_size > 0)
    except OSError as error:
        raise DamagedInputError("source_denied", where=LEDGER, detail=error.strerror) from error
    if sealed and not there:
        raise DamagedInputError("ledger_missing", where=LEDGER)
    return there and (sealed or not is_blank(path))


def _require_nothing_delivered(workspace: Path) -> None:
    """Raise DamagedInputError ledger_missing: no file for the bank is older than its ledger."""
    if any(workspace.glob("*/outbox/*.xml")):
        raise DamagedInputError("ledger_missing", where=LEDGER)


def _require_as_sealed(workspace: Path) -> None:
    """Raise DamagedInputError ledger_altered when bytes at rest are not those that were sealed."""
    try:
        sealed = str(json_object(_seal_bytes(workspace))["sha256"])
    except (ValueError, KeyError, TypeError):
        return  # whoever writes, and `payroll ledger verify`, look at more than bytes
    found = _bytes_digest(workspace / LEDGER) if sealed else ""
    still = sealed.encode() in _seal_bytes(workspace)  # nobody has begun to write meanwhile
    if found and found != sealed and still:
        raise DamagedInputError("ledger_altered", where=LEDGER, problem="bytes", which=LEDGER)


def _begin(ledger: Ledger, employer: Employer, first: Iterable[tuple[Approver, str]]) -> None:
    at = now().isoformat()
    opened = Event(at=at, kind="opened", body={"enterprise_number": employer.enterprise_number})
    with ledger.transaction():
        ledger.append(opened, *first_enrolments(first, at))


def _seal(workspace: Path, head: tuple[int, str], digest: str) -> None:
    content = {"seq": head[0], "head": head[1], "sha256": digest}
    replace_whole(workspace / SEAL, (json.dumps(content, indent=1) + "\n").encode())


def seal_problems(ledger: Ledger, workspace: Path, bytes_digest: str) -> list[LedgerProblem]:
    """What the seal says against the ledger; where it cannot tell, what a whole proof says.

    bytes_digest: of the file before it was opened; '' when it was not at rest.
    """
    return _sealed(ledger, workspace, bytes_digest, _wrong)


def _sealed(
    ledger: Ledger,
    workspace: Path,
    bytes_digest: str,
    proof: Callable[[Ledger], list[LedgerProblem]],
) -> list[LedgerProblem]:
    """The same. proof: what says whether the ledger is sound in itself, asked only at need."""
    head, content = ledger.head(), _seal_bytes(workspace)
    others = ledger.events("kind NOT IN ('opened', 'enrolled')") if not content else []
    if not (content or others):  # only what opens it can come before the first seal
        return proof(ledger)
    try:
        seal = json_object(content)
        sealed_head, sealed = (int(seal["seq"]), str(seal["head"])), str(seal["sha256"])
    except (ValueError, KeyError, TypeError):
        return proof(ledger) or [("seal", SEAL)]
    if head == sealed_head and sealed and bytes_digest == sealed:
        return []
    return proof(ledger) or _off_seal(ledger, sealed_head, closed=bool(sealed), rest=bytes_digest)


def _off_seal(
    ledger: Ledger, sealed_head: tuple[int, str], *, closed: bool, rest: str
) -> list[LedgerProblem]:
    """What a seal says of a ledger that is sound in itself but not byte for byte the sealed one."""
    if not ledger.events("seq = ? AND digest = ?", *sealed_head):
        return [("rewritten", str(sealed_head[0]))]
    if not closed:  # a writer was interrupted
        return []
    if ledger.head() != sealed_head:
        return [("seal_old", str(sealed_head[0]))]
    return [("bytes", LEDGER)] if rest else []


def _wrong(ledger: Ledger) -> list[LedgerProblem]:
    return problems(ledger) or unapproved(ledger)


def prove(workspace: Path) -> tuple[list[LedgerProblem], tuple[int, str]]:
    """Everything wrong with a workspace's ledger, and its last event (number, digest).

    Raises DamagedInputError ledger_missing, ledger_unreadable, source_denied.
    """
    if not begun(workspace):
        raise DamagedInputError("ledger_missing", where=LEDGER)
    while True:
        before = _seal_bytes(workspace)
        found, head = _prove_once(workspace)
        if not found or before == _seal_bytes(workspace):  # nobody wrote meanwhile
            return found, head


def _prove_once(workspace: Path) -> tuple[list[LedgerProblem], tuple[int, str]]:
    path = workspace / LEDGER
    try:
        bytes_digest = _bytes_digest(path)
    except OSError as error:
        raise DamagedInputError("source_denied", where=LEDGER, detail=error.strerror) from error
    with open_ledger(path) as ledger:
        ledger.connection.execute("PRAGMA query_only=ON")
        ledger.connection.execute("BEGIN")  # one state of the ledger for all that is read
        found = _wrong(ledger) or not_enrolled(ledger)
        found = found or _sealed(ledger, workspace, bytes_digest, lambda _ledger: [])
        return found, ledger.head()


def _seal_bytes(workspace: Path) -> bytes:
    try:
        return read_input(workspace / SEAL)
    except DamagedInputError:
        return b""


def _bytes_digest(path: Path) -> str:
    """The digest of a ledger at rest; '' while a crash or a reader leaves part of it beside it."""
    return sha256_of(path) if at_rest(path) else ""
