"""Every error id of the catalogue: the smallest input that causes it, and what people then read."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import payroll
from payroll.texts import catalogue
from tests.error_cases import (
    SPOKEN,
    Starts,
    error_ids,
    read_case,
    rewrite_message,
    rulebooks_remembered,
    spoken,
)
from tests.error_steps import set_up

#: scripts/update_golden.py errors: write the messages anew.
REWRITING = bool(os.environ.get("ERRORS_GOLDEN"))
#: What a refused command leaves all the same: every other one changes no file.
WRITTEN = {"run_not_wiped": "forgotten.json, written before the first file is wiped"}
#: Written anew with the same content by whoever opens the ledger to write.
SEAL = (".ledger.sqlite.lock", "ledger.sqlite.seal")
_RAISED = {"PayrollError", "UsageError", "DamagedInputError"}


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starts]:
    with rulebooks_remembered():
        yield Starts(tmp_path_factory.mktemp("starts"))


def written(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder, its size and when it was written, but for the ledger's seal."""
    found = ((path, path.lstat()) for path in folder.rglob("*") if not path.is_dir())
    return {
        path.relative_to(folder).as_posix(): (stat.st_size, stat.st_mtime_ns)
        for path, stat in found
        if path.name not in SEAL
    }


def known_errors() -> set[str]:
    return {name.removesuffix(".remedy") for name in catalogue() if name.endswith(".remedy")}


def test_every_error_of_the_catalogue_has_a_folder() -> None:
    assert set(error_ids()) == known_errors()


def test_every_error_that_the_code_raises_has_words() -> None:
    raised = {
        str(node.args[0].value)
        for path in Path(payroll.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in _RAISED and node.args and isinstance(node.args[0], ast.Constant)
    }
    assert len(raised) > 150
    assert raised <= known_errors()


@pytest.mark.parametrize("error_id", error_ids())
def test_the_input_causes_the_error_and_its_words(
    error_id: str, starts: Starts, tmp_path: Path
) -> None:
    case = read_case(error_id)
    with ExitStack() as until_done:
        place = starts.copy(case.start, tmp_path, until_done)
        set_up(place, case)
        before = written(place.folder)
        ended, said = spoken(place, case, each=REWRITING)
    assert ended.error is not None, ended.stderr
    assert (ended.error.error_id, ended.code) == (error_id, case.exit_code)
    assert (written(place.folder) == before) == (error_id not in WRITTEN)
    if REWRITING:
        rewrite_message(case, said)
        return
    assert said == {language: case.message[language] for language in SPOKEN}
