"""Bonuses of the month they were earned: hours x dated rates, net as the month's pay grows."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.engine import gross_to_net
from payroll.model.components import BONUS_GROSS, QUARTER, SETTLEMENT
from payroll.model.errors import require
from payroll.model.exact import Exact
from payroll.model.findings import Finding, finding, findings_for
from payroll.model.frames import TEXT, TO_SETTLE
from payroll.model.money import Cents, divide, divide_columns
from payroll.model.net_steps import NET_STEPS
from payroll.model.order import PayrunOrder
from payroll.model.period import Period
from payroll.model.streams import BONUSES, HOLIDAY_PAY, SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import staff_targets
from payroll.rebuild.bonus_month import in_month_earned, with_bonus
from payroll.rebuild.holiday_pay import rebuild_holiday_pay
from payroll.rebuild.lines import FACTORS, NO_PRODUCT, finish_lines, line_ids, text_by
from payroll.rebuild.net import RATIO
from payroll.rebuild.quarter import more_settled
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.staff import StaffMonth
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.rebuild.third_parties import Seizures, seized_of_more
from payroll.rulebook.bonus_month import WORK_BONUS_MONTH
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import NO_RATIO, by_alias, plain, policy_of
from payroll.rulebook.entries import value_text
from payroll.rulebook.index import INDEX, monthly_gross
from payroll.texts import sent_text

STREAM = BONUSES.name
HOURS_PER_YEAR = "hours_per_year"
_PRODUCT_MAX = 2**61


def rebuild_bonuses(given: RebuildInput) -> StreamResult:
    """The bonuses for the hours of the month ordered.

    A row of hours is one line, half-up to the cent; the net of a person is what the month's pay
    with them leaves more than without them, or an estimate by ratio or policy where data is
    missing. A premium code without a rate blocks the run. Raises PayrollError when a parameter or
    policy is missing.
    """
    tables, order, rulebook = given.tables, given.order, given.rulebook
    staff = given.once(rebuild_salaries)
    earned = order.ordered(BONUSES).earned
    rows, findings = _usable_hours(tables, order, earned)
    later = [rows[rows["reason"] != ""]]
    rows = rows[rows["reason"] == ""].reset_index(drop=True)
    rows, found = _valued(tables, order, rulebook, rows, earned)
    findings += found
    later += [rows[rows["reason"] != ""], _without_hours(tables, order, rulebook, earned)]
    if len(later[-1]):
        count = str(len(later[-1]))
        findings.append(finding("REB-032", stream=STREAM, observed=count))
    rows = rows[rows["reason"] == ""].reset_index(drop=True)
    lines, found = _lines(rows, staff, rulebook, order, _seized_before(given))
    findings += found
    register = tables["register_totals"]
    register = register[register["period"] == str(order.last_known)].drop_duplicates("employee_id")
    payees = rows.drop_duplicates("payee_id")
    ibans = text_by(payees["payee_id"], register["employee_id"], register["iban"])
    payees = payees.assign(register_iban=ibans)
    remittance = sent_text(BONUSES.remittance, given.language, period=earned)
    waiting = pd.concat([item[["payee_id", "reason", "source"]] for item in later])
    waiting = waiting.drop_duplicates(["payee_id", "reason"]).assign(stream=STREAM).astype("str")
    return StreamResult(
        lines=finish_lines(lines),
        targets=staff_targets(tables, order, STREAM, payees, remittance),
        to_settle=TO_SETTLE.conform(waiting),
        findings=findings,
        record=staff.record,
        backtest=staff.backtest,
    )


def _usable_hours(
    tables: SourceTables, order: PayrunOrder, earned: Period
) -> tuple[pd.DataFrame, list[Finding]]:
    """The month's hours with `reason` (a text id, '' = usable), and findings on the rest."""
    rows = tables["premium_hours"].rename(columns={"employee_id": "payee_id"})
    mine = rows["period"] == str(earned)
    findings: list[Finding] = []
    if not mine.all():
        other = finding(
            "REB-035",
            stream=STREAM,
            observed=str(int((~mine).sum())),
            limit=str(earned),
            source=rows.loc[~mine, "source"].iloc[0],
        )
        findings.append(other)
    rows = rows[mine].reset_index(drop=True)
    register = tables["register_totals"]
    paid = register.loc[register["period"] == str(order.last_known), "employee_id"]
    listed = rows["payee_id"].isin(tables["employees"]["employee_id"])
    listed |= rows["payee_id"].isin(paid)
    begin, end = pd.Timestamp(earned.first_day), pd.Timestamp(earned.last_day)
    wrong = rows["hours_hundredths"] <= 0
    wrong |= rows["work_date"].notna() & ~rows["work_date"].between(begin, end)
    reason = np.where(
        ~listed, "reason_hours_unknown_person", np.where(wrong, "reason_hours_unusable", "")
    )
    rows["reason"] = pd.Series(reason, dtype=TEXT)
    strangers = rows[~listed].drop_duplicates("payee_id")
    findings += findings_for("REB-031", _cells(tables, strangers, "employee_id"), stream=STREAM)
    bad = _cells(tables, rows[listed & wrong], "hours")
    bad = bad.assign(observed=hours_texts(bad))
    return rows, findings + findings_for("REB-034", bad, stream=STREAM)


