"""Register rows of another month are named, never silently left aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from payroll.model.order import payrun_model
from payroll.model.tables import no_tables, table_schema
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.book import load_rulebook
from payroll.store import load_rule_files, rules_folder


def test_rows_of_another_month_are_named_by_their_cell() -> None:
    schema = table_schema("register_totals")
    blank = {"str": "", "int64": 0, "bool": False, "datetime64[s]": pd.NaT}
    row = {name: blank[dtype] for name, dtype in schema.columns.items()}
    row |= {"employee_id": "1", "period": "2022-03", "source": "tot.csv!csv!R2"}
    tables = no_tables()
    tables = replace(
        tables,
        frames={**tables.frames, "register_totals": schema.from_rows([row])},
        headings={"tot.csv!csv": {"period": "Mois"}},
    )
    pay = {"pay_on": date(2022, 5, 31), "account": "main"}
    order = payrun_model().model_validate(
        {"period": "2022-05", "last_known": "2022-04", "salaries": pay, "source": []}
    )
    result = rebuild_salaries(
        RebuildInput(tables, order, load_rulebook(load_rule_files(rules_folder())))
    )
    assert [(item.rule_id, item.observed, item.source) for item in result.findings] == [
        ("REB-036", "1", "tot.csv!csv!R2, Mois")
    ]
