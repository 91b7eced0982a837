"""The pay-run order (payrun.toml) and the employer (employer.toml): what was asked, validated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator

from payroll.model.beside import BESIDE
from payroll.model.errors import InvariantError, Said, UsageError
from payroll.model.identifiers import compact_iban, iban_problem, masked_iban
from payroll.model.money import cents_from_decimal
from payroll.model.people import named_in, person_key, two_names_of_one
from payroll.model.period import Period
from payroll.model.refusals import parse_toml, refused
from payroll.model.sections import (
    Day,
    EarnedOrder,
    Line,
    Moment,
    OrderModel,
    PeriodField,
    PersonName,
    StreamOrder,
)
from payroll.model.streams import STREAMS, SectionT, Stream, StreamName
from payroll.model.tables import CALCULATION, SOURCE_KINDS

#: The program keeps its own files beside the sources under these names: no source may have one.
OWN_FILES = (
    "payrun.toml",
    "employer.toml",
    "decisions.toml",
    "ledger.csv",
    "ledger.toml",
    "reissue.toml",
    BESIDE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def _inside_the_folder(value: str) -> str:
    path = PurePosixPath(value.replace("\\", "/"))
    if _CONTROL.search(value):
        raise refused("one_line")
    if path.is_absolute() or ".." in path.parts or ":" in value:
        raise refused("outside")
    if str(path).casefold() in OWN_FILES:
        raise refused("own_file")
    return str(path)


def _known_kind(value: str) -> str:
    if value not in SOURCE_KINDS:
        raise refused("source_kind", known=", ".join(SOURCE_KINDS))
    return value


#: A kind of source by its name; else it is refused with those that there are.
SourceKind = Annotated[str, AfterValidator(_known_kind)]


def _as_cents(value: object) -> int | None:
    """Euro as a TOML number or text, in cents; None and '' = no limit."""
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,11}(?:\.\d{1,2})?", str(value)):
        raise refused("limit")
    return cents_from_decimal(Decimal(str(value)))


def _valid_iban(value: str) -> str:
    iban = compact_iban(value)
    problem = iban_problem(iban)
    if problem:
        raise refused("iban", problem=problem)
    return iban


def _valid_bic(value: str) -> str:
    bic = "".join(value.split()).upper()
    if bic and not _BIC.fullmatch(bic):
        raise refused("bic")
    return bic


def _valid_enterprise_number(value: str) -> str:
    from stdnum.be import vat  # takes the network's modules along: only where an employer is read

    try:
        return str(vat.validate(value))
    except Exception as error:
        raise refused("enterprise_number") from error


class SourceOrder(OrderModel):
    """One [[source]]: a file as received and how to read it."""

    kind: SourceKind
    file: Annotated[str, AfterValidator(_inside_the_folder)]
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1, le=10_000)] | None = None
    columns: Mapping[str, str] = Field(default_factory=dict)
    control: Mapping[str, int | str] = Field(default_factory=dict)
    exported_on: Day | None = None


class CalculationSource(SourceOrder):
    """The table of `payroll calc`, read alone: any file, of a kind that no order may name."""

    kind: Literal["calculation"] = CALCULATION
    file: str


class _Months(OrderModel):
    """What stands in payrun.toml before the tables of the streams."""

    period: PeriodField
    last_known: PeriodField
    created_at: Moment | None = None
    prepared_by: PersonName = ""


class PayrunOrder(_Months):
    """payrun.toml, validated by `payrun_model`, which adds a table for each stream."""

    none_known: Mapping[str, Line] = Field(default_factory=dict)
    source: tuple[SourceOrder, ...]

    @model_validator(mode="before")
    @classmethod
    def _beside_another(cls, data: object) -> object:
        """A stream that names no pay day or account has those of the stream beside it."""
        if not isinstance(data, Mapping):
            return data
        found = dict(data)
        for stream in STREAMS.values():
            own, other = data.get(stream.name), data.get(stream.beside)
            if isinstance(own, Mapping) and isinstance(other, Mapping):
                given = {name: other[name] for name in ("pay_on", "account") if name in other}
                found[stream.name] = {**given, **own}
        return found

    def section(self, stream: Stream[SectionT]) -> SectionT | None:
        """The order of a stream, or None when it is not run."""
        found: SectionT | None = getattr(self, stream.name, None)
        return found

    def ordered(self, stream: Stream[SectionT]) -> SectionT:
        """The order of a stream that is run; InvariantError of one that is not."""
        found = self.section(stream)
        if found is None:
            raise InvariantError(f"{stream.name} are not ordered")
        return found

    def stream(self, name: str) -> StreamOrder | None:
        """The same by the name of the stream."""
        return self.section(STREAMS[name])

    @property
    def streams(self) -> dict[str, StreamOrder]:
        """The orders of the streams that are run, in the order of STREAMS."""
        return {name: order for name in STREAMS if (order := self.stream(name)) is not None}

    def pay_on(self, *names: str) -> date:
        """The pay day of the first of these streams that is run; of none, the period's last day."""
        days = (order.pay_on for name, order in self.streams.items() if name in names)
        return next(days, self.period.last_day)

    def paid_with(self, name: str) -> str:
        """The stream whose payments hold what a stream pays: that beside it, where both are paid
        on one day from one account, else itself.
        """
        own, beside = self.stream(name), STREAMS[name].beside
        other = self.stream(beside) if beside else None
        if own is None or other is None:
            return name
        same = (own.pay_on, own.account) == (other.pay_on, other.account)
        return beside if same else name

    @property
    def reference_year(self) -> int:
        """The year in which the holiday pay of this year was earned."""
        return self.period.year - 1

    def earned(self, name: str) -> Period:
        """The month in which what a stream pays was earned: its own, else that of the run."""
        order = self.stream(name)
        return order.earned if isinstance(order, EarnedOrder) else self.period


