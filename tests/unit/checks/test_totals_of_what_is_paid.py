"""One amount that is held anyway refuses no run: totals count what is paid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from payroll.checks.catalogue import CATALOGUE
from payroll.demo.files import csv_bytes
from payroll.pipeline import build_run
from payroll.release.ledger_input import with_ledger
from payroll.store import load_payrun
from tests.release_world import World, _adjustments, hospital, rulebook
from tests.shipped import controls
from tests.trips.checks import found
from tests.unit.checks.examples import check_data

HUGE = "9999999.99"
NETS = [{"payee_id": f"E{at}", "net_before": "2000.00", "net_after": "2000.00"} for at in range(30)]


@pytest.mark.parametrize("held", [False, True])
def test_a_held_salary_is_in_no_total(held: bool) -> None:
    data = check_data({"changes": [*NETS[1:], {**NETS[0], "net_after": HUGE}]})
    data = replace(data, held=frozenset({("salaries", "E0")} if held else ()))
    control = controls()["VAR-003"]
    levels = [item.level for item in CATALOGUE[control.kind](data, control)]
    assert levels == ([] if held else ["block"])


def test_a_held_payee_of_another_stream_counts() -> None:
    data = check_data({"changes": [*NETS[1:], {**NETS[0], "net_after": HUGE}]})
    data = replace(data, held=frozenset({("bonuses", "E0")}))
    control = controls()["VAR-003"]
    assert CATALOGUE[control.kind](data, control)


@pytest.mark.parametrize("rule", ["VAR-006", "VAR-007"])
def test_a_held_bonus_or_fee_is_in_no_total(rule: str) -> None:
    control = controls()[rule]
    example = control.example["trip"]
    assert found(rule, example)
    data = check_data(example)
    streams = [name for name in ("bonuses", "fees") if name in control.streams]
    people = {*data.tables["fee_statements"]["practitioner_id"], *data.rebuilt.lines["payee_id"]}
    people |= set(data.rebuilt.not_carried_over["payee_id"])
    data = replace(data, held=frozenset((name, one) for name in streams for one in people))
    assert CATALOGUE[control.kind](data, control) == []


@pytest.mark.parametrize("kind", ["one_off_net", "one_off_gross"])
def test_a_typed_amount_that_is_held_stops_nobody_else(tmp_path: Path, kind: str) -> None:
    made = hospital(staff=25)
    world = World(tmp_path / "w", made, streams=("salaries",))
    typed = made.staff[0].number
    made.moved[typed] = HUGE
    place = world.write("2022-05")
    content = csv_bytes(_adjustments(made, "2022-05")).replace(b"iban_change", kind.encode())
    (place / "exports" / "adjustments.csv").write_bytes(content)
    request = with_ledger(load_payrun(place), rulebook()).request(rulebook())
    output = build_run(request)
    assert not output.refused, output.findings[output.findings["severity"] == "block"]
    status = output.payments.set_index("payee_id")["status"]
    assert status[typed] == "held"
    assert set(status.drop(typed)) == {"pay"}
