"""Where a payment stands is a function of the set of what was said of it and of its file."""

from __future__ import annotations

from itertools import combinations

import pytest

from payroll.ledger.book import Ledger
from payroll.ledger.states import FREE, MOVING, State, file_states, payment_states, state_of
from payroll.rulebook.answers import Meaning
from tests.ledger_samples import back, debit, held, release, states, status, tell

ALONE = {
    "uploaded": "uploaded",
    "received": "uploaded",
    "partly": "uploaded",
    "technically_ok": "uploaded",
    "pending": "pending",
    "awaiting_signature": "pending",
    "blocked": "pending",
    "accepted": "accepted",
    "accepted_changed": "accepted",
    "executing": "accepted",
    "debited_part": "accepted",
    "debited_rest": "executed",
    "debited_too_much": "contradictory",
    "debited": "executed",
    "credited": "executed",
    "rejected": "rejected",
    "cancelled": "rejected",
    "withdrawn": "rejected",
    "return": "returning",
    "return_booked": "returned",
    "return_reversed": "released",
}
#: Of the least to the most settled: what wins when two things were said.
ORDER = (
    "released",
    "uploaded",
    "pending",
    "accepted",
    "executed",
    "rejected",
    "contradictory",
    "returning",
    "returned",
)


@pytest.mark.parametrize(("word", "state"), ALONE.items())
def test_one_word_of_the_payment_or_of_the_file(word: str, state: str) -> None:
    assert state_of(frozenset({word}), frozenset()) == state
    assert state_of(frozenset(), frozenset({word})) == state
    assert state_of(frozenset({word}), frozenset({word})) == state


def test_every_meaning_has_a_place_in_the_table() -> None:
    assert MOVING | {"debited_rest", "debited_too_much"} == ALONE.keys()
    still = set(Meaning.__args__) - MOVING
    assert {word for word in still if not word.startswith("vop_")} == set()


def test_silence_and_what_does_not_move() -> None:
    for words in ((), ("vop_no_match",), ("vop_match", "unknown")):
        assert state_of(frozenset(words), frozenset(words)) is State.RELEASED


@pytest.mark.parametrize(("one", "two"), [*combinations(ALONE, 2)])
def test_two_words_in_any_place(one: str, two: str) -> None:
    refusals = {"rejected", "cancelled", "withdrawn"}
    executed = {"debited", "credited"}
    both = {one, two}
    expected = max(ALONE[one], ALONE[two], key=ORDER.index)
    if both & refusals and both & executed:
        expected = "contradictory"
    if "debited_too_much" in both or both == {"return_booked", "return_reversed"}:
        expected = "contradictory"
    for own, of_file in ((both, set()), ({one}, {two}), ({two}, {one}), (set(), both)):
        assert state_of(frozenset(own), frozenset(of_file)) == expected


THREE = [("S1a", 100, ()), ("S2a", 200, ()), ("S3a", 400, ())]


@pytest.fixture
def three(ledger: Ledger) -> Ledger:
    release(ledger, "R1", "M1", [*THREE])
    return ledger


def test_the_rest_of_a_file_is_debited_exactly(three: Ledger) -> None:
    tell(three, status("RJCT", "S2a", file="M1"))
    tell(three, debit(500, file="M1"), kind="camt.053")
    assert states(three) == {"S1a": "executed", "S2a": "rejected", "S3a": "executed"}
    (file,) = file_states(three)
    assert file.cents == {State.EXECUTED: 500, State.REJECTED: 200}
    assert file.state == "part_rejected"


def test_more_than_the_rest_is_debited_and_nobody_knows_whose(three: Ledger) -> None:
    tell(three, status("RJCT", "S2a", file="M1"))
    tell(three, debit(600, file="M1"), kind="camt.053")
    assert set(states(three).values()) == {State.CONTRADICTORY}
    assert held(three) == {"S1a", "S2a", "S3a"}


