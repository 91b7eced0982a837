"""What follows from another finding is hidden, and only as long as that one stands."""

from __future__ import annotations

from unittest.mock import patch

from payroll.checks.engine import apply_holds
from payroll.checks.suppress_implied import _Cause, told_once
from payroll.model.findings import RuledFinding, Severity, SubjectKind
from payroll.model.streams import paid_to
from payroll.model.tables import KINDS
from tests.unit.checks.examples import check_data
from tests.unit.checks.test_catalogue import CONTROLS

PAYMENTS = check_data(
    {"payments": [{"payee_id": "E1"}, {"payee_id": "E1", "stream": "bonuses"}, {"payee_id": "E2"}]}
).rebuilt.payments


def found(rule_id: str, payee: str = "E1", stream: str = "", **fields: object) -> RuledFinding:
    return RuledFinding(
        rule_id=rule_id,
        subject_id=payee,
        stream=stream,
        **{"severity": Severity.HOLD, "subject_kind": SubjectKind.EMPLOYEE, **fields},  # type: ignore[arg-type]
    )


UNREAD = found("ING-002", params={"source_kind": "employees", "excluded": "yes"})
FOLLOWS = [
    found("COMPL-004"),
    found("COMPL-005", stream="salaries"),
    found("SEPA-004", stream="bonuses"),
]


def shown(
    findings: list[RuledFinding], decisions: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    held = apply_holds(PAYMENTS, findings, decisions)
    payments, left = told_once(held, findings, CONTROLS, decisions)
    assert payments["status"].tolist() == held["status"].tolist()
    return [item.rule_id for item in left], payments["hold_rules"].tolist()


def test_the_cause_stays_and_holds() -> None:
    assert shown([*FOLLOWS, UNREAD]) == (["ING-002"], ["ING-002", "ING-002", ""])


def test_an_overridden_cause_explains_nothing() -> None:
    rules, holds = shown([*FOLLOWS, UNREAD], (UNREAD.finding_id,))
    assert rules == ["COMPL-004", "COMPL-005", "SEPA-004", "ING-002"]
    assert holds == ["COMPL-004 COMPL-005", "COMPL-004 SEPA-004", ""]


def test_another_payee_another_kind_and_a_used_row_explain_nothing() -> None:
    for cause in (
        found("ING-002", "E2", params=UNREAD.params),
        found("ING-002", params=UNREAD.params, subject_kind=SubjectKind.SUPPLIER),
        found("ING-003", params={"source_kind": "employees"}),
        found("ING-002", params={**UNREAD.params, "source_kind": "register_lines"}),
    ):
        assert "COMPL-004" in shown([found("COMPL-004"), cause])[0]


def test_a_cause_covers_its_own_streams_only() -> None:
    known = {"params": UNREAD.params}
    one = found("ING-002", stream="bonuses", **known)
    every = [found("ING-002", stream=name, **known) for name in paid_to("employee")]
    assert shown([found("COMPL-004"), one])[0] == ["COMPL-004", "ING-002"]
    assert shown([found("COMPL-004"), *every])[0] == ["ING-002"] * len(every)


def test_a_lighter_cause_explains_no_hold() -> None:
    light = found("INV-005", subject_kind=SubjectKind.SUPPLIER, severity=Severity.WARN)
    grave = found("COMPL-005", subject_kind=SubjectKind.SUPPLIER)
    assert shown([light, grave])[0] == ["INV-005", "COMPL-005"]


def test_of_two_that_imply_each_other_one_stays() -> None:
    controls = {
        name: CONTROLS[name].model_copy(update={"implied_by": (other,)})
        for name, other in (("COMPL-004", "IBAN-002"), ("IBAN-002", "COMPL-004"))
    }
    findings = [found("COMPL-004"), found("IBAN-002")]
    _, left = told_once(apply_holds(PAYMENTS, findings), findings, controls)
    assert len(left) == 1


def test_a_row_that_stands_often_costs_no_more_each_time() -> None:
    controls = CONTROLS | {
        "COMPL-004": CONTROLS["COMPL-004"].model_copy(update={"implied_by": ("IBAN-002",)})
    }

    def comparisons(rows: int) -> int:
        follows = [found("COMPL-004", source=f"row {row}") for row in range(rows)]
        causes = [found("IBAN-002", source=f"row {row}") for row in range(rows)]
        with patch.object(_Cause, "explains", autospec=True, side_effect=_Cause.explains) as calls:
            _, left = told_once(apply_holds(PAYMENTS, causes), [*follows, *causes], controls)
        assert [item.rule_id for item in left] == ["IBAN-002"] * rows
        return int(calls.call_count)

    assert 400 < comparisons(400) < 4 * 400


def test_what_implies_exists() -> None:
    for control in CONTROLS.values():
        assert set(control.implied_by) <= set(CONTROLS) - {control.id}
        assert set(control.implied_by_unread) <= set(KINDS)
