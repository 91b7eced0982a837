"""A run folder made ready to be approved or released: proved again from its own bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from payroll.ledger.approvals import Subject, listed
from payroll.ledger.payment_keys import PAYMENT_COLUMNS, ReleasedFile
from payroll.model.errors import DamagedInputError, InvariantError, PayrollError
from payroll.model.order import Employer, parse_payrun
from payroll.model.released import KEY, LEDGER_EXTRACT, PAYMENT_KEYS_FILE, reissue_of, replaced_by
from payroll.record.csv import neutralised, read_csv
from payroll.record.folder import files_below
from payroll.record.identity import identity
from payroll.record.manifest import MANIFEST
from payroll.release.workspace import employer_of, workspace_of
from payroll.sepa.reader import must_equal, read_message
from payroll.store import StoredRun, altered_files, load_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A proved run. payments: PAYMENT_COLUMNS of what is sent; payment_keys: KEY and end_to_end_id.

    all_payments, findings: payments.csv and findings.csv. employer: as the workspace has it now.
    """

    stored: StoredRun
    workspace: Path
    employer: Employer
    subject: Subject
    files: tuple[ReleasedFile, ...]
    payments: pd.DataFrame
    payment_keys: pd.DataFrame
    all_payments: pd.DataFrame
    findings: pd.DataFrame

    @property
    def changed_accounts(self) -> list[str]:
        """The payees whose account changed, and who are paid all the same (somebody decided so)."""
        rules = self.findings["rule_id"].str.startswith(("IBAN-", "BANK-"))
        decided = self.findings["decision"].str.startswith("pay:")
        paid = self.findings["subject_id"].isin(self.payments["payee_id"])
        return sorted(set(self.findings.loc[rules & decided & paid, "subject_id"]))

    @property
    def outbox(self) -> Path:
        """Where the month's files for the bank lie."""
        return self.stored.folder.resolve().parent.parent / "outbox"


def prepare(run: Path) -> Prepared:
    """Read a run folder and prove it: every digest, and every payment found again in the files.

    Raises UsageError run_missing or run_outside_workspace, DamagedInputError run_altered or
    run_inconsistent, PayrollError nothing_to_release.
    """
    workspace = workspace_of(run)
    stored = load_run(run)
    altered = altered_files(stored)
    if altered:
        names = ", ".join(name for name, _ in altered[:5])
        raise DamagedInputError("run_altered", where=str(run), files=names)
    _require_identity(stored)
    if PAYMENT_KEYS_FILE not in stored.files:
        raise DamagedInputError("run_inconsistent", where=str(run), file=PAYMENT_KEYS_FILE)
    payments = read_csv(stored.files["payments.csv"])
    keys = read_csv(stored.files[PAYMENT_KEYS_FILE])
    sent = payments[payments["file"] != ""]
    if sent.empty:
        raise PayrollError("nothing_to_release", where=str(run))
    order, employer = parse_payrun(
        {name: stored.files[f"inputs/{name}"] for name in ("payrun.toml", "employer.toml")}
    )
    accounts = {account.iban: account.bank_profile for account in employer.account}
    files, rows = [], []
    for path, own in sent.groupby("file", sort=True):
        file, read = _file(stored, str(path), own, accounts, employer.enterprise_number)
        files.append(file)
        rows.append(read)
    current = employer_of(workspace)
    again = reissue_of(files_below(stored.files, "inputs/"))
    released = _with_replaced(pd.concat(rows, ignore_index=True), keys, stored.files)
    owned = keys.merge(released[["payment_id", "end_to_end_id"]], on="payment_id")
    return Prepared(
        stored=stored,
        workspace=workspace,
        employer=current,
        files=tuple(files),
        payments=released.sort_values("end_to_end_id")[list(PAYMENT_COLUMNS)],
        payment_keys=owned[[*KEY, "end_to_end_id"]],
        all_payments=payments,
        findings=read_csv(stored.files["findings.csv"]),
        subject=Subject(
            run_id=str(stored.manifest["run_id"]),
            manifest_sha256=stored.manifest_sha256,
            payments=len(released),
            total_cents=int(released["amount_cents"].sum()),
            streams=tuple(sorted(set(released["stream"]))),
            prepared_by=_preparers(stored.manifest),
            preparer_named=bool((again.prepared_by if again else "") or order.prepared_by),
            approvals=employer.release.approvals,
            approvers=listed(employer),
        ),
    )


def _require_identity(stored: StoredRun) -> None:
    """The manifest is of these inputs and rules, and names who ordered the run.

    That everything else follows from them is for `payroll verify` to prove, which rebuilds it all.
    """
    manifest, inputs = stored.manifest, files_below(stored.files, "inputs/")
    order, _ = parse_payrun(inputs)
    again = reissue_of(inputs)
    prepared_by = (again and again.prepared_by) or order.prepared_by
    try:
        created_at = datetime.fromisoformat(str(manifest["created_at"]))
        run_id, inputs_digest = identity(
            order,
            inputs,
            files_below(stored.files, "rulebook/"),
            str(manifest["tool_version"]),
            created_at,
        )
    except (KeyError, ValueError):
        run_id, inputs_digest = "", ""
    own = run_id == manifest["run_id"] == stored.folder.resolve().name
    own = own and inputs_digest == manifest.get("inputs_digest")
    if not own or prepared_by.strip() not in {*_preparers(manifest), ""}:
        raise DamagedInputError("run_inconsistent", where=str(stored.folder), file=MANIFEST)


def _file(
    stored: StoredRun, path: str, own: pd.DataFrame, accounts: Mapping[str, str], employer: str
) -> tuple[ReleasedFile, pd.DataFrame]:
    """One payment file, re-read: what it holds is what payments.csv says."""
    content = stored.files.get(path, b"")
    try:
        message = read_message(content)
        read = message.payments()
        for name in ("name", "remittance", "structured_reference"):
            read[name] = read[name].map(neutralised).astype("str")
        must_equal(own, read)
    except InvariantError as error:
        raise DamagedInputError("run_inconsistent", where=str(stored.folder), file=path) from error
    header, stream = message.header, str(own["stream"].iat[0])
    day = header["execution_date"]
    file = ReleasedFile(
        message_id=header["message_id"],
        block_id=header["block_id"],
        path=path,
        outbox_name=f"{employer}_{stream}_{day}_{header['message_id']}.xml",
        sha256=hashlib.sha256(content).hexdigest(),
        stream=stream,
        debtor_iban=header["debtor_iban"],
        bank_profile=accounts.get(header["debtor_iban"], ""),
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


def _with_replaced(
    payments: pd.DataFrame, keys: pd.DataFrame, files: Mapping[str, bytes]
) -> pd.DataFrame:
    """`replaces`: the failed payments whose keys a payment claims again, joined by ' '."""
    known = files.get(f"inputs/{LEDGER_EXTRACT}")
    again = {} if known is None else replaced_by(keys, read_csv(known))
    replaces = [again.get(item, "") for item in payments["payment_id"].tolist()]
    return payments.assign(replaces=pd.Series(replaces, index=payments.index, dtype="str"))


def _preparers(manifest: Mapping[str, object]) -> tuple[str, ...]:
    names = manifest.get("prepared_by")
    return tuple(map(str, names)) if isinstance(names, list) else ()
