"""Register lines: does the label fit the nature, the amount its kind, the sign its component?"""

from __future__ import annotations

import pandas as pd

from payroll.checks.data import CheckData, findings_of
from payroll.model.components import HOLIDAY_LINES
from payroll.model.findings import Finding
from payroll.model.frames import iso_days
from payroll.model.money import euros
from payroll.model.period import belgian_holidays
from payroll.model.streams import BONUSES, SALARIES
from payroll.rulebook.controls import Control


def _copied(data: CheckData) -> pd.DataFrame:
    """Last month's rows that this month's salaries are made of, with the component they are."""
    table = data.tables["register_lines"]
    table = table[table["period"] == str(data.order.last_known)]
    lines = data.rebuilt.lines
    lines = lines[(lines["stream"] == SALARIES.name) & ~lines["component"].isin(HOLIDAY_LINES)]
    lines = lines.drop_duplicates("source")
    names = lines[["source", "component"]].rename(columns={"component": "name"})
    return table.merge(names, on="source")


def _found(
    data: CheckData, control: Control, rows: pd.DataFrame, *, cell: str, limit: object = ""
) -> list[Finding]:
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=SALARIES.name,
        cell=cell,
        observed=[euros(cents) for cents in rows["amount_cents"]],
        limit=limit,  # type: ignore[arg-type]
        component=rows["component"],
        label=rows["label"],
    )


def label_unlike_nature(data: CheckData, control: Control) -> list[Finding]:
    """A label that says one-off, arrears or year-end premium, on a line that is copied."""
    rows = data.once(_copied)
    words = [word.casefold() for word in control.texts("words")]
    labels = [
        label for label in rows["label"].unique() if any(word in label.casefold() for word in words)
    ]
    return _found(data, control, rows[rows["label"].isin(labels)], cell="label")


def component_outlier(data: CheckData, control: Control) -> list[Finding]:
    """A copied amount many times what others get under the same code."""
    rows = data.once(_copied)
    groups = rows["amount_cents"].groupby(rows["component"])
    middle = groups.transform("median").astype("int64")
    enough = groups.transform("size") >= control.whole("minimum_people")
    high = rows["amount_cents"] > middle * control.whole("factor")
    chosen = enough & high & (rows["amount_cents"] > control.cents("minimum"))
    limits = [euros(cents) for cents in middle[chosen]]
    return _found(data, control, rows[chosen], cell="amount", limit=limits)


def component_negative(data: CheckData, control: Control) -> list[Finding]:
    """A negative amount that would be copied month after month."""
    rows = data.once(_copied)
    return _found(data, control, rows[rows["amount_cents"] < 0], cell="amount")


def premium_on_other_day(data: CheckData, control: Control) -> list[Finding]:
    """Saturday, Sunday or holiday hours on a day that is none."""
    lines = data.rebuilt.lines
    lines = lines[(lines["stream"] == BONUSES.name) & lines["rule_id"].str.startswith("premium:")]
    names = lines.assign(premium=lines["rule_id"].str.extract(r"^premium:(\S+)")[0])
    hours = data.tables["premium_hours"].merge(names[["source", "premium"]], on="source")
    hours = hours[hours["work_date"].notna()]
    weekday = hours["work_date"].dt.day_of_week
    wrong = weekday < 0
    for name, day in (("saturday", 5), ("sunday", 6)):
        wrong |= (hours["premium"] == control.text(name)) & (weekday != day)
    years = hours["work_date"].dt.year.unique()
    free = [pd.Timestamp(day) for year in years for day in belgian_holidays(int(year))]
    wrong |= (hours["premium"] == control.text("holiday")) & ~hours["work_date"].isin(free)
    rows = hours[wrong]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        stream=BONUSES.name,
        observed=iso_days(rows["work_date"]),
        cell="work_date",
        premium=rows["premium_code"],
    )
