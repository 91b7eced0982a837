"""Two sheets with 14 known changes: what daff, datacompy and `payroll diff` show, and how fast.

python3 scripts/bench_diff.py [--rows 100000] [--others PYTHON]

daff and datacompy are no dependency of the project (datacompy brings polars and an older pandas).
They run in the interpreter named by --others, else in this one where they can be imported:

    python3 -m venv /tmp/others && /tmp/others/bin/pip install daff datacompy
    python3 scripts/bench_diff.py --others /tmp/others/bin/python

A change is shown rightly when a real change appears with its old and new value under its key, and
when what is only written otherwise appears nowhere. Each change is tried alone and with the other
13: "only alone" is lost among them. All three are given the key column, datacompy and payroll diff
the tolerance too. Times are processor seconds (other work on the machine does not count), the best
of three, from files to the result, without imports.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HEAD = ("Staff no", "Name", "IBAN", "Status", "Start", "Net")
Row = tuple[str, ...]
TOLERANCE = "0.01"
#: The 14 changes: name, key, whether it is a real change, and what must be seen of it.
CHANGES: tuple[tuple[str, str, bool, tuple[str, ...]], ...] = (
    ("added row", "A-NEW", True, ("A-NEW",)),
    ("removed row", "A-002", True, ("A-002",)),
    ("amount", "A-003", True, ("1003.00", "1503.00")),
    ("rounding within tolerance", "A-004", False, ()),
    ("text number against number", "A-005", False, ()),
    ("date written otherwise", "A-006", False, ()),
    ("column order", "", False, ()),
    ("row order", "A-008", False, ()),
    ("IBAN changed", "A-009", True, ("BE13103960626939", "BE95340094121158")),
    ("name changed", "A-010", True, ("Person 10", "Person Ten")),
    ("status changed", "A-011", True, ("active", "left")),
    ("duplicate key", "A-012", True, ("A-012",)),
    ("blanks around a text", "A-013", False, ()),
    ("formula-like text, kept as text", "A-014", True, ("Person 14", "=1+1")),
)
OTHERS = ("daff", "datacompy")


def two_sheets(rows: int, only: int | None = None) -> tuple[list[Row], list[Row]]:
    """The old sheet, and the new one with the 14 changes or a single one; HEAD in front of each."""
    old = [
        (
            f"A-{number:03d}",
            f"Person {number}",
            "BE13103960626939",
            "active",
            "2020-03-01",
            f"{1000 + number}.00",
        )
        for number in range(rows)
    ]
    new = {row[0]: list(row) for row in old}
    wanted = set(range(len(CHANGES))) if only is None else {only}
    cells = {
        2: ("A-003", 5, "1503.00"),
        3: ("A-004", 5, "1004.01"),
        4: ("A-005", 5, "1005,00"),
        5: ("A-006", 4, "01/03/2020"),
        8: ("A-009", 2, "BE95340094121158"),
        9: ("A-010", 1, "Person Ten"),
        10: ("A-011", 3, "left"),
        12: ("A-013", 1, "  Person 13 "),
        13: ("A-014", 1, "=1+1"),
    }
    for number in wanted & cells.keys():
        key, place, value = cells[number]
        new[key][place] = value
    if 1 in wanted:
        del new["A-002"]
    if 7 in wanted:
        new["A-008"] = new.pop("A-008")  # to the end
    changed = list(new.values())
    if 0 in wanted:
        changed.append(["A-NEW", "Person New", "BE13103960626939", "active", "2022-05-01", "10.00"])
    if 11 in wanted:
        changed.append(list(new["A-012"]))
    order = (0, 2, 1, 3, 5, 4) if 6 in wanted else range(6)
    turned = [tuple(row[place] for place in order) for row in ([*HEAD], *changed)]
    return [HEAD, *old], turned


def write(path: Path, rows: Sequence[Row]) -> Path:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


# --- the three tools: each gives text blocks per key --------------------------------------------


def with_daff(old: Path, new: Path) -> tuple[dict[str, str], float]:
    """daff's highlighter table, by key."""
    import daff

    begun = time.process_time()
    tables = []
    for path in (old, new):
        with path.open(encoding="utf-8", newline="") as file:
            tables.append(daff.PythonTableView(list(csv.reader(file))))
    flags = daff.CompareFlags()
    flags.addPrimaryKey(HEAD[0])
    flags.unchanged_context = 0
    flags.show_unchanged = False
    shown: list[list[object]] = []
    alignment = daff.Coopy.compareTables(tables[0], tables[1], flags).align()
    daff.TableDiff(alignment, flags).hilite(daff.PythonTableView(shown))
    seconds = time.process_time() - begun
    found: dict[str, str] = {}
    for row in shown:
        mark, cells = str(row[0]), [str(cell) for cell in row]
        if mark in ("+++", "---", "->", "+") or "->" in mark:
            for cell in cells[1:]:
                if cell.startswith("A-"):
                    found[cell] = found.get(cell, "") + " | ".join(cells) + "\n"
        elif mark == "!" or ":" in mark:
            found["(columns)"] = " | ".join(cells)
    return found, seconds