def _valued(
    tables: SourceTables, order: PayrunOrder, rulebook: RuleBook, rows: pd.DataFrame, earned: Period
) -> tuple[pd.DataFrame, list[Finding]]:
    """Each row with amount_cents and its FACTORS, rate and rule_id, or why it has none."""
    day = earned.first_day
    names = by_alias(rulebook.premiums)
    rows = rows.assign(
        amount_cents=np.int64(0), rate="", rule_id="", quantity=hours_texts(rows), **NO_PRODUCT
    ).astype({"rate": TEXT, "rule_id": TEXT})
    base = _monthly_gross(tables, order, rulebook, rows["payee_id"], day)
    findings: list[Finding] = []
    for code in rows["premium_code"].unique():
        mask = (rows["premium_code"] == code).to_numpy()
        premium = names.get(plain(code))
        rate = premium.dated(day) if premium else None
        if premium is None or rate is None:
            first = _cells(tables, rows[mask].iloc[:1], "premium_code")
            unvalued = finding(
                "REB-030",
                stream=STREAM,
                observed=code,
                limit=str(int(mask.sum())),
                source=str(first["source"].iat[0]),
            )
            findings.append(unvalued)
            rows.loc[mask, "reason"] = "reason_hours_unusable"
            continue
        hours = rows.loc[mask, "hours_hundredths"].to_numpy()
        if rate.kind == "percent_of_hourly":
            yearly = rulebook.number(HOURS_PER_YEAR, day)
            # cents a month x 12 / hours a year x percent / 100, for hundredths of hours
            factor = Fraction(rate.value) * 12 / (yearly * 100 * 100)
            of, times = base[mask], hours
            shown, parameter = f"{value_text(Fraction(rate.value))}%", HOURS_PER_YEAR
            rows.loc[mask & (base <= 0), "reason"] = "reason_hours_without_base"
        else:
            index = rulebook.number(INDEX, day)
            # euro an hour x index, as cents for hundredths of hours: 100 / 100
            factor = Fraction(rate.value) * index
            of, times = hours, np.ones_like(hours)
            shown = f"{value_text(Fraction(rate.value))} × {value_text(index)}"
            parameter = INDEX
        rows.loc[mask, "amount_cents"] = _multiplied(of * times, factor)
        rows.loc[mask, "base"] = of
        rows.loc[mask, "numerator"] = times * factor.numerator
        rows.loc[mask, "denominator"] = factor.denominator
        rows.loc[mask, "rate"] = shown
        rows.loc[mask, "rule_id"] = f"premium:{premium.code} parameter:{parameter}"
    bare = rows[rows["reason"] == "reason_hours_without_base"].drop_duplicates("payee_id")
    return rows, findings + findings_for("REB-033", bare, stream=STREAM)


def _multiplied(values: Cents, factor: Fraction) -> Cents:
    largest = int(np.abs(values).max(initial=0)) * factor.numerator
    require(largest < _PRODUCT_MAX, "hours or gross beyond what exact integers hold")
    return divide(values * factor.numerator, factor.denominator)


