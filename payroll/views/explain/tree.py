"""The calculation of one person's pay as a tree: what `explain-pay` and the review page show.

Nothing here is in a language: titles come with all three, amounts are int cents, rates exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from fractions import Fraction

from payroll.rulebook.figures import Figure

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAmount:
    """One amount of a step (text g2n_<item>): base x rate, start - base x rate, a sum, or as read.

    rounding: '' where the amount is exact. limited: a limit of the law holds the amount away from
    what its own arithmetic gives.
    """

    item: str
    cents: int
    base_cents: int | Fraction | None = None  # exact: a reference wage has parts of a cent
    rate: Fraction | None = None
    start_cents: int | None = None
    terms: tuple[tuple[int, int], ...] = ()  # (sign, cents)
    rounding: str = ""
    limited: bool = False
    figure: Figure | None = None

    @property
    def raw(self) -> Fraction | None:
        """The amount before rounding, in cents."""
        if self.base_cents is None or self.rate is None:
            return None
        product = self.base_cents * self.rate
        return product if self.start_cents is None else self.start_cents - product


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedStep:
    """One step of the law: what it comes to (sign x cents enters the net), and how."""

    step_id: str
    title: Texts
    formula: Texts
    sign: int
    cents: int
    items: tuple[StepAmount, ...]
    method: Figure | None = None
    on_exceptional: bool = False  # the same step again, for the exceptional allowances


@dataclass(frozen=True, slots=True, kw_only=True)
class Proration:
    """An incomplete month: the amount x the sum of days/30 x working time, over the known one."""

    parts: tuple[tuple[int, int], ...]  # (thirtieths, working time in millionths)
    over_millionths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Hours with a premium: hours x rate x index, or hours x 12 x monthly gross / hours a year."""

    hundredths: int
    rate: Fraction
    factor: Fraction  # the index coefficient, or the hours of a year
    monthly_gross_cents: int | None = None  # None: the rate is in euro

    @property
    def raw(self) -> Fraction:
        """The amount before rounding, in cents."""
        if self.monthly_gross_cents is None:
            return self.hundredths * self.rate * self.factor
        hourly = Fraction(self.monthly_gross_cents * 12) / self.factor
        return self.hundredths * hourly * self.rate / 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class YearShare:
    """A percentage of a basis, for a share of a year: in thirtieths of its months, or as given."""

    percentage: Fraction
    share: Fraction
    thirtieths: int | None = None  # of 360


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLine:
    """One line of lines.csv and where it comes from.

    base_cents: the amount of a whole month, where the line is a part of it: the days at each
    working time, or their share of the month where the days cannot be told one by one.
    """

    line_id: str
    component: str
    title: Texts | None
    cents: int
    basis: str
    source: str
    quantity: str = ""
    rate: str = ""
    base_cents: int | None = None
    proration: Proration | None = None
    share: Fraction | None = None
    of_year: YearShare | None = None
    hours: Hours | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One amount twice: register and calculation, or without and with the bonus (signed)."""

    entry: str  # 'gross', a step id or 'net'
    title: Texts | None
    first_cents: int
    second_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LawChange:
    """What the law itself changed between the two months: a step (signed) and the figure."""

    step_id: str
    title: Texts
    old_cents: int
    new_cents: int
    figures: tuple[tuple[Figure | None, Figure], ...] = ()  # (before, after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence (text explain_<note>) with amounts in cents and other words."""

    note: str
    cents: Mapping[str, int]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """What goes to somebody else, or a net amount of this month only."""

    line: ExplainedLine
    note: Note | None = None
    items: tuple[StepAmount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The way from gross to net of somebody for whom the law could not be applied, and why.

    net = gross x ratio; figure: the policy, None where it is the person's own last known ratio.
    as_paid: the ratio is of what the bank paid last month; no gross is known.
    """

    why: Note
    ratio_net_cents: int
    ratio_gross_cents: int
    unchanged: bool
    figure: Figure | None = None
    as_paid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What payments.csv says of the person in a stream.

    status: pay or held, else why this run does not make it (record.files.NOT_MADE).
    """

    payment_id: str
    cents: int
    status: str
    hold_rules: str
    execution_date: str
    legal_nature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One stream of the person: from the gross lines to the sum that is paid.

    dropped: lines of the known month that do not come back (basis: their nature). steps: the law of
    this month (with the bonus, for a bonus). known: the known month, register
    and calculation; for a bonus the month's pay without and with it. residual_cents: what the rules
    do not explain of the known month. net_lines: the lines between gross and net where estimated.
    along_cents: what another part explains of the same payment. waits: text ids of what is still to
    be settled.
    """

    stream: str
    earning_period: str
    gross: tuple[ExplainedLine, ...] = ()
    dropped: tuple[ExplainedLine, ...] = ()
    steps: tuple[ExplainedStep, ...] = ()
    net_cents: int | None = None
    known_period: str = ""
    known: tuple[Compared, ...] = ()
    residual_cents: int | None = None
    changes: tuple[LawChange, ...] = ()
    estimate: Estimate | None = None
    net_lines: tuple[ExplainedLine, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    notes: tuple[Note, ...] = ()
    along_cents: int = 0
    waits: tuple[str, ...] = ()
    sum_cents: int = 0
    payment: Paid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything about one person's pay in a run.

    facts: what the calculation knows of the person (status, fte_millionths, tax_status, children,
    ...); findings: (severity, rule id, message, source), the
    message in the reader's language.
    """

    run_id: str
    employee_id: str
    name: str
    period: str
    facts: Mapping[str, int | str]
    parts: tuple[Part, ...]
    findings: tuple[tuple[str, str, str, str], ...] = ()


def explanation_json(value: object) -> object:
    """The tree for a machine: plain dicts and lists, amounts in cents, rates as exact texts."""
    if is_dataclass(value):
        return {
            item.name.rstrip("_"): explanation_json(getattr(value, item.name))
            for item in fields(value)
        }
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): explanation_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [explanation_json(item) for item in value]
    return value
