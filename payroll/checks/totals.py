"""The month as a whole: does the bridge close, is a list cut off, do too many people move?"""

from __future__ import annotations

import pandas as pd

from payroll.checks.data import CheckData, findings_of, run_finding
from payroll.model.bank_month import SALARY, salaries_paid
from payroll.model.components import HOLIDAY_LINES
from payroll.model.findings import Finding
from payroll.model.frames import rows_of
from payroll.model.money import euros
from payroll.model.sections import EarnedOrder
from payroll.model.streams import BONUSES, FEES, SALARIES
from payroll.model.tables import PAYEE_FIELD
from payroll.rulebook.controls import Control


def bridge_open(data: CheckData, control: Control) -> list[Finding]:
    """Last month's net, person by person to this month's, does not add up to what is paid.

    Salaries: the register's net (without one, what the bank paid) is the bridge's beginning, the
    lines are its end. Every stream: the lines are the payments and the receivables, to the cent.
    """
    rebuilt = data.rebuilt
    pairs = [
        (
            stream,
            _sum(rebuilt.lines, stream),
            _sum(rebuilt.payments, stream) + _sum(rebuilt.receivables, stream),
        )
        for stream in data.streams(control)
    ]
    if SALARIES.name in data.streams(control):
        known = int(data.register.drop_duplicates("employee_id")["net_cents"].sum())
        if data.tables.bank_alone:
            known = int(salaries_paid(data.tables.bank)["amount_cents"].sum())
        changes = rebuilt.changes_of(SALARIES.name)
        pairs += [
            (SALARIES.name, int(changes["net_before_cents"].sum()), known),
            (
                SALARIES.name,
                int(changes["net_after_cents"].sum()),
                _sum(_without_holiday_pay(rebuilt.lines), SALARIES.name),
            ),
        ]
    return [
        run_finding(control, observed=euros(found), limit=euros(expected), stream=stream)
        for stream, found, expected in pairs
        if found != expected
    ]


