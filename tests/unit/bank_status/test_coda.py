"""CODA: wages booked as one total, their details, money that comes back, and files not whole."""

from __future__ import annotations

import io
from importlib import resources

import pytest
from coda import CODA

from payroll.model.answers import AnswerFact
from payroll.model.errors import DamagedInputError, Said
from tests.unit.bank_status.answer_samples import (
    BLOCK,
    OTHER_IBAN,
    OWN_IBAN,
    PAYEE_IBAN,
    coda,
    coda_header,
    coda_move,
    coda_new,
    coda_old,
    payment_fact,
    read,
    row,
)

WAGES = coda_move(1, -300_025, "10105000", reference=BLOCK, text="LOON MEI")
DETAILS = [
    *coda_move(
        1,
        -100_000,
        "50105000",
        detail_number=1,
        reference="SAL-1",
        account=PAYEE_IBAN,
        name="ALINE DUBOIS",
    ),
    *coda_move(
        1,
        -200_025,
        "50105000",
        detail_number=2,
        reference="SAL-2",
        account=OTHER_IBAN,
        name="BRUNO PETIT",
    ),
]
BACK = coda_move(
    2,
    100_000,
    "00154000",
    reference="SAL-1",
    r_type="2",
    r_reason="AC04",
    account=PAYEE_IBAN,
    name="ALINE DUBOIS",
    text="REKENING AFGESLOTEN",
)


def statement_said(answer_remarks: tuple[Said, ...]) -> list[str]:
    return [said.text_id for said in answer_remarks]


def test_wages_are_one_total() -> None:
    answer = read(coda(WAGES, debit_cents=300_025, credit_cents=0))
    assert (answer.kind, answer.version, answer.answer_id) == ("coda", "2", "0009944900/151")
    assert (answer.created_at, answer.account_iban) == ("310522", OWN_IBAN)
    assert answer.facts == (
        AnswerFact(
            level="entry",
            what="debit",
            code="1-01-05-000",
            block_id=BLOCK,
            amount_cents=300_025,
            booked=True,
            booked_on="2022-05-31",
            bank_reference="BANKREF00010000",
            account_iban=OWN_IBAN,
            additional=("LOON MEI",),
            where="R3",
        ),
    )
    assert answer.remarks == (
        Said(
            "answer_statement",
            {
                "number": "151",
                "opening": "1000000.00",
                "opening_on": "2022-05-30",
                "closing": "996999.75",
                "closing_on": "2022-05-31",
            },
        ),
    )


def test_details_of_wages_are_payments_and_count_in_no_total() -> None:
    answer = read(coda([*WAGES, *DETAILS], debit_cents=300_025, credit_cents=0))
    whole, first, second = answer.facts
    assert (whole.level, whole.transactions) == ("entry", 2)
    assert first == payment_fact(
        what="debit",
        code="5-01-05-000",
        amount_cents=100_000,
        counterparty_name="ALINE DUBOIS",
        booked=True,
        booked_on="2022-05-31",
        bank_reference="BANKREF00010001",
        account_iban=OWN_IBAN,
        entry="R3",
        where="R6",
    )
    assert (second.end_to_end_id, second.amount_cents) == ("SAL-2", 200_025)
    assert statement_said(answer.remarks) == ["answer_statement"]


def test_details_that_do_not_add_up_are_remarked_and_not_counted() -> None:
    answer = read(coda([*WAGES, *DETAILS[:3]], debit_cents=300_025, credit_cents=0))
    assert answer.facts[0].transactions is None
    assert Said("answer_details_differ", {"count": "1"}) in answer.remarks


@pytest.mark.parametrize("family", ["01", "02"])
def test_money_that_comes_back_carries_reference_and_reason(family: str) -> None:
    back = [line.replace("00154000", f"0{family}54000") for line in BACK]
    answer = read(coda([*WAGES, *back], debit_cents=300_025, credit_cents=100_000))
    fact = answer.facts[1]
    assert (fact.level, fact.what, fact.code) == ("payment", "return", f"0-{family}-54-000")
    assert (fact.end_to_end_id, fact.reasons) == ("SAL-1", ("AC04",))
    assert (fact.amount_cents, fact.booked) == (100_000, True)
    assert (fact.counterparty_iban, fact.where) == (PAYEE_IBAN, "R6")