def payrun_model() -> type[PayrunOrder]:
    """The model of payrun.toml: one table, which may be absent, for each of STREAMS."""
    return _with_tables(tuple((stream.name, stream.section) for stream in STREAMS.values()))


@lru_cache(maxsize=4)
def _with_tables(sections: tuple[tuple[str, type[StreamOrder]], ...]) -> type[PayrunOrder]:
    tables: dict[str, Any] = {name: (section | None, None) for name, section in sections}
    between = create_model("Tables", __base__=_Months, **tables)  # keys are told in this order
    return create_model("PayrunOrder", __base__=(PayrunOrder, between))  # type: ignore[arg-type]


class Account(OrderModel):
    """One of our own accounts, from which a stream is paid."""

    id: Line
    iban: Annotated[str, AfterValidator(_valid_iban)]
    bic: Annotated[str, AfterValidator(_valid_bic)] = ""
    bank_profile: Line


class Approver(OrderModel):
    """A person who may approve a run.

    public_key: `ssh-ed25519 AAAA...` of `payroll keys new`; without one nothing can be approved.
    role: the function in the house, as [release] roles may ask for it. limit: the largest total of
    a run, in euro, that this person may approve; none = no limit. streams: only these; none = all.
    """

    name: Annotated[PersonName, Field(min_length=3)]
    public_key: str = ""
    role: Line = ""
    limit_cents: Annotated[int | None, Field(alias="limit"), BeforeValidator(_as_cents)] = None
    streams: tuple[StreamName, ...] = ()


