"""Statements that do not follow each other are told, once the later of the two is read."""

from __future__ import annotations

import pytest

from payroll.ledger.answers import import_answer
from payroll.ledger.book import Ledger
from payroll.ledger.chain import open_breaks
from payroll.model.answers import AnswerKind, BankAnswer, StatementLink
from tests.ledger_samples import OTHER, OURS


def link(
    number: str,
    opening: int,
    closing: int,
    *,
    day: str = "2022-05-31",
    account: str = OURS,
    left: int = 0,
) -> StatementLink:
    return StatementLink(
        account_iban=account,
        number=number,
        opening_cents=opening,
        opening_on=day,
        closing_cents=closing,
        closing_on=day,
        unexplained_cents=left,
    )


def read(ledger: Ledger, *links: StatementLink, kind: AnswerKind = "camt.053") -> list[str]:
    """The kinds of the breaks that an import tells."""
    answer = BankAnswer(
        kind=kind,
        version="001.02",
        answer_id="A1",
        created_at="",
        account_iban=OURS,
        original_message_id="",
        sha256=repr(links) + kind,
        facts=(),
        statements=links,
    )
    found = import_answer(
        ledger, answer, meaning=lambda _p, _c: "", silence=lambda _p: "nothing", at="x"
    )
    return [item.kind for item in found.breaks]


def test_statements_that_follow_say_nothing(ledger: Ledger) -> None:
    assert read(ledger, link("150", 10, 20), link("151", 20, 5)) == []
    assert read(ledger, link("152", 5, 7)) == []


def test_a_gap_is_told_and_gone_once_it_is_filled(ledger: Ledger) -> None:
    assert read(ledger, link("150", 10, 20)) == []
    assert read(ledger, link("153", 99, 5)) == ["gap"]
    assert [(item.kind, item.before, item.after) for item in open_breaks(ledger)] == [
        ("gap", "150", "153")
    ]
    assert read(ledger, link("151", 20, 30)) == ["gap"]
    assert read(ledger, link("200", 0, 0), kind="coda") == []  # a chain of its own
    assert [item.before for item in open_breaks(ledger)] == ["151"]
    assert read(ledger, link("152", 30, 99)) == []
    assert open_breaks(ledger) == []


@pytest.mark.parametrize("first_later", [False, True])
def test_balances_that_do_not_agree_are_told_in_any_order(
    ledger: Ledger, *, first_later: bool
) -> None:
    pair = [link("150", 10, 20), link("151", 21, 5)]
    told = [read(ledger, item) for item in (reversed(pair) if first_later else pair)]
    assert told == [[], ["balance"]]


def test_one_number_for_two_statements_is_told_unless_they_follow(ledger: Ledger) -> None:
    read(ledger, link("150", 10, 20))
    assert read(ledger, link("150", 20, 40)) == []
    assert read(ledger, link("150", 77, 78)) == ["twice"]


def test_without_numbers_the_days_and_balances_tell(ledger: Ledger) -> None:
    read(ledger, link("", 10, 20, day="2022-05-30"))
    assert read(ledger, link("", 20, 30, day="2022-05-31")) == []
    assert read(ledger, link("", 31, 30, day="2022-06-01")) == ["balance"]


def test_a_new_year_counts_anew(ledger: Ledger) -> None:
    read(ledger, link("365", 10, 20, day="2021-12-31"))
    assert read(ledger, link("1", 20, 30, day="2022-01-03")) == []
    assert read(ledger, link("001", 20, 30, day="2022-01-03"), kind="coda") == []


def test_each_account_and_each_format_has_its_own_chain(ledger: Ledger) -> None:
    read(ledger, link("150", 10, 20))
    assert read(ledger, link("900", 1, 2, account=OTHER)) == []
    assert read(ledger, link("300", 5, 6), kind="coda") == []


def test_a_statement_that_does_not_explain_its_balances_is_told_until_a_whole_one_is_read(
    ledger: Ledger,
) -> None:
    assert read(ledger, link("150", 10, 99, left=79)) == ["entries"]
    (found,) = open_breaks(ledger)
    assert (found.kind, found.after, found.cents) == ("entries", "150", 79)
    assert read(ledger, link("151", 99, 5)) == []  # its neighbour follows
    assert read(ledger, link("150", 10, 99, left=-80)) == ["entries"]
    assert read(ledger, link("150", 10, 99)) == []  # the whole one, not a second of its number
    assert open_breaks(ledger) == []
    assert read(ledger, link("150", 10, 99, left=79), link("152", 5, 5)) == []
    assert open_breaks(ledger) == []
