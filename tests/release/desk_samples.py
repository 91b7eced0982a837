"""A workspace with a run of two small payment files, and the keys of its approvers."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from payroll.atomic_files import write_tree
from payroll.demo.planted import BANK_FILE
from payroll.demo.workspace import demo_files
from payroll.ledger.keys import new_key
from payroll.ledger.near_duplicates import Near
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.release.proven_run import ProvenRun, prepare
from payroll.release.release import Approval, Release, approve_run, release_run
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.store import load_payrun, load_rule_files, rules_folder, write_run
from payroll.version import code_version

PHRASE = "correct horse battery"
NAMES = ("Zoé Modèle", "Hervé Spécimen", "Noëlle Fictif")
_KEPT = "practitioners|fee_statements|suppliers|invoices"
NEAR = Near(days=30)
_EXPECTED: dict[str, dict[str, bytes]] = {}
_CLAIMS: dict[str, int] = {}


@lru_cache(maxsize=1)
def keys() -> dict[str, tuple[bytes, str]]:
    """Name -> (private key file, public line)."""
    return {name: new_key(PHRASE, rounds=1) for name in (*NAMES, "Stranger")}


@lru_cache(maxsize=1)
def rulebook() -> RuleBook:
    return load_rulebook(load_rule_files(rules_folder()))


def approver(name: str, **fields: str) -> str:
    """An entry of [release] approvers; `fields` are TOML values."""
    known = {"name": f'"{name}"', "public_key": f'"{keys()[name][1]}"'} if name in keys() else {}
    said = {"name": f'"{name}"', **known, **fields}
    return "{ " + ", ".join(f"{key} = {value}" for key, value in said.items()) + " }"


@dataclass(frozen=True)
class Desk:
    """A workspace and its run."""

    workspace: Path
    run_id: str

    @property
    def run(self) -> Path:
        return self.workspace / "2022-05/runs" / self.run_id

    @property
    def outbox(self) -> Path:
        return self.workspace / "2022-05/outbox"

    @property
    def ledger(self) -> Path:
        return self.workspace / "ledger.sqlite"

    @property
    def seal(self) -> Path:
        return self.workspace / "ledger.sqlite.seal"

    def copy(self, folder: Path) -> Desk:
        shutil.copytree(self.workspace, folder, dirs_exist_ok=True)
        return replace(self, workspace=folder)

    def prepare(self) -> ProvenRun:
        return prepare(self.run)

    def approve(self, name: str, *, key: str = "") -> Approval:
        return approve_run(self.prepare(), name, keys()[key or name][0], PHRASE)

    def release(self, as_approved: str | None = None) -> Release:
        return release_run(self.prepare(), "Noëlle Fictif", NEAR, as_approved)

    def delivered(self) -> dict[str, bytes]:
        """Name -> bytes of what lies in the outbox."""
        if not self.outbox.exists():
            return {}
        return {path.name: path.read_bytes() for path in sorted(self.outbox.iterdir())}

    def expected(self) -> dict[str, bytes]:
        """What the outbox holds once the run is released."""
        if self.run_id not in _EXPECTED:  # a run is the same wherever it is copied to
            proven = self.prepare()
            _EXPECTED[self.run_id] = {
                file.outbox_name: proven.content(file) for file in proven.files
            }
        return _EXPECTED[self.run_id]

    def claims(self) -> int:
        """How many keys the run claims."""
        if self.run_id not in _CLAIMS:
            _CLAIMS[self.run_id] = len(self.prepare().payment_keys)
        return _CLAIMS[self.run_id]

    @contextmanager
    def sql(self) -> Iterator[sqlite3.Connection]:
        """The ledger as any other program would change it."""
        connection = sqlite3.connect(self.ledger, isolation_level=None)
        try:
            yield connection
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def approvers(self, *entries: str, extra: str = "") -> None:
        """Say anew in employer.toml who may approve."""
        path = self.workspace / "employer.toml"
        head = path.read_text("utf-8").partition("[release]")[0]
        listed = ",\n  ".join(entries)
        path.write_text(
            f"{head}[release]\napprovals = 2\n{extra}approvers = [\n  {listed},\n]\n", "utf-8"
        )


def make_desk(folder: Path, prepared_by: str = "Anne Fictive") -> Desk:
    """The demo without its staff: fees and invoices, two files, prepared by somebody."""
    write_tree(folder, demo_files("small", 1))
    desk = Desk(folder, "")
    desk.approvers(*map(approver, NAMES))
    return another_run(desk, prepared_by)


def another_run(desk: Desk, prepared_by: str) -> Desk:
    """One more run of the same payments in the same workspace."""
    month = desk.workspace / "2022-05"
    order = demo_files("small", 1)["2022-05/payrun.toml"].decode()
    order = re.sub(r"^(control|prepared_by) = .*\n", "", order, flags=re.MULTILINE)
    order = re.sub(r"\[(salaries|bonuses)\]\n(.*\n)+?\n", "", order)
    head, *sources = order.split("[[source]]")
    kept = [part for part in sources if re.search(rf'kind = "({_KEPT})"', part)]
    order = "[[source]]".join([f'prepared_by = "{prepared_by}"\n{head}', *kept])
    (month / "payrun.toml").write_text(order, "utf-8")
    (month / BANK_FILE).unlink(missing_ok=True)  # of the salaries, which it does not pay
    found = load_payrun(month)
    output = build_run(found.request(rulebook(), code_version=code_version()))
    assert not output.refused
    write_run(month / "runs", output.run_id, publish(output))
    return replace(desk, run_id=output.run_id)
