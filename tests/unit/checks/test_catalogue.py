"""Every control of rules/controls: its examples trip it and pass it, its words are complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from payroll.checks.catalogue import CATALOGUE
from payroll.checks.data import CANNOT_EVALUATE_PAYEE, CANNOT_EVALUATE_RUN, FIGURE_MISSING
from payroll.checks.engine import evaluate
from payroll.rulebook.controls import RAISED_BY, Control, load_controls
from payroll.rulebook.toml import load_toml
from payroll.rulebook.wording import message, remedy
from payroll.texts import fields_of
from tests.unit.checks.examples import check_data

RULES = Path(__file__).parents[3] / "rules"
CONTROLS = load_controls(
    {
        str(path.relative_to(RULES)): load_toml(path.name, path.read_bytes())
        for path in sorted((RULES / "controls").glob("*.toml"))
    }
)
CHECKED = [control for control in CONTROLS.values() if not control.kind.startswith(RAISED_BY)]
LANGUAGES = ("fr", "nl", "en")


def _names(text: str) -> set[str]:
    return {name for name, _, _ in fields_of(text)}


@pytest.mark.parametrize("control", CHECKED, ids=lambda control: control.id)
def test_examples(control: Control) -> None:
    found = evaluate(check_data(control.example["trip"]), {control.id: control})
    mine = [finding for finding in found if finding.rule_id == control.id]
    assert mine, f"{control.id} is not tripped by its example"
    assert any(finding.severity is control.severity for finding in mine)
    for finding in found:
        for language in LANGUAGES:
            words = message(CONTROLS[finding.rule_id], finding.words, language)
            words += remedy(CONTROLS[finding.rule_id], finding.words, language)
            assert "{" not in words, f"{control.id}: a placeholder stays unfilled: {words}"
        if finding.subject_kind in ("employee", "practitioner", "supplier"):
            place = finding.source or control.id
            assert "!R" in place or control.id.startswith(("VAR", "AMT-003")), finding
    assert not evaluate(check_data(control.example["pass"]), {control.id: control})


def test_words_use_the_same_placeholders() -> None:
    differ = [
        control.id
        for control in CONTROLS.values()
        for words in (control.message, control.remedy, control.title)
        if not _names(words["fr"]) == _names(words["nl"]) == _names(words["en"])
    ]
    assert differ == []


def test_every_kind_has_a_control_and_at_least_120_are_evaluated() -> None:
    assert {control.kind for control in CHECKED} == set(CATALOGUE)
    assert len(CHECKED) >= 120
    assert {CANNOT_EVALUATE_PAYEE, CANNOT_EVALUATE_RUN, FIGURE_MISSING} <= set(CONTROLS)
