"""Who is to be paid a salary this month, and what is known of each: one row per person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.bank_month import salaries_paid
from payroll.model.findings import Finding, findings_for
from payroll.model.frames import BOOL, INT, TEXT, TO_SETTLE, FrameSchema
from payroll.model.money import Cents
from payroll.model.net_steps import NET_STEPS, register_net
from payroll.model.order import PayrunOrder
from payroll.model.streams import SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.calculation import households, known_thirtieths, known_working_days
from payroll.rebuild.deductions_now import deductions_now
from payroll.rebuild.estimation import estimates
from payroll.rebuild.lines import text_by
from payroll.rebuild.proration import DAYS, first_index, last_index
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import NO_RATIO, PAID_BY_BANK, policy_of
from payroll.rulebook.index import monthly_gross

Mask = npt.NDArray[np.bool_]
#: The first and last paid day of STAFF_MONTH.
EMPLOYED = ("first", "last", "first_day", "last_day")
#: What the register says between gross and what was paid out.
_REGISTER = (*(step.register for step in NET_STEPS), "other_deductions_cents", "garnishment_cents")
#: One row per member of staff: what is known of each before this month is worked out. The amounts
#: of the register are 0 for who is not in it; net_before_cents is before deductions for others.
STAFF_MONTH = FrameSchema(
    "staff_month",
    {
        "payee_id": TEXT,
        "origin": TEXT,  # register | joiner | hired_in_period | not_in_register | paid_by_bank
        "in_register": BOOL,
        "on_staff": BOOL,
        "payable": BOOL,  # False: nothing to go by
        "computable": BOOL,  # their data let gross to net be worked out
        "source": TEXT,  # the row of the register, of the bank's file or of the employees list
        "register_iban": TEXT,
        "gross_before_cents": INT,
        "net_before_cents": INT,
        "deductions_now_cents": INT,  # other deductions of this month, before any limit ...
        "deductions_typed": BOOL,  # ... as typed, not as the register has them
        "garnishment_replaced": BOOL,  # by one that was typed, or ended
        **dict.fromkeys(_REGISTER, INT),
        "ratio_net_cents": INT,  # the net that a gross gives by policy or by the known month ...
        "ratio_gross_cents": INT,  # ... and that gross, never 0
        "base_cents": INT,  # the gross of the new ...
        "full_time": BOOL,  # ... of full time: still to be multiplied by the working time
        "net_paid_cents": INT,  # what the bank paid, where that is all that is known ...
        "paid_name": TEXT,  # ... and under which name
        "policy": TEXT,
        "legal_nature": TEXT,  # '' = decided by what the lines rest on
        "monthly_gross_cents": INT,  # of full time, indexed as of this month ...
        "known_monthly_cents": INT,  # ... and as of the known one
        "scale_annual_cents": INT,  # at 138.01: both are worked out from it; 0 = not given
        "fte_millionths": INT,
        "first": INT,  # paid thirtieths of this month
        "last": INT,
        "first_day": INT,  # the same as days of the calendar
        "last_day": INT,
        "known_thirtieths": INT,  # of the known month
        "known_working_days": INT,
        "known_partial": BOOL,  # the known month was not whole, and was made so
        "left_before": BOOL,
        "leave_source": TEXT,
    },
    key=("payee_id",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMonth:
    """Everybody of the last register, then whoever is new; positions are those of `frame`.

    frame: STAFF_MONTH. household: HOUSEHOLDS in the same order. reasons: why pay changes, a mask
    per reason; each stage that finds more returns its own.
    """

    frame: pd.DataFrame
    ids: pd.Index
    to_settle: pd.DataFrame
    household: pd.DataFrame
    reasons: Mapping[str, Mask] = field(default_factory=dict)

    def positions(self, payee_ids: pd.Series[str]) -> npt.NDArray[np.intp]:
        """Where each person stands in the frame; -1 = nowhere."""
        return self.ids.get_indexer(pd.Index(payee_ids))

    def is_paid(self, person: npt.NDArray[np.intp]) -> Mask:
        """Which positions (-1 = unknown) are people who get lines this month."""
        paid: Mask = (self.frame["payable"] & ~self.frame["left_before"]).to_numpy(dtype=bool)
        found: Mask = np.append(paid, False)[person]
        return found & (person >= 0)

    def mask(self, person: npt.NDArray[np.intp]) -> Mask:
        """The people at these positions as a mask over everybody."""
        found: Mask = np.zeros(len(self.frame), dtype=bool)
        found[person] = True
        return found


def find_people(
    tables: SourceTables, order: PayrunOrder, rulebook: RuleBook, adjustments: pd.DataFrame
) -> tuple[StaffMonth, list[Finding]]:
    """Everybody to be paid, joined, estimated or just gone, with what is known of each."""
    register, findings = _register(tables, order)
    staff = tables["employees"].drop_duplicates("employee_id")
    staff = staff.rename(columns={"employee_id": "payee_id"}).reset_index(drop=True)
    staff = staff.assign(
        monthly_gross_cents=monthly_gross(
            staff, order, rulebook.parameters, order.period.first_day
        ),
        known_monthly_cents=monthly_gross(
            staff, order, rulebook.parameters, order.last_known.first_day
        ),
    )
    joiners = adjustments[adjustments["kind"] == "joiner"].drop_duplicates("payee_id")
    bank = paid_by_bank(tables, order, rulebook)
    paid_before = pd.concat([register["payee_id"], bank["payee_id"]])
    again = joiners[joiners["payee_id"].isin(paid_before)]
    again = again.assign(source=[tables.cell(source, "kind") for source in again["source"]])
    findings += findings_for("REB-014", again.assign(observed=again["adjustment_id"]))
    present = _present(staff, adjustments, order)
    new, found = _newcomers(tables, order, rulebook, present, paid_before)
    findings += found
    # an empty frame without columns would turn the others' bool and int64 into objects
    parts = [part for part in (register, new, bank) if len(part)] or [register]
    frame = pd.concat(parts, ignore_index=True)
    where = pd.Index(staff["payee_id"]).get_indexer(frame["payee_id"])

    def own(column: str, otherwise: int) -> Cents:
        values = present[column].to_numpy(dtype=np.int64)
        found: Cents = np.append(values, np.int64(otherwise))[where]
        return found

    frame = frame.assign(
        on_staff=where >= 0,
        monthly_gross_cents=own("monthly_gross_cents", 0),
        known_monthly_cents=own("known_monthly_cents", 0),
        scale_annual_cents=own("scale_annual_cents", 0),
        fte_millionths=own("fte_millionths", 0),
        **{
            name: np.where(frame["in_register"], 1, own(name, 1)) for name in ("first", "first_day")
        },
        last=own("last", DAYS),
        last_day=own("last_day", order.period.days),
        known_thirtieths=own("known_thirtieths", DAYS),
        known_working_days=own("known_working_days", len(order.last_known.working_days)),
        leave_source=text_by(frame["payee_id"], present["payee_id"], present["leave_source"]),
    )
    guessed = frame["origin"].isin(["not_in_register", PAID_BY_BANK])
    frame["computable"] = frame["on_staff"] & ~guessed
    gone = _leaver_without_master(frame, adjustments, order)
    for name in ("last", "last_day"):
        frame[name] = np.minimum(gone[name], frame[name])
    frame["leave_source"] = np.where(gone["source"] != "", gone["source"], frame["leave_source"])
    frame = frame.assign(left_before=frame["last"] == 0, known_partial=False)
    frame = frame.assign(**deductions_now(frame, adjustments, order))
    frame = STAFF_MONTH.conform(frame)
    groups = ("joiner", "hired_in_period", "not_in_register")
    people = StaffMonth(
        frame=frame,
        ids=pd.Index(frame["payee_id"]),
        to_settle=TO_SETTLE.conform(_to_settle(tables, frame, str(order.last_known))),
        household=households(staff, where),
        reasons={
            **{group: (frame["origin"] == group).to_numpy(dtype=bool) for group in groups},
            "leaver": (frame["last"] < 30).to_numpy(dtype=bool),
        },
    )
    left = frame[frame["left_before"]]
    left = left.assign(source=left["leave_source"])
    findings += findings_for("REB-026", left, stream=SALARIES.name)
    return people, findings


def with_deductions(
    people: StaffMonth, adjustments: pd.DataFrame, order: PayrunOrder
) -> StaffMonth:
    """The same people with the deductions of the month by other adjustments."""
    now = deductions_now(people.frame, adjustments, order)
    return replace(people, frame=STAFF_MONTH.conform(people.frame.assign(**now)))


def _register(tables: SourceTables, order: PayrunOrder) -> tuple[pd.DataFrame, list[Finding]]:
    """The last known month, one row per person; arithmetic that does not hold is a finding."""
    rows = tables["register_totals"].rename(columns={"employee_id": "payee_id"})
    rows = rows[rows["period"] == str(order.last_known)]
    twice = rows[rows.duplicated("payee_id")]
    findings = findings_for("REB-005", twice, stream=SALARIES.name)
    rows = rows.drop_duplicates("payee_id").reset_index(drop=True)
    net = rows["net_cents"] + rows["garnishment_cents"] + rows["other_deductions_cents"]
    wrong = rows[net != register_net(rows)]
    wrong = wrong.assign(source=[tables.cell(source, "net") for source in wrong["source"]])
    findings += findings_for("REB-004", wrong, stream=SALARIES.name)
    good = (rows["gross_cents"] > 0) & (net > 0)
    frame = rows[["payee_id", "source", *_REGISTER]].assign(
        register_iban=rows["iban"],
        in_register=True,
        origin=pd.Series("register", rows.index, dtype=TEXT),
        payable=True,
        gross_before_cents=rows["gross_cents"],
        net_before_cents=net,
        ratio_net_cents=net.where(good, 0),
        ratio_gross_cents=rows["gross_cents"].where(good, 1),
        base_cents=np.int64(0),
        full_time=False,
        net_paid_cents=np.int64(0),
        paid_name=pd.Series("", rows.index, dtype=TEXT),
        policy=pd.Series("", rows.index, dtype=TEXT),
        legal_nature=pd.Series("", rows.index, dtype=TEXT),
    )
    return frame, findings


def paid_by_bank(tables: SourceTables, order: PayrunOrder, rulebook: RuleBook) -> pd.DataFrame:
    """Without a register: whom the bank paid a salary last month (a part of STAFF_MONTH).

    Raises PayrollError when the rule book has no policy for them.
    """
    paid = salaries_paid(tables.bank)
    paid = paid if tables.bank_alone else paid.iloc[:0]
    if paid.empty:
        return pd.DataFrame({"payee_id": pd.Series([], dtype=TEXT)})
    policy = policy_of(rulebook.policies, PAID_BY_BANK)
    by_gross = policy_of(rulebook.policies, NO_RATIO).dated(order.period.first_day).ratio
    texts = {
        "origin": PAID_BY_BANK,
        "policy": f"policy:{policy.id}",
        "legal_nature": str(policy.dated(order.period.first_day).legal_nature),
    }
    return paid[["payee_id", "source"]].assign(
        register_iban=paid["iban"],
        in_register=False,
        payable=True,
        gross_before_cents=np.int64(0),
        net_before_cents=np.int64(0),
        base_cents=np.int64(0),
        full_time=False,
        net_paid_cents=paid["amount_cents"],
        paid_name=paid["name"],
        ratio_net_cents=np.int64(by_gross[0]),
        ratio_gross_cents=np.int64(by_gross[1]),
        **{name: pd.Series(value, paid.index, dtype=TEXT) for name, value in texts.items()},
        **{name: np.int64(0) for name in _REGISTER},
    )


def _present(staff: pd.DataFrame, adjustments: pd.DataFrame, order: PayrunOrder) -> pd.DataFrame:
    """Per member of staff the first and last paid day, and whether announced as a joiner."""
    joined = adjustments[adjustments["kind"] == "joiner"]
    starts = joined.sort_values("from").drop_duplicates("payee_id").set_index("payee_id")["from"]
    left = adjustments[adjustments["kind"] == "leaver"]
    left = left.sort_values("to").drop_duplicates("payee_id")
    start = starts.reindex(staff["payee_id"]).set_axis(staff.index)
    stop = left.set_index("payee_id")["to"].reindex(staff["payee_id"]).set_axis(staff.index)
    told = text_by(staff["payee_id"], left["payee_id"], left["source"])
    own = staff["source"].where(staff["leave_date"].notna(), "")
    begin, end = start.fillna(staff["hire_date"]), stop.fillna(staff["leave_date"])
    of = order.period
    return staff.assign(
        announced=start.notna(),
        first=first_index(begin, of),
        first_day=first_index(begin, of, of.days),
        last=last_index(end, of),
        last_day=last_index(end, of, of.days),
        known_thirtieths=known_thirtieths(staff["hire_date"], staff["leave_date"], order),
        known_working_days=known_working_days(staff["hire_date"], staff["leave_date"], order),
        leave_source=told.where(told != "", own),
    )


def _leaver_without_master(
    frame: pd.DataFrame, adjustments: pd.DataFrame, order: PayrunOrder
) -> pd.DataFrame:
    """Last paid day and source of leavers who are in the register only."""
    left = adjustments[adjustments["kind"] == "leaver"]
    left = left.sort_values("to").drop_duplicates("payee_id")
    left = left[~left["payee_id"].isin(frame.loc[frame["on_staff"], "payee_id"])]
    stop = left.set_index("payee_id")["to"].reindex(frame["payee_id"]).set_axis(frame.index)
    source = text_by(frame["payee_id"], left["payee_id"], left["source"])
    last, last_day = (
        last_index(stop, order.period, length) for length in (DAYS, order.period.days)
    )
    return pd.DataFrame({"last": last, "last_day": last_day, "source": source})


def _newcomers(
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
    present: pd.DataFrame,
    paid_before: pd.Series[str],
) -> tuple[pd.DataFrame, list[Finding]]:
    """People without a known month: announced, hired in the period, or simply not in it."""
    rows = present[~present["payee_id"].isin(paid_before)]
    rows = rows[rows["last"] > 0]
    future = rows["first"] > 30
    findings = findings_for("REB-027", rows[future], stream=SALARIES.name)
    rows = rows[~future]
    inside = rows["hire_date"] >= pd.Timestamp(order.period.first_day)
    origin = np.where(
        rows["announced"], "joiner", np.where(inside, "hired_in_period", "not_in_register")
    )
    rows = rows.assign(origin=pd.Series(origin, rows.index, dtype=TEXT))
    for name, rule_id in (("hired_in_period", "REB-020"), ("not_in_register", "REB-008")):
        findings += findings_for(rule_id, rows[rows["origin"] == name], stream=SALARIES.name)
    if rows.empty:
        return pd.DataFrame({"payee_id": pd.Series([], dtype=TEXT)}), findings
    return _by_contract(_estimated(rows, tables, order, rulebook), rows), findings


def _estimated(
    rows: pd.DataFrame, tables: SourceTables, order: PayrunOrder, rulebook: RuleBook
) -> pd.DataFrame:
    """Newcomers by the policy for people whose pay is not known."""
    found = estimates(rows, "not_in_register", tables["register_totals"], order, rulebook)
    return found.assign(
        payee_id=rows["payee_id"],
        origin=rows["origin"],
        register_iban=rows["iban"],
        in_register=False,
        payable=found["has"],
        gross_before_cents=np.int64(0),
        net_before_cents=np.int64(0),
        base_cents=found["gross_cents"],
        net_paid_cents=np.int64(0),
        paid_name=pd.Series("", rows.index, dtype=TEXT),
        policy=found["rule_id"],
        **{name: np.int64(0) for name in _REGISTER},
    ).drop(columns=["has", "rule_id"])


def _by_contract(new: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Who is known to have joined is paid in full by the contract, not by the policy."""
    joined = new["origin"] != "not_in_register"
    monthly = rows["monthly_gross_cents"]
    nature = np.where(joined, "", new["legal_nature"])  # as its lines have it
    return new.assign(
        base_cents=new["base_cents"].where(~joined, monthly),
        full_time=new["full_time"] | joined,
        payable=new["payable"].where(~joined, monthly > 0),
        source=new["source"].where(~joined, rows["source"]),
        legal_nature=pd.Series(nature, new.index, dtype=TEXT),
    )


def _to_settle(tables: SourceTables, frame: pd.DataFrame, last_known: str) -> pd.DataFrame:
    """The estimated, joiners who are not in the employees list, people with pay lines only."""
    new = frame[~frame["in_register"]]
    joiners = tables["adjustments"]
    joiners = joiners[joiners["kind"] == "joiner"]
    lost = joiners[~joiners["payee_id"].isin(tables["employees"]["employee_id"])]
    detail = tables["register_lines"].drop_duplicates("employee_id")
    detail = detail[
        (detail["period"] == last_known) & ~detail["employee_id"].isin(frame["payee_id"])
    ]
    rows = pd.DataFrame(
        {
            "payee_id": [*new["payee_id"], *lost["payee_id"], *detail["employee_id"]],
            "reason": [
                *("reason_" + new["origin"]).where(new["payable"], "reason_nothing_known"),
                *["reason_joiner_without_data"] * len(lost),
                *["reason_no_totals"] * len(detail),
            ],
            "source": [*new["source"], *lost["source"], *detail["source"]],
            "stream": [SALARIES.name] * (len(new) + len(lost) + len(detail)),
        }
    )
    return rows.astype("str")
