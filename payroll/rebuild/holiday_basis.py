"""What holiday pay is a percentage of, and for which part of the reference year it is due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import HOLIDAY_PAY
from payroll.model.findings import Finding, finding, findings_for
from payroll.model.frames import INT, TEXT, FrameSchema
from payroll.model.money import Cents, Rounding, divide, euros
from payroll.model.order import PayrunOrder
from payroll.model.period import Period
from payroll.model.streams import HOLIDAY_PAY as OF_HOLIDAYS
from payroll.model.tables import SourceTables
from payroll.rebuild.calculation import Mask
from payroll.rebuild.proration import FULL_TIME, thirtieths_of_year
from payroll.rebuild.staff import StaffMonth
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import base_of_holiday_pay, codes_of, plain
from payroll.rulebook.index import coefficient

STREAM = OF_HOLIDAYS.name
#: Thirtieths of a year.
YEAR = 360
#: Who is younger than this at the end of the reference year may have a first job that counts as
#: the whole year.
YOUNG = 25
#: Where a basis comes from: the pay lines of its month, its totals, or the last known month.
FROM_LINES, FROM_TOTALS, FROM_KNOWN = "lines", "totals", "known"
#: Per member of staff, in their order. how: one of those above, '' = no basis is known.
BASIS = FrameSchema("holiday_basis", {"basis_cents": INT, "source": TEXT, "how": TEXT})
#: Per member of staff the part of the reference year, as numerator / denominator; why not: a text
#: id, '' = the share is known.
SHARE = FrameSchema("holiday_share", {"numerator": INT, "denominator": INT, "why_not": TEXT})


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a month's register says of each: the sum of the base's components, and the gross."""

    lines: Cents
    detailed: Mask
    gross: Cents
    listed: Mask
    source: npt.NDArray[np.object_]


def basis_of(
    tables: SourceTables, order: PayrunOrder, rulebook: RuleBook, people: StaffMonth, month: Period
) -> tuple[pd.DataFrame, list[Finding]]:
    """BASIS: the pay of the basis month that holiday pay is a percentage of (AR 13-7-2017 art. 14).

    Without the pay lines of the month its whole gross; without its register the last known month,
    by the ratio of the index coefficients, down to the cent. Both are estimates, told once.
    """
    names = base_of_holiday_pay(rulebook.components)
    there = any(
        (tables[kind]["period"] == str(month)).any()
        for kind in ("register_totals", "register_lines")
    )
    paid = _paid(tables, people, month if there else order.last_known, names)
    cents = np.where(paid.detailed, paid.lines, paid.gross)
    how = np.where(paid.detailed, FROM_LINES, np.where(paid.listed, FROM_TOTALS, ""))
    if not there:
        numerator, denominator = _index_ratio(rulebook, order.last_known, month)
        cents = divide(cents * numerator, denominator, Rounding.DOWN)
        how = np.where((how != "") & (numerator > 0), FROM_KNOWN, "")
    how = np.where(cents > 0, how, "")
    frame = pd.DataFrame(
        {
            "basis_cents": np.where(how != "", cents, 0).astype(np.int64),
            "source": pd.Series(paid.source, dtype=TEXT),
            "how": pd.Series(how.astype(object), dtype=TEXT),
        }
    )
    served = how[people.is_paid(np.arange(len(people.frame)))]
    return BASIS.conform(frame), _estimated(served, order, month)


def _estimated(how: npt.NDArray[np.str_], order: PayrunOrder, month: Period) -> list[Finding]:
    """One finding for all whose basis is an estimate of one kind."""
    found = []
    for name, rule_id, limit in (
        (FROM_KNOWN, "HOL-004", str(order.last_known)),
        (FROM_TOTALS, "HOL-005", ""),
    ):
        count = int((how == name).sum())
        if count:
            told = finding(
                rule_id, stream=STREAM, observed=str(count), limit=limit, month=str(month)
            )
            found.append(told)
    return found


def _index_ratio(rulebook: RuleBook, known: Period, month: Period) -> tuple[int, int]:
    """What the pay of a known month was in another: the ratio of the index coefficients, 0 where
    one of them is not known.
    """
    now, then = (coefficient(rulebook.parameters, of.first_day) for of in (known, month))
    if now is None or then is None:
        return 0, 1
    ratio = then / now
    return ratio.numerator, ratio.denominator


def _paid(tables: SourceTables, people: StaffMonth, month: Period, names: frozenset[str]) -> _Paid:
    """The register of a month, in the order of the people."""
    count = len(people.frame)
    totals = tables["register_totals"]
    totals = totals[totals["period"] == str(month)].drop_duplicates("employee_id")
    where = pd.Index(totals["employee_id"]).get_indexer(people.ids)
    rows = tables["register_lines"]
    rows = rows[rows["period"] == str(month)]
    person = people.positions(rows["employee_id"])
    rows, person = rows[person >= 0], person[person >= 0]
    detailed = people.mask(person)
    codes = pd.Index(rows["component"].unique())
    flagged = np.array([plain(code) in names for code in codes], dtype=bool)
    own = flagged[codes.get_indexer(rows["component"])] if len(codes) else np.zeros(0, dtype=bool)
    lines = np.zeros(count, dtype=np.int64)
    np.add.at(lines, person[own], rows["amount_cents"].to_numpy()[own])
    source = np.append(totals["source"].to_numpy(dtype=object), "")[where]
    source[detailed] = _joined(rows[own], person[own], count)[detailed]
    return _Paid(
        lines=lines,
        detailed=detailed,
        gross=np.append(totals["gross_cents"].to_numpy(dtype=np.int64), np.int64(0))[where],
        listed=where >= 0,
        source=source,
    )


