"""Time gross to net by whole columns, and the same rules one person at a time in plain Decimal.

    PYTHONPATH=. python scripts/bench_gross_to_net.py [PEOPLE ...]

Each size runs in a process of its own: best of 3, people per second, peak memory of the process.
The peer is the reference calculator of the tests, on the same people; both must agree to the cent.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from payroll.gross_to_net.columns import CALCULATION_INPUT, FULL_MONTH, TAX_STATUS, Trail
from payroll.gross_to_net.engine import PAY, gross_to_net, run_step
from payroll.model.law import Law
from payroll.model.period import Period
from payroll.rulebook.book import load_rulebook
from payroll.store import load_rule_files, rules_folder
from tests.reference import gross_to_net as reference

MONTH = "2022-05"
SIZES = (4_000, 100_000, 1_000_000)
PEER_SAMPLE = 20_000


def invented_people(count: int) -> pd.DataFrame:
    """CALCULATION_INPUT: a third statutory, a quarter part-time, all families, some premiums."""
    rng = np.random.default_rng(1)
    worked = rng.choice([FULL_MONTH, FULL_MONTH, FULL_MONTH, FULL_MONTH // 2], count)
    nsso = rng.integers(180_000, 600_000, count) * worked // FULL_MONTH
    children = rng.choice([0, 0, 0, 1, 2, 3, 9], count)
    premium = rng.integers(0, 400_000, count) * (rng.random(count) < 0.05)
    frame = pd.DataFrame(
        {
            "gross_cents": nsso + rng.integers(0, 20_000, count) * (rng.random(count) < 0.1),
            "nsso_cents": nsso,
            "pension_cents": nsso * 9 // 10,
            "exceptional_cents": premium.astype(np.int64),
            "worked": worked,
            "statutory": rng.random(count) < 0.33,
            "tax_status": rng.integers(0, 3, count),
            "children": children,
            "disabled_children": (children > 0) * rng.choice([0, 0, 0, 1], count),
            "disabled": rng.random(count) < 0.05,
            "single_parent": np.zeros(count, dtype=bool),
            "other_dependants": rng.choice([0] * 19 + [1], count),
            "spouse_disabled": rng.random(count) < 0.02,
        }
    )
    return frame.astype(dict(CALCULATION_INPUT.columns))


def law_of_month() -> Law:
    """The law of MONTH from the project's rule files."""
    period = Period.parse(MONTH)
    return load_rulebook(load_rule_files(rules_folder())).law(period.first_day, period.last_day)


def by_columns(people: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Every step: gross to net, and what might be seized of each net."""
    pay = gross_to_net(people, law)
    children = people["children"].to_numpy()
    seized = run_step(law.step("garnishment"), Trail(), pay["net_cents"].to_numpy(), children)
    return pay.assign(seized_cents=seized)


def as_persons(people: pd.DataFrame) -> list[reference.Person]:
    """The same people, one object each."""
    names = list(TAX_STATUS)
    return [
        reference.Person(
            status="statutory" if row.statutory else "contractual",
            gross=Decimal(row.nsso_cents) / 100,
            pension_base=Decimal(row.pension_cents) / 100,
            taxable_extra=Decimal(row.gross_cents - row.nsso_cents) / 100,
            working_time=Fraction(row.worked, FULL_MONTH),
            tax_status=names[row.tax_status],
            children=row.children,
            disabled_children=row.disabled_children,
            disabled=row.disabled,
            other_dependants=row.other_dependants,
            spouse_disabled=row.spouse_disabled,
        )
        for row in people.itertuples()
    ]


def one_by_one(persons: list[reference.Person]) -> list[tuple[reference.Pay, Decimal]]:
    """The same steps by the reference calculator."""
    day = date(2022, 5, 31)
    pays = [reference.gross_to_net(person, MONTH) for person in persons]
    return [
        (pay, reference.garnishment(pay.net, person.children, day))
        for person, pay in zip(persons, pays, strict=True)
    ]


def best(times: int, function: Callable[..., object], *arguments: object) -> float:
    """Seconds of the fastest of some calls."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        function(*arguments)
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def peak_mb() -> float:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_size(count: int) -> None:
    """In a process of its own: print one row of the table."""
    people, law = invented_people(count), law_of_month()
    before = peak_mb()
    seconds = best(3, by_columns, people, law)
    print(
        f"{count:>9,} people  {seconds:7.3f} s  {count / seconds:>10,.0f} people/s  "
        f"process peak {peak_mb():.0f} MB ({before:.0f} MB before the first call)"
    )


def with_peer() -> None:
    """In a process of its own: both ways on the same sample, and their ratio."""
    people, law = invented_people(PEER_SAMPLE).assign(exceptional_cents=np.int64(0)), law_of_month()
    persons = as_persons(people)
    mine, theirs = by_columns(people, law), one_by_one(persons)
    nets = [int(pay.net * 100) for pay, _ in theirs]
    seized = [int(amount * 100) for _, amount in theirs]
    if mine["net_cents"].tolist() != nets or mine["seized_cents"].tolist() != seized:
        sys.exit("the two ways do not agree")
    fast, slow = best(3, by_columns, people, law), best(3, one_by_one, persons)
    print(f"the same {PEER_SAMPLE:,} people, best of 3, equal to the cent:")
    print(f"  by columns          {fast:7.3f} s  {PEER_SAMPLE / fast:>10,.0f} people/s")
    print(f"  one by one, Decimal {slow:7.3f} s  {PEER_SAMPLE / slow:>10,.0f} people/s")
    print(f"  ratio {slow / fast:.0f}")


def main() -> None:
    """Start a process for each size and one for the comparison."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--size"]:
        return one_size(int(arguments[1]))
    if arguments[:1] == ["--peer"]:
        return with_peer()
    print(f"{len(PAY.columns)} amounts and the seizable part of each person's month, {MONTH}")
    sizes = [int(text) for text in arguments] or SIZES
    for options in (*(("--size", str(size)) for size in sizes), ("--peer",)):
        sys.stdout.flush()
        subprocess.run([sys.executable, __file__, *options], check=True)
    return None


if __name__ == "__main__":
    main()
