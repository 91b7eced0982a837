"""Fill a wheel folder on a connected machine, for a PC without any network.

    python3 scripts/wheels.py FOLDER                        for this kind of machine
    python3 scripts/wheels.py FOLDER --platform win_amd64   for Windows, from anywhere

Then, on the isolated PC:  python scripts/run.py --wheels FOLDER

The lock is universal: each requirement carries its own platform marker, so the Windows-only
packages are named by it. `pip download --platform` would judge those markers for the machine it
runs on (and forget tzdata); here they are judged for the machine that is meant.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

from environment import RUNTIME_LOCK, call, ensure

MARKER = re.compile(r"\s;\s*(?P<marker>[^\\]+)")


def requirements_for(platform: str, python_version: str) -> str:
    """The lock with its markers resolved for a platform: unmet entries left out, markers gone."""
    from packaging.markers import Marker

    environment = {
        "sys_platform": "win32" if platform.startswith("win") else "linux",
        "platform_system": "Windows" if platform.startswith("win") else "Linux",
        "os_name": "nt" if platform.startswith("win") else "posix",
        "python_version": python_version,
        "python_full_version": f"{python_version}.0",
    }
    kept = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", RUNTIME_LOCK.read_text("utf-8")):
        first, _, rest = block.partition("\n")
        found = MARKER.search(first)
        if found is None:
            kept.append(block)
        elif Marker(found["marker"].strip()).evaluate(environment):
            kept.append(MARKER.sub(" ", first) + "\n" + rest)
    return "\n".join(kept)


def main() -> int:
    """Download the locked wheels, each checked against its hash."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--platform", help="win_amd64, manylinux2014_x86_64, ...")
    parser.add_argument("--python-version", default=f"{sys.version_info[0]}.{sys.version_info[1]}")
    arguments = parser.parse_args()
    python = ensure(RUNTIME_LOCK)
    pip = [
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "download",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "-d",
        arguments.folder.resolve(),
    ]
    if arguments.platform is None:
        return call(*pip, "-r", RUNTIME_LOCK, check=False)
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        return call(python, *sys.argv, check=False)  # `packaging` lives in that environment
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "requirements.txt"
        lock.write_text(requirements_for(arguments.platform, arguments.python_version), "utf-8")
        return call(
            *pip,
            "--platform",
            arguments.platform,
            "--implementation",
            "cp",
            "--python-version",
            arguments.python_version,
            "-r",
            lock,
            check=False,
        )


if __name__ == "__main__":
    sys.exit(main())
