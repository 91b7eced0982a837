"""What a month should come to, one person at a time, on the reference calculator alone; in cents.

Rules as DESIGN section 5 has them: net(May) = G2N(May) + residual, residual = known net(April)
before third-party deductions - G2N(April), none when nothing is paid in May.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.reference.gross_to_net import Person, Status, TaxStatus, garnishment, gross_to_net

#: Pay codes of the samples, by what rules/parameters/components.toml says of them.
RECURRING = {"1000", "1010", "1100", "1200", "4000"}
PENSION, EXCEPTIONAL = {"1000", "1100"}, {"3000"}
#: Taxed, but outside social security for statutory staff.
OUTSIDE = {"1010"}
#: Sign with which each step enters the net.
STEPS = {
    "personal_contribution": -1,
    "work_bonus": 1,
    "withholding": -1,
    "fiscal_work_bonus": 1,
    "special_contribution": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    tax_status: TaxStatus = "single"
    children: int = 0
    disabled_children: int = 0
    disabled: bool = False
    single_parent: bool = False
    other_dependants: int = 0
    spouse_disabled: bool = False


@dataclass(frozen=True, slots=True)
class SlowPay:
    """Steps (unsigned) and net of one month, in cents."""

    personal_contribution: int
    work_bonus: int
    withholding: int
    fiscal_work_bonus: int
    special_contribution: int
    net: int

    @property
    def signed(self) -> dict[str, int]:
        """Each step as a line of pay has it."""
        return {step: sign * getattr(self, step) for step, sign in STEPS.items()}


def half_up(value: Fraction) -> int:
    magnitude = int(abs(value) + Fraction(1, 2))
    return magnitude if value >= 0 else -magnitude


def euro(cents: int) -> Decimal:
    return Decimal(cents) / 100


def slow_pay(
    status: Status,
    family: Family,
    components: Iterable[tuple[str, int]],
    worked: Fraction | Sequence[Fraction],
    month: str,
) -> SlowPay:
    """One month's pay from its gross amounts (code, cents); worked: the working time of the whole
    month, or that of each of its days, 0 where it is not paid.
    """
    rows = list(components)
    outside = OUTSIDE if status == "statutory" else set()
    ordinary = sum(cents for code, cents in rows if code not in EXCEPTIONAL | outside)
    first = date.fromisoformat(f"{month}-01")
    days = [first + timedelta(days=at) for at in range(31)]
    times = [worked] * 31 if isinstance(worked, Fraction) else list(worked)
    of_days = [
        time
        for day, time in zip(days, times, strict=True)
        if day.month == first.month and day.weekday() < 5
    ]
    person = Person(
        status,
        euro(ordinary),
        pension_base=euro(sum(cents for code, cents in rows if code in PENSION)),
        taxable_extra=euro(sum(cents for code, cents in rows if code in outside)),
        exceptional=euro(sum(cents for code, cents in rows if code in EXCEPTIONAL)),
        work_days=sum(of_days, Fraction(0)),
        part_time=any(0 < time < 1 for time in times),
        **asdict(family),
    )
    pay = gross_to_net(person, month)
    steps = (
        pay.contribution,
        pay.work_bonus,
        pay.withholding,
        pay.fiscal_work_bonus,
        pay.special_contribution,
    )
    return SlowPay(*(int(amount * 100) for amount in (*steps, pay.net)))


def seizable(net: int, children: int, day: date) -> int:
    """What ordinary debts may take of a month's net before garnishment."""
    return int(garnishment(euro(net), children, day) * 100)
