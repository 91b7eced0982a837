"""The pay-run order (payrun.toml) and the employer (employer.toml): what was asked, validated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from stdnum.be import vat

from payroll.model.identifiers import compact_iban, iban_problem
from payroll.model.money import cents_from_decimal
from payroll.model.period import Period
from payroll.model.refusals import refused
from payroll.model.tables import CALCULATION, SOURCE_KINDS

#: Of names, beside ASCII and its accents; a no-break space may come from a copied list.
_NAME_LETTERS = frozenset("æœøßđðþłıÆŒØĐÐÞŁ’\N{NO-BREAK SPACE}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def _as_period(value: object) -> Period:
    if isinstance(value, Period):
        return value
    try:
        return Period.parse(str(value))
    except ValueError as error:
        raise refused("period") from error


def _inside_the_folder(value: str) -> str:
    path = PurePosixPath(value.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in value:
        raise refused("outside")
    return str(path)


def _known_kind(value: str) -> str:
    if value not in SOURCE_KINDS:
        raise refused("source_kind", known=", ".join(SOURCE_KINDS))
    return value


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
    try:
        return str(vat.validate(value))
    except Exception as error:
        raise refused("enterprise_number") from error


PeriodField = Annotated[Period, BeforeValidator(_as_period)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class SalariesOrder(_Model):
    """[salaries] and, with `earned`, [bonuses] and [fees]: when and from which account."""

    pay_on: date
    account: str


class EarnedOrder(SalariesOrder):
    """A stream whose earning month differs from the pay-run period."""

    earned: PeriodField


class InvoicesOrder(SalariesOrder):
    """[invoices]: everything open and due until that day."""

    due_until: date


class SourceOrder(_Model):
    """One [[source]]: a file as received and how to read it."""

    kind: Annotated[str, AfterValidator(_known_kind)]
    file: Annotated[str, AfterValidator(_inside_the_folder)]
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1, le=10_000)] | None = None
    columns: Mapping[str, str] = Field(default_factory=dict)
    control: Mapping[str, int | str] = Field(default_factory=dict)
    exported_on: date | None = None


class CalculationSource(SourceOrder):
    """The table of `payroll calc`, read alone: any file, of a kind that no order may name."""

    kind: Literal["calculation"] = CALCULATION
    file: str


class PayrunOrder(_Model):
    """payrun.toml, validated. A stream that is None is not run."""

    period: PeriodField
    last_known: PeriodField
    created_at: datetime | None = None
    prepared_by: Annotated[str, Field(max_length=70)] = ""
    salaries: SalariesOrder | None = None
    bonuses: EarnedOrder | None = None
    fees: EarnedOrder | None = None
    invoices: InvoicesOrder | None = None
    none_known: Mapping[str, str] = Field(default_factory=dict)
    source: tuple[SourceOrder, ...]

    def stream(self, name: str) -> SalariesOrder | None:
        """The order of a stream by its name, or None when it is not run."""
        orders: dict[str, SalariesOrder | None] = {
            "salaries": self.salaries,
            "bonuses": self.bonuses,
            "fees": self.fees,
            "invoices": self.invoices,
        }
        return orders[name]


class Account(_Model):
    """One of our own accounts, from which a stream is paid."""

    id: str
    iban: Annotated[str, AfterValidator(_valid_iban)]
    bic: Annotated[str, AfterValidator(_valid_bic)] = ""
    bank_profile: str


def _person_name(value: str) -> str:
    """A name in Latin letters that can be seen: no two people whose names look the same."""
    for letter in unicodedata.normalize("NFD", value):
        plain = letter.isascii() and letter.isprintable()
        if not (plain or letter in _NAME_LETTERS or unicodedata.combining(letter)):
            raise refused("person_name", letter=f"U+{ord(letter):04X}")
    return value


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise refused("one_line")
    return value


class Approver(_Model):
    """A person who may approve a run.

    public_key: `ssh-ed25519 AAAA...` of `payroll keys new`; without one nothing can be approved.
    role: the function in the house, as [release] roles may ask for it. limit: the largest total of
    a run, in euro, that this person may approve; none = no limit. streams: only these; none = all.
    """

    name: Annotated[str, Field(min_length=3, max_length=70), AfterValidator(_person_name)]
    public_key: str = ""
    role: Annotated[str, AfterValidator(_one_line)] = ""
    limit_cents: Annotated[int | None, Field(alias="limit"), BeforeValidator(_as_cents)] = None
    streams: tuple[Literal["salaries", "bonuses", "fees", "invoices"], ...] = ()


def _as_approver(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class ReleaseOrder(_Model):
    """[release]: how many approvals a run needs, of which roles, and by whom.

    approvals: besides whoever prepared the run; two at least where the order does not say who did.
    roles: each must be among the approvers' roles.
    """

    approvals: Annotated[int, Field(ge=1, le=9)] = 2
    roles: tuple[str, ...] = ()
    approvers: tuple[Annotated[Approver, BeforeValidator(_as_approver)], ...] = ()


class Employer(_Model):
    """employer.toml, validated."""

    name: Annotated[str, Field(min_length=1, max_length=70)]
    enterprise_number: Annotated[str, AfterValidator(_valid_enterprise_number)]
    language: Literal["fr", "nl", "en"] = "fr"
    account: tuple[Account, ...]
    release: ReleaseOrder = ReleaseOrder()
    approvers: tuple[Annotated[Approver, BeforeValidator(_as_approver)], ...] = ()
    town: str = ""
    country: str = "BE"

    def account_of(self, account_id: str) -> Account | None:
        """The account with that id, or None."""
        return next((item for item in self.account if item.id == account_id), None)

    @property
    def all_approvers(self) -> tuple[Approver, ...]:
        """Everybody listed under [release] or beside it."""
        return self.release.approvers + self.approvers
