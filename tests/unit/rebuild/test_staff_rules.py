"""What the staff rebuild says stands in the rule files and the text catalogue, and agrees."""

from __future__ import annotations

import re

from payroll.rulebook.controls import load_controls
from payroll.rulebook.toml import load_toml
from payroll.texts import catalogue
from tests.unit.rebuild.staff_samples import ROOT

PATHS = ("controls/rebuild.toml", "controls/rebuild_adjustments.toml")
CONTROLS = load_controls(
    {path: load_toml(path, (ROOT / "rules" / path).read_bytes()) for path in PATHS}
)
CODE = "".join(
    (ROOT / "payroll" / "rebuild" / f"{name}.py").read_text("utf-8")
    for name in (
        "adjustments",
        "staff",
        "gross",
        "calculation",
        "net",
        "quarter",
        "salaries",
        "bonuses",
        "bank_month",
    )
)


def test_every_finding_has_its_rule() -> None:
    assert set(re.findall(r"REB-\d{3}", CODE)) == set(CONTROLS)


def test_every_reason_has_its_words() -> None:
    used = set(re.findall(r'"(reason_[a-z_]+)"', CODE)) - {"reason_"}
    noted = set(re.findall(r'because\(\s*"([a-z_]+)"', CODE))
    noted |= {"joiner", "hired_in_period", "not_in_register", "fte_change", "unpaid_absence"}
    noted |= {f"{nature}_dropped" for nature in ("one_off", "arrears", "variable")}
    assert used | {f"reason_{name}" for name in noted} <= set(catalogue())
