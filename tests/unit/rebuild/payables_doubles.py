"""Small orders, tables and the real rules for the tests of payables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from payroll.model.order import PayrunOrder, payrun_model
from payroll.model.tables import FIELDS, SourceTables, no_tables, table_schema
from payroll.rulebook.book import RuleBook, load_rulebook
from tests.shipped import rule_files

RULES = Path(__file__).parents[3] / "rules"
CONTROLS = RULES / "controls" / "rebuild_payables.toml"
BE = ("BE68539007547034", "BE71096123456769", "BE43000000000101")
FR = "FR1420041010050500013M02606"
OGM = "010806817183"


@lru_cache(maxsize=1)
def book() -> RuleBook:
    """The real rule book."""
    return load_rulebook(rule_files())


def order() -> PayrunOrder:
    """Fees of April and invoices due until 10 June, in the pay run of May 2022."""
    return payrun_model().model_validate(
        {
            "period": "2022-05",
            "last_known": "2022-04",
            "fees": {"earned": "2022-04", "pay_on": date(2022, 5, 31), "account": "main"},
            "invoices": {
                "due_until": date(2022, 6, 10),
                "pay_on": date(2022, 5, 30),
                "account": "main",
            },
            "source": [],
        }
    )


def table(kind: str, rows: list[Mapping[str, Any]]) -> pd.DataFrame:
    """A source frame from short rows: fields by name, amounts in cents, absent = missing."""
    records = []
    for number, row in enumerate(rows, 2):
        record: dict[str, Any] = {"source": f"{kind}.csv!csv!R{number}"}
        for item in FIELDS[kind]:
            value = row.get(item.name)
            if item.type == "day":
                record[item.column] = pd.Timestamp(value) if value else pd.NaT
            elif item.column in table_schema(kind).columns and item.type in (
                "money",
                "ratio",
                "count",
                "hours",
            ):
                record[item.column] = value or 0
            else:
                record[item.column] = bool(value) if item.type == "flag" else (value or "")
            if item.given_column:
                record[item.given_column] = value is not None
        records.append(record)
    return table_schema(kind).from_rows(records)


def tables(**kinds: list[Mapping[str, Any]]) -> SourceTables:
    """Tables with those kinds, all other kinds empty."""
    frames = {kind: table(kind, rows) for kind, rows in kinds.items()}
    empty = no_tables()
    return replace(empty, frames={**empty.frames, **frames})


def paid(lines: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Cents per (payee, payment group)."""
    sums: dict[tuple[str, str], int] = {}
    columns = (lines[name].tolist() for name in ("payee_id", "payment_group", "amount_cents"))
    for payee, group, cents in zip(*columns, strict=True):
        sums[payee, group] = sums.get((payee, group), 0) + cents
    return sums


def rules(findings: list[Any]) -> list[tuple[str, str]]:
    """(rule id, payee) of findings, sorted."""
    return sorted((item.rule_id, item.subject_id) for item in findings)
