"""A run folder made ready to be approved or released: proved again from its own bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from payroll.ledger.approvals import Subject
from payroll.ledger.enrolment import enrolled_in
from payroll.ledger.payment_keys import PAYMENT_COLUMNS, ReleasedFile
from payroll.ledger.proof import unapproved
from payroll.model.errors import DamagedInputError, InvariantError, PayrollError
from payroll.model.frames import iso_days, rows_of
from payroll.model.order import Employer
from payroll.model.released import KEY, replaced_by
from payroll.model.results import SepaFile
from payroll.model.streams import paid_to
from payroll.record.findings import account_changes
from payroll.record.identity import identity
from payroll.record.manifest import MANIFEST, preparers
from payroll.record.run import Run, ledger_extract
from payroll.release.verify import problems_rebuilt
from payroll.release.workspace import employer_of, reading, workspace_of
from payroll.sepa.reader import must_equal, read_message
from payroll.store import RunFolder, altered_files, load_run
from payroll.version import code_version


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenRun:
    """A run whose folder was proved, in its workspace.

    employer: as the workspace has it now; run.employer is as the run was told. payments:
    PAYMENT_COLUMNS of what is sent; payment_keys: KEY and end_to_end_id.
    """

    folder: Path
    run: Run
    employer: Employer
    subject: Subject
    files: tuple[ReleasedFile, ...]
    payments: pd.DataFrame
    payment_keys: pd.DataFrame

    @property
    def month(self) -> Path:
        """The folder of the month, with its order, lists and decisions."""
        return self.folder.resolve().parent.parent

    @property
    def workspace(self) -> Path:
        """The folder with employer.toml and the ledger."""
        return self.month.parent

    @property
    def outbox(self) -> Path:
        """Where the month's files for the bank lie."""
        return self.month / "outbox"

    @property
    def held(self) -> pd.DataFrame:
        """The payments that the run holds."""
        return self.run.payments[self.run.payments["status"] == "held"]

    @property
    def changed_accounts(self) -> list[tuple[str, str, str]]:
        """(payee, account before, account paid) of those paid on another account than before."""
        found = account_changes(self.run, self.run.findings)
        found = found.assign(stream=found["subject_kind"].map(paid_to)).explode("stream")
        found = found.rename(columns={"subject_id": "payee_id", "observed": "iban"})
        keys = ["stream", "payee_id", "iban"]
        paid = found.merge(self.payments[keys], on=keys)
        return sorted(set(rows_of(paid, "payee_id", "limit", "iban")))

    @property
    def items(self) -> list[list[object]]:
        """Payee, number, amount (cents), day and enterprise number of each invoice that is paid."""
        rows = self.run.frames["open_invoices"]
        rows = rows[rows["state"] == ""].rename(columns={"invoice_number": "item"})
        paid = self.payment_keys.loc[self.payment_keys["period"] == "", ["payee_id", "item"]]
        rows = rows.merge(paid.drop_duplicates(), on=["payee_id", "item"])
        rows = rows.assign(day=iso_days(rows["invoice_date"]))
        columns = ("payee_id", "item", "amount_cents", "day", "enterprise_number")
        return [list(row) for row in sorted(rows_of(rows, *columns))]

    def content(self, file: ReleasedFile) -> bytes:
        """The bytes of a payment file."""
        return next(item.content for item in self.run.sepa_files if item.path == file.path)


def prepare(folder: Path, announce: Callable[[str], None] = lambda _stage: None) -> ProvenRun:
    """Read a run folder and prove it: every digest, every payment found again in the files, and
    every byte built again from the folder's own inputs and rules.

    What was released already is proved by the digest that its approvers signed; it is not built
    again, so that an interrupted release goes on under a later version of the program too.
    announce: is told each stage of the building. Raises UsageError run_missing or
    run_outside_workspace, DamagedInputError run_altered, run_inconsistent, run_not_rebuilt or as
    `read_run`, PayrollError run_other_version, nothing_to_release.
    """
    workspace = workspace_of(folder)
    stored = load_run(folder)
    altered = altered_files(stored)
    if altered:
        names = ", ".join(name for name, _ in altered[:5])
        raise DamagedInputError("run_altered", where=str(folder), files=names)
    run = stored.run
    _require_identity(stored, run)
    if not _was_released(workspace, run.run_id):
        _require_rebuilt(stored, announce)
    sent = run.payments[run.payments["file"] != ""]
    if sent.empty:
        raise PayrollError("nothing_to_release", where=str(folder))
    made = {file.path: file for file in run.sepa_files}
    files, rows = [], []
    for path, own in sent.groupby("file", sort=True):
        file, read = _file(stored, run.employer, made.get(str(path)), own)
        files.append(file)
        rows.append(read)
    keys = run.frames["payment_keys"]
    payments = _with_replaced(pd.concat(rows, ignore_index=True), keys, run)
    owned = keys.merge(payments[["payment_id", "end_to_end_id"]], on="payment_id")
    return ProvenRun(
        folder=folder,
        run=run,
        employer=employer_of(workspace),
        files=tuple(files),
        payments=payments.sort_values("end_to_end_id")[list(PAYMENT_COLUMNS)],
        payment_keys=owned[[*KEY, "end_to_end_id"]],
        subject=Subject(
            run_id=run.run_id,
            manifest_sha256=stored.manifest_sha256,
            payments=len(payments),
            total_cents=int(payments["amount_cents"].sum()),
            streams=tuple(sorted(set(payments["stream"]))),
            prepared_by=tuple(preparers(run)),
            preparer_named=bool(run.order.prepared_by),
            approvals=run.employer.release.approvals,
            roles=run.employer.release.roles,
            approvers=run.employer.all_approvers,
        ),
    )


