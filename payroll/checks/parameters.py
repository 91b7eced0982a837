"""What the run's rules stand on: values that nobody verified, files of the workspace itself."""

from __future__ import annotations

from payroll.checks.data import CheckData, run_finding
from payroll.model.findings import Finding
from payroll.rulebook.controls import Control


def unverified_value_used(data: CheckData, control: Control) -> list[Finding]:
    """An unverified dated value that stands behind at least one line: one finding per value."""
    doubtful = {key for key, status in data.value_status.items() if status == "unverified"}
    lines = data.rebuilt.lines
    found = lines.loc[lines["amount_cents"] != 0, "rule_id"]
    # a line may name several rules, separated by spaces
    counts: dict[str, int] = {}
    for text, count in found.value_counts().items():
        for rule_id in str(text).split():
            for value_id in data.values_behind(rule_id):
                if value_id in doubtful:
                    counts[value_id] = counts.get(value_id, 0) + int(count)
    return [
        run_finding(control, observed=value_id, lines=str(counts[value_id]))
        for value_id in sorted(counts)
    ]


def workspace_rules(data: CheckData, control: Control) -> list[Finding]:
    """The workspace's own rule files, one finding each: they may soften a control."""
    return [run_finding(control, observed=name) for name in data.own_rules]
