"""What a check sees, and how its failing rows become findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from payroll.model.bank_month import salaries_paid
from payroll.model.beside import FILES_BESIDE
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, RuledFinding, SubjectKind, Texts, finding, findings_for
from payroll.model.money import euros
from payroll.model.order import Employer, PayrunOrder
from payroll.model.released import PAYMENT_KEYS, LedgerExtract
from payroll.model.results import Rebuilt
from payroll.model.service import last_days
from payroll.model.streams import payee_by_stream
from payroll.model.tables import SourceTables
from payroll.rulebook.controls import Control
from payroll.rulebook.dated import newest
from payroll.rulebook.parameters import Parameter

Made = TypeVar("Made")
CANNOT_EVALUATE_PAYEE = "EVAL-001"
CANNOT_EVALUATE_RUN = "EVAL-002"
FIGURE_MISSING = "EVAL-003"


@dataclass(frozen=True, kw_only=True)
class CheckData:
    """Everything the controls may look at; nothing in it is changed.

    value_status: dated rule value id (as in LINES.rule_id) -> sourced | secondary | unverified;
    value_source: its source.
    values_behind: a rule id of a line -> itself and every rule value that it stands on.
    stage_findings: what ingest and rebuild found already.
    ledger: what it knows of earlier runs. payment_keys: PAYMENT_KEYS of this run's payments.
    held: (stream, payee) of whom other findings hold: a total counts what is paid.
    beside: FILES_BESIDE, what lies beside the order and is not named by it.
    own_rules: the rule files that did not ship with the program as they are.
    """

    order: PayrunOrder
    employer: Employer
    tables: SourceTables
    rebuilt: Rebuilt
    created_at: datetime
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    value_status: Mapping[str, str] = field(default_factory=dict)
    value_source: Mapping[str, str] = field(default_factory=dict)
    values_behind: Callable[[str], tuple[str, ...]] = lambda rule_id: (rule_id,)
    stage_findings: tuple[RuledFinding, ...] = ()
    own_rules: tuple[str, ...] = ()
    ledger: LedgerExtract = field(default_factory=LedgerExtract)
    payment_keys: pd.DataFrame = field(default_factory=PAYMENT_KEYS.empty)
    held: frozenset[tuple[str, str]] = frozenset()
    beside: pd.DataFrame = field(default_factory=FILES_BESIDE.empty)
    _made: dict[object, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def once(self, make: Callable[..., Made], *given: object) -> Made:
        """What several controls need of this and what is given, made for the first that asks."""
        key = make, *given
        if key not in self._made:
            self._made[key] = make(self, *given)
        found: Made = self._made[key]
        return found

    @cached_property
    def register(self) -> pd.DataFrame:
        """The register totals of the last known month."""
        frame = self.tables["register_totals"]
        return frame[frame["period"] == str(self.order.last_known)]

    @cached_property
    def known_staff(self) -> pd.Series[str]:
        """Whom last month's register knows; without a register, whom the bank paid a salary."""
        if self.tables.bank_alone:
            return salaries_paid(self.tables.bank)["payee_id"]
        return self.register["employee_id"]

    @cached_property
    def last_days(self) -> pd.DataFrame:
        """Last day employed per employee (leave date or leaver adjustment): employee_id, day."""
        return last_days(self.tables)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Payment targets that have a payment, with `kind` (of the payee)."""
        paid = self.rebuilt.payments[["stream", "payee_id", "payment_group"]]
        frame = self.rebuilt.targets.merge(paid, on=list(paid.columns), how="inner")
        # retained for the social security or tax office: the accounts are the rule book's own
        frame = frame[~frame["payment_group"].str.startswith(("social:", "tax:"))]
        return frame.assign(kind=frame["stream"].map(payee_by_stream()).astype("str"))

    @cached_property
    def paid(self) -> pd.DataFrame:
        """Payments with the `source` of their target."""
        keys = ["stream", "payee_id", "payment_group"]
        sources = self.rebuilt.targets[[*keys, "source"]]
        frame = self.rebuilt.payments.merge(sources, on=keys, how="left")
        return frame.assign(source=frame["source"].fillna(""))

    def figure(self, control: Control, role: str) -> Fraction:
        """What the dated parameters that a control names for a role were (added), in the known
        month. Raises PayrollError when one does not exist, is no number or is not in force.
        """
        ids = control.figures.get(role)
        if ids is None:
            raise control.invalid(f"figures.{role}")
        total = Fraction(0)
        for name in ids:
            value = self._parameter(name).dated(name, self._figure_day(name)).value
            if not isinstance(value, Fraction):
                raise PayrollError("parameter_not_a_number", parameter=name)
            total += value
        return total

    def figure_cents(self, control: Control, role: str) -> int:
        """The same in cents, of parameters in euro."""
        cents = self.figure(control, role) * 100
        if cents.denominator != 1:
            raise control.invalid(f"figures.{role}")
        return int(cents)

    def figure_missing(self, control: Control) -> tuple[str, date] | None:
        """(id, day) of the first figure of a control without a value in the known month."""
        for name in (name for ids in control.figures.values() for name in ids):
            day = self._figure_day(name)
            if newest(self._parameter(name).values, day) is None:
                return name, day
        return None

    def _parameter(self, name: str) -> Parameter:
        if name not in self.parameters:
            raise PayrollError("parameter_unknown", entry=f"[parameter.{name}]")
        return self.parameters[name]

    def _figure_day(self, name: str) -> date:
        known = self.order.last_known
        earned = self._parameter(name).applies_to == "earning_period"
        return known.first_day if earned else known.last_day

    def adjustments(self, kind: str) -> pd.DataFrame:
        """The adjustments of one kind."""
        return self.once(_adjustments_of, kind)

    def streams(self, control: Control) -> tuple[str, ...]:
        """The control's streams that are run and on whose payment date it is in force."""
        return tuple(
            name
            for name in control.streams
            if (order := self.order.stream(name)) is not None and control.in_force(order.pay_on)
        )

    def pay_on(self, stream: str) -> date:
        """The payment date ordered for a stream that is run."""
        return self.order.pay_on(stream)

    def master(self, kind: str) -> pd.Series[str]:
        """The ids on the master list of a payee kind (a SubjectKind value).

        With neither a register nor a list of staff left, whom the bank paid is the staff.
        """
        tables = self.tables
        if kind == "employee" and tables.bank_alone and not tables.has("employees"):
            return self.known_staff
        return self.tables[f"{kind}s"][f"{kind}_id"]

    def not_held(self, stream: str, payees: pd.Series[str]) -> pd.Series[bool]:
        """Which of some payees nothing holds in a stream, so that a total counts them."""
        return ~payees.isin({payee for name, payee in self.held if name == stream})

    def of_streams(self, frame: pd.DataFrame, control: Control) -> pd.DataFrame:
        """The rows of a frame that lie in the control's streams."""
        wanted = frame["stream"].isin(self.streams(control))
        return frame if wanted.all() else frame[wanted]  # of most controls: all, and no copy

    def accounts(self, control: Control) -> pd.DataFrame:
        """The accounts to be paid in the control's streams: rows of `targets`, each account of a
        payee once.
        """
        return self.once(accounts_of, self.streams(control))


