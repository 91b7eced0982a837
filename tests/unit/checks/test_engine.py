"""The engine: skipping, refusing, holding, and never letting the unknown pass."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payroll.checks import engine
from payroll.checks.data import run_finding
from payroll.checks.dates import wage_deadline
from payroll.model.errors import InvariantError, PayrollError
from payroll.model.findings import Finding, RuledFinding, Severity, SubjectKind
from payroll.model.invoice_numbers import normalised_number, one_edit_apart
from payroll.model.period import Period
from payroll.rulebook import wording
from payroll.rulebook.controls import Control, load_controls
from tests.unit.checks.examples import IBAN, check_data
from tests.unit.checks.test_catalogue import CONTROLS


def _hold(subject: str, stream: str = "", kind: SubjectKind = SubjectKind.EMPLOYEE) -> RuledFinding:
    return RuledFinding(
        rule_id="IBAN-001",
        severity=Severity.HOLD,
        subject_kind=kind,
        subject_id=subject,
        stream=stream,
    )


def _changed(control_id: str, **fields: Any) -> dict[str, Control]:
    return {control_id: CONTROLS[control_id].model_copy(update=fields)}


def test_a_hold_hits_its_payee_only() -> None:
    payments = check_data(
        {
            "payments": [
                {"payee_id": "E1"},
                {"payee_id": "E2"},
                {"payee_id": "E1", "stream": "bonuses"},
                {"payee_id": "E1", "stream": "invoices"},
            ]
        }
    ).rebuilt.payments
    held = engine.apply_holds(payments, [_hold("E1")])
    assert held["status"].tolist() == ["held", "pay", "held", "pay"]
    one_stream = engine.apply_holds(payments, [_hold("E1", "bonuses")])
    assert one_stream["status"].tolist() == ["pay", "pay", "held", "pay"]
    assert one_stream["hold_rules"].tolist() == ["", "", "IBAN-001", ""]
    supplier = engine.apply_holds(payments, [_hold("E1", kind=SubjectKind.SUPPLIER)])
    assert supplier["status"].tolist() == ["pay", "pay", "pay", "held"]
    decided = engine.apply_holds(payments, [_hold("E1")], [_hold("E1").finding_id])
    assert decided["status"].unique().tolist() == ["pay"]
    again = engine.apply_holds(held, [_hold("E2")])
    assert again["hold_rules"].tolist() == ["IBAN-001", "IBAN-001", "IBAN-001", ""]
    assert str(again["status"].dtype) == "str"


def test_out_of_date_or_without_stream_is_skipped() -> None:
    data = check_data(CONTROLS["IBAN-002"].example["trip"])
    assert engine.evaluate(data, _changed("IBAN-002"))
    assert not engine.evaluate(data, _changed("IBAN-002", valid_from=date(2023, 1, 1)))
    assert not engine.evaluate(data, _changed("IBAN-002", valid_to=date(2022, 5, 1)))
    assert not engine.evaluate(data, _changed("IBAN-002", streams=("fees",)))


def test_an_unknown_kind_and_a_bad_parameter_are_refused() -> None:
    data = check_data({"payments": [{}]})
    with pytest.raises(PayrollError, match="control_kind_unknown"):
        engine.evaluate(data, _changed("IBAN-002", kind="iban_misspelt"))
    with pytest.raises(PayrollError, match="control_param_invalid"):
        engine.evaluate(data, _changed("AMT-001", params={"caps": {"salaries": "lots"}}))
    with pytest.raises(PayrollError, match="control_param_invalid"):
        engine.evaluate(data, _changed("AMT-001", params={"caps": {"fees": "1.00"}}))


def test_a_failing_check_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> list[Finding]:
        raise KeyError("x")

    monkeypatch.setattr(engine, "CATALOGUE", {"iban_missing": broken})
    with pytest.raises(InvariantError):
        engine.evaluate(check_data({}), _changed("IBAN-002"))


def test_cannot_evaluate_holds_the_payee_and_warns_for_a_whole_source() -> None:
    payments = [{"payee_id": "E1"}, {"payee_id": "E2"}]
    partly = check_data(
        {
            "payments": payments,
            "register_totals": [{"employee_id": "E1", "iban": ""}, {"employee_id": "E2"}],
        }
    )
    unknown = {name: CONTROLS[name] for name in ("EVAL-001", "EVAL-002")}
    (found,) = engine.evaluate(partly, {**unknown, **_changed("IBAN-003")})
    assert (found.rule_id, found.severity, found.subject_id) == ("EVAL-001", "hold", "E1")
    assert found.params == {"control": "IBAN-003"}
    wholly = check_data({"payments": payments, "register_totals": [{"iban": ""}]})
    (found,) = engine.evaluate(wholly, {**unknown, **_changed("IBAN-003")})
    assert (found.rule_id, found.severity) == ("EVAL-002", "warn")
    (found,) = engine.evaluate(check_data({}), _changed("REG-001"))
    assert (found.rule_id, found.observed) == ("EVAL-002", "register_totals")


def test_a_known_reason_makes_a_change_less_grave() -> None:
    for reasons, after, severity in (
        ("", "2900.00", "hold"),
        ("reason", "2900.00", "warn"),
        ("", "2250.00", "warn"),
        ("reason", "2250.00", "info"),
    ):
        change = {"net_before": "2000.00", "net_after": after, "reasons": reasons}
        (found,) = engine.evaluate(check_data({"changes": [change]}), _changed("VAR-001"))
        assert found.severity == severity


def test_an_iban_change_in_the_adjustments_holds_suppliers_too() -> None:
    data = check_data(
        {
            "payments": [
                {"payee_id": "S1", "stream": "invoices"},
                {"payee_id": "S2", "stream": "invoices"},
            ],
            "targets": [
                {
                    "payee_id": "S1",
                    "stream": "invoices",
                    "iban": IBAN,
                    "source": "suppliers.xlsx!S!R5; adjustments.xlsx!S!R5",
                },
                {
                    "payee_id": "S2",
                    "stream": "invoices",
                    "iban": IBAN,
                    "source": "suppliers.xlsx!S!R6",
                },
            ],
            "adjustments": [
                {"payee_id": "S1", "kind": "iban_change"},
                {"payee_id": "S2", "kind": "iban_change"},
            ],
        }
    )
    (found,) = engine.evaluate(data, _changed("IBAN-003"))  # S2's was not applied: no account moved
    assert (found.subject_kind, found.subject_id) == ("supplier", "S1")
    assert found.source == "adjustments.xlsx!S!R5, iban"


def test_messages_are_written_for_readers() -> None:
    control = CONTROLS["COMPL-001"]
    finding = run_finding(control, observed="2022-03-31", limit="1234.50", stream="salaries")
    assert "31/03/2022" in wording.message(control, finding.words, "fr")
    assert "lonen" in wording.message(control, finding.words, "nl")
    assert "1,234.50" in wording.message(control, finding.words, "en")


def test_results_do_not_depend_on_the_order_of_rows() -> None:
    example = {"payments": [{"payee_id": "E2"}, {"payee_id": "E1"}]}
    turned = {"payments": [{"payee_id": "E1"}, {"payee_id": "E2"}]}
    ids = [
        [found.subject_id for found in engine.evaluate(check_data(rows), _changed("IBAN-004"))]
        for rows in (example, turned)
    ]
    assert ids == [["E1", "E2"], ["E1", "E2"]]


def test_a_workspace_replaces_a_control_and_an_id_stands_once() -> None:
    entry = CONTROLS["IBAN-003"].model_dump(exclude_none=True)
    other = {**entry, "severity": "warn"}
    files = {"controls/a.toml": {"control": [entry]}}
    both = load_controls({**files, "workspace/controls/a.toml": {"control": [other]}})
    assert both["IBAN-003"].severity is Severity.WARN
    with pytest.raises(PayrollError, match="rule_entry_twice"):
        load_controls({**files, "controls/b.toml": {"control": [entry]}})
    texts = {**entry["message"], "fr": "{subject.secret}"}
    with pytest.raises(PayrollError, match="rule_entry_invalid"):
        load_controls({"controls/a.toml": {"control": [{**entry, "message": texts}]}})
    with pytest.raises(PayrollError, match="rule_entry_invalid"):
        load_controls({"controls/a.toml": {"control": [{**entry, "title": {"fr": "Seul"}}]}})


@pytest.mark.parametrize(
    ("left", "right"),
    [("FO-0045", "f0 45"), ("2022/0045", "2022-45"), ("0017", "17"), ("A.7", "a07")],
)
def test_normalised_numbers_agree(left: str, right: str) -> None:
    assert normalised_number(left) == normalised_number(right)


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("1234", "1235", True),
        ("1234", "124", True),
        ("1234", "12334", True),
        ("1234", "1324", True),
        ("1234", "1234", False),
        ("1234", "4321", False),
        ("1234", "12", False),
    ],
)
def test_one_edit_apart(left: str, right: str, near: bool) -> None:
    assert one_edit_apart(left, right) is near
    assert one_edit_apart(right, left) is near


def test_the_wage_deadline_counts_saturdays_and_skips_holidays() -> None:
    assert wage_deadline(Period(2022, 5), 4) == date(2022, 6, 4)  # Wed Thu Fri Sat
    assert wage_deadline(Period(2022, 4), 4) == date(2022, 5, 5)  # 1 May is a Sunday


def test_nobody_is_no_joiner() -> None:
    """An empty selection took the whole column of days and became people called nan."""
    staff = [{"employee_id": name, "hire_date": date(2010, 9, 1)} for name in ("E1", "E2")]
    assert engine.evaluate(check_data({"employees": staff}), _changed("COMPL-003")) == []
