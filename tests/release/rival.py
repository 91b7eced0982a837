"""A process that releases or approves at a given moment. Called by test_rivals.py.

Reads a line of JSON (act, workspace, run_id, name), makes the run ready and says so; reads the
moment, waits for it, acts, and prints what came of it; and so on until its input ends.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from payroll.model.errors import PayrollError
from payroll.release.release import approve_run, release_run
from tests.release.desk_samples import NEAR, PHRASE, Desk


def say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        prepared = Desk(Path(asked["workspace"]), asked["run_id"]).prepare()
        say("ready")
        moment = float(sys.stdin.readline())
        while time.monotonic() < moment:
            pass
        try:
            if asked["act"] == "release":
                release_run(prepared, asked["name"], NEAR, asked["reason"])
            else:
                approve_run(prepared, asked["name"], asked["key"].encode(), PHRASE)
            say({"error": "", "exit": 0, "params": {}})
        except PayrollError as error:
            say({"error": error.error_id, "exit": error.exit_code, "params": dict(error.params)})


if __name__ == "__main__":
    main()
