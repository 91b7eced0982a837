"""Every planted fault is found, nobody else is held for it, and its run is read back as written."""

from __future__ import annotations

import json
import sys

import pytest

from payroll.pipeline import build_run
from payroll.record.run import Run, RunRequest, differences
from scripts import plant_faults
from tests.record_samples import read_back


def test_every_fault_is_found_and_nobody_else_is_held(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Faults of payees share runs, eight at a time; the full table plants them one by one."""
    refused = []

    def built(request: RunRequest) -> Run:
        run = build_run(request)
        assert differences(run, read_back(run)) == ()
        refused.append(run.refused)
        return run

    monkeypatch.setattr(plant_faults, "build_run", built)
    monkeypatch.setattr(sys, "argv", ["plant_faults.py", "--together", "8", "--json"])
    code = plant_faults.main()
    table = json.loads(capsys.readouterr().out)
    missed = [item["kind"] for item in table["results"] if not item["found"]]
    assert not missed
    assert code == 0
    assert len({item["kind"] for item in table["results"]}) >= 100
    assert all(item["rules"] for item in table["results"])
    assert table["newly_held"] * 100 < table["payees"]
    assert len(refused) >= 30
    assert any(refused)