def test_other_movements() -> None:
    rows = [
        *coda_move(1, 5_000, "00150000", reference="", account=OTHER_IBAN),
        *coda_move(2, -250, "08037000"),
        *coda_move(3, -9_900, "00537000"),
        *coda_move(4, -4_500, "00101000", reference="INV-1"),
        *coda_move(5, -100, "30107000", reference="X"),
        *coda_move(5, -60, "80107100", detail_number=1),
    ]
    answer = read(coda(rows, debit_cents=14_750, credit_cents=5_000))
    assert [(f.level, f.what, f.code[:7]) for f in answer.facts] == [
        ("payment", "credit", "0-01-50"),
        ("entry", "cost", "0-80-37"),
        ("entry", "cost", "0-05-37"),
        ("payment", "debit", "0-01-01"),
        ("entry", "debit", "3-01-07"),
        ("payment", "other", "8-01-07"),
    ]
    assert answer.facts[3].end_to_end_id == "INV-1"


@pytest.mark.parametrize(
    ("structure", "account", "iban"),
    [
        ("2", OWN_IBAN, OWN_IBAN),
        ("0", "539007547034", OWN_IBAN),
        ("0", "000000009797", "BE54000000009797"),  # 97 where the remainder is 0
        ("0", "539007547035", ""),
        ("3", "LU280019400644750000", "LU280019400644750000"),
        ("1", "50000000054910000003", ""),
    ],
)
def test_account_structures(structure: str, account: str, iban: str) -> None:
    old = coda_old(100_000_000, structure, account)
    assert read(coda(WAGES, debit_cents=300_025, credit_cents=0, old=old)).account_iban == iban


@pytest.mark.parametrize(
    ("code", "r_type", "what", "level", "reasons"),
    [
        ("00154000", "", "return", "payment", ("AC04",)),
        ("00150000", "2", "return", "payment", ("AC04",)),
        ("00150000", "", "credit", "payment", ()),
        ("00150000", "9", "credit", "payment", ()),
        ("00505000", "3", "credit", "entry", ("AC04",)),  # a direct debit: not money of ours
        ("10113000", "", "credit", "entry", ()),
        ("20113000", "", "credit", "entry", ()),
        ("00105000", "", "credit", "entry", ()),
        ("00107000", "", "credit", "entry", ()),
    ],
)
def test_what_a_credit_is(
    code: str, r_type: str, what: str, level: str, reasons: tuple[str, ...]
) -> None:
    rows = coda_move(1, 900, code, reference="REF-1", r_type=r_type, r_reason="AC04")
    (fact,) = read(coda(rows, debit_cents=0, credit_cents=900)).facts
    assert (fact.what, fact.level, fact.reasons) == (what, level, reasons)
    references = (fact.end_to_end_id, fact.block_id)
    assert references == (("REF-1", "") if level == "payment" else ("", "REF-1"))


@pytest.mark.parametrize("code", ["00137000", "08001000", "03537000"])
def test_costs_are_entries(code: str) -> None:
    (fact,) = read(coda(coda_move(1, -900, code), debit_cents=900, credit_cents=0)).facts
    assert (fact.level, fact.what) == ("entry", "cost")


def test_a_movement_with_payments_below_it_is_a_batch_whatever_its_code() -> None:
    rows = [
        *coda_move(1, -900, "00101000", reference=BLOCK),
        *coda_move(1, -900, "00101000", detail_number=1, reference="SAL-1"),
    ]
    whole, one = read(coda(rows, debit_cents=900, credit_cents=0)).facts
    assert (whole.level, whole.block_id, whole.transactions) == ("entry", BLOCK, 1)
    assert (one.level, one.block_id, one.end_to_end_id) == ("payment", BLOCK, "SAL-1")


