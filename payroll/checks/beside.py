"""What lies beside the pay-run order and is not named by it: a source that nobody looked at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, findings_of
from payroll.model.beside import STATEMENT, TABLE
from payroll.model.findings import Finding, SubjectKind
from payroll.model.tables import BANK_PAYMENTS
from payroll.rulebook.controls import Control

_DIGITS = 16  # of a digest, for a message


def bank_file_unused(data: CheckData, control: Control) -> list[Finding]:
    """A bank's file of last month's payments lies there, and no account was compared with it.

    Its days are those of the last known month and `days_after` it, or cannot be read. `statement`
    is a statement where the order names another file of the bank: it may only repeat it. `reissue`:
    what is paid again is compared with what was released.
    """
    rows = _of_last_month(data, control)
    named = any(source.kind == BANK_PAYMENTS for source in data.order.source)
    repeats = (rows["looks_like"] == STATEMENT) & named
    level = np.where(repeats, "statement", "reissue" if data.ledger.reissue else "")
    return _found(data, control, rows, rows["first_day"].replace("", "-"), list(level))


def file_unused(data: CheckData, control: Control) -> list[Finding]:
    """Any other file that looks like a source: a table, a bank's file of another month."""
    bank = _of_last_month(data, control).index
    rows = data.beside[~data.beside.index.isin(bank)]
    return _found(data, control, rows, rows["bytes"].astype("str"), [""] * len(rows))


def _of_last_month(data: CheckData, control: Control) -> pd.DataFrame:
    known = data.order.last_known
    last = pd.Timestamp(known.last_day) + pd.Timedelta(days=control.whole("days_after"))
    rows = data.beside[data.beside["looks_like"] != TABLE]
    begins = rows["first_day"] <= last.date().isoformat()
    return rows[begins & ((rows["last_day"] >= known.first_day.isoformat()) | _undated(rows))]


def _undated(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["last_day"] == ""


def _found(
    data: CheckData,
    control: Control,
    rows: pd.DataFrame,
    observed: pd.Series[str],
    level: list[str],
) -> list[Finding]:
    return findings_of(
        data,
        control,
        rows,
        kind=str(SubjectKind.FILE),
        payee="file",
        observed=observed,
        limit=rows["sha256"].str[:_DIGITS],
        level=level,
    )
