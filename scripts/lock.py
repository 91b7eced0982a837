"""Write the two hashed locks from pyproject.toml, for every platform, naming no index host.

python3 scripts/lock.py            (needs `uv` on the PATH or in this environment)
"""

from __future__ import annotations

import subprocess
import sys

from environment import DEVELOPMENT_LOCK, ROOT, RUNTIME_LOCK

COMMON = (
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--python-version",
    "3.11",
    "--quiet",
    "--custom-compile-command",
    "python3 scripts/lock.py",
)


def main() -> int:
    """Compile both locks; the runtime one holds the build backend too."""
    for lock, extra in ((RUNTIME_LOCK, "build"), (DEVELOPMENT_LOCK, "dev")):
        command = ["uv", "pip", "compile", *COMMON, "--extra", extra, "pyproject.toml", "-o", lock]
        done = subprocess.run([str(word) for word in command], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
