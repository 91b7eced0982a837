"""The steps from gross to net in the order of the law: the one place where that order stands.

net = gross + the sum of sign x amount over NET_STEPS. To add a step is to add it here, the function
that works it out to payroll.gross_to_net, its `[[step]]` to rules/parameters/steps.toml, its column
to the register (payroll.model.tables), its words and its tests; everything that lists, adds up or
compares the steps goes through NET_STEPS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class NetStep:
    """One step.

    id: of its `[[step]]`, of its line (a component) and, as `<id>_cents`, of its column of PAY.
    sign: with which its amount enters the net. register: the column of a pay register that has the
    same amount. takes_in: the steps whose amounts it is worked out from. taxed: it comes before the
    taxable amount and is part of it.
    """

    id: str
    sign: int
    register: str
    takes_in: tuple[str, ...] = ()
    taxed: bool = False

    @property
    def cents(self) -> str:
        """Its column in a frame of gross to net."""
        return f"{self.id}_cents"


NET_STEPS = (
    NetStep(
        id="personal_contribution", sign=-1, register="personal_contributions_cents", taxed=True
    ),
    NetStep(
        id="work_bonus",
        sign=1,
        register="work_bonus_cents",
        takes_in=("personal_contribution",),
        taxed=True,
    ),
    NetStep(
        id="withholding",
        sign=-1,
        register="withholding_cents",
        takes_in=("personal_contribution", "work_bonus"),
    ),
    NetStep(
        id="fiscal_work_bonus",
        sign=1,
        register="fiscal_work_bonus_cents",
        takes_in=("personal_contribution", "work_bonus", "withholding"),
    ),
    NetStep(id="special_contribution", sign=-1, register="special_contribution_cents"),
)
#: Every amount of gross to net in its order; `net` is before deductions for third parties.
AMOUNTS = (
    "gross",
    *(step.id for step in NET_STEPS if step.taxed),
    "taxable",
    *(step.id for step in NET_STEPS if not step.taxed),
    "net",
)


def register_net(rows: pd.DataFrame) -> pd.Series[int]:
    """What the amounts of a register come to, before deductions for third parties (cents)."""
    net = rows["gross_cents"]
    for step in NET_STEPS:
        net = net + step.sign * rows[step.register]
    return net
