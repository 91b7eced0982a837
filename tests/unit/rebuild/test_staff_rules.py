"""What the staff rebuild says stands in the rule files and the text catalogue, and agrees."""

from __future__ import annotations

import re

from payroll.rebuild.adjustments import read_adjustments
from payroll.rebuild.gross import gross_lines
from payroll.rebuild.net import net_lines
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.staff import find_people
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.controls import load_controls
from payroll.rulebook.toml import load_toml
from payroll.texts import catalogue
from tests.unit.rebuild.staff_samples import BOOK, ORDER, ROOT, Person, tables_of

PATHS = ("controls/rebuild.toml", "controls/rebuild_adjustments.toml")
CONTROLS = load_controls(
    {path: load_toml(path, (ROOT / "rules" / path).read_bytes()) for path in PATHS}
)
CODE = "".join(
    (ROOT / "payroll" / "rebuild" / f"{name}.py").read_text("utf-8")
    for name in (
        "adjustments",
        "staff",
        "partial",
        "gross",
        "calculation",
        "net",
        "third_parties",
        "quarter",
        "salaries",
        "bonuses",
        "bank_month",
        "recurring",
        "replaced",
    )
)


def test_every_finding_has_its_rule() -> None:
    assert set(re.findall(r"REB-\d{3}", CODE)) == set(CONTROLS)


def test_every_reason_has_its_words() -> None:
    used = set(re.findall(r'"(reason_[a-z_]+)"', CODE)) - {"reason_"}
    noted = _reasons()
    assert {"joiner", "leaver", "fte_change", "variable_dropped", "one_off_added"} <= noted
    assert {"law_change", "garnishment_recomputed"} <= noted
    assert used | {f"reason_{name}" for name in noted} <= set(catalogue())


def _reasons() -> set[str]:
    """Every reason that a stage gives for a change of pay, whether somebody has it or not."""
    tables = tables_of([Person(number="00001")])
    adjustments, _ = read_adjustments(tables, ORDER)
    people, _ = find_people(tables, ORDER, BOOK, adjustments)
    month, _ = gross_lines(tables, ORDER, BOOK, people, adjustments)
    calculation = rebuild_salaries(RebuildInput(tables, ORDER, BOOK)).calculation
    net, _ = net_lines(people, month, calculation, BOOK, ORDER)
    return {*people.reasons, *month.reasons, *net.reasons}
