"""Every figure on the day before and the day of each change; no figure unnamed or without source.

The rule files are read here as plain TOML, by none of the project's loaders.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from payroll.gross_to_net.columns import Trail, calculation_input
from payroll.gross_to_net.engine import FUNCTIONS, gross_to_net, run_step
from payroll.gross_to_net.social import WorkBonus
from payroll.model.errors import InvariantError, PayrollError
from payroll.model.law import Law, StepLaw
from payroll.rulebook.parameters import load_parameters
from payroll.rulebook.scales import load_scales
from payroll.rulebook.steps import load_steps
from payroll.store import load_rule_files, rules_folder
from tests.columns import BOOK, columns_of, pay_columns, to_cents, whole_parts
from tests.reference.gross_to_net import Person, garnishment
from tests.reference.gross_to_net import gross_to_net as reference
from tests.reference.random_people import random_people

Entry = dict[str, Any]
FILES = {
    path: tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    for path, content in load_rule_files(rules_folder()).items()
    if path.startswith(("parameters/", "scales/")) and path.endswith(".toml")
}
STEPS: list[Entry] = FILES["parameters/steps.toml"]["step"]
PARAMETERS, SCALES = (
    {key: entry for content in FILES.values() for key, entry in content.get(kind, {}).items()}
    for kind in ("parameter", "scale")
)
FIGURES: dict[str, Entry] = {**PARAMETERS, **SCALES}
#: (step, its dated entry, figure) for every figure that a step names.
NAMED = [
    (step["id"], value, figure)
    for step in STEPS
    for value in step["values"]
    for figure in value["figures"]
]
DAY = timedelta(days=1)
#: Between them they need every figure that ordinary months may ask for.
EVERYBODY = columns_of(
    [
        Person(
            status,
            Decimal("2400.00"),
            tax_status=tax_status,
            children=9,
            disabled=True,
            single_parent=True,
            other_dependants=1,
            spouse_disabled=True,
            dependants_65=1,
            spouse_low_income=status == "contractual",
            spouse_low_pension=status == "statutory",
            work_days=Fraction(10),
            part_time=True,
        )
        for status in ("contractual", "statutory")
        for tax_status in ("single", "married_one_income", "married_two_incomes")
    ]
)


def law_on(day: date) -> Law:
    return BOOK.law(day, day)


def on_day(entry: Entry, day: date) -> Entry | None:
    """The dated value in force, None before the first and after an end."""
    past = [value for value in entry["values"] if value["from"] <= day]
    return None if not past or past[-1].get("ended") else past[-1]


def both_sides() -> list[tuple[str, str, date]]:
    """Step, figure, day: for each change of a figure and of the step that reads it."""
    found = set()
    for step, value, figure in NAMED:
        for change in (item["from"] for item in (*FIGURES[figure]["values"], value)):
            found |= {(step, figure, change - DAY), (step, figure, change)}
    return sorted(found)


def shown(law: Law, step: str, figure: str) -> object:
    """What the step reads of a figure: a number, or the rows of a scale."""
    if figure in SCALES:
        table = law.step(step).table(figure)
        factors = {
            name: table.denominators.get(name, 1)
            * {"euro": 100, "percent": Fraction(1, 100)}.get(unit, 1)
            for name, unit in SCALES[figure]["columns"].items()
        }
        columns = [
            [Fraction(cell) / factors[name] for cell in table.columns[name].tolist()]
            for name in SCALES[figure]["columns"]
        ]
        return [list(row) for row in zip(*columns, strict=True)]
    if PARAMETERS[figure]["unit"] == "euro":
        return Fraction(law.step(step).cents(figure), 100)
    rate = law.step(step).rate(figure)
    percent = PARAMETERS[figure]["unit"] == "percent"
    return Fraction(rate.numerator, rate.denominator) * (100 if percent else 1)


@pytest.mark.parametrize(("step", "figure", "day"), both_sides())
def test_each_figure_before_and_on_the_day_it_changes(step: str, figure: str, day: date) -> None:
    entry = next(item for item in STEPS if item["id"] == step)
    dated, value = on_day(entry, day), on_day(FIGURES[figure], day)
    law = law_on(day)
    if dated is None or figure not in dated["figures"]:
        with pytest.raises((PayrollError, InvariantError)):
            shown(law, step, figure)
    elif value is None:
        with pytest.raises(PayrollError) as error:
            shown(law, step, figure)
        assert error.value.error_id == "parameter_not_in_force"
        assert error.value.params["parameter"] == figure
    else:
        if figure in SCALES:
            expected: object = [[Fraction(cell) for cell in row] for row in value["rows"]]
        else:
            expected = Fraction(value["value"])
        assert shown(law, step, figure) == expected
        assert law.step(step).function == dated["function"]


@pytest.mark.parametrize("figure", FIGURES)
def test_figures_that_no_step_reads_change_on_their_day_too(figure: str) -> None:
    entry = BOOK.scales[figure] if figure in SCALES else BOOK.parameters[figure]
    for change in FIGURES[figure]["values"]:
        for day in (change["from"] - DAY, change["from"]):
            expected = on_day(FIGURES[figure], day)
            if expected is None:
                with pytest.raises(PayrollError):
                    entry.dated(figure, day)
                continue
            found = entry.dated(figure, day)
            assert (found.from_, found.status) == (expected["from"], expected["status"])
            assert found.source == expected["source"]


def changes_of_pay() -> list[date]:
    """Every day on which a figure between gross and net changes, and the day before."""
    aside = {"garnishment", "special_contribution_quarter"}
    days = {
        value["from"]
        for step, _, figure in NAMED
        if step not in aside
        for value in FIGURES[figure]["values"]
    }
    return sorted({day for change in days for day in (change - DAY, change)})


@pytest.mark.parametrize("day", changes_of_pay(), ids=str)
def test_pay_on_both_sides_of_each_change_is_the_reference(day: date) -> None:
    """Whom the reference refuses for lack of a figure, the engine refuses too."""
    month = f"{day:%Y-%m}"
    served, pays, refused = [], [], []
    for person in map(whole_parts, random_people(300, seed=day.toordinal())):
        if not person.gross or person.work_days == 0:
            continue
        try:
            pays.append(reference(person, month))
            served.append(person)
        except LookupError:
            refused.append(person)
    if served:
        found = gross_to_net(columns_of(served, month), law_on(day))
        pd.testing.assert_frame_equal(found, pay_columns(served, pays))
    for person in refused[:40]:
        with pytest.raises(PayrollError):
            gross_to_net(columns_of([person], month), law_on(day))
    assert served or refused


@pytest.mark.parametrize("change", [date(2022, 1, 3), date(2022, 11, 3), date(2024, 1, 1)], ids=str)
def test_garnishment_on_both_sides_of_each_change(change: date) -> None:
    nets, children = np.arange(0, 300_000, 1_117, dtype=np.int64), 2
    for day in (change - DAY, change):
        law = law_on(day).step("garnishment")
        counts = np.full(len(nets), children, dtype=np.int64)
        if day > date(2023, 12, 31):
            with pytest.raises(PayrollError):
                run_step(law, Trail(), nets, counts)
            continue
        expected = [
            to_cents(garnishment(Decimal(net) / 100, children, day)) for net in nets.tolist()
        ]
        assert run_step(law, Trail(), nets, counts).tolist() == expected


def test_earning_month_and_day_of_payment_decide_each_their_own() -> None:
    """December 2021 paid in January: last year's work bonus, this year's withholding."""
    person = Person("contractual", Decimal("2000.00"))
    law = BOOK.law(date(2021, 12, 1), date(2022, 1, 4))
    expected = reference(person, "2021-12", paid="2022-01")
    found = gross_to_net(columns_of([person]), law)
    pd.testing.assert_frame_equal(found, pay_columns([person], [expected]))


# --- figures are named, and have a source ------------------------------------------------------


def test_every_function_is_named_and_every_name_is_a_function() -> None:
    named = {value["function"] for step in STEPS for value in step["values"]}
    assert named == set(FUNCTIONS)


@pytest.mark.parametrize("step", [step["id"] for step in STEPS])
def test_a_figure_that_its_step_does_not_name_cannot_be_read(step: str) -> None:
    law = law_on(date(2022, 5, 31)).step(step)
    strangers = set(FIGURES) - set(law.figures)
    assert strangers
    for figure in sorted(strangers):
        for read in (law.cents, law.rate, law.table):
            with pytest.raises(InvariantError, match=figure):
                read(figure)
    with pytest.raises(InvariantError):
        law.rounding("something else")


@pytest.mark.parametrize("step", [step["id"] for step in STEPS])
def test_a_step_without_one_of_its_figures_stops(step: str) -> None:
    """Each name in steps.toml is needed: somebody's pay cannot be worked out without it."""
    gone_by_2025 = (
        "withholding",
        "exceptional_withholding",
        "holiday_pay_withholding",
        "garnishment",
    )
    for year in (2022,) if step in gone_by_2025 else (2022, 2025):
        law = law_on(date(year, 5, 31)).step(step)
        use(law, step)
        for figure in law.figures:
            others = tuple(item for item in law.figures if item != figure)
            with pytest.raises(InvariantError, match=f"reads {figure},"):
                use(replace(law, figures=others, _tables={}), step)


