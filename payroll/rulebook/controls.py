"""Controls: what is checked, when, how strictly, and what a person is told. Data, not code.

The kind names a function of payroll.checks.catalogue, or says which stage raises the finding
(`raised_by_<stage>`). Parameters are exact: amounts and percentages are quoted decimals. What the
law says stands once, in rules/parameters: `params.figures` names it by its id (several are added).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import Field, model_validator

from payroll.model.errors import PayrollError
from payroll.model.findings import Severity
from payroll.model.order import SourceKind
from payroll.model.refusals import refused
from payroll.model.streams import StreamNames
from payroll.rulebook.limits import CASE, problems
from payroll.rulebook.permitted import SEVERITY, not_permitted
from payroll.rulebook.toml import WORKSPACE, Once, parse_entry, require_none_unknown
from payroll.rulebook.words import Texts, Worded

RAISED_BY = "raised_by_"


class Control(Worded):
    """One entry of rules/controls.

    severity: block the run, hold the payee, warn or inform; what a finding does at its gravest
    (see `severity_of` for thresholds and cases of its own).
    subject: what its findings are about; only a payee can be held.
    streams: the streams it looks at, by name or as `all`, `monthly` (a payee is paid once a month)
    or a kind of payee; empty for a control on the run as a whole.
    valid_from, valid_to: compared with the payment date of each stream (the end of the period for
    a control on the run).
    requires: source kinds without which it cannot be evaluated; `if_missing` is the severity of
    that fact where it is not that of EVAL-002 and EVAL-003, `skip` where it is normal.
    implied_by: rules whose finding on the same payee already tells this one; implied_by_unread:
    source kinds of which a row of the same payee that could not be used explains it. Then only the
    cause is shown (see payroll.checks.suppress_implied).
    """

    KIND = "control"

    id: Annotated[str, Field(pattern=r"^[A-Z]+-\d{3}$")]
    kind: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    severity: Severity
    subject: Literal["payee", "file", "run"] = "payee"
    streams: StreamNames = ()
    override: Literal["none", "one", "two_people"]
    source: Annotated[str, Field(min_length=3)]
    checked_on: date
    valid_from: date
    valid_to: date | None = None
    params: Mapping[str, object] = Field(default_factory=dict)
    requires: tuple[SourceKind, ...] = ()
    if_missing: Literal["block", "warn", "info", "skip"] | None = None
    implied_by: tuple[str, ...] = ()
    implied_by_unread: tuple[SourceKind, ...] = ()
    title: Texts
    message: Texts
    remedy: Texts
    example: Mapping[Literal["trip", "pass"], Mapping[str, object]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _examples_where_code_decides(self) -> Control:
        if not self.raised and set(self.example) != {"trip", "pass"}:
            raise refused("examples")
        return self

    @model_validator(mode="after")
    def _severities_possible(self) -> Control:
        known = tuple(map(str, Severity))
        for name, value in {**self.cases, SEVERITY: self.severity}.items():
            if value not in known:
                raise refused("case", name=name, value=str(value), expected=", ".join(known))
            if value == Severity.HOLD and self.subject != "payee":
                raise refused("no_payee", name=name)
        return self

    @model_validator(mode="after")
    def _dates_and_params_in_range(self) -> Control:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise refused(
                "dates_reversed", name="valid_to", start=self.valid_from, end=self.valid_to
            )
        for problem in problems(self.params):
            raise refused(problem.text_id, **problem.params)
        return self

    def in_force(self, day: date) -> bool:
        """Whether the control is valid on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def raised(self) -> bool:
        """Whether a stage raises its findings itself; else a check of the catalogue does."""
        return self.kind.startswith(RAISED_BY)

    @property
    def unavoidable(self) -> bool:
        """Whether it tells what its stage cannot do otherwise: a payment that no file can hold."""
        return self.kind == f"{RAISED_BY}sepa" and self.subject == "payee"

    @property
    def thresholds(self) -> tuple[Severity, ...]:
        """The severities that its parameters set a threshold for (`warn_euro`), gravest first."""
        named = {name.partition("_")[0] for name in self.params}
        return tuple(item for item in Severity if item in named)

    @property
    def cases(self) -> dict[str, object]:
        """The parameters `severity_<case>`: what a finding does in a case told apart."""
        return {key: value for key, value in self.params.items() if key.startswith(CASE)}

    def severity_of(self, level: str) -> Severity:
        """What a finding does: never anything graver than `severity`.

        level: '' = `severity` itself; a threshold that was passed, the gravest of the rule's being
        `severity`; a case told apart, as `severity_<case>` says. Raises PayrollError
        control_param_invalid for a case that the rule does not know.
        """
        if not level:
            return self.severity
        if CASE + level in self.params:
            asked = Severity(str(self.params[CASE + level]))
        elif level in self.thresholds:
            asked = self.severity if level == self.thresholds[0] else Severity(level)
        elif level in tuple(Severity):
            return Severity(level)  # asked for by the rule that could not be evaluated: if_missing
        else:
            raise self.invalid(CASE + level)
        return max(asked, self.severity, key=lambda item: item.rank)

    @property
    def figures(self) -> Mapping[str, tuple[str, ...]]:
        """The dated parameters it compares with, by role. Raises PayrollError."""
        if "figures" not in self.params:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for role, named in self._table("figures").items():
            ids = [named] if isinstance(named, str) else named
            if not isinstance(ids, list | tuple) or not ids:
                raise self.invalid(f"figures.{role}")
            if not all(isinstance(item, str) for item in ids):
                raise self.invalid(f"figures.{role}")
            found[role] = tuple(str(item) for item in ids)
        return found

    def decimal(self, name: str) -> Decimal:
        """A parameter as an exact number. Raises PayrollError control_param_invalid."""
        return self._number(name, self.params.get(name))

    def cents(self, name: str) -> int:
        """A parameter in euro, as cents. Raises PayrollError control_param_invalid."""
        return self._cents(name, self.params.get(name))

    def whole(self, name: str) -> int:
        """A parameter that is a whole number. Raises PayrollError control_param_invalid."""
        value = self.params.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.invalid(name)
        return value

    def text(self, name: str) -> str:
        """A parameter that is a text. Raises PayrollError control_param_invalid."""
        value = self.params.get(name)
        if not isinstance(value, str):
            raise self.invalid(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A parameter that is a list of texts. Raises PayrollError control_param_invalid."""
        value = self.params.get(name)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.invalid(name)
        return tuple(str(item) for item in value)

    def wholes(self, name: str) -> tuple[int, ...]:
        """A parameter that is a list of whole numbers. Raises PayrollError."""
        value = self.params.get(name)
        if not isinstance(value, list | tuple) or not all(type(item) is int for item in value):
            raise self.invalid(name)
        return tuple(int(item) for item in value)

    def cents_by(self, name: str) -> dict[str, int]:
        """A table of euro amounts by key (a stream), as cents. Raises PayrollError."""
        return {key: self._cents(name, item) for key, item in self._table(name).items()}

    def _table(self, name: str) -> Mapping[str, object]:
        value = self.params.get(name)
        if not isinstance(value, Mapping):
            raise self.invalid(name)
        return value

    def _number(self, name: str, value: object) -> Decimal:
        if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
            raise self.invalid(name)
        try:
            return Decimal(value)
        except InvalidOperation as error:
            raise self.invalid(name) from error

    def _cents(self, name: str, value: object) -> int:
        cents = self._number(name, value) * 100
        if cents != cents.to_integral_value():
            raise self.invalid(name)
        return int(cents)

    def invalid(self, name: str) -> PayrollError:
        """The error that says which parameter is wrong."""
        return PayrollError("control_param_invalid", where=self.id, param=name, kind=self.kind)


def load_controls(files: Mapping[str, dict[str, object]]) -> dict[str, Control]:
    """Every `[[control]]` of rules/controls by id, sorted; a workspace entry replaces its id.

    Raises PayrollError rule_entry_invalid, rule_entry_twice, and
    control_<why> for what a workspace may not change (payroll.rulebook.permitted).
    """
    controls: dict[str, Control] = {}
    once = Once()
    for path, content in files.items():
        entries = content.get("control", [])
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
            name = str(entry.get("id", number)) if isinstance(entry, Mapping) else str(number)
            replaced = controls.get(name)
            control = parse_entry(Control, path, name, _completed(entry, replaced))
            once(path, control.id)
            if replaced is not None:
                _require_permitted(path, replaced, control)
            elif path.startswith(WORKSPACE) and control.raised:  # no stage knows its id
                raise PayrollError("control_kind_unknown", where=control.id, kind=control.kind)
            controls[control.id] = control
    return dict(sorted(controls.items()))


def _completed(entry: object, replaced: Control | None) -> object:
    """An entry with what the one that it replaces has more: a file may be older than the program.

    Its subject, and the parameters that it does not name.
    """
    if replaced is None or not isinstance(entry, Mapping):
        return entry
    params = entry.get("params", {})
    own = {**replaced.params, **params} if isinstance(params, Mapping) else params
    return {"subject": replaced.subject, **entry, "params": own}


def _require_permitted(path: str, shipped: Control, own: Control) -> None:
    """Raise PayrollError control_<why> for the first change that a workspace may not make."""
    for item in not_permitted(shipped, own):
        raise PayrollError(
            f"control_{item.why}",
            where=f"{path}, {own.id}, {item.field}",
            field=item.field,
            text=item.text,
            expected=item.expected,
        )


def require_control_figures(controls: Mapping[str, Control], parameters: Iterable[str]) -> None:
    """Raise PayrollError rule_entry_invalid when a control names a figure or rule that is not."""
    known = set(parameters)
    for control in controls.values():
        figures = [name for ids in control.figures.values() for name in ids if name not in known]
        require_none_unknown(f"{control.id}, figures", figures)
        rules = [name for name in control.implied_by if name not in controls]
        require_none_unknown(f"{control.id}, implied_by", rules)
