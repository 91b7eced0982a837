"""People of the reference calculator as the engine's columns; the project's rule book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from payroll.gross_to_net.columns import CALCULATION_INPUT, FULL_DAY, TAX_STATUS
from payroll.gross_to_net.engine import PAY, gross_to_net
from payroll.model.law import Law
from payroll.model.period import Period
from payroll.rulebook.book import load_rulebook
from payroll.store import load_rule_files, rules_folder
from tests.reference.gross_to_net import Pay, Person

BOOK = load_rulebook(load_rule_files(rules_folder()))
HOUSEHOLD = (
    "children",
    "disabled_children",
    "disabled",
    "single_parent",
    "other_dependants",
    "spouse_disabled",
    "spouse_low_income",
    "spouse_low_pension",
    "dependants_65",
)


def law_of(month: str, paid: date | None = None) -> Law:
    """The law of pay earned in a month and paid on its last day, or on another one."""
    period = Period.parse(month)
    return BOOK.law(period.first_day, paid or period.last_day)


def whole_parts(person: Person) -> Person:
    """The same person with work days that the engine's integers can hold."""
    if person.work_days is None:
        return person
    return replace(person, work_days=Fraction(round(person.work_days * FULL_DAY), FULL_DAY))


def to_cents(amount: Decimal) -> int:
    """Euro in cents; anything finer is a mistake of the test."""
    cents = int(amount * 100)
    assert cents == amount * 100
    return cents


def columns_of(people: Sequence[Person], month: str = "2022-05") -> pd.DataFrame:
    """CALCULATION_INPUT of these people in a month."""
    days = len(Period.parse(month).working_days)
    values: dict[str, list[int | bool]] = {
        "gross_cents": [to_cents(item.gross + item.taxable_extra) for item in people],
        "nsso_cents": [to_cents(item.gross) for item in people],
        "pension_cents": [
            to_cents(item.gross if item.pension_base is None else item.pension_base)
            for item in people
        ],
        "exceptional_cents": [to_cents(item.exceptional) for item in people],
        "month_days": [days] * len(people),
        "work_days": [
            int((days if item.work_days is None else item.work_days) * FULL_DAY) for item in people
        ],
        "part_time": [item.part_time for item in people],
        "statutory": [item.status == "statutory" for item in people],
        "tax_status": [TAX_STATUS[item.tax_status] for item in people],
        **{name: [getattr(item, name) for item in people] for name in HOUSEHOLD},
    }
    dtypes = CALCULATION_INPUT.columns
    return pd.DataFrame({name: pd.Series(values[name], dtype=dtypes[name]) for name in dtypes})


def pay_columns(people: Sequence[Person], pays: Sequence[Pay]) -> pd.DataFrame:
    """PAY as the reference has it, in cents."""
    wanted = {"personal_contribution": "contribution"}
    columns = {
        name: [to_cents(getattr(pay, wanted.get(name[:-6], name[:-6]))) for pay in pays]
        for name in PAY.columns
        if name != "gross_cents"
    }
    columns["gross_cents"] = [
        to_cents(item.gross + item.taxable_extra + item.exceptional) for item in people
    ]
    return pd.DataFrame(columns, dtype="int64")[list(PAY.columns)]


def pay_of(people: Sequence[Person], month: str, paid: date | None = None) -> pd.DataFrame:
    """What the engine makes of these people."""
    return gross_to_net(columns_of(people, month), law_of(month, paid))
