"""What a run must know of the ledger: the newest payment of every key that could concern it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from payroll.ledger.book import Ledger
from payroll.ledger.payment_keys import recorded_items
from payroll.ledger.states import FREE, payment_states, superseded
from payroll.model.frames import TEXT
from payroll.model.released import RELEASED

#: Payments executed this long before a pay day are compared with it (near-duplicates).
DAYS = 120

_SQL = """
WITH last AS (
  SELECT claim.stream, claim.payee_id, max(file.execution_date) AS day
  FROM claim JOIN payment USING (end_to_end_id) JOIN file USING (message_id)
  WHERE claim.freed = '' AND claim.period <> '' GROUP BY claim.stream, claim.payee_id
)
SELECT claim.stream, claim.payee_id, claim.period, claim.item, claim.freed,
 payment.end_to_end_id, file.run_id, payment.amount_cents, payment.iban,
 payment.creditor_name, file.execution_date, file.message_id
FROM claim JOIN payment USING (end_to_end_id) JOIN file USING (message_id)
LEFT JOIN last ON last.stream = claim.stream AND last.payee_id = claim.payee_id
WHERE claim.period = '' OR claim.freed <> '' OR file.execution_date >= ?
 OR file.execution_date = last.day
 OR (claim.stream || ' ' || claim.period) IN (SELECT value FROM json_each(?))
"""


def extract(
    ledger: Ledger,
    periods: Mapping[str, Collection[str]],
    pay_on: date,
    mended_by: Callable[[str], str] = lambda _code: "decision",
) -> pd.DataFrame:
    """RELEASED: every key of the streams' earning periods, every invoice, what is recent; of any
    age what failed and was not paid again, and the newest payment of each payee in each stream,
    for the account it was sent to.

    periods: stream -> earning periods of the run. mended_by: reason code -> data | decision.
    """
    named = [f"{stream} {period}" for stream, of in periods.items() for period in of]
    since = (pay_on - timedelta(days=DAYS)).isoformat()
    rows = ledger.connection.execute(_SQL, (since, json.dumps(named))).fetchall()
    again = superseded(ledger) if any(row[4] for row in rows) else set()
    codes = _reasons(ledger, {str(row[11]) for row in rows if row[4]})
    newest = [row for row in rows if not row[4] or (row[5], *row[:4]) not in again]
    newest.sort(key=lambda row: bool(row[4]))
    names = ("stream", "payee_id", "period", "item")
    columns: dict[str, list[object]] = {
        name: [row[at] for row in newest] for at, name in enumerate(names)
    }
    columns["state"] = ["failed" if row[4] else "live" for row in newest]
    for at, name in enumerate(
        ("end_to_end_id", "run_id", "amount_cents", "iban", "creditor_name", "execution_date"), 5
    ):
        columns[name] = [row[at] for row in newest]
    columns["code"] = [codes.get(str(row[5]), "") if row[4] else "" for row in newest]
    columns["mended_by"] = [
        mended_by(str(code)) if row[4] else ""
        for row, code in zip(newest, columns["code"], strict=True)
    ]
    columns |= _items(ledger, newest)
    frame = pd.DataFrame(columns)
    dtypes = {name: dtype for name, dtype in RELEASED.columns.items() if dtype == TEXT}
    if frame.empty:
        return RELEASED.empty()
    frame = frame.astype({**dtypes, "amount_cents": "int64", "item_cents": "int64"})
    # a payment that the bank executed after all stands before one that failed in its place
    return RELEASED.conform(frame.drop_duplicates(["stream", "payee_id", "period", "item"]))


def _items(ledger: Ledger, rows: Sequence[tuple[Any, ...]]) -> dict[str, list[object]]:
    """What the releases recorded of each item: its amount, its day, its payee's enterprise number.

    Of one that stands in no record, the amount of a payment that settled nothing else.
    """
    recorded = recorded_items(ledger)
    alone = Counter(row[5] for row in rows)
    found = []
    for _, payee, period, item, _, payment, run_id, cents, *_ in rows:
        otherwise = (cents if not period and alone[payment] == 1 else 0, "", "")
        found.append(recorded.get((run_id, payee, item), otherwise))
    names = ("item_cents", "item_day", "enterprise_number")
    return {name: [facts[at] for facts in found] for at, name in enumerate(names)}


def _reasons(ledger: Ledger, message_ids: set[str]) -> dict[str, str]:
    """The first reason of each failed payment."""
    found = {}
    for message_id in sorted(message_ids):
        for item in payment_states(ledger, message_id):
            if item.state in FREE:
                found[item.end_to_end_id] = item.reasons[0] if item.reasons else ""
    return found
