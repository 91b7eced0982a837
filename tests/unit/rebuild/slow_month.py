"""What a month should come to, one person at a time, on the reference calculator alone; in cents.

Rules as DESIGN section 5 has them: net(May) = G2N(May) + residual, residual = known net(April)
before third-party deductions - G2N(April), none when nothing is paid in May.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.reference.gross_to_net import (
    Person,
    Status,
    TaxStatus,
    exceptional,
    garnishment,
    gross_to_net,
    special_contribution,
)

#: Pay codes of the samples, by what rules/parameters/components.toml says of them.
RECURRING = {"1000", "1010", "1100", "1200", "4000"}
PENSION, EXCEPTIONAL = {"1000", "1100"}, {"3000"}
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
    worked: Fraction,
    month: str,
) -> SlowPay:
    """One month's pay from its gross amounts (code, cents); worked: part of a full-time month."""
    rows = list(components)
    ordinary = euro(sum(cents for code, cents in rows if code not in EXCEPTIONAL))
    allowance = euro(sum(cents for code, cents in rows if code in EXCEPTIONAL))
    pension = euro(sum(cents for code, cents in rows if code in PENSION))
    person = Person(status, ordinary, pension_base=pension, working_time=worked, **asdict(family))
    pay = gross_to_net(person, month)
    contribution, tax, special = pay.contribution, pay.withholding, pay.special_contribution
    if allowance:
        assert status == "contractual"  # the reference knows their contribution only
        annual = 12 * (ordinary - pay.contribution)
        children = family.children + family.disabled_children
        more = exceptional(allowance, annual, month, "other", children)
        contribution, tax = contribution + more.nsso, tax + more.withholding
        special = special_contribution(ordinary + allowance, family.tax_status, month)
    steps = (contribution, pay.work_bonus, tax, pay.fiscal_work_bonus, special)
    net = (
        ordinary
        + allowance
        + sum(sign * step for sign, step in zip(STEPS.values(), steps, strict=True))
    )
    return SlowPay(*(int(amount * 100) for amount in (*steps, net)))


def seizable(net: int, children: int, day: date) -> int:
    """What ordinary debts may take of a month's net before garnishment."""
    return int(garnishment(euro(net), children, day) * 100)
