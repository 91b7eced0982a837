"""The source kinds of a workspace: their canonical fields and the frames they are read into.

A field's type fixes the frame's column(s):

    text, code, iban, choice, period -> `name` str, '' = missing (iban: upper case, no spaces)
    named    -> `name` str, a choice by any of its words, another text as written
    currency -> `name` str, EUR for every word for euro, another currency as written
    day      -> `name` datetime64[s], NaT = missing
    flag     -> `name` bool, missing = False
    count    -> `name` int64, missing = 0
    money    -> `name_cents` int64          ratio -> `name_millionths` int64 (0.8 = 800000)
    hours    -> `name_hundredths` int64

An optional money, ratio, hours or count field has a companion `name_given` bool, so that a missing
amount is never mistaken for zero. Every frame also has `source` = `file!sheet!R<row>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from payroll.model.frames import BOOL, DAY, INT, TEXT, FrameSchema
from payroll.model.money import LINE_CENTS_MAX

if TYPE_CHECKING:
    import pandas as pd

_SUFFIX = {"money": "_cents", "ratio": "_millionths", "hours": "_hundredths"}
_DTYPE = {"day": DAY, "flag": BOOL, "count": INT, "money": INT, "ratio": INT, "hours": INT}


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical field of a source kind."""

    name: str
    type: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """The frame column that holds the value."""
        return self.name + _SUFFIX.get(self.type, "")

    @property
    def given_column(self) -> str | None:
        """The bool column saying whether the value was there, for optional numbers only."""
        numeric = self.type in ("money", "ratio", "hours", "count")
        return f"{self.name}_given" if numeric and not self.required else None


def _fields(text: str) -> tuple[Field, ...]:
    """Read 'name*:type=a|b' words; '*' marks a required field, the type defaults to text."""
    fields = []
    for word in text.split():
        name, _, kind = word.partition(":")
        kind, _, choices = kind.partition("=")
        fields.append(
            Field(
                name.rstrip("*"),
                kind or "text",
                name.endswith("*"),
                tuple(choices.split("|")) if choices else (),
            )
        )
    return tuple(fields)


ADJUSTMENT_KINDS = (
    "joiner",
    "leaver",
    "fte_change",
    "unpaid_absence",
    "sick_unpaid",
    "return",
    "recurring_change",
    "iban_change",
    "one_off_gross",
    "one_off_net",
    "garnishment",
    "hold",
)

#: The component of a garnishment for maintenance, the one debt that no part of pay is safe from.
MAINTENANCE: Final = "maintenance"

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "employees": _fields(
        "employee_id*:code last_name* first_name* iban*:iban"
        " status*:choice=contractual|statutory fte*:ratio monthly_gross*:money scale_annual:money"
        " hire_date*:day leave_date:day national_number:code account_holder_name birth_date:day"
        " language site cost_centre category"
        " tax_status*:choice=single|married_one_income|married_two_incomes"
        " children:count disabled_children:count disabled:flag single_parent:flag"
        " other_dependants:count spouse_disabled:flag holiday_share:ratio"
        " street building_number postcode town country"
        " dependants_65:count spouse_low_income:flag spouse_low_pension:flag"
    ),
    "register_totals": _fields(
        "employee_id*:code period*:period gross*:money personal_contributions*:money"
        " taxable*:money withholding*:money special_contribution*:money net*:money"
        " work_bonus:money fiscal_work_bonus:money other_deductions:money garnishment:money"
        " iban:iban"
    ),
    "register_lines": _fields(
        "employee_id*:code period*:period component*:code amount*:money label"
        " quantity:hours rate:text"
    ),
    "premium_hours": _fields(
        "employee_id*:code period*:period premium_code*:code hours*:hours work_date:day site"
    ),
    "adjustments": _fields(
        f"adjustment_id*:code payee_id*:code kind*:choice={'|'.join(ADJUSTMENT_KINDS)}"
        " value from:day to:day reason* evidence* entered_by* approved_by"
        f" component:named=garnishment|{MAINTENANCE}|other_deductions replaces:code"
    ),
    "practitioners": _fields(
        "practitioner_id*:code name* account_holder_name iban*:iban inami_number:code"
        " enterprise_number:code retention_rate:ratio contract_reference"
    ),
    "fee_statements": _fields(
        "practitioner_id*:code period*:period gross_fees*:money retention:money net_due:money"
        " reference"
    ),
    "suppliers": _fields(
        "supplier_id*:code name* iban*:iban enterprise_number:code vat_number:code category"
        " priority payment_terms_days:count country town"
    ),
    # withholding_social / _tax: '' or 'no' none; 'yes' the legal share; an amount is that amount
    "invoices": _fields(
        "supplier_id*:code invoice_number* invoice_date*:day due_date:day amount*:money"
        " currency:currency=EUR amount_excl_vat:money reference blocked:flag"
        " withholding_social withholding_tax"
    ),
}
KINDS = tuple(FIELDS)
#: Last month's payments as the bank holds them: read from the bank's own files, never a table.
BANK_PAYMENTS: Final = "bank_payments"
#: Every kind that an order may name.
SOURCE_KINDS = (*KINDS, BANK_PAYMENTS)

