"""What was released already, as a run sees it, and what a run would claim if it were released.

A payment key is (stream, payee, period, item): the month's pay of a person, a month's bonus, a
month's fees of a practitioner, or one invoice (no period: an invoice is paid once, ever). A key
that is live is never paid again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from payroll.model.frames import INT, TEXT, FrameSchema, rows_of
from payroll.model.order import PayrunOrder, parse_order
from payroll.model.refusals import parse_toml
from payroll.model.sections import Day, Moment, PersonName
from payroll.model.streams import STREAMS

if TYPE_CHECKING:
    import pandas as pd

#: The names under which a run keeps the extract of the ledger, what its last release was, and the
#: order to pay again.
LEDGER_EXTRACT = "ledger.csv"
LEDGER_HEAD = "ledger.toml"
REISSUE = "reissue.toml"

KEY = ("stream", "payee_id", "period", "item")

#: What the payments of a run would claim; several keys belong to one payment of several invoices.
PAYMENT_KEYS = FrameSchema(
    "payment_keys",
    {"payment_id": TEXT, "stream": TEXT, "payee_id": TEXT, "period": TEXT, "item": TEXT},
    key=KEY,
    sort=("payment_id", *KEY),
    closed={"stream": STREAMS},
)

#: The newest payment of each key that the ledger knows. state: live | failed (rejected, or
#: returned and booked). amount_cents, iban, creditor_name, execution_date: of the whole payment.
#: code: the bank's reason of a failure; mended_by: data | decision (rules/bank). item_cents,
#: item_day, enterprise_number: of the item itself (an invoice), 0 and '' where not known.
RELEASED = FrameSchema(
    "released",
    {
        "stream": TEXT,
        "payee_id": TEXT,
        "period": TEXT,
        "item": TEXT,
        "state": TEXT,
        "end_to_end_id": TEXT,
        "run_id": TEXT,
        "amount_cents": INT,
        "iban": TEXT,
        "creditor_name": TEXT,
        "execution_date": TEXT,
        "code": TEXT,
        "mended_by": TEXT,
        "item_cents": INT,
        "item_day": TEXT,
        "enterprise_number": TEXT,
    },
    key=KEY,
    sort=KEY,
    closed={"state": ("live", "failed")},
)


class ReissueOrder(BaseModel):
    """reissue.toml of a run that pays again only what failed: when, and when it was asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pay_on: Day
    created_at: Moment
    prepared_by: PersonName = ""


class EnrolledKey(BaseModel):
    """A key that the ledger knew when it released last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fingerprint: str
    at: str


class LedgerHead(BaseModel):
    """ledger.toml of a run: the last release before it, as event of the ledger.

    Of the last release, not of the last event: an approval or an answer of the bank makes no other
    run of the same month, nor other message ids.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    at: str
    events: int
    digest: str
    key: tuple[EnrolledKey, ...] = ()

    def text(self) -> str:
        """As TOML."""
        own, quoted = self.model_dump(exclude={"key"}), partial(json.dumps, ensure_ascii=False)
        lines = [f"{name} = {quoted(value)}" for name, value in own.items()]
        for item in self.key:
            fields = [f"{name} = {quoted(value)}" for name, value in item.model_dump().items()]
            lines += ["", "[[key]]", *fields]
        return "\n".join([*lines, ""])


@dataclass(frozen=True, slots=True)
class LedgerExtract:
    """What a run knows of the ledger. reissue: it pays again only what failed."""

    released: pd.DataFrame = field(default_factory=RELEASED.empty)
    reissue: bool = False


def reissue_of(inputs: Mapping[str, bytes]) -> ReissueOrder | None:
    """The order to pay again among a run's inputs. Raises PayrollError as for any order."""
    content = inputs.get(REISSUE)
    return None if content is None else parse_toml(ReissueOrder, REISSUE, content)


def ledger_head_of(inputs: Mapping[str, bytes]) -> LedgerHead | None:
    """The last release that a run knew of. Raises PayrollError as for any order."""
    content = inputs.get(LEDGER_HEAD)
    return None if content is None else parse_toml(LedgerHead, LEDGER_HEAD, content)


def reissued(order: PayrunOrder, again: ReissueOrder) -> PayrunOrder:
    """The pay-run's order with the new pay day for every stream."""
    streams = {
        name: stream.model_copy(update={"pay_on": again.pay_on})
        for name, stream in order.streams.items()
    }
    prepared_by = again.prepared_by or order.prepared_by
    return order.model_copy(update={**streams, "prepared_by": prepared_by})


def carried_out(inputs: Mapping[str, bytes]) -> PayrunOrder:
    """The order of a run's inputs as it was carried out: a reissue has its own pay day."""
    order, again = parse_order(inputs), reissue_of(inputs)
    return order if again is None else reissued(order, again)


def replaced_by(keys: pd.DataFrame, released: pd.DataFrame) -> dict[str, str]:
    """payment_id -> the failed payments whose keys it claims again, their ids joined by ' '.

    keys: PAYMENT_KEYS (a payment_id and KEY); released: RELEASED.
    """
    failed = released[released["state"] == "failed"]
    if failed.empty:
        return {}
    both = keys[["payment_id", *KEY]].merge(failed[[*KEY, "end_to_end_id"]], on=list(KEY))
    found: dict[str, set[str]] = {}
    for payment, old in rows_of(both, "payment_id", "end_to_end_id"):
        found.setdefault(payment, set()).add(old)
    return {payment: " ".join(sorted(olds)) for payment, olds in found.items()}