def _adjustments_of(data: CheckData, kind: str) -> pd.DataFrame:
    frame = data.tables["adjustments"]
    return frame[frame["kind"] == kind]


def accounts_of(data: CheckData, streams: tuple[str, ...]) -> pd.DataFrame:
    """What `CheckData.accounts` gives, by streams: for what is made once of it."""
    targets = data.targets
    return targets[targets["stream"].isin(streams)].drop_duplicates(["kind", "payee_id", "iban"])


def findings_of(
    data: CheckData,
    control: Control,
    rows: pd.DataFrame,
    /,
    *,
    observed: Texts,
    kind: Texts | None = None,
    payee: str = "",
    limit: Texts = "",
    stream: Texts = "",
    cell: str = "",
    level: Texts = "",
    rule_id: str = "",
    **params: Texts,
) -> list[Finding]:
    """Findings of failing rows under the control's rule, one per row (see `findings_for`).

    kind: the column `kind` where none is given, else the kind that the row's stream pays. payee:
    the column with the subject's id, `payee_id` where none is given, in a table of one kind
    `<kind>_id`. Rows may have `source`, whose cell is named by the field `cell`.
    """
    if rows.empty:  # of most controls on most runs, and pandas takes its time for no row too
        return []
    if kind is None:
        kind = rows["kind"] if "kind" in rows else rows["stream"].map(payee_by_stream())
    payee = payee or ("payee_id" if "payee_id" in rows else f"{kind}_id")
    places = rows["source"].tolist() if "source" in rows else [""] * len(rows)
    return findings_for(
        rule_id or control.id,
        rows,
        kind=kind,
        payee=payee,
        stream=stream,
        observed=observed,
        limit=limit,
        source=[data.tables.cell(place, cell) if place and cell else place for place in places],
        level=level,
        **params,
    )


