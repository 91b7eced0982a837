"""Plant one fault after another into a sample hospital and see whether the controls find it.

    .venv/bin/python scripts/plant_faults.py [--size small|hospital] [--seeds N] [--together N]
                                               [--only KIND] [--json]

Each kind changes the source files as a clerk, a program or a thief would; the totals that senders
declare are taken out, because they would tell of every changed amount (kinds that need them put
them back). A fault counts as found when the run says something new, at least a warning, of the
right payee, or, for a fault of a file or of the order, under the right rule or by refusing. Exit 1
when a fault is missed, or when 1 % or more of the payees that nobody touched are newly held.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from faults import bank, others, payables, staff  # noqa: E402
from faults.desk import Desk, Planted  # noqa: E402

from payroll.model.errors import PayrollError  # noqa: E402
from payroll.model.order import parse_payrun  # noqa: E402
from payroll.pipeline import build_run  # noqa: E402
from payroll.record.findings import blocking  # noqa: E402
from payroll.record.run import RunRequest  # noqa: E402
from payroll.rulebook.book import RuleBook, load_rulebook  # noqa: E402
from payroll.store import load_rule_files, rules_folder  # noqa: E402

Fault = Callable[[Desk], Planted]
PAYEE_FAULTS: tuple[Fault, ...] = (*staff.FAULTS, *payables.FAULTS, *others.FAULTS, *bank.FAULTS)
RUN_FAULTS: tuple[Fault, ...] = (
    *staff.RUN_FAULTS,
    *payables.RUN_FAULTS,
    *others.RUN_FAULTS,
    *bank.RUN_FAULTS,
)
_LOUD = ("block", "hold", "warn")
_KEY = ["rule_id", "severity", "subject_id", "stream"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of some inputs said: its findings, whom it holds, why it did not even start."""

    findings: frozenset[tuple[str, ...]]
    held: frozenset[tuple[str, str]]
    payees: int
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One fault planted once."""

    kind: str
    seed: int
    subjects: tuple[str, ...]
    found: bool
    rules: tuple[str, ...]
    newly_held: tuple[str, ...]
    payees: int
    refused: bool


def judge(inputs: dict[str, bytes], rulebook: RuleBook) -> Outcome:
    """Run the pipeline in this process, as far as its findings and payments."""
    try:
        order, employer = parse_payrun(inputs)
        output = build_run(
            RunRequest(
                order=order,
                employer=employer,
                inputs=inputs,
                rulebook=rulebook,
                created_at=order.created_at,  # type: ignore[arg-type]
            )
        )
    except PayrollError as error:
        return Outcome(frozenset(), frozenset(), 0, error.error_id)
    loud = output.findings[output.findings["severity"].isin(_LOUD)]
    payments = output.payments
    held = payments[payments["status"] == "held"]
    return Outcome(
        frozenset(map(tuple, loud[_KEY].to_numpy().tolist())),
        frozenset(zip(held["stream"], held["payee_id"], strict=True)),
        len(payments.drop_duplicates("payee_id")),
        " ".join(sorted(set(output.findings.loc[blocking(output.findings), "rule_id"]))),
    )


def compare(
    planted: dict[str, Planted], seed: int, before: Outcome, after: Outcome
) -> Iterator[Result]:
    """What each of the faults of one run added to what was said before."""
    new = after.findings - before.findings
    touched = {subject for item in planted.values() for subject in item.subjects}
    refused = after.refused if after.refused != before.refused else ""
    newly = {payee for _, payee in after.held - before.held} - touched
    if not touched:  # a whole file is wrong: whoever it holds is not untouched
        newly = set()
    elif refused:  # one person's fault must not stop the others
        newly = {f"everybody ({refused})"}
    payees = before.payees
    for kind, item in planted.items():
        if item.subjects:
            rules = {rule for rule, _, subject, _ in new if subject in item.subjects}
            told = {subject for _, _, subject, _ in new} & item.subjects
            found = told == item.subjects if kind in others.ALL_SUBJECTS else bool(told)
        else:
            rules = {rule for rule, *_ in new if rule in item.rules} | {refused} - {""}
            found = bool(rules)
        yield Result(
            kind=kind,
            seed=seed,
            subjects=tuple(sorted(item.subjects)),
            found=found,
            rules=tuple(sorted(rules)),
            newly_held=tuple(sorted(newly)),
            payees=payees,
            refused=bool(refused),
        )
        newly, payees = set(), 0  # counted once per run


def plant(size: str, seeds: int, only: str, together: int) -> Iterator[Result]:
    """Every kind of fault at every seed; the hospital itself changes with the seed too."""
    rulebook = load_rulebook(load_rule_files(rules_folder()))
    payees = [fault for fault in PAYEE_FAULTS if only in fault.__name__]
    # far neighbours share a run, so that no family is in one together
    count = -(-len(payees) // together)
    groups = [payees[index::count] for index in range(count)]
    groups += [[fault] for fault in RUN_FAULTS if only in fault.__name__]
    for seed in range(1, seeds + 1):
        clean = Desk(size, seed, Random(seed), set())  # noqa: S311 - a sample, no secret
        before = judge(clean.inputs(), rulebook)
        known = {subject for _, _, subject, _ in before.findings}
        for group in groups:
            # a text seed: the same picks whatever other faults there are
            random = Random(f"{seed} {group[0].__name__}")  # noqa: S311
            desk = Desk(size, seed, random, set(known))
            planted = {}
            for fault in group:
                planted[fault.__name__] = fault(desk)
                desk.taken |= planted[fault.__name__].subjects
            yield from compare(planted, seed, before, judge(desk.inputs(), rulebook))


def report(results: list[Result]) -> str:
    """The table: a line per kind, then recall and precision over all."""
    lines = [f"{'fault':<34} {'planted':>7} {'found':>5} {'others held':>11}  rules"]
    for kind in dict.fromkeys(result.kind for result in results):
        own = [result for result in results if result.kind == kind]
        rules = sorted({rule for result in own for rule in result.rules})
        lines.append(
            f"{kind:<34} {len(own):>7} {sum(item.found for item in own):>5}"
            f" {sum(len(item.newly_held) for item in own):>11}  {' '.join(rules)}"
        )
    found, held, payees = totals(results)
    lines.append(
        f"\n{len(results)} faults of {len({item.kind for item in results})} kinds planted, {found} "
        f"found (recall {found / len(results):.1%}); of {payees:,} unchanged payees {held} newly "
        f"held ({held / max(payees, 1):.4%})"
    )
    return "\n".join(lines)


def totals(results: list[Result]) -> tuple[int, int, int]:
    """(found, newly held, unchanged payees over all runs)."""
    held = sum(
        item.payees if item.subjects and item.refused else len(item.newly_held) for item in results
    )
    return sum(item.found for item in results), held, sum(item.payees for item in results)


def main() -> int:
    """Plant, print, judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", choices=("small", "hospital"), default="small")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--together", type=int, default=1, help="faults of payees in one run")
    parser.add_argument("--only", default="", help="kinds whose name contains this")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results, begun = [], time.monotonic()
    for result in plant(arguments.size, arguments.seeds, arguments.only, arguments.together):
        results.append(result)
        if not result.found and not arguments.json:
            print(f"missed: {result.kind} (seed {result.seed}, {' '.join(result.subjects)})")
    found, held, payees = totals(results)
    if arguments.json:
        frame = pd.DataFrame(results)
        shown = {
            "found": found,
            "planted": len(results),
            "newly_held": held,
            "payees": payees,
            "results": frame.to_dict("records"),
        }
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        print(report(results), f"in {time.monotonic() - begun:.0f} s")
    return int(found < len(results) or held * 100 >= payees)


if __name__ == "__main__":
    sys.exit(main())
