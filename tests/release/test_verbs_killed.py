"""`rules import` and `reissue` killed as whole verbs: nothing in part, and done the next time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_a_verb_that_is_killed_leaves_nothing_half_done() -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("verb_cases.py")),
            *(["--all"] if os.environ.get("CRASHES") == "all" else []),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if "skipped" in found:
        pytest.skip(found["skipped"])
    for what in ("ImportingRulesWhole", "ReissuingWhole"):
        assert found[what]["problems"] == []
        assert found[what]["points"] >= 6
        assert {"rename"} <= found[what]["at"].keys()
        assert 0 < found[what]["done_before"] < found[what]["points"]
