"""Names and numbers: who looks like whom, and who does not."""

from __future__ import annotations

from typing import Any

import pytest

from payroll.checks.engine import evaluate
from payroll.checks.names import words_of
from tests.unit.checks.examples import check_data
from tests.unit.checks.test_catalogue import CONTROLS

OTHER = "BE71096123456769"


def found(control_id: str, example: dict[str, Any]) -> list[str]:
    data = check_data(example)
    return [item.subject_id for item in evaluate(data, {control_id: CONTROLS[control_id]})]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Dr. Anne-Sophie D'Exemple", {"anne", "sophie", "exemple"}),
        ("M. et Mme Van den Fictif", {"fictif"}),
        ("LÆTITIA Échantillon SRL", {"lætitia", "echantillon"}),
    ],
)
def test_words_of_a_name(name: str, words: set[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("Pharma Modèle SA", "PHARMA MODELE SRL", True),
        ("Pharma Modèle SA", "Pharrna Modele SA", True),
        ("Pharma Modèle SA", "Pharma Mod3le SA", False),  # a digit tells companies apart
        ("Pharma Modèle SA", "Pharma Modle SA", True),
        ("Pharma Modèle SA", "Pharma Modéles SA", True),
        ("Pharma Modèle SA", "Pharma Voorbeeld SA", False),
        ("Pharma 0012 SA", "Pharma 0013 SA", False),
    ],
)
def test_look_alike_suppliers(left: str, right: str, alike: bool) -> None:
    suppliers = [
        {"supplier_id": "S1", "name": left},
        {"supplier_id": "S2", "name": right, "iban": OTHER},
    ]
    payments = [{"stream": "invoices", "payee_id": "S2", "iban": OTHER}]
    names = found("SUPP-006", {"suppliers": suppliers, "payments": payments})
    assert names == (["S2"] if alike else [])
    same = [{**row, "iban": OTHER} for row in suppliers]  # one account: only a double record
    assert found("SUPP-006", {"suppliers": same, "payments": payments}) == []


def test_one_address_makes_no_strangers() -> None:
    home = {"street": "Rue du Test", "building_number": "1", "postcode": "9991"}
    payments = [
        {"payee_id": "E1", "creditor_name": "Anne Modèle"},
        {"payee_id": "E2", "creditor_name": "Luc Fictif"},
    ]
    staff = [{**home}, {**home, "employee_id": "E2", "last_name": "Fictif"}]
    assert found("NAME-003", {"payments": payments, "employees": staff}) == []
    staff[1]["postcode"] = "9992"
    assert found("NAME-003", {"payments": payments, "employees": staff}) == ["E1", "E2"]


def test_a_national_number_that_somebody_typed_makes_no_second_person() -> None:
    first = {"birth_date": "1985-07-30", "national_number": "85073003328"}
    second = {**first, "employee_id": "E2", "national_number": "85073005508"}
    for other in (second, {**second, "national_number": ""}):
        assert found("DUP-007", {"employees": [first, other]}) == ["E1", "E2"]
