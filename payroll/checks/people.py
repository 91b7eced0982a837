"""The staff list against itself and against the register: families, ages, days, contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from payroll.checks.data import CheckData, beyond, findings_of
from payroll.model.findings import Finding
from payroll.model.frames import iso_days
from payroll.model.money import euros
from payroll.model.streams import SALARIES
from payroll.rulebook.controls import Control
from payroll.rulebook.index import monthly_gross

_DEPENDANTS = ("children", "other_dependants", "dependants_65")
#: What cannot be true of a family, by the name that a control gives it (`case`).
_CASES: Mapping[str, Callable[[pd.DataFrame], pd.Series[bool]]] = {
    "disabled_children": lambda staff: staff["disabled_children"] > staff["children"],
    "single_parent_married": lambda staff: (
        staff["single_parent"] & (staff["tax_status"] != "single")
    ),
    "single_parent_alone": lambda staff: (
        staff["single_parent"] & (staff[list(_DEPENDANTS)].sum(axis=1) <= 0)
    ),
    "spouse_of_single": lambda staff: staff["spouse_disabled"] & (staff["tax_status"] == "single"),
    "spouse_income_of_another": lambda staff: (
        (staff["spouse_low_income"] | staff["spouse_low_pension"])
        & (staff["tax_status"] != "married_two_incomes")
    ),
    "spouse_low_twice": lambda staff: staff["spouse_low_income"] & staff["spouse_low_pension"],
}


def household_contradiction(data: CheckData, control: Control) -> list[Finding]:
    """A family situation that contradicts itself."""
    case = control.text("case")
    if case not in _CASES:
        raise control.invalid("case")
    staff = data.tables["employees"]
    rows = staff[_CASES[case](staff)]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=rows["children"].astype("str"),
        limit=rows["disabled_children"].astype("str"),
        cell=control.text("cell"),
    )


def many_children(data: CheckData, control: Control) -> list[Finding]:
    """More children or other dependants than a household has."""
    staff, most = data.tables["employees"], control.whole("most")
    kinds = staff[list(_DEPENDANTS)]
    number = kinds.max(axis=1)
    rows = staff[(number > most) | (kinds.min(axis=1) < 0)]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=[str(item) for item in number[rows.index]],
        limit=str(most),
        cell="children",
    )


def birth_against_number(data: CheckData, control: Control) -> list[Finding]:
    """The birth date is not the one in the national number (bis numbers add 20 or 40 months)."""
    staff = data.tables["employees"]
    digits = staff["national_number"].str.replace(r"\D", "", regex=True)
    staff = staff[(digits.str.len() == 11) & staff["birth_date"].notna()]
    first = digits[staff.index].str[:6].astype("int64")
    year, month, day = first // 10_000, first // 100 % 100 % 20, first % 100
    birth = staff["birth_date"].dt
    told = (month > 0) & (day > 0)  # 00: not known when the number was given
    unlike = (year != birth.year % 100) | (month != birth.month) | (day != birth.day)
    rows = staff[told & unlike]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=iso_days(rows["birth_date"]),
        cell="birth_date",
    )


def age_improbable(data: CheckData, control: Control) -> list[Finding]:
    """Too young when hired, or too old on the day of payment."""
    staff = data.tables["employees"]
    birth = staff["birth_date"].dt.year
    hired = staff["hire_date"].dt.year - birth
    age = data.pay_on(SALARIES.name).year - birth
    wrong = (hired < control.whole("youngest")) | (age > control.whole("oldest"))
    rows = staff[wrong & staff["birth_date"].notna() & staff["hire_date"].notna()]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=iso_days(rows["birth_date"]),
        limit=iso_days(rows["hire_date"]),
        cell="birth_date",
    )


def leave_before_hire(data: CheckData, control: Control) -> list[Finding]:
    """Left before being hired."""
    staff = data.tables["employees"]
    rows = staff[staff["leave_date"] < staff["hire_date"]]
    return _days(data, control, rows, "leave_date", "hire_date")


def hired_after_paid(data: CheckData, control: Control) -> list[Finding]:
    """Paid last month, hired only after it."""
    staff, known = data.tables["employees"], data.order.last_known
    paid = staff["employee_id"].isin(data.register["employee_id"])
    rows = staff[paid & (staff["hire_date"] > pd.Timestamp(known.last_day))]
    return _days(data, control, rows, "hire_date", "")


def left_before_paid(data: CheckData, control: Control) -> list[Finding]:
    """Paid last month, and gone before it began: a wrong date stops somebody's pay."""
    staff, known = data.tables["employees"], data.order.last_known
    paid = data.register.loc[data.register["net_cents"] > 0, "employee_id"]
    gone = staff["leave_date"] < pd.Timestamp(known.first_day)
    rows = staff[gone & staff["employee_id"].isin(paid)]
    return _days(data, control, rows, "leave_date", "")


