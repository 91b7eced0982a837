"""The order of the net stands in payroll.model.net_steps, and every room agrees with it."""

from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import payroll
from payroll.gross_to_net.columns import calculation_input
from payroll.gross_to_net.engine import PAY, trails
from payroll.model.backtest import STEPS
from payroll.model.net_steps import AMOUNTS, NET_STEPS, register_net
from payroll.model.tables import table_schema
from payroll.texts import languages, text
from payroll.views.explain.steps import RESULTS
from tests.columns import BOOK, columns_of, law_of
from tests.reference.gross_to_net import Person

IDS = [step.id for step in NET_STEPS]
#: Who says what a step is made of, under its id: the engine's amounts and the items of its trail.
KEYED = {"gross_to_net/engine.py", "views/explain/steps.py", "model/net_steps.py"}
#: Invented rows of a register.
SAMPLES = {"templates/examples.py", "demo/april.py"}


def test_the_order_is_that_of_the_law() -> None:
    assert AMOUNTS == (
        "gross",
        "personal_contribution",
        "work_bonus",
        "taxable",
        "withholding",
        "fiscal_work_bonus",
        "special_contribution",
        "net",
    )
    for number, step in enumerate(NET_STEPS):
        assert set(step.takes_in) <= set(IDS[:number])


@pytest.mark.parametrize("month", ["2022-04", "2022-05", "2025-06"])
def test_the_engine_works_them_out_in_this_order(month: str) -> None:
    inputs = calculation_input(columns_of([Person("contractual", Decimal(2200))]))
    ((_, items),) = trails(inputs, law_of(month))
    found = list(dict.fromkeys(item.step for item in items))
    assert found == IDS


def test_every_room_has_the_same_amounts() -> None:
    assert list(PAY.columns) == [f"{name}_cents" for name in AMOUNTS]
    assert STEPS[1:] == AMOUNTS
    assert [name for name in BOOK.steps if name in IDS] == IDS
    assert [name for name in RESULTS if name in IDS] == IDS
    register = table_schema("register_totals").columns
    assert {step.register for step in NET_STEPS} <= set(register)


@pytest.mark.parametrize("language", languages())
def test_every_step_has_its_words(language: str) -> None:
    for step in NET_STEPS:
        assert text(f"wb_component_{step.id}", language)
    for name in AMOUNTS:
        assert text(f"bt_step_{name}", language)


def test_a_register_adds_up_by_the_signs() -> None:
    amounts = {"gross_cents": 300_000} | {
        step.register: 10**number for number, step in enumerate(NET_STEPS)
    }
    net = register_net(pd.DataFrame([amounts]))
    assert net.tolist() == [300_000 - 1 + 10 - 100 + 1_000 - 10_000]


def test_nobody_else_lists_the_steps() -> None:
    """No other module holds three of them in one tuple, list or mapping."""
    folder = Path(payroll.__file__).parent
    names = {*IDS, *(step.register for step in NET_STEPS), *(step.cents for step in NET_STEPS)}
    found = [
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if len(names & {item.value for item in _items(node) if isinstance(item, ast.Constant)}) > 2
    ]
    assert set(found) <= KEYED | SAMPLES


def _items(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Tuple | ast.List):
        return node.elts
    return [key for key in node.keys if key is not None] if isinstance(node, ast.Dict) else []
