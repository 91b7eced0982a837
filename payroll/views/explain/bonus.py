"""The bonus of one person: hours x rates, and the month's pay with it less the pay without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from payroll.gross_to_net.engine import gross_to_net
from payroll.model.errors import require
from payroll.model.net_steps import NET_STEPS
from payroll.model.streams import BONUSES
from payroll.rebuild.bonuses import GROSS, STREAM, with_bonus
from payroll.rebuild.estimation import NO_RATIO, percent_ratio
from payroll.rebuild.net import RATIO
from payroll.rulebook.components import policy_of
from payroll.rulebook.figures import plain_texts
from payroll.rulebook.law import Law
from payroll.views.explain.lines import lines_of
from payroll.views.explain.salary import note, paid, why_estimated
from payroll.views.explain.source import Person
from payroll.views.explain.steps import garnishment_items, steps_of
from payroll.views.explain.tree import Compared, Deduction, Estimate, Line, Note, Part


def bonus_part(person: Person) -> Part | None:
    """The person's bonus of the run; None when nothing is known of one."""
    ordered = person.run.order.section(BONUSES)
    if ordered is None:
        return None
    lines = lines_of(person, STREAM)
    part = Part(
        stream=STREAM,
        earning_period=str(ordered.earned),
        payment=paid(person, STREAM),
        sum_cents=sum(line.cents for line in lines),
    )
    if not lines:
        return replace(part, notes=(note("no_bonus_lines"),)) if _expected(person) else None
    gross = tuple(line for line in lines if line.component == GROSS)
    between = [line for line in lines if line.component not in (GROSS, "garnishment")]
    before = sum(line.cents for line in (*gross, *between))
    position = person.position
    calculation = person.staff.calculation
    law = calculation.law
    if position is None or law is None or not calculation.computed[position]:
        return replace(
            part,
            gross=gross,
            net_lines=tuple(between),
            net_cents=before,
            estimate=_estimate(person),
        )
    rulebook = person.run.rulebook
    added = np.array([sum(line.cents for line in gross)], dtype=np.int64)
    row = with_bonus(calculation, np.array([position]), added, rulebook)
    pay = gross_to_net(row, law)
    without = calculation.pay.iloc[[position]]
    compared = [
        Compared(
            entry=entry,
            title=title,
            first_cents=sign * int(without[column].iloc[0]),
            second_cents=sign * int(pay[column].iloc[0]),
        )
        for entry, title, sign, column in (
            ("gross", None, 1, "gross_cents"),
            *(
                (step.id, plain_texts(rulebook.steps[step.id].title), step.sign, step.cents)
                for step in NET_STEPS
            ),
            ("net", None, 1, "net_cents"),
        )
    ]
    net = compared[-1].second_cents - compared[-1].first_cents
    require(net == before, "the bonus lines are not what the pay with it leaves more")
    return replace(
        part,
        gross=gross,
        net_cents=net,
        steps=tuple(steps_of(row, law, rulebook, compared[-1].second_cents)),
        known=tuple(row for row in compared if row.first_cents or row.second_cents),
        deductions=tuple(
            _seized(person, position, line, net, law)
            for line in lines
            if line.component == "garnishment"
        ),
    )


def _expected(person: Person) -> bool:
    """Whether the run lists the person's hours or pay codes as still to be settled."""
    about = person.of("premium_hours")
    return len(about) > 0


def _seized(person: Person, position: int, line: Line, net: int, law: Law) -> Deduction:
    """What a garnishment that follows the law takes of the whole month's net, salary included."""
    salary = person.staff.garnished.iloc[position]
    household = person.staff.people.household.iloc[position]
    children = int(household["children"])
    whole = int(salary["seizable_cents"]) + net
    amounts = {"whole": whole, "salary": int(salary["seized_cents"])}
    items = garnishment_items(whole, children, law, person.run.rulebook)
    return Deduction(line=line, items=items, note=note("garnishment_bonus", amounts))


def _estimate(person: Person) -> Estimate:
    """By the person's last known ratio, else by the policy."""
    rule_ids = set(person.lines.loc[person.lines["stream"] == STREAM, "rule_id"])
    why: Note = why_estimated(person)
    if RATIO in rule_ids and person.position is not None:
        row = person.staff.people.frame.iloc[person.position]
        return Estimate(
            why=why,
            ratio_net_cents=int(row["net_before_cents"]),
            ratio_gross_cents=int(row["gross_before_cents"]),
            unchanged=False,
        )
    earned = person.run.order.section(BONUSES)
    day = person.run.order.period.first_day if earned is None else earned.earned.first_day
    policy = policy_of(person.run.rulebook.policies, NO_RATIO)
    numerator, denominator = percent_ratio(policy.dated(day))
    figures = (figure for line in lines_of(person, STREAM) for figure in line.figures)
    found = next((item for item in figures if item.figure_id == f"policy:{policy.id}"), None)
    return Estimate(
        why=why,
        ratio_net_cents=numerator,
        ratio_gross_cents=denominator,
        unchanged=False,
        figure=found,
    )
