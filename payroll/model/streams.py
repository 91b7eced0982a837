"""The streams of payments: what differs between them, one object for each.

A stream is what one table of payrun.toml orders to be paid to one kind of payee. To add a stream is
to add its `Stream` to STREAMS, a module of payroll.rebuild with the function that it names
(RebuildInput -> StreamResult: its lines, whom they are paid to, what is left to settle, findings),
the texts `stream_<name>`, `checks_stream_<name>` and its remittance, and tests. Nothing else
changes: the order, the rebuild, the controls of all streams (`streams = ["all"]`), the bank files,
the ledger, the release and every view go through STREAMS, in its order. What is peculiar to a
stream (its cap in AMT-001, a control or a sheet of its own) is added where such things stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator

from payroll.model.findings import Finding, SubjectKind
from payroll.model.refusals import refused
from payroll.model.sections import DueOrder, EarnedOrder, HolidayOrder, StreamOrder

SectionT = TypeVar("SectionT", bound=StreamOrder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How payments are sent, where the profile of the bank does not say otherwise.

    date_rule: which TARGET day replaces a closed pay day. batch_booking: one debit for all, so that
    no statement tells what one person earns; else one per payment, for the reconciliation.
    category_purpose: of the whole block. purpose: code of the single payment by its legal nature,
    `any` for every other one. What is empty is not sent. (facts: bank-rules 2, 3 and 6)
    """

    date_rule: Literal["previous", "next"]
    batch_booking: bool
    priority: Literal["", "NORM", "HIGH"] = ""
    category_purpose: str = ""
    purpose: Mapping[str, str] = field(default_factory=dict)

    def purpose_of(self, legal_nature: str) -> str:
        """The purpose code of a payment of that legal nature, or ''."""
        return self.purpose.get(legal_nature, self.purpose.get("any", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What a payment settles, where a stream pays items: rows of a source, named by a field.

    components: of the lines that settle one; such a line has the row as its source.
    """

    source_kind: str
    named_by: str
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Generic[SectionT]):
    """One stream.

    name: its table in payrun.toml, and the value of every column `stream`. section: the model of
    that table, which also says what is paid: the month of the run, another month, what is due.
    payee: whom it pays. prefix: how its payment ids begin. remittance: id of the text that its
    payees read on their statement. rebuild: the dotted name of the function that works it out.
    items: an item is paid once, ever; without them a payee is paid once per month earned.
    by_document: what is paid stands on a statement or an invoice, which itself explains why it
    differs from the last one. own_source: the source kind that, of all streams of its payee, this
    one alone reads: a doubt about a row of it concerns no other. rates_on_first_day: the
    figures behind a line are those of the first day of the month earned, not of its last. beside:
    the stream whose pay day and account are its own where its order names none, and with which it
    is paid in one payment where they are the same. yearly: a payee is paid once per year earned.
    """

    name: str
    section: type[SectionT]
    payee: SubjectKind
    prefix: str
    remittance: str
    rebuild: str
    sending: Sending
    items: Items | None = None
    by_document: bool = False
    own_source: str = ""
    rates_on_first_day: bool = False
    beside: str = ""
    yearly: bool = False


SALARIES = Stream(
    name="salaries",
    section=StreamOrder,
    payee=SubjectKind.EMPLOYEE,
    prefix="SAL",
    remittance="remittance_salary",
    rebuild="payroll.rebuild.salaries.rebuild_salaries",
    sending=Sending(
        date_rule="previous",  # pay may not be late
        batch_booking=True,
        priority="HIGH",
        category_purpose="SALA",
    ),
)
HOLIDAY_PAY = Stream(
    name="holiday_pay",
    section=HolidayOrder,
    payee=SubjectKind.EMPLOYEE,
    prefix="HOL",
    remittance="remittance_holiday_pay",
    rebuild="payroll.rebuild.holiday_pay.rebuild_holiday_pay",
    sending=Sending(
        date_rule="previous", batch_booking=True, priority="HIGH", category_purpose="SALA"
    ),
    beside="salaries",
    yearly=True,
)
BONUSES = Stream(
    name="bonuses",
    section=EarnedOrder,
    payee=SubjectKind.EMPLOYEE,
    prefix="BON",
    remittance="remittance_bonus",
    rebuild="payroll.rebuild.bonuses.rebuild_bonuses",
    sending=Sending(
        date_rule="previous",
        batch_booking=True,
        priority="HIGH",
        category_purpose="SALA",
        purpose={"any": "BONU"},
    ),
    own_source="premium_hours",
    rates_on_first_day=True,
)
FEES = Stream(
    name="fees",
    section=EarnedOrder,
    payee=SubjectKind.PRACTITIONER,
    prefix="FEE",
    remittance="payables_fee_remittance",
    rebuild="payroll.rebuild.fees.rebuild_fees",
    sending=Sending(date_rule="previous", batch_booking=True),
    by_document=True,
)
INVOICES = Stream(
    name="invoices",
    section=DueOrder,
    payee=SubjectKind.SUPPLIER,
    prefix="INV",
    remittance="payables_invoice_remittance",
    rebuild="payroll.rebuild.invoices.rebuild_invoices",
    sending=Sending(date_rule="next", batch_booking=False, category_purpose="SUPP"),
    items=Items(
        source_kind="invoices", named_by="invoice_number", components=("invoice", "credit_note")
    ),
    by_document=True,
)
#: Every stream by its name, in the order in which they are rebuilt and shown.
STREAMS: dict[str, Stream[Any]] = {
    stream.name: stream for stream in (SALARIES, HOLIDAY_PAY, BONUSES, FEES, INVOICES)
}


def payee_by_stream() -> dict[str, str]:
    """Stream -> the kind of payee that it pays, as a text: for columns."""
    return {name: str(stream.payee) for name, stream in STREAMS.items()}


def paid_to(kind: str) -> tuple[str, ...]:
    """The streams that pay a kind of payee; none for a kind that is none."""
    return tuple(name for name, stream in STREAMS.items() if stream.payee == kind)


def paid_by_item() -> tuple[str, ...]:
    """The streams that pay items, each once, ever; the others pay a payee once per month."""
    return tuple(name for name, stream in STREAMS.items() if stream.items is not None)


def of_source(kind: str) -> str:
    """The stream that alone a doubtful row of a source concerns; '' for all of its payee."""
    return next((name for name, stream in STREAMS.items() if stream.own_source == kind), "")


def streams_of(finding: Finding) -> tuple[str, ...]:
    """The streams of its payee that a finding concerns; none for one on a file or the run."""
    paid = paid_to(finding.subject_kind)
    return tuple(name for name in paid if name == finding.stream) if finding.stream else paid


def groups() -> dict[str, tuple[str, ...]]:
    """Names for several streams, which mean also those that are added later.

    All of them, those that pay a payee once a month or a year, those that pay a kind of payee.
    """
    monthly = tuple(name for name, stream in STREAMS.items() if stream.items is None)
    kinds = dict.fromkeys(payee_by_stream().values())
    return {"all": tuple(STREAMS), "monthly": monthly, **{kind: paid_to(kind) for kind in kinds}}


def _known(value: object) -> object:
    if not isinstance(value, str) or value not in STREAMS:
        raise refused("choice", expected=", ".join(STREAMS))
    return value


def _expanded(value: object) -> object:
    """A list of names with each group in it as its streams."""
    if not isinstance(value, list | tuple):
        return value
    known = groups()
    found: list[object] = []
    for item in value:
        found += known.get(item, (item,)) if isinstance(item, str) else (item,)
    return tuple(item for at, item in enumerate(found) if item not in found[:at])


#: The name of a stream in a file that people write.
StreamName = Annotated[str, BeforeValidator(_known)]
#: A list of streams, of which some may be named together.
StreamNames = Annotated[tuple[StreamName, ...], BeforeValidator(_expanded)]