def with_datacompy(old: Path, new: Path) -> tuple[dict[str, str], float]:
    """datacompy's rows of one side and mismatches, by key."""
    import datacompy
    import pandas as pd

    begun = time.process_time()
    frames = [pd.read_csv(path) for path in (old, new)]
    compare = getattr(datacompy, "PandasCompare", None) or datacompy.Compare
    result = compare(frames[0], frames[1], join_columns=[HEAD[0]], abs_tol=float(TOLERANCE))
    mismatches = result.all_mismatch()
    sides = [("removed", result.df1_unq_rows), ("added", result.df2_unq_rows)]
    seconds = time.process_time() - begun
    key = next(name for name in mismatches.columns if name.casefold() == HEAD[0].casefold())
    found: dict[str, str] = {}
    for row in mismatches.astype(str).to_dict("records"):
        pairs = [
            (row[name], row[name.removesuffix("_df1") + "_df2"])
            for name in row
            if name.endswith("_df1")
        ]
        found[row[key]] = "\n".join(f"{a} -> {b}" for a, b in pairs if a != b)
    for what, frame in sides:
        for row in frame.astype(str).to_dict("records"):
            found[row[key]] = found.get(row[key], "") + f"{what}: " + " | ".join(row.values())
    return found, seconds


def with_payroll(old: Path, new: Path) -> tuple[dict[str, str], float]:
    """`payroll diff --json` in this process, by key."""
    from decimal import Decimal

    from payroll.rulebook.book import load_rulebook
    from payroll.store import load_rule_files, rules_folder
    from payroll.views.diff.build import Given, Options, diff_of
    from payroll.views.diff.machine import diff_json

    begun = time.process_time()
    formats = load_rulebook(load_rule_files(rules_folder())).formats
    options = Options(keys=(HEAD[0],), tolerance=Decimal(TOLERANCE), language="en")
    given = [Given(label=path.name, content=path.read_bytes()) for path in (old, new)]
    result: Any = json.loads(json.dumps(diff_json(diff_of(given, formats, options))))
    seconds = time.process_time() - begun
    found: dict[str, str] = {}
    for item in result["changes"]:
        said = f"{item['column']}: {item['old']} -> {item['new']}\n"
        found[item["key"][0]] = found.get(item["key"][0], "") + said
    for what in ("added", "removed"):
        for item in result[what]:
            found[item["key"][0]] = f"{what} {item['key'][0]}"
    return found, seconds


TOOLS: dict[str, Callable[[Path, Path], tuple[dict[str, str], float]]] = {
    "daff": with_daff,
    "datacompy": with_datacompy,
    "payroll diff": with_payroll,
}


def judged(found: dict[str, str]) -> list[bool]:
    """Per known change, whether it is shown as it should be."""
    verdicts = []
    for name, key, real, wanted in CHANGES:
        if name == "column order":
            verdicts.append("(columns)" not in found)
        elif not real:
            verdicts.append(key not in found)
        else:
            said = found.get(key, "").replace("1503.0 ", "1503.00 ").replace("1003.0 ", "1003.00 ")
            said = said.replace("1003.0\n", "1003.00\n")
            plain = [part.removesuffix(".00") for part in wanted]
            verdicts.append(key in found and all(part in f"{key} {said}" for part in plain))
    return verdicts


def measured(tool: str, rows: int) -> dict[str, Any]:
    """The verdicts on each change alone and on all together, and the seconds on a large pair."""
    with tempfile.TemporaryDirectory() as folder:

        def run(number: int | None, count: int) -> tuple[dict[str, str], float]:
            sheets = zip("ab", two_sheets(count, number), strict=True)
            paths = [write(Path(folder) / f"{side}.csv", sheet) for side, sheet in sheets]
            return TOOLS[tool](paths[0], paths[1])

        alone = [judged(run(number, 60)[0])[number] for number in range(len(CHANGES))]
        together = judged(run(None, 60)[0])
        seconds = min(run(None, rows)[1] for _ in range(3))
    return {"alone": alone, "together": together, "seconds": round(seconds, 2)}


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--others", default=sys.executable)
    parser.add_argument("--one", choices=TOOLS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one, asked.rows)))
        return 0
    results: dict[str, dict[str, Any]] = {}
    for tool in TOOLS:
        python = asked.others if tool in OTHERS else sys.executable
        command = [python, __file__, "--one", tool, "--rows", str(asked.rows)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(
                f"{tool}: not measured ({done.stderr.strip().splitlines()[-1]}); see the top of "
                "this file for how to install it",
                file=sys.stderr,
            )
            continue
        results[tool] = json.loads(done.stdout)
    rows = [
        [name, *(_word(result, number) for result in results.values())]
        for number, (name, _, _, _) in enumerate(CHANGES)
    ]
    for what, title in (
        ("alone", "rightly, each change alone"),
        ("together", "rightly, all 14 together"),
    ):
        rows.append([title, *(f"{sum(result[what])} of 14" for result in results.values())])
    rows.append(
        [
            f"{asked.rows:,} rows, processor time",
            *(f"{item['seconds']} s" for item in results.values()),
        ]
    )
    for number, row in enumerate([["known change", *results], *rows]):
        print(
            "| "
            + " | ".join(f"{cell:<{34 if not place else 13}}" for place, cell in enumerate(row))
            + " |"
        )
        if not number:
            print(f"|{'-' * 36}|" + f"{'-' * 15}|" * len(results))
    return 0


def _word(result: dict[str, Any], number: int) -> str:
    if result["together"][number] and result["alone"][number]:
        return "yes"
    return "only alone" if result["alone"][number] else "NO"


if __name__ == "__main__":
    sys.exit(main())
