"""Declared totals: rows that are set aside explain a difference, and nothing else does."""

from __future__ import annotations

import pytest

from payroll.model.errors import DamagedInputError
from payroll.model.findings import Finding
from tests.shipped import severity
from tests.unit.ingest.ingest_samples import read

HEAD = "N° prestataire;Mois;Honoraires bruts;Net dû\n"
GOOD = "P1;2022-04;100,00;\nP2;2022-04;200,00;\n"
UNREADABLE = "P3;2022-04;3OO,00;\n"  # letters O
OTHER_CELL = "P3;avril;300,00;\n"  # its amount is readable, its month is not
NAMELESS = ";2022-04;300,00;\n"
TOTAL = "Total;;600,00;\n"


def totals(text: str, /, **control: object) -> list[Finding]:
    _, findings = read(HEAD + text, kind="fee_statements", control=control)
    return [item for item in findings if item.rule_id in ("ING-006", "ING-015", "ING-016")]


def said(text: str, /, **control: object) -> list[tuple[str, str, str]]:
    return [
        (item.rule_id, severity(item), item.params["explained"]) for item in totals(text, **control)
    ]


@pytest.mark.parametrize("total", [600, "600", "600.00", "600,00"])
def test_an_unreadable_amount_makes_its_total_unverifiable(total: object) -> None:
    (found,) = totals(GOOD + UNREADABLE, gross_fees=total)
    assert (found.rule_id, severity(found), found.subject_id) == ("ING-016", "warn", "a.csv")
    assert (found.observed, found.limit) == ("300.00", "600.00")
    assert (found.params["rest"], found.params["unread"]) == ("300.00", "1")


def test_a_row_set_aside_explains_rows_and_amount() -> None:
    assert said(GOOD + OTHER_CELL, rows=3, gross_fees="600.00") == [
        ("ING-015", "info", "1"),
        ("ING-015", "info", "300.00"),
    ]
    assert said(GOOD + UNREADABLE, rows=3) == [("ING-015", "info", "1")]
    assert said(GOOD + NAMELESS, rows=3, gross_fees=600) == [
        ("ING-015", "warn", "1"),
        ("ING-015", "warn", "300.00"),
    ]


def test_known_and_unknown_parts_are_told_apart() -> None:
    rows = GOOD + OTHER_CELL + UNREADABLE.replace("P3", "P4")
    (found,) = totals(rows, gross_fees="1000.00")
    assert found.rule_id == "ING-016"
    assert (found.params["explained"], found.params["rest"]) == ("300.00", "400.00")


def test_what_no_row_explains_still_blocks() -> None:
    assert said(GOOD, rows=3, gross_fees="600.00") == [
        ("ING-006", "block", "0"),
        ("ING-006", "block", "0.00"),
    ]
    assert said(GOOD + OTHER_CELL, gross_fees="700.00") == [("ING-006", "block", "300.00")]
    assert said(GOOD + UNREADABLE, rows=5) == [("ING-006", "block", "1")]
    assert said(GOOD + UNREADABLE, rows=1) == [("ING-006", "block", "1")]
    # a note below the table is nobody's amount
    assert said(GOOD + ";;voir note;\n", gross_fees="600.00") == [("ING-006", "block", "0.00")]


def test_an_unreadable_optional_amount_counts_as_unknown() -> None:
    rows = "P1;2022-04;100,00;90,00\nP2;2022-04;200,00;abc\n"
    assert said(rows, net_due="270.00", gross_fees="300.00") == [("ING-016", "warn", "0.00")]


def test_agreeing_totals_say_nothing() -> None:
    assert said(GOOD, rows=2, gross_fees=300) == []
    assert said(GOOD + TOTAL, rows=2, gross_fees=300) == []
    assert said(GOOD + TOTAL, rows=3) == []  # the sender counted the total line
    assert said(GOOD + UNREADABLE, rows=2, gross_fees=300) == []


def test_a_declared_number_of_rows_is_a_number() -> None:
    with pytest.raises(DamagedInputError, match="control_not_a_number"):
        totals(GOOD, rows="beaucoup")


def test_a_split_row_makes_every_amount_of_it_unknown() -> None:
    text = GOOD + "P3;2022-04;300,00;;a;b\n"
    assert said(text, rows=3, gross_fees="600.00") == [
        ("ING-015", "info", "1"),
        ("ING-016", "warn", "0.00"),
    ]