def beyond(
    difference: pd.Series[int], base: pd.Series[int], control: Control, level: str
) -> pd.Series[bool]:
    """Both the euro and the percent threshold of a level are passed (exact integers)."""
    permyriad = int(control.decimal(f"{level}_percent") * 100)
    far = difference.abs() > control.cents(f"{level}_euro")
    return far & (difference.abs() * 10_000 > base.abs() * permyriad)


def run_finding(
    control: Control,
    *,
    observed: str,
    limit: str = "",
    stream: str = "",
    level: str = "",
    subject_kind: SubjectKind = SubjectKind.RUN,
    subject_id: str = "run",
    **params: str,
) -> Finding:
    """A finding on the run or on a file as a whole."""
    return finding(
        control.id,
        subject_kind,
        subject_id,
        stream=stream,
        observed=observed,
        limit=limit,
        level=level,
        **params,
    )


def accounts_found(
    data: CheckData, control: Control, rows: pd.DataFrame, limit: Texts = "", **more: Texts
) -> list[Finding]:
    """Findings of failing rows on their `iban`."""
    return findings_of(
        data,
        control,
        rows,
        observed=shown_ibans(rows["iban"]),
        limit=limit,
        cell="iban",
        **more,  # type: ignore[arg-type]
    )


def amounts_found(
    data: CheckData,
    control: Control,
    rows: pd.DataFrame,
    observed: pd.Series[int],
    limit: pd.Series[int],
    *,
    hold: pd.Series[bool] | None = None,
    **more: Texts,
) -> list[Finding]:
    """Findings of failing rows whose amount (cents) is far from another; which of them hold."""
    if hold is not None:
        more["level"] = np.where(hold, "hold", "warn")
    return findings_of(
        data,
        control,
        rows,
        observed=[euros(cents) for cents in observed],
        limit=[euros(cents) for cents in limit],
        **more,  # type: ignore[arg-type]
    )


def cannot_evaluate(
    data: CheckData, control: Control, rows: pd.DataFrame, *, kind: Texts, cell: str
) -> list[Finding]:
    """Tell the payees for whom a control lacks a value: not knowing is never passing."""
    return findings_of(
        data,
        control,
        rows,
        kind=kind,
        observed=cell,
        cell=cell,
        rule_id=CANNOT_EVALUATE_PAYEE,
        control=control.id,
    )


def source_missing(control: Control, missing: str) -> list[Finding]:
    """Say that a whole control could not be evaluated, as gravely as the control asks."""
    return _control_impossible(control, CANNOT_EVALUATE_RUN, missing)


def figure_missing(control: Control, figure: str, day: date) -> list[Finding]:
    """The same when a figure that the control names has no value on a day."""
    return _control_impossible(control, FIGURE_MISSING, figure, day.isoformat())


def _control_impossible(
    control: Control, rule_id: str, observed: str, limit: str = ""
) -> list[Finding]:
    if control.if_missing == "skip":
        return []
    level = control.if_missing or ""
    return [finding(rule_id, observed=observed, limit=limit, level=level, control=control.id)]


def shown_ibans(ibans: Iterable[str]) -> list[str]:
    """IBANs for a message, in full: who decides compares the old one and the new one."""
    return [iban or "-" for iban in ibans]