#: The table of `payroll calc`: what gross to net reads of a staff list, and what else a month's pay
#: is a function of. Typed by hand, it needs no name or account; the headings and words that it has
#: in common with `employees` are those.
CALCULATION: Final = "calculation"
_CALCULATED = {
    "employee_id",
    "status",
    "fte",
    "monthly_gross",
    "tax_status",
    "children",
    "disabled_children",
    "disabled",
    "single_parent",
    "other_dependants",
    "spouse_disabled",
    "dependants_65",
    "spouse_low_income",
    "spouse_low_pension",
    "holiday_share",
}
#: scale_annual: of full time, at 138.01, in the place of monthly_gross. employed_from, employed_to:
#: of an incomplete month. household_allowance, pension_base, exceptional: of the month. paid_hours:
#: of who works part time. quarter_*: wages of the quarter's first two months, 0 = not in service,
#: and what was withheld for them. holiday_*: what a holiday pay is worked out from.
_OF_CALCULATION = _fields(
    "scale_annual:money employed_from:day employed_to:day household_allowance:money"
    " pension_base:money exceptional:money paid_hours:hours quarter_first:money"
    " quarter_second:money quarter_withheld:money holiday_basis:money holiday_percentage:ratio"
)
#: Kinds that no order may name, each in part one that it may: variant -> (kind, fields).
VARIANTS: Mapping[str, tuple[str, tuple[Field, ...]]] = {
    CALCULATION: (
        "employees",
        (*(item for item in FIELDS["employees"] if item.name in _CALCULATED), *_OF_CALCULATION),
    )
}


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of a source kind or of a variant of one."""
    return VARIANTS[kind][1] if kind in VARIANTS else FIELDS[kind]


def whole_kind(kind: str) -> str:
    """The kind that a variant is in part; a kind itself."""
    return VARIANTS[kind][0] if kind in VARIANTS else kind


#: The field that names the payee of a row, and the payee kind, per source kind.
PAYEE_FIELD: Mapping[str, str] = {
    "employees": "employee_id",
    "register_totals": "employee_id",
    "register_lines": "employee_id",
    "premium_hours": "employee_id",
    "adjustments": "payee_id",
    "practitioners": "practitioner_id",
    "fee_statements": "practitioner_id",
    "suppliers": "supplier_id",
    "invoices": "supplier_id",
    CALCULATION: "employee_id",
}


def table_schema(kind: str) -> FrameSchema:
    """The frame schema of a source kind; rows keep the order of their sources (no key, no sort)."""
    columns: dict[str, str] = {}
    for item in fields_of(kind):
        columns[item.column] = _DTYPE.get(item.type, TEXT)
        if item.given_column:
            columns[item.given_column] = BOOL
    columns["source"] = TEXT
    return FrameSchema(kind, columns, cents_max=LINE_CENTS_MAX)


#: One row = one payment that the bank really made. payee_kind, payee_id: whose it is, '' = nobody
#: on any list; matched_by: what says so (see payroll.ingest.bank_payees). ultimate_name: the one
#: paid behind the account's holder, mostly ''. source: `file!<PmtInfId>!R<n>`.
BANK_PAYMENT_ROWS = FrameSchema(
    BANK_PAYMENTS,
    {
        "name": TEXT,
        "ultimate_name": TEXT,
        "iban": TEXT,  # compacted; '' when the account has another form
        "amount_cents": INT,
        "end_to_end_id": TEXT,
        "remittance": TEXT,
        "category_purpose": TEXT,  # SALA, SUPP ...
        "execution_date": DAY,
        "debtor_iban": TEXT,
        "payee_kind": TEXT,
        "payee_id": TEXT,
        "matched_by": TEXT,
        "source": TEXT,
    },
    cents_max=LINE_CENTS_MAX,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """What one source file gave: for the manifest, the summary sheet and conservation.

    rows_read = rows_used + rows_excluded; blank rows and rows above the header are not counted,
    subtotal rows count as excluded. `totals_cents` sums each money field over the used rows,
    `excluded_cents` over the excluded rows that could be read.
    """

    kind: str
    file: str
    sheet: str
    sha256: str
    encoding: str  # '' for workbooks
    header_row: int
    rows_read: int
    rows_used: int
    rows_excluded: int
    totals_cents: Mapping[str, int] = field(default_factory=dict)
    excluded_cents: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceTables:
    """Every source read: one canonical frame per kind (an empty frame when no source has it).

    headings: `file!sheet` -> field name -> the heading as written there.
    """

    frames: Mapping[str, pd.DataFrame]
    summaries: tuple[SourceSummary, ...] = ()
    headings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __getitem__(self, kind: str) -> pd.DataFrame:
        return self.frames[kind]

    @property
    def bank(self) -> pd.DataFrame:
        """What the bank paid last month (BANK_PAYMENT_ROWS)."""
        found = self.frames.get(BANK_PAYMENTS)
        return BANK_PAYMENT_ROWS.empty() if found is None else found

    @property
    def bank_alone(self) -> bool:
        """No register was given, but the bank's files: last month is what the bank paid."""
        return self.has(BANK_PAYMENTS) and not self.has("register_totals")

    def has(self, kind: str) -> bool:
        """Whether the order names at least one source of this kind."""
        return any(summary.kind == kind for summary in self.summaries)

    def cell(self, source: str, field_name: str) -> str:
        """Name a cell as a reader finds it: `file!sheet!R17, IBAN`."""
        place = source.split("; ", 1)[0].rpartition("!")[0]
        heading = self.headings.get(place, {}).get(field_name, field_name)
        return f"{source}, {heading}"


def no_tables() -> SourceTables:
    """Tables of a workspace without any source; tests build on it with dataclasses.replace."""
    return SourceTables({kind: table_schema(kind).empty() for kind in KINDS})
