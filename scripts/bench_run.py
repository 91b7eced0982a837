"""Time and memory of a whole run, stage by stage: the hospital, then more payees.

    .venv/bin/python scripts/bench_run.py               hospital and 100,000 payees
    .venv/bin/python scripts/bench_run.py --copies 1 2  the hospital once and twice its size

Each size runs in a process of its own, so that peak memory is its own; a larger workspace is the
sample hospital with so many times its people. `cpu` is what the whole run worked, which another
program on the same machine does not lengthen. Aims: hospital 5 s and 500 MB, 100,000 payees 45 s
and 2 GB on two cores. Last, scripts/bench_sepa.py sets the SEPA stage
against sepaxml's own validated export.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: payees of one hospital: 4,000 staff + 450 practitioners + 1,200 suppliers
PAYEES = 5_650


def run_once(folder: Path) -> dict[str, object]:
    """Run a pay-run in this process; what `payroll run` does, timed from its first import."""
    gc.disable()
    begun = time.perf_counter()
    from payroll.cli.common import Stopwatch
    from payroll.pipeline import build_run
    from payroll.publish import publish
    from payroll.rulebook.book import load_rulebook
    from payroll.store import load_payrun, load_rule_files, rules_folder, write_run

    imported = time.perf_counter()
    found = load_payrun(folder)
    rulebook = load_rulebook(load_rule_files(rules_folder()))
    read = time.perf_counter()
    watch = Stopwatch(lambda _stage: None)
    run = build_run(found.request(rulebook), watch)
    files = publish(run, watch)
    watch("write")
    write_run(folder / "runs", run.run_id, files)
    done = time.perf_counter()
    return {
        "payments": len(run.payments),
        "lines": len(run.lines),
        "findings": len(run.findings),
        "refused": run.refused,
        "seconds": {
            "import": imported - begun,
            "read": read - imported,
            **watch.seconds(),
            "whole": done - begun,
            "cpu": time.process_time(),
        },
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> int:
    """Prepare each size, measure it in a child process, print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--copies", nargs="+", type=int, default=[1, 18])
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(run_once(arguments.child)))
        return 0
    from payroll.atomic_files import write_tree
    from payroll.demo import workspace

    one = workspace.SIZES["hospital"]
    for copies in arguments.copies:
        size = workspace.Size(
            one.sites,
            one.staff * copies,
            one.practitioners * copies,
            one.suppliers * copies,
            one.invoices * copies,
        )
        workspace.SIZES = {f"times{copies}": size}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_tree(folder, workspace.demo_files(f"times{copies}", 1))
            done = subprocess.run(
                [sys.executable, __file__, "--child", folder / "2022-05"],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
        result = json.loads(done.stdout)
        print(
            f"\n{copies * PAYEES:,} payees: {result['payments']:,} payments, "
            f"{result['lines']:,} lines, {result['findings']:,} findings"
        )
        for stage, seconds in result["seconds"].items():
            print(f"  {stage:<10} {seconds:8.2f} s")
        print(f"  peak memory {result['peak_mb']:>6} MB")
    print("\nSEPA stage against sepaxml's own validated export, in one process:", flush=True)
    peer = Path(__file__).with_name("bench_sepa.py")
    return subprocess.run([sys.executable, peer], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
