"""An account that changed so shortly before the pay day that nobody has had the time to object."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from payroll.checks.bank_details import iban_changed
from payroll.checks.bank_last_month import iban_unlike_bank
from payroll.checks.data import CheckData
from payroll.checks.ledger import iban_unlike_released
from payroll.model.findings import Finding
from payroll.model.streams import STREAMS
from payroll.model.tables import BANK_PAYMENTS
from payroll.rulebook.controls import Control

#: The same facts as IBAN-003, BANK-001 and LED-010, the most telling first.
_CHANGES = (iban_changed, iban_unlike_bank, iban_unlike_released)


def account_cooling_off(data: CheckData, control: Control) -> list[Finding]:
    """An account that is not the one last paid, recorded less than the cooling-off before pay day.

    Recorded is what is proved: the day from which an adjustment asks for it, the day on which the
    list that has it was exported, that of the last payment to the other account, the latest of
    them; where a list does not say its day, that of the run. The days are the rule book's dated
    figure and what an employer adds to it.
    """
    days = int(data.figure(control, "days")) + control.whole("extra_days")
    found: dict[tuple[str, str, str], Finding] = {}
    for change in _CHANGES:
        for item in change(data, control):
            if item.rule_id == control.id and item.observed != "-":
                found.setdefault((item.subject_kind, item.subject_id, item.observed), item)
    return [
        replace(
            item,
            params={
                "recorded": recorded.isoformat(),
                "until": (recorded + timedelta(days=days)).isoformat(),
            },
        )
        for item in found.values()
        if (pay_on := _pay_day(data, control, item.subject_kind)) is not None
        and (pay_on - (recorded := _recorded(data, item))).days < days
    ]


def _pay_day(data: CheckData, control: Control, kind: str) -> date | None:
    """The first day on which payees of a kind are paid."""
    paid = (name for name in data.streams(control) if STREAMS[name].payee == kind)
    return min((data.pay_on(name) for name in paid), default=None)


def _recorded(data: CheckData, item: Finding) -> date:
    made = data.created_at.date()
    files = {place.split("!", 1)[0] for place in item.source.split("; ")}
    listed = [
        source.exported_on or made
        for source in data.order.source
        if source.file in files and source.kind != BANK_PAYMENTS
    ]
    days = [*(listed or [made]), *_asked_for(data, item)]
    if last := item.params.get("day"):
        days.append(date.fromisoformat(str(last)))
    return min(made, max(days))


def _asked_for(data: CheckData, item: Finding) -> list[date]:
    """From when the adjustment that made the change asks for it."""
    rows = data.adjustments("iban_change")
    rows = rows[(rows["payee_id"] == item.subject_id) & rows["from"].notna()]
    places = [f"{place};" for place in item.source.split("; ")]
    return [
        pd.Timestamp(day).date()
        for day, source in zip(rows["from"], rows["source"], strict=True)
        if any(place.startswith((f"{source};", f"{source},", f"{source} ")) for place in places)
    ]
