"""Controls that compare with a dated figure of the law: one number, of the known month."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from payroll.checks.data import FIGURE_MISSING
from payroll.checks.engine import evaluate
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding
from payroll.rulebook.book import load_rulebook
from payroll.rulebook.wording import message
from payroll.store import load_rule_files, rules_folder
from tests.unit.checks.examples import PARAMETERS, check_data
from tests.unit.checks.test_catalogue import CONTROLS


def found(
    control_id: str, example: dict[str, Any], params: dict[str, Any] | None = None
) -> list[Finding]:
    control = CONTROLS[control_id]
    if params is not None:
        control = control.model_copy(update={"params": {**control.params, **params}})
    return evaluate(
        check_data(example), {control_id: control, FIGURE_MISSING: CONTROLS[FIGURE_MISSING]}
    )


def known(month: str) -> dict[str, Any]:
    return {"last_known": month}


@pytest.mark.parametrize(
    ("month", "floor"), [("2022-03", "1725.21"), ("2022-04", "1806.16"), ("2022-05", "1842.28")]
)
def test_the_minimum_is_that_of_the_known_month(month: str, floor: str) -> None:
    cent_less = str(Decimal(floor) - Decimal("0.01"))
    (finding,) = found(
        "REG-007", {"order": known(month), "employees": [{"monthly_gross": cent_less}]}
    )
    assert (finding.observed, finding.limit) == (cent_less, floor)
    assert not found("REG-007", {"order": known(month), "employees": [{"monthly_gross": floor}]})


def test_a_month_without_the_figure_is_told_not_passed() -> None:
    (finding,) = found(
        "REG-007", {"order": known("2022-02"), "employees": [{"monthly_gross": "1.00"}]}
    )
    assert finding.rule_id == FIGURE_MISSING
    assert finding.severity == "warn"
    assert (finding.observed, finding.limit) == ("minimum_monthly_wage", "2022-02-01")
    assert "minimum_monthly_wage" in message(CONTROLS[FIGURE_MISSING], finding.words, "fr")
    assert "01/02/2022" in message(CONTROLS[FIGURE_MISSING], finding.words, "nl")


@pytest.mark.parametrize(
    ("status", "paid", "expected"),
    [
        ("contractual", "437.11", "392.10"),  # 13.07 % + 1.50 %, and one cent
        ("contractual", "347.09", "392.10"),
        ("statutory", "376.51", "331.50"),  # 3.55 % + 7.50 %
        ("statutory", "376.50", ""),
        ("contractual", "437.10", ""),
    ],
)
def test_the_rates_of_a_status_are_added(status: str, paid: str, expected: str) -> None:
    findings = found(
        "REG-002",
        {
            "employees": [{"status": status}],
            "register_totals": [{"gross": "3000.00", "personal_contributions": paid}],
        },
    )
    assert [finding.limit for finding in findings] == ([expected] if expected else [])


@pytest.mark.parametrize(("paid", "hit"), [("423.45", True), ("423.48", True), ("423.49", False)])
def test_the_base_of_manual_workers(paid: str, hit: bool) -> None:
    """3,000.00 x 13.07 % x 108 % is 423.468; two cents either side count."""
    totals = {"gross": "3000.00", "personal_contributions": paid}
    assert bool(found("REG-003", {"register_totals": [totals]})) is hit


def test_the_cap_of_the_special_contribution() -> None:
    totals = [{"special_contribution": "60.95"}]
    (finding,) = found("REG-004", {"register_totals": totals})
    assert finding.limit == "60.94"


@pytest.mark.parametrize(
    ("figures", "error"),
    [
        ({}, "control_param_invalid"),
        ({"floor": 5}, "control_param_invalid"),
        ({"floor": []}, "control_param_invalid"),
        ({"floor": "minimum_monthly_wages"}, "parameter_unknown"),
        ({"floor": "works_retention_social_iban"}, "parameter_not_a_number"),
    ],
)
def test_a_wrong_figure_is_refused(figures: dict[str, Any], error: str) -> None:
    with pytest.raises(PayrollError, match=error):
        found("REG-007", {"employees": [{}]}, {"figures": figures})


def test_a_misspelt_figure_does_not_load() -> None:
    files = load_rule_files(rules_folder())
    name = "controls/variance.toml"
    files[name] = files[name].replace(b'"minimum_monthly_wage"', b'"minimum_wage"')
    with pytest.raises(PayrollError, match="rule_entry_invalid") as caught:
        load_rulebook(files)
    assert caught.value.where == "REG-007, figures"
    assert caught.value.detail[0].params == {"text": "minimum_wage"}


def test_no_control_keeps_a_number_of_its_own_beside_a_figure() -> None:
    named = {control.id for control in CONTROLS.values() if control.figures}
    assert named == {"IBAN-007", "REG-002", "REG-003", "REG-004", "REG-007"}


def test_the_figures_of_a_changed_parameter_are_used() -> None:
    parameter = PARAMETERS["special_contribution_cap"]
    values = (parameter.values[0].model_copy(update={"value": Fraction(50)}),)
    lower = parameter.model_copy(update={"values": values})
    data = replace(
        check_data({"register_totals": [{"special_contribution": "60.94"}]}),
        parameters={**PARAMETERS, "special_contribution_cap": lower},
    )
    (finding,) = evaluate(data, {"REG-004": CONTROLS["REG-004"]})
    assert finding.limit == "50.00"
