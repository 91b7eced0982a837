"""The frames of the record: what a run folder holds beside LINES, PAYMENTS and the back-test.

Each is one CSV file of the run folder (payroll.record.files names them). They hold what people are
shown of a month, so that nothing has to be worked out a second time to show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from payroll.model.findings import FINDING_COLUMNS, Severity, SubjectKind
from payroll.model.frames import BOOL, DAY, INT, LINES, PAYMENTS, TEXT, FrameSchema
from payroll.model.money import LINE_CENTS_MAX, Rounding
from payroll.model.streams import STREAMS

_INTERNAL = ("payment_group", "legal_nature")


def _written(schema: FrameSchema, columns: Mapping[str, str]) -> FrameSchema:
    """The schema of a frame's file, which has other columns and no order of its own."""
    return replace(
        schema,
        columns=columns,
        sort=(),
        closed={name: values for name, values in schema.closed.items() if name in columns},
    )


#: lines.csv. payment_id: the payment that the line is part of, made or not; '' = of none.
RECORD_LINES = _written(
    LINES,
    {
        **{name: dtype for name, dtype in LINES.columns.items() if name not in _INTERNAL},
        "payment_id": TEXT,
    },
)
#: payments.csv, and the payments that a run does not make.
RECORD_PAYMENTS = _written(
    PAYMENTS, {name: dtype for name, dtype in PAYMENTS.columns.items() if name != "payment_group"}
)

#: findings.csv, in words, what stops most comes first.
FINDINGS = FrameSchema(
    "findings",
    dict.fromkeys(FINDING_COLUMNS, TEXT),
    key=("finding_id",),
    closed={"severity": tuple(Severity), "subject_kind": tuple(SubjectKind), "stream": STREAMS},
    may_lack=("stream",),
)
#: The further placeholders of a finding's words, so that they can be said in another language.
FINDING_WORDS = FrameSchema(
    "finding_words",
    {"finding_id": TEXT, "name": TEXT, "value": TEXT},
    key=("finding_id", "name"),
    sort=("finding_id", "name"),
)

#: How a line's amount came about: amount_cents = round(base x numerator / denominator). Only lines
#: that are one product; the steps of gross to net are explained by the law and PEOPLE. base carries
#: the sign and is cents, or hundredths of hours. rounding: a name of payroll.model.money.Rounding.
LINE_SUMS = FrameSchema(
    "line_sums",
    {"line_id": TEXT, "base": INT, "numerator": INT, "denominator": INT, "rounding": TEXT},
    key=("line_id",),
    sort=("line_id",),
    closed={"rounding": tuple(Rounding)},
    positive=("denominator",),
)

#: What is left of a claim that takes the legal maximum every month.
NO_END = LINE_CENTS_MAX
#: Per member of staff what gross to net of the known month and of this one is a function of
#: (known_* and the plain names; payroll.gross_to_net), and what else decides the pay.
#: origin: register | joiner | hired_in_period | not_in_register | paid_by_bank. source: the row of
#: the employees list, '' when not on it; register_source: that of the register or of the bank.
#: computed: the law was applied; payable: there is something to go by. worked: thirtieths x working
#: time in millionths; work_days: the same of the month's working days. known_partial: the known
#: month was not whole, and was made so by the contract. whole_*: this month as if all of it were
#: paid, which the withholding on holiday pay goes by; known_holiday: the holiday pay in the known
#: month's gross, apart from what its other columns say. gross_before, net_before: of
#: the register, before deductions for others. ratio_net / ratio_gross: the net that a gross gives
#: where the law is not applied, and the policy. seizable, seized: net that a garnishment may take
#: from, and what it takes; claim_left: what is left of the claim, or NO_END. quarter_*: whether the
#: month settles a quarter, the wages of its first two months and what was withheld for it.
PEOPLE = FrameSchema(
    "people",
    {
        "payee_id": TEXT,
        "origin": TEXT,
        "source": TEXT,
        "register_source": TEXT,
        "in_register": BOOL,
        "on_staff": BOOL,
        "payable": BOOL,
        "computed": BOOL,
        "known_partial": BOOL,
        "left_before": BOOL,
        "leave_source": TEXT,
        "statutory": BOOL,
        "tax_status": TEXT,
        "children": INT,
        "disabled_children": INT,
        "disabled": BOOL,
        "single_parent": BOOL,
        "other_dependants": INT,
        "spouse_disabled": BOOL,
        "dependants_65": INT,
        "spouse_low_income": BOOL,
        "spouse_low_pension": BOOL,
        "fte_millionths": INT,
        "monthly_gross_cents": INT,
        "known_gross_cents": INT,
        "known_nsso_cents": INT,
        "known_pension_cents": INT,
        "known_exceptional_cents": INT,
        "known_holiday_cents": INT,
        "known_month_days": INT,
        "known_work_days": INT,
        "known_part_time": BOOL,
        "gross_cents": INT,
        "nsso_cents": INT,
        "pension_cents": INT,
        "exceptional_cents": INT,
        "month_days": INT,
        "work_days": INT,
        "part_time": BOOL,
        "worked": INT,
        "whole_gross_cents": INT,
        "whole_nsso_cents": INT,
        "whole_pension_cents": INT,
        "gross_before_cents": INT,
        "net_before_cents": INT,
        "ratio_net_cents": INT,
        "ratio_gross_cents": INT,
        "policy": TEXT,
        "garnishment_before_cents": INT,
        "seizable_cents": INT,
        "seized_cents": INT,
        "claim_left_cents": INT,
        "quarter_settles": BOOL,
        "quarter_first_cents": INT,
        "quarter_second_cents": INT,
        "quarter_withheld_cents": INT,
        "settled_cents": INT,
        "known_settled_cents": INT,
    },
    key=("payee_id",),
    sort=("payee_id",),
)