def test_information_follows_its_movement() -> None:
    rows = [
        *WAGES,
        row(f"3100010001{'BANKREF':<21}101050001001CENTRE HOSPITALIER", "1 0"),
        row("3200010001RUE FICTIVE 1", "0 0"),
        row(f"3100010002{'BANKREF':<21}101050000BETALING VAN LONEN", "0 0"),
    ]
    (fact,) = read(coda(rows, debit_cents=300_025, credit_cents=0)).facts
    assert fact.additional == (
        "LOON MEI",
        "CENTRE HOSPITALIER",
        "RUE FICTIVE 1",
        "BETALING VAN LONEN",
    )


def test_a_file_beyond_a_bank_s_day_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payroll.bank_status.coda.BYTES_MAX", 500)
    with pytest.raises(DamagedInputError, match="answer_too_large"):
        read(GOOD)


def test_another_currency_and_parts_of_a_cent_are_none_with_a_remark() -> None:
    old = coda_old(100_000_000, currency="USD")
    answer = read(coda(WAGES, debit_cents=300_025, credit_cents=0, old=old))
    assert (answer.facts[0].amount_cents, answer.facts[0].currency) == (None, "USD")
    assert Said("answer_not_euro", {"count": "1"}) in answer.remarks
    text = coda(WAGES, debit_cents=300_025, credit_cents=0)
    finer = text.replace("000000003000250", "000000003000255").replace(
        "000000996999750", "000000996999745"
    )
    assert finer != text
    answer = read(finer)
    assert answer.facts[0].amount_cents is None
    assert Said("answer_parts_of_a_cent", {"count": "1"}) in answer.remarks


def test_duplicates_gaps_and_messages_are_told() -> None:
    rows = coda_move(3, -300_025, "10105000", reference=BLOCK)
    text = coda(rows, debit_cents=300_025, credit_cents=0, header=coda_header("D"))
    message = row(f"4 00010000{'':<22}VOTRE CONSEILLER A CHANGE", "0")
    lines = text.splitlines()
    answer = read("\r\n".join([*lines[:-1], message, lines[-1], ""]))
    assert statement_said(answer.remarks) == [
        "answer_message",
        "answer_duplicate",
        "answer_statement",
        "answer_sequence_gap",
    ]
    assert answer.facts[1].additional == ("VOTRE CONSEILLER A CHANGE",)
    assert (answer.facts[1].level, answer.facts[1].what) == ("file", "other")


def test_several_statements_in_one_file() -> None:
    one = coda(WAGES, debit_cents=300_025, credit_cents=0)
    other = coda(
        BACK, debit_cents=0, credit_cents=100_000, old=coda_old(100_000_000, "2", OTHER_IBAN)
    )
    answer = read(one + other)
    assert (answer.answer_id, answer.account_iban) == ("0009944900/151 (+1)", "")
    assert "answer_several_accounts" in statement_said(answer.remarks)
    assert answer.facts[1].where == "R10"


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-8"])
def test_accents_in_both_encodings(encoding: str) -> None:
    text = coda(coda_move(1, -10, "00101000", name="ÉLODIE NOËL"), debit_cents=10, credit_cents=0)
    assert read(text.encode(encoding)).facts[0].counterparty_name == "ÉLODIE NOËL"


GOOD = coda([*WAGES, *BACK], debit_cents=300_025, credit_cents=100_000)
#: A movement after the new balance.
LATE = "\n".join([*GOOD.splitlines()[:9], WAGES[0], GOOD.splitlines()[9]])


