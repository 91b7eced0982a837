"""Salaries and bonuses against slow_month, which takes one person at a time, to the cent."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from payroll.model.tables import SourceTables
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild.random_staff import (
    maximum,
    random_adjustments,
    random_joiner,
    random_person,
)
from tests.unit.rebuild.slow_month import RECURRING, SlowPay, half_up, seizable, slow_pay
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, tables_of

Rows = list[dict[str, Any]]
PAY_DAY = date(2022, 5, 31)


@dataclass(frozen=True, slots=True)
class May:
    """One person's May in cents: lines by component (the gross together), and what they rest on."""

    lines: dict[str, int]
    components: list[tuple[str, int]]
    worked: list[Fraction]
    pay: SlowPay
    net_before: int  # before third-party deductions and one-off net amounts
    seized: int
    typed: int

    @property
    def net(self) -> int:
        return sum(self.lines.values())


def last_day(person: Person, rows: Rows) -> date | None:
    gone = [row for row in rows if row["kind"] == "leaver"]
    return (gone[0]["to"] or gone[0]["from"]) if gone else person.left


def paid_days(person: Person, rows: Rows, length: int = 30) -> list[Fraction]:
    """Thirty thirtieths of May, or its 31 days: the working time of each, 0 when not paid."""
    days = [Fraction(person.fte if person.in_staff else 10**6, 10**6)] * length
    changes = sorted(
        (row for row in rows if row["kind"] == "fte_change"), key=lambda row: row["from"]
    )
    for row in changes:
        for index in range(min(row["from"].day, length), length + 1):
            days[index - 1] = Fraction(row["value"])
    if person.hired > date(2022, 5, 1):
        start = min(person.hired.day, length) - 1
        days[:start] = [Fraction(0)] * start
    last = last_day(person, rows)
    if last is not None and last < PAY_DAY:
        end = 0 if last < date(2022, 5, 1) else min(last.day, length)
        days[end:] = [Fraction(0)] * (length - end)
    for row in rows:
        if row["kind"] == "unpaid_absence":
            first, until = max(row["from"], date(2022, 5, 1)), min(row["to"], PAY_DAY)
            whole = (first, until) == (date(2022, 5, 1), PAY_DAY)
            stop = length if whole else min(until.day, length)
            for index in range(min(first.day, length), stop + 1):
                days[index - 1] = Fraction(0)
    return days


def typed(rows: Rows, kind: str) -> int:
    return sum(half_up(Fraction(row["value"]) * 100) for row in rows if row["kind"] == kind)


def slow_may(person: Person, rows: Rows) -> May | None:
    """None for somebody who left before the month."""
    last = last_day(person, rows)
    if last is not None and last < date(2022, 5, 1):
        return None
    days = paid_days(person, rows)
    if person.in_register:
        known = Fraction(person.fte if person.in_staff else 10**6, 10**6)
        share = sum(days) / (30 * known)
        components = [
            (code, half_up(cents * share)) for code, cents in person.components if code in RECURRING
        ]
    else:
        components = [("1000", half_up(person.monthly * sum(days) / 30))]
    components.append(("one_off_gross", typed(rows, "one_off_gross")))
    worked = paid_days(person, rows, 31)
    pay = slow_pay(person.status, person.family, components, worked, "2022-05")
    gross = sum(cents for _, cents in components)
    if person.in_staff:
        net = pay.net
        if person.in_register and gross:
            net += person.net_before - person.april.net
    else:
        net = half_up(Fraction(person.net_before * gross, person.gross))
    seized = garnishment_of_may(person, net) if person.in_staff else person.garnishment
    asked = typed_garnishment(person, rows, net)
    seized = asked or seized  # what is typed stands in the place of the register's
    lines = {
        "gross": gross,
        "net before": net - gross,
        "other_deductions": -deducted(person, net),
        "garnishment": -seized,
        "one_off_net": typed(rows, "one_off_net"),
    }
    return May(lines, components, worked, pay, net, seized, asked)


