"""Everything the tests need, then lint, types, layers, rules, tests. CI calls only this.

python3 scripts/test.py                 all
python3 scripts/test.py tests/unit      these tests only, without the other steps
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from environment import DEVELOPMENT_LOCK, ROOT, call, child_environment, ensure

#: Second opinions from Debian, where we may install them: tests that use one skip with a reason
#: where it is missing.
DEBIAN_TOOLS = {
    "xmllint": "libxml2-utils",
    "soffice": "libreoffice-calc-nogui",
    "chromium": "chromium",
    "pdftotext": "poppler-utils",
    "age": "age",
}
#: What the temporary files of all tests take together, and as much again.
ROOM = 4 * 2**30
#: What is said of the code without running it: modules of Python, or commands beside it.
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("payroll", "rules", "lint", "--lang", "en"),
    ("lint-imports",),
)


def install_second_opinions() -> None:
    """Install what is missing where this machine is a Debian and we are root; else do without."""
    packages = [package for tool, package in DEBIAN_TOOLS.items() if shutil.which(tool) is None]
    debian_root = Path("/etc/debian_version").exists() and os.geteuid() == 0
    if not packages or not debian_root or shutil.which("apt-get") is None:
        return
    print(f"Installing {' '.join(packages)} ...", file=sys.stderr, flush=True)
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
    if call(*install, *packages, check=False, quiet=True):
        call("apt-get", "update", "-qq", check=False, quiet=True)
        for package in packages:  # one by one: one that does not exist here stops no other
            call(*install, package, check=False, quiet=True)


def checked(python: Path, step: tuple[str, ...]) -> tuple[int, str]:
    """(exit code, what it said) of one of the checks."""
    command = (python.parent / step[0],) if step == ("lint-imports",) else (python, "-m", *step)
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=child_environment(),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return done.returncode, done.stdout


def check_code(python: Path) -> None:
    """All checks, two at a time; what they say is shown in their order."""
    with ThreadPoolExecutor(2) as pool:
        for step, (code, said) in zip(
            CHECKS, pool.map(lambda step: checked(python, step), CHECKS), strict=True
        ):
            print(f"--- {' '.join(step)}\n{said}", end="", flush=True)
            if code:
                pool.shutdown(cancel_futures=True)
                sys.exit(code)


@contextmanager
def in_memory() -> Iterator[None]:
    """Temporary files in memory where there is room: a run is some two hundred files, each synced,
    and a test has many.
    """
    memory = Path("/dev/shm")  # noqa: S108 - what is made in it is ours alone
    if not memory.is_dir() or shutil.disk_usage(memory).free < ROOM:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="payroll-tests-", dir=memory) as folder:
        Path(folder).chmod(0o711)  # some tests drop the rights of root, and go below it still
        os.environ["TMPDIR"] = folder
        yield


def run_tests(python: Path, tests: list[str]) -> int:
    """pytest's exit code."""
    # worksteal: a worker goes through whole files, so that what a file shares is made once
    spread = ("-n", "2", "--dist", "worksteal")
    return call(python, "-m", "pytest", "-q", *spread, *tests, check=False)


def main() -> int:
    """Run each step; the first that fails ends the run with its exit code."""
    tests = sys.argv[1:]
    if tests:
        python = ensure(DEVELOPMENT_LOCK)
    else:
        with ThreadPoolExecutor(1) as beside:  # Debian's archive while we use PyPI and the code
            installed = beside.submit(install_second_opinions)
            python = ensure(DEVELOPMENT_LOCK)
            check_code(python)
            installed.result()
    print("--- pytest", flush=True)
    with in_memory():
        return run_tests(python, tests)


if __name__ == "__main__":
    sys.exit(main())
