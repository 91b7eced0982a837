"""Which payment is executed when, under which id, in which file. Nothing here depends on row order.

Source: facts/bank-rules sections 2, 3 and 6.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.errors import InvariantError, PayrollError
from payroll.model.order import Account, Employer, PayrunOrder
from payroll.model.period import target_day_on_or_after, target_day_on_or_before
from payroll.model.streams import STREAMS, Sending
from payroll.rulebook.bank import BankProfile

#: More bytes than any transaction has beside its own texts, and any file beside its transactions.
ROW_BYTES = 480
FILE_BYTES = 2_500

_SENT_TEXTS = ("creditor_name", "remittance", "structured_reference")
_OPAQUE = re.compile(r"[A-Z]-[0-9a-f]{8,16}")
_LETTERS = str.maketrans("0123456789", "ghijkmnpqr")


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """How and when one stream of this run is paid; every payment of it shares these."""

    stream: str
    account: Account
    profile: BankProfile
    sending: Sending
    pay_on: date
    execution_date: date

    @property
    def version(self) -> str:
        """The message version the bank takes on that day."""
        return self.profile.version(self.execution_date)


def plan_streams(
    streams: Iterable[str],
    order: PayrunOrder,
    employer: Employer,
    profiles: Mapping[str, BankProfile],
    created_at: datetime,
) -> dict[str, StreamPlan]:
    """The plan of each stream that has payments.

    Raises PayrollError sepa_profile_unknown, sepa_date_past (the day is over) or sepa_date_too_far
    (beyond the profile's horizon), InvariantError for payments that nobody ordered.
    """
    plans = {}
    wanted = set(streams)
    for stream in (name for name in STREAMS if name in wanted):
        ordered = order.stream(stream)
        account = None if ordered is None else employer.account_of(ordered.account)
        if ordered is None or account is None:  # no such payment, no such order is let in
            raise InvariantError(f"payments of {stream}, which are not ordered from any account")
        profile = profiles.get(account.bank_profile)
        if profile is None:
            raise PayrollError(
                "sepa_profile_unknown",
                where=f"employer.toml, {account.id}",
                profile=account.bank_profile,
                known=", ".join(profiles),
            )
        sending = profile.sending(stream)
        previous = sending.date_rule == "previous"
        move = target_day_on_or_before if previous else target_day_on_or_after
        plan = StreamPlan(stream, account, profile, sending, ordered.pay_on, move(ordered.pay_on))
        _require_possible(plan, created_at.date())
        plans[stream] = plan
    return plans


def _require_possible(plan: StreamPlan, today: date) -> None:
    days = (plan.execution_date - today).days
    if days < 0:
        raise PayrollError(
            "sepa_date_past",
            where=f"payrun.toml, [{plan.stream}]",
            day=plan.execution_date,
            today=today,
        )
    if days > plan.profile.max_days:
        raise PayrollError(
            "sepa_date_too_far",
            where=f"payrun.toml, [{plan.stream}]",
            day=plan.execution_date,
            days=plan.profile.max_days,
        )


def plan_batches(
    payments: pd.DataFrame,
    plans: Mapping[str, StreamPlan],
    replaces: Mapping[str, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """PAYMENTS with execution_date and end_to_end_id for all, and file for those with status 'pay'.

    replaces: payment_id -> the failed payment that it replaces, so that it never bears the same id.
    One file per stream, account and date, split at the profile's limits into files of even size.
    """
    dates = payments["stream"].map({name: str(plan.execution_date) for name, plan in plans.items()})
    planned = payments.assign(execution_date=dates.astype("str"))
    planned["end_to_end_id"] = _end_to_end_ids(planned, replaces)
    files = np.full(len(planned), "", dtype=object)
    pay = (planned["status"] == "pay").to_numpy()
    texts = (planned[name].tolist() for name in _SENT_TEXTS)
    sizes = np.array(
        [ROW_BYTES + sum(map(len, row)) for row in zip(*texts, strict=True)], dtype=np.int64
    )
    for stream, plan in plans.items():
        rows = np.flatnonzero(pay & (planned["stream"] == stream).to_numpy())
        rows = rows[np.argsort(planned["payment_id"].to_numpy()[rows])]
        for number, part in enumerate(split(rows, sizes[rows], plan.profile), 1):
            files[part] = f"sepa/{stream}_{plan.execution_date}_{number:02d}.xml"
    planned["file"] = pd.Series(files, index=planned.index, dtype="str")
    return planned


def split(
    rows: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], profile: BankProfile
) -> list[npt.NDArray[np.int64]]:
    """Split into as few parts of even length as the limits allow; never one payment alone.

    A file of one payment cannot be excused from Verification of Payee (facts/bank-rules 0.5). A
    profile's smallest limits (3 payments, 100 kB) make that always possible.
    """
    if not len(rows):
        return []
    room = profile.max_bytes - FILE_BYTES
    count = max(-(-len(rows) // profile.max_transactions), -(-int(sizes.sum()) // room))
    while any(int(part.sum()) > room for part in np.array_split(sizes, count)):
        count += 1
    return np.array_split(rows, count)


def _end_to_end_ids(payments: pd.DataFrame, replaces: Mapping[str, str]) -> pd.Series[str]:
    """The payment's id and a digest of what is paid: a changed payment never keeps its id.

    Only digests: no payee number, no name. Letters stand for the digest's digits, so that no
    number can be read into it.
    """
    columns = (
        "payment_id",
        "stream",
        "payee_id",
        "iban",
        "creditor_name",
        "amount_cents",
        "remittance",
        "structured_reference",
        "execution_date",
    )
    rows = zip(*(payments[name].tolist() for name in columns), strict=True)
    return pd.Series(
        [_end_to_end_id(row[0], repr(row) + replaces.get(row[0], "")) for row in rows],
        index=payments.index,
        dtype="str",
    )


def _end_to_end_id(payment_id: str, content: str) -> str:
    digest = hashlib.sha256(content.encode()).hexdigest()[:28].translate(_LETTERS)
    return f"{payment_id}-{digest[:10]}" if _OPAQUE.fullmatch(payment_id) else f"E-{digest}"


def message_id(plan: StreamPlan, path: str, created_at: datetime, paid: pd.DataFrame) -> str:
    """A MsgId over everything the file says: 32 characters, the same for the same file."""
    content = repr(
        (
            plan.account.iban,
            plan.version,
            created_at.isoformat(),
            path,
            paid["end_to_end_id"].tolist(),
        )
    )
    digest = hashlib.sha256(content.encode()).hexdigest().translate(_LETTERS)
    return f"{plan.execution_date:%Y%m%d}-{STREAMS[plan.stream].prefix}-{digest[:19]}"
