"""For every rule of rebuilding holiday pay: the smallest month in which it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from payroll.model.findings import Finding
from payroll.model.order import payrun_model
from payroll.model.released import RELEASED, LedgerExtract
from payroll.model.tables import SourceTables
from payroll.rebuild.holiday_pay import rebuild_holiday_pay
from payroll.rebuild.stream import RebuildInput
from tests.unit.checks.examples import frame_of
from tests.unit.rebuild.staff_samples import BOOK, Person, table, tables_of

ANN = Person(number="00001")


def found(
    person: Person = ANN,
    march: Mapping[str, int] | None = None,
    *,
    totals: bool = False,
    released: str = "",
    born: date | None = date(1980, 6, 15),
) -> list[Finding]:
    """May with holiday pay on March. march: component -> cents, None = 3,000.00 of scale salary."""
    tables = tables_of([person])
    own = {"employee_id": person.number, "period": "2022-03"}
    given = {"1000": 300_000} if march is None else march
    lines = [
        {**own, "component": code, "amount_cents": cents, "source": "m!m!R2"}
        for code, cents in given.items()
    ]
    rows = [{**own, "gross_cents": 300_000, "source": "t!t!R9"}] if totals else []
    frames = {
        "register_lines": pd.concat([tables["register_lines"], table("register_lines", lines)]),
        "register_totals": pd.concat([tables["register_totals"], table("register_totals", rows)]),
        "employees": tables["employees"].assign(birth_date=pd.Timestamp(born)),
    }
    frames = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    order = payrun_model().model_validate(
        {
            "period": "2022-05",
            "last_known": "2022-04",
            "salaries": {"pay_on": date(2022, 5, 31), "account": "main"},
            "holiday_pay": {"basis_month": "2022-03", "percentage": 92},
            "source": [],
        }
    )
    keys = [{"stream": "holiday_pay", "payee_id": person.number, "period": released}]
    sent = [{**key, "end_to_end_id": "E-1", "state": "live"} for key in keys if released]
    ledger = LedgerExtract(frame_of(RELEASED, sent))
    sources = SourceTables({**tables.frames, **frames}, tables.summaries, tables.headings)
    return rebuild_holiday_pay(RebuildInput(sources, order, BOOK, ledger=ledger)).findings


TRIPS: Mapping[str, Callable[[], list[Finding]]] = {
    "HOL-004": lambda: found(march={}),
    "HOL-005": lambda: found(march={}, totals=True),
    "HOL-006": lambda: found(replace(ANN, hired=date(2022, 2, 1))),
    "HOL-007": lambda: found(replace(ANN, hired=date(2021, 7, 1)), born=None),
    "HOL-008": lambda: found(replace(ANN, components=(("1000", 300_000), ("3030", 276_000)))),
    "HOL-009": lambda: found(replace(ANN, left=date(2022, 5, 20)), released="2021"),
}