@pytest.mark.parametrize(
    ("damaged", "error", "where"),
    [
        (coda(WAGES, debit_cents=300_024, credit_cents=0), "coda_sums", "R7"),
        (coda(BACK, debit_cents=0, credit_cents=100_001), "coda_sums", "R7"),
        (coda(WAGES, debit_cents=300_025, credit_cents=0, new=coda_new(5)), "coda_balance", "R7"),
        (coda(WAGES, debit_cents=300_025, credit_cents=0, old=coda_old(5)), "coda_balance", "R7"),
        (coda(DETAILS, debit_cents=300_025, credit_cents=0), "coda_record", "R3"),
        (GOOD.replace("\n2200010000", "\n2200010001", 1), "coda_record", "R4"),
        (GOOD.replace("\n2300010000", "\n3300020000", 1), "coda_record", "R5"),
        (GOOD.replace("\n12151", "\n17151", 1), "coda_field", "R2"),
        (GOOD.replace("EUR0000001000", "EUR7000001000", 1), "coda_field", "R2"),
        (LATE, "coda_record", "R10"),
        (coda(WAGES, debit_cents=300_025, credit_cents=0, counted=6), "coda_count", "R7"),
        (GOOD.replace("000000003000250310522", "000000003000260310522", 1), "coda_sums", "R10"),
        (GOOD.replace("LOON MEI", "LOON"), "coda_length", "R3"),
        (GOOD.replace("\n22", "\n62", 1), "coda_record", "R4"),
        (GOOD.replace("\n2200010000", "\n2200020000", 1), "coda_record", "R4"),
        (GOOD.replace("\n8", "\n5", 1), "coda_record", "R9"),
        (GOOD.replace("10105000", "1010500X", 1), "coda_field", "R3"),
        (GOOD.replace("310522151", "319922151", 1), "coda_field", "R3"),
        (coda_header(version="1") + GOOD[128:], "answer_version", "R1"),
        ("\n".join(GOOD.splitlines()[:-1]), "coda_cut", "R1"),
        (coda_header() + "\n" + GOOD, "coda_cut", "R1"),
        ("\n".join([*GOOD.splitlines(), GOOD.splitlines()[2]]), "coda_record", "R11"),
        ("\n".join([GOOD.splitlines()[0], GOOD.splitlines()[-1]]), "coda_record", "R2"),
        (GOOD.encode().replace(b"LOON MEI", b"LOON \x81EI"), "coda_characters", ""),
    ],
)
def test_a_file_that_is_not_whole_is_refused(damaged: str | bytes, error: str, where: str) -> None:
    assert damaged not in (GOOD, GOOD.encode())
    with pytest.raises(DamagedInputError, match=error) as caught:
        read(damaged)
    assert caught.value.where == ("answer!" + where if where else "answer")


def test_febelfin_coda_reads_the_same_in_its_own_sample_of_a_bank() -> None:
    """The library of Tryton (BSD-3) and its test file, a statement of KBC, as second opinion."""
    content = resources.files("coda").joinpath("CODA.txt").read_bytes()
    (theirs,) = CODA(io.StringIO(content.decode("windows-1252"))).statements
    ours = read(content)
    assert ours.account_iban == "BE47" + theirs.account
    moves = list(theirs.all_moves)
    assert len(ours.facts) == len(moves) == 111
    for fact, move in zip(ours.facts, moves, strict=True):
        assert fact.amount_cents == int(abs(move.amount) * 100)
        assert fact.code.replace("-", "") == move.transaction_code
        assert fact.booked_on == move.entry_date.isoformat()
        assert fact.bank_reference == move.bank_reference.strip()
        reference = fact.end_to_end_id if fact.level == "payment" else fact.block_id
        assert reference == (move.customer_reference or "").strip()
        assert fact.counterparty_name == " ".join((move.counterparty_name or "").split())


def test_a_bank_s_empty_statement_without_new_balance() -> None:
    answer = read(resources.files("coda").joinpath("CODA-empty.txt").read_bytes())
    assert answer.facts == ()
    assert statement_said(answer.remarks) == ["answer_statement"]


def test_febelfin_coda_agrees_on_our_wages() -> None:
    text = coda([*WAGES, *DETAILS, *BACK], debit_cents=300_025, credit_cents=100_000)
    (theirs,) = CODA(io.StringIO(text)).statements
    back = theirs.find_move("0002")
    assert (back.r_transaction, back.r_reason) == ("2", "AC04")
    assert [move.customer_reference for move in theirs.all_moves] == [
        BLOCK,
        "SAL-1",
        "SAL-2",
        "SAL-1",
    ]
    assert len(read(text).facts) == 4
