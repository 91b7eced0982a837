"""Payments of a run that are much like those of another: told beside its release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from payroll.ledger.book import Ledger
from payroll.ledger.payment_keys import recorded_items
from payroll.model.frames import rows_of
from payroll.model.invoice_likeness import INVOICE_FACTS, compared, like_pairs
from payroll.model.streams import paid_by_item


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """When a payment is much like another: within some days, from an amount on (cents).

    official: accounts that many payments go to, such as the tax office's.
    """

    days: int
    minimum_cents: int = 0
    official: tuple[str, ...] = ()


def near_duplicates(ledger: Ledger, run_id: str, near: Near) -> list[tuple[str, str, int, str]]:
    """Payments of a run that are much like another run's: an invoice that may be the same one
    (payroll.model.invoice_likeness), or account and amount within some days.

    (stream, payee, amount in cents, the other run), each once, sorted; what replaces a failed
    payment is none.
    """
    return sorted({*_like_invoices(ledger, run_id, near), *_same_account(ledger, run_id, near)})


def _like_invoices(ledger: Ledger, run_id: str, near: Near) -> Iterator[tuple[str, str, int, str]]:
    rows = ledger.connection.execute(
        "SELECT claim.payee_id, claim.item AS number, payment.iban, payment.creditor_name AS name,"
        " payment.amount_cents AS paid, file.run_id, payment.end_to_end_id, payment.replaces,"
        " payment.stream FROM claim JOIN payment USING (end_to_end_id)"
        " JOIN file USING (message_id) WHERE claim.period = ''"
        " AND claim.item NOT LIKE 'social:%' AND claim.item NOT LIKE 'tax:%'"
    )
    names = [column[0] for column in rows.description]
    found = pd.DataFrame(rows.fetchall(), columns=names)
    alone = found.groupby("end_to_end_id")["number"].transform("size") == 1
    recorded = recorded_items(ledger)
    columns = ("run_id", "payee_id", "number", "paid")
    facts = [
        recorded.get((run, payee, item), (cents if single else 0, "", ""))
        for (run, payee, item, cents), single in zip(rows_of(found, *columns), alone, strict=True)
    ]
    names = ["amount_cents", "day", "enterprise_number"]
    found = found.join(pd.DataFrame(facts, columns=names, index=found.index))
    found = found.astype(dict(INVOICE_FACTS.columns))  # which a ledger without invoices is not
    own = found[(found["run_id"] == run_id) & (found["amount_cents"] > 0)].reset_index(drop=True)
    other = found[found["run_id"] != run_id].reset_index(drop=True)
    given = list(INVOICE_FACTS.columns)
    both = compared(own[given], other[given], near.official)
    for new, old in like_pairs(both, paid=True).tolist():
        mine, theirs = own.loc[new], other.loc[old]
        if theirs["end_to_end_id"] not in mine["replaces"].split():
            yield mine["stream"], mine["payee_id"], int(mine["paid"]), theirs["run_id"]


def _same_account(ledger: Ledger, run_id: str, near: Near) -> list[tuple[str, str, int, str]]:
    rows = ledger.connection.execute(
        "SELECT DISTINCT new.stream, new.payee_id, new.amount_cents, other_file.run_id"
        " FROM file AS own JOIN payment AS new ON new.message_id = own.message_id"
        " JOIN payment AS other ON other.iban = new.iban"
        "  AND other.amount_cents = new.amount_cents AND other.message_id <> new.message_id"
        " JOIN file AS other_file ON other_file.message_id = other.message_id"
        " WHERE own.run_id = ? AND other_file.run_id <> own.run_id"
        "  AND new.amount_cents >= ? AND new.iban NOT IN (SELECT value FROM json_each(?))"
        "  AND instr(new.replaces, other.end_to_end_id) = 0"
        "  AND (new.stream IN (SELECT value FROM json_each(?)) OR new.stream <> other.stream"
        "       OR new.payee_id <> other.payee_id)"
        "  AND abs(julianday(other_file.execution_date) - julianday(own.execution_date)) <= ?"
        " ORDER BY 1, 2, 3, 4",
        (
            run_id,
            near.minimum_cents,
            json.dumps(near.official),
            json.dumps(paid_by_item()),
            near.days,
        ),
    )
    return [(str(row[0]), str(row[1]), int(row[2]), str(row[3])) for row in rows]
