"""Holiday pay: a percentage of a month's pay for the reference year, and on leaving also for this.

Its own contribution and withholding, outside the work bonus and the special contribution; part of
what may be seized of the calendar month. Source: AR 13-7-2017 art. 14, NSSO dmfappl 2017-4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.engine import holiday_pay
from payroll.model.components import (
    HOLIDAY_CONTRIBUTION,
    HOLIDAY_GARNISHMENT,
    HOLIDAY_PAY,
    HOLIDAY_PAY_LEAVING,
    HOLIDAY_WITHHOLDING,
)
from payroll.model.errors import PayrollError
from payroll.model.exact import Exact
from payroll.model.findings import Finding, findings_for
from payroll.model.frames import TEXT, TO_SETTLE
from payroll.model.law import LACKS_FIGURE, Law
from payroll.model.line_sums import products
from payroll.model.money import Cents, Rounding
from payroll.model.order import PayrunOrder
from payroll.model.sections import HolidayOrder
from payroll.model.service import last_days
from payroll.model.streams import HOLIDAY_PAY as OF_HOLIDAYS
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import staff_targets
from payroll.rebuild.calculation import Mask
from payroll.rebuild.holiday_basis import (
    FROM_KNOWN,
    FROM_LINES,
    STREAM,
    YEAR,
    basis_of,
    paid_before,
    share_of,
)
from payroll.rebuild.lines import (
    STAFF_LINES,
    finish_lines,
    line_ids,
    staff_lines,
    stands_for,
    text_by,
)
from payroll.rebuild.proration import FULL_TIME, thirtieths_of_year
from payroll.rebuild.salaries import WHOLE_MONTH, StaffResult, rebuild_salaries
from payroll.rebuild.staff import StaffMonth
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.rebuild.third_parties import Seizures, seized_of_more
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import base_of_holiday_pay, plain
from payroll.rulebook.entries import value_text
from payroll.rulebook.index import INDEX
from payroll.texts import sent_text

#: The last month in which the holiday pay of a year is paid by law: until then, who leaves without
#: it is still due it.
LAST_MONTH = 6
Why = list[tuple[npt.NDArray[np.intp], str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayResult(StreamResult):
    """The holiday pay; seizures: what was seized of the salaries and of it, for later payments."""

    seizures: Seizures


def rebuild_holiday_pay(given: RebuildInput) -> HolidayResult:
    """The holiday pay ordered: of everybody for the reference year, of who leaves for this year.

    Where pay day and account are those of the salaries its lines stand in that stream, so that both
    go in one payment; apart from them who may have had it already. Whoever's basis, share or law is
    not known is in to_settle.
    """
    tables, order = given.tables, given.order
    ordered = order.ordered(OF_HOLIDAYS)
    staff = given.once(rebuild_salaries)
    people = staff.people
    law = law_of(given.rulebook, order)
    reference, why, findings = _of_reference_year(given, staff, ordered)
    leaving, more = _of_leavers(given, staff, ordered)
    doubtful, found = paid_before(tables, order, given.rulebook, people)
    lines = pd.concat([reference, leaving], ignore_index=True)
    findings += found if len(lines) else []
    lines, apart, found = _as_released(given, people, lines)
    findings += found
    seizures = Seizures.of_salaries(staff.garnished, order.pay_on(SALARIES.name))
    lines, seizures, without_law = _with_net(lines, staff, law, ordered, seizures)
    lines = _in_streams(lines, people, order, doubtful | apart, ordered)
    own = lines.loc[lines["stream"] == STREAM, "payee_id"].unique()
    payees = people.frame[people.frame["payee_id"].isin(own)]
    remittance = sent_text(OF_HOLIDAYS.remittance, given.language, year=order.period.year)
    return HolidayResult(
        lines=lines,
        targets=staff_targets(tables, order, STREAM, payees, remittance),
        to_settle=_to_settle(people, [*why, *more, *without_law]),
        findings=findings,
        record=staff.record,
        backtest=staff.backtest,
        seizures=seizures,
    )


def law_of(rulebook: RuleBook, order: PayrunOrder) -> Law:
    """The law of holiday pay: of the month of the run, on the day on which it is paid."""
    return rulebook.law(order.period.first_day, order.pay_on(STREAM))


def _of_reference_year(
    given: RebuildInput, staff: StaffResult, ordered: HolidayOrder
) -> tuple[pd.DataFrame, Why, list[Finding]]:
    """STAFF_LINES of the reference year, who waits for what reason, and findings."""
    month, people = ordered.basis_month, staff.people
    if month is None:
        return STAFF_LINES.empty(), [], []
    basis, findings = basis_of(given.tables, given.order, given.rulebook, people, month)
    share, late, found = share_of(given.tables, people, given.order.reference_year)
    paid = people.is_paid(np.arange(len(people.frame))) & ~late
    why = np.where(
        ~staff.calculation.computed,
        "reason_holiday_not_computed",
        np.where(basis["how"] == "", "reason_holiday_no_basis", share["why_not"]),
    )
    person = np.flatnonzero(paid & (why == ""))
    rows, part = basis.iloc[person], share.iloc[person]
    guessed = (rows["how"] != FROM_LINES).to_numpy()
    index = "" if month == given.order.last_known else f" parameter:{INDEX}"
    from_known = (rows["how"] == FROM_KNOWN).to_numpy()
    rule = np.where(from_known, f"component:{HOLIDAY_PAY}{index}", f"component:{HOLIDAY_PAY}")
    lines = _product_lines(
        person,
        (rows["basis_cents"], part["numerator"], part["denominator"]),
        ordered,
        component=HOLIDAY_PAY,
        basis=np.where(guessed, "estimated", "recomputed"),
        rule_id=rule,
        source=rows["source"],
    )
    reasons = [(np.flatnonzero(paid & (why == name)), str(name)) for name in np.unique(why) if name]
    return lines, reasons, [*findings, *found]


def _of_leavers(
    given: RebuildInput, staff: StaffResult, ordered: HolidayOrder
) -> tuple[pd.DataFrame, Why]:
    """STAFF_LINES of this year's months in service of who leaves in the month, and what waits."""
    order, people = given.order, staff.people
    person, left = leavers(given.tables, order, people)
    computed = staff.calculation.computed[person]
    base = _whole_base(staff, given.rulebook)
    fine = computed & (base[person] > 0)
    staff_list = given.tables["employees"].drop_duplicates("employee_id")
    hired = staff_list["hire_date"].set_axis(pd.Index(staff_list["employee_id"]))
    hired = hired.reindex(people.ids[person[fine]])
    in_service = thirtieths_of_year(hired, left[fine], order.period.year)
    chosen = person[fine]
    lines = _product_lines(
        chosen,
        (base[chosen], in_service, np.full(len(chosen), YEAR)),
        ordered,
        component=HOLIDAY_PAY_LEAVING,
        basis="estimated",
        rule_id=f"component:{HOLIDAY_PAY}",
        source=people.frame["source"].to_numpy(dtype=object)[chosen],
    )
    reasons = [
        (person[~computed], "reason_holiday_not_computed"),
        (person[computed & ~fine], "reason_holiday_no_basis"),
        (person, "reason_holiday_untaken"),
    ]
    if ordered.basis_month is None and order.period.month <= LAST_MONTH:
        reasons.append((person, "reason_holiday_reference_year"))
    return lines, reasons


