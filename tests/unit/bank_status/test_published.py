"""Answers that none of us wrote: each is read as its bank meant it, or refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from payroll.bank_status.recognise import read_answer
from payroll.model.answers import BankAnswer
from payroll.model.errors import DamagedInputError, Said

FOLDER = Path(__file__).parents[3] / "fixtures/answers"


def published(name: str) -> BankAnswer:
    return read_answer(name, (FOLDER / name).read_bytes())


def test_every_published_file_is_named_here_and_in_the_readme() -> None:
    names = {path.name for path in FOLDER.iterdir()} - {"README.md"}
    readme = (FOLDER / "README.md").read_text("utf-8")
    here = Path(__file__).read_text("utf-8")
    assert len(names) == 9
    assert all(f"`{name}`" in readme and f'"{name}"' in here for name in names)


def test_nordea_refuses_a_block_and_its_two_payments() -> None:
    answer = published("nordea_pain002_transaction_reject.xml")
    assert (answer.kind, answer.version) == ("pain.002", "001.03")
    assert answer.original_message_id == "MSGID-950-TEST2-2807-01"
    assert [(f.level, f.code, f.end_to_end_id, f.reasons) for f in answer.facts] == [
        ("block", "RJCT", "", ()),
        ("payment", "RJCT", "ENDTOENDID-950-TEST2-2807-02", ("NARR",)),
        ("payment", "RJCT", "ENDTOENDID-950-TEST2-2807-01", ("NARR",)),
    ]
    assert {f.block_id for f in answer.facts} == {"PMTINFID-950-TEST2-2807-01"}


def test_goldman_sachs_accepts_a_block_and_says_so_in_words() -> None:
    (fact,) = published("goldman_pain002_payment_accepted.xml").facts
    assert (fact.level, fact.what, fact.code, fact.reasons) == (
        "block",
        "status",
        "ACCP",
        ("NARR",),
    )
    assert fact.message_id == "XXX001_20220315_B_DZSOXXXX"  # written with blanks before it
    assert fact.additional == ("Accepted post profile and tech validations",)


def test_atruvia_verifies_a_payee_and_accepts_nothing() -> None:
    answer = published("atruvia_pain002_vop_no_match.xml")
    assert [(f.level, f.what, f.code) for f in answer.facts] == [
        ("file", "vop", "RVCM"),
        ("payment", "vop", "RVNM"),
    ]
    assert answer.facts[1].counterparty_name == "Testempfänger"
    assert answer.facts[1].end_to_end_id == ""
    assert answer.remarks == (Said("answer_count_per_status", {"code": "RVNM", "count": "1"}),)


def test_ing_books_a_batch_of_three_without_details() -> None:
    answer = published("viafintech_camt053_v2_batch.xml")
    assert [(f.level, f.what, f.block_id, f.amount_cents) for f in answer.facts] == [
        ("entry", "debit", "O0OpeAYTkhjerKu3eE9asw", 475_374),
        ("payment", "credit", "", 268_800),
        ("payment", "credit", "", 500_000),
    ]
    assert answer.facts[0].transactions == 3
    # The sample shows 3 of its 35 entries.
    assert [said.text_id for said in answer.remarks] == ["answer_statement"]
    assert answer.statements[0].unexplained_cents != 0


def test_amounts_with_zeros_after_the_cents_are_exact() -> None:
    (fact,) = published("genkgo_camt053_v2_decimals.xml").facts
    assert (fact.amount_cents, fact.end_to_end_id) == (885, "000000001")


def test_a_statement_of_2019_with_parties_and_money_of_four_currencies() -> None:
    answer = published("genkgo_camt053_v8.xml")
    (fact,) = answer.facts
    assert answer.account_iban == "NL26VAYB8060476890"
    assert (fact.amount_cents, fact.booked_on) == (885, "2014-12-31")
    assert fact.counterparty_name == "NAME NAME"
    assert Said("answer_not_euro", {"count": "4"}) in answer.remarks


def test_a_swiss_batch_whose_details_say_credit_is_never_taken_for_a_credit() -> None:
    answer = published("genkgo_camt054_v8_shortened.xml")
    assert [(f.level, f.what, f.transactions) for f in answer.facts] == [
        ("entry", "debit", 2),
        ("payment", "other", None),
        ("payment", "other", None),
    ]
    assert answer.facts[0].block_id == "UXC06170000006PI00001"
    assert Said("answer_direction_differs", {"count": "2"}) in answer.remarks


@pytest.mark.parametrize(
    ("name", "error_id", "place", "params"),
    [
        (
            "subite_camt053_v8_no_status.xml",
            "answer_incomplete",
            ", Stmt[1]/Ntry[1]",
            {"element": "Sts"},
        ),
        ("coda_standard_cut.cod", "coda_count", "!R14", {"announced": "27", "found": "12"}),
    ],
)
def test_samples_that_are_not_whole_are_refused(
    name: str, error_id: str, place: str, params: dict[str, str]
) -> None:
    with pytest.raises(DamagedInputError) as caught:
        published(name)
    assert (caught.value.error_id, caught.value.where) == (error_id, name + place)
    assert caught.value.params == params
