"""The small run with the whole calculation of one person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from payroll.model.backtest import BACKTEST, STEPS, Backtest
from payroll.model.frames import LINES
from payroll.views.review_data import ReviewData
from tests.unit.views.review_samples import small

PERSON = "00044"
#: component, basis, rule, cents, source: what becomes of 2 900.00 gross
LINE_ROWS = (
    ("base_salary", "known", "component:base_salary", 290_000, "exports/r.csv!csv!R7"),
    ("personal_contribution", "recomputed", "step:personal_contribution", -37_903, "t.xlsx!T!R4"),
    ("withholding", "recomputed", "step:withholding", -61_592, "t.xlsx!T!R4"),
    ("special_contribution", "known", "step:special_contribution", -1_200, "t.xlsx!T!R4"),
    ("other_deductions", "known", "register", -2_000, "t.xlsx!T!R4"),
)
#: the known month, 3 200.00 gross; the register's net is before other deductions of 20.00
KNOWN = {
    "base_salary": 320_000,
    "gross": 320_000,
    "personal_contribution": 41_824,
    "work_bonus": 0,
    "taxable": 278_176,
    "withholding": 71_976,
    "fiscal_work_bonus": 0,
    "special_contribution": 1_200,
    "net": 205_000,
}


def with_a_calculation(language: str = "fr") -> ReviewData:
    """The small run with the lines and the known month of one person."""
    base = small(language)
    lines = LINES.from_rows(
        {
            "line_id": f"L-{number:012x}",
            "stream": "salaries",
            "payee_id": PERSON,
            "component": component,
            "earning_period": "2022-05",
            "quantity": "",
            "rate": "",
            "amount_cents": cents,
            "basis": basis,
            "rule_id": rule,
            "source": source,
            "parents": "",
            "legal_nature": "full_estimate",
            "payment_group": "",
        }
        for number, (component, basis, rule, cents, source) in enumerate(LINE_ROWS)
    )
    columns = {
        f"{step}_{side}_cents": np.array([KNOWN[step]], dtype=np.int64)
        for step in STEPS
        for side in ("known", "rebuilt")
    }
    columns["withholding_rebuilt_cents"] = columns["withholding_rebuilt_cents"] + 111
    rows = pd.DataFrame(columns).assign(payee_id=PERSON, source="t.xlsx!T!R4")
    rows = rows.astype({"payee_id": "str", "source": "str"})
    found = Backtest(period="2022-04", rows=BACKTEST.conform(rows))
    sites = {("employee", "00043"): "Arlon", ("employee", "00099"): "Libramont"}
    return replace(
        base,
        rebuilt=replace(base.rebuilt, lines=lines, backtest=found),
        sites=sites,
        titles={"base_salary": "Traitement barémique"},
    )
