"""The list of adjustments as a whole: what contradicts itself, does nothing, or names several."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payroll.model.findings import Finding, SubjectKind
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import iban_changes, read_adjustments
from payroll.rebuild.payables import payees_of
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild.staff_samples import (
    BOOK,
    IBAN,
    ORDER,
    OTHER_IBAN,
    Person,
    adjustment,
    table,
    tables_of,
)

ANN = Person(number="00001")
GONE = Person(number="00002", left=date(2022, 4, 15))
NEW_IBAN = "BE43068999999501"


def _found(tables: SourceTables, rule_id: str) -> list[Finding]:
    return [
        item
        for item in rebuild_salaries(RebuildInput(tables, ORDER, BOOK)).findings
        if item.rule_id == rule_id
    ]


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        (("leaver", "", None, date(2022, 5, 10)), ("leaver", "", None, date(2022, 5, 20)), "to"),
        (
            ("fte_change", "0,5", date(2022, 5, 16)),
            ("fte_change", "0,8", date(2022, 5, 16)),
            "value",
        ),
        (("iban_change", IBAN), ("iban_change", OTHER_IBAN), "value"),
    ],
)
def test_two_rows_that_say_something_else_hold_their_payee_and_name_both_cells(
    first: tuple[Any, ...], second: tuple[Any, ...], field: str
) -> None:
    tables = tables_of([ANN], [adjustment(ANN, *first), adjustment(ANN, *second)])
    (finding,) = _found(tables, "REB-041")
    assert finding.subject_id == "00001"
    assert finding.observed == "AJ-2, AJ-3"
    assert finding.source == f"adj.xlsx!A!R2, {field}; adj.xlsx!A!R3, {field}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("leaver", "", None, date(2022, 5, 10)), ("leaver", "", None, date(2022, 5, 10))),
        (("fte_change", "0,5", date(2022, 5, 2)), ("fte_change", "0,8", date(2022, 5, 16))),
        (("fte_change", "0,5", date(2022, 5, 2)), ("fte_change", "50 %", date(2022, 5, 2))),
        (("iban_change", NEW_IBAN), ("iban_change", "be43 0689 9999 9501")),
        (("one_off_net", "10"), ("one_off_net", "20")),
    ],
)
def test_rows_that_agree_or_follow_each_other_do_not_contradict(
    first: tuple[Any, ...], second: tuple[Any, ...]
) -> None:
    tables = tables_of([ANN], [adjustment(ANN, *first), adjustment(ANN, *second)])
    assert not _found(tables, "REB-041")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("one_off_gross", "800,00"),
        ("one_off_net", "50"),
        ("garnishment", "50"),
        ("unpaid_absence", "3"),
    ],
)
def test_what_is_typed_for_somebody_who_gets_no_salary_is_said(kind: str, value: str) -> None:
    tables = tables_of([ANN, GONE], [adjustment(GONE, kind, value)])
    (finding,) = _found(tables, "REB-042")
    assert (finding.subject_id, finding.stream) == ("00002", "salaries")
    assert finding.observed == f"{kind} AJ-2"
    assert not _found(tables, "REB-023"), "nothing is deducted from somebody who gets nothing"


def _of_three_lists(rows: list[dict[str, Any]]) -> SourceTables:
    """Employee 00001 shares her number with a practitioner and a supplier."""
    other = {"name": "Modèle", "iban": OTHER_IBAN, "source": "list.xlsx!L!R2"}
    return tables_of(
        [ANN],
        rows,
        practitioners=table("practitioners", [{**other, "practitioner_id": "00001"}]),
        suppliers=table("suppliers", [{**other, "supplier_id": "00001"}]),
    )


@pytest.mark.parametrize(("kind", "value"), [("iban_change", NEW_IBAN), ("hold", "")])
def test_a_number_of_several_lists_holds_all_of_them_and_changes_nothing(
    kind: str, value: str
) -> None:
    tables = _of_three_lists([adjustment(ANN, kind, value)])
    findings = [item for item in read_adjustments(tables, ORDER)[1] if item.rule_id == "REB-043"]
    assert {item.subject_kind for item in findings} == {
        SubjectKind.EMPLOYEE,
        SubjectKind.PRACTITIONER,
        SubjectKind.SUPPLIER,
    }
    assert iban_changes(tables, date(2022, 5, 31)).empty
    for payee in ("practitioner", "supplier"):
        assert payees_of(tables, payee, date(2022, 5, 31)).frame["iban"].tolist() == [OTHER_IBAN]


def test_what_concerns_a_salary_means_the_employee_whatever_other_list_has_the_number() -> None:
    tables = _of_three_lists([adjustment(ANN, "one_off_net", "10")])
    findings = read_adjustments(tables, ORDER)[1]
    assert not [item for item in findings if item.rule_id == "REB-043"]


@pytest.mark.parametrize(
    ("pay_on", "begin", "end", "applied"),
    [
        (date(2022, 6, 9), date(2022, 6, 9), None, True),  # May's pay, paid again in June
        (date(2022, 6, 9), date(2022, 6, 10), None, False),
        (date(2022, 5, 27), date(2022, 5, 30), None, False),  # within the month, after the pay day
        (date(2022, 5, 31), date(2022, 5, 1), date(2022, 5, 30), False),
        (date(2022, 5, 31), date(2022, 5, 1), date(2022, 5, 31), True),
        (date(2022, 5, 31), None, None, True),
    ],
)
def test_an_account_goes_by_the_pay_day_whatever_the_month(
    pay_on: date, begin: date | None, end: date | None, applied: bool
) -> None:
    row = adjustment(ANN, "iban_change", NEW_IBAN, begin, end)
    streams = {
        name: one.model_copy(update={"pay_on": pay_on})
        for name in ("salaries", "bonuses")
        if (one := ORDER.stream(name)) is not None
    }
    result = rebuild_salaries(
        RebuildInput(tables_of([ANN], [row]), ORDER.model_copy(update=streams), BOOK)
    )
    assert (result.targets["iban"].tolist() == [NEW_IBAN]) is applied
    found = [(item.rule_id, item.stream, item.limit) for item in result.findings]
    said = [] if applied else [("REB-049", "", pay_on.isoformat())]
    assert [item for item in found if item[0] in ("REB-013", "REB-049")] == said


def test_streams_of_several_pay_days_each_say_which_account_they_pay() -> None:
    row = adjustment(ANN, "iban_change", NEW_IBAN, date(2022, 6, 1))
    later = ORDER.stream("bonuses").model_copy(update={"pay_on": date(2022, 6, 9)})  # type: ignore[union-attr]
    order = ORDER.model_copy(update={"bonuses": later})
    findings = read_adjustments(tables_of([ANN], [row]), order)[1]
    assert [(item.rule_id, item.stream) for item in findings] == [("REB-049", "salaries")]


def test_a_suppliers_account_goes_by_the_pay_day_too() -> None:
    supplier = {"supplier_id": "S1", "name": "Exemple SA", "iban": OTHER_IBAN, "source": "s!s!R2"}
    tables = tables_of(
        [ANN],
        [adjustment("S1", "iban_change", NEW_IBAN, date(2022, 6, 1))],
        suppliers=table("suppliers", [supplier]),
    )
    for day, iban in ((date(2022, 5, 31), OTHER_IBAN), (date(2022, 6, 1), NEW_IBAN)):
        assert payees_of(tables, "supplier", day).frame["iban"].tolist() == [iban]
