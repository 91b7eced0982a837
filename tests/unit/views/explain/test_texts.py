"""Every amount, figure, column and reason that an explanation can show has its words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from payroll.gross_to_net import columns
from payroll.gross_to_net.columns import FULL_DAY, TAX_STATUS, Trail, calculation_input
from payroll.gross_to_net.engine import gross_to_net, run_step, trails
from payroll.gross_to_net.items import ITEMS
from payroll.model.errors import InvariantError, PayrollError
from payroll.model.law import Law
from payroll.model.net_steps import NET_STEPS
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.figures import Days, figure_at, figure_of
from payroll.store import load_rule_files, rules_folder
from payroll.texts import catalogue, languages, text
from payroll.views.explain.arithmetic import figure_shown, item_label, item_shown
from payroll.views.explain.steps import RESULTS, garnishment_items, steps_of
from payroll.views.explain.tree import ExplainedStep

#: Months with another way of computing each.
MONTHS = [date(2021, 1, 31), date(2022, 4, 30), date(2022, 5, 31), date(2025, 6, 30)]
#: A month's trail never holds these: the settlement of a quarter is run on its own, and so is
#: holiday pay; a work bonus of another month is settled with a bonus alone.
ALONE = {
    "special_contribution_settled",
    "special_contribution_wages",
    "special_contribution_due",
    "contribution_holiday_pay",
    "work_bonus_other_month",
}


@pytest.fixture(scope="module")
def rulebook() -> RuleBook:
    return load_rulebook(load_rule_files(rules_folder()))


def people(count: int = 600) -> pd.DataFrame:
    """Households of every kind around every limit; every rare column in use."""
    chance = np.random.default_rng(7)
    gross = chance.integers(30_000, 900_000, count)
    whole = chance.integers(0, 2, count) * 1_000_000
    numbers = {
        "gross_cents": gross,
        "nsso_cents": gross,
        "pension_cents": gross * 9 // 10,
        "exceptional_cents": np.where(chance.random(count) < 0.3, 150_000, 0),
        "month_days": np.full(count, 22),
        "work_days": np.where(whole > 0, 22, 8) * FULL_DAY,
        "tax_status": chance.integers(0, len(TAX_STATUS), count),
        "children": chance.integers(0, 11, count),
        "disabled_children": chance.integers(0, 2, count),
        "other_dependants": chance.integers(0, 2, count),
        "dependants_65": chance.integers(0, 2, count),
    }
    flags = (
        "statutory",
        "disabled",
        "single_parent",
        "spouse_disabled",
        "spouse_low_income",
        "spouse_low_pension",
    )
    frame = pd.DataFrame(numbers).astype("int64")
    part_time = chance.random(count) < 0.3
    return frame.assign(part_time=part_time, **{name: chance.random(count) < 0.4 for name in flags})


def months(rulebook: RuleBook, count: int = 600) -> Iterator[tuple[pd.DataFrame, Law]]:
    """People and law of each month; nobody needs a figure that the month does not have."""
    needs = (
        {"exceptional_cents": "exceptional_child_exemptions"}
        | {
            name: f"withholding_reduction_{name.replace('other_dependants', 'other_dependant')}"
            for name in (
                "single_parent",
                "disabled",
                "spouse_disabled",
                "other_dependants",
                "spouse_low_income",
                "spouse_low_pension",
            )
        }
        | {"dependants_65": "withholding_reduction_dependant_65"}
    )
    for day in MONTHS:
        frame = people(count)
        for column, figure in needs.items():
            if figure_at(rulebook, figure, day) is None:
                frame[column] = np.zeros(count, dtype=frame[column].dtype)
        yield frame, rulebook.law(day, day)


def explained(rulebook: RuleBook, count: int = 40) -> Iterator[ExplainedStep]:
    for frame, law in months(rulebook, count):
        net = gross_to_net(frame, law)["net_cents"]
        for row in range(count):
            one = calculation_input(frame.iloc[[row]])
            yield from steps_of(one, law, rulebook, int(net.iloc[row]))


@pytest.mark.parametrize("language", languages())
def test_every_item_has_its_words(language: str) -> None:
    for item in ITEMS:
        assert str(catalogue(language)[f"g2n_{item}"]).strip(), item
    assert {
        name.removeprefix("g2n_") for name in catalogue(language) if name.startswith("g2n_")
    } == ITEMS


def test_the_trails_produce_every_item_and_no_other(rulebook: RuleBook) -> None:
    produced = {
        item.item
        for frame, law in months(rulebook)
        for _, items in trails(calculation_input(frame), law)
        for item in items
    }
    trail = Trail(keep=True)
    law = rulebook.law(MONTHS[2], MONTHS[2])
    run_step(law.step("garnishment"), trail, np.array([250_000, 90_000]), np.array([2, 0]))
    produced |= {item.item for item in trail.items}
    assert produced == ITEMS - ALONE


def test_an_item_without_words_cannot_be_kept() -> None:
    with pytest.raises(InvariantError):
        Trail(keep=True).note("invented", np.zeros(1, dtype=np.int64))
    Trail().note("invented", np.zeros(1, dtype=np.int64))


def test_every_item_written_out_in_the_engine_is_known() -> None:
    folder = Path(columns.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                first = node.args[0] if node.args else None
                named = node.func.attr in ("note", "share", "way")
                if named and isinstance(first, ast.Constant):
                    assert first.value in ITEMS


def test_every_way_gives_its_amount(rulebook: RuleBook) -> None:
    """The steps add up to the net (steps_of requires it) and no arithmetic is shown that is not so:
    an amount that its arithmetic does not give says that a limit holds it.
    """
    shown = 0
    for step in explained(rulebook):
        assert step.step_id in RESULTS
        for item in step.items:
            raw = item.raw
            if raw is None or item.limited:
                continue
            assert abs(raw - item.cents) < 1
            assert item.rounding or raw == item.cents
            shown += 1
    assert shown > 1000


@pytest.mark.parametrize("language", languages())
def test_every_item_is_shown(rulebook: RuleBook, language: str) -> None:
    for step in explained(rulebook, 25):
        for item in step.items:
            words = item_label(item, language) + item_shown(item, language)
            assert "{" not in words
            if item.figure is not None:
                assert item.figure.source in (
                    item.figure.source,
                    figure_shown(item.figure, language),
                )


def test_statutory_staff_see_nothing_of_contractual_ones(rulebook: RuleBook) -> None:
    law = rulebook.law(MONTHS[2], MONTHS[2])
    frame = people(60)
    frame = frame[frame["statutory"]].head(1).reset_index(drop=True)
    net = int(gross_to_net(frame, law)["net_cents"].iloc[0])
    steps = steps_of(calculation_input(frame), law, rulebook, net)
    items = {item.item for step in steps for item in step.items}
    assert "contribution_contractual" not in items
    assert not {"work_bonus", "fiscal_work_bonus"} & {step.step_id for step in steps}
    assert steps[0].step_id == "personal_contribution"
    assert {step.step_id for step in steps} <= {
        "exceptional_withholding",
        *(step.id for step in NET_STEPS),
    }


@pytest.mark.parametrize("language", languages())
def test_every_figure_of_the_rule_book_can_be_shown(rulebook: RuleBook, language: str) -> None:
    for figure, entry in {**rulebook.parameters, **rulebook.scales}.items():
        for value in entry.values:
            found = figure_at(rulebook, figure, value.from_)
            assert (found is None) == value.ended
            if found is not None:
                assert found.title[language] in figure_shown(found, language)


def test_every_kind_of_rule_id_is_told(rulebook: RuleBook) -> None:
    days = Days(date(2022, 5, 31), date(2022, 5, 31))
    for token, words in (
        ("step:withholding", "Précompte professionnel · depuis le 01/01/2021 · sourcé"),
        ("change:work_bonus@2022-05-01", "maximum 233,05, pente 0,2313 · depuis le 01/05/2022"),
        ("parameter:hours_per_year", "1\u202f976 heures par an"),
        ("premium:night", "2,0079 EUR/heure à l'index 138,01"),
        ("premium:evening", "20 % du salaire horaire"),
        ("component:base_salary", "Traitement barémique · NON VÉRIFIÉ"),
        ("policy:unknown_part_of_gross", "50 % du brut contractuel"),
        ("rebuild:residual", "Reste du mois connu"),
        ("rebuild:last_known_ratio", "Rapport net/brut"),
    ):
        found = figure_of(rulebook, token, days)
        assert found is not None, token
        assert words in figure_shown(found, "fr")
    for token in ("KNOWN-001", "step:nothing", "parameter:nothing", "change:nothing@2022-05-01"):
        assert figure_of(rulebook, token, days) is None


def test_garnishment_bands_are_told_one_by_one(rulebook: RuleBook) -> None:
    law = rulebook.law(MONTHS[2], MONTHS[2])
    items = garnishment_items(277_764, 3, law, rulebook)
    assert [item.cents for item in items] == [0, 1760, 3960, 5280, 123964, 134964, 21900, 113064]
    labels = [item_label(item, "fr") for item in items]
    assert labels[4] == "Tranche au-delà de 1\u202f538,00"
    assert item_shown(items[4], "fr") == "1\u202f239,64 × 100 %"


def test_reasons_and_notes_have_their_words() -> None:
    folder = Path(__file__).resolve().parents[4] / "payroll" / "views" / "explain"
    found = 0
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "note":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    assert text(f"explain_{first.value}", "nl")
                    found += 1
    assert found > 10


def test_a_month_without_figures_is_an_error_not_a_guess(rulebook: RuleBook) -> None:
    with pytest.raises(PayrollError):
        trails(calculation_input(people(5)), rulebook.law(date(2023, 6, 30), date(2023, 6, 30)))
