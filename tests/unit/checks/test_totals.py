"""The bridge to the cent, lists that are cut off, invoices split over days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payroll.checks.engine import evaluate
from payroll.model.findings import Finding, RuledFinding, Severity, SubjectKind
from tests.unit.checks.examples import check_data
from tests.unit.checks.test_catalogue import CONTROLS


def found(control_id: str, example: dict[str, Any]) -> list[Finding]:
    return evaluate(check_data(example), {control_id: CONTROLS[control_id]})


BRIDGE: dict[str, Any] = {
    "lines": [{"amount": "2000.00"}, {"payee_id": "E2", "amount": "-10.00"}],
    "payments": [{"amount": "2000.00"}],
    "receivables": [{"payee_id": "E2", "amount": "-10.00"}],
    "changes": [
        {"net_before": "1990.00", "net_after": "2000.00"},
        {"payee_id": "E2", "net_before": "50.00", "net_after": "-10.00"},
    ],
    "register_totals": [{"net": "1990.00"}, {"employee_id": "E2", "net": "50.00"}],
}


def test_a_bridge_with_a_receivable_closes() -> None:
    assert found("BRIDGE-001", BRIDGE) == []


@pytest.mark.parametrize("part", ["lines", "payments", "changes", "register_totals"])
def test_a_missing_part_opens_the_bridge(part: str) -> None:
    findings = found("BRIDGE-001", {**BRIDGE, part: BRIDGE[part][1:]})
    assert findings
    assert all(item.severity is Severity.BLOCK for item in findings)


def test_a_row_named_by_a_stage_is_accounted_for() -> None:
    data = check_data({"invoices": [{}]})
    control = {"COMPL-012": CONTROLS["COMPL-012"]}
    assert [item.subject_id for item in evaluate(data, control)] == ["S1"]
    said = RuledFinding(
        rule_id="INV-002",
        severity=Severity.INFO,
        subject_kind=SubjectKind.SUPPLIER,
        subject_id="S9",
        source="other.csv!S!R1; invoices.xlsx!S!R5, amount",
    )
    assert evaluate(replace(data, stage_findings=(said,)), control) == []


@pytest.mark.parametrize(("gone", "severity"), [(0, ""), (1, "warn"), (3, "block")])
def test_a_list_that_is_cut_off(gone: int, severity: str) -> None:
    example = {
        "register_totals_repeated": {"count": 25, "net": "2000.00"},
        "employees_repeated": {"count": 25 - gone},
    }
    found_now = [str(item.severity) for item in found("COMPL-010", example)]
    assert found_now == ([severity] if severity else [])


@pytest.mark.parametrize(("days", "hit"), [(7, True), (8, False)])
def test_invoices_split_within_a_week(days: int, hit: bool) -> None:
    invoices = [
        {"amount_excl_vat": "20000.00", "amount": "24200.00", "invoice_date": date(2022, 4, 1)},
        {
            "invoice_number": "2",
            "amount_excl_vat": "10000.00",
            "amount": "12100.00",
            "invoice_date": date(2022, 4, 1 + days),
        },
    ]
    assert len(found("SUPP-011", {"invoices": invoices})) == (2 if hit else 0)
