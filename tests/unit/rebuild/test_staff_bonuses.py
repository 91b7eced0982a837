"""Bonuses: hours of April x rates, net as May's pay grows; what cannot be paid is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from payroll.model.findings import Finding, Severity
from payroll.model.tables import SourceTables
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.shipped import severity
from tests.unit.rebuild.slow_month import seizable, slow_pay
from tests.unit.rebuild.staff_samples import ALONE, BOOK, ORDER, Person, adjustment, tables_of

ANN = Person(number="00001", components=(("1000", 300_000), ("1100", 10_000)))
BEN = Person(number="00002", garnishment=12_000, other_deductions=1_250)
NIGHTS = 37_098  # 100 hours x 2.0079 x 1.8476 = 370.98


def bonuses(tables: SourceTables) -> Any:
    found = rebuild_bonuses(RebuildInput(tables, ORDER, BOOK))
    return found.lines, found.targets, found.to_settle, found.findings


def rules(findings: list[Finding], number: str) -> list[str]:
    return sorted(item.rule_id for item in findings if item.subject_id == number)


def test_nothing_at_all_is_no_error() -> None:
    lines, targets, waiting, findings = bonuses(tables_of([]))
    assert lines.empty
    assert targets.empty
    assert waiting.empty
    assert not findings


def test_the_bonus_is_taxed_on_top_of_the_salary() -> None:
    lines, targets, _, findings = bonuses(tables_of([ANN], [], [("00001", "NUIT", 10_000)]))
    salary = [*ANN.components]
    both = [*salary, ("bonus_gross", NIGHTS)]
    with_it, without = (
        slow_pay("contractual", ALONE, rows, Fraction(1), "2022-05") for rows in (both, salary)
    )
    assert lines["amount_cents"].sum() == with_it.net - without.net
    by_step = dict(zip(lines["component"], lines["amount_cents"].tolist(), strict=True))
    assert by_step["bonus_gross"] == NIGHTS
    assert by_step["withholding"] == without.withholding - with_it.withholding
    parents = lines.loc[lines["component"] != "bonus_gross", "parents"]
    assert set(parents) == set(lines.loc[lines["component"] == "bonus_gross", "line_id"])
    assert set(lines["legal_nature"]) == {"final"}
    assert set(lines["basis"]) == {"recomputed"}
    assert targets["remittance"].tolist() == ["Primes 2022-04"]
    assert not findings


def test_a_garnishment_at_the_maximum_takes_of_the_bonus_too() -> None:
    """Both payments of May add up: above 1,538.00 everything is seized, so nothing is left."""
    most = seizable(ANN.net_before, 0, date(2022, 4, 30))
    for garnishment, left in ((most, 0), (most - 1, None)):
        person = replace(ANN, garnishment=garnishment)
        lines, _, _, _ = bonuses(tables_of([person], [], [("00001", "NUIT", 10_000)]))
        total = int(lines["amount_cents"].sum())
        assert total == left if left is not None else total > 0


def test_what_an_instalment_left_open_is_taken_of_the_bonus() -> None:
    """It does not fit into a month cut short; the bonus of the same month bears the rest of it."""
    fixed = seizable(ANN.net_before, 0, date(2022, 4, 30)) - 1_000
    person = replace(ANN, garnishment=fixed)
    tables = tables_of(
        [person], [adjustment(person, "leaver", "", date(2022, 5, 18))], [("00001", "NUIT", 40_000)]
    )
    given = RebuildInput(tables, ORDER, BOOK)
    staff, lines = given.once(rebuild_salaries), rebuild_bonuses(given).lines
    taken = [
        -int(frame.loc[frame["component"] == "garnishment", "amount_cents"].sum())
        for frame in (staff.lines, lines)
    ]
    before = [
        int(frame["amount_cents"].sum()) + own
        for frame, own in zip((staff.lines, lines), taken, strict=True)
    ]
    assert taken[0] == seizable(before[0], 0, date(2022, 5, 31)) < fixed
    assert 0 < taken[1] == min(fixed, seizable(sum(before), 0, date(2022, 5, 31))) - taken[0]


def test_a_bonus_without_known_household_goes_by_ratio() -> None:
    person = replace(ANN, in_staff=False)
    lines, _, _, findings = bonuses(tables_of([person], [], [("00001", "NUIT", 10_000)]))
    exact = Fraction(NIGHTS * person.net_before, person.gross)
    assert abs(int(lines["amount_cents"].sum()) - exact) <= Fraction(1, 2)
    assert "rebuild:last_known_ratio" in set(lines["rule_id"])
    assert not findings


def test_a_newcomer_who_worked_in_april_is_paid_by_the_law() -> None:
    """Hired on 20 April, in no register: the salary is an advance by policy, the bonus too."""
    late = Person(number="00003", hired=date(2022, 4, 20), in_register=False)
    lines, _, _, findings = bonuses(tables_of([late], [], [("00003", "NUIT", 1_000)]))
    assert lines["amount_cents"].sum() == 1_855  # half of 37.10 rounded half-up
    assert set(lines["legal_nature"]) == {"part_payment"}
    assert rules(findings, "00003") == ["REB-022"]


def test_hours_that_cannot_be_paid_are_named() -> None:
    hours = [
        ("00001", "XXX", 100),
        ("00001", "XXX", 200),
        ("00077", "NUIT", 100),
        ("00002", "NUIT", -100),
        ("00002", "NUIT", 760),
    ]
    tables = tables_of([ANN, BEN], [], hours)
    lines, _, waiting, findings = bonuses(tables)
    [block] = [item for item in findings if severity(item) is Severity.BLOCK]
    assert (block.rule_id, block.observed, block.limit) == ("REB-030", "XXX", "2")
    assert block.source == "hours.csv!csv!R2, premium_code"
    assert rules(findings, "00077") == ["REB-031"]
    assert rules(findings, "00002") == ["REB-034"]
    assert waiting["payee_id"].tolist() == ["00001", "00002", "00077"]
    row = lines[lines["component"] == "bonus_gross"].iloc[0]
    assert (row["quantity"], row["rate"]) == ("7.60", "2.0079 × 1.8476")
    assert row["rule_id"] == "premium:night parameter:index_coefficient"
    assert row["amount_cents"] == 2_819


def test_a_missing_roster_is_listed_never_paid_zero() -> None:
    person = replace(ANN, components=(*ANN.components, ("2000", 5_000)))
    lines, _, waiting, findings = bonuses(tables_of([person]))
    assert lines.empty
    assert waiting[["payee_id", "reason"]].values.tolist() == [["00001", "reason_no_roster"]]
    assert [item.rule_id for item in findings] == ["REB-032"]