def leavers(
    tables: SourceTables, order: PayrunOrder, people: StaffMonth
) -> tuple[npt.NDArray[np.intp], pd.Series[pd.Timestamp]]:
    """Who is paid and has a last day within the month: positions, and these days."""
    days = last_days(tables)
    begin, end = pd.Timestamp(order.period.first_day), pd.Timestamp(order.period.last_day)
    days = days[days["day"].between(begin, end)]
    person = people.positions(days["employee_id"])
    paid = people.is_paid(person)
    return person[paid], days["day"][paid]


def _whole_base(staff: StaffResult, rulebook: RuleBook) -> Cents:
    """Per person what holiday pay is a percentage of in this month, as if all of it were paid."""
    names = base_of_holiday_pay(rulebook.components)
    lines = staff.month.whole
    component = stands_for(lines)
    based = {code: plain(code) in names for code in component.unique()}
    chosen = component.map(based).to_numpy(dtype=bool)
    found: Cents = np.zeros(len(staff.people.frame), dtype=np.int64)
    np.add.at(found, lines["person"].to_numpy()[chosen], lines["amount_cents"].to_numpy()[chosen])
    return found


def _product_lines(
    person: npt.NDArray[np.intp],
    factors: tuple[object, object, object],
    ordered: HolidayOrder,
    **texts: object,
) -> pd.DataFrame:
    """STAFF_LINES of basis x percentage x share, the third decimal dropped.

    factors: basis (cents), and the share as numerator and denominator.
    """
    base, numerator, denominator = (np.asarray(item, dtype=np.int64) for item in factors)
    shown = {
        pair: Exact(pair[0], 6).short() if pair[1] == FULL_TIME else f"{pair[0]}/{pair[1]}"
        for pair in set(zip(numerator.tolist(), denominator.tolist(), strict=True))
    }
    pairs = zip(numerator.tolist(), denominator.tolist(), strict=True)
    numerator, denominator = _times(numerator, denominator, ordered)
    sums = pd.DataFrame({"base": base, "numerator": numerator, "denominator": denominator})
    rounding = Rounding.DOWN.value
    amount = products(sums.assign(rounding=pd.Series(rounding, sums.index, dtype=TEXT)))
    lines = staff_lines(
        person,
        amount_cents=amount,
        quantity=[shown[pair] for pair in pairs],
        rate=f"{value_text(ordered.share * 100)}%",
        base=base,
        numerator=numerator,
        denominator=denominator,
        rounding=rounding,
        **texts,
    )
    return STAFF_LINES.conform(lines[lines["amount_cents"] > 0])