def use(law: StepLaw, step: str) -> None:
    """Run a step for households that need everything it may read."""
    people = calculation_input(EVERYBODY)
    wage, status = people.cents("nsso_cents"), people.cents("tax_status")
    children = people.cents("children")
    arguments: dict[str, tuple[object, ...]] = {
        "personal_contribution": (people.flag("statutory"), wage, wage),
        "work_bonus": (people, wage),
        "withholding": (people, wage),
        "fiscal_work_bonus": (WorkBonus(wage, wage), wage),
        "special_contribution": (wage, status),
        "special_contribution_quarter": ((wage, wage, wage), wage, status),
        "exceptional_withholding": (wage, wage, children),
        "holiday_pay_contribution": (wage,),
        "holiday_pay_withholding": (wage, wage, children),
        "garnishment": (wage, children),
    }
    run_step(law, Trail(), *arguments[step])


def unsourced() -> Iterator[Any]:
    """Every dated entry of a figure or step, its source taken away or empty."""
    for kind, entries in (("parameter", PARAMETERS), ("scale", SCALES)):
        for key, entry in entries.items():
            for index in range(len(entry["values"])):
                yield kind, key, entry, index
    for step in STEPS:
        for index in range(len(step["values"])):
            yield "step", step["id"], step, index


LOADERS = {"parameter": load_parameters, "scale": load_scales, "step": load_steps}


def test_a_figure_without_source_cannot_load() -> None:
    entries = list(unsourced())
    assert len(entries) > 100
    for kind, key, entry, index in entries:
        good = {"x.toml": {kind: [entry] if kind == "step" else {key: entry}}}
        assert LOADERS[kind](good)  # type: ignore[operator]
        for source in (None, "", "?"):
            bad = deepcopy(entry)
            if source is None:
                del bad["values"][index]["source"]
            else:
                bad["values"][index]["source"] = source
            content = {"x.toml": {kind: [bad] if kind == "step" else {key: bad}}}
            with pytest.raises(PayrollError) as error:
                LOADERS[kind](content)  # type: ignore[operator]
            assert error.value.error_id == "rule_entry_invalid"
