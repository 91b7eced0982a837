"""The back-test finds what was put into the known month, and names the group behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from payroll.model.backtest import STEPS, Backtest, no_backtest
from payroll.model.tables import SourceTables
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.reference import gross_to_net as reference
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, tables_of


def paid(
    number: int,
    *,
    gross: int,
    status: str = "contractual",
    allowance: int = 0,
    more: int = 0,
    category: str = "",
) -> tuple[Person, dict[str, Any]]:
    """A person whose register follows the reference, but for a local allowance that bears no
    social security and for withholding above the scale; and their row of the employees list.
    """
    wage = Decimal(gross) / 100
    pay = reference.gross_to_net(
        reference.Person(status=status, gross=wage, taxable_extra=Decimal(allowance) / 100),
        "2022-04",
    )
    cents = {
        name: int(getattr(pay, name) * 100)
        for name in (
            "contribution",
            "work_bonus",
            "taxable",
            "withholding",
            "fiscal_work_bonus",
            "special_contribution",
            "net",
        )
    }
    components = (("1000", gross), *((("4000", allowance),) if allowance else ()))
    columns = {
        "personal_contributions_cents": cents["contribution"],
        "work_bonus_cents": cents["work_bonus"],
        "taxable_cents": cents["taxable"],
        "withholding_cents": cents["withholding"] + more,
        "fiscal_work_bonus_cents": cents["fiscal_work_bonus"],
        "special_contribution_cents": cents["special_contribution"],
        "net_cents": cents["net"] - more,
    }
    person = Person(
        number=f"{number:05d}", components=components, monthly=gross, extra=tuple(columns.items())
    )
    return person, {"status": status, "category": category, "tax_status": "single"}


def backtested(people: list[tuple[Person, dict[str, Any]]]) -> Backtest:
    tables = tables_of([person for person, _ in people])
    staff = tables["employees"].assign(
        **{name: [row[name] for _, row in people] for name in people[0][1]}
    )
    staff = staff.astype({"status": "str", "category": "str", "tax_status": "str"})
    frames = {**tables.frames, "employees": staff}
    return rebuild_salaries(RebuildInput(SourceTables(frames), ORDER, BOOK)).backtest


def plain(count: int, start: int = 0) -> list[tuple[Person, dict[str, Any]]]:
    return [
        paid(
            start + number,
            gross=210_000 + 1_357 * number,
            status="statutory" if number % 3 == 0 else "contractual",
        )
        for number in range(count)
    ]


def test_a_register_by_the_law_comes_out_to_the_cent() -> None:
    found = backtested(plain(40))
    assert found.headline() == {
        "compared": 40,
        "not_compared": 0,
        "all_steps_to_the_cent": 40,
        "net_to_the_cent": 40,
        "net_within_one_euro": 40,
        "largest_difference_cents": 0,
    }
    assert found.causes == ()
    assert found.worst().empty
    assert found.distribution()[0] == (0, 40)
    assert sum(count for _, count in found.distribution()) == 40


def test_an_allowance_free_of_contributions_is_named_with_its_rate_per_status() -> None:
    people = plain(40) + [
        paid(
            100 + number,
            gross=300_000 + number,
            allowance=30_000 + 1_000 * number,
            status="statutory" if number < 4 else "contractual",
        )
        for number in range(10)
    ]
    causes = backtested(people).causes
    assert [
        (
            cause.step,
            cause.kind,
            cause.value,
            cause.status,
            cause.people,
            cause.members,
            cause.percent,
        )
        for cause in causes
    ] == [
        ("personal_contribution", "component", "local_allowance", "contractual", 6, 6, 1307),
        ("personal_contribution", "component", "local_allowance", "statutory", 4, 4, 355),
    ]


def test_a_component_behind_the_differences_of_one_status_is_named() -> None:
    """A register whose allowance bears social security: statutory people who have it differ."""
    statutory = [
        paid(100 + number, gross=300_000 + 977 * number, allowance=20_000, status="statutory")
        for number in range(5)
    ]
    contractual = [paid(200 + number, gross=310_000 + 977 * number) for number in range(15)]
    others = [
        (replace(person, components=(("1000", person.gross - 20_000), ("1010", 20_000))), row)
        for person, row in contractual
    ]
    others = [(replace(person, monthly=person.gross - 20_000), row) for person, row in others]
    flagged = []
    for person, row in statutory:
        gross = dict(person.components)["1000"]
        pay = reference.gross_to_net(
            reference.Person(status="statutory", gross=Decimal(gross + 20_000) / 100), "2022-04"
        )
        columns = dict(person.extra)
        columns |= {
            "personal_contributions_cents": int(pay.contribution * 100),
            "taxable_cents": int(pay.taxable * 100),
            "withholding_cents": int(pay.withholding * 100),
            "special_contribution_cents": int(pay.special_contribution * 100),
            "net_cents": int(pay.net * 100),
        }
        components = (("1000", gross), ("1010", 20_000))
        flagged.append((replace(person, components=components, extra=tuple(columns.items())), row))
    (cause,) = backtested(plain(40) + others + flagged).causes
    assert (
        cause.step,
        cause.kind,
        cause.value,
        cause.status,
        cause.people,
        cause.members,
        cause.percent,
    ) == ("personal_contribution", "component", "household_allowance", "statutory", 5, 5, -1105)


def test_a_group_and_an_amount_without_group_are_told_apart() -> None:
    managers = [
        paid(200 + number, gross=450_000 + number, more=-1_200, category="Cadre")
        for number in range(8)
    ]
    agreed = [
        paid(300 + 7 * number, gross=280_000 + 991 * number, more=5_000) for number in range(5)
    ]
    causes = backtested(plain(60) + managers + agreed).causes
    assert [
        (cause.step, cause.kind, cause.value, cause.people, cause.typical_cents) for cause in causes
    ] == [
        ("withholding", "category", "Cadre", 8, 1_200),
        ("withholding", "same_amount", "", 5, -5_000),
    ]


def more_withheld(
    people: list[tuple[Person, dict[str, Any]]], more: Callable[[int, int], int]
) -> list[tuple[Person, dict[str, Any]]]:
    """The same people, each withheld `more(position, withholding)` above the scale."""
    changed = []
    for number, (person, row) in enumerate(people):
        columns = dict(person.extra)
        extra = more(number, columns["withholding_cents"])
        columns["withholding_cents"] += extra
        columns["net_cents"] -= extra
        changed.append((replace(person, extra=tuple(columns.items())), row))
    return changed


def test_everybody_off_by_a_percentage_is_one_cause_with_its_percentage() -> None:
    people = more_withheld(plain(40), lambda _, cents: cents // 50)
    (cause,) = backtested(people).causes
    assert (cause.step, cause.kind, cause.people, cause.percent) == (
        "withholding",
        "everybody",
        40,
        -200,
    )
    assert cause.low_cents < cause.high_cents < 0


def test_cents_here_and_there_are_rounding() -> None:
    people = more_withheld(plain(40), lambda number, _: (-1, 0, 1, 0, 0)[number % 5])
    (cause,) = backtested(people).causes
    assert (cause.step, cause.kind, cause.people, cause.low_cents, cause.high_cents) == (
        "withholding",
        "rounding",
        16,
        -1,
        1,
    )


def test_the_rate_of_a_site_is_told_as_a_share_of_the_step() -> None:
    people = plain(60)
    people = [
        (person, {**row, "category": "Garde" if number % 6 == 0 else "Jour"})
        for number, (person, row) in enumerate(people)
    ]
    people = more_withheld(people, lambda number, cents: 0 if number % 6 else cents // 20)
    (cause,) = backtested(people).causes
    assert (cause.kind, cause.value, cause.people, cause.percent) == ("category", "Garde", 10, -500)


def test_a_contract_that_differs_hides_no_later_difference() -> None:
    """The scale salary is compared with the contract; what follows starts from the gross paid."""
    people = more_withheld(plain(40), lambda number, _: 700 if number < 4 else 0)
    people = [
        (replace(person, monthly=person.monthly + 100), row) if number < 4 else (person, row)
        for number, (person, row) in enumerate(people)
    ]
    causes = backtested(people).causes
    assert {(cause.step, cause.typical_cents) for cause in causes} == {
        ("base_salary", 100),
        ("withholding", -700),
    }


def test_one_person_alone_is_no_cause_but_the_worst() -> None:
    found = backtested([*plain(30), paid(900, gross=310_000, more=26_712)])
    assert found.causes == ()
    worst = found.worst()
    assert worst["payee_id"].tolist() == ["00900"]
    assert worst["difference_cents"].tolist() == [26_712]
    assert found.distribution()[-1] == (-1, 1)


def test_the_contract_is_set_beside_the_scale_salary_paid() -> None:
    person, row = paid(1, gross=300_000)
    found = backtested([(replace(person, monthly=310_000), row), *plain(9, 10)])
    steps = {step: int(found.difference(step)[0]) for step in STEPS}
    assert steps == {**dict.fromkeys(STEPS, 0), "base_salary": 10_000}


def test_who_is_not_on_the_list_is_counted_not_compared() -> None:
    people = [*plain(5), (replace(paid(50, gross=300_000)[0], in_staff=False), {})]
    tables = tables_of([person for person, _ in people])
    found = rebuild_salaries(RebuildInput(tables, ORDER, BOOK)).backtest
    assert (len(found.rows), found.not_compared) == (5, 1)
    assert no_backtest().headline()["compared"] == 0


@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(4, 5)])
def test_a_part_time_month_is_rebuilt_with_its_share(share: Fraction) -> None:
    gross = int(240_000 * share)
    pay = reference.gross_to_net(
        reference.Person(
            status="contractual", gross=Decimal(gross) / 100, work_days=21 * share, part_time=True
        ),
        "2022-04",
    )
    person = Person(
        number="00001",
        components=(("1000", gross),),
        monthly=240_000,
        fte=int(share * 10**6),
        extra=(("work_bonus_cents", int(pay.work_bonus * 100)), ("net_cents", 1)),
    )
    tables = tables_of([person])
    staff = tables["employees"].assign(tax_status=pd.Series(["single"], dtype="str"))
    found = rebuild_salaries(
        RebuildInput(SourceTables({**tables.frames, "employees": staff}), ORDER, BOOK)
    ).backtest
    assert int(found.difference("work_bonus")[0]) == 0
    assert int(found.rows["net_rebuilt_cents"].iloc[0]) == int(pay.net * 100)