def _days(
    data: CheckData, control: Control, rows: pd.DataFrame, cell: str, other: str
) -> list[Finding]:
    limit = iso_days(rows[other]) if other else str(data.order.last_known)
    return findings_of(
        data, control, rows, kind="employee", observed=iso_days(rows[cell]), limit=limit, cell=cell
    )


def contract_against_register(data: CheckData, control: Control) -> list[Finding]:
    """The contract's monthly gross, for the hours worked, against the register's scale salary.

    The register's codes for it are those of the lines that the rebuild took as `component`. Only
    people employed the whole of the known month are compared, the contract as indexed then, and
    nobody whose month was made whole by the contract. Less than the contract gives holds from the
    lower limit on: a month that was not whole would be copied, and nothing says why; more only from
    the higher one.
    """
    known, table = data.order.last_known, data.tables["register_lines"]
    lines = data.rebuilt.lines
    lines = lines[lines["component"] == control.text("component")]
    told = lines.loc[lines["basis"] != "known", "source"].str.split("; ").explode()
    sources = [*lines["source"], *told]
    codes = table.loc[table["source"].isin(sources), "component"].unique()
    scale = table[(table["period"] == str(known)) & table["component"].isin(codes)]
    paid = scale.groupby("employee_id")["amount_cents"].sum()
    staff = data.tables["employees"].drop_duplicates("employee_id")
    whole = (staff["hire_date"] <= pd.Timestamp(known.first_day)) & ~(
        staff["leave_date"] < pd.Timestamp(known.last_day)
    )
    people = data.rebuilt.people
    rebuilt = people.loc[people["known_partial"], "payee_id"]
    whole &= staff["employee_id"].isin(paid.index) & ~staff["employee_id"].isin(rebuilt)
    staff = staff[whole]
    monthly = monthly_gross(staff, data.order, data.parameters, known.first_day)
    due = monthly * (staff["fte_millionths"] // 100) // 10_000
    was = pd.Series(paid.reindex(staff["employee_id"]).to_numpy(np.int64), staff.index)
    found = beyond(due - was, was, control, "warn")
    hold = beyond(due - was, was, control, "hold") | (found & (due > was))
    found |= hold
    return findings_of(
        data,
        control,
        staff[found],
        kind="employee",
        observed=[euros(cents) for cents in due[found]],
        limit=[euros(cents) for cents in was[found]],
        cell="monthly_gross",
        level=list(np.where(hold[found], "hold", "warn")),
    )


def gross_above_ceiling(data: CheckData, control: Control) -> list[Finding]:
    """A full-time monthly gross above what the house pays: warn, then hold."""
    staff, gross = data.tables["employees"], data.tables["employees"]["monthly_gross_cents"]
    warn, hold = control.cents("warn"), control.cents("hold")
    rows = staff[gross > warn]
    above = rows["monthly_gross_cents"] > hold
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=[euros(cents) for cents in rows["monthly_gross_cents"]],
        limit=[euros(hold if high else warn) for high in above],
        cell="monthly_gross",
        level=list(np.where(above, "hold", "warn")),
    )


def gross_unlike_category(data: CheckData, control: Control) -> list[Finding]:
    """A full-time monthly gross far from the middle of its category."""
    staff = data.tables["employees"]
    staff = staff[(staff["category"] != "") & (staff["monthly_gross_cents"] > 0)]
    gross = staff["monthly_gross_cents"]
    groups = gross.groupby(staff["category"])
    middle = groups.transform("median").astype("int64")
    enough = groups.transform("size") >= control.whole("minimum_people")
    factor = int(control.decimal("factor") * 100)
    far = (gross * 100 > middle * factor) | (gross * factor < middle * 100)
    rows = staff[enough & far]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=[euros(cents) for cents in rows["monthly_gross_cents"]],
        limit=[euros(cents) for cents in middle[rows.index]],
        cell="monthly_gross",
        category=rows["category"],
    )
