"""Deductions from the net for others: as known, or by the law where it limits or moves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.gross_to_net.columns import Trail
from payroll.gross_to_net.engine import run_step
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, findings_for
from payroll.model.frames import INT, FrameSchema
from payroll.model.law import Law
from payroll.model.money import Cents, euros
from payroll.model.order import PayrunOrder
from payroll.model.record_frames import NO_END
from payroll.model.streams import SALARIES
from payroll.rebuild.calculation import Calculation, Mask
from payroll.rebuild.deductions import KNOWN, LIMIT, Deductions, known_deductions
from payroll.rebuild.lines import lines_of_some
from payroll.rebuild.staff import StaffMonth
from payroll.rulebook.book import RuleBook

STREAM = SALARIES.name
#: Per member of staff, in their order: the net that a garnishment may take from, what it takes of
#: it, and what is left of the claim for further pay of the month.
GARNISHED = FrameSchema(
    "garnished", {"seizable_cents": INT, "seized_cents": INT, "claim_left_cents": INT}
)


@dataclass(frozen=True, slots=True)
class Seizures:
    """What was seized so far, by the calendar month of the payment (art. 1409 Code judiciaire: all
    payments of one add up): `2022-05` -> GARNISHED.
    """

    months: Mapping[str, pd.DataFrame]

    @classmethod
    def of_salaries(cls, garnished: pd.DataFrame, pay_on: date) -> Seizures:
        """Of the salaries alone: GARNISHED, and the day on which they are paid."""
        return cls({_month_of(pay_on): garnished})

    def on(self, pay_on: date) -> pd.DataFrame:
        """GARNISHED of the month of a day: of a month without a payment yet nothing but what is
        left of the claims.
        """
        month = _month_of(pay_on)
        if month in self.months:
            return self.months[month]
        any_month = next(iter(self.months.values()))
        return any_month.assign(seizable_cents=np.int64(0), seized_cents=np.int64(0))

    def after(
        self, pay_on: date, person: npt.NDArray[np.intp], more: Cents, taken: Cents
    ) -> Seizures:
        """With further pay of some people (positions), and what was taken of it (cents)."""
        count = len(self.on(pay_on))
        added, seized = (_spread(cents, person, count) for cents in (more, taken))
        month = self.on(pay_on)
        months = {**self.months, _month_of(pay_on): month}
        months = {name: _less_claimed(frame, seized) for name, frame in months.items()}
        own = months[_month_of(pay_on)]
        months[_month_of(pay_on)] = own.assign(
            seizable_cents=own["seizable_cents"] + added, seized_cents=own["seized_cents"] + seized
        )
        return Seizures(months)


def _month_of(day: date) -> str:
    return day.isoformat()[:7]


def _spread(cents: Cents, person: npt.NDArray[np.intp], count: int) -> Cents:
    found: Cents = np.zeros(count, dtype=np.int64)
    np.add.at(found, person, cents)
    return found


def _less_claimed(garnished: pd.DataFrame, seized: Cents) -> pd.DataFrame:
    """GARNISHED with what is left of each claim after more was taken."""
    left = garnished["claim_left_cents"].to_numpy()
    rest = np.where(left == NO_END, NO_END, np.maximum(left - seized, 0))
    return garnished.assign(claim_left_cents=rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParties:
    """STAFF_LINES of the deductions, GARNISHED, whose garnishment is another than was known, and
    the deductions other than garnishments.
    """

    lines: pd.DataFrame
    garnished: pd.DataFrame
    moved: Mask
    deductions: Deductions


def third_parties(
    people: StaffMonth,
    calculation: Calculation,
    net: Cents,
    staying: Mask,
    *,
    order: PayrunOrder,
    rulebook: RuleBook,
) -> tuple[ThirdParties, list[Finding]]:
    """Other deductions as known, within the law; a garnishment as known, or by the law where it
    follows the net.

    net: this month's net before third-party deductions, per person. A garnishment that was the
    legal maximum of the known month is the maximum of this one; a smaller one stays, but within
    this month's maximum; a larger one (maintenance has no limit) stays.
    """
    frame = people.frame
    source = frame["source"].to_numpy(dtype=object)
    known = frame["garnishment_cents"].mask(frame["garnishment_replaced"], 0).to_numpy()
    person = np.flatnonzero(staying)
    deductions, findings = known_deductions(people, net, staying, order, rulebook)
    other = deductions.taken
    limited = deductions.cut != 0
    texts = (
        np.where(limited, "recomputed", "known"),
        np.where(limited, f"parameter:{LIMIT}", f"parameter:{KNOWN}"),
        source,
    )
    rows = [lines_of_some(person, "other_deductions", -other, texts)]
    seized = known.copy()
    by_law = np.zeros(len(frame), dtype=bool)
    follows = np.flatnonzero(calculation.computed & staying & (known > 0))
    limits, found = _limits(people, follows, calculation, net - other)
    findings += found
    if limits is not None:
        before, after = limits
        own = known[follows]
        by_law[follows] = own == before
        more = frame.iloc[follows[own > before]].assign(
            observed=[euros(cents) for cents in own[own > before].tolist()],
            limit=[euros(cents) for cents in before[own > before].tolist()],
        )
        findings += findings_for("REB-045", more, stream=STREAM)
        seized[follows] = np.where(
            own == before, after, np.where(own < before, np.minimum(own, after), own)
        )
    moved = staying & (seized != known)
    basis = np.where(moved, "recomputed", "known")
    rule = np.where(moved, "step:garnishment", "")
    rows.append(lines_of_some(person, "garnishment", -seized, (basis, rule, source)))
    findings += findings_for("REB-039", frame[moved], stream=STREAM)
    garnished = pd.DataFrame(
        {
            "seizable_cents": net - other,
            "seized_cents": seized,
            "claim_left_cents": np.where(by_law, NO_END, np.maximum(known - seized, 0)),
        }
    )
    third = ThirdParties(
        lines=pd.concat(rows, ignore_index=True),
        garnished=GARNISHED.conform(garnished),
        moved=moved,
        deductions=deductions,
    )
    return third, findings


def _limits(
    people: StaffMonth, person: npt.NDArray[np.intp], calculation: Calculation, net: Cents
) -> tuple[tuple[Cents, Cents] | None, list[Finding]]:
    """The legal maximum of the known month and of this one, each by its own law.

    Without bands for one of them each of these people is held: a person decides. net: of this
    month, before garnishment.
    """
    if not len(person) or calculation.law is None or calculation.known_law is None:
        return None, []
    frame = people.frame
    known = (frame["net_before_cents"] - frame["other_deductions_cents"]).to_numpy()
    try:
        before = _legal_maximum(people, person, known[person], calculation.known_law)
        return (before, _legal_maximum(people, person, net[person], calculation.law)), []
    except PayrollError as error:
        if error.error_id != "parameter_not_in_force":
            raise
        held = frame.iloc[person].assign(
            observed=error.params["parameter"], limit=error.params["day"]
        )
        return None, findings_for("REB-040", held)


def seized_of_more(
    people: StaffMonth, garnished: pd.DataFrame, person: npt.NDArray[np.intp], more: Cents, law: Law
) -> Cents:
    """What a garnishment takes of a further net of the same month (cents).

    garnished: GARNISHED of what was paid in it before. All payments of a month add up (facts 6):
    the maximum of the whole less what was seized, and of an instalment no more than is left of it.
    """
    names = ("seizable_cents", "seized_cents", "claim_left_cents")
    seizable, seized, left = (garnished[name].to_numpy()[person] for name in names)
    taken: Cents = np.zeros(len(more), dtype=np.int64)
    rows = np.flatnonzero(left > 0)
    if len(rows):
        whole = _legal_maximum(people, person[rows], seizable[rows] + more[rows], law)
        taken[rows] = np.clip(whole - seized[rows], 0, left[rows])
    return taken


def lawful_part(
    people: StaffMonth, garnished: pd.DataFrame, typed: pd.DataFrame, law: Law | None
) -> pd.DataFrame:
    """Of garnishments typed in the month (`person`, `amount`, `maintenance`): `taken`, the cents
    that the law lets be taken of each, and `limit`, what may still be seized of the person's net
    (euro), '-' where it is unknown (no law of that month, or nobody knows the dependent children)
    and nothing is taken, '' of maintenance.

    garnished: GARNISHED of the salaries. Those of one person add up, the smallest first, on what
    the register takes already; maintenance has no limit (art. 1409, 1412 Code judiciaire).
    """
    whole = typed["maintenance"]
    found = pd.DataFrame({"taken": typed["amount"].where(whole, 0), "limit": "-"}, typed.index)
    found["limit"] = found["limit"].mask(whole, "").astype("str")
    ordinary = typed[~whole].sort_values("amount", kind="stable")
    if ordinary.empty or law is None:
        return found
    person = ordinary["person"].to_numpy()
    seizable, seized = (
        garnished[name].to_numpy()[person] for name in ("seizable_cents", "seized_cents")
    )
    try:
        most = _legal_maximum(people, person, np.maximum(seizable, 0), law)
    except PayrollError as error:
        if error.error_id != "parameter_not_in_force":
            raise
        return found
    known = people.frame["on_staff"].to_numpy()[person]  # else nobody knows of any child
    left = np.where(known, np.maximum(most - seized, 0), 0)
    claims = ordinary.groupby("person")["amount"].cumsum().to_numpy()
    before = claims - ordinary["amount"].to_numpy()
    found.loc[ordinary.index, "taken"] = np.minimum(claims, left) - np.minimum(before, left)
    found.loc[ordinary.index, "limit"] = [
        euros(cents) if sure else "-" for cents, sure in zip(left.tolist(), known, strict=True)
    ]
    return found


def _legal_maximum(people: StaffMonth, person: npt.NDArray[np.intp], net: Cents, law: Law) -> Cents:
    children = people.household["children"].to_numpy()  # a disabled one counts once here
    found: Cents = run_step(law.step("garnishment"), Trail(), net, children[person])
    return found