def _without_holiday_pay(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines that a salary is compared by; holiday pay may go in the same payment."""
    return lines[~lines["component"].isin(HOLIDAY_LINES)]


def _sum(frame: pd.DataFrame, stream: str) -> int:
    return int(frame.loc[frame["stream"] == stream, "amount_cents"].sum())


def row_unaccounted(data: CheckData, control: Control) -> list[Finding]:
    """A row of a source that is in no line, on no list and in no finding: lost on the way."""
    if data.ledger.reissue:  # of the month only what failed is this run's business
        return []
    table = control.text("table")
    frame, order = data.tables[table], data.order.stream(control.streams[0])
    if isinstance(order, EarnedOrder):
        frame = frame.loc[frame["period"] == str(order.earned)]
    named = {
        place.rsplit(", ", 1)[0]
        for finding in data.stage_findings
        for place in finding.source.split("; ")
    }
    source = frame["source"]
    told = source.isin(data.rebuilt.lines["source"]) | source.isin(named)
    frame = frame[~(told | source.isin(data.rebuilt.to_settle["source"]))]
    payee = PAYEE_FIELD[table]
    known = {finding.subject_id for finding in data.stage_findings} | set(
        data.rebuilt.to_settle["payee_id"]
    )
    rows = frame[~frame[payee].isin(known)]
    return findings_of(
        data,
        control,
        rows,
        kind=control.text("payee"),
        payee=payee,
        observed=table,
        stream=control.streams[0],
        cell=payee,
    )


def _by_share(control: Control, count: int, whole: int, *, stream: str = "") -> list[Finding]:
    """A run finding when a share passes a threshold: block when the control has one, else warn."""
    if whole < control.whole("minimum"):
        return []
    for level in ("block", "warn"):
        name = f"{level}_percent"
        if name in control.params and count * 10_000 > whole * int(control.decimal(name) * 100):
            return [
                run_finding(
                    control, observed=str(count), limit=str(whole), level=level, stream=stream
                )
            ]
    return []


def headcount_gap(data: CheckData, control: Control) -> list[Finding]:
    """Many people of the register are not in the staff export, or the reverse: a list is cut."""
    register, staff = data.known_staff, data.tables["employees"]
    if control.text("missing_from") == "employees" and data.tables.bank_alone:
        bank = data.tables.bank
        salaries = bank[bank["category_purpose"].isin(["", SALARY])]
        return _by_share(control, int((salaries["payee_id"] == "").sum()), len(salaries))
    if control.text("missing_from") == "employees":
        left = data.adjustments("leaver")["payee_id"]
        gone = ~register.isin(staff["employee_id"]) & ~register.isin(left)
        return _by_share(control, int(gone.sum()), len(register))
    begun = staff["hire_date"] <= pd.Timestamp(data.order.last_known.first_day)
    still = ~(staff["leave_date"] < pd.Timestamp(data.order.last_known.first_day))
    expected = staff[begun & still]
    gone = ~expected["employee_id"].isin(register)
    return _by_share(control, int(gone.sum()), len(expected))


def movement_share(data: CheckData, control: Control) -> list[Finding]:
    """More joiners, or more leavers, than a month has."""
    changes, reason = data.rebuilt.changes_of(SALARIES.name), control.text("reason")
    moved = (" " + changes["reasons"] + " ").str.contains(f" {reason} ", regex=False)
    return _by_share(control, int(moved.sum()), len(changes), stream=SALARIES.name)


def unexplained_share(data: CheckData, control: Control) -> list[Finding]:
    """Many nets moved and nobody knows why: a rule or a source changed, not the people."""
    changes = data.rebuilt.changes_of(SALARIES.name)
    moved = (changes["net_after_cents"] - changes["net_before_cents"]).abs()
    odd = (moved > control.cents("euro")) & (changes["reasons"] == "")
    return _by_share(control, int(odd.sum()), len(changes), stream=SALARIES.name)


def hours_missing_share(data: CheckData, control: Control) -> list[Finding]:
    """Of the people with variable pay last month, too many have no hours in this one."""
    variable, without = _without_hours(data)
    return _by_share(control, int(without.sum()), len(variable), stream=BONUSES.name)


def site_without_hours(data: CheckData, control: Control) -> list[Finding]:
    """A site whose people had variable pay last month, and not one of them has hours now."""
    variable, without = _without_hours(data)
    staff = data.tables["employees"].drop_duplicates("employee_id").set_index("employee_id")
    site = variable.map(staff["site"]).fillna("")
    sums = pd.DataFrame({"site": site, "without": without}).groupby("site")["without"]
    silent = sums.agg(["sum", "size"]).reset_index()
    silent = silent[(silent["sum"] == silent["size"]) & (silent["site"] != "")]
    silent = silent[silent["size"] >= control.whole("minimum")]
    return [
        run_finding(control, observed=str(name), limit=str(count), stream=BONUSES.name)
        for name, count in rows_of(silent, "site", "size")
    ]


def _without_hours(data: CheckData) -> tuple[pd.Series[str], pd.Series[bool]]:
    """(who had variable components in the last known month, and who of them has no hours now)."""
    rows, order = data.rebuilt.not_carried_over, data.order.section(BONUSES)
    variable = rows.loc[rows["nature"] == "variable", "payee_id"].drop_duplicates()
    hours = data.tables["premium_hours"]
    now = hours["period"] == (str(order.earned) if order is not None else "")
    return variable, ~variable.isin(hours.loc[now, "employee_id"])


def statements_missing_share(data: CheckData, control: Control) -> list[Finding]:
    """Of the practitioners with earlier statements, too many have none for this month."""
    frame, order = data.tables["fee_statements"], data.order.section(FEES)
    if order is None:
        return []
    now = frame["period"] == str(order.earned)
    before = frame.loc[~now, "practitioner_id"].drop_duplicates()
    without = ~before.isin(frame.loc[now, "practitioner_id"])
    return _by_share(control, int(without.sum()), len(before), stream=FEES.name)
