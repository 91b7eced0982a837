"""What a stream is rebuilt from, and what it comes to: the same for every stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd

from payroll.model.backtest import Backtest
from payroll.model.findings import Finding
from payroll.model.frames import NOT_CARRIED_OVER, TO_SETTLE
from payroll.model.order import PayrunOrder
from payroll.model.record_frames import CHANGES, OPEN_INVOICES, PEOPLE
from payroll.model.released import LedgerExtract
from payroll.model.tables import SourceTables
from payroll.rulebook.book import RuleBook

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class RebuildInput:
    """What the function of a stream (payroll.model.streams.Stream.rebuild) is given.

    language: of what payees read on their statement. ledger: what it knows of earlier runs.
    """

    tables: SourceTables
    order: PayrunOrder
    rulebook: RuleBook
    language: str = "fr"
    ledger: LedgerExtract = field(default_factory=LedgerExtract)
    _made: dict[object, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def once(self, make: Callable[[RebuildInput], Made]) -> Made:
        """What a function makes of this input, worked out for the first who asks.

        The bonuses stand on the month's salaries, whether the run pays these or not.
        """
        if make not in self._made:
            self._made[make] = make(self)
        found: Made = self._made[make]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamResult:
    """What the function of a stream hands back.

    lines: FACTORED_LINES; targets: PAYMENT_TARGETS, one per payment group of a line; findings.
    Where the stream has them, to_settle: TO_SETTLE, whom it does not pay now; not_carried_over:
    NOT_CARRIED_OVER; changes: CHANGES against the month before; open_invoices: OPEN_INVOICES;
    record: PEOPLE; backtest: the known month worked out anew.
    """

    lines: pd.DataFrame
    targets: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    to_settle: pd.DataFrame = field(default_factory=TO_SETTLE.empty)
    not_carried_over: pd.DataFrame = field(default_factory=NOT_CARRIED_OVER.empty)
    changes: pd.DataFrame = field(default_factory=CHANGES.empty)
    open_invoices: pd.DataFrame = field(default_factory=OPEN_INVOICES.empty)
    record: pd.DataFrame = field(default_factory=PEOPLE.empty)
    backtest: Backtest | None = None
