"""The frames of the record, put together from what the stages hand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from payroll.model.backtest import Backtest
from payroll.model.errors import require
from payroll.model.frames import TEXT
from payroll.model.record_frames import (
    FINDING_WORDS,
    FINDINGS,
    RECORD_LINES,
    RECORD_PAYMENTS,
    TEXT_CHANGES,
)
from payroll.model.results import NameChange, Rebuilt, SepaFile
from payroll.record.run import BacktestFacts


def assembled(
    rebuilt: Rebuilt,
    payments: pd.DataFrame,
    findings: pd.DataFrame,
    params: Mapping[str, Mapping[str, str]],
    text_changes: Sequence[NameChange],
) -> dict[str, pd.DataFrame]:
    """Every frame of payroll.record.files.FRAMES.

    payments: those that this run makes or holds. findings: FINDINGS; params: per finding the
    further placeholders of its words.
    """
    return {
        "payments": RECORD_PAYMENTS.conform(payments),
        "lines": _lines_of_payments(rebuilt),
        "line_sums": rebuilt.line_sums,
        "findings": FINDINGS.conform(findings),
        "finding_words": FINDING_WORDS.from_rows(
            {"finding_id": finding_id, "name": name, "value": value}
            for finding_id, own in params.items()
            for name, value in own.items()
        ),
        "people": rebuilt.people,
        "payees": rebuilt.payees,
        "changes": rebuilt.changes,
        "not_carried_over": rebuilt.not_carried_over,
        "to_settle": rebuilt.to_settle,
        "receivables": rebuilt.receivables,
        "already_paid": RECORD_PAYMENTS.conform(rebuilt.already_paid),
        "awaiting_reissue": RECORD_PAYMENTS.conform(rebuilt.awaiting_reissue),
        "open_invoices": rebuilt.open_invoices,
        "adjustments": rebuilt.typed,
        "text_changes": TEXT_CHANGES.from_rows(
            {name: getattr(item, name) for name in TEXT_CHANGES.columns} for item in text_changes
        ),
        "payment_keys": rebuilt.payment_keys,
        "backtest": rebuilt.backtest.rows,
    }


def _lines_of_payments(rebuilt: Rebuilt) -> pd.DataFrame:
    """RECORD_LINES: each line with the payment that its group made, '' where it made none."""
    group = ["stream", "payee_id", "payment_group"]
    keys = pd.MultiIndex.from_frame(rebuilt.payments[group])
    place = keys.get_indexer(pd.MultiIndex.from_frame(rebuilt.lines[group]))
    ids = [*rebuilt.payments["payment_id"].tolist(), ""]
    of_line = pd.Series([ids[row] for row in place.tolist()], rebuilt.lines.index, dtype=TEXT)
    return RECORD_LINES.conform(rebuilt.lines.assign(payment_id=of_line))


def backtest_facts(found: Backtest) -> BacktestFacts:
    """What the back-test says beside its rows."""
    return BacktestFacts(period=found.period, not_compared=found.not_compared, causes=found.causes)


def require_nothing_lost(
    rebuilt: Rebuilt, payments: pd.DataFrame, files: Sequence[SepaFile]
) -> None:
    """Raise InvariantError unless every payment of the rebuild is made or named, to the cent, and
    each payment file holds what payments.csv says.
    """
    parts = (payments, rebuilt.already_paid, rebuilt.awaiting_reissue)
    same = int(rebuilt.payments["amount_cents"].sum()) == sum(
        int(part["amount_cents"].sum()) for part in parts
    )
    counted = len(rebuilt.payments) == sum(map(len, parts))
    require(same and counted, "a payment was lost or changed after rebuild")
    for file in files:
        rows = payments[payments["file"] == file.path]
        require(
            len(rows) == file.transactions and int(rows["amount_cents"].sum()) == file.total_cents,
            f"{file.path} does not hold what payments.csv says",
        )
