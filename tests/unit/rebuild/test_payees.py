"""Whom the sources name, for the record."""

from __future__ import annotations

from dataclasses import replace

from payroll.model.frames import rows_of
from payroll.model.tables import (
    BANK_PAYMENT_ROWS,
    BANK_PAYMENTS,
    SourceSummary,
    SourceTables,
    no_tables,
)
from payroll.rebuild.payees import adjustments_typed, payees_named
from tests.unit.rebuild.payables_doubles import tables

LISTS = tables(
    employees=[
        {"employee_id": "7", "first_name": "Ann", "last_name": "Peeters", "site": "Arlon"},
        {"employee_id": "8", "first_name": "", "last_name": "Li"},
    ],
    practitioners=[{"practitioner_id": "7", "name": "Dr Peeters"}],
    suppliers=[{"supplier_id": "S1", "name": "Company"}],
)


def named(source: SourceTables) -> list[tuple[str, ...]]:
    return list(rows_of(payees_named(source), "payee_kind", "payee_id", "name", "site"))


def test_everybody_on_a_list_has_a_name_and_staff_a_site() -> None:
    assert named(LISTS) == [
        ("employee", "7", "Ann Peeters", "Arlon"),
        ("employee", "8", "Li", ""),
        ("practitioner", "7", "Dr Peeters", ""),
        ("supplier", "S1", "Company", ""),
    ]
    assert named(no_tables()) == []


def test_the_bank_names_people_only_where_no_register_is_left() -> None:
    row = {"payee_kind": "employee", "amount_cents": 1, "execution_date": None}
    empty = dict.fromkeys(BANK_PAYMENT_ROWS.columns, "")
    bank = BANK_PAYMENT_ROWS.from_rows(
        empty | row | {"payee_id": payee, "name": name}
        for payee, name in (("7", "PEETERS A"), ("9", "JANS K"), ("9", "JANS KIM"), ("", "NOBODY"))
    )
    summary = SourceSummary(
        kind=BANK_PAYMENTS,
        file="bank.xml",
        sheet="",
        sha256="",
        encoding="",
        header_row=0,
        rows_read=4,
        rows_used=4,
        rows_excluded=0,
    )
    alone = replace(LISTS, frames={**LISTS.frames, BANK_PAYMENTS: bank}, summaries=(summary,))
    assert ("employee", "9", "JANS KIM", "") in named(alone)
    assert ("employee", "7", "Ann Peeters", "Arlon") in named(alone)
    assert len(named(alone)) == len(named(LISTS)) + 1
    register = replace(summary, kind="register_totals")
    assert named(replace(alone, summaries=(summary, register))) == named(LISTS)


def test_who_typed_an_adjustment_is_kept_in_the_order_of_the_list() -> None:
    source = tables(
        adjustments=[
            {"adjustment_id": "A2", "payee_id": "7", "kind": "hold", "entered_by": "Kim"},
            {"adjustment_id": "A1", "payee_id": "8", "kind": "leaver", "approved_by": "Lou"},
        ]
    )
    found = adjustments_typed(source)
    assert found["adjustment_id"].tolist() == ["A2", "A1"]
    assert found["entered_by"].tolist() == ["Kim", ""]
    assert found["approved_by"].tolist() == ["", "Lou"]
