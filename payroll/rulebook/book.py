"""The RuleBook: everything rules/ says, loaded from bytes, each part by its own loader."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache

from payroll.model.errors import PayrollError
from payroll.model.law import Law, StepLaw
from payroll.model.order import PayrunOrder
from payroll.model.streams import BONUSES, HOLIDAY_PAY, SALARIES
from payroll.rulebook.answers import (
    UNKNOWN,
    ReasonCode,
    StatusCode,
    load_reasons,
    load_statuses,
    unknown_reason,
)
from payroll.rulebook.bank import BankProfile, load_bank_profiles
from payroll.rulebook.components import (
    Component,
    EstimationPolicy,
    PremiumRate,
    load_components,
    load_policies,
    load_premiums,
)
from payroll.rulebook.controls import Control, load_controls, require_control_figures
from payroll.rulebook.dated import newest
from payroll.rulebook.deductions import Deduction, load_deductions
from payroll.rulebook.folders import folder_of, require_place, require_tables
from payroll.rulebook.formats import Formats, load_formats
from payroll.rulebook.law import RuleFigures, law_of, require_figures
from payroll.rulebook.parameters import DatedValue, Parameter, load_parameters
from payroll.rulebook.scales import DatedRows, Scale, load_scales
from payroll.rulebook.steps import Step, load_steps
from payroll.rulebook.toml import load_toml


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of one run; `files` are the exact bytes they came from."""

    files: Mapping[str, bytes]
    parameters: Mapping[str, Parameter]
    scales: Mapping[str, Scale] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    components: Mapping[str, Component] = field(default_factory=dict)
    premiums: Mapping[str, PremiumRate] = field(default_factory=dict)
    policies: Mapping[str, EstimationPolicy] = field(default_factory=dict)
    deductions: Mapping[str, Deduction] = field(default_factory=dict)
    controls: Mapping[str, Control] = field(default_factory=dict)
    formats: Formats = field(default_factory=Formats)
    bank_profiles: Mapping[str, BankProfile] = field(default_factory=dict)
    statuses: Mapping[str, StatusCode] = field(default_factory=dict)
    reasons: Mapping[str, ReasonCode] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 over every rule file, its path and its bytes: the version of the rule set."""
        whole = hashlib.sha256()
        for path in sorted(self.files):
            whole.update(f"{path}\0{hashlib.sha256(self.files[path]).hexdigest()}\n".encode())
        return whole.hexdigest()

    def number(self, parameter_id: str, day: date) -> Fraction:
        """The exact value of a parameter on a day. Raises PayrollError when there is none."""
        if parameter_id not in self.parameters:
            raise PayrollError("parameter_unknown", entry=f"[parameter.{parameter_id}]")
        value = self.parameters[parameter_id].dated(parameter_id, day).value
        if not isinstance(value, Fraction):
            raise PayrollError("parameter_not_a_number", parameter=parameter_id)
        return value

    def choice(self, parameter_id: str, day: date) -> str:
        """The text of a parameter on a day. Raises PayrollError when there is none."""
        if parameter_id not in self.parameters:
            raise PayrollError("parameter_unknown", entry=f"[parameter.{parameter_id}]")
        return str(self.parameters[parameter_id].dated(parameter_id, day).value)

    def law(self, earning_day: date, payment_day: date) -> Law:
        """The law for pay earned in the month of one day and paid on another."""
        figures = RuleFigures(self.parameters, self.scales)
        return law_of(earning_day, payment_day, self.steps, figures)

    def laws(self, order: PayrunOrder) -> tuple[Law, Law]:
        """(law of the last known month, of this month); the day of payment decides the tax year."""
        known = order.last_known
        paid = order.pay_on(SALARIES.name, HOLIDAY_PAY.name, BONUSES.name)
        return (self.law(known.first_day, known.last_day), self.law(order.period.first_day, paid))

    def meaning(self, profile_id: str | None, code: str) -> str:
        """What a status code of a bank says of a payment (rulebook.answers.Meaning).

        The profile's own meaning comes first; without profile or without a meaning of its own the
        general one. A code that no rule names is `unknown`.
        """
        profile = self.bank_profiles.get(profile_id or "")
        if profile is not None and code in profile.answers.meanings:
            return profile.answers.meanings[code]
        known = self.statuses.get(code)
        return UNKNOWN if known is None else known.meaning

    def reason(self, code: str) -> ReasonCode:
        """Why a payment was refused; of an unknown code an entry that leaves it to a decision."""
        return self.reasons.get(code) or unknown_reason(code)

    def value_status(self, earning_day: date, payment_day: date) -> dict[str, str]:
        """The status in force of each value that a line's rule_id may name, directly or by a step.

        Ids: parameter:<id>, scale:<id>, component:<code>, premium:<code>, policy:<id>,
        deduction:<code>, step:<id>.
        """
        return {
            key: status for key, (status, _) in self._in_force(earning_day, payment_day).items()
        }

    def value_source(self, earning_day: date, payment_day: date) -> dict[str, str]:
        """The source of each of these values, which says where it stands or whom to ask."""
        return {
            key: source for key, (_, source) in self._in_force(earning_day, payment_day).items()
        }

    def _in_force(self, earning_day: date, payment_day: date) -> dict[str, tuple[str, str]]:
        days = {"earning_period": earning_day, "payment_date": payment_day}
        held: dict[str, tuple[str, str]] = {
            f"component:{key}": (item.status, item.source) for key, item in self.components.items()
        }
        for prefix, entries in (
            ("parameter", self.parameters),
            ("scale", self.scales),
            ("step", self.steps),
            ("premium", self.premiums),
            ("policy", self.policies),
            ("deduction", self.deductions),
        ):
            for key, entry in entries.items():
                which = getattr(entry, "applies_to", "earning_period")
                found = newest(entry.values, days[which])
                if found is not None:
                    held[f"{prefix}:{key}"] = (found.status, found.source)
        return held

    def changed_figures(self, before: StepLaw, after: StepLaw) -> list[str]:
        """`change:<figure>@<date>` for each figure of a step whose value is another than before."""
        tokens = []
        for figure in after.figures:
            values: Sequence[DatedRows | DatedValue] = (
                self.scales.get(figure) or self.parameters[figure]
            ).values
            was, now = newest(values, before.day), newest(values, after.day)
            if now is not None and (was is None or was.amount != now.amount):
                tokens.append(f"change:{figure}@{now.from_}")
        return tokens

    def values_behind(self, rule_id: str, law: Law) -> tuple[str, ...]:
        """A rule id of a line and, for a step, the ids of the figures that its function reads; for
        a change, the figure that changed.
        """
        prefix, _, key = rule_id.partition(":")
        if prefix == "change":
            figure = key.partition("@")[0]
            return (rule_id, f"{'scale' if figure in self.scales else 'parameter'}:{figure}")
        if prefix != "step" or key not in self.steps:
            return (rule_id,)
        named = [
            f"{'scale' if figure in self.scales else 'parameter'}:{figure}"
            for figure in law.step(key).figures
        ]
        return (rule_id, *named)


def shapes_pay(path: str) -> bool:
    """Whether a rule file holds figures, steps, pay codes or scales, which pay is worked out with;
    the others are about controls, formats and banks.
    """
    return folder_of(path) in ("parameters", "scales")


def load_rulebook(files: Mapping[str, bytes]) -> RuleBook:
    """Load a rule book from relative path -> bytes (`parameters/salary.toml`, ...).

    Workspace overrides come last in `files` order under `workspace/<same path>`; an entry there
    replaces the entry with the same id. The same bytes are loaded once. Raises PayrollError naming
    file and entry.
    """
    return _loaded(tuple(files.items()))


@lru_cache(maxsize=8)
def _loaded(entries: tuple[tuple[str, bytes], ...]) -> RuleBook:
    files = dict(entries)
    parsed = {path: _parsed(path, content) for path, content in files.items()}

    def section(name: str) -> dict[str, dict[str, object]]:
        return {path: content for path, content in parsed.items() if folder_of(path) == name}

    figures = section("parameters")
    parameters, scales = load_parameters(figures), load_scales(section("scales"))
    steps = load_steps(figures)
    require_figures(steps, parameters, scales)
    controls = load_controls(section("controls"))
    require_control_figures(controls, parameters)
    return RuleBook(
        files=files,
        parameters=parameters,
        scales=scales,
        steps=steps,
        components=load_components(figures),
        premiums=load_premiums(figures),
        policies=load_policies(figures),
        deductions=load_deductions(figures),
        controls=controls,
        formats=load_formats(section("formats")),
        bank_profiles=load_bank_profiles(section("bank")),
        statuses=load_statuses(section("bank")),
        reasons=load_reasons(section("bank")),
    )


@lru_cache(maxsize=256)
def _parsed(path: str, content: bytes) -> dict[str, object]:
    """One file of rules; two books differ in few of them, and parsing is most of loading one."""
    require_place(path)
    tables = load_toml(path, content)
    require_tables(path, tables)
    return tables
