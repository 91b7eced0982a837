"""What an index of public pay adds to the recurring pay of the known month, line by line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import BASE_SALARY, INDEX_STEP
from payroll.model.money import Cents, Rounding, divide, divide_columns, euros
from payroll.rebuild.lines import STAFF_LINES, staff_lines
from payroll.rebuild.partial import ROUNDED, contract_cents
from payroll.rebuild.proration import DAYS, FULL_TIME
from payroll.rebuild.recurring import Recurring
from payroll.rebuild.staff import Mask, StaffMonth
from payroll.rulebook.components import Component
from payroll.rulebook.entries import value_text
from payroll.rulebook.index import IndexStep


def recurring_raised(
    recurring: Recurring,
    paid: pd.DataFrame,
    people: StaffMonth,
    *,
    worked: Cents,
    components: Mapping[str, Component],
    step: IndexStep | None,
) -> pd.DataFrame:
    """`index_lines` of all recurring lines: the known ones by this step, each that was typed by the
    step since it holds.
    """
    rows, number = recurring.rows, np.arange(len(recurring.rows))
    known = number < recurring.typed
    whole = known & ~np.isin(number, recurring.parts["row"].to_numpy())
    groups = [(known, step)]
    for other in dict.fromkeys(recurring.steps):
        same = np.array([item == other for item in recurring.steps], dtype=bool)
        before = np.zeros(recurring.typed, dtype=bool)
        groups.append((np.concatenate([before, same]), other))
    found = [
        index_lines(
            rows[chosen].reset_index(drop=True),
            paid[chosen].reset_index(drop=True),
            people,
            worked=worked,
            components=components,
            step=of,
            by_scale=whole[chosen],
        )
        for chosen, of in groups
    ]
    return pd.concat(found, ignore_index=True)


def index_lines(
    rows: pd.DataFrame,
    paid: pd.DataFrame,
    people: StaffMonth,
    *,
    worked: Cents,
    components: Mapping[str, Component],
    step: IndexStep | None,
    by_scale: Mask,
) -> pd.DataFrame:
    """STAFF_LINES (INDEX_STEP): one per line that follows the index, none without a step.

    rows: the recurring lines of a whole month (person, component, amount_cents, rule_id, source);
    paid: the same as they are paid (STAFF_LINES, in the same order); worked: thirtieths x working
    time of each person; by_scale: which lines may be a scale salary paid as it was known. A line
    gains the ratio of the coefficients, the third decimal dropped, and
    is reduced with its month as it is itself. A scale salary that is what the annual amount at
    138.01 gave is raised to what that amount now gives.
    """
    if step is None or rows.empty:
        return STAFF_LINES.empty()
    codes = pd.Index(rows["component"].unique())
    follows = np.array([_follows(components, code) for code in codes], dtype=bool)
    chosen = follows[codes.get_indexer(pd.Index(rows["component"]))]
    chosen &= (rows["amount_cents"] != 0).to_numpy()
    may = by_scale[chosen]
    rows, paid = rows[chosen].reset_index(drop=True), paid[chosen].reset_index(drop=True)
    person = rows["person"].to_numpy()
    known = rows["amount_cents"].to_numpy()
    gained = step.gained(known)
    part = (paid["denominator"] != 0).to_numpy()
    numerator, denominator = (
        np.where(part, paid[name].to_numpy(), share)
        for name, share in zip(
            ("numerator", "denominator"), (step.rise.numerator, step.rise.denominator), strict=True
        )
    )
    amount = np.where(part, divide_columns(gained * numerator, denominator), gained)
    scale, gains = _by_scale(rows, paid, people, worked, may)
    amount = np.where(scale, gains, amount)
    annual = np.where(scale, people.frame["scale_annual_cents"].to_numpy()[person], 0)
    return staff_lines(
        person,
        component=INDEX_STEP,
        amount_cents=amount,
        basis="recomputed",
        rule_id=np.array([f"component:{code} {step.token}" for code in rows["component"]], object),
        source=paid["source"],
        quantity=_quantities(paid["quantity"].to_numpy(dtype=object), annual, step),
        rate=step.rate,
        flags_of=rows["component"],
        base=np.where(scale, 0, np.where(part, gained, known)),
        numerator=np.where(scale, 0, numerator),
        denominator=np.where(scale, 0, denominator),
        rounding=np.where(part | scale, "", Rounding.DOWN.value),
    )


def _quantities(
    days: npt.NDArray[np.object_], annual: Cents, step: IndexStep
) -> npt.NDArray[np.object_]:
    """What stands before the coefficients: the days of an incomplete month, the annual amount at
    138.01 as it is raised, or since when the index holds.
    """
    texts = [
        f"{euros(cents)} × {value_text(step.new)} / 12" if cents else step.since.isoformat()
        for cents in annual.tolist()
    ]
    return np.where(days != "", days, np.array(texts, dtype=object))


def _follows(components: Mapping[str, Component], code: str) -> bool:
    known = components.get(code)
    return known is not None and known.follows_index


def _by_scale(
    rows: pd.DataFrame, paid: pd.DataFrame, people: StaffMonth, worked: Cents, may: Mask
) -> tuple[Mask, Cents]:
    """Which rows are the scale salary of somebody whom the annual amount at 138.01 explains, and
    what each gains: all of it on the first of a person's rows.
    """
    frame = people.frame
    texts = rows["rule_id"].unique().tolist()
    scales = [text for text in texts if text.split()[:1] == [f"component:{BASE_SALARY}"]]
    own = may & rows["rule_id"].isin(scales).to_numpy()
    person = rows["person"].to_numpy()
    known, now = (np.zeros(len(frame), dtype=np.int64) for _ in range(2))
    np.add.at(known, person[own], rows["amount_cents"].to_numpy()[own])
    np.add.at(now, person[own], paid["amount_cents"].to_numpy()[own])
    kept = np.abs(known - contract_cents(frame)) <= ROUNDED
    agrees = (frame["scale_annual_cents"] > 0).to_numpy() & kept
    due = divide(frame["monthly_gross_cents"].to_numpy() * worked, DAYS * FULL_TIME)
    scale: Mask = own & agrees[person]
    first = scale & ~pd.Series(np.where(scale, person, -1)).duplicated().to_numpy()
    return scale, np.where(first, (due - now)[person], 0)
