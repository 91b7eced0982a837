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
TOP_LEVEL = {
    "pyproject.toml",
    "payroll",
    "rules",
    "fixtures",
    "tests",
    "scripts",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
}


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


def test_files_and_functions_stay_short() -> None:
    long = []
    for path in MODULES:
        source = path.read_text("utf-8")
        if source.count("\n") > 400:
            long.append(f"{path.relative_to(ROOT)} has {source.count(chr(10))} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 80:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {length} lines")
    assert long == []


def test_no_assert_in_the_package() -> None:
    """`python -O` drops it."""
    found = [
        f"{path.relative_to(ROOT)}, line {node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert found == []


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


#: What people do with a month, in the folder that holds the workspace `w`; RUN is the run.
DAY = (
    "demo w",
    "keys new --name 'Zoé Modèle' --out keys/zoe.key --enrol w",
    "keys new --name 'Hervé Spécimen' --out keys/herve.key --enrol w",
    "run w/2022-05",
    "approve RUN --by 'Zoé Modèle' --key keys/zoe.key",
    "approve RUN --by 'Hervé Spécimen' --key keys/herve.key",
    "release RUN",
    "pack RUN --to 'Zoé Modèle' --out out/run.age",
    "unpack out/run.age --key keys/zoe.key --into opened",
    "template employees -o out/staff.xlsx",
    "rules export -o out/rules.xlsx",
    "diff RUN RUN -o out/diff.xlsx",
    "calc 2022-05 staff.csv -o out/net.xlsx",
    "forget RUN --by 'Noé Brouillon' --reason paid --yes --even-open",
    "ledger verify --workspace w",
)
STAFF = (
    "N° agent;Statut;ETP;Traitement mensuel brut;Situation fiscale;Enfants à charge;"
    "Agent handicapé\n1001;Contractuel;1;3000,00;Isolé;0;non\n"
)


_DAY_SCRIPT = """
import contextlib, io, shlex, sys

def hook(event, args):
    if event.startswith(('socket.', 'urllib.', 'http.', 'ftplib.', 'smtplib.')):
        raise SystemExit('NETWORK ' + event)

sys.addaudithook(hook)
from payroll.cli.main import main

run = ''
for line in sys.argv[1:]:
    words = [run if word == 'RUN' else word for word in shlex.split(line)]
    sys.argv, out = ['payroll', *words], io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            main()
    except SystemExit as end:
        if end.code not in (None, 0, 1):
            raise SystemExit(f'{line}: {end.code}') from end
    run = out.getvalue().strip() if words[0] == 'run' else run
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every verb that writes, once, with no umask to help and with the network forbidden."""
    folder = tmp_path_factory.mktemp("day")
    (folder / "staff.csv").write_text(STAFF, "utf-8")
    (folder / "staff.csv").chmod(0o600)
    (folder / "out").mkdir(mode=0o700)
    old = folder / "out" / "net.xlsx"  # an older file that everybody may read
    old.write_bytes(b"old")
    old.chmod(0o644)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PAYROLL_PASSPHRASE": "agrafe correcte"}
    done = subprocess.run(
        [sys.executable, "-c", _DAY_SCRIPT, *DAY],
        cwd=folder,
        umask=0,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_verb_opens_no_socket(day: Path) -> None:
    """Every way to a network ends in the audit events socket.*; none occurred in the whole day."""
    assert (day / "opened").is_dir()
    assert (day / "w" / "ledger.sqlite").is_file()
    assert len(list(day.glob("w/2022-05/runs/*/forgotten.json"))) == 1
    assert list(day.glob("w/2022-05/outbox/*.xml")) == []


def test_whatever_is_written_is_for_its_owner_only(day: Path) -> None:
    modes = {
        path.relative_to(day).as_posix(): path.stat().st_mode & 0o777 for path in day.rglob("*")
    }
    wrong = {
        name: oct(mode)
        for name, mode in modes.items()
        if mode != (0o700 if (day / name).is_dir() else 0o600)
    }
    assert wrong == {}
    assert len(modes) > 100


def test_files_are_written_in_few_places_only() -> None:
    """Who writes a file elsewhere writes it with the mode of the day."""
    writers = {"write_bytes", "write_text", "mkstemp", "mkdtemp", "NamedTemporaryFile", "mkdir"}
    allowed = {
        "atomic_files.py",
        "store.py",
        "release/private_files.py",
        "release/unpack.py",
        "release/release.py",
        "release/workspace.py",
    }
    found = {
        path.relative_to(ROOT / "payroll").as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in writers
    }
    assert found <= allowed
