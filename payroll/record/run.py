"""The run: what a month came to and what it was made of. As built, or as read from its folder.

Everything that people are shown is a function of a Run. Nothing here reads a source, calculates
pay or knows a disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import pandas as pd

from payroll import __version__
from payroll.model.backtest import Backtest, Cause
from payroll.model.beside import BESIDE, FILES_BESIDE
from payroll.model.errors import DamagedInputError, InvariantError
from payroll.model.frames import rows_of
from payroll.model.order import Employer, PayrunOrder, parse_payrun
from payroll.model.released import (
    LEDGER_EXTRACT,
    LEDGER_HEAD,
    REISSUE,
    RELEASED,
    LedgerExtract,
    LedgerHead,
    carried_out,
    ledger_head_of,
)
from payroll.model.results import SepaFile
from payroll.model.tables import SourceSummary
from payroll.record.csv import Unreadable, read_frame
from payroll.record.files import INPUTS, RULEBOOK, file_of, unreadable
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.controls import Control


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Everything a run is a function of. `created_at` is recorded, never read from a clock here.

    code_version: version and digest of the program, so that changed code makes another run.
    """

    order: PayrunOrder
    employer: Employer
    inputs: Mapping[str, bytes]
    rulebook: RuleBook
    created_at: datetime
    code_version: str = __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestFacts:
    """What the back-test says beside its rows: its month, who was not compared, the causes."""

    period: str = ""
    not_compared: int = 0
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """One run. Two runs are the same when `differences` finds nothing.

    inputs, rules: the exact bytes it was made of, by path (`payrun.toml`; `controls/sepa.toml`).
    frames: by name, each of its schema in payroll.record.files.FRAMES. A refused run (a block
    finding that nobody cleared) has no sepa_files. sources: what each source file gave.
    """

    run_id: str
    refused: bool
    created_at: datetime
    code_version: str
    inputs_digest: str
    inputs: Mapping[str, bytes]
    rules: Mapping[str, bytes]
    frames: Mapping[str, pd.DataFrame]
    sources: tuple[SourceSummary, ...] = ()
    sepa_files: tuple[SepaFile, ...] = ()
    backtest_facts: BacktestFacts = field(default_factory=BacktestFacts)

    @cached_property
    def order(self) -> PayrunOrder:
        """The order as it was carried out: a reissue has its own pay day."""
        with unreadable(self.run_id, f"{INPUTS}payrun.toml"):
            return carried_out(self.inputs)

    @cached_property
    def employer(self) -> Employer:
        """The employer as the run was told."""
        with unreadable(self.run_id, f"{INPUTS}employer.toml"):
            return parse_payrun(self.inputs)[1]

    @cached_property
    def ledger_head(self) -> LedgerHead | None:
        """The last release that the run knew of."""
        with unreadable(self.run_id, f"{INPUTS}{LEDGER_HEAD}"):
            return ledger_head_of(self.inputs)

    @cached_property
    def rulebook(self) -> RuleBook:
        """The rules it was made with."""
        with unreadable(self.run_id, RULEBOOK):
            return load_rulebook(self.rules)

    def control(self, rule_id: str) -> Control:
        """The rule that a finding was raised under. Raises DamagedInputError when it has none."""
        row = self.findings["rule_id"].tolist().index(rule_id) + 2
        with unreadable(self.run_id, f"{file_of('findings')}!R{row}, rule_id"):
            return self.rulebook.controls[rule_id]

    @property
    def reissue(self) -> bool:
        """It pays again only what the bank rejected or returned."""
        return REISSUE in self.inputs

    @property
    def backtest(self) -> Backtest:
        """The last known month worked out anew."""
        facts = self.backtest_facts
        return Backtest(
            period=facts.period,
            rows=self.frames["backtest"],
            not_compared=facts.not_compared,
            causes=facts.causes,
        )

    @property
    def payments(self) -> pd.DataFrame:
        """RECORD_PAYMENTS: paid or held."""
        return self.frames["payments"]

    @property
    def lines(self) -> pd.DataFrame:
        """RECORD_LINES."""
        return self.frames["lines"]

    @property
    def findings(self) -> pd.DataFrame:
        """FINDINGS, in the employer's language."""
        return self.frames["findings"]

    def changes_of(self, stream: str) -> pd.DataFrame:
        """CHANGES of one stream."""
        changes = self.frames["changes"]
        return changes[changes["stream"] == stream].reset_index(drop=True)

    @cached_property
    def names(self) -> Mapping[tuple[str, str], str]:
        """(payee kind, payee id) -> the name to show."""
        rows = rows_of(self.frames["payees"], "payee_kind", "payee_id", "name")
        return {(kind, payee): name for kind, payee, name in rows}

    @cached_property
    def sites(self) -> Mapping[tuple[str, str], str]:
        """(payee kind, payee id) -> where they work, of those of whom it is known."""
        rows = rows_of(self.frames["payees"], "payee_kind", "payee_id", "site")
        return {(kind, payee): site for kind, payee, site in rows if site}


def differences(one: Run, other: Run) -> tuple[str, ...]:
    """The names of the frames and facts in which two runs differ, sorted; () = the same run."""
    facts = (
        "run_id",
        "refused",
        "created_at",
        "code_version",
        "inputs_digest",
        "sources",
        "sepa_files",
        "backtest_facts",
    )
    found = [name for name in facts if getattr(one, name) != getattr(other, name)]
    found += [
        name
        for name in ("inputs", "rules")
        if dict(getattr(one, name)) != dict(getattr(other, name))
    ]
    found += [name for name in one.frames if not one.frames[name].equals(other.frames[name])]
    return tuple(sorted(found))


def files_beside(inputs: Mapping[str, bytes]) -> pd.DataFrame:
    """FILES_BESIDE of a run's inputs. Raises DamagedInputError run_file_unreadable."""
    content = inputs.get(BESIDE)
    if content is None:
        return FILES_BESIDE.empty()
    with unreadable(INPUTS.rstrip("/"), BESIDE):
        return FILES_BESIDE.conform(read_frame(content, FILES_BESIDE))


def ledger_extract(inputs: Mapping[str, bytes]) -> LedgerExtract:
    """What a run's inputs say of the ledger. Raises DamagedInputError ledger_extract."""
    content = inputs.get(LEDGER_EXTRACT)
    if content is None:
        return LedgerExtract(reissue=REISSUE in inputs)
    try:
        extract = RELEASED.conform(read_frame(content, RELEASED))
    except (InvariantError, Unreadable) as error:
        raise DamagedInputError("ledger_extract", where=LEDGER_EXTRACT) from error
    return LedgerExtract(extract, REISSUE in inputs)
