"""Bonuses of the month they were earned: hours x dated rates, and an estimated net."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from payroll.model.errors import require
from payroll.model.findings import Finding, SubjectKind
from payroll.model.frames import TEXT, TO_TRUE_UP
from payroll.model.money import Cents, divide, divide_columns
from payroll.model.order import PayrunOrder
from payroll.model.period import Period
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import staff_targets
from payroll.rebuild.estimation import percent_ratio
from payroll.rebuild.lines import findings_for, finish_lines, line_ids, text_by
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import by_alias, plain, policy_of
from payroll.texts import text

STREAM = "bonuses"
NO_RATIO = "without_ratio"
HOURS_PER_YEAR, INDEX = "hours_per_year", "index_coefficient"
_PRODUCT_MAX = 2**61


def rebuild_bonuses(
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
    ratios: pd.DataFrame,
    language: str = "fr",
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[Finding]]:
    """(LINES, PAYMENT_TARGETS, TO_TRUE_UP, findings) of the hours of `order.bonuses.earned`.

    ratios: as in StaffResult. A row of hours is one line, half-up to the cent; per person one more
    line takes them to half_up(bonus gross x net / gross) by the person's own ratio, or by the
    policy `without_ratio`. A premium code without a rate blocks the run. Raises PayrollError when
    a parameter or policy is missing.
    """
    require(order.bonuses is not None, "bonuses are rebuilt only when they are ordered")
    earned = order.bonuses.earned if order.bonuses is not None else order.last_known
    rows, findings = _usable_hours(tables, order, earned)
    later = [rows[rows["reason"] != ""]]
    rows = rows[rows["reason"] == ""].reset_index(drop=True)
    rows, found = _valued(tables, rulebook, rows, earned)
    findings += found
    later += [rows[rows["reason"] != ""], _without_hours(tables, order, rulebook, earned)]
    if len(later[-1]):
        count = pd.DataFrame({"payee_id": ["run"], "observed": [str(len(later[-1]))]})
        findings += findings_for(
            "REB-032", count.assign(source=""), stream=STREAM, kinds=[SubjectKind.RUN]
        )
    rows = rows[rows["reason"] == ""].reset_index(drop=True)
    lines, found = _lines(rows, ratios, rulebook, earned)
    findings += found
    register = tables["register_totals"]
    register = register[register["period"] == str(order.last_known)].drop_duplicates("employee_id")
    payees = rows.drop_duplicates("payee_id")
    ibans = text_by(payees["payee_id"], register["employee_id"], register["iban"])
    payees = payees.assign(register_iban=ibans)
    remittance = text("remittance_bonus", language, period=earned)
    waiting = pd.concat([item[["payee_id", "reason", "source"]] for item in later])
    waiting = waiting.drop_duplicates(["payee_id", "reason"]).assign(stream=STREAM).astype("str")
    return (
        finish_lines(lines),
        staff_targets(tables, order, STREAM, payees, remittance),
        TO_TRUE_UP.conform(waiting),
        findings,
    )


def _usable_hours(
    tables: SourceTables, order: PayrunOrder, earned: Period
) -> tuple[pd.DataFrame, list[Finding]]:
    """The month's hours with `reason` (a text id, '' = usable), and findings on the rest."""
    rows = tables["premium_hours"].rename(columns={"employee_id": "payee_id"})
    mine = rows["period"] == str(earned)
    findings: list[Finding] = []
    if not mine.all():
        other = pd.DataFrame({"payee_id": ["run"], "observed": [str(int((~mine).sum()))]})
        other = other.assign(limit=str(earned), source=rows.loc[~mine, "source"].iloc[0])
        findings += findings_for("REB-035", other, stream=STREAM, kinds=[SubjectKind.RUN])
    rows = rows[mine].reset_index(drop=True)
    register = tables["register_totals"]
    paid = register.loc[register["period"] == str(order.last_known), "employee_id"]
    known = rows["payee_id"].isin(tables["employees"]["employee_id"])
    known |= rows["payee_id"].isin(paid)
    begin, end = pd.Timestamp(earned.first_day), pd.Timestamp(earned.last_day)
    wrong = rows["hours_hundredths"] <= 0
    wrong |= rows["work_date"].notna() & ~rows["work_date"].between(begin, end)
    reason = np.where(
        ~known, "reason_hours_unknown_person", np.where(wrong, "reason_hours_unusable", "")
    )
    rows["reason"] = pd.Series(reason, dtype=TEXT)
    strangers = rows[~known].drop_duplicates("payee_id")
    findings += findings_for("REB-031", _cells(tables, strangers, "employee_id"), stream=STREAM)
    bad = _cells(tables, rows[known & wrong], "hours")
    bad = bad.assign(observed=[hours_text(item) for item in bad["hours_hundredths"]])
    return rows, findings + findings_for("REB-034", bad, stream=STREAM)


