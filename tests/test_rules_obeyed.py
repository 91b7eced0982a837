"""The rule book is obeyed: whatever a workspace may set of a rule happens, the rest is refused.

Every rule is found once, in the smallest sources that trip it (tests/trips), and then given each
severity there is. What follows is judged where it has its effect: the finding, its payee's
payments, the run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import payroll
from payroll.checks.engine import apply_holds, findings_frame, refuses
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, RuledFinding, Severity, SubjectKind
from payroll.model.streams import STREAMS, streams_of
from payroll.rulebook.controls import Control
from payroll.rulebook.limits import CASE
from payroll.rulebook.permitted import SEVERITY, permitted_severities
from payroll.rulebook.ruling import ruled
from tests.shipped import controls, loaded, override
from tests.trips import checks, holiday_pay, ingest, payables, staff, stages
from tests.unit.sepa.sepa_samples import frame, payment

#: `<rule>` or `<rule> <case>` -> what finds it.
TRIPS: Mapping[str, Callable[[], list[Finding]]] = {
    **checks.TRIPS,
    **holiday_pay.TRIPS,
    **ingest.TRIPS,
    **payables.TRIPS,
    **staff.TRIPS,
    **stages.TRIPS,
}
NAMES = sorted(TRIPS)
_REFUSALS = ("control_weaker", "control_graver", "rule_entry_invalid")
PAYEES = (SubjectKind.EMPLOYEE, SubjectKind.PRACTITIONER, SubjectKind.SUPPLIER)


@cache
def tripped(name: str) -> Finding:
    """A finding of the rule: of the case, else at its gravest."""
    rule_id, _, case = name.partition(" ")
    gravest = [str(item) for item in controls()[rule_id].thresholds[:1]]
    levels = (case,) if case else ("", *gravest)
    return next(item for item in TRIPS[name]() if item.rule_id == rule_id and item.level in levels)


def field_of(name: str) -> str:
    case = name.partition(" ")[2]
    return f"{CASE}{case}" if case else SEVERITY


def with_severity(name: str, severity: Severity) -> Control:
    """The rule as a workspace has it. Raises PayrollError where it may not."""
    shipped, field = controls()[name.partition(" ")[0]], field_of(name)
    if field == SEVERITY:
        return loaded(override(shipped.id, severity=severity))
    return loaded(override(shipped.id, params={**shipped.params, field: str(severity)}))


def payments_of(finding: Finding) -> pd.DataFrame:
    """A payment of the finding's payee in each stream; of a file or the run, of somebody."""
    rows = [
        payment(number, payee_id=finding.subject_id, stream=stream)
        for number, stream in enumerate(streams_of(finding) or STREAMS)
    ]
    return frame(*rows)


def test_every_rule_is_tripped_and_every_case_of_it() -> None:
    cases = {
        f"{rule_id} {case.removeprefix(CASE)}"
        for rule_id, control in controls().items()
        for case in control.cases
    }
    assert set(TRIPS) == set(controls()) | cases


@pytest.mark.parametrize("name", NAMES)
def test_what_a_rule_is_about_is_what_its_findings_are_about(name: str) -> None:
    found = tripped(name)
    kinds = {"payee": PAYEES, "file": (SubjectKind.FILE,), "run": (SubjectKind.RUN,)}
    assert found.subject_kind in kinds[controls()[found.rule_id].subject]


@pytest.mark.parametrize("name", NAMES)
def test_each_severity_that_is_permitted_happens(name: str) -> None:
    found = tripped(name)
    permitted = permitted_severities(controls()[found.rule_id], field_of(name))
    assert permitted
    payments = payments_of(found)
    for severity in permitted:
        own = {found.rule_id: with_severity(name, severity)}
        (told,) = ruled([found], own)
        assert findings_frame([told], own, "fr", {})["severity"].tolist() == [severity]
        assert_happens(told, severity, payments)


def assert_happens(told: RuledFinding, severity: Severity, payments: pd.DataFrame) -> None:
    """block refuses the run, hold keeps the payee's payments back, the others pay."""
    assert refuses([told]) is (severity is Severity.BLOCK)
    assert refuses([told], {told.finding_id}) is False
    payee = told.subject_kind in PAYEES
    kept = payee and severity in (Severity.BLOCK, Severity.HOLD)
    payments = apply_holds(payments, [told])
    assert set(payments["status"]) == {"held" if kept else "pay"}
    assert set(payments["hold_rules"]) == {told.rule_id if kept else ""}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_permitted_is_refused_and_names_file_and_rule(name: str) -> None:
    rule_id = name.partition(" ")[0]
    permitted = permitted_severities(controls()[rule_id], field_of(name))
    for severity in [item for item in Severity if item not in permitted]:
        with pytest.raises(PayrollError) as caught:
            with_severity(name, severity)
        assert caught.value.where.startswith(f"workspace/controls/overrides.toml, {rule_id}")
        assert caught.value.error_id in _REFUSALS
        assert caught.value.exit_code == 3


def test_what_nobody_may_clear_is_never_softer_and_what_has_no_payee_never_held() -> None:
    for rule_id, control in controls().items():
        permitted = permitted_severities(control)
        if control.override == "none":
            assert max(item.rank for item in permitted) == control.severity.rank, rule_id
        else:
            assert Severity.INFO in permitted, rule_id
        assert (Severity.HOLD in permitted) <= (control.subject == "payee"), rule_id
        assert Severity.BLOCK in permitted, rule_id


def test_a_payment_that_no_file_can_hold_is_held_at_least_and_told_whatever_the_days() -> None:
    cannot = [control for control in controls().values() if control.unavoidable]
    assert {control.id for control in cannot} == {f"SEPA-{n:03d}" for n in range(1, 12)}
    for control in cannot:
        open_to_all = control.model_copy(update={"override": "one"})
        assert permitted_severities(open_to_all) == (Severity.BLOCK, Severity.HOLD)


@pytest.mark.parametrize("name", [name for name in NAMES if controls()[name.split()[0]].thresholds])
def test_a_lesser_threshold_is_never_graver_than_the_rule(name: str) -> None:
    """The gravest threshold does what the rule says; the others what they are named after."""
    shipped = controls()[name.partition(" ")[0]]
    for severity in permitted_severities(shipped):
        own = with_severity(shipped.id, severity)
        gravest, *lesser = own.thresholds
        assert own.severity_of(str(gravest)) is severity
        for item in lesser:
            assert own.severity_of(str(item)) is max(item, severity, key=lambda one: one.rank)


def test_no_severity_stands_in_the_stages_or_checks() -> None:
    """They raise facts; whoever rules on them, acts on them or shows them knows severities."""
    root = Path(payroll.__file__).parent
    told = {
        str(path.relative_to(root))
        for room in ("ingest", "rebuild", "sepa", "checks", "bank_status", "gross_to_net")
        for path in (root / room).rglob("*.py")
        if "Severity" in path.read_text("utf-8")
    }
    assert told == {"checks/engine.py"}


def test_findings_are_made_and_ruled_in_one_place_each() -> None:
    root = Path(payroll.__file__).parent
    made = {
        (str(path.relative_to(root)), node.func.id)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Finding", "RuledFinding")
    }
    assert made == {("model/findings.py", "Finding"), ("rulebook/ruling.py", "RuledFinding")}
