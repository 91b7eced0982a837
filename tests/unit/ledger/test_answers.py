"""Which payment or file an answer is about; what is about nothing of ours is set aside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payroll.ledger.answers import import_answer
from payroll.ledger.book import Ledger
from payroll.ledger.proof import problems
from payroll.ledger.states import State, file_states
from payroll.model.answers import AnswerFact, BankAnswer
from tests.ledger_samples import (
    OTHER,
    OURS,
    THEIRS,
    back,
    debit,
    held,
    release,
    states,
    status,
    tell,
)


@pytest.fixture
def two(ledger: Ledger) -> Ledger:
    """Two files of two payments each."""
    release(ledger, "R1", "M1", [("S1a", 100, ()), ("S2a", 200, ())])
    release(ledger, "R2", "M2", [("S3a", 100, ()), ("S4a", 230, ())])
    return ledger


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (status("RJCT", "S9z", file="M1"), "unknown"),
        (status("RJCT", file="M9"), "unknown"),
        (status("RJCT", block="M9-P"), "unknown"),
        (status("RJCT", file="M1", block="M2-P"), "unknown"),
        (status("RJCT", "S1a", file="M2"), "ambiguous"),
        (status("RJCT", "S1a", block="M2-P"), "ambiguous"),
        (status("RJCT", "S1a", cents=101), "amount"),
        (status("RJCT", "S1a", iban=OTHER), "account"),
        (replace(status("RJCT", "S1a"), end_to_end_id=""), "unknown"),
        (back("S1a", 99), "amount"),
        (back("S9z", 100), "unknown"),
        (back("", 100), "unknown"),
        (back("", 100, level="entry"), "unknown"),
        (back("", 100, level="entry", file="M1"), "ambiguous"),
        (debit(301, file="M1"), "amount"),
        (debit(99, "S1a"), "amount"),
        (debit(300, file="M9"), "unknown"),
        (replace(back("S1a", 100), currency="USD"), "currency"),
        (replace(back("S1a"), currency="USD"), "currency"),
        (replace(back("", 300, level="entry", file="M1"), currency="USD"), "currency"),
        (replace(debit(100, "S1a"), currency="GBP"), "currency"),
        (replace(debit(None, "S1a"), currency="GBP"), "currency"),
        (replace(debit(None, file="M1"), currency="GBP"), "currency"),
        (replace(status("RJCT", "S1a"), currency="USD"), "currency"),
        (replace(back("S9z", 100), currency="USD"), "unknown"),
    ],
)
def test_what_is_about_nothing_of_ours_is_set_aside(
    two: Ledger, fact: AnswerFact, why: str
) -> None:
    found = tell(two, fact)
    assert [item.why for item in found.unmatched] == [why]
    assert (found.events, found.files) == (0, ())
    assert set(states(two).values()) == {State.RELEASED}
    assert held(two) == {"S1a", "S2a", "S3a", "S4a"}
    assert problems(two) == []


@pytest.mark.parametrize(
    "fact",
    [
        status("RJCT", "S1a"),
        status("RJCT", "S1a", file="M1"),
        status("RJCT", "S1a", block="M1-P", cents=100, iban=THEIRS),
    ],
)
def test_a_payment_is_found_by_its_id(two: Ledger, fact: AnswerFact) -> None:
    assert tell(two, fact).freed == 1
    assert held(two) == {"S2a", "S3a", "S4a"}


@pytest.mark.parametrize("fact", [status("RJCT", block="M1-P"), status("RJCT", file="M1")])
def test_a_file_is_found_by_its_id_or_its_blocks_alone(two: Ledger, fact: AnswerFact) -> None:
    assert tell(two, fact).files == ("M1",)
    assert held(two) == {"S3a", "S4a"}


@pytest.mark.parametrize("level", ["entry", "payment"])
def test_a_debit_without_ids_is_the_one_file_of_that_total_and_day(two: Ledger, level: str) -> None:
    found = tell(two, debit(330, level=level, reference=""), kind="camt.053")
    assert (found.files, found.unmatched) == (("M2",), ())
    assert states(two)["S3a"] is State.EXECUTED
    assert states(two)["S1a"] is State.RELEASED


@pytest.mark.parametrize(
    ("fact", "account"),
    [(debit(330, day="2022-07-31"), OURS), (debit(330), OTHER), (debit(331), OURS)],
)
def test_a_debit_that_is_like_no_file_is_not_ours(
    two: Ledger, fact: AnswerFact, account: str
) -> None:
    found = tell(two, fact, kind="camt.053", account=account)
    assert (found.files, found.unmatched) == ((), ())


def test_a_debit_like_two_files_is_for_a_person(two: Ledger) -> None:
    release(two, "R3", "M3", [("S5a", 330, ())])
    found = tell(two, debit(330), kind="camt.053")
    assert [item.why for item in found.unmatched] == ["ambiguous"]


def test_a_file_of_one_payment_told_without_its_id(ledger: Ledger) -> None:
    """A bank that books a block of one writes a single entry, maybe with our file's id alone."""
    release(ledger, "R1", "M1", [("S1a", 100, ())])
    tell(ledger, debit(100, level="payment", file="M1"), kind="camt.053")
    assert states(ledger) == {"S1a": "executed"}


