"""Last month's payments out of what the bank booked: the details of camt.053, camt.054 and CODA.

A statement tells what left the account, whatever it was for. Only what the bank itself calls wages
is marked as a salary; a total without its details names nobody and is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pandas as pd

from payroll.ingest.bank_file import SET_ASIDE, day_of, place_part, told
from payroll.ingest.rows import SourceRead
from payroll.model.answers import AnswerFact, BankAnswer
from payroll.model.bank_month import SALARY, UNKNOWN
from payroll.model.findings import Finding, SubjectKind, finding
from payroll.model.frames import rows_of
from payroll.model.money import LINE_CENTS_MAX, euros
from payroll.model.order import SourceOrder
from payroll.model.tables import BANK_PAYMENT_ROWS, SourceSummary

ReadAnswer = Callable[[str, bytes], BankAnswer]
REPEATED = "ING-021"
#: CODA operation of a payment of wages (bank-rules 9.3), as a fact writes its code.
_WAGES = re.compile(r"\d-\d{2}-05-\d{3}")
_CODA = re.compile(rb"(?:\xef\xbb\xbf)?0\d{15}")
_CAMT = re.compile(rb"(?i)[:/$]camt\.05[234]\.[0-9]")


def is_statement(content: bytes) -> bool:
    """Whether a file calls itself a camt, or begins as CODA does; anything else is read as an order
    or refused.
    """
    head = content[:4096].replace(b"\0", b"")
    return _CAMT.search(head) is not None or _CODA.match(head) is not None


def read_statement(
    source: SourceOrder, answer: BankAnswer
) -> tuple[pd.DataFrame, SourceRead, SourceSummary]:
    """(BANK_PAYMENT_ROWS without payees, what is said of the others, summary) of one statement."""
    statement = place_part(answer.answer_id) or answer.kind
    rows: list[dict[str, object]] = []
    findings: list[Finding] = []
    excluded = 0
    facts = [fact for fact in answer.facts if fact.what == "debit"]
    for index, fact in enumerate(facts):
        if fact.level == "payment" and 0 < (fact.amount_cents or 0) <= LINE_CENTS_MAX:
            place = f"{source.file}!{statement}!R{len(rows) + 1}"
            rows.append(_row(fact, answer, place))
        elif fact.level == "payment" or _without_details(facts, index):
            excluded += fact.amount_cents or 0
            findings.append(_set_aside(source, fact))
    return told(
        source,
        BANK_PAYMENT_ROWS.from_rows(rows),
        findings,
        sha256=answer.sha256,
        rows_read=len(rows) + len(findings),
        excluded_cents=excluded,
    )


def without_repeats(
    frame: pd.DataFrame, orders: pd.DataFrame, statements: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """A statement's payments without those that an order, or an earlier statement, tells already.

    The same account and amount, one for one (of two statements the same day too), is the same
    payment: the bank only confirms it.
    """
    told = Counter(rows_of(orders, "iban", "amount_cents"))
    before = Counter(rows_of(statements, "iban", "amount_cents", "execution_date"))
    keep = []
    for iban, cents, day in rows_of(frame, "iban", "amount_cents", "execution_date"):
        seen, key = (before, (iban, cents, day)) if not told[iban, cents] else (told, (iban, cents))
        again = seen[key] > 0
        keep.append(not again)
        seen[key] -= again
    kept = frame[pd.Series(keep, frame.index, dtype=bool)]
    if len(kept) == len(frame):
        return frame, []
    cents = int(frame["amount_cents"].sum()) - int(kept["amount_cents"].sum())
    repeated = finding(
        REPEATED,
        SubjectKind.FILE,
        file,
        observed=str(len(frame) - len(kept)),
        limit=euros(cents),
        source=file,
    )
    return kept.reset_index(drop=True), [repeated]


def _row(fact: AnswerFact, answer: BankAnswer, place: str) -> dict[str, object]:
    category = SALARY if _WAGES.fullmatch(fact.code) else UNKNOWN
    return {
        "name": fact.counterparty_name,
        "ultimate_name": "",
        "iban": fact.counterparty_iban,
        "amount_cents": fact.amount_cents,
        "end_to_end_id": fact.end_to_end_id,
        "remittance": " ".join(fact.additional),
        "category_purpose": category,
        "execution_date": day_of(fact.booked_on),
        "debtor_iban": fact.account_iban or answer.account_iban,
        "payee_kind": "",
        "payee_id": "",
        "matched_by": "",
        "source": place,
    }


def _without_details(facts: list[AnswerFact], index: int) -> bool:
    following = facts[index + 1] if index + 1 < len(facts) else None
    return following is None or following.level != "payment"


def _set_aside(source: SourceOrder, fact: AnswerFact) -> Finding:
    amount = "-" if fact.amount_cents is None else euros(fact.amount_cents)
    return finding(
        SET_ASIDE,
        SubjectKind.FILE,
        source.file,
        observed=amount,
        source=f"{source.file}!{fact.where}",
    )