def test_less_than_the_rest_is_debited_and_the_rest_is_awaited(three: Ledger) -> None:
    tell(three, status("RJCT", "S2a", file="M1"))
    tell(three, debit(100, file="M1"), kind="camt.053")
    assert states(three) == {"S1a": "accepted", "S2a": "rejected", "S3a": "accepted"}
    tell(three, debit(400, file="M1", reference="R2"), kind="camt.053")
    assert states(three) == {"S1a": "executed", "S2a": "rejected", "S3a": "executed"}


def test_the_debit_comes_before_the_refusal(three: Ledger) -> None:
    tell(three, debit(500, file="M1"), kind="camt.053")
    assert set(states(three).values()) == {State.ACCEPTED}
    tell(three, status("RJCT", "S2a", file="M1"))
    assert states(three) == {"S1a": "executed", "S2a": "rejected", "S3a": "executed"}


@pytest.mark.parametrize("references", [("R1", "R1"), ("R1", ""), ("", "R1"), ("", "")])
def test_a_debit_told_again_is_one_debit(three: Ledger, references: tuple[str, str]) -> None:
    """In a notification and in the statement, with or without the bank's reference."""
    tell(three, status("RJCT", "S2a", file="M1"), status("RJCT", "S3a", file="M1"))
    tell(three, debit(50, file="M1", reference=references[0]), kind="camt.054")
    tell(three, debit(50, file="M1", reference=references[1]), kind="camt.053")
    assert states(three) == {"S1a": "accepted", "S2a": "rejected", "S3a": "rejected"}


def test_the_same_amount_twice_on_a_day_is_two_debits(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ()), ("S2a", 100, ()), ("S3a", 50, ())])
    tell(ledger, status("RJCT", "S3a", file="M1"))
    tell(
        ledger,
        debit(100, file="M1", reference="R1"),
        debit(100, file="M1", reference="R2"),
        kind="camt.053",
    )
    assert states(ledger) == {"S1a": "executed", "S2a": "executed", "S3a": "rejected"}


def test_the_whole_is_debited_though_one_was_refused(three: Ledger) -> None:
    tell(three, status("RJCT", "S2a", file="M1"))
    assert held(three) == {"S1a", "S3a"}
    tell(three, debit(700, file="M1"), kind="camt.053")
    assert states(three) == {"S1a": "executed", "S2a": "contradictory", "S3a": "executed"}
    assert held(three) == {"S1a", "S2a", "S3a"}
    tell(three, back("S2a", 200), kind="camt.053")
    assert states(three)["S2a"] is State.RETURNED
    assert held(three) == {"S1a", "S3a"}


@pytest.mark.parametrize("code", ["RVNC", "RCVC", "RVCM", "RVMC", "RVNM", "RVNA", "XXXX", ""])
def test_verification_of_payee_and_unknown_codes_move_nothing(three: Ledger, code: str) -> None:
    tell(three, status(code, "S1a", file="M1"), status(code, file="M1"))
    (file,) = file_states(three)
    assert file.counts == {State.RELEASED: 3}
    assert not file.answered
    assert held(three) == {"S1a", "S2a", "S3a"}


def test_verification_of_payee_is_shown_beside_the_state(three: Ledger) -> None:
    tell(three, status("RVNM", "S1a", file="M1"), status("ACCP", file="M1"))
    (found,) = payment_states(three, "M1")
    assert (found.state, found.vop) == (State.ACCEPTED, ("vop_no_match",))
    assert file_states(three)[0].vop == {"vop_no_match": 1}


def test_only_a_booked_return_frees(three: Ledger) -> None:
    tell(three, debit(700, file="M1"), kind="camt.053")
    tell(three, back("S1a", 100, booked=False), kind="camt.054")
    assert states(three)["S1a"] is State.RETURNING
    assert "S1a" in held(three)
    found = tell(three, back("S1a", 100), kind="camt.053")
    assert found.freed == 1
    assert states(three)["S1a"] is State.RETURNED
    assert "S1a" not in held(three)


def test_a_whole_file_that_is_refused_frees_all(three: Ledger) -> None:
    assert tell(three, status("RJCT", file="M1", reasons=("FF01",))).freed == 3
    assert set(states(three).values()) == {State.REJECTED}
    assert {item.reasons for item in payment_states(three, "M1")} == {("FF01",)}
    assert held(three) == set()
    assert set(states(three).values()) <= FREE
