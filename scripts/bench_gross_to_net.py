"""Time gross to net by whole columns, and the same rules one person at a time in plain Decimal.

Every step: the month, its quarter settled, holiday pay beside it, and what might be seized.

    PYTHONPATH=. python scripts/bench_gross_to_net.py [PEOPLE ...]

Each size runs in a process of its own: best of 3 by CPU time, people per second, peak memory.
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

from payroll.gross_to_net.columns import CALCULATION_INPUT, FULL_DAY, TAX_STATUS, Trail
from payroll.gross_to_net.engine import PAY, gross_to_net, holiday_pay, run_step
from payroll.model.law import Law
from payroll.model.period import Period
from payroll.rulebook.book import load_rulebook
from payroll.store import load_rule_files, rules_folder
from tests.reference import gross_to_net as reference

MONTH = "2022-06"
CENT = Decimal("0.01")
SIZES = (4_000, 100_000, 1_000_000)
PEER_SAMPLE = 20_000


def invented_people(count: int) -> pd.DataFrame:
    """CALCULATION_INPUT: a third statutory, a quarter part-time, all families, some premiums."""
    rng = np.random.default_rng(1)
    days = len(Period.parse(MONTH).working_days)
    half = rng.random(count) < 0.25
    nsso = rng.integers(180_000, 600_000, count) // np.where(half, 2, 1)
    children = rng.choice([0, 0, 0, 1, 2, 3, 9], count)
    premium = rng.integers(0, 400_000, count) * (rng.random(count) < 0.05)
    frame = pd.DataFrame(
        {
            "gross_cents": nsso + rng.integers(0, 20_000, count) * (rng.random(count) < 0.1),
            "nsso_cents": nsso,
            "pension_cents": nsso * 9 // 10,
            "exceptional_cents": premium.astype(np.int64),
            "month_days": np.full(count, days),
            "work_days": days * FULL_DAY // np.where(half, 2, 1),
            "part_time": half,
            "statutory": rng.random(count) < 0.33,
            "tax_status": rng.integers(0, 3, count),
            "children": children,
            "disabled_children": (children > 0) * rng.choice([0, 0, 0, 1], count),
            "disabled": rng.random(count) < 0.05,
            "single_parent": np.zeros(count, dtype=bool),
            "other_dependants": rng.choice([0] * 19 + [1], count),
            "spouse_disabled": rng.random(count) < 0.02,
            "dependants_65": rng.choice([0] * 49 + [1], count),
            "spouse_low_income": rng.random(count) < 0.03,
            "spouse_low_pension": rng.random(count) < 0.02,
        }
    )
    return frame.astype(dict(CALCULATION_INPUT.columns))


def law_of_month() -> Law:
    """The law of MONTH from the project's rule files."""
    period = Period.parse(MONTH)
    return load_rulebook(load_rule_files(rules_folder())).law(period.first_day, period.last_day)


def by_columns(people: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Every step: gross to net, the quarter of three such months, holiday pay of as much as the
    month's gross, and what might be seized of all of it.
    """
    pay = gross_to_net(people, law)
    wage = (people["nsso_cents"] + people["exceptional_cents"]).to_numpy()
    withheld = 3 * pay["special_contribution_cents"].to_numpy()
    settle, status = law.step("special_contribution_quarter"), people["tax_status"].to_numpy()
    settled = run_step(settle, Trail(), (wage // 2, wage, wage), withheld, status)
    holiday = holiday_pay(people, people["gross_cents"].to_numpy(), law)
    net = pay["net_cents"].to_numpy() - settled + holiday["holiday_pay_net_cents"].to_numpy()
    children = people["children"].to_numpy()
    seized = run_step(law.step("garnishment"), Trail(), net, children)
    return pay.join(holiday).assign(settled_cents=settled, seized_cents=seized)


def as_persons(people: pd.DataFrame) -> list[reference.Person]:
    """The same people, one object each."""
    names = list(TAX_STATUS)
    return [
        reference.Person(
            status="statutory" if row.statutory else "contractual",
            gross=Decimal(row.nsso_cents) / 100,
            pension_base=Decimal(row.pension_cents) / 100,
            taxable_extra=Decimal(row.gross_cents - row.nsso_cents) / 100,
            work_days=Fraction(row.work_days, FULL_DAY),
            part_time=row.part_time,
            tax_status=names[row.tax_status],
            children=row.children,
            disabled_children=row.disabled_children,
            disabled=row.disabled,
            other_dependants=row.other_dependants,
            spouse_disabled=row.spouse_disabled,
            dependants_65=row.dependants_65,
            spouse_low_income=row.spouse_low_income,
            spouse_low_pension=row.spouse_low_pension,
        )
        for row in people.itertuples()
    ]


def one_by_one(persons: list[reference.Person]) -> list[tuple[Decimal, Decimal]]:
    """The same steps by the reference calculator: net with everything, and what may be seized."""
    day = date(2022, 6, 30)
    found = []
    for person in persons:
        pay = reference.gross_to_net(person, MONTH)
        half = person.gross.quantize(CENT) * 100 // 2 / 100
        withheld = 3 * pay.special_contribution
        settled = reference.quarter_settlement(
            (half, person.gross, person.gross), withheld, person.tax_status, MONTH
        )
        ordinary = person.gross + person.taxable_extra
        children = person.children + person.disabled_children
        holiday = reference.holiday_net(ordinary, ordinary, pay.contribution, MONTH, children)
        net = pay.net - settled + holiday.net
        found.append((net, reference.garnishment(net, person.children, day)))
    return found


def best(times: int, function: Callable[..., object], *arguments: object) -> float:
    """Seconds that the processor worked, of the fastest of some calls: other programs take none."""
    seconds = []
    for _ in range(times):
        begun = time.process_time()
        function(*arguments)
        seconds.append(time.process_time() - begun)
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
    nets, seized = ([int(pair[at] * 100) for pair in theirs] for at in (0, 1))
    net = mine["net_cents"] - mine["settled_cents"] + mine["holiday_pay_net_cents"]
    if net.tolist() != nets or mine["seized_cents"].tolist() != seized:
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
    print(f"{len(PAY.columns)} amounts, quarter, holiday pay and seizable part of {MONTH}")
    sizes = [int(text) for text in arguments] or SIZES
    for options in (*(("--size", str(size)) for size in sizes), ("--peer",)):
        sys.stdout.flush()
        subprocess.run([sys.executable, __file__, *options], check=True)
    return None


if __name__ == "__main__":
    main()
