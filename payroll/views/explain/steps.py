"""The steps of the law as they were worked out for one person, from the engine's trail."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import groupby

import numpy as np

from payroll.gross_to_net.columns import CalculationInput, Trail, TrailItem
from payroll.gross_to_net.engine import holiday_amounts, run_step, trails
from payroll.gross_to_net.social import family_of
from payroll.model.components import HOLIDAY_CONTRIBUTION, HOLIDAY_WITHHOLDING, QUARTER
from payroll.model.errors import require
from payroll.model.law import Law
from payroll.model.money import Cents, Rounding, divide
from payroll.model.net_steps import NET_STEPS
from payroll.rulebook.book import RuleBook
from payroll.rulebook.figures import Figure, figure_at, plain_texts
from payroll.texts import languages, text
from payroll.views.explain.tree import ExplainedStep, StepAmount

#: The items that a step adds up to.
RESULTS = {
    "personal_contribution": (
        "contribution_contractual",
        "contribution_statutory_health",
        "contribution_statutory_pension",
    ),
    "work_bonus": (
        "work_bonus_granted",
        "work_bonus_low_granted",
        "work_bonus_very_low_granted",
        "work_bonus_other_month",
    ),
    "withholding": ("withholding",),
    "fiscal_work_bonus": ("fiscal_work_bonus",),
    "special_contribution": ("special_contribution",),
    "exceptional_withholding": ("exceptional_withholding",),
    QUARTER: ("special_contribution_settled",),
    HOLIDAY_CONTRIBUTION: ("contribution_holiday_pay",),
    HOLIDAY_WITHHOLDING: ("exceptional_withholding",),
}
#: What the personal contribution of statutory staff is called.
_CONTRIBUTION, _STATUTORY = "personal_contribution", "explain_step_statutory_contribution"
_SIGNS = {step.id: step.sign for step in NET_STEPS} | dict.fromkeys(
    ("exceptional_withholding", QUARTER, HOLIDAY_CONTRIBUTION, HOLIDAY_WITHHOLDING), -1
)


def steps_of(
    person: CalculationInput, law: Law, rulebook: RuleBook, net_cents: int
) -> list[ExplainedStep]:
    """Every step that concerns one person, in the order of the law.

    net_cents: what gross to net came to; InvariantError when the steps do not add up to it.
    """
    ((_, items),) = trails(person, law)
    steps: list[ExplainedStep] = []
    for step_id, group in groupby(items, key=lambda item: item.step):
        again = any(step.step_id == step_id for step in steps)
        steps.append(_step(step_id, list(group), law, rulebook, again=again))
    gross = sum(int(person.cents(name)[0]) for name in ("gross_cents", "exceptional_cents"))
    total = gross + sum(step.sign * step.cents for step in steps)
    require(total == net_cents, "the steps do not add up to the net")
    return [step for step in steps if step.items]


def settlement_step(
    person: CalculationInput, earlier: tuple[int, int], withheld: int, law: Law, rulebook: RuleBook
) -> ExplainedStep:
    """The settlement of one person's quarter: of the wages of its first two months and of this
    one's, and what was withheld so far (cents).
    """
    trail = Trail(keep=True)
    third = person.cents("nsso_cents") + person.cents("exceptional_cents")
    wages = (*(np.array([cents]) for cents in earlier), third)
    run_step(law.step(QUARTER), trail, wages, np.array([withheld]), family_of(person))
    return _step(QUARTER, trail.items, law, rulebook, again=False)


def holiday_steps(
    person: CalculationInput, gross: int, law: Law, rulebook: RuleBook
) -> list[ExplainedStep]:
    """What is kept of one person's holiday pay (gross, in cents), step by step.

    person: of the month as if all of it were paid.
    """
    trail = Trail(keep=True)
    holiday_amounts(person, np.array([gross]), law, trail)
    groups = groupby(trail.items, key=lambda item: item.step)
    return [_step(name, list(items), law, rulebook, again=False) for name, items in groups]


def garnishment_items(
    net: int, children: int, law: Law, rulebook: RuleBook
) -> tuple[StepAmount, ...]:
    """What the law lets be seized of a net, band by band (cents)."""
    trail = Trail(keep=True)
    run_step(law.step("garnishment"), trail, np.array([net]), np.array([children]))
    items = [_item(item, law, rulebook) for item in trail.items]
    return tuple(item for item in items if _concerns(item))


def step_title(rulebook: RuleBook, step_id: str, *, statutory: bool) -> dict[str, str]:
    """What a step is called for somebody: statutory staff pay no NSSO contribution, but two."""
    if statutory and step_id == _CONTRIBUTION:
        return {language: text(_STATUTORY, language) for language in languages()}
    return plain_texts(rulebook.steps[step_id].title)


def _step(
    step_id: str, trail: list[TrailItem], law: Law, rulebook: RuleBook, *, again: bool
) -> ExplainedStep:
    entry = rulebook.steps[step_id]
    day = law.step(step_id).day
    method = entry.dated(day)
    items = [_item(item, law, rulebook) for item in trail]
    cents = sum(item.cents for item in items if item.item in RESULTS[step_id])
    statutory = any(item.item.startswith("contribution_statutory") for item in items)
    return ExplainedStep(
        step_id=step_id,
        title=step_title(rulebook, step_id, statutory=statutory),
        formula=plain_texts(entry.formula),
        sign=_SIGNS[step_id],
        cents=cents,
        items=_shown(items),
        on_exceptional=again,
        method=Figure(
            figure_id=f"step:{step_id}",
            title=plain_texts(entry.title),
            from_=method.from_,
            status=method.status,
            source=method.source,
        ),
    )


def _shown(items: list[StepAmount]) -> tuple[StepAmount, ...]:
    """What concerns the person and says something that the amounts before it do not."""
    shown = [item for item in items if _concerns(item)]
    reductions = [item for item in shown if item.item.startswith("reduction_")]
    if len(reductions) < 2:
        shown = [item for item in shown if item.item != "reductions"]
    return tuple(shown)


def _concerns(item: StepAmount) -> bool:
    if item.item == "special_contribution":
        return False  # the sum over the families, of which a person has one
    terms = [term for term in item.terms if term[1]]
    if len(terms) == 1 and not item.limited and item.item != "taxable":
        return False  # a limit that does not bind, a sum of one
    if item.item.endswith("_part") and item.rate == 1:
        return False
    return bool(item.cents or item.base_cents or terms) and not (
        item.item.endswith("_over") and not item.cents
    )


def _item(item: TrailItem, law: Law, rulebook: RuleBook) -> StepAmount:
    """One item of a trail of one person as plain numbers."""
    cents = _first(item.amount)
    figure = None
    if item.figure:
        row = None if item.row is None else _first(item.row)
        figure = figure_at(rulebook, item.figure, law.step(item.step).day, row)
    found = StepAmount(
        item=item.item,
        cents=cents,
        figure=figure,
        terms=tuple((sign, _first(amount)) for sign, amount in item.terms),
        rounding=str(item.rounding or ""),
    )
    if item.base is None or item.rate is None:
        total = sum(sign * amount for sign, amount in found.terms)
        return replace(found, limited=bool(found.terms) and total != cents)
    numerator, denominator = _first(item.rate[0]), _first(item.rate[1])
    if not denominator:
        return found
    start = None if item.start is None else _first(item.start)
    base = Fraction(_first(item.base), item.finer)
    found = replace(
        found,
        base_cents=base.numerator if base.denominator == 1 else base,
        rate=Fraction(numerator * item.finer, denominator),
        start_cents=start,
    )
    raw = found.raw or Fraction(0)
    mode = item.rounding or Rounding.HALF_UP
    return replace(found, limited=divide(raw.numerator, raw.denominator, mode) != cents)


def _first(value: Cents | np.ndarray | int) -> int:
    return value if isinstance(value, int) else int(np.asarray(value).ravel()[0])
