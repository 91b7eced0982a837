"""Run the payroll: on the sample hospital, or on your own pay-run.

    python3 scripts/run.py                          the sample hospital, into demo/
    python3 scripts/run.py WORKSPACE/2022-05        your own
    python3 scripts/run.py --wheels FOLDER [...]    without any network

Makes its own environment in .venv at the first call. Exit codes are those of `payroll run`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from environment import ROOT, RUNTIME_LOCK, call, ensure

DEMO = ROOT / "demo"


def main() -> int:
    """Prepare, write the sample when no pay-run is named, run, say where to look."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("payrun", nargs="?", type=Path, help="folder with payrun.toml")
    parser.add_argument("--wheels", type=Path, help="wheel folder, to install offline")
    arguments, passed_on = parser.parse_known_args()
    python = ensure(RUNTIME_LOCK, arguments.wheels)
    payroll = (python, "-m", "payroll")
    if arguments.payrun is not None:
        return call(*payroll, "run", arguments.payrun.resolve(), *passed_on, check=False)
    if not DEMO.exists():
        call(*payroll, "demo", DEMO, "--size", "hospital", *passed_on)
    code = call(*payroll, "run", DEMO / "2022-05", *passed_on, check=False)
    # The sample has held payees on purpose: code 1 is its right ending.
    return 0 if code == 1 else code


if __name__ == "__main__":
    sys.exit(main())
