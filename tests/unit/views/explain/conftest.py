"""A run of the small hospital in which some people lack what the law asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from payroll.cli.explain_pay import record_of
from payroll.record.about import PayeeRecord
from tests.unit.views.explain.explained import altered_workspace

#: The record of a member of staff, by number.
Recorded = Callable[[str], PayeeRecord]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = altered_workspace(tmp_path_factory.mktemp("explained"))
    environment = {key: value for key, value in os.environ.items() if key != "PAYROLL_DEBUG"}
    done = subprocess.run(
        [sys.executable, "-m", "payroll", "run", str(workspace / "2022-05")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment,
    )
    assert done.returncode == 1, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def recorded(run_folder: Path) -> Recorded:
    return cache(lambda employee: record_of(run_folder, employee))