def _as_approver(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class ReleaseOrder(OrderModel):
    """[release]: how many approvals a run needs, of which roles, and by whom.

    approvals: besides whoever prepared the run; two at least where the order does not say who did.
    roles: each must be among the approvers' roles. preparers: who else may prepare a run, type an
    adjustment and decide on a finding.
    """

    approvals: Annotated[int, Field(ge=1, le=9)] = 2
    roles: tuple[Line, ...] = ()
    approvers: tuple[Annotated[Approver, BeforeValidator(_as_approver)], ...] = ()
    preparers: tuple[Annotated[PersonName, Field(min_length=3)], ...] = ()


class Employer(OrderModel):
    """employer.toml, validated; whether its language is known here is for whoever writes in it."""

    name: Annotated[Line, Field(min_length=1, max_length=70)]
    enterprise_number: Annotated[str, AfterValidator(_valid_enterprise_number)]
    language: str = "fr"
    account: tuple[Account, ...]
    release: ReleaseOrder = ReleaseOrder()
    approvers: tuple[Annotated[Approver, BeforeValidator(_as_approver)], ...] = ()
    town: Line = ""
    country: Line = "BE"

    @model_validator(mode="after")
    def _each_once(self) -> Employer:
        """An account and a person stand once: two names that may be of one person are refused."""
        for name in ("id", "iban"):
            if twice := _repeated(getattr(account, name) for account in self.account):
                shown = masked_iban(twice) if name == "iban" else twice
                raise refused("account_twice", at=("account", name), value=shown)
        people = self.all_approvers
        if _repeated(person_key(person.name) for person in people) or _repeated(
            key for person in people if (key := "".join(person.public_key.split()[:2]))
        ):
            raise refused("approver_twice", at=("release", "approvers"))
        if alike := two_names_of_one(self.people):
            raise refused("people_alike", at=("release", "approvers"), one=alike[0], other=alike[1])
        return self

    def account_of(self, account_id: str) -> Account | None:
        """The account with that id, or None."""
        return next((item for item in self.account if item.id == account_id), None)

    @property
    def all_approvers(self) -> tuple[Approver, ...]:
        """Everybody listed under [release] or beside it."""
        return self.release.approvers + self.approvers

    @property
    def people(self) -> tuple[str, ...]:
        """The names of everybody who may prepare, decide or approve."""
        return (*(item.name for item in self.all_approvers), *self.release.preparers)

    def person(self, by: str) -> str:
        """The listed name of whoever acts: every verb that records a `--by` asks here.

        Raises UsageError person_unlisted with the list.
        """
        if found := named_in(by, self.people):
            return found
        listed = ", ".join(self.people) or "-"
        raise UsageError("person_unlisted", where="employer.toml", by=by.strip(), people=listed)


def _repeated(values: Iterable[str]) -> str:
    """The first value that comes twice, '' of none."""
    return next((value for value, count in Counter(values).items() if count > 1), "")


def parse_order(inputs: Mapping[str, bytes]) -> PayrunOrder:
    """The pay-run order alone: of a run that was made, which was checked then."""
    return parse_toml(payrun_model(), "payrun.toml", inputs["payrun.toml"])


def _require_approvals(employer: Employer) -> None:
    """Raise UsageError order_invalid when more approvals are asked for than can be given.

    Not while keys are enrolled one by one: a run is what would wait for ever.
    """
    asked, people = employer.release.approvals, len(employer.all_approvers)
    if people and "approvals" in employer.release.model_fields_set and asked > people:
        said = Said("field_approvals", {"count": str(asked), "people": str(people)})
        where = "employer.toml, [release] approvals"
        raise UsageError("order_invalid", where=where, detail=(said,))


def parse_payrun(inputs: Mapping[str, bytes]) -> tuple[PayrunOrder, Employer]:
    """The two orders from their bytes, checked against each other."""
    order = parse_order(inputs)
    employer = parse_toml(Employer, "employer.toml", inputs["employer.toml"])
    _require_approvals(employer)
    if order.last_known > order.period:
        raise UsageError(
            "last_known_later",
            where="payrun.toml, last_known",
            known=order.last_known,
            period=order.period,
        )
    for name, stream in order.streams.items():
        if employer.account_of(stream.account) is None:
            known = ", ".join(account.id for account in employer.account)
            raise UsageError(
                "account_unknown",
                where=f"payrun.toml, {name}.account",
                account=stream.account,
                known=known,
            )
    return order, employer
