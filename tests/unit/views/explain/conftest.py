"""A run of the small hospital in which some people lack what the law asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from payroll.model.findings import SubjectKind
from payroll.record.about import PayeeRecord
from payroll.store import load_payee
from tests.command import payroll
from tests.unit.views.explain.explained import altered_workspace

#: The record of a member of staff, by number.
Recorded = Callable[[str], PayeeRecord]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = altered_workspace(tmp_path_factory.mktemp("explained"))
    done = payroll("run", workspace / "2022-05")
    assert done.returncode == 1, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def recorded(run_folder: Path) -> Recorded:
    return cache(lambda employee: load_payee(run_folder, SubjectKind.EMPLOYEE, employee))
