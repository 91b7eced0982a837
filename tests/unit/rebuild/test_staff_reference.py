"""Salaries and bonuses against a slow reference that takes one person at a time, to the cent."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from staff_samples import BOOK, ORDER, Person, adjustment, tables_of

from payroll.model.tables import SourceTables
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.salaries import rebuild_salaries

RECURRING = {"1000", "1010", "1100", "1200", "4000"}


def half_up(value: Fraction) -> int:
    magnitude = int(abs(value) + Fraction(1, 2))
    return magnitude if value >= 0 else -magnitude


def paid_days(person: Person, rows: list[dict[str, Any]]) -> list[Fraction]:
    """Thirty thirtieths of May: the working time of each, 0 when not paid."""
    days = [Fraction(person.fte, 10**6)] * 30
    changes = sorted(
        (row for row in rows if row["kind"] == "fte_change"), key=lambda row: row["from"]
    )
    for row in changes:
        for index in range(min(row["from"].day, 30), 31):
            days[index - 1] = Fraction(row["value"])
    last = person.left
    for row in rows:
        if row["kind"] == "leaver":
            last = row["to"] or row["from"]
    if last is not None and last < date(2022, 5, 31):
        end = 0 if last < date(2022, 5, 1) else min(last.day, 30)
        days[end:] = [Fraction(0)] * (30 - end)
    for row in rows:
        if row["kind"] == "unpaid_absence":
            first, until = max(row["from"], date(2022, 5, 1)), min(row["to"], date(2022, 5, 31))
            for index in range(min(first.day, 30), min(until.day, 30) + 1):
                days[index - 1] = Fraction(0)
    return days


def reference_net(person: Person, rows: list[dict[str, Any]]) -> int | None:
    """May's net in cents; None for somebody who left before the month."""
    days = paid_days(person, rows)
    gone = [row for row in rows if row["kind"] == "leaver"]
    last = (gone[0]["to"] or gone[0]["from"]) if gone else person.left
    if last is not None and last < date(2022, 5, 1):
        return None
    share = sum(days) / (30 * Fraction(person.fte, 10**6))
    gross = sum(half_up(cents * share) for code, cents in person.components if code in RECURRING)
    cents_of = dict.fromkeys(("one_off_gross", "one_off_net", "garnishment"), 0)
    for row in rows:
        if row["kind"] in cents_of:
            cents_of[row["kind"]] += half_up(Fraction(row["value"]) * 100)
    gross += cents_of["one_off_gross"]
    net = half_up(Fraction(person.net_before * gross, person.gross))
    net -= person.other_deductions + person.garnishment
    return net + cents_of["one_off_net"] - cents_of["garnishment"]


def random_person(rng: random.Random, number: int) -> Person:
    codes = ["1000", *rng.sample(["1010", "1100", "1200", "4000", "2000", "3000", "3100"], 3)]
    low, high = 150_000, 600_000
    components = [(code, rng.randrange(low, high) if code == "1000" else rng.randrange(1, 30_000))
                  for code in codes]  # fmt: skip
    left = rng.choice([None] * 8 + [date(2022, 4, 30), date(2022, 5, rng.randrange(1, 32))])
    return Person(
        number=f"{number:05d}", fte=rng.choice([10**6, 800_000, 750_000, 500_000]),
        components=tuple(components), left=left,
        garnishment=rng.choice([0, 0, 12_345]), other_deductions=rng.choice([0, 1_250]),
        work_bonus=rng.choice([0, 0, 4_711]),
    )  # fmt: skip


