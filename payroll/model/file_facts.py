"""What the bytes of one payment file say: the only source of what is printed to be signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One PmtInf: its id, and the number and sum (cents) of its payments."""

    block_id: str
    count: int
    total_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One pain.001 file as re-read; nothing in it is remembered from what was meant.

    path: in the run folder. version: `pain.001.001.03`. initiator_id: the enterprise number as it
    stands in the file. debtor_bic, category_purpose: '' when the file gives none. batch_booking:
    one debit for the block. lines: end_to_end_id, amount_cents, iban, in the order of the file.
    count, total_cents: of the lines, added up again. sha1 and md5 only serve to be compared with
    what a bank's screen shows (facts/bank-rules 10.2).
    """

    path: str
    version: str
    message_id: str
    created_at: datetime
    initiator_name: str
    initiator_id: str
    debtor_name: str
    debtor_iban: str
    debtor_bic: str
    execution_date: date
    category_purpose: str
    batch_booking: bool
    blocks: tuple[Block, ...]
    lines: pd.DataFrame
    count: int
    total_cents: int
    size_bytes: int
    sha256: str
    sha1: str
    md5: str
