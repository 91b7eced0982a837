"""Gross to net: what must hold for everybody, and the reference calculator on drawn people.

REFERENCE_PEOPLE=100000 asks it of so many in each month, instead of a few thousand.
"""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.gross_to_net import engine
from payroll.gross_to_net.columns import FULL_DAY, TAX_STATUS, Trail, TrailItem, calculation_input
from payroll.gross_to_net.engine import PAY, gross_to_net, run_step, trails
from payroll.model.law import Law
from payroll.model.money import Rounding
from payroll.model.net_steps import NET_STEPS
from tests.columns import BOOK, columns_of, law_of, pay_columns, pay_of, to_cents, whole_parts
from tests.reference import figures
from tests.reference.figures import euros
from tests.reference.gross_to_net import (
    Person,
    exceptional,
    exemption_limit,
    holiday_net,
    quarter_settlement,
    special_contribution,
)
from tests.reference.gross_to_net import gross_to_net as reference
from tests.reference.random_people import random_people

#: How many people are drawn for each comparison with the reference.
DRAWN = int(os.environ.get("REFERENCE_PEOPLE", "5000"))
MONTHS = ("2022-03", "2022-05", "2022-06", "2022-12", "2023-01")
CENTS = st.integers(0, 1_500_000)
once = settings(derandomize=True, deadline=None, max_examples=100)
few = settings(derandomize=True, deadline=None, max_examples=25)


@cache
def people_of_seed(seed: int, count: int) -> tuple[Person, ...]:
    """Invented people with pay, whose working time the engine can hold."""
    return tuple(whole_parts(person) for person in random_people(count, seed))


@cache
def frame_of_seed(seed: int, count: int = 1_500) -> pd.DataFrame:
    """Nobody has an exceptional allowance."""
    return columns_of(
        [replace(item, exceptional=Decimal(0)) for item in people_of_seed(seed, count)]
    )


