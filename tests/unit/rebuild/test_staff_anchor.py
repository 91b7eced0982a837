"""An unchanged person gets the known net and what the law itself changed, named; nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.model.order import payrun_model
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild.random_staff import random_person
from tests.unit.rebuild.slow_month import RECURRING, STEPS, slow_pay
from tests.unit.rebuild.staff_samples import WITHOUT_INDEX, Person, tables_of

SPECIAL = " ".join(
    f"change:special_contribution_{name}@2022-04-01"
    for name in ("individual", "one_income", "two_incomes", "minimum_two_incomes")
)
#: What the steps of the tax take in is the work bonus.
BONUS_STEPS = ("work_bonus", "withholding", "fiscal_work_bonus")
APRIL = dict.fromkeys(BONUS_STEPS, "change:work_bonus@2022-04-01")
#: Known month, this month: tokens of each step that the law changed between them.
CHANGES: dict[tuple[str, str], dict[str, str]] = {
    ("2022-02", "2022-03"): {},
    ("2022-03", "2022-04"): {**APRIL, "special_contribution": SPECIAL},
    ("2022-04", "2022-05"): dict.fromkeys(BONUS_STEPS, "change:work_bonus@2022-05-01"),
    ("2022-05", "2022-06"): {},
    ("2022-06", "2022-07"): {},
}
LAST_DAY = {"02": 28, "03": 31, "04": 30, "05": 31, "06": 30, "07": 31}


def steady(rng: random.Random, number: int) -> Person:
    """Somebody with recurring pay only, who stays; the register holds the known month's net."""
    person = random_person(rng, number)
    kept = tuple(item for item in person.components if item[0] in RECURRING)
    person = replace(person, components=kept, left=None, garnishment=0)
    return replace(person, garnishment=rng.choice([0, 0, 12_345]))


def rebuilt(people: list[Person], known: str, period: str) -> StaffResult:
    pay_on = date(2022, int(period[5:]), LAST_DAY[period[5:]])
    order = payrun_model().model_validate(
        {
            "period": period,
            "last_known": known,
            "source": [],
            "salaries": {"pay_on": pay_on, "account": "main"},
        }
    )
    return rebuild_salaries(RebuildInput(tables_of(people, known=known), order, WITHOUT_INDEX))


@pytest.mark.parametrize(("months", "changes"), CHANGES.items())
def test_an_unchanged_person_gets_what_the_law_changed_and_no_more(
    months: tuple[str, str], changes: dict[str, str]
) -> None:
    rng = random.Random(21)  # noqa: S311 - sample data
    people = [steady(rng, number) for number in range(300)]
    result = rebuilt(people, *months)
    after = result.changes.set_index("payee_id")["net_after_cents"]
    seized = result.lines[result.lines["component"] == "garnishment"]
    seized = seized.groupby("payee_id")["amount_cents"].sum()
    moved_steps = set()
    for person in people:
        worked = Fraction(person.fte, 10**6)
        before, now = (
            slow_pay(person.status, person.family, person.components, worked, month)
            for month in months
        )
        own = -int(seized.get(person.number, 0))
        by_law = now.net - before.net if person.in_staff else 0
        expected = person.net_before - person.other_deductions - own + by_law
        assert after[person.number] == expected, person
        if not person.in_staff or (not changes and person.fte == 10**6):
            assert after[person.number] == person.net  # part time: the month's hours move it
        lines = result.lines[result.lines["payee_id"] == person.number]
        rules = dict(zip(lines["component"], lines["rule_id"], strict=True))
        for step in STEPS:
            moved = person.in_staff and getattr(now, step) != getattr(before, step)
            tokens = set(rules.get(step, "").split()) - {f"step:{step}"}
            named = changes.get(step, "") if moved and step in rules else ""
            assert tokens == set(named.split()), (person, step)
            moved_steps |= {step} if moved else set()
    # the hours of the month move the bonus of who works part time, whatever the law
    assert set(changes) <= moved_steps <= {*changes, *BONUS_STEPS}


@settings(derandomize=True, deadline=None, max_examples=6)
@given(st.integers(0, 10**6), st.integers(0, 60_000), st.integers(0, 60_000))
def test_a_higher_deduction_never_leaves_more(seed: int, one: int, other: int) -> None:
    """Other deductions come first; a garnishment at the maximum gives way, but never by more."""
    rng = random.Random(seed)  # noqa: S311 - sample data
    people = [steady(rng, number) for number in range(20)]
    less, more = (
        rebuilt([replace(item, other_deductions=cents) for item in people], "2022-04", "2022-05")
        for cents in sorted((one, other))
    )
    assert (more.changes["net_after_cents"] <= less.changes["net_after_cents"]).all()
    harder = [replace(item, garnishment=item.garnishment + one) for item in people]
    seized = rebuilt(harder, "2022-04", "2022-05")
    base = rebuilt(people, "2022-04", "2022-05")
    assert (seized.changes["net_after_cents"] <= base.changes["net_after_cents"]).all()
