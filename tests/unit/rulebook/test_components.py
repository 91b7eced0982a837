"""Pay codes, premium rates and estimation policies: read strictly, dated, by any alias."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from payroll.model.errors import PayrollError
from payroll.rulebook.components import (
    by_alias,
    load_components,
    load_policies,
    load_premiums,
    plain,
    policy_of,
)
from payroll.rulebook.toml import load_toml

FOLDER = Path(__file__).parents[3] / "rules" / "parameters"
FILES: dict[str, dict[str, Any]] = {
    f"parameters/{path.name}": load_toml(path.name, path.read_bytes())
    for path in sorted(FOLDER.glob("*.toml"))
}
COMPONENTS = "parameters/components.toml"


def test_the_codes_of_the_sample_register_are_known_by_alias() -> None:
    names = by_alias(load_components(FILES))
    natures = {code: names[code].nature for code in ("1000", "2000", "3000", "3100", "4000")}
    assert natures == {
        "1000": "recurring",
        "2000": "variable",
        "3000": "one_off",
        "3100": "arrears",
        "4000": "recurring",
    }
    assert plain(" NUIT ") in by_alias(load_premiums(FILES))


def test_a_rate_holds_from_its_date() -> None:
    night = load_premiums(FILES)["night"]
    assert night.dated(date(2021, 12, 31)) is None
    rate = night.dated(date(2022, 4, 1))
    assert rate is not None
    assert (rate.kind, rate.value, rate.status) == (
        "euro_per_hour_indexed",
        Fraction("2.0079"),
        "unverified",
    )


def test_a_policy_is_found_by_group_and_date() -> None:
    policies = load_policies(FILES)
    assert policy_of(policies, "joiner").dated(date(2022, 5, 1)).percent == 60
    with pytest.raises(PayrollError, match="parameter_unknown"):
        policy_of(policies, "nobody")
    with pytest.raises(PayrollError, match="parameter_not_in_force"):
        policies["fee_advance"].dated(date(2021, 1, 1))


def test_no_choice_of_ours_counts_as_sourced() -> None:
    for policy in load_policies(FILES).values():
        assert {item.status for item in policy.values} == {"unverified"}
    for premium in load_premiums(FILES).values():
        assert {item.status for item in premium.values} == {"unverified"}


def test_a_workspace_entry_replaces_and_a_double_is_refused() -> None:
    entry = deepcopy(FILES[COMPONENTS]["component"][0])
    own = {**entry, "aliases": ["A1"]}
    loaded = load_components({**FILES, f"workspace/{COMPONENTS}": {"component": [own]}})
    assert loaded["base_salary"].aliases == ("A1",)
    with pytest.raises(PayrollError, match="rule_entry_twice"):
        load_components({**FILES, "parameters/more.toml": {"component": [own]}})
    other = {**entry, "code": "other"}
    with pytest.raises(PayrollError, match="field_code_taken"):
        load_components({**FILES, "parameters/more.toml": {"component": [other]}})


def test_a_float_or_an_unknown_key_is_refused() -> None:
    premium = deepcopy(FILES["parameters/premiums.toml"]["premium"][0])
    premium["values"][0]["value"] = 2.0079
    with pytest.raises(PayrollError, match="rule_entry_invalid"):
        load_premiums({"parameters/p.toml": {"premium": [premium]}})
    with pytest.raises(PayrollError, match="rule_entry_invalid"):
        load_components({"parameters/c.toml": {"component": [{"code": "x", "colour": "red"}]}})
