"""One unreadable cell is told once: what only follows from it is not shown, and nobody is paid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from payroll.record.run import Run
from tests import test_damaged_inputs as damaged
from tests.test_damaged_inputs import AGENT, GROSS, HOURS, INVOICES, LINES, STAFF, SUPPLIERS, TOTALS


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return damaged.run(tmp_path_factory.mktemp("sound"))


def new_findings(output: Run, sound: Run, payee: str) -> list[tuple[str, str]]:
    """(rule, severity) of what is said about a payee and was not said without the damage."""
    frame = output.findings
    mine = frame[(frame["subject_id"] == payee)]
    mine = mine[~mine["finding_id"].isin(sound.findings["finding_id"])]
    return list(zip(mine["rule_id"], mine["severity"], strict=True))


def in_line(name: str, payee: str, column: int, text: str) -> bytes:
    _, line = damaged.line_of(name, payee)
    cells = line.split(";")
    cells[column] = text
    content = damaged.original(name).decode("cp1252").replace(line, ";".join(cells))
    return content.encode("cp1252")


Damage = Callable[[], tuple[str, bytes]]
DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "account of a person": (
        lambda: (STAFF, damaged.with_cell(STAFF, AGENT, "Compte bancaire", "#N/A")),
        AGENT,
        "ING-008",
    ),
    "salary of a person": (
        lambda: (STAFF, damaged.with_cell(STAFF, AGENT, GROSS, "voir annexe")),
        AGENT,
        "ING-002",
    ),
    "last net of a person": (
        lambda: (TOTALS, damaged.with_cell(TOTALS, AGENT, "Net à payer", "?")),
        AGENT,
        "ING-002",
    ),
    "component of a person": (lambda: (LINES, in_line(LINES, AGENT, 5, "12,3x")), AGENT, "ING-002"),
    "account of a supplier": (
        lambda: (SUPPLIERS, damaged.with_cell(SUPPLIERS, "F01003", "IBAN", "#N/A")),
        "F01003",
        "ING-008",
    ),
    "amount of an invoice": (
        lambda: (INVOICES, in_line(INVOICES, "F01003", 4, "12,3x")),
        "F01003",
        "ING-002",
    ),
    "invisible letter in a name": (
        lambda: (STAFF, damaged.with_cell(STAFF, AGENT, "Nom", "Mar\u200btin")),
        AGENT,
        "ING-009",
    ),
    "name in Cyrillic look-alikes": (
        lambda: (STAFF, damaged.with_cell(STAFF, AGENT, "Nom", "\u041c\u0410\u0420\u0422\u0415")),
        AGENT,
        "ING-009",
    ),
    "account with a digit too few": (
        lambda: (STAFF, damaged.with_cell(STAFF, AGENT, "Compte bancaire", "BE68 5390 0754 703")),
        AGENT,
        "IBAN-001",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_an_unreadable_cell_is_told_once(name: str, tmp_path: Path, sound: Run) -> None:
    damage, payee, rule_id = DAMAGES[name]
    file, content = damage()
    output = damaged.run(tmp_path, {file: content})
    assert new_findings(output, sound, payee) == [(rule_id, "hold")]
    own = output.payments[output.payments["payee_id"] == payee]
    assert set(own["status"]) == {"held"}
    assert set(own["hold_rules"]) == {rule_id}
    assert set(own["file"]) == {""}
    damaged.assert_only_held(output, sound, payee)


def test_an_unknown_supplier_is_told_once(tmp_path: Path, sound: Run) -> None:
    content = in_line(INVOICES, "F01003", 0, "F09999")
    output = damaged.run(tmp_path, {INVOICES: content})
    assert new_findings(output, sound, "F09999") == [("INV-005", "hold")]


def test_unreadable_hours_hold_the_bonus_and_not_the_salary(tmp_path: Path, sound: Run) -> None:
    output = damaged.run(tmp_path, {HOURS: in_line(HOURS, AGENT, 3, "12,3x")})
    own = output.payments[output.payments["payee_id"] == AGENT]
    assert dict(zip(own["stream"], own["status"], strict=True)) == {
        "salaries": "pay",
        "bonuses": "held",
    }


@pytest.mark.parametrize("name", ["salary of a person", "amount of an invoice"])
def test_with_declared_totals_only_the_payee_is_held(name: str, tmp_path: Path, sound: Run) -> None:
    damage, payee, rule_id = DAMAGES[name]
    file, content = damage()
    output = damaged.run(tmp_path, {file: content}, controls=True)
    assert new_findings(output, sound, payee) == [(rule_id, "hold")]
    assert {rule for rule, _ in new_findings(output, sound, file)} == {"ING-015", "ING-016"}
    damaged.assert_only_held(output, sound, payee)
