"""Invoices that were released come back under other numbers of suppliers and of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from payroll.demo.vendors import Invoice
from payroll.record.run import Run
from tests.release_world import World, hospital

MAY, JULY = "2022-05", "2022-07"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "w", hospital(), streams=("invoices",))
    world.pay(MAY)
    return world


def renumber(world: World, to: str, **changes: str) -> None:
    """Every supplier under another number: `{}` stands for the one before."""
    made = world.made
    for at, supplier in enumerate(made.suppliers):
        new = to.format(supplier.number)
        made.suppliers[at] = replace(supplier, number=new, **changes)
        made.invoices[:] = [
            replace(item, supplier=new) if item.supplier == supplier.number else item
            for item in made.invoices
        ]


def paid(output: Run) -> list[str]:
    return output.payments.loc[output.payments["status"] == "pay", "payee_id"].tolist()


def told(output: Run) -> str:
    rows = output.findings
    return " ".join(rows.loc[rows["rule_id"].isin(["LED-006", "LED-007"]), "message"])


@pytest.mark.parametrize(
    ("supplier", "number", "month"),
    [
        ("{}", "n° {}", JULY),
        ("{}", "{}bis", MAY),
        ("{}", "{} ", JULY),
        ("X{}", "{}", JULY),
        ("X{}", "FA{}", MAY),
        ("{}bis", "{}0", MAY),
    ],
)
def test_no_invoice_is_paid_again(world: World, supplier: str, number: str, month: str) -> None:
    renumber(world, supplier)
    made = world.made
    made.invoices[:] = [replace(item, number=number.format(item.number)) for item in made.invoices]
    _, output = world.run(month)
    assert paid(output) == []
    if number != "{} ":  # a blank is no other number: it is told as released already
        assert "2022-05-" in told(output)  # the run that paid, by its name
        assert "A-100" in told(output)


@pytest.mark.parametrize(
    "change",
    [
        lambda item: replace(item, number=f"{item.number} bis", cents=item.cents + 1),
        lambda item: replace(item, number=f"Q{item.cents}"),
        lambda item: replace(item, number="-".join(reversed(item.number.split("-")))),
        lambda item: replace(item, number=item.number.split("-")[1]),
        lambda item: replace(item, number=item.number.replace("1", "I")),
        lambda item: replace(item, number=item.number.replace("1", "7", 1), day=date(2022, 4, 14)),
    ],
    ids=["bis and a cent", "new number", "parts", "last part", "look", "digit and day"],
)
def test_no_invoice_typed_otherwise_is_paid_again(
    world: World, change: Callable[[Invoice], Invoice]
) -> None:
    world.made.invoices[:] = [change(item) for item in world.made.invoices]
    _, output = world.run(JULY)
    assert paid(output) == []
    assert "2022-05-" in told(output)


def test_suppliers_in_lower_case_and_on_other_accounts_are_the_same(world: World) -> None:
    renumber(world, "{}", name="")
    for at, item in enumerate(hospital().suppliers):
        world.made.suppliers[at] = replace(item, number=item.number.lower(), name=item.name.upper())
    world.made.invoices[:] = [
        replace(item, supplier=item.supplier.lower()) for item in world.made.invoices
    ]
    _, output = world.run(MAY)
    assert paid(output) == []
    for at, item in enumerate(world.made.suppliers):
        world.made.suppliers[at] = replace(item, iban=world.made.register.iban(), name="Neuf")
    _, output = world.run(MAY)  # the enterprise number is left
    assert paid(output) == []


def test_the_invoice_of_the_next_month_is_paid(world: World) -> None:
    made = world.made
    may = made.invoices[0]
    made.invoices.append(replace(may, number="A-103", day=date(2022, 6, 12), due=date(2022, 6, 30)))
    _, output = world.run(JULY)
    assert paid(output) == ["F1001"]
