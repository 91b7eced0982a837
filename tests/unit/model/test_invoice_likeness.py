"""One debt typed twice is found, whatever was typed otherwise; a new invoice is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payroll.model.invoice_likeness import INVOICE_FACTS, compared, like_pairs, same_number_pairs
from payroll.model.invoice_numbers import same_number
from tests.unit.checks.examples import frame_of

FIRST = {
    "payee_id": "F1001",
    "enterprise_number": "BE 0468.651.441",
    "iban": "BE71096123456769",
    "name": "Boulangerie Modèle SRL",
    "number": "F-2022/0045",
    "amount": "812.40",
    "day": "2022-04-12",
}
STRANGER = {
    "payee_id": "F7777",
    "enterprise_number": "0403170701",
    "iban": "BE88063954965641",
    "name": "Garage Exemple SA",
}
RENUMBERED = {"payee_id": "90-4411", "enterprise_number": "", "iban": "", "name": "Autre"}


def alike(official: tuple[str, ...] = (), /, **changes: object) -> bool:
    old, new = frame_of(INVOICE_FACTS, [FIRST]), frame_of(INVOICE_FACTS, [{**FIRST, **changes}])
    return like_pairs(compared(new, old, official)).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    "supplier",
    [
        {"payee_id": "f1001"},
        {"payee_id": "F 1001"},
        {"enterprise_number": "468651441"},
        {"iban": FIRST["iban"]},
        {"name": "BOULANGERIE MODELE"},
        {"name": "Modèle, Boulangerie"},
    ],
)
@pytest.mark.parametrize("number", ["F-2022/0045", "f20220045", "F.2022.45 bis"])
def test_a_supplier_is_known_by_any_mark(supplier: dict[str, str], number: str) -> None:
    assert alike(**{**RENUMBERED, **supplier, "number": number})
    assert not alike(**STRANGER, number=number)


@pytest.mark.parametrize(
    "number",
    [
        "F-2022/0045",
        "n° F-2022/0045",
        "FACT F-2022/0045",
        "F-2022/0045 bis",
        "F-2022-45B",
        "20220045",
    ],
)
@pytest.mark.parametrize("day", [FIRST["day"], "2022-05-12", ""])
def test_what_is_written_around_the_same_digits_makes_no_new_invoice(number: str, day: str) -> None:
    assert alike(number=number, day=day)


@pytest.mark.parametrize(
    "number", ["F-2022/0046", "F-2022/045", "F-2022/0054", "0045", "F-2022/00451"]
)
def test_another_digit_makes_a_new_invoice_only_with_another_day(number: str) -> None:
    assert alike(number=number)
    assert alike(number=number, day="")
    assert alike(number=number, day="2022-05-12") is (number == "F-2022/045")  # a zero the less


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2022-04", "2022-05"),
        ("LOYER 04/2022", "LOYER 05/2022"),
        ("Loyer avril 2022", "Loyer mai 2022"),
        ("HUUR-APRIL", "HUUR-MEI"),
        ("VF22100", "VF22101"),
        ("100", "1100"),
    ],
)
def test_a_rent_of_every_month_is_no_duplicate(left: str, right: str) -> None:
    assert not same_number(left, right, same_day=False)
    assert not same_number(right, left, same_day=False)
    rent = {"number": left, "day": "2022-04-01"}
    old = frame_of(INVOICE_FACTS, [{**FIRST, **rent}])
    new = frame_of(INVOICE_FACTS, [{**FIRST, "number": right, "day": "2022-05-01"}])
    assert len(like_pairs(compared(new, old))) == 0


def test_another_amount_is_another_debt_but_its_number_is_told() -> None:
    assert not alike(amount="815.41")
    old = frame_of(INVOICE_FACTS, [FIRST])
    for day, one_day in ((FIRST["day"], True), ("", True), ("2021-04-12", False)):
        other = {
            **FIRST,
            "payee_id": "f1001",
            "amount": "815.41",
            "number": "f 2022 45",
            "day": day,
        }
        pairs, same = same_number_pairs(compared(frame_of(INVOICE_FACTS, [other]), old))
        assert (pairs.tolist(), same.tolist()) == ([[0, 0]], [one_day])
    assert len(same_number_pairs(compared(old, old))[0]) == 0


def test_an_account_that_many_share_is_no_mark() -> None:
    office = "BE76679000019295"
    old = frame_of(INVOICE_FACTS, [{**STRANGER, "number": "1", "amount": "10", "iban": office}])
    new = frame_of(INVOICE_FACTS, [{**FIRST, "number": "1", "amount": "10", "iban": office}])
    assert len(like_pairs(compared(new, old))) == 1
    assert len(like_pairs(compared(new, old, (office,)))) == 0


def test_an_amount_that_the_ledger_does_not_know_leaves_the_number() -> None:
    old = frame_of(INVOICE_FACTS, [{**FIRST, "amount": "0", "day": ""}])
    for number, found in (("F2022-45", 1), ("n° F-2022/0045", 1), ("F-2022/0046", 0)):
        new = frame_of(INVOICE_FACTS, [{**FIRST, "number": number}])
        assert len(like_pairs(compared(new, old))) == found


def test_credit_notes_and_nothing_are_like_nothing() -> None:
    some = frame_of(INVOICE_FACTS, [FIRST, {**FIRST, "amount": "-812.40"}])
    empty = INVOICE_FACTS.empty()
    assert like_pairs(compared(some, some.copy())).tolist() == [[0, 0]]
    assert like_pairs(compared(some, some)).tolist() == []  # within one frame: none with itself
    for left, right in ((some, empty), (empty, some), (empty, empty)):
        assert like_pairs(compared(left, right)).shape == (0, 2)
        assert same_number_pairs(compared(left, right))[0].shape == (0, 2)


def test_within_one_frame_the_earlier_row_comes_first() -> None:
    rows = [{**FIRST, "number": f"F-2022/0045{tail}"} for tail in ("", " bis", " ter")]
    frame = frame_of(INVOICE_FACTS, rows)
    assert like_pairs(compared(frame, frame)).tolist() == [[0, 1], [0, 2], [1, 2]]


def test_a_hundred_thousand_invoices_are_compared_as_columns() -> None:
    rows = frame_of(INVOICE_FACTS, [FIRST]).loc[np.zeros(50_000, dtype=int)]
    numbers = [f"A{at}" for at in range(len(rows))]
    rows = rows.assign(number=numbers, amount_cents=np.arange(len(rows)) + 1, payee_id=numbers)
    assert len(like_pairs(compared(rows, rows))) == 0
    assert len(like_pairs(compared(rows, rows.copy()))) == len(rows)


def paid_again(**changes: object) -> bool:
    """Whether an invoice is like FIRST, which was paid."""
    old, new = frame_of(INVOICE_FACTS, [FIRST]), frame_of(INVOICE_FACTS, [{**FIRST, **changes}])
    return like_pairs(compared(new, old), paid=True).tolist() == [[0, 0]]


@pytest.mark.parametrize("cents", ["812.41", "812.39", "813.40"])
@pytest.mark.parametrize("number", ["F-2022/0045", "F-2022/0045 bis", "F-2022/0046", "2022/45"])
def test_an_amount_but_for_some_cents_is_no_other_debt(number: str, cents: str) -> None:
    assert alike(number=number, amount=cents)
    assert alike(number=number, amount=cents, day="")


@pytest.mark.parametrize("amount", ["813.41", "811.39", "900.00"])
def test_more_than_a_euro_makes_another_debt(amount: str) -> None:
    assert not alike(amount=amount)
    old = frame_of(INVOICE_FACTS, [{**FIRST, "amount": "10.00"}])
    for cents, found in (("10.10", 1), ("10.11", 0)):  # nor more than a hundredth
        new = frame_of(INVOICE_FACTS, [{**FIRST, "amount": cents}])
        assert len(like_pairs(compared(new, old))) == found


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("8810-00005", "88IO-OOOOS"),
        ("8810-00005", "88lO-0000s"),
        ("9590-00008", "9S90-0000B"),
        ("RE-20220411", "RE-2O22O4ll"),
        ("T-845", "T-B4S"),
        ("0662-00009", "00009-0662"),
        ("22/114/7", "7/22/114"),
    ],
)
@pytest.mark.parametrize("same_day", [True, False])
def test_letters_for_digits_and_parts_in_another_order(
    left: str, right: str, same_day: bool
) -> None:
    assert same_number(left, right, same_day=same_day)
    assert same_number(right, left, same_day=same_day)
    day = FIRST["day"] if same_day else "2022-05-09"
    old = frame_of(INVOICE_FACTS, [{**FIRST, "number": left}])
    assert len(
        like_pairs(compared(frame_of(INVOICE_FACTS, [{**FIRST, "number": right, "day": day}]), old))
    )


@pytest.mark.parametrize(
    ("left", "right"), [("0662-00009", "00009"), ("0662-00009", "662"), ("A-7-2022", "7")]
)
def test_one_part_of_a_number_alone(left: str, right: str) -> None:
    assert same_number(left, right, same_day=True)
    assert not same_number(left, right, same_day=False)


@pytest.mark.parametrize(
    ("number", "day", "found"),
    [
        ("VF22101", "2022-04-20", True),  # no next invoice comes so soon
        ("VF22110", "2022-03-01", True),  # before, and a higher number
        ("VF12100", "2022-07-01", True),  # later, and a lower one
        ("VF22101", "2022-05-12", False),  # the next month
        ("VF22105", "2022-09-12", False),
        ("VF22099", "2022-03-12", False),  # the month before
    ],
)
def test_one_digit_and_the_day(number: str, day: str, found: bool) -> None:
    old = frame_of(INVOICE_FACTS, [{**FIRST, "number": "VF22100"}])
    new = frame_of(INVOICE_FACTS, [{**FIRST, "number": number, "day": day}])
    assert len(like_pairs(compared(new, old))) == found


def test_what_a_supplier_asks_for_again_and_again_is_a_series() -> None:
    days = pd.date_range("2022-01-03", periods=40, freq="7D").strftime("%Y-%m-%d")
    rows = [{**FIRST, "number": f"W{at + 100}", "day": day} for at, day in enumerate(days)]
    frame = frame_of(INVOICE_FACTS, rows)
    assert len(like_pairs(compared(frame, frame))) == 0


def test_what_was_paid_that_day_is_paid_whatever_the_number() -> None:
    for number in ("X-99181", "F-2031/7745", "1"):
        assert paid_again(number=number)
        assert not alike(number=number)  # two deliveries of one day in one list are none
        assert not paid_again(number=number, day="2022-05-12")
        assert not paid_again(number=number, amount="812.41")


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("F-2022/0045", True),
        ("f 2022 45", True),
        ("4711", True),
        ("2022-04", False),  # the rent of one month, of two landlords
        ("LOYER 04/2022", False),
        ("12/04/2022", False),
        ("45", False),
        ("ABONNEMENT", False),
    ],
)
def test_a_number_paid_to_another_firm(number: str, found: bool) -> None:
    old = frame_of(INVOICE_FACTS, [{**FIRST, "number": number}])
    for changes, alike in (({}, found), ({"day": "2022-04-13"}, False), ({"amount": "1"}, False)):
        new = frame_of(INVOICE_FACTS, [{**FIRST, **STRANGER, "number": number, **changes}])
        assert len(like_pairs(compared(new, old), paid=True)) == alike
        assert len(like_pairs(compared(new, old))) == 0
