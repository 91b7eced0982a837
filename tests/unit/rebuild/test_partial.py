"""A known month that was not whole: rebuilt by the contract, or held; told with both amounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from payroll.rebuild.lines import line_sums
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.components import EstimationPolicy
from tests.reference.gross_to_net import Person as Reference
from tests.reference.gross_to_net import gross_to_net
from tests.unit.rebuild import test_months_without_figures as unknown_months
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, adjustment, tables_of
from tests.unit.rebuild.test_index import order_of
from tests.unit.rebuild.test_recurring import amounts, change, held, ids

#: April: 20 of 30 days.
ANN = Person(number="00001", components=(("1000", 200_000), ("1010", 4_000)), unexplained=5_000)
WHOLE = {"base_salary": 300_000, "household_allowance": 6_000}
APRIL_11, MAY_1, MAY_16 = date(2022, 4, 11), date(2022, 5, 1), date(2022, 5, 16)
HELD_BY_CHOICE = replace(
    BOOK,
    policies={
        **BOOK.policies,
        "partial_month_by_contract": BOOK.policies["partial_month_by_contract"].model_copy(
            update={
                "values": [
                    item.model_copy(update={"method": "hold"})
                    for item in BOOK.policies["partial_month_by_contract"].values
                ]
            }
        ),
    },
)


def month(
    person: Person,
    rows: Sequence[Mapping[str, Any]] = (),
    period: str = "2022-05",
    book: Any = BOOK,
) -> StaffResult:
    order = ORDER if period == "2022-05" else order_of(period, "2022-04")
    found = rebuild_salaries(RebuildInput(tables_of([person], rows), order, book))
    line_sums(found.lines)
    return found


def gross(result: StaffResult) -> dict[str, int]:
    return amounts(result, *WHOLE)


AWAY = {
    "hired": (replace(ANN, hired=APRIL_11), []),
    "return": (ANN, [adjustment(ANN, "return", "", APRIL_11)]),
    "back on the first": (ANN, [adjustment(ANN, "return", "", MAY_1)]),
    "sick": (ANN, [adjustment(ANN, "sick_unpaid", "", date(2022, 4, 21), date(2022, 4, 30))]),
    "sick by days": (ANN, [adjustment(ANN, "sick_unpaid", "10", date(2022, 4, 21))]),
    "off and back": (
        ANN,
        [
            adjustment(ANN, "unpaid_absence", "", date(2022, 4, 21), date(2022, 5, 31)),
            adjustment(ANN, "return", "", MAY_1),
        ],
    ),
}


@pytest.mark.parametrize("way", AWAY)
def test_who_was_there_for_a_part_of_the_known_month_is_rebuilt_by_the_contract(way: str) -> None:
    person, rows = AWAY[way]
    found = month(person, rows)
    assert gross(found) == WHOLE
    assert "residual" not in set(found.lines["component"])
    assert set(found.lines["legal_nature"]) == {"full_estimate"}
    told = held(found, "REB-058")
    assert [(item.observed, item.limit) for item in told] == [("3000.00", "2000.00")]
    assert "REB-024" not in ids(found)
    assert not {"REB-012", "REB-013"} & ids(found)
    base = found.lines[found.lines["component"] == "base_salary"].iloc[0]
    assert (base["basis"], base["quantity"], base["rate"]) == ("recomputed", "30/30", "")
    assert base["rule_id"].endswith("policy:partial_month_by_contract")
    assert base["source"].startswith("staff.xlsx!P!R2")
    assert "reason_partial_known_month" in found.changes["reasons"].iloc[0].split()
    assert found.to_settle["reason"].tolist() == ["reason_partial_known_month"]
    assert found.record["known_partial"].tolist() == [True]


def test_a_whole_month_stays_as_it_was_known() -> None:
    """Also of who was hired in it, or away, and yet was paid the whole; and of whom nothing says
    why less was paid.
    """
    whole = replace(ANN, components=(("1000", 300_000), ("1010", 6_000)))
    back = [adjustment(ANN, "return", "", APRIL_11)]
    for person, rows in ((whole, back), (replace(whole, hired=APRIL_11), []), (ANN, [])):
        found = month(person, rows)
        assert gross(found) == {
            code: cents for code, (_, cents) in zip(WHOLE, person.components, strict=True)
        }
        assert amounts(found, "residual") == {"residual": -5_000}
        assert "REB-058" not in ids(found)
    assert "REB-024" in ids(month(replace(whole, hired=APRIL_11)))


def test_absences_of_this_month_alone_say_nothing_of_the_known_one() -> None:
    rows = [adjustment(ANN, "sick_unpaid", "", MAY_1), adjustment(ANN, "return", "", MAY_16)]
    assert "REB-058" not in ids(month(ANN, rows))


def test_the_days_and_the_working_time_of_this_month_apply() -> None:
    half = replace(ANN, fte=500_000, components=(("1000", 100_000), ("1010", 2_000)))
    rows = [adjustment(ANN, "sick_unpaid", "", APRIL_11, date(2022, 5, 15))]
    found = month(half, rows)
    assert gross(found) == {"base_salary": 75_000, "household_allowance": 1_500}
    base = found.lines[found.lines["component"] == "base_salary"].iloc[0]
    assert (base["quantity"], base["rate"]) == ("15/30", "0.5")
    changed = month(half, [*rows[:0], *AWAY["return"][1], change("1000", "4000", MAY_16)])
    assert gross(changed) == {"base_salary": 75_000 + 100_000, "household_allowance": 3_000}


def test_who_was_away_all_of_the_known_month_gets_the_contract() -> None:
    person = replace(ANN, components=(("1100", 1_000),), unexplained=0)
    found = month(person, [adjustment(ANN, "return", "", MAY_1)])
    assert gross(found) == {"base_salary": 300_000}
    assert amounts(found, "function_supplement") == {"function_supplement": 1_000}


def test_an_index_raises_what_was_rebuilt() -> None:
    found = month(*AWAY["return"], period="2022-06")
    assert gross(found) == WHOLE
    assert amounts(found, "index_step") == {
        "index_step": 300_000 * 369 // 18_476 + 6_000 * 369 // 18_476
    }


def test_without_the_law_the_policy_s_share_of_the_gross_is_paid() -> None:
    rows = [adjustment(ANN, "return", "", date(2023, 5, 11))]
    order = unknown_months.order_of("2023-06", "2023-05", date(2023, 6, 30))
    found = rebuild_salaries(RebuildInput(tables_of([ANN], rows, known="2023-05"), order, BOOK))
    assert not found.calculation.computed.any()
    net = int(found.lines["amount_cents"].sum())
    assert net == 306_000 * 60 // 100
    assert "REB-022" not in {item.rule_id for item in found.findings}


def test_by_choice_of_the_employer_the_person_is_held() -> None:
    found = month(*AWAY["return"], book=HELD_BY_CHOICE)
    assert gross(found) == {"base_salary": 200_000, "household_allowance": 4_000}
    told = held(found, "REB-059")
    assert [(item.observed, item.limit) for item in told] == [("3000.00", "2000.00")]
    assert found.record["known_partial"].tolist() == [False]


@pytest.mark.parametrize(
    ("group", "method"), [("partial_known_month", "mean_of_months"), ("joiner", "hold")]
)
def test_the_methods_of_the_group(group: str, method: str) -> None:
    old = BOOK.policies["partial_month_by_contract"].model_dump(by_alias=True)
    values = [{**item, "method": method} for item in old["values"]]
    with pytest.raises(ValidationError, match="policy_partial"):
        EstimationPolicy.model_validate({**old, "group": group, "values": values})


@pytest.mark.parametrize(
    ("way", "thirtieths", "days"),
    [("hired", 20, 15), ("return", 20, 15), ("sick", 20, 14), ("sick by days", 20, 14)],
)
def test_the_known_month_is_tried_by_the_days_that_were_paid_in_it(
    way: str, thirtieths: int, days: int
) -> None:
    """Its scale salary by thirtieths, its work bonus by the working days of April."""
    person, rows = AWAY[way]
    person = replace(person, components=(("1000", 160_000),), monthly=240_000, unexplained=0)
    found = month(person, rows)
    assert found.people.frame["known_thirtieths"].tolist() == [thirtieths]
    assert found.backtest.difference("base_salary").tolist() == [0]
    law = gross_to_net(Reference("contractual", Decimal(1600), work_days=Fraction(days)), "2022-04")
    assert found.calculation.known_pay["work_bonus_cents"].tolist() == [int(law.work_bonus * 100)]
    assert law.work_bonus > 0
