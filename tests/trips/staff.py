"""For every rule of rebuilding staff and their bonuses: the smallest month in which it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from payroll.model.findings import Finding
from payroll.model.tables import SourceTables
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild import test_bank_month as by_bank
from tests.unit.rebuild import test_deductions as deducting
from tests.unit.rebuild import test_index as index
from tests.unit.rebuild import test_months_without_figures as unknown_months
from tests.unit.rebuild import test_partial as partial
from tests.unit.rebuild import test_quarter as quarter
from tests.unit.rebuild import test_recurring as recurring
from tests.unit.rebuild import test_staff_net as nets
from tests.unit.rebuild.staff_samples import (
    BOOK,
    ORDER,
    OTHER_IBAN,
    Person,
    adjustment,
    table,
    tables_of,
)

ANN = Person(number="00001", components=(("1000", 300_000), ("1100", 10_000)))
BEN = Person(number="00002")
MAY_9 = date(2022, 5, 9)
HELD = adjustment(ANN, "one_off_gross", "10", MAY_9)
NEW_IBAN = "BE43068999999501"


def of(tables: SourceTables) -> list[Finding]:
    """What the salaries of these sources come to."""
    return rebuild_salaries(RebuildInput(tables, ORDER, BOOK)).findings


def salaries(*people: Person, **frames: pd.DataFrame) -> list[Finding]:
    return of(tables_of(people, [], **frames))


def adjusted(*row: Any, person: Person = ANN, more: Any = None, **texts: str) -> list[Finding]:
    """The month of somebody with one row of adjustments, or two."""
    rows = [adjustment(person, *one, **texts) for one in (row, more) if one]
    return of(tables_of([person], rows))


def hours(*rows: tuple[str, str, int], person: Person = ANN, **frames: Any) -> list[Finding]:
    tables = tables_of([person], [], rows)
    return rebuild_bonuses(
        RebuildInput(SourceTables({**tables.frames, **frames}), ORDER, BOOK)
    ).findings


def twice_in_the_register() -> list[Finding]:
    tables = tables_of([ANN])
    totals = pd.concat([tables["register_totals"]] * 2, ignore_index=True)
    return of(SourceTables({**tables.frames, "register_totals": totals}))


def lines_of(employee: str) -> pd.DataFrame:
    row = {"employee_id": employee, "period": "2022-04", "component": "1000", "source": "l!l!R3"}
    return table("register_lines", [{**row, "amount_cents": 310_000}])


def of_another_month() -> list[Finding]:
    tables = tables_of([ANN])
    march = tables["register_totals"].assign(period="2022-03")
    totals = pd.concat([tables["register_totals"], march], ignore_index=True)
    return of(SourceTables({**tables.frames, "register_totals": totals}))


def hours_of_march() -> list[Finding]:
    row = {"employee_id": "00001", "period": "2022-03", "premium_code": "NUIT", "source": "h!h!R2"}
    return hours(premium_hours=table("premium_hours", [{**row, "hours_hundredths": 100}]))


def without_lines() -> list[Finding]:
    return salaries(ANN, register_lines=table("register_lines", []))


def without_figures() -> list[Finding]:
    order = unknown_months.order_of("2023-06", "2023-05", date(2023, 6, 30))
    return rebuild_salaries(RebuildInput(tables_of([ANN], known="2023-05"), order, BOOK)).findings


def garnished(cents: int, *row: Any) -> list[Finding]:
    person = replace(nets.HIGH, garnishment=cents)
    return nets.changed(person, rows=[adjustment(person, *row)]).findings


def of_two_lists() -> list[Finding]:
    other = {"name": "Modèle", "iban": OTHER_IBAN, "source": "list.xlsx!L!R2"}
    suppliers = table("suppliers", [{**other, "supplier_id": "00001"}])
    return of(tables_of([ANN], [adjustment(ANN, "hold")], suppliers=suppliers))


TRIPS: Mapping[str, Callable[[], list[Finding]]] = {
    "REB-001": lambda: salaries(replace(ANN, components=(("1000", 300_000), ("9999", 5_000)))),
    "REB-003": lambda: salaries(replace(ANN, extra=(("gross_cents", 311_000),))),
    "REB-004": lambda: salaries(replace(ANN, extra=(("net_cents", 199_999),))),
    "REB-005": twice_in_the_register,
    "REB-006": lambda: of(tables_of([ANN], [adjustment("00099", "joiner", "", MAY_9)])),
    "REB-007": lambda: salaries(ANN, register_lines=lines_of("00077")),
    "REB-008": lambda: salaries(Person(number="4", hired=date(2015, 5, 1), in_register=False)),
    "REB-009": lambda: adjusted("hold", reason="Décès"),
    "REB-010": lambda: adjusted("hold"),
    "REB-011": lambda: of(tables_of([ANN], [adjustment("X9", "hold")])),
    "REB-012": lambda: adjusted("fte_change", "50", MAY_9),
    "REB-013": lambda: adjusted("fte_change", "0.5"),
    "REB-014": lambda: adjusted("joiner", "", date(2022, 5, 2)),
    "REB-020": lambda: salaries(Person(number="4", hired=date(2022, 5, 16), in_register=False)),
    "REB-021": lambda: salaries(ANN, BEN, register_lines=lines_of("00001")),
    "REB-022": lambda: adjusted(
        "one_off_gross", "100", date(2022, 5, 1), person=replace(ANN, components=(), in_staff=False)
    ),
    "REB-023": lambda: adjusted("garnishment", "50", date(2022, 5, 1)),
    "REB-024": lambda: salaries(replace(ANN, hired=date(2022, 4, 11))),
    "REB-025": without_lines,
    "REB-026": lambda: salaries(replace(ANN, left=date(2022, 4, 30))),
    "REB-027": lambda: salaries(Person(number="4", hired=date(2022, 6, 1), in_register=False)),
    "REB-030": lambda: hours(("00001", "XXX", 100)),
    "REB-031": lambda: hours(("00077", "NUIT", 100)),
    "REB-032": lambda: hours(person=replace(ANN, components=(*ANN.components, ("2000", 5_000)))),
    "REB-033": lambda: hours(("00001", "SOIR", 100), person=replace(ANN, monthly=0)),
    "REB-034": lambda: hours(("00001", "NUIT", -100)),
    "REB-035": hours_of_march,
    "REB-036": of_another_month,
    "REB-037": lambda: adjusted("unpaid_absence", "5", MAY_9, date(2022, 5, 10)),
    "REB-038": without_figures,
    "REB-039": lambda: garnished(90_000, "leaver", "", date(2022, 5, 18)),
    "REB-040": lambda: (
        nets.month_after(
            replace(nets.HIGH, status="statutory", garnishment=10_000),
            "2023-12",
            "2024-01",
            date(2024, 1, 31),
        ).findings
    ),
    "REB-041": lambda: adjusted("fte_change", "0,5", MAY_9, more=("fte_change", "0,8", MAY_9)),
    "REB-042": lambda: adjusted("one_off_net", "50", person=replace(ANN, left=date(2022, 4, 15))),
    "REB-043": of_two_lists,
    "REB-044": lambda: quarter.run((300_000, 200_000, 200_000), april=False).findings,
    "REB-045": lambda: garnished(200_000, *nets.ABSENCE),
    "REB-046": lambda: index.month(ANN, period="2022-06", known="2022-04").findings,
    "REB-047": lambda: by_bank.rebuilt([by_bank.paid("00001", 201_234)], by_bank.ZOE).findings,
    "REB-048": lambda: (
        by_bank.rebuilt(
            [by_bank.paid("00001", 35_000), by_bank.paid("00001", 180_000)], by_bank.ZOE
        ).findings
    ),
    "REB-051": lambda: adjusted("sick_unpaid", "5", MAY_9, person=replace(ANN, status="statutory")),
    "REB-052": lambda: recurring.month(ANN, [recurring.change("9999", "1", MAY_9)]).findings,
    "REB-053": lambda: recurring.month(ANN, [{**HELD, "replaces": "AJ-99"}]).findings,
    "REB-054": lambda: recurring.month(ANN, [HELD, {**HELD, "replaces": "AJ-2"}]).findings,
    "REB-055": lambda: adjusted("return", "", date(2022, 6, 9)),
    "REB-056": lambda: (
        recurring.month(
            ANN, [recurring.change("1010", "1", MAY_9)], register_lines=table("register_lines", [])
        ).findings
    ),
    "REB-057": lambda: adjusted(
        "garnishment", "50", date(2022, 5, 1), person=replace(ANN, garnishment=9_000)
    ),
    "REB-058": lambda: partial.month(*partial.AWAY["return"]).findings,
    "REB-059": lambda: partial.month(*partial.AWAY["return"], book=partial.HELD_BY_CHOICE).findings,
    "REB-050": lambda: adjusted("garnishment", "50000", date(2022, 5, 1)),
    "REB-070": lambda: adjusted("one_off_net", "-50", MAY_9),
    "REB-071": lambda: adjusted("one_off_net", "-900", MAY_9, reason="avance du 9 mai"),
    "REB-072": lambda: salaries(replace(ANN, other_deductions=1_250)),
    "REB-073": lambda: salaries(replace(ANN, other_deductions=90_000)),
    "REB-074": lambda: deducting.month([replace(ANN, other_deductions=1_250)], repeat=False)[1],
    "REB-049": lambda: adjusted("iban_change", NEW_IBAN, date(2022, 6, 1)),
}
