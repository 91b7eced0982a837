"""The totals that the screen, the manifest and the workbook all show: one model, counted once."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from payroll.model.streams import SALARIES, STREAMS


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
    rows = [_stream_row(stream, payments, receivables) for stream in STREAMS]
    return (*rows, _stream_row("total", payments, receivables))


def _stream_row(stream: str, payments: pd.DataFrame, receivables: pd.DataFrame) -> SummaryRow:
    if stream != "total":
        payments = payments[payments["stream"] == stream]
        receivables = receivables[receivables["stream"] == stream]
    held = payments["status"] == "held"
    return SummaryRow(
        stream=stream,
        paid=int((~held).sum()),
        paid_cents=int(payments.loc[~held, "amount_cents"].sum()),
        held=int(held.sum()),
        held_cents=int(payments.loc[held, "amount_cents"].sum()),
        to_recover=len(receivables),
        to_recover_cents=int(receivables["amount_cents"].sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """How last month's net salaries become this month's, in cents; the parts sum exactly.

    before + joined + left + up + down + unexplained = after. `left` and `down` are negative.
    """

    before: int
    joined: int
    left: int
    up: int
    down: int
    unexplained: int
    unchanged: int  # persons
    unexplained_persons: int
    after: int


def with_deltas(changes: pd.DataFrame) -> pd.DataFrame:
    """CHANGES of a stream with `delta_cents` (net), `changed` and `explained`."""
    delta = changes["net_after_cents"] - changes["net_before_cents"]
    gross_moved = changes["gross_after_cents"] != changes["gross_before_cents"]
    explained = changes["reasons"] != ""
    return changes.assign(
        delta_cents=delta, changed=(delta != 0) | gross_moved | explained, explained=explained
    )


def bridge(changes: pd.DataFrame) -> Bridge:
    """The bridge of CHANGES from the last known month to this one."""
    frame = with_deltas(changes)
    delta, explained = frame["delta_cents"], frame["explained"]
    joined = explained & (frame["net_before_cents"] == 0) & (delta > 0)
    left = explained & (frame["net_after_cents"] == 0) & (delta < 0)
    moved = explained & ~joined & ~left
    return Bridge(
        before=int(frame["net_before_cents"].sum()),
        joined=int(delta[joined].sum()),
        left=int(delta[left].sum()),
        up=int(delta[moved & (delta > 0)].sum()),
        down=int(delta[moved & (delta < 0)].sum()),
        unexplained=int(delta[~explained].sum()),
        unchanged=int((~frame["changed"]).sum()),
        unexplained_persons=int((frame["changed"] & ~explained).sum()),
        after=int(frame["net_after_cents"].sum()),
    )


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
