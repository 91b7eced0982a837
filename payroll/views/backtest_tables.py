"""The back-test as people see it: the same tables on screen, in the workbook, on the page."""

from __future__ import annotations

import numpy as np

from payroll.model.backtest import CLASSES, STEPS, Backtest, Cause
from payroll.model.frames import rows_of
from payroll.render.table import Column, Table
from payroll.texts import text, text_or
from payroll.texts.shown import euros_shown
from payroll.views.shown import Shown

#: The table that the workbook draws a chart of.
DISTRIBUTION = "backtest_distribution"
#: How many of the largest differences are listed.
WORST = 10


def backtest_tables(found: Backtest, language: str) -> tuple[Table, ...]:
    """Headline, distribution, steps, likely causes, largest differences; empty ones left out."""
    headline_rows = [
        (
            text(f"bt_{name}", language),
            euros_shown(value, language) if name.endswith("_cents") else str(value),
        )
        for name, value in found.headline().items()
    ]
    spread = [
        (class_words(number, language), count)
        for number, (_, count) in enumerate(found.distribution())
    ]
    people = Column("bt_col_people", "count")
    step = Column("bt_col_step", "text")
    everything = (
        Table.of_rows(
            "backtest_headline",
            (Column("bt_col_what", "text"), Column("bt_col_value", "right")),
            headline_rows,
        ),
        Table.of_rows(DISTRIBUTION, (Column("bt_col_class", "text"), people), spread),
        Table.of_rows(
            "backtest_steps",
            (
                step,
                Column("bt_col_agree", "count"),
                Column("bt_col_differ", "count"),
                Column("bt_col_first", "count"),
                Column("bt_col_largest", "euro"),
            ),
            _steps(found, language),
        ),
        Table.of_rows(
            "backtest_causes",
            (
                step,
                Column("bt_col_group", "text"),
                people,
                Column("bt_col_members", "count"),
                Column("bt_col_typical", "euro"),
                Column("bt_col_range", "right"),
            ),
            [_cause(cause, language) for cause in found.causes],
        ),
        Table.of_rows(
            "backtest_worst",
            (
                Column("wb_col_payee", "text"),
                Column("bt_col_first_step", "text"),
                Column("bt_col_known", "euro"),
                Column("bt_col_rebuilt", "euro"),
                Column("wb_col_delta", "euro"),
            ),
            _worst(found, language),
        ),
    )
    return tuple(table for table in everything if len(table))


def headline(found: Backtest, language: str) -> str:
    """The back-test in one line."""
    numbers = found.headline()
    return text(
        "bt_line",
        language,
        month=found.period,
        compared=numbers["compared"],
        cent=numbers["net_to_the_cent"],
        near=numbers["net_within_one_euro"],
        largest=euros_shown(numbers["largest_difference_cents"], language),
    )


def class_words(number: int, language: str) -> str:
    """A class of differences in words: none, up to x, above x."""
    if number == 0:
        return text("bt_class_none", language)
    low = euros_shown(CLASSES[number - 1], language)
    if number == len(CLASSES):
        return text("bt_class_above", language, low=low)
    return text("bt_class_between", language, low=low, high=euros_shown(CLASSES[number], language))


def cause_words(cause: Cause, language: str) -> str:
    """The group behind a difference, in words."""
    shown = text_or(f"bt_value_{cause.value}", language, cause.value)
    group = text(f"bt_kind_{cause.kind}", language, value=shown)
    if not cause.status:
        return group
    status = text(f"bt_value_{cause.status}", language)
    return text("bt_group_of_status", language, group=group, status=status)


def _steps(found: Backtest, language: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    first = first_steps(found)
    for number, step in enumerate(STEPS):
        difference = np.abs(found.difference(step))
        differ = int((difference != 0).sum())
        rows.append(
            (
                text(f"bt_step_{step}", language),
                len(difference) - differ,
                differ,
                int((first == number).sum()),
                int(difference.max(initial=0)),
            )
        )
    return rows if len(found.rows) else []


def first_steps(found: Backtest) -> np.ndarray:
    """Per row the number of the first step that differs, len(STEPS) when none does."""
    first = np.full(len(found.rows), len(STEPS))
    for number, step in reversed(list(enumerate(STEPS))):
        first[found.difference(step) != 0] = number
    return first


def _cause(cause: Cause, language: str) -> tuple[object, ...]:
    low, high = (euros_shown(cents, language) for cents in (cause.low_cents, cause.high_cents))
    spread = low if low == high else f"{low} … {high}"
    if cause.percent is not None:
        percent = euros_shown(cause.percent, language)
        of = "bt_percent" if cause.kind == "component" else "bt_percent_of_step"
        spread = text(of, language, percent=percent, spread=spread)
    return (
        text(f"bt_step_{cause.step}", language),
        cause_words(cause, language),
        cause.people,
        cause.members,
        cause.typical_cents,
        spread,
    )


def _worst(found: Backtest, language: str) -> list[tuple[object, ...]]:
    first = dict(zip(found.rows["payee_id"], first_steps(found).tolist(), strict=True))
    rows = found.worst(WORST)
    columns = ("payee_id", "net_known_cents", "net_rebuilt_cents", "difference_cents")
    return [
        (payee, text(f"bt_step_{STEPS[first[payee]]}", language), *amounts)
        for payee, *amounts in rows_of(rows, *columns)
    ]


def everybody(shown: Shown) -> Table:
    """Everybody whose known month does not come out to the cent, largest difference first."""
    found = shown.run.backtest
    frame = found.rows.assign(first=first_steps(found), delta=found.difference())
    frame = frame[frame["first"] < len(STEPS)]
    frame = frame.assign(size=-frame["delta"].abs()).sort_values(
        ["size", "payee_id"], kind="stable"
    )
    payees, counts = frame["payee_id"].tolist(), found.headline()
    steps = [shown.say(f"bt_step_{STEPS[number]}") for number in frame["first"]]
    return Table.of(
        "backtest_people",
        (Column("wb_col_payee", "text", 14), payees),
        (Column("wb_col_name", "text", 26), [shown.name("employee", payee) for payee in payees]),
        (Column("bt_col_first_step", "text", 24), steps),
        (Column("bt_col_known", "euro", 14), frame["net_known_cents"].tolist()),
        (Column("bt_col_rebuilt", "euro", 14), frame["net_rebuilt_cents"].tolist()),
        (Column("wb_col_delta", "euro", 14, shown="shade"), frame["delta"].tolist()),
        *(
            (
                Column(f"bt_step_{step}", "euro", 15),
                (frame[f"{step}_rebuilt_cents"] - frame[f"{step}_known_cents"]).tolist(),
            )
            for step in STEPS[:-1]
        ),
        (Column("wb_col_source", "text", 44), frame["source"].tolist()),
        frozen_columns=2,
        note={
            "agree": counts["all_steps_to_the_cent"],
            "compared": counts["compared"],
            "month": found.period,
        },
    )