def test_a_file_whose_debits_name_the_file_but_not_the_payment(two: Ledger) -> None:
    tell(two, debit(100, level="payment", file="M1"), kind="camt.053")
    assert states(two)["S1a"] is State.ACCEPTED
    tell(two, debit(200, level="payment", file="M1"), kind="camt.053")
    assert states(two)["S1a"] is State.EXECUTED


def test_a_whole_file_comes_back(two: Ledger) -> None:
    tell(two, debit(300, file="M1"), kind="camt.053")
    tell(two, back("", 300, level="entry", file="M1"), kind="camt.053")
    assert held(two) == {"S3a", "S4a"}


def test_a_debit_that_is_announced_is_not_yet_one(two: Ledger) -> None:
    tell(two, debit(300, file="M1", booked=False), kind="camt.053")
    assert states(two)["S1a"] is State.PENDING


def test_costs_credits_and_the_rest_of_a_statement_are_none_of_our_business(two: Ledger) -> None:
    facts = [
        AnswerFact(
            level="entry",
            what=what,
            code="BOOK",
            amount_cents=100,
            booked=True,
            additional=("AUTRE DOSSIER",),
        )
        for what in ("cost", "credit", "other")
    ]  # type: ignore[misc]
    found = tell(two, *facts, kind="camt.053")
    assert (found.files, found.unmatched, found.events) == ((), (), 0)


def test_the_same_bytes_again_change_nothing(two: Ledger) -> None:
    first = tell(two, status("RJCT", "S1a"), sha256="f" * 64)
    head = two.head()
    again = tell(two, status("RJCT", "S1a"), sha256="f" * 64)
    assert (first.already, again.already) == (False, True)
    assert two.head() == head


def test_the_same_facts_in_another_file_change_nothing(two: Ledger) -> None:
    """A movement of a whole file is kept once more, so that two in one format can be counted."""
    tell(two, debit(300, file="M1"), back("S1a", 100), kind="camt.054")
    before = file_states(two)
    found = tell(two, debit(300, file="M1"), back("S1a", 100), kind="camt.053")
    assert (found.already, found.events, found.freed) == (False, 1, 0)
    again = tell(two, debit(300, file="M1"), back("S1a", 100), kind="camt.053")
    assert (again.already, again.events, again.freed) == (False, 0, 0)
    assert file_states(two) == before


def test_nothing_is_written_when_an_answer_fails(two: Ledger) -> None:
    head = two.head()
    answer = BankAnswer(
        kind="pain.002",
        version="1",
        answer_id="A",
        created_at="",
        account_iban="",
        original_message_id="",
        sha256="0" * 64,
        facts=(status("RJCT", "S1a"),),
    )

    def broken(_profile: str, _code: str) -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        import_answer(two, answer, meaning=broken, silence=lambda _p: "nothing", at="x")
    assert two.head() == head


# --- banks that say less ------------------------------------------------------------------------


def silent(_profile: str) -> str:
    return "accepted"


def test_silence_is_nothing_unless_the_bank_says_so(two: Ledger) -> None:
    tell(two, status("PART", file="M1"), status("RJCT", "S1a"))
    assert states(two)["S2a"] is State.UPLOADED


def test_of_a_bank_that_reports_refusals_alone_the_rest_is_accepted(two: Ledger) -> None:
    tell(two, status("PART", file="M1"), status("RJCT", "S1a"), silence=silent)
    assert states(two) == {
        "S1a": "rejected",
        "S2a": "accepted",
        "S3a": "released",
        "S4a": "released",
    }


@pytest.mark.parametrize(
    "facts",
    [
        (status("RVNM", "S1a"),),  # a verification of payee says nothing of the others
        (status("ACCP", "S1a"),),
        (status("RJCT", file="M1"), status("RJCT", "S1a")),
        (status("PDNG", file="M1"), status("RJCT", "S1a")),
    ],
)
def test_what_is_no_report_of_refusals_accepts_nobody(
    two: Ledger, facts: tuple[AnswerFact, ...]
) -> None:
    tell(two, *facts, silence=silent)
    assert states(two)["S2a"] is not State.ACCEPTED


def test_a_profile_may_say_that_a_change_is_a_withdrawal(two: Ledger) -> None:
    """ACWC of a bank that removes the payment from the file (bank-rules 9.1)."""
    answer = BankAnswer(
        kind="pain.002",
        version="1",
        answer_id="A",
        created_at="",
        account_iban="",
        original_message_id="",
        sha256="1" * 64,
        facts=(status("ACWC", "S1a"),),
    )
    tell(two, status("ACWC", "S3a"))
    import_answer(
        two,
        answer,
        silence=lambda _p: "nothing",
        at="2022-06-01T10:00:00",
        meaning=lambda _profile, _code: "withdrawn",
    )
    assert states(two)["S3a"] is State.ACCEPTED
    assert states(two)["S1a"] is State.REJECTED
    assert "S1a" not in held(two)
