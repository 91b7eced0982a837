"""Killed at any system call, or the power gone: nothing is paid twice, lost, or delivered in part.

The work is done by crashes.py in a process of its own, because it forks by the hundred. What it
cannot simulate: a disk that lies about fsync, and writes that arrive in another order than by name
or by file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def crashes() -> dict[str, Any]:
    options = ["--all"] if os.environ.get("CRASHES") == "all" else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment["OPENBLAS_NUM_THREADS"] = "1"  # a fork takes one thread with it
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("crashes.py")), *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    if "skipped" in found:
        pytest.skip(found["skipped"])
    return found


@pytest.mark.parametrize(
    ("what", "kills", "cuts"),
    [("Releasing", 400, 60), ("Approving", 300, 40), ("Importing", 300, 15), ("Matching", 300, 15)],
)
def test_an_interruption_leaves_nothing_half_done(
    what: str, kills: int, cuts: int, crashes: dict[str, Any]
) -> None:
    killed, cut = crashes[what]["kills"], crashes[what]["cuts"]
    assert killed["problems"] == []
    assert cut["problems"] == []
    assert killed["points"] >= kills
    assert cut["points"] >= cuts
    assert {"pwrite64", "fdatasync", "fsync", "rename", "openat"} <= killed["at"].keys()
    # on both sides of the moment that counts
    assert 0 < killed["done_before"] < killed["looks"]
    assert 0 < cut["done_before"] < cut["looks"]


@pytest.mark.parametrize("spoil", ["not_whole", "not_synced", "not_at_once"])
def test_a_program_spoiled_on_purpose_is_found_out(spoil: str, crashes: dict[str, Any]) -> None:
    assert crashes[spoil]["problems"]


@pytest.mark.parametrize(
    "what", ["WritingRun", "Unpacking", "Packing", "ImportingRules", "MakingKey"]
)
def test_a_file_or_a_folder_is_written_whole_or_not_at_all(
    what: str, crashes: dict[str, Any]
) -> None:
    killed, cut = crashes[what]["kills"], crashes[what]["cuts"]
    assert killed["problems"] == []
    assert cut["problems"] == []
    assert killed["points"] >= 15
    assert 0 < killed["done_before"] < killed["looks"]
