"""Make the project's own environment in .venv from a hashed lock; shared by run.py and test.py.

Only the standard library, and only what Python 3.11 has, because nothing is installed yet.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
#: What an operator needs, and what a developer needs besides.
RUNTIME_LOCK = SCRIPTS / "requirements.lock"
DEVELOPMENT_LOCK = SCRIPTS / "requirements-dev.lock"


def child_environment() -> dict[str, str]:
    """The environment for our own commands: compiled bytecode (start-up is 4x faster with it)."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH")
    return {key: value for key, value in os.environ.items() if key not in unwanted}


def call(*arguments: object, check: bool = True, quiet: bool = False) -> int:
    """Run a command from the project's root, its output shown; quiet: only its errors."""
    words = [str(argument) for argument in arguments]
    shown = subprocess.DEVNULL if quiet else None
    done = subprocess.run(words, cwd=ROOT, env=child_environment(), check=False, stdout=shown)
    if check and done.returncode:
        sys.exit(done.returncode)
    return done.returncode


def ensure(lock: Path, wheels: Path | None = None) -> Path:
    """The environment's Python, made or brought up to date with the lock.

    wheels: a folder filled by scripts/wheels.py; with it nothing is fetched from anywhere.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - says so instead of failing later
        sys.exit("Python 3.11 or newer is needed (python3 --version).")
    home = ROOT / (".venv" if lock == RUNTIME_LOCK else ".venv-dev")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / "installed-lock"
    wanted = hashlib.sha256(
        lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode()
    ).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"Preparing {home.name} ...", file=sys.stderr, flush=True)
    venv.create(home, with_pip=True, clear=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    source = ["--no-index", "--find-links", wheels.resolve()] if wheels else []
    call(*pip, *source, "--require-hashes", "--only-binary=:all:", "-r", lock)
    call(*pip, "--no-index", "--no-deps", "--no-build-isolation", "-e", ROOT)
    stamp.write_text(wanted)
    return python