#: Per payee of a stream with a reference month: that month against this one. Salaries: the
#: register, or what the bank paid; fees: the statements of the month before (no rows where there
#: are none). had_before: the payee stands in the reference month. law_cents: of who is in the last
#: register, what the rules themselves changed of the net: this month's pay under its own law less
#: the same under the reference month's; index_cents: what an index of public pay since then added.
#: reasons: text ids joined by ' '; '' = unexplained or
#: unchanged.
CHANGES = FrameSchema(
    "changes",
    {
        "stream": TEXT,
        "payee_id": TEXT,
        "had_before": BOOL,
        "gross_before_cents": INT,
        "gross_after_cents": INT,
        "net_before_cents": INT,
        "net_after_cents": INT,
        "law_cents": INT,
        "index_cents": INT,
        "reasons": TEXT,
    },
    key=("stream", "payee_id"),
    sort=("stream", "payee_id"),
    closed={"stream": STREAMS},
)

#: Everybody on a master list, or whom the bank's file alone knows: the name to show, and the site.
PAYEES = FrameSchema(
    "payees",
    {"payee_kind": TEXT, "payee_id": TEXT, "name": TEXT, "site": TEXT},
    key=("payee_kind", "payee_id"),
    sort=("payee_kind", "payee_id"),
    closed={"payee_kind": tuple(SubjectKind)[:3]},
)

#: Why an invoice is not taken into a run.
INVOICE_STATES = (
    "repeated",
    "blocked",
    "foreign_currency",
    "nothing",
    "not_due",
    "already_paid",
    "awaiting_reissue",
)
#: Every invoice and credit note read, in the order of their sources. state: '' = taken into this
#: run; already_paid: an earlier run released it; awaiting_reissue: its payment failed (of a
#: reissue: it is not what failed). line_id: its line, '' when not taken. retained_cents: what is
#: retained of it for the offices (negative).
OPEN_INVOICES = FrameSchema(
    "open_invoices",
    {
        "payee_id": TEXT,
        "invoice_number": TEXT,
        "enterprise_number": TEXT,
        "invoice_date": DAY,
        "due_date": DAY,
        "amount_cents": INT,
        "retained_cents": INT,
        "reference": TEXT,
        "state": TEXT,
        "line_id": TEXT,
        "source": TEXT,
    },
    closed={"state": INVOICE_STATES},
    may_lack=("state",),
)

#: Who typed which adjustment: they may not clear what it causes. In the order of the list.
TYPED = FrameSchema(
    "adjustments",
    {
        "adjustment_id": TEXT,
        "payee_id": TEXT,
        "kind": TEXT,
        "entered_by": TEXT,
        "approved_by": TEXT,
        "source": TEXT,
    },
)

#: Texts that the bank's character set forced us to change (payroll.model.results.NameChange).
TEXT_CHANGES = FrameSchema(
    "text_changes", {"payment_id": TEXT, "field": TEXT, "before": TEXT, "after": TEXT}
)
