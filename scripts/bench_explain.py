"""How long `payroll explain-pay` takes for one person of a run, as a ratio to `import pandas`.

python3 scripts/bench_explain.py RUN [EMPLOYEE ...]

RUN is a run folder, at best of a whole hospital; without an employee the first and the last of its
people are asked for. Both are whole processes of the interpreter that runs this, one after the
other in turns, so that other work on the machine slows both: the ratio holds anywhere. Seconds are
processor time, the best of nine turns; compiled files are made first. The target is 0.6 s on an
idle core where `import pandas` takes 0.5 s, a ratio of 1.2.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
from pathlib import Path

TURNS = 9
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print processor seconds and ratio per person."""
    run = Path(sys.argv[1]).resolve()
    for employee in sys.argv[2:] or some_of(run):
        explain = [sys.executable, "-m", "payroll", "explain-pay", str(run), employee]
        pandas = [sys.executable, "-c", "import pandas"]
        seconds(explain)  # writes what is compiled
        turns = [(seconds(explain), seconds(pandas)) for _ in range(TURNS)]
        own, other = (min(column) for column in zip(*turns, strict=True))
        print(f"{employee}: {own:.3f} s, import pandas {other:.3f} s, ratio {own / other:.2f}")
    return 0


def some_of(run: Path) -> tuple[str, str]:
    """The first and the last person of a run."""
    with (run / "people.csv").open(encoding="utf-8", newline="") as file:
        people = [row["payee_id"] for row in csv.DictReader(file)]
    return people[0], people[-1]


def seconds(command: list[str]) -> float:
    """Processor seconds of a process that must end well."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
