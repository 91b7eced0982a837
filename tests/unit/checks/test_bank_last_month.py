"""This month against the bank's own file: who is held, what is told, what is left alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payroll.checks.engine import evaluate
from payroll.model.findings import Finding, Severity, SubjectKind
from tests.unit.checks.examples import IBAN, check_data
from tests.unit.checks.test_catalogue import CONTROLS

OTHER, THIRD = "BE71096123456769", "BE88063954965641"
NOBODY = {"payee_kind": "", "payee_id": "", "matched_by": ""}


def found(control_id: str, **example: Any) -> list[Finding]:
    return evaluate(check_data(example), {control_id: CONTROLS[control_id]})


@pytest.mark.parametrize("control_id", [f"BANK-{number:03d}" for number in range(1, 11)])
def test_without_a_file_of_the_bank_nothing_is_said(control_id: str) -> None:
    example = {"payments": [{}], "register_totals": [{"net": "2000.00"}], "employees": [{}]}
    assert found(control_id, **example) == []


def test_an_account_other_than_the_banks_holds_every_kind_of_payee() -> None:
    findings = found(
        "BANK-001",
        payments=[
            {},
            {"stream": "bonuses"},
            {"stream": "fees", "payee_id": "P1"},
            {"stream": "invoices", "payee_id": "S1"},
            {"payee_id": "E2"},
        ],
        bank_payments=[
            {"iban": OTHER},
            {"payee_kind": "practitioner", "payee_id": "P1", "iban": OTHER},
            {"payee_kind": "supplier", "payee_id": "S1", "iban": OTHER},
        ],
    )
    assert [(item.subject_kind, item.subject_id) for item in findings] == [
        (SubjectKind.EMPLOYEE, "E1"),
        (SubjectKind.PRACTITIONER, "P1"),
        (SubjectKind.SUPPLIER, "S1"),
    ]
    assert {item.severity for item in findings} == {Severity.HOLD}
    assert "; bank.xml!B!R1" in findings[0].source
    assert findings[0].observed != findings[0].limit


def test_any_account_that_the_bank_paid_to_a_payee_will_do() -> None:
    paid = [{"iban": OTHER}, {"iban": IBAN}]
    assert found("BANK-001", payments=[{}], bank_payments=paid) == []
    assert len(found("BANK-001", payments=[{"iban": THIRD}], bank_payments=paid)) == 1


def test_swapped_accounts_hold_both() -> None:
    findings = found(
        "BANK-001",
        payments=[{"iban": OTHER}, {"payee_id": "E2", "iban": IBAN}],
        bank_payments=[{"iban": IBAN}, {"payee_id": "E2", "iban": OTHER}],
    )
    assert [item.subject_id for item in findings] == ["E1", "E2"]


def test_an_account_of_unknown_form_at_the_bank_is_no_agreement() -> None:
    assert len(found("BANK-001", payments=[{}], bank_payments=[{"iban": ""}])) == 1
    assert found("BANK-001", payments=[{"iban": ""}], bank_payments=[{}]) == []  # IBAN-002 holds


@pytest.mark.parametrize(
    ("register", "severity"),
    [
        ([{"net": "2000.00"}], Severity.WARN),
        ([{"net": "2000.01"}], Severity.HOLD),
        ([], Severity.HOLD),
    ],
)
def test_another_name_on_the_account_weighs_less_with_the_very_net(
    register: list[dict[str, Any]], severity: Severity
) -> None:
    (finding,) = found(
        "BANK-002",
        payments=[{}],
        register_totals=register,
        bank_payments=[{"matched_by": "iban_only", "name": "GASTON FAUX"}],
    )
    assert (finding.severity, finding.observed) == (severity, "GASTON FAUX")


def test_a_supplier_under_another_name_on_the_account_paid_before_is_told() -> None:
    (finding,) = found(
        "BANK-002",
        payments=[{"stream": "invoices", "payee_id": "S1"}],
        bank_payments=[
            {
                "payee_kind": "supplier",
                "payee_id": "S1",
                "matched_by": "iban_only",
                "name": "FACTOR SA",
            }
        ],
    )
    assert finding.severity is Severity.WARN


@pytest.mark.parametrize(
    ("net", "paid", "severity"),
    [
        ("2000.00", ["2000.00"], None),
        ("2000.00", ["2000.00", "350.00"], None),  # a bonus beside it
        ("2000.00", ["1500.00", "500.00"], None),
        ("2000.00", ["2001.00"], None),
        ("2000.00", ["2001.01"], Severity.WARN),
        ("2000.00", ["1899.99"], Severity.HOLD),  # more than 100 euro and 5 %
        ("9000.00", ["8800.00"], Severity.WARN),
        ("2000.00", ["20.00", "1950.00"], Severity.WARN),
    ],
)
def test_the_registers_net_against_what_the_bank_paid(
    net: str, paid: list[str], severity: Severity | None
) -> None:
    findings = found(
        "BANK-003",
        register_totals=[{"net": net}],
        bank_payments=[{"amount": amount} for amount in paid],
    )
    assert [item.severity for item in findings] == ([severity] if severity else [])


def test_a_register_that_the_file_does_not_cover_is_said_once_and_holds_nobody() -> None:
    """One file of several: not four thousand people whom the bank never paid."""
    example: dict[str, Any] = {
        "payments": [{}, {"payee_id": "E2"}, {"payee_id": "E3"}],
        "register_totals": [{"employee_id": f"E{n}", "net": "2000.00"} for n in (1, 2, 3)],
        "bank_payments": [{}],
    }
    assert found("BANK-004", **example) == []
    assert found("BANK-005", **example) == []
    (finding,) = found("BANK-009", **example)
    assert (finding.severity, finding.stream) == (Severity.BLOCK, "salaries")
    assert (finding.observed, finding.limit) == ("1", "3")
    example["bank_payments"].append({"payee_id": "E2"})
    assert [item.subject_id for item in found("BANK-004", **example)] == ["E3"]
    assert found("BANK-009", **example) == []


def test_the_whole_staff_under_other_names_blocks() -> None:
    """Names and accounts changed everywhere, or a file of few; another stream's file warns."""
    example: dict[str, Any] = {
        "register_totals": [{"employee_id": f"E{n}", "net": "2000.00"} for n in range(4)],
        "payments": [{"payee_id": f"E{n}"} for n in range(4)],
    }
    marked = {**NOBODY, "category_purpose": "SUPP"}  # a mark that whoever wrote the file chose
    for rows in ([NOBODY], [NOBODY] * 4, [marked] * 4, [{}], [{}, marked]):
        (finding,) = found("BANK-009", **example, bank_payments=rows)
        assert finding.severity is Severity.BLOCK
    suppliers = [{"payee_kind": "supplier", "payee_id": f"S{n}"} for n in range(4)]
    assert found("BANK-009", **example, bank_payments=suppliers)[0].severity is Severity.WARN


