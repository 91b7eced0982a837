"""Whole runs of the sample hospital under the employer's own rules: each does what they say."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payroll.demo.planted import BANK_FILE
from payroll.rulebook.controls import Control
from tests.shipped import override, override_file
from tests.unit.cli.command_line import Payroll

FIXTURE = Path(__file__).parents[3] / "fixtures" / "hospital-small"
DECISION = """
[[decision]]
finding = "F-000000000000"
rule = "IBAN-003"
subject = "00001"
action = "pay"
by = "Zoé Modèle"
at = 2022-05-23T09:00:00
reason = "vu avec l'agent"
evidence = "note 12"
"""
Workspace = Callable[..., Path]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """The sample hospital with controls of its own."""

    def make(*changed: Control) -> Path:
        shutil.copytree(FIXTURE, tmp_path / "w")
        for path, content in override_file(*changed).items():
            file = tmp_path / "w" / "rules" / path.removeprefix("workspace/")
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
        return tmp_path / "w"

    return make


BANK = 'kind = "bank_payments"'


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_holds_warnings_days_and_thresholds_of_the_employer(
    payroll: Payroll, workspace: Workspace
) -> None:
    """Three rules of the rebuild that only told now hold; others tell less, or no more at all."""
    at = workspace(
        *(override(rule_id, severity="hold") for rule_id in ("REB-023", "REB-026", "PAY-001")),
        override("BANK-001", severity="warn"),
        override("REB-009", valid_to=date(2022, 5, 1)),
        override("PAY-003", params={"limit": "3000.00"}),
        override("VAR-001", severity="info"),
    )
    done = payroll("run", at / "2022-05")
    assert done.code == 1, done.stderr
    run = Path(done.text.strip())
    told: dict[str, set[str]] = {}
    for row in rows(run, "findings.csv"):
        told.setdefault(row["rule_id"], set()).add(row["severity"])
    expected = {"REB-023": "hold", "REB-026": "hold", "PAY-001": "hold", "BANK-001": "warn"}
    assert {rule: told[rule] for rule in expected} == {k: {v} for k, v in expected.items()}
    assert told["VAR-001"] == {"info"}
    assert "REB-009" not in told
    held = {
        rule: {row["payee_id"] for row in rows(run, "payments.csv") if rule in row["hold_rules"]}
        for rule in ("REB-023", "BANK-001", "PAY-003")
    }
    garnished = {r["subject_id"] for r in rows(run, "findings.csv") if r["rule_id"] == "REB-023"}
    assert held["REB-023"] == garnished
    assert held["BANK-001"] == set()
    large = {
        row["payee_id"] for row in rows(run, "payments.csv") if int(row["amount_cents"]) > 300_000
    }
    assert held["PAY-003"] == large != set()
    for rule_id, severity in (("REB-026", "hold"), ("BANK-001", "warn")):
        listed = payroll("rules", "list", "--workspace", at, "--at", "2022-05-31", "--json")
        row = next(r for r in json.loads(listed.text)["entries"] if r["id"] == rule_id)
        assert row["value"].split()[0] == severity


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(override("ING-007", severity="block"), id="ingest"),
        pytest.param(override("REB-026", severity="block"), id="rebuild"),
        pytest.param(override("IBAN-004", severity="block"), id="check"),
        pytest.param(override("SEPA-025", severity="block"), id="bank files"),
        pytest.param(override("DEC-001", severity="block"), id="decisions"),
    ],
)
def test_a_block_of_any_stage_refuses_the_run(
    payroll: Payroll, workspace: Workspace, changed: Control
) -> None:
    at = workspace(changed)
    (at / "2022-05" / "decisions.toml").write_text(DECISION, "utf-8")
    done = payroll("run", at / "2022-05", "--json")
    assert done.code == 3, done.stderr
    output = json.loads(done.text)
    assert output["refused"]
    assert {row["rule_id"] for row in output["blocks"]} == {changed.id}
    assert output["files"] == []
    assert not (at / "2022-05" / "runs").exists()


def test_a_control_that_cannot_be_evaluated_is_as_grave_as_the_engines_rule(
    payroll: Payroll, workspace: Workspace
) -> None:
    at = workspace(
        override("REG-005", requires=("bank_payments",)), override("EVAL-002", severity="block")
    )
    order = at / "2022-05" / "payrun.toml"
    sources = order.read_text("utf-8").split("[[source]]")
    order.write_text("[[source]]".join(item for item in sources if BANK not in item), "utf-8")
    (at / "2022-05" / BANK_FILE).unlink()
    done = payroll("run", at / "2022-05", "--json")
    assert done.code == 3, done.stderr
    assert {row["rule_id"] for row in json.loads(done.text)["blocks"]} == {"EVAL-002"}


@pytest.mark.parametrize(
    ("rule_id", "fields", "said"),
    [
        ("INPUT-002", {"severity": "warn"}, "INPUT-002, severity"),
        ("SEPA-011", {"severity": "info"}, "SEPA-011, severity"),
        ("VAR-003", {"severity": "hold"}, "VAR-003"),
        ("PARAM-002", {"valid_from": date(2099, 1, 1)}, "PARAM-002, valid_from"),
        ("REB-010", {"streams": ("fees",)}, "REB-010, streams"),
        ("FEE-004", {"params": {"severity_whole": "block"}}, "FEE-004, params.severity_whole"),
    ],
)
def test_lint_and_run_refuse_the_same_with_the_same_words(
    payroll: Payroll, workspace: Workspace, rule_id: str, fields: dict[str, Any], said: str
) -> None:
    at = workspace(override(rule_id, **fields))
    lint = payroll("rules", "lint", "--workspace", at)
    run = payroll("run", at / "2022-05")
    assert (lint.code, run.code) == (3, 3)
    assert lint.stderr == run.stderr
    assert "workspace/controls/overrides.toml" in lint.stderr
    assert said in lint.stderr