def deducted(person: Person, net: int) -> int:
    """Law of 12 April 1965, art. 23: other deductions take no more than a fifth of the net."""
    return min(person.other_deductions, max(net, 0) // 5)


def typed_garnishment(person: Person, rows: list[Any], net: int) -> int:
    """What was typed, within what the law leaves to be seized."""
    asked = typed(rows, "garnishment")
    free = max(net - deducted(person, net), 0)
    room = seizable(free, person.family.children, PAY_DAY)
    return min(asked, max(room, 0)) if person.in_staff else 0


def garnishment_of_may(person: Person, net: int) -> int:
    """The maximum stays the maximum, an instalment stays within it, maintenance stays."""
    known = person.garnishment
    if not known or known > maximum(person):
        return known
    new = seizable(net - deducted(person, net), person.family.children, PAY_DAY)
    return new if known == maximum(person) else min(known, new)


def found_lines(lines: pd.DataFrame, number: str) -> dict[str, int]:
    """The lines of one person by component, in the groups of May.lines."""
    names = ("gross", "net before", "other_deductions", "garnishment", "one_off_net")
    groups = dict.fromkeys(names, 0)
    own = lines[lines["payee_id"] == number]
    steps = {*SlowPay.__slots__, "residual", "deductions_estimated"}
    for component, cents in zip(own["component"], own["amount_cents"].tolist(), strict=True):
        gross = "net before" if component in steps else "gross"
        groups[component if component in groups else gross] += cents
    return groups


def sample(seed: int, count: int) -> tuple[list[Person], dict[str, Rows]]:
    rng = random.Random(seed)  # noqa: S311 - sample data
    people = [random_person(rng, number) for number in range(count)]
    people += [random_joiner(rng, number) for number in range(count, count + count // 10)]
    return people, {person.number: random_adjustments(rng, person) for person in people}


def all_rows(rows: dict[str, Rows]) -> Iterable[dict[str, Any]]:
    return [row for some in rows.values() for row in some]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_salaries_agree_with_the_reference_to_the_cent(seed: int) -> None:
    people, rows = sample(seed, 400)
    result = rebuild_salaries(RebuildInput(tables_of(people, list(all_rows(rows))), ORDER, BOOK))
    expected = {person.number: slow_may(person, rows[person.number]) for person in people}
    for number, may in expected.items():
        wanted = may.lines if may else dict.fromkeys(found_lines(result.lines, number), 0)
        assert found_lines(result.lines, number) == wanted, number
    after = result.changes.set_index("payee_id")["net_after_cents"]
    assert after.to_dict() == {key: may.net if may else 0 for key, may in expected.items()}
    assert set(result.lines["payee_id"]) <= set(result.targets["payee_id"])


def test_each_step_of_the_law_is_a_line_of_its_own() -> None:
    people, rows = sample(5, 300)
    result = rebuild_salaries(RebuildInput(tables_of(people, list(all_rows(rows))), ORDER, BOOK))
    by_law = {item.number: slow_may(item, rows[item.number]) for item in people if item.in_staff}
    expected = {
        (number, step, cents)
        for number, may in by_law.items()
        if may
        for step, cents in may.pay.signed.items()
        if cents
    }
    lines = result.lines[result.lines["payee_id"].isin(by_law)]
    steps = lines[lines["component"].isin(SlowPay.__slots__)]
    columns = ["payee_id", "component", "amount_cents"]
    assert set(steps[columns].itertuples(index=False, name=None)) == expected
    assert steps["rule_id"].str.startswith("step:").all()
    assert (lines.loc[lines["component"] == "residual", "rule_id"] == "rebuild:residual").all()


# --- bonuses -----------------------------------------------------------------------------------


def gross_of_hours(person: Person, rows: list[tuple[str, str, int]]) -> int:
    weekend = Fraction("1.1155")
    euro_an_hour = {"NUIT": Fraction("2.0079"), "SAM": weekend, "DIM": weekend}
    gross = 0
    for _, code, hundredths in rows:
        hours = Fraction(hundredths, 100)
        if code == "EVE":
            gross += half_up(Fraction(person.monthly) * 12 / 1976 * hours * 20 / 100)
        else:
            gross += half_up(euro_an_hour[code] * Fraction("1.8476") * 100 * hours)
    return gross


def slow_bonus(person: Person, rows: Rows, hours: list[tuple[str, str, int]]) -> int:
    """May's pay with the bonus less May's pay without it, and what a garnishment takes of that."""
    gross = gross_of_hours(person, hours)
    if not person.in_staff:
        return half_up(Fraction(gross * person.net_before, person.gross))
    may = slow_may(person, rows)
    components, worked = (may.components, may.worked) if may else ([], [Fraction(0)] * 31)
    status, family = person.status, person.family
    both = [*components, ("bonus_gross", gross)]
    with_bonus = slow_pay(status, family, both, worked, "2022-05")
    without = slow_pay(status, family, components, worked, "2022-05")
    more = with_bonus.net - without.net
    if may and not may.typed and 0 < person.garnishment <= maximum(person):
        of_all = may.net_before - deducted(person, may.net_before) + more
        taken = max(seizable(of_all, family.children, PAY_DAY) - may.seized, 0)
        at_most = person.garnishment == maximum(person)
        more -= taken if at_most else min(taken, person.garnishment - may.seized)
    return more


def test_bonuses_agree_with_the_reference_to_the_cent() -> None:
    people, rows = sample(7, 400)
    rng = random.Random(8)  # noqa: S311 - sample data
    people = [item for item in people if item.in_staff]  # 20 % evenings need the scale salary
    hours = [
        (person.number, rng.choice(["NUIT", "EVE", "SAM", "DIM"]), rng.randrange(25, 12_000))
        for person in people
        for _ in range(rng.randrange(1, 4))
    ]
    tables = tables_of(people, list(all_rows(rows)), hours)
    found = rebuild_bonuses(RebuildInput(tables, ORDER, BOOK))
    lines, targets = found.lines, found.targets
    expected = {
        person.number: slow_bonus(
            person, rows[person.number], [row for row in hours if row[0] == person.number]
        )
        for person in people
    }
    assert lines.groupby("payee_id")["amount_cents"].sum().to_dict() == expected
    assert not found.findings
    assert not len(found.to_settle)
    assert targets["payee_id"].tolist() == sorted(expected)
    taken = lines[lines["component"] == "garnishment"]
    assert len(taken) > 10
    assert (taken["amount_cents"] < 0).all()
    ids = set(lines["line_id"])
    assert all(set(text.split()) <= ids for text in lines["parents"])


def test_the_order_of_the_rows_changes_nothing() -> None:
    people, rows = sample(11, 60)
    tables = tables_of(people, list(all_rows(rows)))
    first = rebuild_salaries(RebuildInput(tables, ORDER, BOOK))
    turned = {
        kind: frame.iloc[::-1].reset_index(drop=True) for kind, frame in tables.frames.items()
    }
    second = rebuild_salaries(RebuildInput(SourceTables(turned), ORDER, BOOK))
    pd.testing.assert_frame_equal(first.lines, second.lines)
