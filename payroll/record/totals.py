"""The totals that the screen, the manifest and the workbook all show: one model, counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.streams import SALARIES, STREAMS
from payroll.record.findings import holding, released, upheld, without_effect
from payroll.record.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """One stream, or the whole run (`stream` is 'total'); amounts in cents.

    to_recover_cents: negative amounts that stand in no payment, as a negative number.
    """

    stream: str
    paid: int = 0
    paid_cents: int = 0
    held: int = 0
    held_cents: int = 0
    to_recover: int = 0
    to_recover_cents: int = 0

    def counts(self) -> dict[str, int]:
        """The numbers alone, for the manifest and for machines."""
        return {
            "paid": self.paid,
            "paid_cents": self.paid_cents,
            "held": self.held,
            "held_cents": self.held_cents,
            "to_recover": self.to_recover,
            "to_recover_cents": self.to_recover_cents,
        }

    @property
    def total(self) -> int:
        """Number of payments, paid and held."""
        return self.paid + self.held

    @property
    def total_cents(self) -> int:
        """Paid and held together, in cents."""
        return self.paid_cents + self.held_cents


def summary_rows(payments: pd.DataFrame, receivables: pd.DataFrame) -> tuple[SummaryRow, ...]:
    """One row per stream in the order of STREAMS, then the total of all.

    payments, receivables: frames of the schemas PAYMENTS and RECEIVABLES.
    """
    held = (payments["status"] == "held").to_numpy(dtype=bool)
    owed = np.ones(len(receivables), dtype=bool)
    counted = [
        _by_stream(frame, rows)
        for frame, rows in ((payments, ~held), (payments, held), (receivables, owed))
    ]
    return tuple(
        SummaryRow(
            stream=stream,
            paid=counted[0][stream][0],
            paid_cents=counted[0][stream][1],
            held=counted[1][stream][0],
            held_cents=counted[1][stream][1],
            to_recover=counted[2][stream][0],
            to_recover_cents=counted[2][stream][1],
        )
        for stream in (*STREAMS, "total")
    )


def _by_stream(frame: pd.DataFrame, rows: npt.NDArray[np.bool_]) -> dict[str, tuple[int, int]]:
    """How many of some rows each stream has, and their cents; so for the total."""
    names = frame["stream"].to_numpy(dtype=object)
    cents = frame["amount_cents"].to_numpy(dtype=np.int64)
    wanted = {stream: rows & (names == stream) for stream in STREAMS} | {"total": rows}
    return {name: (int(some.sum()), int(cents[some].sum())) for name, some in wanted.items()}


#: The rule that names an invoice which an earlier run has released.
RELEASED_INVOICE = "LED-002"


def already_released(already_paid: pd.DataFrame, findings: pd.DataFrame) -> tuple[int, int, int]:
    """(payments, their cents, invoices) that an earlier run has released and this one leaves out.

    already_paid: PAYMENTS; findings: findings.csv. An invoice is left out before it is paid.
    """
    invoices = int((findings["rule_id"] == RELEASED_INVOICE).sum())
    return len(already_paid), int(already_paid["amount_cents"].sum()), invoices


#: The frames of what a stream comes to: due now, owed to us, paid by an earlier run, put off.
DUE = ("payments", "receivables", "already_paid", "awaiting_reissue")


def salaries_due(*frames: pd.DataFrame) -> int:
    """The salaries in some of the frames of DUE together, in cents; what is owed is negative."""
    return sum(
        int(frame.loc[frame["stream"] == SALARIES.name, "amount_cents"].sum()) for frame in frames
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTotals:
    """What a run came to. streams: those with payments; whole: all of them.

    severities: findings by severity. holds: findings that hold a payee. cleared, upheld,
    without_effect: findings that decisions cleared or made hold, and decisions that did neither.
    already_released: payments, cents and invoices that an earlier run released and this leaves out.
    to_settle: people whose data are missing.
    """

    streams: tuple[SummaryRow, ...]
    whole: SummaryRow
    severities: Mapping[str, int]
    holds: int
    cleared: int
    upheld: int
    without_effect: int
    already_released: tuple[int, int, int]
    to_settle: int


def run_totals(run: Run) -> RunTotals:
    """Count a run."""
    *streams, whole = summary_rows(run.payments, run.frames["receivables"])
    findings = run.findings
    severities = findings["severity"].value_counts().to_dict()
    return RunTotals(
        streams=tuple(row for row in streams if row.total),
        whole=whole,
        severities={str(name): int(count) for name, count in severities.items()},
        holds=int(holding(findings).sum()),
        cleared=int(released(findings).sum()),
        upheld=int(upheld(findings).sum()),
        without_effect=int(without_effect(findings).sum()),
        already_released=already_released(run.frames["already_paid"], findings),
        to_settle=len(run.frames["to_settle"]),
    )