def test_who_was_not_paid_last_month_is_told_but_for_those_who_joined() -> None:
    def new(**others: Any) -> list[str]:
        findings = found(
            "BANK-005",
            bank_payments=[{}, {"payee_id": "E2"}],
            payments=[{}, {"payee_id": "E2"}, {"payee_id": "E3"}],
            **others,
        )
        return [item.subject_id for item in findings]

    assert new() == ["E3"]
    assert new(adjustments=[{"payee_id": "E3", "kind": "joiner"}]) == []
    assert new(employees=[{"employee_id": "E3", "hire_date": date(2022, 5, 2)}]) == []
    assert new(employees=[{"employee_id": "E3"}]) == ["E3"]


def test_payments_to_nobody_are_counted_and_listed() -> None:
    rows = [
        {},
        {**NOBODY, "amount": "100.00", "name": "SPECTRE"},
        {**NOBODY, "amount": "250.00"},
        {**NOBODY, "iban": "BE76679000019295"},  # a tax office
        {**NOBODY, "category_purpose": "SUPP"},
    ]
    (finding,) = found("BANK-006", bank_payments=rows)
    assert (finding.observed, finding.limit, finding.severity) == ("2", "350.00", Severity.WARN)
    listed = found("BANK-007", bank_payments=rows)
    assert [item.limit for item in listed] == ["100.00", "250.00"]
    assert listed[0].subject_id == "bank.xml!B!R2"
    lists = {"suppliers": [{}], "practitioners": [{}]}
    assert found("BANK-006", bank_payments=rows, **lists)[0].observed == "3"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2022, 4, 1), False),
        (date(2022, 5, 15), False),
        (date(2022, 5, 16), True),
        (date(2022, 3, 31), True),
    ],
)
def test_a_file_of_another_month_is_told(day: date, *, told: bool) -> None:
    assert bool(found("BANK-010", bank_payments=[{"execution_date": day}])) is told


def test_the_bank_is_the_other_end_of_the_bridge_without_a_register() -> None:
    example: dict[str, Any] = {
        "lines": [{"amount": "2000.00"}],
        "payments": [{"amount": "2000.00"}],
        "changes": [{"net_before": "2000.00", "net_after": "2000.00"}],
        "bank_payments": [{"amount": "2000.00"}],
    }
    assert found("BRIDGE-001", **example) == []
    assert found("BRIDGE-001", **{**example, "bank_payments": [{"amount": "2000.01"}]})
    with_register = {**example, "register_totals": [{"net": "2000.01"}]}
    assert found("BRIDGE-001", **with_register)


def test_whom_the_bank_paid_is_the_staff_when_no_list_is_left() -> None:
    payments = [{"payee_id": "BANK-1"}, {"payee_id": "BANK-2"}]
    paid = [{"payee_id": "BANK-1"}]
    assert [
        item.subject_id for item in found("COMPL-005", payments=payments, bank_payments=paid)
    ] == ["BANK-2"]
    listed = found("COMPL-005", payments=payments, bank_payments=paid, employees=[{}])
    assert len(listed) == 2


def test_a_list_of_staff_that_was_cut_blocks_without_a_register() -> None:
    rows = [{"payee_id": f"E{n}"} for n in range(40)]
    lost = [{**row, **NOBODY} for row in rows[:10]]
    (finding,) = found("COMPL-010", bank_payments=[*rows, *lost], employees=[{}])
    assert finding.severity is Severity.BLOCK
    assert found("COMPL-010", bank_payments=rows, employees=[{}]) == []


def test_a_hundred_thousand_payees() -> None:
    data = check_data(
        {
            "payments_repeated": {"count": 100_000, "iban": OTHER},
            "bank_payments_repeated": {"count": 100_000},
            "register_totals_repeated": {"count": 100_000, "net": "2000.00"},
        }
    )
    # the findings themselves are the few; here everybody is held
    own = {key: control for key, control in CONTROLS.items() if key.startswith("BANK-")}
    clean = {key: control for key, control in own.items() if key != "BANK-001"}
    assert {item.rule_id for item in evaluate(data, clean)} <= {"BANK-009"}
    assert len(evaluate(data, {"BANK-001": own["BANK-001"]})) == 100_000