def in_force(month: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Whom the figures of the month serve: from 2023 on no disability nor other dependants, in 2023
    statutory people without children alone.
    """
    if month < "2023":
        return frame
    if month < "2024":
        frame = frame[frame["statutory"] & (frame["children"] == 0)]
    rare = [
        "disabled",
        "single_parent",
        "other_dependants",
        "spouse_disabled",
        "spouse_low_income",
        "spouse_low_pension",
        "dependants_65",
    ]
    return frame[~frame[rare].astype(bool).any(axis=1)].reset_index(drop=True)


# --- the reference -----------------------------------------------------------------------------


@pytest.mark.parametrize("month", MONTHS)
def test_the_engine_is_the_reference(month: str) -> None:
    people, pays = [], []
    for person in people_of_seed(int(month[:4] + month[5:]), DRAWN):
        if month == "2023-01" and person.status == "contractual":
            continue  # the work bonus of 2023 is not known
        try:
            pays.append(reference(person, month))
            people.append(person)
        except LookupError:
            assert month == "2023-01"
    assert len(people) >= (DRAWN // 15 if month == "2023-01" else DRAWN)
    pd.testing.assert_frame_equal(pay_of(people, month), pay_columns(people, pays))


@pytest.mark.parametrize("month", ["2021-12", "2022-05", "2026-05"])
def test_exceptional_allowances_are_the_reference(month: str) -> None:
    """Of everybody; with children in 2022 only, when their figures are known."""
    rng = np.random.default_rng(3)
    people = [
        replace(item, exceptional=Decimal(int(cents)) / 100)
        for item, cents in zip(
            people_of_seed(31, DRAWN), rng.integers(1, 600_000, DRAWN), strict=True
        )
        if month == "2022-05" or not item.children
    ]
    if month == "2026-05":
        served = in_force(month, columns_of(people, month).assign(row=range(len(people))))["row"]
        people = [people[row] for row in served]
    assert len(people) > DRAWN // 6
    expected = pay_columns(people, [reference(person, month) for person in people])
    pd.testing.assert_frame_equal(pay_of(people, month), expected)


PAY_OWN = "personal_contribution_cents"


@pytest.mark.parametrize("months", [("2022-01", "2022-03"), ("2022-04", "2022-06")])
def test_the_quarter_is_the_reference(months: tuple[str, str]) -> None:
    """Some months without a wage, some wages around each other, some far apart, some whose sum is a
    limit of the quarter, to the cent.
    """
    rng = np.random.default_rng(5)
    wages, near = rng.integers(0, 1_000_000, (DRAWN, 3)), DRAWN * 2 // 5
    wages[:near] = wages[:near, :1] + rng.integers(-60_000, 60_000, (near, 3))
    wages = np.maximum(wages, 0) * (rng.random((DRAWN, 3)) < 0.9)
    tables = (figures.SPECIAL_BEFORE_2022_04, figures.SPECIAL)
    limits = {band.quarter_upper for table in tables for bands in table.values() for band in bands}
    sums = [to_cents(limit) + more for limit in limits if limit.is_finite() for more in (-1, 0, 1)]
    sums = np.repeat(sums, len(TAX_STATUS) * 2)
    part = rng.integers(0, sums // 2)
    wages = np.concatenate([wages, np.column_stack([part, part, sums - 2 * part])])
    statuses = np.arange(len(wages)) % len(TAX_STATUS)
    names = list(TAX_STATUS)
    first, last = months
    expected, withheld = [], []
    for row, code in zip(wages.tolist(), statuses.tolist(), strict=True):
        euro = [Decimal(cents) / 100 for cents in row]
        taken = sum(special_contribution(wage, names[code], first) for wage in euro)
        withheld.append(to_cents(Decimal(taken)))
        expected.append(to_cents(quarter_settlement(euro, Decimal(taken), names[code], last)))
    law = law_of(last).step("special_contribution_quarter")
    columns = tuple(np.ascontiguousarray(wages[:, at]) for at in range(3))
    found = run_step(law, Trail(), columns, np.array(withheld, np.int64), statuses)
    assert found.tolist() == expected


@once
@given(st.integers(0, 1_500_000), st.sampled_from(sorted(TAX_STATUS)), st.sampled_from([3, 6]))
def test_a_constant_wage_settles_to_nothing(cents: int, status: str, last: int) -> None:
    law = law_of(f"2022-{last:02d}")
    wage, code = np.array([cents]), np.array([TAX_STATUS[status]])
    monthly = run_step(law.step("special_contribution"), Trail(), wage, code)
    settle = law.step("special_contribution_quarter")
    assert run_step(settle, Trail(), (wage,) * 3, 3 * monthly, code).tolist() == [0]


@pytest.mark.parametrize("month", ["2022-05", "2022-06"])
def test_holiday_pay_is_the_reference(month: str) -> None:
    people = [replace(item, exceptional=Decimal(0)) for item in people_of_seed(41, DRAWN)]
    frame = columns_of(people, month)
    gross = np.random.default_rng(9).integers(0, 500_000, len(people))
    found = engine.holiday_pay(frame, gross, law_of(month))
    pay = gross_to_net(frame, law_of(month))
    assert (pay == gross_to_net(frame, law_of(month))).all(axis=None)
    for person, cents, row, own in zip(
        people, gross.tolist(), found.itertuples(index=False), pay[PAY_OWN].tolist(), strict=True
    ):
        children = person.children + person.disabled_children
        ordinary = person.gross + person.taxable_extra
        said = holiday_net(Decimal(cents) / 100, ordinary, Decimal(own) / 100, month, children)
        assert tuple(row)[1:] == tuple(map(to_cents, said))


@pytest.mark.parametrize("children", range(1, 14))
def test_the_child_rules_of_holiday_pay_at_their_limits(children: int) -> None:
    """Amounts that twelve equal months cannot come to are tried too."""
    limits = (exemption_limit(children, 2022), figures.RATE_CUTS[2022][min(children, 5) - 1][1])
    step = law_of("2022-05").step("holiday_pay_withholding")
    for annual in (limit + more for limit in limits for more in euros("-0.01 0 0.01")):
        for gross in euros("0.01 1000.00 9000.00"):
            said = exceptional(gross, annual, "2022-05", "holiday", children)
            given = (said.taxable, annual, Decimal(children) / 100)
            columns = (np.array([to_cents(item)], dtype=np.int64) for item in given)
            assert run_step(step, Trail(), *columns).tolist() == [to_cents(said.withholding)]


# --- what must hold ----------------------------------------------------------------------------


@pytest.mark.parametrize("month", MONTHS)
def test_gross_less_the_steps_is_the_net(month: str) -> None:
    frame = in_force(month, frame_of_seed(1))
    extra = np.arange(len(frame), dtype=np.int64) * 97 % 5_000
    if month == "2022-05":
        frame = frame.assign(exceptional_cents=extra)
    pay = gross_to_net(frame, law_of(month))
    steps = sum(step.sign * pay[step.cents] for step in NET_STEPS)
    assert (pay["gross_cents"] == frame["gross_cents"] + frame["exceptional_cents"]).all()
    assert (pay["net_cents"] == pay["gross_cents"] + steps).all()
    assert (pay.drop(columns="net_cents") >= 0).all(axis=None)
    assert (pay["work_bonus_cents"] <= pay["personal_contribution_cents"]).all()
    assert (pay["fiscal_work_bonus_cents"] <= pay["withholding_cents"]).all()
    assert (pay["work_bonus_cents"][frame["statutory"]] == 0).all()


@pytest.mark.parametrize("month", MONTHS)
def test_a_further_child_never_lowers_the_net(month: str) -> None:
    frame = in_force(month, frame_of_seed(2))
    law = law_of(month)
    net = gross_to_net(frame, law)["net_cents"]
    for disabled in (0, 1):
        more = frame.assign(
            children=frame["children"] + 1, disabled_children=frame["disabled_children"] + disabled
        )
        if month > "2023":
            continue  # no figures of children
        with_child = gross_to_net(more, law)["net_cents"]
        assert (with_child >= net).all()
        assert (with_child > net).any()


@pytest.mark.parametrize("status", TAX_STATUS)
def test_withholding_rises_with_the_multiple_of_15_and_only_with_it(status: str) -> None:
    law = law_of("2022-05").step("withholding")
    taxable = np.arange(0, 1_500_000, 1_500, dtype=np.int64)
    people = calculation_input(columns_of([Person("statutory", Decimal(0), tax_status=status)]))
    one = {name: np.repeat(column, len(taxable)) for name, column in people.columns.items()}
    everybody = replace(people, columns=one, count=len(taxable))
    at_the_step = run_step(law, Trail(), everybody, taxable)
    assert (np.diff(at_the_step) >= 0).all()
    assert at_the_step[-1] > 600_000
    for more in (1, 750, 1_499):
        assert (run_step(law, Trail(), everybody, taxable + more) == at_the_step).all()


@pytest.mark.parametrize("status", TAX_STATUS)
def test_withholding_rises_with_every_cent_since_2023(status: str) -> None:
    law = law_of("2026-05").step("withholding")
    taxable = np.arange(0, 900_000, dtype=np.int64)
    people = calculation_input(columns_of([Person("statutory", Decimal(0), tax_status=status)]))
    one = {name: np.repeat(column, len(taxable)) for name, column in people.columns.items()}
    found = run_step(law, Trail(), replace(people, columns=one, count=len(taxable)), taxable)
    rises = np.diff(found)
    assert (rises >= 0).all()
    assert rises.max() == 1


def with_percent(figure: str, percent: Fraction) -> Law:
    parameter = BOOK.parameters[figure]
    values = tuple(item.model_copy(update={"value": percent}) for item in parameter.values)
    changed = parameter.model_copy(update={"values": values})
    book = replace(BOOK, parameters={**BOOK.parameters, figure: changed})
    month = law_of("2022-05")
    return book.law(month.earning_day, month.payment_day)


@few
@given(st.integers(0, 1_500), st.integers(0, 1_500))
def test_a_higher_contribution_never_raises_the_net_but_by_one_step_of_15(a: int, b: int) -> None:
    """Statutory staff: no work bonus. 15 euro of taxable pay less is at most 8.03 less tax."""
    frame = frame_of_seed(3)
    frame = frame[frame["statutory"]].reset_index(drop=True)
    low, high = (
        gross_to_net(
            frame, with_percent("contribution_statutory_pension_percent", Fraction(rate, 100))
        )
        for rate in sorted((a, b))
    )
    assert (high[PAY_OWN] >= low[PAY_OWN]).all()
    same_step = high["taxable_cents"] // 1_500 == low["taxable_cents"] // 1_500
    more = high["net_cents"] - low["net_cents"]
    assert (more[same_step] == low[PAY_OWN][same_step] - high[PAY_OWN][same_step]).all()
    assert (more <= 803).all()


def test_a_garnishment_takes_of_a_further_cent_nothing_or_all_of_it() -> None:
    """So the paid net never falls when pay rises, nor rises when another deduction does."""
    law = law_of("2022-05").step("garnishment")
    net = np.arange(-500, 500_000, dtype=np.int64)
    for children in (0, 1, 4):
        seized = run_step(law, Trail(), net, np.full(len(net), children, dtype=np.int64))
        assert set(np.diff(seized).tolist()) == {0, 1}
        assert seized[0] == 0
        assert seized.max() <= max(0, net[-1] - 142_800 - 7_300 * children)


# --- the columns -------------------------------------------------------------------------------


@few
@given(st.randoms(use_true_random=False), st.integers(1, 400))
def test_order_and_splitting_change_nothing(chance: object, turn: int) -> None:
    frame = frame_of_seed(4, 400)
    law = law_of("2022-05")
    whole = gross_to_net(frame, law)
    rows = list(range(len(frame)))
    chance.shuffle(rows)  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "TURN", turn)
        shuffled = gross_to_net(frame.iloc[rows], law)
    pd.testing.assert_frame_equal(shuffled, whole.iloc[rows])
    parts = [gross_to_net(frame.iloc[rows[cut::3]], law) for cut in range(3)]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), whole)
    assert gross_to_net(frame.iloc[:0], law).empty


#: Amounts that follow from others alone, by no figure of the rule book.
ARITHMETIC = (
    "daily_wage",
    "hourly_wage",
    "reference_wage",
    "work_bonus_part",
    "work_bonus_low_part",
    "work_bonus_very_low_part",
    "annual_taxable",
    "withholding_month",
    "withholding",
    "reductions_year",
    "exceptional_normal_annual",
)


def rounded(item: TrailItem, row: int) -> int:
    """An item's amount from its base and rate, in fractions; a bonus that falls ends at nothing,
    and who worked no part of the month has no reference wage but the wage itself.
    """
    raw, denominator = item.raw or (np.zeros(1), 1)
    below = denominator if isinstance(denominator, int) else int(denominator[row])
    if not below:
        return int(item.amount[row])
    exact = Fraction(int(raw[row]), below)
    if item.start is not None and exact < 0:
        return 0
    return int(exact + Fraction(1, 2)) if item.rounding is Rounding.HALF_UP else int(exact)


@pytest.mark.parametrize("month", ["2022-05", "2026-05"])
def test_a_trail_ends_in_the_amounts_of_the_calculation(month: str) -> None:
    frame = in_force(month, frame_of_seed(6))
    if month == "2022-05":
        extra = np.arange(len(frame), dtype=np.int64) % 3 * 40_000
        frame = frame.assign(exceptional_cents=extra)
    pay = gross_to_net(frame, law_of(month))
    ends = {
        PAY_OWN: ("contribution_",),
        "work_bonus_cents": (
            "work_bonus_granted",
            "work_bonus_low_granted",
            "work_bonus_very_low_granted",
        ),
        "withholding_cents": ("withholding", "exceptional_withholding"),
        "special_contribution_cents": ("special_contribution",),
    }
    found = trails(calculation_input(frame), law_of(month))
    assert sorted(np.concatenate([rows for rows, _ in found])) == list(range(len(frame)))
    for rows, items in found:
        for column, names in ends.items():
            own = [
                item.amount
                for item in items
                if item.item in names or (column == PAY_OWN and item.item.startswith(names))
            ]
            assert (sum(own) == pay[column].to_numpy()[rows]).all(), column
        last = {item.item: item.amount for item in items}
        assert (last["fiscal_work_bonus"] == pay["fiscal_work_bonus_cents"].to_numpy()[rows]).all()
        for item in (item for item in items if item.raw is not None):
            assert [rounded(item, row) for row in range(20)] == item.amount[:20].tolist()
            assert item.figure or item.item in ARITHMETIC, item.item
        assert all(len(item.amount) == len(rows) for item in items)


def test_contradictory_household_flags_are_the_reference() -> None:
    """A lone parent without a child, a married one, a spouse of a single person, both pensions."""
    flags = (
        "disabled",
        "single_parent",
        "spouse_disabled",
        "spouse_low_income",
        "spouse_low_pension",
    )
    people = [
        Person(
            "contractual",
            gross,
            tax_status=status,
            children=children,
            **dict(zip(flags, (bool(code >> bit & 1) for bit in range(5)), strict=True)),
        )
        for gross in euros("1500.00 3100.00")
        for status in TAX_STATUS
        for children in (0, 1)
        for code in range(32)
    ]
    expected = pay_columns(people, [reference(person, "2022-05") for person in people])
    pd.testing.assert_frame_equal(pay_of(people, "2022-05"), expected)


@once
@given(
    CENTS,
    st.integers(0, 21 * FULL_DAY),
    st.sampled_from(sorted(TAX_STATUS)),
    st.booleans(),
    st.booleans(),
)
def test_any_wage_and_working_time_is_the_reference(
    cents: int, worked: int, status: str, statutory: bool, part_time: bool
) -> None:
    days = Fraction(worked, FULL_DAY)
    person = Person(
        "statutory" if statutory else "contractual",
        Decimal(cents) / 100,
        work_days=days if part_time else Fraction(int(days)),
        part_time=part_time,
        tax_status=status,
    )
    for month in ("2022-04", "2025-05"):
        expected = pay_columns([person], [reference(person, month)])
        assert pay_of([person], month)[list(PAY.columns)].equals(expected)
