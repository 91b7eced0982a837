"""What the run's rules stand on: values that nobody verified, files that did not ship."""

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
        run_finding(
            control,
            observed=value_id,
            lines=str(counts[value_id]),
            how=data.value_source.get(value_id, "-"),
        )
        for value_id in sorted(counts)
    ]


def workspace_rules(data: CheckData, control: Control) -> list[Finding]:
    """The rule files that did not ship so, one finding each: they may soften a control."""
    return [run_finding(control, observed=name) for name in data.own_rules]


def rules_not_checked(data: CheckData, control: Control) -> list[Finding]:
    """Figures that shaped this run, and that nobody compared with their source for a long time."""
    lines = data.rebuilt.lines
    texts = lines.loc[lines["amount_cents"] != 0, "rule_id"].unique()
    used = {rule_id for text in texts for rule_id in str(text).split()}
    behind = {value_id for rule_id in used for value_id in data.values_behind(rule_id)}
    made, days = data.created_at.date(), control.whole("days")
    stale = sorted(
        name
        for name, parameter in data.parameters.items()
        if f"parameter:{name}" in behind and (made - parameter.checked_on).days > days
    )
    if not stale:
        return []
    more = f" (+{len(stale) - 5})" if len(stale) > 5 else ""
    shown = ", ".join(stale[:5]) + more
    return [run_finding(control, observed=str(len(stale)), limit=str(days), names=shown)]