def _require_identity(stored: RunFolder, run: Run) -> None:
    """The manifest is of these inputs and rules, and names everybody who prepared the run."""
    found = identity(run.order, run.inputs, run.rules, run.code_version, run.created_at)
    own = found == (stored.folder.resolve().name, run.inputs_digest) and found[0] == run.run_id
    if not own or stored.manifest.get("prepared_by") != preparers(run):
        raise DamagedInputError("run_inconsistent", where=str(stored.folder), file=MANIFEST)


def _was_released(workspace: Path, run_id: str) -> bool:
    """Whether the ledger has a release of the run, and enough approvals stand behind that."""
    with reading(workspace) as ledger:
        if ledger is None or not ledger.events("kind = 'released' AND run_id = ?", run_id):
            return False
        return bool(enrolled_in(ledger).entries) and not unapproved(ledger, run_id)


#: (program, digest of the manifest) of runs that this process built again: the same bytes are
#: proved once.
_REBUILT: set[tuple[str, str]] = set()


def _require_rebuilt(stored: RunFolder, announce: Callable[[str], None]) -> None:
    """Every file is what the inputs and rules make: one that somebody wrote, its digests redone,
    is none of it.
    """
    proved = (code_version(), stored.manifest_sha256)
    if proved in _REBUILT:
        return
    problems = problems_rebuilt(stored, announce, frames=False)
    if any(item.kind == "other_version" for item in problems):
        raise PayrollError("run_other_version", where=str(stored.folder))
    if problems:
        names = ", ".join(item.file for item in problems[:5])
        raise DamagedInputError("run_not_rebuilt", where=str(stored.folder), files=names)
    _REBUILT.add(proved)


def _file(
    stored: RunFolder, employer: Employer, made: SepaFile | None, own: pd.DataFrame
) -> tuple[ReleasedFile, pd.DataFrame]:
    """One payment file, re-read: what it holds is what payments.csv says."""
    path, stream = str(own["file"].iat[0]), str(own["stream"].iat[0])
    content = made.content if made is not None else b""
    try:
        message = read_message(content)
        read = message.payments()
        must_equal(own, read)
    except InvariantError as error:
        raise DamagedInputError("run_inconsistent", where=str(stored.folder), file=path) from error
    header = message.header
    day = header["execution_date"]
    profiles = {account.iban: account.bank_profile for account in employer.account}
    file = ReleasedFile(
        message_id=header["message_id"],
        block_id=header["block_id"],
        path=path,
        outbox_name=f"{employer.enterprise_number}_{stream}_{day}_{header['message_id']}.xml",
        sha256=hashlib.sha256(content).hexdigest(),
        stream=stream,
        debtor_iban=header["debtor_iban"],
        bank_profile=profiles.get(header["debtor_iban"], ""),
        execution_date=day,
        transactions=len(read),
        total_cents=int(read["amount_cents"].sum()),
    )
    columns = own[["payment_id", "stream", "payee_id", "end_to_end_id"]]
    rows = read[["end_to_end_id", "amount_cents", "iban", "name"]].merge(
        columns, on="end_to_end_id"
    )
    rows = rows.rename(columns={"name": "creditor_name"})
    return file, rows.assign(message_id=pd.Series(file.message_id, index=rows.index, dtype="str"))


def _with_replaced(payments: pd.DataFrame, keys: pd.DataFrame, run: Run) -> pd.DataFrame:
    """`replaces`: the failed payments whose keys a payment claims again, joined by ' '."""
    again: Mapping[str, str] = replaced_by(keys, ledger_extract(run.inputs).released)
    replaces = [again.get(item, "") for item in payments["payment_id"].tolist()]
    return payments.assign(replaces=pd.Series(replaces, index=payments.index, dtype="str"))
