"""Gross to net: what must hold for everybody, and the reference calculator on 100,000 people."""

from __future__ import annotations

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
from payroll.gross_to_net.columns import FULL_MONTH, TAX_STATUS, Trail, TrailItem, calculation_input
from payroll.gross_to_net.engine import PAY, gross_to_net, run_step, trails
from payroll.model.law import Law
from payroll.model.money import Rounding
from payroll.model.net_steps import NET_STEPS
from tests.columns import BOOK, columns_of, law_of, pay_columns, pay_of, to_cents, whole_parts
from tests.reference.gross_to_net import (
    Person,
    exceptional,
    special_contribution,
    special_contribution_quarter,
)
from tests.reference.gross_to_net import gross_to_net as reference
from tests.reference.random_people import random_people

MONTHS = ("2021-03", "2022-01", "2022-04", "2022-05", "2026-05")
CENTS = st.integers(0, 1_500_000)
once = settings(derandomize=True, deadline=None, max_examples=100)
few = settings(derandomize=True, deadline=None, max_examples=25)


@cache
def people_of_seed(seed: int, count: int) -> tuple[Person, ...]:
    """Invented people with pay, whose working time the engine can hold."""
    return tuple(whole_parts(person) for person in random_people(count, seed))


@cache
def frame_of_seed(seed: int, count: int = 1_500) -> pd.DataFrame:
    return columns_of(people_of_seed(seed, count))


def in_force(month: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Whom the figures of the month serve: from 2023 on no disability nor other dependants."""
    if month < "2023":
        return frame
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
    for person in people_of_seed(int(month[:4] + month[5:]), 20_000):
        try:
            pays.append(reference(person, month))
            people.append(person)
        except LookupError:
            assert month == "2026-05"
    assert len(people) > 10_000
    pd.testing.assert_frame_equal(pay_of(people, month), pay_columns(people, pays))


@pytest.mark.parametrize("month", ["2021-12", "2022-05", "2026-05"])
def test_exceptional_allowances_are_the_reference(month: str) -> None:
    """Contractual staff, whose contribution the reference knows; children in 2022 only."""
    everybody = [item for item in people_of_seed(31, 6_000) if item.status == "contractual"]
    people = [replace(item, taxable_extra=Decimal(0)) for item in everybody]
    if month != "2022-05":
        people = [item for item in people if not item.children]
    frame = in_force(month, columns_of(people))
    chosen = in_force(month, columns_of(people).assign(row=range(len(people))))["row"]
    rng = np.random.default_rng(3)
    allowance = rng.integers(1, 600_000, len(frame))
    without = gross_to_net(frame, law_of(month))
    pay = gross_to_net(frame.assign(exceptional_cents=allowance), law_of(month))
    tax, own = (pay[name] - without[name] for name in ("withholding_cents", PAY_OWN))
    for row, cents, found, due, social in zip(
        chosen, allowance.tolist(), tax, pay["special_contribution_cents"], own, strict=True
    ):
        person, extra = people[row], Decimal(cents) / 100
        alone = reference(person, month)
        annual = 12 * (person.gross - alone.contribution)
        children = person.children + person.disabled_children
        more = exceptional(extra, annual, month, "other", children)
        assert (found, social) == (to_cents(more.withholding), to_cents(more.nsso))
        low = person.spouse_low_income and not person.spouse_low_pension
        family = "married_one_income" if low else person.tax_status
        assert due == to_cents(special_contribution(person.gross + extra, family, month))


PAY_OWN = "personal_contribution_cents"


def test_the_quarter_is_the_reference() -> None:
    rng = np.random.default_rng(5)
    wages = rng.integers(0, 1_000_000, (3_000, 3))
    statuses = rng.integers(0, 3, 3_000)
    names = list(TAX_STATUS)
    expected, withheld = [], []
    for row, code in zip(wages.tolist(), statuses.tolist(), strict=True):
        euro = [Decimal(cents) / 100 for cents in row]
        taken = [special_contribution(wage, names[code], "2022-04") for wage in euro[:2]]
        withheld.append(sum(map(to_cents, taken)))
        due = special_contribution_quarter(euro, taken, names[code], "2022-06")
        expected.append(to_cents(due))
    law = law_of("2022-06").step("special_contribution_quarter")
    found = run_step(law, Trail(), wages.sum(axis=1), np.array(withheld, np.int64), statuses)
    assert found.tolist() == expected


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
            Decimal("3100.00"),
            tax_status=status,
            children=children,
            **dict(zip(flags, (bool(code >> bit & 1) for bit in range(5)), strict=True)),
        )
        for status in TAX_STATUS
        for children in (0, 1)
        for code in range(32)
    ]
    expected = pay_columns(people, [reference(person, "2022-05") for person in people])
    pd.testing.assert_frame_equal(pay_of(people, "2022-05"), expected)


@once
@given(CENTS, st.integers(1, FULL_MONTH), st.sampled_from(sorted(TAX_STATUS)), st.booleans())
def test_any_wage_and_working_time_is_the_reference(
    cents: int, worked: int, status: str, statutory: bool
) -> None:
    person = Person(
        "statutory" if statutory else "contractual",
        Decimal(cents) / 100,
        working_time=Fraction(worked, FULL_MONTH),
        tax_status=status,
    )
    for month in ("2022-04", "2025-05"):
        expected = pay_columns([person], [reference(person, month)])
        assert pay_of([person], month)[list(PAY.columns)].equals(expected)
