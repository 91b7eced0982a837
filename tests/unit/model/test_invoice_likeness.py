"""One debt typed twice is found, whatever was typed otherwise; a new invoice is none."""

from __future__ import annotations

import numpy as np
import pytest

from payroll.model.invoice_likeness import INVOICE_FACTS, like_pairs, same_number, same_number_pairs
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
    return like_pairs(new, old, official).tolist() == [[0, 0]]


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
    assert len(like_pairs(new, old)) == 0


def test_another_amount_is_another_debt_but_its_number_is_told() -> None:
    assert not alike(amount="812.41")
    old = frame_of(INVOICE_FACTS, [FIRST])
    for day, one_day in ((FIRST["day"], True), ("", True), ("2021-04-12", False)):
        other = {
            **FIRST,
            "payee_id": "f1001",
            "amount": "812.41",
            "number": "f 2022 45",
            "day": day,
        }
        pairs, same = same_number_pairs(frame_of(INVOICE_FACTS, [other]), old)
        assert (pairs.tolist(), same.tolist()) == ([[0, 0]], [one_day])
    assert len(same_number_pairs(old, old)[0]) == 0


def test_an_account_that_many_share_is_no_mark() -> None:
    office = "BE76679000019295"
    old = frame_of(INVOICE_FACTS, [{**STRANGER, "number": "1", "amount": "10", "iban": office}])
    new = frame_of(INVOICE_FACTS, [{**FIRST, "number": "1", "amount": "10", "iban": office}])
    assert len(like_pairs(new, old)) == 1
    assert len(like_pairs(new, old, (office,))) == 0


def test_an_amount_that_the_ledger_does_not_know_leaves_the_number() -> None:
    old = frame_of(INVOICE_FACTS, [{**FIRST, "amount": "0", "day": ""}])
    for number, found in (("F2022-45", 1), ("n° F-2022/0045", 1), ("F-2022/0046", 0)):
        new = frame_of(INVOICE_FACTS, [{**FIRST, "number": number}])
        assert len(like_pairs(new, old)) == found


def test_credit_notes_and_nothing_are_like_nothing() -> None:
    some = frame_of(INVOICE_FACTS, [FIRST, {**FIRST, "amount": "-812.40"}])
    empty = INVOICE_FACTS.empty()
    assert like_pairs(some, some).tolist() == [[0, 0]]
    for left, right in ((some, empty), (empty, some), (empty, empty)):
        assert like_pairs(left, right).shape == (0, 2)
        assert same_number_pairs(left, right)[0].shape == (0, 2)


def test_a_hundred_thousand_invoices_are_compared_as_columns() -> None:
    rows = frame_of(INVOICE_FACTS, [FIRST]).loc[np.zeros(50_000, dtype=int)]
    numbers = [f"A{at}" for at in range(len(rows))]
    rows = rows.assign(number=numbers, amount_cents=np.arange(len(rows)) + 1, payee_id=numbers)
    assert len(like_pairs(rows, rows)) == len(rows)
