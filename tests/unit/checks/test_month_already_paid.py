"""A month that the register, the bank's file or the ledger proves paid is not paid again."""

from __future__ import annotations

from typing import Any

import pytest

from payroll.checks.catalogue import CATALOGUE
from tests.shipped import controls
from tests.unit.checks.examples import check_data

REGISTER: dict[str, Any] = {"register_totals": [{}]}
BANK: dict[str, Any] = {"bank_payments": [{}]}
DOCTOR = {"payee_kind": "practitioner", "payee_id": "P1"}
VARIABLE = {"payee_id": "E1", "nature": "variable", "amount": "10.00"}
PAID_APRIL = {"period": "2022-04", "execution_date": "2022-04-29"}


def blocked(**example: Any) -> set[str]:
    control = controls()["DATE-009"]
    found = CATALOGUE[control.kind](check_data(example), control)
    assert {item.level for item in found} <= {""}
    return {item.stream for item in found}


@pytest.mark.parametrize("proof", [REGISTER, BANK], ids=["register", "bank"])
@pytest.mark.parametrize("period", ["2022-04", "2022-03"])
def test_the_known_month_is_paid(proof: dict[str, Any], period: str) -> None:
    assert "salaries" in blocked(**proof, order={"period": period})
    assert blocked(**proof) == set()


def test_fees_of_a_month_that_the_bank_paid() -> None:
    march = {"fees": {"earned": "2022-03"}}
    assert blocked(order=march, bank_payments=[DOCTOR]) == {"fees"}
    assert blocked(order=march, bank_payments=[{}]) == set()  # no practitioner's: nothing proves it
    assert blocked(bank_payments=[DOCTOR]) == set()


def statements(*months: str, practitioner: str = "P1") -> list[dict[str, Any]]:
    return [{"practitioner_id": practitioner, "period": month} for month in months]


def test_fees_of_a_month_that_later_statements_follow() -> None:
    march = {"fees": {"earned": "2022-03"}}
    january = {"fees": {"earned": "2022-01"}}
    rows = statements("2022-02", "2022-03", "2022-04")
    assert blocked(order=march, fee_statements=rows) == {"fees"}
    assert blocked(order=january, fee_statements=rows) == {"fees"}  # none of that month at all
    assert blocked(fee_statements=rows) == set()
    # May is not over on the pay day: its first statements say nothing of April's
    assert blocked(fee_statements=[*rows, *statements("2022-05")]) == set()
    # one of three was late: the month is not the paid one
    others = [row for name in ("P2", "P3") for row in statements("2022-03", practitioner=name)]
    assert blocked(order=march, fee_statements=[*rows, *others]) == set()


def test_bonuses_of_a_month_that_the_register_paid() -> None:
    march = {"bonuses": {"earned": "2022-03"}}
    assert blocked(**REGISTER, order=march, not_carried_over=[VARIABLE]) == {"bonuses"}
    assert blocked(**REGISTER, order=march) == set()
    assert blocked(**REGISTER, not_carried_over=[VARIABLE]) == set()


def test_june_copied_with_the_pay_day_of_may() -> None:
    june = {"period": "2022-06"}
    may = {"period": "2022-05", "execution_date": "2022-05-31"}
    assert blocked(order=june, released=[may]) == {"salaries"}
    assert blocked(order=june, bank_payments=[{"execution_date": "2022-05-31"}]) == {"salaries"}
    later = {**june, "salaries": {"pay_on": "2022-06-30"}}
    assert blocked(order=later, released=[may]) == set()


def test_the_rest_of_a_month_that_was_begun_is_paid() -> None:
    """A joiner of May after May's first run; the keys of the ledger keep the others away."""
    assert blocked(released=[{"period": "2022-05"}, PAID_APRIL]) == set()
    failed = {"period": "2022-04", "execution_date": "2022-05-31", "state": "failed"}
    assert blocked(released=[failed]) == set()


@pytest.mark.parametrize("name", ["Anne Modèle", "MODELE ANNE"])
def test_one_name_on_one_account_is_one_person_also_when_both_numbers_are_listed(name: str) -> None:
    control = controls()["LED-009"]
    second = {"payee_id": "E9", "creditor_name": name, "amount": "1500.00"}
    example = {"payments": [{}, second], "released": [{}]}
    found = CATALOGUE[control.kind](check_data(example), control)
    assert [item.subject_id for item in found] == ["E9"]