def _times(numerator: Cents, denominator: Cents, ordered: HolidayOrder) -> tuple[Cents, Cents]:
    """A share times the percentage, in lowest terms: small enough for exact integers."""
    numerator = numerator * ordered.share.numerator
    denominator = denominator * ordered.share.denominator
    common = np.gcd(numerator, denominator)
    return numerator // common, denominator // common


def _as_released(
    given: RebuildInput, people: StaffMonth, lines: pd.DataFrame
) -> tuple[pd.DataFrame, Mask, list[Finding]]:
    """(the lines still to be paid, whose are not part of the payment of the salary, findings).

    A year's holiday pay goes with the salary where neither was released, or both in one payment;
    else it is a payment of its own, which the ledger knows. What an earlier run has released of
    somebody who leaves is left out, so that the rest can be paid.
    """
    order, released = given.order, given.ledger.released

    def sent(stream: str, period: str) -> pd.Series[str]:
        own = released[(released["stream"] == stream) & (released["period"] == period)]
        return text_by(people.frame["payee_id"], own["payee_id"], own["end_to_end_id"])

    salary = sent(SALARIES.name, str(order.period))
    earlier, now = (sent(STREAM, str(year)) for year in (order.reference_year, order.period.year))
    has, leaves = (
        people.mask(lines.loc[lines["component"] == name, "person"].to_numpy())
        for name in (HOLIDAY_PAY, HOLIDAY_PAY_LEAVING)
    )
    left_out = has & leaves & ((earlier != "") & (earlier != now)).to_numpy()
    person = lines["person"].to_numpy()
    lines = lines[~(left_out[person] & (lines["component"] == HOLIDAY_PAY).to_numpy())]
    has = has & ~left_out
    apart = (has & (earlier != salary).to_numpy()) | (leaves & (now != salary).to_numpy())
    told = people.frame[left_out].assign(observed=str(order.reference_year))
    return lines, apart, findings_for("HOL-009", told, stream=STREAM)


