"""Amounts and hours beyond any limit hold their payee; everybody else is paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from payroll.record.run import Run
from tests import test_damaged_inputs as damaged
from tests.test_damaged_inputs import AGENT, HOURS, INVOICES


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return damaged.run(tmp_path_factory.mktemp("sound"))


def test_invoices_of_eighteen_million_hold_their_supplier(tmp_path: Path, sound: Run) -> None:
    rows = [
        f"F01003;X-{number};20/04/2022;20/05/2022;9.000.000,00;7.438.016,53;;non;;"
        for number in (71, 92)
    ]
    content = "\r\n".join([damaged.original(INVOICES).decode("cp1252").rstrip(), *rows])
    output = damaged.run(tmp_path, {INVOICES: content.encode("cp1252")})
    (found,) = damaged.findings_of(output, "PAY-003")
    assert found[:2] == ("hold", "F01003")
    assert damaged.findings_of(output, "AMT-001") == []
    own = output.payments[output.payments["payee_id"] == "F01003"]
    assert own["amount_cents"].max() == 18 * 10**8
    damaged.assert_only_held(output, sound, "F01003")


@pytest.mark.parametrize("hours", ["99999999,00", "10000,01", "123456789:00"])
def test_hours_that_no_month_has_hold_the_bonus(hours: str, tmp_path: Path, sound: Run) -> None:
    number, line = damaged.line_of(HOURS, AGENT)
    cells = line.split(";")
    cells[3] = hours
    content = damaged.original(HOURS).decode("cp1252").replace(line, ";".join(cells))
    output = damaged.run(tmp_path, {HOURS: content.encode("cp1252")})
    assert damaged.findings_of(output, "ING-002") == [
        ("hold", AGENT, f"{HOURS}!csv!R{number}, Heures")
    ]
    own = output.payments[output.payments["payee_id"] == AGENT]
    assert set(own.loc[own["stream"] == "bonuses", "status"]) == {"held"}
    others = damaged.other_payments(output, AGENT)
    assert others.equals(damaged.other_payments(sound, AGENT))
