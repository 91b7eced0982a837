"""Two processes at the same moment: one wins, the other is told who; nothing is paid twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from payroll.model.errors import PayrollError
from payroll.release.workspace import prove
from tests.release.desk_samples import Desk, another_run, keys

ROOT = Path(__file__).parents[2]
ROUNDS = 10
FEWER = 5
Rivals = list["subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def rivals() -> Iterator[Rivals]:
    script = Path(__file__).with_name("rival.py")
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, str(script)],
                    cwd=ROOT,
                    text=True,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(2)
        ]


def at_once(rivals: Rivals, *asked: dict[str, str]) -> list[dict[str, Any]]:
    """Give each process its task, start both at the same moment, and hear what came of it."""

    def tell(process: subprocess.Popen[str], line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()

    def hear(process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        return json.loads(process.stdout.readline())

    for process, task in zip(rivals, asked, strict=True):
        tell(process, json.dumps(task))
    assert [hear(process) for process in rivals] == ["ready", "ready"]
    moment = time.monotonic() + 0.02
    for process in rivals:
        tell(process, repr(moment))
    return [hear(process) for process in rivals]


#: Two runs of one month have each an order of their own, so one of them is not of the present one.
ANSWERED = "of the order as it was approved"


def task(desk: Desk, act: str, name: str = "Noëlle Fictif") -> dict[str, str]:
    return {
        "act": act,
        "workspace": str(desk.workspace),
        "run_id": desk.run_id,
        "name": name,
        "key": keys()[name][0].decode(),
        "reason": ANSWERED,
    }


def assert_paid_once(desk: Desk) -> None:
    """Every key of the run is claimed once, by it, and its files lie in the outbox."""
    assert prove(desk.workspace)[0] == []
    assert desk.delivered() == desk.expected()
    with desk.sql() as ledger:
        claimed = ledger.execute("SELECT stream, payee_id, period, item FROM claim").fetchall()
        released = ledger.execute("SELECT run_id FROM event WHERE kind = 'released'").fetchall()
    assert max(Counter(claimed).values()) == 1
    assert len(claimed) == desk.claims()
    assert released == [(desk.run_id,)]


def test_one_run_released_by_two_at_once(
    rivals: Rivals, approved_desk: Desk, tmp_path: Path
) -> None:
    for number in range(ROUNDS):
        desk = approved_desk.copy(tmp_path / str(number))
        outcomes = at_once(rivals, task(desk, "release"), task(desk, "release"))
        assert sorted(item["exit"] for item in outcomes) == [0, 3]
        assert {item["error"] for item in outcomes} <= {"", "ledger_busy", "run_released"}
        assert_paid_once(desk)


def test_two_runs_of_the_same_payments_at_once(
    rivals: Rivals, approved_desk: Desk, tmp_path: Path
) -> None:
    both = approved_desk.copy(tmp_path / "both")
    other = another_run(both, "Somebody Else")
    assert other.run_id != both.run_id
    other.approve("Noëlle Fictif")
    other.approve("Hervé Spécimen")
    for number in range(FEWER):
        desks = [
            Desk(both.copy(tmp_path / str(number)).workspace, run.run_id) for run in (both, other)
        ]
        outcomes = at_once(rivals, *(task(desk, "release") for desk in desks))
        assert sorted(item["exit"] for item in outcomes) == [0, 3]
        places = [item["exit"] for item in outcomes]
        winner, loser = desks[places.index(0)], desks[places.index(3)]
        lost = outcomes[places.index(3)]
        assert lost["error"] in ("ledger_busy", "key_live")
        with pytest.raises(PayrollError) as refused:
            loser.release(ANSWERED)
        assert refused.value.error_id == "key_live"
        assert refused.value.params["runs"] == winner.run_id
        assert refused.value.params["count"] == str(winner.claims())
        assert lost["error"] != "key_live" or lost["params"]["runs"] == winner.run_id
        assert_paid_once(winner)


def test_the_last_approval_and_the_release_at_once(
    rivals: Rivals, prepared_desk: Desk, tmp_path: Path
) -> None:
    first = prepared_desk.copy(tmp_path / "first")
    first.approve("Zoé Modèle")
    for number in range(FEWER):
        desk = first.copy(tmp_path / str(number))
        approval, release = at_once(
            rivals, task(desk, "approve", "Hervé Spécimen"), task(desk, "release")
        )
        assert approval["error"] in ("", "ledger_busy")
        assert release["error"] in ("", "ledger_busy", "approvals_missing")
        assert prove(desk.workspace)[0] == []
        if approval["error"]:
            desk.approve("Hervé Spécimen")
        if release["error"]:
            assert desk.delivered() == {}
            desk.release()
        assert_paid_once(desk)


def test_two_people_call_payroll_release_at_once(approved: Desk) -> None:
    command = [sys.executable, "-m", "payroll", "release", str(approved.run), "--lang", "en"]
    both = [
        subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 3]
    refused = told[[process.returncode for process in both].index(3)]
    assert "Somebody else is writing" in refused or "is released already" in refused
    assert_paid_once(approved)
