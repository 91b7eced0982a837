"""The house rules that a tool can check: no network, no float money, short files and functions."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "payroll").rglob("*.py"))
TOP_LEVEL = {"pyproject.toml", "payroll", "rules", "fixtures", "tests", "scripts",
             "README.md", "CHANGELOG.md", "LICENSE"}  # fmt: skip


def test_top_level_is_fixed() -> None:
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    visible = {name for name in listed.stdout.split() if not name.startswith(".")}
    assert visible <= TOP_LEVEL


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    source = path.read_text("utf-8")
    assert source.count("\n") <= 400
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 80, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_assert_and_no_float_in_the_package(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: `python -O` drops it"


def test_help_is_light() -> None:
    code = (
        "import sys; sys.argv = ['payroll', '--help']\n"
        "from payroll.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'pydantic', 'lxml', 'openpyxl', 'sepaxml', 'reportlab'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout


def test_a_whole_run_opens_no_socket(tmp_path: Path) -> None:
    """Every way to a network ends in the audit events socket.*; none may occur."""
    code = (
        "import sys\n"
        "def hook(event, args):\n"
        "    if event.startswith(('socket.', 'urllib.', 'http.', 'ftplib.', 'smtplib.')):\n"
        "        raise SystemExit('NETWORK ' + event)\n"
        "sys.addaudithook(hook)\n"
        "from payroll.cli.main import main\n"
        "sys.argv = ['payroll', *sys.argv[1:]]\n"
        "main()"
    )
    environment = dict(os.environ)
    workspace = tmp_path / "w"
    for arguments in (["demo", str(workspace)], ["run", str(workspace / "2022-05")]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        assert "NETWORK" not in done.stderr
