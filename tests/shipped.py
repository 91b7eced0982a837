"""The controls as they ship, and how grave they make a finding that a stage raised."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from payroll.model.findings import Finding, Severity
from payroll.rulebook.controls import Control, load_controls
from payroll.rulebook.toml import load_toml
from payroll.store import load_rule_files, rules_folder


@lru_cache(maxsize=1)
def controls() -> Mapping[str, Control]:
    """Every control of rules/controls by its id."""
    files = load_rule_files(rules_folder())
    return load_controls(
        {path: load_toml(path, files[path]) for path in files if path.startswith("controls/")}
    )


def severity(finding: Finding) -> Severity:
    """What the rule of a finding says that it does."""
    return controls()[finding.rule_id].severity_of(finding.level)
