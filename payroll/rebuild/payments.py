"""Lines and targets -> payments: one per stream, payee and payment group; what is owed to us."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b

import numpy as np
import pandas as pd

from payroll.model.errors import PayrollError, require
from payroll.model.findings import Finding, Texts, findings_for
from payroll.model.frames import LEGAL_NATURES, PAYMENTS, RECEIVABLES, TEXT, join_texts
from payroll.model.money import LINE_CENTS_MAX, RUN_CENTS_MAX, euros
from payroll.model.period import Period
from payroll.model.streams import STREAMS

GROUP = ["stream", "payee_id", "payment_group"]
BEYOND = "PAY-003"
EATEN_UP = "PAY-004"
#: What somebody typed or entered against a payee's own pay, as lines below zero.
_TYPED = ("one_off_gross", "one_off_net", "garnishment", "credit_note", "fee")


def assemble_payments(
    lines: pd.DataFrame,
    targets: pd.DataFrame,
    period: Period,
    employer_key: str,
    *,
    most_cents: int = LINE_CENTS_MAX,
    least_percent: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """(PAYMENTS draft, RECEIVABLES, findings): the sum of the lines of each payment group.

    A sum below zero is a receivable (PAY-001), a sum of zero is said (PAY-002), so is a payment
    above most_cents (PAY-003) and one of which typed deductions and credit notes leave nothing, or
    less than least_percent (PAY-004). employer_key: the employer's enterprise number, the key of
    the payment ids. Raises PayrollError run_beyond_limit for a month of a hundred billion,
    InvariantError when a group has no target or a cent would be lost.
    """
    total = sum(lines["amount_cents"].tolist())  # exact: no column sum can pass int64 unseen
    groups = _sums(lines)
    cents = groups["amount_cents"]
    if abs(total) > RUN_CENTS_MAX:
        row = int(cents.abs().to_numpy().argmax())
        raise PayrollError(
            "run_beyond_limit",
            amount_cents=total,
            largest_cents=cents.tolist()[row],
            stream=groups["stream"].iat[row],
            payee=groups["payee_id"].iat[row],
        )
    payments = groups[cents > 0].merge(targets.drop(columns="source"), on=GROUP, how="left")
    require(not payments["iban"].isna().any(), "a payment group has no target")
    payments = payments.assign(
        payment_id=payment_ids(payments, period, employer_key),
        end_to_end_id="",
        execution_date="",
        status="pay",
        hold_rules="",
        file="",
    )
    payments = PAYMENTS.conform(
        payments.astype({name: TEXT for name, dtype in PAYMENTS.columns.items() if dtype == TEXT})
    )
    receivables, findings = _not_paid(lines, groups[cents <= 0])
    findings += _eaten_up(lines, groups, least_percent)
    beyond = groups[cents > most_cents]
    if len(beyond):
        findings += _findings(BEYOND, _located(lines, beyond), euros(most_cents))
    paid = int(payments["amount_cents"].sum()) + int(receivables["amount_cents"].sum())
    require(paid == total, "lines and payments do not add up")
    return payments, receivables, findings


def payment_ids(groups: pd.DataFrame, period: Period, employer_key: str) -> pd.Series[str]:
    """`SAL-2205-ABCDEFGHIJKL` per group: the same payment has the same id in every run.

    A keyed digest of 60 bits, so that no id can be turned back into a payee.
    """
    key, month = employer_key.encode(), f"{period.year % 100:02d}{period.month:02d}"
    ids = []
    for stream, payee, group in zip(*(groups[name].tolist() for name in GROUP), strict=True):
        content = f"{stream}\x1f{payee}\x1f{group}\x1f{period}".encode()
        digest = b32encode(blake2b(content, digest_size=8, key=key).digest())[:12].decode()
        ids.append(f"{STREAMS[stream].prefix}-{month}-{digest}")
    return pd.Series(ids, index=groups.index, dtype=TEXT)


def _sums(lines: pd.DataFrame) -> pd.DataFrame:
    """Per payment group the sum and the weakest legal nature."""
    nature = pd.Categorical(lines["legal_nature"], categories=LEGAL_NATURES)
    require(bool((nature.codes >= 0).all()), "a line has no known legal nature")
    ranked = lines[[*GROUP, "amount_cents"]].assign(rank=nature.codes.astype(np.int64))
    groups = ranked.groupby(GROUP, as_index=False, sort=False).agg(
        amount_cents=("amount_cents", "sum"), rank=("rank", "min")
    )
    names = np.array(LEGAL_NATURES, dtype=object)[groups["rank"].to_numpy()]
    return groups.assign(legal_nature=pd.Series(names, groups.index, dtype=TEXT))


def _not_paid(lines: pd.DataFrame, groups: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """RECEIVABLES of the groups at or below zero, and a finding for each of them."""
    if groups.empty:
        return RECEIVABLES.empty(), []
    groups = _located(lines, groups)
    owes = groups["amount_cents"] < 0
    findings = _findings("PAY-001", groups[owes])
    findings += _findings("PAY-002", groups[~owes])
    owed = groups[owes].astype({"source": TEXT})
    return RECEIVABLES.conform(owed), findings


def _eaten_up(lines: pd.DataFrame, groups: pd.DataFrame, least_percent: int) -> list[Finding]:
    """Pay of which typed rows leave nothing or too little: what is left and what they take.

    It is held, and where nothing is left told as gravely: nobody's pay ends without a decision.
    """
    against = lines["component"].isin(_TYPED) & (lines["amount_cents"] < 0)
    against &= (lines["component"] != "garnishment") | (lines["basis"] == "adjusted")
    if not against.any():
        return []
    taken = -lines[against].groupby(GROUP)["amount_cents"].sum()
    rows = groups.merge(taken.rename("taken").reset_index(), on=GROUP)
    left, due = rows["amount_cents"], rows["amount_cents"] + rows["taken"]
    rows = rows[(due > 0) & ((left <= 0) | (left * 100 < due * least_percent))]
    if rows.empty:
        return []
    rows = _located(lines[against], rows)
    return _findings(EATEN_UP, rows, [euros(cents) for cents in rows["taken"].tolist()])


def _located(lines: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Some few groups with the sources of their lines, sorted."""
    own = lines.merge(groups[GROUP], on=GROUP)
    source = own.groupby(GROUP)["source"].agg(join_texts)
    found = source.reindex(pd.MultiIndex.from_frame(groups[GROUP])).to_numpy()
    return groups.assign(source=found).sort_values(GROUP)


def _findings(rule_id: str, groups: pd.DataFrame, limit: Texts = "") -> list[Finding]:
    return findings_for(
        rule_id,
        groups,
        kind=[STREAMS[stream].payee for stream in groups["stream"].tolist()],
        stream=groups["stream"],
        observed=[euros(cents) for cents in groups["amount_cents"].tolist()],
        limit=limit,
    )
