"""The totals that the screen, the manifest and the workbook all show: one model, counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

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
    held = payments["status"] == "held"
    paid, kept, owed = payments[~held], payments[held], receivables
    number = [Counter(frame["stream"].tolist()) for frame in (paid, kept, owed)]
    cents = [cents_by_stream(frame) for frame in (paid, kept, owed)]
    rows = [
        SummaryRow(
            stream=stream,
            paid=number[0][stream],
            paid_cents=cents[0][stream],
            held=number[1][stream],
            held_cents=cents[1][stream],
            to_recover=number[2][stream],
            to_recover_cents=cents[2][stream],
        )
        for stream in STREAMS
    ]
    whole = {name: sum(row.counts()[name] for row in rows) for name in rows[0].counts()}
    return (*rows, SummaryRow(stream="total", **whole))


def cents_by_stream(frame: pd.DataFrame) -> dict[str, int]:
    """The sum of `amount_cents` of each of STREAMS, 0 of one that the frame has not."""
    sums = frame.groupby("stream")["amount_cents"].sum().to_dict()
    return {stream: int(sums.get(stream, 0)) for stream in STREAMS}


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
