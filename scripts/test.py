"""Everything the tests need, then lint, types, layers, rules, tests. CI calls only this.

python3 scripts/test.py                 all
python3 scripts/test.py tests/unit      these tests only, without the other steps
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from environment import DEVELOPMENT_LOCK, call, ensure

#: Second opinions from Debian, where we may install them: tests that use one skip with a reason
#: where it is missing.
DEBIAN_TOOLS = {
    "xmllint": "libxml2-utils",
    "soffice": "libreoffice-calc-nogui",
    "chromium": "chromium",
    "pdftotext": "poppler-utils",
    "age": "age",
}


def install_second_opinions() -> None:
    """Install what is missing where this machine is a Debian and we are root; else do without."""
    packages = [package for tool, package in DEBIAN_TOOLS.items() if shutil.which(tool) is None]
    debian_root = Path("/etc/debian_version").exists() and os.geteuid() == 0
    if not packages or not debian_root or shutil.which("apt-get") is None:
        return
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
    if call(*install, *packages, check=False):
        call("apt-get", "update", "-qq", check=False)
        for package in packages:  # one by one: one that does not exist here stops no other
            call(*install, package, check=False)


def main() -> int:
    """Run each step; the first that fails ends the run with its exit code."""
    python = ensure(DEVELOPMENT_LOCK)
    tests = sys.argv[1:]
    if not tests:
        install_second_opinions()
        for step in (
            ("ruff", "format", "--check", "."),
            ("ruff", "check", "."),
            ("mypy",),
            ("payroll", "rules", "lint", "--lang", "en"),
        ):
            print(f"--- {' '.join(step)}", flush=True)
            call(python, "-m", *step)
        print("--- lint-imports", flush=True)
        call(python.parent / "lint-imports")
    print("--- pytest", flush=True)
    return call(python, "-m", "pytest", "-q", "-n", "2", *tests, check=False)


if __name__ == "__main__":
    sys.exit(main())
