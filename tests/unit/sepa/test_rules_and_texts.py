"""Every finding has its rule and every error its words, in the three languages."""

import re
from pathlib import Path

from payroll.rulebook.controls import load_controls
from payroll.rulebook.toml import load_toml
from payroll.texts import catalogue, languages
from tests.unit.sepa.sepa_samples import RULES

PACKAGE = RULES.parent / "payroll"
SOURCES = [*sorted((PACKAGE / "sepa").glob("*.py")), PACKAGE / "rulebook/bank.py"]


def _written(pattern: str, paths: list[Path]) -> set[str]:
    return {found for path in paths for found in re.findall(pattern, path.read_text("utf-8"))}


def test_the_rules_are_those_the_code_raises() -> None:
    content = (RULES / "controls/sepa.toml").read_bytes()
    controls = load_controls({"controls/sepa.toml": load_toml("controls/sepa.toml", content)})
    assert set(controls) == _written(r"SEPA-\d{3}", SOURCES)
    assert {control.kind for control in controls.values()} == {"raised_by_sepa"}


def test_every_error_says_what_was_expected_and_what_to_do() -> None:
    raised = _written(r'PayrollError\(\s*"(\w+)"', SOURCES)
    assert len(raised) == 6
    for error_id in raised:
        for language in languages():
            parts = {name for name in catalogue(language) if name.startswith(f"{error_id}.")}
            assert parts == {f"{error_id}.{part}" for part in ("what", "expected", "remedy")}