def _valued(
    tables: SourceTables, rulebook: RuleBook, rows: pd.DataFrame, earned: Period
) -> tuple[pd.DataFrame, list[Finding]]:
    """Each row with amount_cents, rate and rule_id, or the reason why it has none."""
    day = earned.first_day
    names = by_alias(rulebook.premiums)
    rows = rows.assign(
        amount_cents=np.int64(0), rate="", rule_id="", quantity=hours_texts(rows)
    ).astype({"rate": TEXT, "rule_id": TEXT})
    base = _monthly_gross(tables, rows["payee_id"])
    findings: list[Finding] = []
    for code in rows["premium_code"].unique():
        mask = (rows["premium_code"] == code).to_numpy()
        premium = names.get(plain(code))
        rate = premium.dated(day) if premium else None
        if premium is None or rate is None:
            first = _cells(tables, rows[mask].iloc[:1], "premium_code")
            first = first.assign(payee_id="run", observed=code, limit=str(int(mask.sum())))
            findings += findings_for("REB-030", first, stream=STREAM, kinds=[SubjectKind.RUN])
            rows.loc[mask, "reason"] = "reason_hours_unusable"
            continue
        hours = rows.loc[mask, "hours_hundredths"].to_numpy()
        if rate.kind == "percent_of_hourly":
            yearly = rulebook.number(HOURS_PER_YEAR, day)
            # cents a month x 12 / hours a year x percent / 100, for hundredths of hours
            factor = Fraction(rate.value) * 12 / (yearly * 100 * 100)
            amount = _multiplied(base[mask] * hours, factor)
            shown, parameter = f"{decimal_text(Fraction(rate.value))}%", HOURS_PER_YEAR
            rows.loc[mask & (base <= 0), "reason"] = "reason_hours_without_base"
        else:
            index = rulebook.number(INDEX, day)
            # euro an hour x index, as cents for hundredths of hours: 100 / 100
            amount = _multiplied(hours, Fraction(rate.value) * index)
            shown = f"{decimal_text(Fraction(rate.value))} × {decimal_text(index)}"
            parameter = INDEX
        rows.loc[mask, "amount_cents"] = amount
        rows.loc[mask, "rate"] = shown
        rows.loc[mask, "rule_id"] = f"premium:{premium.code} parameter:{parameter}"
    bare = rows[rows["reason"] == "reason_hours_without_base"].drop_duplicates("payee_id")
    return rows, findings + findings_for("REB-033", bare, stream=STREAM)


def _multiplied(values: Cents, factor: Fraction) -> Cents:
    largest = int(np.abs(values).max(initial=0)) * factor.numerator
    require(largest < _PRODUCT_MAX, "hours or gross beyond what exact integers hold")
    return divide(values * factor.numerator, factor.denominator)


