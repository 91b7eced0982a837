"""Lines of lines.csv with what they were made of: whole month and share, hours and rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import pandas as pd

from payroll.model.money import divide
from payroll.model.period import Period
from payroll.model.streams import BONUSES
from payroll.rebuild.bonuses import HOURS_PER_YEAR
from payroll.rebuild.proration import DAYS
from payroll.rebuild.salaries import INDEX
from payroll.rulebook.components import by_alias, plain
from payroll.rulebook.figures import Days, Figure, figure_of, plain_texts
from payroll.views.explain.source import Person
from payroll.views.explain.tree import Hours, Line, Proration

FULL_TIME = 10**6


def lines_of(person: Person, stream: str) -> list[Line]:
    """The person's lines of a stream, in the order of lines.csv."""
    rows = person.lines[person.lines["stream"] == stream]
    return [
        _line(person, {str(key): value for key, value in row.items()})
        for row in rows.to_dict("records")
    ]


def dropped_lines(person: Person) -> list[Line]:
    """The lines of the known month that do not come back; `basis` is their nature."""
    rows = person.staff.dropped
    components = by_alias(person.run.rulebook.components)
    found = []
    for row in rows[rows["payee_id"] == person.employee_id].to_dict("records"):
        known = components.get(plain(str(row["component"])))
        found.append(
            Line(
                line_id="",
                component=str(row["component"]),
                cents=int(row["amount_cents"]),
                title=None if known is None else plain_texts(known.title),
                basis=str(row["nature"]),
                source=str(row["source"]),
            )
        )
    return found


def _line(person: Person, row: dict[str, object]) -> Line:
    rulebook = person.run.rulebook
    component, rule_id = str(row["component"]), str(row["rule_id"])
    days = person.days
    if row["stream"] == BONUSES.name:
        days = Days(Period.parse(str(row["earning_period"])).first_day, days.payment)
    known = by_alias(rulebook.components).get(plain(component))
    line = Line(
        line_id=str(row["line_id"]),
        component=component,
        title=None if known is None else plain_texts(known.title),
        cents=int(str(row["amount_cents"])),
        basis=str(row["basis"]),
        source=str(row["source"]),
        quantity=str(row["quantity"]),
        rate=str(row["rate"]),
        figures=figures_of(person, rule_id, days),
    )
    if row["stream"] == BONUSES.name:
        return _with_hours(person, line, days)
    new = row["component"] == "base_salary" and not _in_register(person)
    return _with_share(person, line) if line.quantity or new else line


def _in_register(person: Person) -> bool:
    frame = person.staff.people.frame
    return person.position is not None and bool(frame["in_register"].iloc[person.position])


def figures_of(person: Person, rule_id: str, days: Days) -> tuple[Figure, ...]:
    """What the words of a rule id stand for; pay codes and steps say nothing more than their line
    and are left out.
    """
    tokens = [token for token in rule_id.split() if not token.startswith(("component:", "step:"))]
    found = (figure_of(person.run.rulebook, token, days) for token in tokens)
    return tuple(figure for figure in found if figure is not None)


def _with_share(person: Person, line: Line) -> Line:
    """The whole month's amount and the share, where they give the line's amount exactly."""
    if person.position is None:
        return line
    frame = person.staff.people.frame
    row = frame.iloc[person.position]
    worked = int(person.staff.calculation.people["worked"].iloc[person.position])
    own = max(int(row["fte_millionths"]), 0) or FULL_TIME
    over = own if row["in_register"] or not row["full_time"] else FULL_TIME
    base = int(row["base_cents"]) if not row["in_register"] else _register_amount(person, line)
    times = [int(Fraction(item) * FULL_TIME) for item in line.rate.split("→") if item] or [own]
    parts = _parts(line.quantity, times, worked)
    if base is None or parts is None:
        return line
    total = sum(days * time for days, time in parts)
    if divide(base * total, over * DAYS) != line.cents:
        return line
    share = Proration(parts=parts, over_millionths=over)
    return replace(line, base_cents=base, proration=share)


def _parts(quantity: str, times: list[int], worked: int) -> tuple[tuple[int, int], ...] | None:
    """Which days at which working time: the pairing that gives what was worked, else None."""
    days = [int(part.split("/")[0]) for part in (quantity or f"{DAYS}/{DAYS}").split("+")]
    if days == [0]:
        return ((0, times[0]),)
    candidates: Iterable[tuple[int, ...]] = permutations(times, len(days))
    if len(times) < len(days):
        candidates = [(times[0],) * len(days)]
    for chosen in candidates:
        parts = tuple(zip(days, chosen, strict=True))
        if sum(count * time for count, time in parts) == worked:
            return parts
    return None


def _register_amount(person: Person, line: Line) -> int | None:
    """The known month's amount of a line, by its cell."""
    source = line.source.split("; ", maxsplit=1)[0]
    rows = person.of("register_lines")
    found = rows.loc[rows["source"] == source, "amount_cents"]
    if len(found):
        return int(found.iloc[0])
    totals = person.of("register_totals")
    gross = totals.loc[totals["source"] == source, "gross_cents"]
    detailed = int(rows["amount_cents"].sum()) if line.component == "gross_residual" else 0
    return int(gross.iloc[0]) - detailed if len(gross) else None


def _with_hours(person: Person, line: Line, days: Days) -> Line:
    """Hours x rate, where they give the line's amount exactly."""
    rate = next((item for item in line.figures if item.figure_id.startswith("premium:")), None)
    line = line if rate is None else replace(line, title=rate.title)
    rows = person.of("premium_hours")
    found: pd.Series[int] = rows.loc[rows["source"] == line.source, "hours_hundredths"]
    if rate is None or not isinstance(rate.value, Fraction) or found.empty:
        return line
    hundredths, rulebook = int(found.iloc[0]), person.run.rulebook
    if rate.unit == "percent_of_hourly":
        staff = person.of("employees")
        base = int(staff["monthly_gross_cents"].iloc[0]) if len(staff) else 0
        hours = Hours(
            hundredths=hundredths,
            rate=rate.value,
            monthly_gross_cents=base,
            factor=rulebook.number(HOURS_PER_YEAR, days.earning),
        )
        raw = Fraction(hundredths, 100) * base * 12 / hours.factor * rate.value / 100
    else:
        hours = Hours(
            hundredths=hundredths, rate=rate.value, factor=rulebook.number(INDEX, days.earning)
        )
        raw = hundredths * rate.value * hours.factor
    if divide(raw.numerator, raw.denominator) != line.cents:
        return line
    return replace(line, hours=hours)