def _with_net(
    lines: pd.DataFrame, staff: StaffResult, law: Law, ordered: HolidayOrder, seizures: Seizures
) -> tuple[pd.DataFrame, Seizures, Why]:
    """STAFF_LINES with what is kept of the gross of each, and whom the law cannot be applied to."""
    gross = np.zeros(len(staff.people.frame), dtype=np.int64)
    np.add.at(gross, lines["person"].to_numpy(), lines["amount_cents"].to_numpy())
    person = np.flatnonzero(gross)
    inputs = staff.calculation.people.iloc[person].reset_index(drop=True)
    whole = {name: staff.whole[name].to_numpy()[person] for name in WHOLE_MONTH.columns}
    try:
        pay = holiday_pay(inputs.assign(**whole), gross[person], law)
    except PayrollError as error:
        if error.error_id not in LACKS_FIGURE:
            raise
        return lines.iloc[:0], seizures, [(person, "reason_holiday_not_computed")]
    net = pay["holiday_pay_net_cents"].to_numpy()
    before = seizures.on(ordered.pay_on)
    seized = seized_of_more(staff.people, before, person, net, law)
    source = lines.drop_duplicates("person").set_index("person")["source"].reindex(person)
    kept = [
        staff_lines(
            person,
            component=component,
            amount_cents=-amount,
            basis="recomputed",
            rule_id=f"step:{step}",
            source=source.to_numpy(dtype=object),
        )
        for component, step, amount in (
            (HOLIDAY_CONTRIBUTION, HOLIDAY_CONTRIBUTION, pay["holiday_pay_contribution_cents"]),
            (HOLIDAY_WITHHOLDING, HOLIDAY_WITHHOLDING, pay["holiday_pay_withholding_cents"]),
            (HOLIDAY_GARNISHMENT, "garnishment", seized),
        )
    ]
    found = pd.concat([lines, *kept], ignore_index=True)
    return found, seizures.after(ordered.pay_on, person, net, seized), []


def _in_streams(
    rows: pd.DataFrame, people: StaffMonth, order: PayrunOrder, apart: Mask, ordered: HolidayOrder
) -> pd.DataFrame:
    """FACTORED_LINES of STAFF_LINES, each in the stream whose payment it is part of."""
    rows = rows[rows["amount_cents"] != 0].reset_index(drop=True)
    person, count = rows["person"].to_numpy(), len(people.frame)
    ids = people.frame["payee_id"].to_numpy(dtype=object)
    guessed = people.mask(person[(rows["basis"] == "estimated").to_numpy()])
    months = np.full(count, str(order.period), dtype=object)
    months[person[(rows["component"] == HOLIDAY_PAY).to_numpy()]] = str(ordered.basis_month)
    leaving = (rows["component"] == HOLIDAY_PAY_LEAVING).to_numpy()
    columns = {
        "payee_id": ids[person],
        "legal_nature": np.where(guessed, "full_estimate", "final")[person],
        "stream": np.where(apart, STREAM, order.paid_with(STREAM))[person],
        "earning_period": np.where(leaving, str(order.period), months[person]),
        "payment_group": np.full(len(rows), "", dtype=object),
    }
    texts = {name: pd.Series(value, rows.index, dtype=TEXT) for name, value in columns.items()}
    rows = rows.assign(**texts)
    rows = rows.assign(line_id=line_ids(rows))
    gross = (rows["denominator"] != 0).to_numpy()
    parents = np.full(count, "", dtype=object)
    for component in (HOLIDAY_PAY, HOLIDAY_PAY_LEAVING):
        own = rows[(rows["component"] == component).to_numpy()]
        place = own["person"].to_numpy()
        mark = np.where(parents[place] == "", "", " ")
        parents[place] = parents[place] + mark + own["line_id"].to_numpy(dtype=object)
    derived = np.where(gross, "", parents[person])
    return finish_lines(rows.assign(parents=pd.Series(derived, rows.index, dtype=TEXT)))


def _to_settle(
    people: StaffMonth, reasons: Iterable[tuple[npt.NDArray[np.intp], str]]
) -> pd.DataFrame:
    """TO_SETTLE of people (positions) by the reason."""
    frames = []
    for person, reason in reasons:
        rows = people.frame.iloc[person][["payee_id", "source"]]
        frames.append(rows.assign(stream=STREAM, reason=reason))
    if not frames:
        return TO_SETTLE.empty()
    found = pd.concat(frames, ignore_index=True).drop_duplicates(["payee_id", "reason"])
    return TO_SETTLE.conform(found.astype("str"))
