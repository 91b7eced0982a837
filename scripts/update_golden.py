"""The only way to rewrite tests/golden and the messages of fixtures/errors: run, write, show.

.venv-dev/bin/python scripts/update_golden.py           everything in tests/golden
.venv-dev/bin/python scripts/update_golden.py errors    the messages in fixtures/errors
"""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden" / "hospital-small"
NAMES = ("payments.csv", "findings.csv")


def main() -> int:
    """Do what is named, else print a unified diff per golden file and rewrite it."""
    if sys.argv[1:] == ["errors"]:
        return errors()
    with tempfile.TemporaryDirectory() as name:
        workspace = Path(name) / "w"
        shutil.copytree(ROOT / "fixtures" / "hospital-small", workspace)
        done = subprocess.run(
            [sys.executable, "-m", "payroll", "run", workspace / "2022-05"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if done.returncode not in (0, 1):
            return done.returncode
        for file in NAMES:
            new = (Path(done.stdout.strip()) / file).read_text("utf-8")
            path = GOLDEN / file
            old = path.read_text("utf-8") if path.exists() else ""
            difference = difflib.unified_diff(
                old.split("\n"), new.split("\n"), "old", "new", n=0, lineterm=""
            )
            print(*difference, sep="\n")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(new, "utf-8")
    return explain_pay() or diff()


def errors() -> int:
    """Give every command of fixtures/errors, rewrite its messages and show what changed."""
    tests = [sys.executable, "-m", "pytest", "-q", "tests/test_error_fixtures.py"]
    environment = {**os.environ, "ERRORS_GOLDEN": "1"}
    done = subprocess.run(tests, cwd=ROOT, env=environment, check=False)
    subprocess.run(["git", "--no-pager", "diff", "fixtures/errors"], cwd=ROOT, check=False)
    return done.returncode


def diff() -> int:
    """Rewrite the screen of `payroll diff` on its two small sheets and show what changed."""
    tests = [sys.executable, "-m", "pytest", "-q", "tests/unit/cli/test_diff.py", "-k", "golden"]
    environment = {**os.environ, "DIFF_GOLDEN": "1"}
    done = subprocess.run(tests, cwd=ROOT, env=environment, check=False)
    subprocess.run(["git", "--no-pager", "diff", "tests/golden/diff"], cwd=ROOT, check=False)
    return done.returncode


def explain_pay() -> int:
    """Rewrite the texts of `payroll explain-pay` and show what changed."""
    tests = [sys.executable, "-m", "pytest", "-q", "tests/unit/views/explain", "-k", "test_golden"]
    environment = {**os.environ, "EXPLAIN_GOLDEN": "1"}
    done = subprocess.run(tests, cwd=ROOT, env=environment, check=False)
    subprocess.run(["git", "--no-pager", "diff", "tests/golden/explain-pay"], cwd=ROOT, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
