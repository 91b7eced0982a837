"""IBAN and references against python-stdnum, and the cases that banks refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban

from payroll.model.identifiers import (
    compact_iban,
    iban_problem,
    iban_problems,
    masked_iban,
    structured_reference,
)


@pytest.mark.parametrize(
    ("iban", "problem"),
    [
        ("BE68539007547034", ""),
        ("NL91ABNA0417164300", ""),
        ("FR1420041010050500013M02606", ""),
        ("BE68539007547035", "checksum"),
        ("BE44096123456770", "bban"),  # right IBAN digits, wrong Belgian ones
        ("BE6853900754703", "shape"),
        ("BE6853900754703O", "shape"),
        ("", "missing"),
        ("B\u041568539007547034", "shape"),  # a Cyrillic letter
        ("BE\u0666\u066853900754703", "shape"),  # Arabic digits
    ],
)
def test_problems(iban: str, problem: str) -> None:
    assert iban_problem(iban) == problem


@given(st.integers(0, 10**10 - 1), st.integers(0, 99))
def test_belgian_ibans_agree_with_stdnum(account: int, check: int) -> None:
    bban = f"{account:010d}{account % 97 or 97:02d}"
    digits = int(f"{bban}111400")
    right = f"BE{98 - digits % 97:02d}{bban}"
    assert iban_problem(right) == ""
    assert stdnum_iban.is_valid(right, check_country=False)
    other = f"BE{check:02d}{bban}"
    if other != right:
        assert iban_problem(other) == "checksum"


def test_spaces_and_case_are_no_problem() -> None:
    assert compact_iban(" be68 5390\u00a00754 7034 ") == "BE68539007547034"
    assert iban_problems(["BE68539007547034", "", "BE68539007547034"]) == ["", "missing", ""]
    assert masked_iban("BE68539007547034") == "BE68…034"


@pytest.mark.parametrize(
    ("text", "reference", "problem"),
    [
        ("+++010/8068/17183+++", "010806817183", ""),
        ("***010/8068/17183***", "010806817183", ""),
        ("010806817183", "010806817183", ""),
        ("+++010/8068/17100+++", "", "checksum"),
        ("+++000/0000/00097+++", "000000000097", ""),
        ("RF18539007547034", "RF18539007547034", ""),
        ("RF19539007547034", "", "checksum"),
        ("Facture 2022-17", "", ""),
        ("", "", ""),
    ],
)
def test_structured_references(text: str, reference: str, problem: str) -> None:
    assert structured_reference(text) == (reference, problem)