def _lines(
    rows: pd.DataFrame, ratios: pd.DataFrame, rulebook: RuleBook, earned: Period
) -> tuple[pd.DataFrame, list[Finding]]:
    """One line per row of hours, and per person the estimated deductions that lead to the net."""
    found = policy_of(rulebook.policies, NO_RATIO)
    policy = found.dated(earned.first_day)
    fixed = {"stream": STREAM, "payment_group": "", "earning_period": str(earned)}
    rows = rows.assign(**fixed, component="bonus_gross", basis="recomputed", parents="")
    rows = rows.astype(dict.fromkeys((*fixed, "component", "basis", "parents"), TEXT))
    rows["line_id"] = line_ids(rows)
    people = rows.groupby("payee_id", sort=True).agg(
        gross=("amount_cents", "sum"), parents=("line_id", " ".join), source=("source", "first")
    ).reset_index()  # fmt: skip
    where = pd.Index(ratios["payee_id"]).get_indexer(people["payee_id"])
    has = where >= 0
    percent = percent_ratio(policy)

    def ratio(name: str, otherwise: int) -> Cents:
        values = np.append(ratios[name].to_numpy(dtype=np.int64), np.int64(1))[where]
        return np.where(has, values, otherwise).astype(np.int64)

    gross = people["gross"].to_numpy(dtype=np.int64)
    net = divide_columns(gross * ratio("net_cents", percent[0]), ratio("gross_cents", percent[1]))
    known = np.append(ratios["source"].to_numpy(dtype=object), "")[where]
    own = people["source"].to_numpy(dtype=object)
    deductions = people.assign(
        **fixed, component="bonus_deductions_estimated", basis="estimated", quantity="", rate="",
        amount_cents=net - gross, source=np.where(has, known, own),
        rule_id=np.where(has, "rebuild:last_known_ratio", f"policy:{found.id}"),
    )  # fmt: skip
    texts = [name for name in deductions if name not in ("gross", "amount_cents")]
    deductions = deductions.astype(dict.fromkeys(texts, TEXT))
    deductions["line_id"] = line_ids(deductions)
    lines = pd.concat([rows, deductions], ignore_index=True)
    estimated = set(people.loc[~has, "payee_id"])
    nature = np.where(lines["payee_id"].isin(estimated), str(policy.legal_nature), "full_estimate")
    findings = findings_for("REB-022", people[~has], stream=STREAM)
    return lines.assign(legal_nature=pd.Series(nature, dtype=TEXT)), findings


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


def _monthly_gross(tables: SourceTables, payee_ids: pd.Series[str]) -> Cents:
    """The full-time monthly gross of each, 0 when unknown (cents)."""
    staff = tables["employees"].drop_duplicates("employee_id")
    where = pd.Index(staff["employee_id"]).get_indexer(payee_ids)
    known = staff["monthly_gross_cents"].to_numpy(dtype=np.int64)
    found: Cents = np.append(known, np.int64(0))[where]
    return found


def _cells(tables: SourceTables, rows: pd.DataFrame, field_name: str) -> pd.DataFrame:
    cells = [tables.cell(source, field_name) for source in rows["source"]]
    return rows.assign(source=pd.Series(cells, rows.index, dtype=TEXT))


def hours_text(hundredths: int) -> str:
    """Hours as a reader writes them: 760 -> '7.60'."""
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def hours_texts(rows: pd.DataFrame) -> pd.Series[str]:
    """The hours of a column, each distinct number written once."""
    known = {item: hours_text(int(item)) for item in rows["hours_hundredths"].unique()}
    texts = [known[item] for item in rows["hours_hundredths"].tolist()]
    return pd.Series(texts, rows.index, dtype=TEXT)


def decimal_text(value: Fraction) -> str:
    """An exact figure of at most ten decimals as written in a rule file."""
    whole, part = divmod(value.numerator * 10**10 // value.denominator, 10**10)
    return f"{whole}.{part:010d}".rstrip("0").rstrip(".")
