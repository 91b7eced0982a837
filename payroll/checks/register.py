"""Is last month's register, the base of everything, arithmetically and legally plausible?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
from stdnum.be import bis
from stdnum.be import nn as national

from payroll.checks.data import CheckData, findings_of
from payroll.model.findings import Finding
from payroll.model.identifiers import is_number
from payroll.model.money import euros
from payroll.model.net_steps import register_net
from payroll.rulebook.controls import Control


def _found(
    data: CheckData,
    control: Control,
    rows: pd.DataFrame,
    *,
    observed: pd.Series[int],
    limit: pd.Series[int] | str,
    cell: str,
) -> list[Finding]:
    """Findings on employees with amounts in cents as observed and limit."""
    limits = limit if isinstance(limit, str) else [euros(cents) for cents in limit]
    return findings_of(
        data,
        control,
        rows,
        kind="employee",
        observed=[euros(cents) for cents in observed],
        limit=limits,
        cell=cell,
    )


def net_identity(data: CheckData, control: Control) -> list[Finding]:
    """Net is not gross less contributions, taxes and deductions plus the bonuses."""
    frame = data.register
    expected = register_net(frame) - frame["other_deductions_cents"] - frame["garnishment_cents"]
    wrong = (frame["net_cents"] - expected).abs() > control.cents("tolerance")
    rows = frame[wrong]
    return _found(
        data, control, rows, observed=rows["net_cents"], limit=expected[wrong], cell="net"
    )


def _with_status(data: CheckData) -> pd.DataFrame:
    staff = data.tables["employees"].drop_duplicates("employee_id")
    return data.register.merge(staff[["employee_id", "status"]], on="employee_id")


def contribution_rate(data: CheckData, control: Control) -> list[Finding]:
    """Personal contributions beyond a tolerance (percent of gross) from the status's rates.

    The figures of a status are added: both bases of statutory staff are taken as the whole gross.
    """
    everybody = _with_status(data)
    everybody = everybody[everybody["gross_cents"] > 0]
    tolerance = Fraction(control.decimal("tolerance_percent"))
    found: list[Finding] = []
    for status in control.figures:
        rate = data.figure(control, status)
        frame = everybody[everybody["status"] == status]
        paid, gross = frame["personal_contributions_cents"], frame["gross_cents"]
        # |paid - gross x rate| > gross x tolerance, all times 100 x both denominators
        unit = rate.denominator * tolerance.denominator
        gap = (paid * (100 * unit) - gross * int(rate * unit)).abs()
        rows = frame[gap > gross * int(tolerance * unit)]
        expected = rows["gross_cents"] * rate.numerator // (100 * rate.denominator)
        found += _found(
            data,
            control,
            rows,
            observed=rows["personal_contributions_cents"],
            limit=expected,
            cell="personal_contributions",
        )
    return found


def base_108(data: CheckData, control: Control) -> list[Finding]:
    """Contributions worked out on 108 % of gross, which never applies to a public employer."""
    frame = data.register[data.register["gross_cents"] >= control.cents("minimum_gross")]
    share = data.figure(control, "rate") * data.figure(control, "base") / 10_000
    paid = frame["personal_contributions_cents"] * share.denominator
    gap = (paid - frame["gross_cents"] * share.numerator).abs()
    rows = frame[gap <= control.cents("tolerance") * share.denominator]
    return _found(
        data,
        control,
        rows,
        observed=rows["personal_contributions_cents"],
        limit=rows["gross_cents"],
        cell="personal_contributions",
    )


def special_contribution_high(data: CheckData, control: Control) -> list[Finding]:
    """Special social-security contribution above the monthly cap."""
    cap = data.figure_cents(control, "cap")
    rows = data.register[data.register["special_contribution_cents"] > cap]
    return _found(
        data,
        control,
        rows,
        observed=rows["special_contribution_cents"],
        limit=euros(cap),
        cell="special_contribution",
    )


def deduction_share(data: CheckData, control: Control) -> list[Finding]:
    """A deduction (`field`) above a percentage of the net before third-party deductions."""
    field = control.text("field")
    frame = data.register
    before = frame["net_cents"] + frame["other_deductions_cents"] + frame["garnishment_cents"]
    permyriad = int(control.decimal("percent") * 100)
    taken = frame[f"{field}_cents"]
    high = (taken > 0) & (taken * 10_000 > before * permyriad)
    rows = frame[high]
    return _found(
        data,
        control,
        rows,
        observed=taken[high],
        limit=before[high] * permyriad // 10_000,
        cell=field,
    )


def below_minimum(data: CheckData, control: Control) -> list[Finding]:
    """Full-time monthly gross above zero and below the floor of plausibility."""
    staff, floor = data.tables["employees"], data.figure_cents(control, "floor")
    low = (staff["monthly_gross_cents"] > 0) & (staff["monthly_gross_cents"] < floor)
    rows = staff[low]
    return _found(
        data,
        control,
        rows,
        observed=rows["monthly_gross_cents"],
        limit=euros(floor),
        cell="monthly_gross",
    )


def gross_not_positive(data: CheckData, control: Control) -> list[Finding]:
    """Full-time monthly gross of zero or below."""
    staff = data.tables["employees"]
    rows = staff[staff["monthly_gross_cents"] <= 0]
    return _found(
        data,
        control,
        rows,
        observed=rows["monthly_gross_cents"],
        limit="0.00",
        cell="monthly_gross",
    )


def fte_out_of_range(data: CheckData, control: Control) -> list[Finding]:
    """A share of full time that is zero, negative or above one (120 % and percent for ratio)."""
    staff = data.tables["employees"]
    rows = staff[(staff["fte_millionths"] <= 0) | (staff["fte_millionths"] > 1_000_000)]
    return _found(
        data, control, rows, observed=rows["fte_millionths"] // 10_000, limit="1.00", cell="fte"
    )


def national_number_wrong(data: CheckData, control: Control) -> list[Finding]:
    """A national (or bis) number whose check digits are wrong. The number itself is not shown."""
    staff = data.tables["employees"]
    numbers = staff["national_number"]
    digits = numbers.str.replace(r"\D", "", regex=True)
    # mod 97 for whole columns; stdnum judges the few that fail
    eleven = digits.where(digits.str.len() == 11, "00000000000").astype("int64")
    body, check = eleven // 100, eleven % 100
    right = (97 - body % 97 == check) | (97 - (2_000_000_000 + body) % 97 == check)
    doubtful = staff[(numbers != "") & ~(right & (digits.str.len() == 11))]
    wrong = [
        not (is_number(national, number) or is_number(bis, number))
        for number in doubtful["national_number"]
    ]
    rows = doubtful[np.array(wrong, dtype=bool)]
    return findings_of(
        data, control, rows, kind="employee", observed="mod 97", cell="national_number"
    )


def register_sign(data: CheckData, control: Control) -> list[Finding]:
    """An amount of the register with the wrong sign (`fields` are never below zero)."""
    frame, findings = data.register, []
    for field in control.texts("fields"):
        rows = frame[frame[f"{field}_cents"] < 0]
        findings += findings_of(
            data,
            control,
            rows,
            kind="employee",
            cell=field,
            observed=[euros(cents) for cents in rows[f"{field}_cents"]],
            field=field,
        )
    return findings


def withholding_share(data: CheckData, control: Control) -> list[Finding]:
    """Withholding tax above the highest marginal share of the taxable amount."""
    frame = data.register
    permyriad = int(control.decimal("percent") * 100)
    taken, base = frame["withholding_cents"], frame["taxable_cents"].clip(lower=0)
    high = (taken > 0) & (taken * 10_000 > base * permyriad)
    rows = frame[high]
    return _found(
        data,
        control,
        rows,
        observed=taken[high],
        limit=base[high] * permyriad // 10_000,
        cell="withholding",
    )


def taxable_above_gross(data: CheckData, control: Control) -> list[Finding]:
    """More is taxed than was earned."""
    frame = data.register
    allowed = frame["gross_cents"] + control.cents("tolerance")
    rows = frame[frame["taxable_cents"] > allowed]
    return _found(
        data,
        control,
        rows,
        observed=rows["taxable_cents"],
        limit=rows["gross_cents"],
        cell="taxable",
    )
