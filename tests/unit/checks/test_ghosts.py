"""One person under two numbers, and a supplier that nothing knows, are held."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shipped import severity
from tests.trips.checks import found

BORN = "1985-07-30"
OTHER = "BE71096123456769"
SECOND: dict[str, Any] = {"employee_id": "E2", "birth_date": BORN, "iban": OTHER}


def held(rule: str, **example: Any) -> list[str]:
    return [item.subject_id for item in found(rule, example)]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"last_name": "MODELE", "first_name": "anne"},
        {"last_name": "Anne", "first_name": "Modèle"},
        {"national_number": "85073003328"},
        {"birth_date": "1986-01-01", "iban": "BE68539007547034"},
    ],
)
def test_one_person_under_two_numbers(other: dict[str, Any]) -> None:
    people = [{"birth_date": BORN, "national_number": "85073003328"}, {**SECOND, **other}]
    assert held("DUP-007", employees=people) == ["E1", "E2"]
    # whom last month paid is no doubt: the newcomer is
    assert held("DUP-007", employees=people, register_totals=[{}]) == ["E2"]


@pytest.mark.parametrize(
    "other",
    [{"birth_date": "1986-01-01"}, {"first_name": "Zoé"}, {"first_name": "Zoé", "iban": OTHER}],
)
def test_two_people_are_two(other: dict[str, Any]) -> None:
    assert held("DUP-007", employees=[{"birth_date": BORN}, {**SECOND, **other}]) == []


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("Factice", "R."),
        ("Factice", "Rémy"),
        ("FACTISSE", "Remi"),
        ("Remy", "Factise"),
        ("Factice-Dupont", "Rémi"),
        ("Dupont - Factice", "R"),
        ("de Factice", "Rémi Jean"),
        ("Factcie", "Rémi"),
        ("Factice", ""),
    ],
)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"birth_date": BORN}, {"birth_date": BORN, "iban": OTHER}),
        ({"birth_date": BORN}, {}),  # on one account, one birth date missing
        ({}, {"birth_date": BORN}),
        ({}, {}),
    ],
)
def test_alike_names_with_one_birth_date_or_account_are_one_person(
    last: str, first: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    base = {"employee_id": "E1", "last_name": "Factice", "first_name": "Rémi"}
    second = {"employee_id": "E2", "last_name": last, "first_name": first}
    people = [{**base, **one}, {**second, **other}]
    assert held("DUP-007", employees=people) == ["E1", "E2"]
    assert held("DUP-007", employees=people, register_totals=[{}]) == ["E2"]
    (told,) = found("DUP-007", {"employees": people, "register_totals": [{}]})
    assert told.params["others"] == "E1"


@pytest.mark.parametrize("dates", [(BORN, None), (None, BORN), (None, None)])
def test_one_name_without_a_birth_date_is_one_person(dates: tuple[Any, Any]) -> None:
    people = [{"birth_date": dates[0]}, {**SECOND, "birth_date": dates[1], "first_name": "ANNE"}]
    assert held("DUP-007", employees=people, register_totals=[{}]) == ["E2"]
    paid = [{}, {"employee_id": "E2"}]
    # the register knows both: only a row that lacks what the others have is a doubt
    bare = [f"E{at}" for at, day in enumerate(dates, 1) if day is None]
    doubt = bare if len(bare) == 1 else []
    assert held("DUP-007", employees=people, register_totals=paid) == doubt
    bank = [{"payee_id": "E1"}, {"payee_id": "E2"}]
    assert held("DUP-007", employees=people, register_totals=paid, bank_payments=bank) == []
    one = bank[:1] if bare == ["E2"] else bank[1:]
    assert held("DUP-007", employees=people, register_totals=paid, bank_payments=one) == doubt
    others = [
        {"employee_id": name, "last_name": name, "first_name": "Luc", "iban": ""}
        for name in ("Dupont", "Peeters", "Noirhomme")
    ]
    assert held("DUP-007", employees=[*people, *others], register_totals=paid) == []


def test_one_account_and_one_birth_date_are_one_person_whatever_the_name() -> None:
    other = {"employee_id": "E2", "birth_date": BORN, "last_name": "Autre", "first_name": "Jean"}
    assert held("DUP-007", employees=[{"birth_date": BORN}, other]) == ["E1", "E2"]


def test_a_birth_date_that_fills_a_column_tells_nothing() -> None:
    names = [chr(65 + number % 26) * 3 + chr(65 + number // 26) * 3 for number in range(80)]
    crowd = [
        {"employee_id": f"E{number}", "birth_date": BORN, "last_name": name, "first_name": "Zoé"}
        | {"iban": ""}
        for number, name in enumerate(names)
    ]
    assert held("DUP-007", employees=crowd) == []
    twin = {**crowd[-1], "employee_id": "E99"}
    assert held("DUP-007", employees=[*crowd, twin]) == ["E79", "E99"]


def test_a_couple_on_one_account_is_two_people() -> None:
    second = {"employee_id": "E2", "first_name": "Luc"}
    assert held("DUP-007", employees=[{}, second]) == []


def test_a_supplier_that_nothing_knows() -> None:
    large = [{"stream": "invoices", "payee_id": "S1", "amount": "45000.00"}]
    halves = [{**large[0], "amount": "5000.00", "payment_group": group} for group in ("", "ref:1")]
    sent = {"stream": "invoices", "payee_id": "S1", "period": "", "item": "1"}
    rule = "SUPP-022"
    assert held(rule, suppliers=[{}], payments=large) == ["S1"]
    assert held(rule, suppliers=[{}], payments=halves) == ["S1"]
    assert held(rule, suppliers=[{}], payments=halves[:1]) == []
    for known in ({"enterprise_number": "0468651441"}, {"vat_number": "DE123456789"}):
        assert held(rule, suppliers=[known], payments=large) == []
    assert held(rule, suppliers=[{}], payments=large, released=[sent]) == []
    other = {**sent, "payee_id": "S2", "item": "2"}
    numbered = {"suppliers": [{"enterprise_number": "0468651441"}], "payments": large}
    (told,) = found(rule, {**numbered, "released": [other]})
    assert (str(severity(told)), told.params["number"]) == ("warn", "0468651441")
    (bare,) = found(rule, {"suppliers": [{}], "payments": large, "released": [other]})
    assert (str(severity(bare)), bare.params["number"]) == ("hold", "-")
    for known in (sent, {**other, "enterprise_number": "0468651441"}):
        assert held(rule, **numbered, released=[known]) == []
    failed = {**sent, "state": "failed"}
    assert held(rule, suppliers=[{}], payments=large, released=[failed]) == ["S1"]
