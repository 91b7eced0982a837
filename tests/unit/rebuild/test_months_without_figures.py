"""A month for which the rule book has no figures still pays people, by estimate, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from payroll.model.order import PayrunOrder, payrun_model
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild.staff_samples import BOOK, WITHOUT_INDEX, Person, adjustment, tables_of

CONTRACTUAL = Person(number="1")
STATUTORY = Person(number="2", status="statutory")


def order_of(period: str, last_known: str, pay_on: date) -> PayrunOrder:
    pay = {"pay_on": pay_on, "account": "main"}
    return payrun_model().model_validate(
        {"period": period, "last_known": last_known, "salaries": pay, "source": []}
    )


@pytest.mark.parametrize(
    ("period", "last_known", "pay_on"),
    [
        ("2023-06", "2023-05", date(2023, 6, 30)),  # no work bonus in either month
        ("2023-01", "2022-12", date(2023, 1, 31)),  # known month with figures, this one without
    ],
)
def test_nobody_computed_is_everybody_estimated(period: str, last_known: str, pay_on: date) -> None:
    other = replace(CONTRACTUAL, number="3")
    half = adjustment(other, "fte_change", "0,5", date.fromisoformat(f"{period}-01"))
    tables = tables_of([CONTRACTUAL, other], [half], known=last_known)
    result = rebuild_salaries(
        RebuildInput(tables, order_of(period, last_known, pay_on), WITHOUT_INDEX)
    )
    lines = result.lines
    net = lines.groupby("payee_id")["amount_cents"].sum()
    assert net["1"] == CONTRACTUAL.net
    assert abs(net["3"] * 2 - other.net) <= 1
    assert set(lines.loc[lines["payee_id"] == "1", "basis"]) == {"known"}
    assert "estimated" in set(lines.loc[lines["payee_id"] == "3", "basis"])
    assert "REB-038" in {item.rule_id for item in result.findings}
    assert result.backtest.not_compared == 2


def test_who_has_all_figures_is_computed_beside_who_has_not() -> None:
    order = order_of("2023-06", "2023-05", date(2023, 6, 30))
    tables = tables_of([CONTRACTUAL, STATUTORY], known="2023-05")
    result = rebuild_salaries(RebuildInput(tables, order, BOOK))
    rules = result.lines.groupby("payee_id")["rule_id"].agg(" ".join)
    assert "step:withholding" in rules["2"]
    assert "step:" not in rules["1"]
    assert len(result.backtest.rows) == 1