def random_adjustments(rng: random.Random, person: Person) -> list[dict[str, Any]]:
    rows = []
    if rng.random() < 0.2:
        new = rng.choice(["0.4", "0.6", "0.9"])
        rows.append(adjustment(person, "fte_change", new, date(2022, 5, rng.randrange(1, 32))))
    if rng.random() < 0.1:
        rows.append(adjustment(person, "fte_change", "0.55", date(2022, 5, rng.randrange(1, 32))))
    if rng.random() < 0.2:
        first = rng.randrange(1, 25)
        span = date(2022, 5, first), date(2022, 5, first + rng.randrange(0, 6))
        rows.append(adjustment(person, "unpaid_absence", "", *span))
    if person.left is None and rng.random() < 0.1:
        rows.append(adjustment(person, "leaver", "", date(2022, 5, rng.randrange(1, 31))))
    for kind, value in (("one_off_gross", "120.55"), ("one_off_net", "45.5"),
                        ("garnishment", "150.00")):  # fmt: skip
        if rng.random() < 0.15:
            rows.append(adjustment(person, kind, value, date(2022, 5, 1)))
    dates = [row["from"] for row in rows if row["kind"] == "fte_change"]
    return rows if len(set(dates)) == len(dates) else rows[1:]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_salaries_agree_with_the_reference_to_the_cent(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - sample data
    people = [random_person(rng, number) for number in range(500)]
    rows = {person.number: random_adjustments(rng, person) for person in people}
    tables = tables_of(people, [row for some in rows.values() for row in some])
    result = rebuild_salaries(tables, ORDER, BOOK)
    found = result.lines.groupby("payee_id")["amount_cents"].sum().to_dict()
    expected = {person.number: reference_net(person, rows[person.number]) for person in people}
    assert {key: found.get(key) for key in expected if expected[key] or key in found} == {
        key: value for key, value in expected.items() if value or key in found
    }
    after = result.changes.set_index("payee_id")["net_after_cents"]
    assert after.to_dict() == {key: value or 0 for key, value in expected.items()}
    assert set(result.lines["payee_id"]) <= set(result.targets["payee_id"])


def reference_bonus(person: Person, rows: list[tuple[str, str, int]]) -> int:
    weekend = Fraction("1.1155")
    euro_an_hour = {"NUIT": Fraction("2.0079"), "SAM": weekend, "DIM": weekend}
    gross = 0
    for _, code, hundredths in rows:
        hours = Fraction(hundredths, 100)
        if code == "EVE":
            gross += half_up(Fraction(person.monthly) * 12 / 1976 * hours * 20 / 100)
        else:
            gross += half_up(euro_an_hour[code] * Fraction("1.8476") * 100 * hours)
    return half_up(Fraction(gross * person.net_before, person.gross))


def test_bonuses_agree_with_the_reference_to_the_cent() -> None:
    rng = random.Random(7)  # noqa: S311 - sample data
    people = [random_person(rng, number) for number in range(300)]
    hours = [
        (person.number, rng.choice(["NUIT", "EVE", "SAM", "DIM"]), rng.randrange(25, 1_200))
        for person in people
        for _ in range(rng.randrange(1, 4))
    ]
    tables = tables_of(people, [], hours)
    ratios = rebuild_salaries(tables, ORDER, BOOK).ratios
    lines, targets, waiting, findings = rebuild_bonuses(tables, ORDER, BOOK, ratios)
    found = lines.groupby("payee_id")["amount_cents"].sum()
    expected = {
        person.number: reference_bonus(person, [row for row in hours if row[0] == person.number])
        for person in people
    }
    assert found.to_dict() == expected
    assert not len(findings)
    assert not len(waiting)
    assert targets["payee_id"].tolist() == sorted(expected)
    ids = set(lines["line_id"])
    parents = lines.loc[lines["component"] == "bonus_deductions_estimated", "parents"]
    assert all(set(text.split()) <= ids for text in parents)


def test_the_order_of_the_rows_changes_nothing() -> None:
    rng = random.Random(11)  # noqa: S311 - sample data
    people = [random_person(rng, number) for number in range(60)]
    rows = [row for person in people for row in random_adjustments(rng, person)]
    first = rebuild_salaries(tables_of(people, rows), ORDER, BOOK)
    tables = tables_of(people, rows)
    turned = {
        kind: frame.iloc[::-1].reset_index(drop=True) for kind, frame in tables.frames.items()
    }
    second = rebuild_salaries(SourceTables(turned), ORDER, BOOK)
    pd.testing.assert_frame_equal(first.lines, second.lines)
