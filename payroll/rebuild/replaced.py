"""Adjustments that another one takes the place of: they do not count."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from payroll.model.findings import Finding, findings_for
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import subject_kinds


def without_replaced(tables: SourceTables) -> tuple[SourceTables, list[Finding]]:
    """The tables without the adjustments that another row replaces (REB-054 tells each).

    A row that replaces one that nobody knows, itself, or in the end itself, or one of somebody
    else, holds its payee (REB-053): what counts is not known.
    """
    rows = tables["adjustments"]
    naming = rows[rows["replaces"] != ""]
    if naming.empty:
        return tables, []
    by_id = dict(zip(naming["adjustment_id"], naming["replaces"], strict=True))
    payees = dict(zip(rows["adjustment_id"], rows["payee_id"], strict=True))
    wrong = [
        _wrong(own, by_id, payees, payee)
        for own, payee in zip(naming["adjustment_id"], naming["payee_id"], strict=True)
    ]
    bad, good = naming[wrong], naming[[not item for item in wrong]]
    by = dict(zip(good["replaces"], good["adjustment_id"], strict=True))
    gone = rows[rows["adjustment_id"].isin(by)]
    findings = []
    for rule_id, some, limits in (
        ("REB-053", bad, bad["replaces"].tolist()),
        ("REB-054", gone, [by[item] for item in gone["adjustment_id"]]),
    ):
        cells = [tables.cell(source, "replaces") for source in some["source"]]
        told = some.assign(source=cells, observed=some["adjustment_id"], limit=limits)
        findings += findings_for(rule_id, told, kind=subject_kinds(tables, some["payee_id"]))
    kept: pd.DataFrame = rows.drop(gone.index).reset_index(drop=True)
    return replace(tables, frames={**tables.frames, "adjustments": kept}), findings


def _wrong(own: str, by_id: dict[str, str], payees: dict[str, str], payee: str) -> bool:
    """Whether following what a row replaces leads to nobody's row, to somebody else's or back."""
    seen, other = {own}, by_id[own]
    while other:
        if other in seen or payees.get(other) != payee:
            return True
        seen.add(other)
        other = by_id.get(other, "")
    return False