def _seized_before(given: RebuildInput) -> pd.DataFrame:
    """GARNISHED of what is paid in the calendar month of the bonuses before them."""
    order = given.order
    if order.section(HOLIDAY_PAY) is not None:
        seizures = given.once(rebuild_holiday_pay).seizures
    else:
        garnished = given.once(rebuild_salaries).garnished
        seizures = Seizures.of_salaries(garnished, order.pay_on(SALARIES.name))
    return seizures.on(order.ordered(BONUSES).pay_on)


def _lines(
    rows: pd.DataFrame,
    staff: StaffResult,
    rulebook: RuleBook,
    order: PayrunOrder,
    garnished: pd.DataFrame,
) -> tuple[pd.DataFrame, list[Finding]]:
    """One line per row of hours, and per person the lines that lead from them to the net.

    garnished: GARNISHED of what else is paid in the month.
    """
    earned = order.ordered(BONUSES).earned
    fixed = {"stream": STREAM, "payment_group": "", "earning_period": str(earned)}
    rows = rows.assign(**fixed, component=BONUS_GROSS, basis="recomputed", parents="")
    rows = rows.astype(dict.fromkeys((*fixed, "component", "basis", "parents"), TEXT))
    rows["line_id"] = line_ids(rows)
    people = (
        rows.groupby("payee_id", sort=True)
        .agg(
            gross=("amount_cents", "sum"), parents=("line_id", " ".join), source=("source", "first")
        )
        .reset_index()
    )
    person = staff.people.positions(people["payee_id"])
    computed = np.append(staff.calculation.computed, False)[person] & (person >= 0)
    gross, of_person = people["gross"].to_numpy()[computed], person[computed]
    other, estimated = in_month_earned(staff, of_person, gross, rulebook, order)
    inputs = with_bonus(staff, of_person, gross, rulebook).assign(**other)
    by_law = _by_law(people[computed], of_person, staff, inputs, garnished)
    by_ratio, nature, findings = _by_ratio(
        people[~computed], person[~computed], staff.people, rulebook, earned
    )
    net = pd.concat([by_law, by_ratio], ignore_index=True)
    net = net[net["amount_cents"] != 0].assign(**fixed, quantity="", rate="", **NO_PRODUCT)
    texts = [name for name in net if name not in ("gross", "amount_cents", *FACTORS)]
    net = net.astype(dict.fromkeys(texts, TEXT))
    net["line_id"] = line_ids(net)
    lines = pd.concat([rows, net], ignore_index=True)
    by_policy = lines["payee_id"].isin([finding.subject_id for finding in findings])
    lawful = lines["payee_id"].isin(people.loc[computed, "payee_id"])
    of_law = "full_estimate" if estimated else "final"
    natures = np.where(lawful, of_law, np.where(by_policy, nature, "full_estimate"))
    return lines.assign(legal_nature=pd.Series(natures, dtype=TEXT)), findings


def _by_law(
    people: pd.DataFrame,
    person: npt.NDArray[np.intp],
    staff: StaffResult,
    inputs: pd.DataFrame,
    garnished: pd.DataFrame,
) -> pd.DataFrame:
    """What the month's pay with the bonus takes more than without it, step by step.

    inputs: CALCULATION_INPUT of these people with it.
    """
    calculation = staff.calculation
    law = calculation.law
    if law is None or people.empty:
        return people.iloc[:0].assign(amount_cents=np.int64(0), component="", basis="", rule_id="")
    without = calculation.pay.iloc[person].reset_index(drop=True)
    pay = gross_to_net(inputs, law)
    month = f" parameter:{WORK_BONUS_MONTH}"
    parts = [
        people.assign(
            component=step.id,
            basis="recomputed",
            rule_id=f"step:{step.id}" + (month if step.id == "work_bonus" else ""),
            amount_cents=step.sign * (pay[step.cents] - without[step.cents]).to_numpy(),
        )
        for step in NET_STEPS
    ]
    special = "special_contribution_cents"
    more = (pay[special] - without[special]).to_numpy()
    settled = more_settled(calculation.quarter, person, inputs, law, more)
    parts.append(
        people.assign(
            component=SETTLEMENT,
            basis="recomputed",
            rule_id=f"step:{QUARTER}",
            amount_cents=-settled,
        )
    )
    net = pay["net_cents"].to_numpy() - without["net_cents"].to_numpy() - settled
    seized = seized_of_more(staff.people, garnished, person, net, law)
    parts.append(
        people.assign(
            component="garnishment",
            basis="recomputed",
            rule_id="step:garnishment",
            amount_cents=-seized,
        )
    )
    return pd.concat(parts, ignore_index=True)


