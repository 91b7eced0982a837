"""The small run with the whole calculation of one person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from payroll.model.backtest import BACKTEST, STEPS
from payroll.model.record_frames import RECORD_LINES
from payroll.record.run import BacktestFacts, Run
from tests.record_samples import payees_frame, with_frames
from tests.unit.views.review_samples import NAMES, small

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


def with_a_calculation(language: str = "fr") -> Run:
    """The small run with the lines and the known month of one person."""
    lines = RECORD_LINES.from_rows(
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
            "payment_id": "P-000003",
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
    sites = {("employee", "00043"): "Arlon", ("employee", "00099"): "Libramont"}
    run = with_frames(
        small(language),
        lines=lines,
        backtest=BACKTEST.conform(rows),
        payees=payees_frame(NAMES, sites.items()),
    )
    return replace(run, backtest_facts=BacktestFacts(period="2022-04"))
