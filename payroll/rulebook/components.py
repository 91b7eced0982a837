"""What pay codes mean, what an hour of premium is worth, how the unknown is estimated.

Read from rules/parameters: `[[component]]`, `[[premium]]` and `[[policy]]` entries. A hospital's
own codes and rates come in a workspace override; nothing here is a legal figure of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from payroll.model.errors import PayrollError, Said
from payroll.model.refusals import refused
from payroll.rulebook.dated import InOrder, in_force, newest
from payroll.rulebook.parameters import Status, _exact
from payroll.rulebook.toml import Once, RuleModel, parse_entry
from payroll.rulebook.words import Texts, Worded

Nature = Literal["recurring", "one_off", "variable", "arrears"]
Taxation = Literal["ordinary", "exceptional", "holiday_pay"]
Method = Literal[
    "same_as_last",
    "percent_of_last_net",
    "mean_of_months",
    "contractual_base",
    "same_as_bank",
    "hold",
]
LegalNature = Literal["final", "full_estimate", "part_payment", "advance"]
#: The group whose net of last month is known from the bank alone.
PAID_BY_BANK = "paid_by_bank"
#: The group of people whose known month was not whole; by the method HELD a person decides.
PARTIAL_MONTH, HELD = "partial_known_month", "hold"
#: The group of people whose gross gives no net.
NO_RATIO = "without_ratio"
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
Number = Annotated[Fraction, BeforeValidator(_exact)]
Source = Annotated[str, Field(min_length=3)]


def plain(code: str) -> str:
    """A code as it is compared: without outer spaces, case ignored."""
    return code.strip().casefold()


class Component(Worded):
    """A pay code of the register.

    aliases: the codes under which registers write it. nature: only `recurring` is copied to the
    next month. enters: whether it is part of the gross, of the net only, or of neither. prorated:
    whether an incomplete month or a change of working time reduces it. follows_index: whether an
    index of public pay raises it. nsso_subject, pension_base:
    the two bases of the social contributions; nsso_subject_statutory: where the first is another
    for statutory staff. holiday_pay_base: whether holiday pay is a percentage of it.
    """

    KIND = "component"

    code: Slug
    aliases: tuple[str, ...] = ()
    nature: Nature
    enters: Literal["gross", "net", "none"]
    prorated: bool
    follows_index: bool = False
    nsso_subject: bool
    nsso_subject_statutory: bool | None = None
    pension_base: bool
    taxation: Taxation = "ordinary"
    holiday_pay_base: bool = False
    title: Texts
    source: Source
    status: Status
    checked_on: date


#: The amounts that gross to net is worked out from (payroll.gross_to_net, CALCULATION_INPUT).
BASES = ("gross_cents", "nsso_cents", "pension_cents", "exceptional_cents")


def bases_of(component: Component | None, *, statutory: bool) -> tuple[str, ...]:
    """Which of BASES an amount of a pay code is part of, for staff of one status.

    One that no rule knows is ordinary pay subject to social security (its payee is held). Holiday
    pay is part of none: it has a contribution and a withholding of its own.
    """
    if component is None:
        return ("gross_cents", "nsso_cents")
    ordinary = component.taxation == "ordinary"
    own = component.nsso_subject_statutory if statutory else None
    subject = component.nsso_subject if own is None else own
    exceptional = component.taxation == "exceptional"
    parts = (ordinary, ordinary and subject, component.pension_base, exceptional)
    return tuple(name for name, part in zip(BASES, parts, strict=True) if part)


class DatedRate(RuleModel):
    """What an hour is worth from a date on.

    kind: percent of the hourly base, or euro per hour at index 138.01 times the index coefficient.
    """

    from_: Annotated[date, Field(alias="from")]
    kind: Literal["percent_of_hourly", "euro_per_hour_indexed"]
    value: Annotated[Number, Field(ge=0, le=400)]
    source: Source
    status: Status


class PremiumRate(Worded):
    """A premium code of the rosters with its dated rates."""

    KIND = "premium"

    code: Slug
    aliases: tuple[str, ...] = ()
    title: Texts
    checked_on: date
    values: InOrder[DatedRate]

    def dated(self, day: date) -> DatedRate | None:
        """The rate in force on a day, or None before the first one."""
        return newest(self.values, day)


class DatedPolicy(RuleModel):
    """How an estimate is made from a date on.

    percent: of the last net (in the register, or by same_as_bank as the bank paid it), of the mean,
    or (contractual_base) of the contractual gross, as net.
    months: over how many months the mean goes. legal_nature: what the payment then is.
    """

    from_: Annotated[date, Field(alias="from")]
    method: Method
    percent: Annotated[Number, Field(gt=0, le=100)] = Fraction(100)
    months: Annotated[int, Field(ge=1, le=12)] = 1
    legal_nature: LegalNature
    source: Source
    status: Status

    @property
    def ratio(self) -> tuple[int, int]:
        """The percentage as (numerator, denominator)."""
        share = Fraction(self.percent) / 100
        return share.numerator, share.denominator


class EstimationPolicy(Worded):
    """How people of one group are paid when their pay is not known; `group` is whom it serves."""

    KIND = "policy"

    id: Slug
    group: Slug
    title: Texts
    checked_on: date
    values: InOrder[DatedPolicy]

    @model_validator(mode="after")
    def _bank_for_whom_it_paid(self) -> EstimationPolicy:
        for item in self.values:
            if (item.method == "same_as_bank") != (self.group == PAID_BY_BANK):
                raise refused("policy_bank", group=self.group, method=item.method)
            partial = self.group == PARTIAL_MONTH
            if (item.method == HELD and not partial) or (
                partial and item.method not in ("contractual_base", HELD)
            ):
                raise refused("policy_partial", group=self.group, method=item.method)
        return self

    def dated(self, day: date) -> DatedPolicy:
        """The policy in force on a day. Raises PayrollError parameter_not_in_force."""
        return in_force(self.values, day, f"policy:{self.id}")


Coded = TypeVar("Coded", bound=Component | PremiumRate)


def by_alias(entries: Mapping[str, Coded]) -> dict[str, Coded]:
    """Every entry by its code and by each alias, in their `plain` form."""
    return {
        plain(name): entry for entry in entries.values() for name in (entry.code, *entry.aliases)
    }


def codes_of(components: Mapping[str, Component], code: str) -> frozenset[str]:
    """Every name under which registers write a component, in their `plain` form."""
    found = components.get(code)
    return frozenset(map(plain, (code, *(found.aliases if found else ()))))


def base_of_holiday_pay(components: Mapping[str, Component]) -> frozenset[str]:
    """Every name of the components that holiday pay is a percentage of, in their `plain` form."""
    names = (codes_of(components, code) for code, it in components.items() if it.holiday_pay_base)
    return frozenset().union(*names)


def policy_of(policies: Mapping[str, EstimationPolicy], group: str) -> EstimationPolicy:
    """The policy that serves a group. Raises PayrollError parameter_unknown when there is none."""
    found = [item for item in policies.values() if item.group == group]
    if not found:
        raise PayrollError("parameter_unknown", entry=f'[[policy]] group = "{group}"')
    return found[-1]


def load_components(files: Mapping[str, dict[str, object]]) -> dict[str, Component]:
    """Every `[[component]]` by code. Raises PayrollError rule_entry_invalid."""
    return _unambiguous(_load(Component, files, "component", "code"))


def load_premiums(files: Mapping[str, dict[str, object]]) -> dict[str, PremiumRate]:
    """Every `[[premium]]` by code. Raises PayrollError rule_entry_invalid."""
    return _unambiguous(_load(PremiumRate, files, "premium", "code"))


def load_policies(files: Mapping[str, dict[str, object]]) -> dict[str, EstimationPolicy]:
    """Every `[[policy]]` by id. Raises PayrollError rule_entry_invalid."""
    return _load(EstimationPolicy, files, "policy", "id")


Loaded = TypeVar("Loaded", Component, PremiumRate, EstimationPolicy)


def _load(
    model: type[Loaded], files: Mapping[str, dict[str, object]], table: str, key: str
) -> dict[str, Loaded]:
    """The entries of one table over all files; a later file (the workspace) replaces an id."""
    loaded: dict[str, Loaded] = {}
    once = Once()
    for path, content in files.items():
        entries = content.get(table, [])
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
            name = str(entry.get(key, number)) if isinstance(entry, Mapping) else str(number)
            once(path, f"{table} {name}")
            loaded[name] = parse_entry(model, path, name, entry)
    return loaded


def _unambiguous(entries: dict[str, Coded]) -> dict[str, Coded]:
    seen: dict[str, str] = {}
    for entry in entries.values():
        for name in {plain(name) for name in (entry.code, *entry.aliases)}:
            if seen.setdefault(name, entry.code) != entry.code:
                said = Said("field_code_taken", {"text": name, "other": seen[name]})
                raise _invalid(entry.code, said)
    return entries


def _invalid(where: str, said: Said) -> PayrollError:
    return PayrollError("rule_entry_invalid", where=where, detail=(said,))