def _by_ratio(
    people: pd.DataFrame,
    person: npt.NDArray[np.intp],
    staff: StaffMonth,
    rulebook: RuleBook,
    earned: Period,
) -> tuple[pd.DataFrame, str, list[Finding]]:
    """People without the data for the law: by their last known ratio, else by policy.

    Also the legal nature of what the policy gives, and a finding for each whom it serves.
    """
    found = policy_of(rulebook.policies, NO_RATIO)
    policy = found.dated(earned.first_day)
    frame = staff.frame
    good = (
        frame["in_register"] & (frame["gross_before_cents"] > 0) & (frame["net_before_cents"] > 0)
    )
    has = np.append(good.to_numpy(dtype=bool), False)[person] & (person >= 0)
    percent = policy.ratio

    def ratio(name: str, otherwise: int) -> Cents:
        values = np.append(frame[name].to_numpy(dtype=np.int64), np.int64(1))[person]
        return np.where(has, values, otherwise).astype(np.int64)

    gross = people["gross"].to_numpy(dtype=np.int64)
    net = divide_columns(
        gross * ratio("net_before_cents", percent[0]), ratio("gross_before_cents", percent[1])
    )
    register = np.append(frame["source"].to_numpy(dtype=object), "")[person]
    deductions = people.assign(
        component="bonus_deductions_estimated",
        basis="estimated",
        amount_cents=net - gross,
        source=np.where(has, register, people["source"].to_numpy(dtype=object)),
        rule_id=np.where(has, RATIO, f"policy:{found.id}"),
    )
    findings = findings_for("REB-022", people[~has], stream=STREAM)
    return deductions, str(policy.legal_nature), findings


def _without_hours(
    tables: SourceTables, order: PayrunOrder, rulebook: RuleBook, earned: Period
) -> pd.DataFrame:
    """People with variable components last month, or hours in an earlier one, but none now."""
    variable = {
        name for name, item in by_alias(rulebook.components).items() if item.nature == "variable"
    }
    lines = tables["register_lines"]
    lines = lines[lines["period"] == str(order.last_known)]
    codes = [code for code in lines["component"].unique() if plain(code) in variable]
    used = lines[lines["component"].isin(codes)]
    hours = tables["premium_hours"]
    earlier = hours[hours["period"] == str(earned.shift(-1))]
    now = hours.loc[hours["period"] == str(earned), "employee_id"]
    columns = ["employee_id", "source"]
    both = pd.concat([used[columns], earlier[columns]]).drop_duplicates("employee_id")
    both = both[~both["employee_id"].isin(now)].rename(columns={"employee_id": "payee_id"})
    return both.assign(reason=pd.Series("reason_no_roster", both.index, dtype=TEXT))


def _monthly_gross(
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
    payee_ids: pd.Series[str],
    day: date,
) -> Cents:
    """The full-time monthly gross of each, indexed as of a day; 0 when unknown (cents)."""
    staff = tables["employees"].drop_duplicates("employee_id")
    where = pd.Index(staff["employee_id"]).get_indexer(payee_ids)
    monthly = monthly_gross(staff, order, rulebook.parameters, day)
    found: Cents = np.append(monthly, np.int64(0))[where]
    return found


def _cells(tables: SourceTables, rows: pd.DataFrame, field_name: str) -> pd.DataFrame:
    cells = [tables.cell(source, field_name) for source in rows["source"]]
    return rows.assign(source=pd.Series(cells, rows.index, dtype=TEXT))


def hours_texts(rows: pd.DataFrame) -> pd.Series[str]:
    """The hours of a column as a reader writes them, 760 -> '7.60'; each number written once."""
    shown = {item: Exact(int(item), 2).digits() for item in rows["hours_hundredths"].unique()}
    texts = [shown[item] for item in rows["hours_hundredths"].tolist()]
    return pd.Series(texts, rows.index, dtype=TEXT)
