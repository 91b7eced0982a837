"""What a new run is told of earlier ones: the ledger's extract becomes one of its inputs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

from payroll.ledger.book import Ledger, last_release
from payroll.ledger.enrolment import enrolled_in
from payroll.ledger.extract import extract
from payroll.ledger.keys import fingerprint
from payroll.model.order import PayrunOrder
from payroll.model.released import (
    LEDGER_EXTRACT,
    LEDGER_HEAD,
    REISSUE,
    EnrolledKey,
    LedgerHead,
    ReissueOrder,
)
from payroll.rebuild.payment_keys import periods
from payroll.record.csv import csv_bytes
from payroll.release.workspace import reading
from payroll.rulebook.book import RuleBook
from payroll.store import Payrun, now


def with_ledger(payrun: Payrun, rulebook: RuleBook) -> Payrun:
    """The pay-run with what it must know of the ledger among its inputs.

    `ledger.csv`, when anything that matters was released; `ledger.toml`, when anything was.
    """
    with reading(payrun.folder.parent) as ledger:
        if ledger is None:
            return payrun
        told = told_of(ledger, payrun.order, rulebook)
    return replace(payrun, inputs={**payrun.inputs, **told})


def told_of(ledger: Ledger, order: PayrunOrder, rulebook: RuleBook) -> dict[str, bytes]:
    """The inputs that the ledger gives a run of an order (as it was read, not as a reissue)."""
    known = extract(
        ledger,
        periods(order),
        _last_day(order),
        mended_by=lambda code: rulebook.reason(code).mended_by,
    )
    last = _last_release(ledger)
    told = {} if known.empty else {LEDGER_EXTRACT: csv_bytes(known)}
    if last is not None:
        told[LEDGER_HEAD] = last.text().encode()
    return told


def _last_release(ledger: Ledger) -> LedgerHead | None:
    """What the control sheet prints of the ledger."""
    found = last_release(ledger)
    if found is None:
        return None
    keys = [
        EnrolledKey(name=item.name, fingerprint=fingerprint(item.public_key), at=item.at)
        for item in enrolled_in(ledger).entries
        if item.seq < found.seq
    ]
    return LedgerHead(
        run_id=found.run_id, at=found.at, events=found.seq, digest=found.digest, key=tuple(keys)
    )


def to_reissue(
    payrun: Payrun, pay_on: date | None, by: str, created_at: datetime | None = None
) -> Payrun:
    """The pay-run as an order to pay again what failed.

    pay_on: the new pay day, by default that of the order. created_at goes into the files and is
    recorded: the one given, else that of the order, else now.
    """
    at = created_at or payrun.order.created_at or now()
    day = pay_on or _last_day(payrun.order)
    text = _reissue_text(
        ReissueOrder(pay_on=day, created_at=at.replace(tzinfo=None), prepared_by=by)
    )
    return replace(payrun, inputs={**payrun.inputs, REISSUE: text.encode()})


def _reissue_text(order: ReissueOrder) -> str:
    return (
        f"pay_on = {order.pay_on.isoformat()}\n"
        f"created_at = {order.created_at.isoformat()}\n"
        f"prepared_by = {json.dumps(order.prepared_by, ensure_ascii=False)}\n"
    )


def _last_day(order: PayrunOrder) -> date:
    days = (stream.pay_on for stream in order.streams.values())
    return max(days, default=order.period.last_day)
