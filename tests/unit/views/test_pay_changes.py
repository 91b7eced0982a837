"""Whose pay differs between two rebuilds: amounts, holds, totals, order."""

from __future__ import annotations

import pandas as pd

from payroll.model.frames import PAYMENTS, RECEIVABLES
from payroll.views.pay_changes import newly_held, no_longer_held, pay_changes, stream_totals

Payment = tuple[str, str, int, str]


def payments(*rows: Payment) -> pd.DataFrame:
    empty = dict.fromkeys(PAYMENTS.columns, "")
    return PAYMENTS.from_rows(
        {
            **empty,
            "payment_id": f"P{number}",
            "stream": stream,
            "payee_id": payee,
            "amount_cents": cents,
            "status": status,
            "legal_nature": "final",
        }
        for number, (stream, payee, cents, status) in enumerate(rows)
    )


def owed(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return RECEIVABLES.from_rows(
        {
            "stream": stream,
            "payee_id": payee,
            "payment_group": "",
            "amount_cents": cents,
            "source": "",
        }
        for stream, payee, cents in rows
    )


OLD = (
    payments(
        ("salaries", "A", 100, "pay"),
        ("salaries", "B", 200, "pay"),
        ("salaries", "C", 300, "held"),
        ("salaries", "D", 400, "pay"),
        ("invoices", "S", 50, "pay"),
        ("invoices", "S", 60, "held"),
        ("bonuses", "A", 10, "pay"),
    ),
    owed(("invoices", "T", -70)),
)
NEW = (
    payments(
        ("salaries", "A", 100, "pay"),
        ("salaries", "B", 150, "pay"),
        ("salaries", "C", 300, "pay"),
        ("salaries", "D", 400, "held"),
        ("salaries", "E", 500, "pay"),
        ("invoices", "S", 50, "pay"),
        ("invoices", "S", 61, "held"),
    ),
    owed(("invoices", "T", -70), ("bonuses", "A", -5)),
)


def test_only_differences_the_largest_first() -> None:
    rows = pay_changes(OLD, NEW)
    assert rows.values.tolist() == [
        ["salaries", "E", 0, 500, 500, "", "pay"],
        ["salaries", "B", 200, 150, -50, "pay", "pay"],
        ["bonuses", "A", 10, -5, -15, "pay", ""],
        ["invoices", "S", 110, 111, 1, "held", "held"],
        ["salaries", "C", 300, 300, 0, "held", "pay"],
        ["salaries", "D", 400, 400, 0, "pay", "held"],
    ]
    assert newly_held(rows)["payee_id"].tolist() == ["D"]
    assert no_longer_held(rows)["payee_id"].tolist() == ["C"]


def test_totals_are_of_everybody_and_differ_by_the_rows() -> None:
    totals = stream_totals(OLD, NEW)
    assert list(totals) == ["salaries", "bonuses", "invoices"]
    assert totals["salaries"] == {
        "old_cents": 1000,
        "new_cents": 1450,
        "old_held_cents": 300,
        "new_held_cents": 400,
    }
    assert totals["invoices"]["old_cents"] == 40
    gap = sum(item["new_cents"] - item["old_cents"] for item in totals.values())
    assert gap == pay_changes(OLD, NEW)["difference_cents"].sum()


def test_nothing_differs() -> None:
    assert pay_changes(OLD, OLD).empty
    nobody = (payments(), owed())
    assert pay_changes(nobody, nobody).empty
    assert stream_totals(nobody, nobody) == {}
    assert len(pay_changes(nobody, OLD)) == 7
