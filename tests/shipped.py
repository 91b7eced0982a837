"""The controls as they ship, how grave they make a finding, and a workspace that changes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from payroll.model.findings import Finding, Severity
from payroll.rulebook.controls import Control, load_controls
from payroll.rulebook.overrides import IN_BOOK, Accepted, overrides_file
from payroll.rulebook.toml import load_toml
from payroll.store import load_rule_files, rules_folder

SIGNED = Accepted(datetime(2022, 5, 23, 9), "Anne Modèle", "a test", ())  # noqa: DTZ001

#: A rule file of an employer's own: a premium that the program's rules do not have.
OWN_PREMIUM = """
[[premium]]
code = "own"
checked_on = 2026-11-24
title = { fr = "Prime locale", nl = "Lokale premie", en = "Local premium" }
[[premium.values]]
from = 2022-01-01
kind = "percent_of_hourly"
value = 5
source = "a test"
status = "sourced"
"""


@lru_cache(maxsize=1)
def rule_files() -> Mapping[str, bytes]:
    """The bytes of rules/, read once."""
    return load_rule_files(rules_folder())


@lru_cache(maxsize=1)
def controls() -> Mapping[str, Control]:
    """Every control of rules/controls by its id."""
    return load_controls(
        {
            path: load_toml(path, content)
            for path, content in rule_files().items()
            if path.startswith("controls/")
        }
    )


def severity(finding: Finding) -> Severity:
    """What the rule of a finding says that it does."""
    return controls()[finding.rule_id].severity_of(finding.level)


def override(rule_id: str, **fields: Any) -> Control:
    """A control of the program with other fields, unchecked: as somebody types it."""
    return controls()[rule_id].model_copy(update=fields)


def override_file(*changed: Control) -> dict[str, bytes]:
    """The rule file of a workspace that holds these controls, by its path in the rule book."""
    return {IN_BOOK: overrides_file(b"", changed, SIGNED)}


def loaded(own: Control) -> Control:
    """That control as a book with the workspace's file loads it. Raises PayrollError."""
    shipped = {"controls/shipped.toml": {"control": [_entry(controls()[own.id])]}}
    ((path, content),) = override_file(own).items()
    return load_controls({**shipped, path: load_toml(path, content)})[own.id]


def _entry(control: Control) -> dict[str, object]:
    return control.model_dump(exclude_none=True)