def _joined(
    rows: pd.DataFrame, person: npt.NDArray[np.intp], count: int
) -> npt.NDArray[np.object_]:
    """The sources of each person's rows, joined by '; '."""
    found = np.full(count, "", dtype=object)
    turn = pd.Series(person).groupby(person).cumcount().to_numpy()
    source = rows["source"].to_numpy(dtype=object)
    for number in range(int(turn.max()) + 1 if len(turn) else 0):
        chosen = turn == number
        mark = "; " if number else ""
        found[person[chosen]] = found[person[chosen]] + mark + source[chosen]
    return found


def share_of(
    tables: SourceTables, people: StaffMonth, year: int
) -> tuple[pd.DataFrame, Mask, list[Finding]]:
    """SHARE of the reference year, and who was hired after it (a share of 0 that is told).

    The column holiday_share of the employees list, else the thirtieths in service. Who is under 25
    at the end of the year and was hired after its first day may have the whole of it (a first job).
    """
    staff = tables["employees"].drop_duplicates("employee_id")
    where = pd.Index(staff["employee_id"]).get_indexer(people.ids)
    hired = staff["hire_date"]
    dated = thirtieths_of_year(hired, staff["leave_date"], year)
    given = staff["holiday_share_given"].to_numpy(dtype=bool)
    share = staff["holiday_share_millionths"].to_numpy(dtype=np.int64)
    recent = (hired > pd.Timestamp(year, 1, 1)).to_numpy() & ~given
    born = _birth_years(staff)
    young, ageless = recent & (born > year - YOUNG), recent & (born == 0)
    why = np.select(
        [~given & hired.isna().to_numpy(), young],
        ["reason_holiday_share_unknown", "reason_holiday_first_job"],
        "",
    )
    numerator = np.where(given, share, dated)
    late = (why == "") & ~given & (numerator == 0)

    def each(values: npt.NDArray[np.generic], otherwise: object) -> npt.NDArray[np.generic]:
        found: npt.NDArray[np.generic] = np.append(values, np.array([otherwise], values.dtype))[
            where
        ]
        return found

    frame = pd.DataFrame(
        {
            "numerator": each(numerator, 0),
            "denominator": each(np.where(given, FULL_TIME, YEAR), YEAR),
            "why_not": pd.Series(
                each(why.astype(object), "reason_holiday_not_computed"), dtype=TEXT
            ),
        }
    )
    none = np.bool_(0)
    late, ageless = (each(mask, none).astype(bool) for mask in (late, ageless & (why == "")))
    served = people.is_paid(np.arange(len(people.frame)))
    told = (("HOL-006", late), ("HOL-007", ageless & ~late))
    findings = [
        finding(rule_id, stream=STREAM, observed=str(int(mask.sum())), limit=str(year))
        for rule_id, mask in ((rule_id, mask & served) for rule_id, mask in told)
        if mask.any()
    ]
    return SHARE.conform(frame), late, findings


def _birth_years(staff: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The year of birth by the birth date, else by the national number, 0 where neither tells.

    The number's year has two digits; only who was born in 2000 or later has check digits that
    agree with a 2 before the number.
    """
    digits = staff["national_number"].str.replace(r"\D", "", regex=True)
    whole = (digits.str.len() == 11).to_numpy(dtype=bool)
    number = digits.where(pd.Series(whole, digits.index), "0" * 11).astype("int64").to_numpy()
    first, check = number // 100, number % 100
    year = np.select(
        [whole & (97 - first % 97 == check), whole & (97 - (2 * 10**9 + first) % 97 == check)],
        [1900 + first // 10**7, 2000 + first // 10**7],
        0,
    )
    known = staff["birth_date"].dt.year.fillna(0).to_numpy(dtype=np.int64)
    return np.where(known > 0, known, year).astype(np.int64)


def paid_before(
    tables: SourceTables, order: PayrunOrder, rulebook: RuleBook, people: StaffMonth
) -> tuple[Mask, list[Finding]]:
    """Who has holiday pay in a register of this year already, and a finding for each: it may be
    paid twice.
    """
    names = codes_of(rulebook.components, HOLIDAY_PAY)
    rows = tables["register_lines"]
    codes = [code for code in rows["component"].unique() if plain(code) in names]
    rows = rows[rows["component"].isin(codes) & (rows["amount_cents"] != 0)]
    rows = rows[rows["period"].str[:4] == str(order.period.year)]
    person = people.positions(rows["employee_id"])
    rows = rows[people.is_paid(person)]
    first = rows.drop_duplicates("employee_id").rename(columns={"employee_id": "payee_id"})
    first = first.assign(
        observed=[euros(cents) for cents in first["amount_cents"].tolist()],
        limit=first["period"],
        source=[tables.cell(source, "amount") for source in first["source"]],
    )
    found = people.mask(people.positions(first["payee_id"]))
    return found, findings_for("HOL-008", first, stream=STREAM)
