"""What the stages hand to one another: the rebuilt month, and the files written for the bank."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from payroll.model.backtest import Backtest, no_backtest
from payroll.model.frames import PAYMENTS
from payroll.model.record_frames import LINE_SUMS, OPEN_INVOICES, PAYEES, PEOPLE, TYPED
from payroll.model.released import PAYMENT_KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """This month as rebuilt; each frame conforms to its schema in payroll.model.frames, or to the
    one of payroll.model.record_frames that has its name (typed: TYPED).

    payments: PAYMENTS draft, one row per (stream, payee, payment group) with a positive sum;
    status 'pay', payment_id set, execution_date / end_to_end_id / file still ''.
    already_paid: the PAYMENTS that an earlier run has released, and which this one does not make.
    awaiting_reissue: those that it does not make for another reason: they failed and wait for a
    reissue, or, in a reissue, were never released.
    payment_keys: PAYMENT_KEYS of the payments that it makes or holds.
    changes: CHANGES of the salaries and the fees.
    """

    lines: pd.DataFrame
    targets: pd.DataFrame
    payments: pd.DataFrame
    not_carried_over: pd.DataFrame
    to_settle: pd.DataFrame
    changes: pd.DataFrame
    receivables: pd.DataFrame
    backtest: Backtest = field(default_factory=no_backtest)
    already_paid: pd.DataFrame = field(default_factory=PAYMENTS.empty)
    awaiting_reissue: pd.DataFrame = field(default_factory=PAYMENTS.empty)
    payment_keys: pd.DataFrame = field(default_factory=PAYMENT_KEYS.empty)
    line_sums: pd.DataFrame = field(default_factory=LINE_SUMS.empty)
    people: pd.DataFrame = field(default_factory=PEOPLE.empty)
    payees: pd.DataFrame = field(default_factory=PAYEES.empty)
    open_invoices: pd.DataFrame = field(default_factory=OPEN_INVOICES.empty)
    typed: pd.DataFrame = field(default_factory=TYPED.empty)

    def changes_of(self, stream: str) -> pd.DataFrame:
        """CHANGES of one stream."""
        return self.changes[self.changes["stream"] == stream].reset_index(drop=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChange:
    """A text that the bank's character set forced us to change, shown before anybody signs."""

    payment_id: str
    field: str  # creditor_name | remittance | debtor_name
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SepaFile:
    """One pain.001 file: its bytes, and the totals found by re-reading those bytes."""

    path: str  # sepa/<stream>_<date>_<nn>.xml
    content: bytes
    stream: str
    account_id: str
    debtor_iban: str
    execution_date: str
    message_id: str
    transactions: int
    total_cents: int
    sha256: str
