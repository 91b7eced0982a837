"""Invented staff for the comparison of the rebuild with slow_month: everything that can happen."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

from tests.unit.rebuild.slow_month import Family, seizable
from tests.unit.rebuild.staff_samples import Person, adjustment

APRIL_END = date(2022, 4, 30)


def random_family(rng: random.Random) -> Family:
    status = rng.choice(("single", "single", "married_one_income", "married_two_incomes"))
    children = rng.choice((0, 0, 0, 1, 2, 3, 5, 9))
    return Family(
        tax_status=status,
        children=children,
        disabled_children=rng.randint(0, children) if rng.random() < 0.2 else 0,
        disabled=rng.random() < 0.1,
        single_parent=status == "single" and children > 0 and rng.random() < 0.7,
        other_dependants=rng.choice((0, 0, 0, 0, 1)),
        spouse_disabled=status == "married_one_income" and rng.random() < 0.1,
    )


def random_person(rng: random.Random, number: int) -> Person:
    """Somebody of the April register; a few are not on the employees list."""
    statutory = rng.random() < 0.3
    codes = ["1010", "1100", "1200", "4000", "2000", "3100", *([] if statutory else ["3000"])]
    components = [("1000", rng.randrange(100_000, 600_000))]
    components += [(code, rng.randrange(1, 30_000)) for code in rng.sample(codes, 3)]
    on_staff = rng.random() < 0.95
    left = rng.choice([None] * 8 + [APRIL_END, date(2022, 5, rng.randrange(1, 32))])
    person = Person(
        number=f"{number:05d}",
        fte=rng.choice([10**6, 800_000, 750_000, 500_000]),
        components=tuple(components),
        left=left if on_staff else None,
        status="statutory" if statutory else "contractual",
        family=random_family(rng),
        monthly=rng.randrange(200_000, 500_000),
        in_staff=on_staff,
        unexplained=rng.choice([0, 0, 0, 1, -350, 12_345]),
        other_deductions=rng.choice([0, 0, 1_250]),
    )
    return replace(person, garnishment=garnished(person, rng.choice(["no"] * 3 + [*KINDS])))


#: The legal maximum, a fixed instalment below it, a maintenance debt above it.
KINDS = ("maximum", "instalment", "maintenance")


def maximum(person: Person) -> int:
    """What ordinary debts may have taken in April, other deductions first."""
    net = person.net_before - person.other_deductions
    return seizable(net, person.family.children, APRIL_END)


def garnished(person: Person, kind: str) -> int:
    most = maximum(person)
    return {"no": 0, "maximum": most, "instalment": most // 2, "maintenance": most + 8_000}[kind]


def random_joiner(rng: random.Random, number: int) -> Person:
    """Somebody who starts in May, announced or not."""
    return Person(
        number=f"{number:05d}",
        fte=rng.choice([10**6, 800_000, 500_000]),
        in_register=False,
        status=rng.choice(("contractual", "contractual", "statutory")),
        family=random_family(rng),
        monthly=rng.randrange(180_000, 500_000),
        hired=date(2022, 5, rng.randrange(1, 32)),
    )


def random_adjustments(rng: random.Random, person: Person) -> list[dict[str, Any]]:
    rows = []
    if person.in_staff and rng.random() < 0.2:
        new = rng.choice(["0.4", "0.6", "0.9"])
        rows.append(adjustment(person, "fte_change", new, date(2022, 5, rng.randrange(1, 32))))
    if person.in_staff and rng.random() < 0.1:
        rows.append(adjustment(person, "fte_change", "0.55", date(2022, 5, rng.randrange(1, 32))))
    if rng.random() < 0.05:
        rows.append(adjustment(person, "unpaid_absence", "", date(2022, 5, 1), date(2022, 5, 31)))
    elif rng.random() < 0.2:
        first = rng.randrange(1, 25)
        span = date(2022, 5, first), date(2022, 5, first + rng.randrange(0, 6))
        rows.append(adjustment(person, "unpaid_absence", "", *span))
    if person.left is None and person.in_register and rng.random() < 0.1:
        rows.append(adjustment(person, "leaver", "", date(2022, 5, rng.randrange(1, 31))))
    for kind, value in (
        ("one_off_gross", "120.55"),
        ("one_off_net", "45.5"),
        ("garnishment", "150.00"),
    ):
        if rng.random() < 0.15:
            rows.append(adjustment(person, kind, value, date(2022, 5, 1)))
    dates = [row["from"] for row in rows if row["kind"] == "fte_change"]
    return rows if len(set(dates)) == len(dates) else rows[1:]
