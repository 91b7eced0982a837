"""Recurring pay that changed after the known month: another amount from a day on, or none."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import BASE_SALARY, GARNISHMENT, HOLIDAY_PAY, OTHER_DEDUCTIONS
from payroll.model.findings import Finding, findings_for
from payroll.model.frames import INT, TEXT, FrameSchema
from payroll.model.order import PayrunOrder
from payroll.model.tables import MAINTENANCE, SourceTables
from payroll.rebuild.deductions_now import CHANGE
from payroll.rebuild.proration import (
    DAYS,
    FULL_TIME,
    Employed,
    Matrix,
    first_index,
    known_fte,
    last_index,
    paid_days,
)
from payroll.rebuild.staff import EMPLOYED, StaffMonth
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import Component, by_alias, plain
from payroll.rulebook.index import IndexStep, index_step

#: What of a month is no line of the gross: the deductions of the register.
_DEDUCTIONS = (OTHER_DEDUCTIONS, GARNISHMENT, MAINTENANCE)
#: What a garnishment may be: for maintenance, or for any other debt.
_SEIZED = (GARNISHMENT, MAINTENANCE)
#: Parts of recurring lines: how much of the month an amount holds for. row: of which line;
#: numerator / denominator: its paid part; 0/1 = none of it.
PARTS = FrameSchema(
    "parts", {"row": INT, "numerator": INT, "denominator": INT, "quantity": TEXT, "source": TEXT}
)


@dataclass(frozen=True, slots=True)
class Recurring:
    """The recurring lines of a whole month, known and typed, and PARTS of those that hold for some
    of its days. typed: where the typed ones begin; steps: the index since each was typed.
    """

    rows: pd.DataFrame
    parts: pd.DataFrame
    typed: int
    steps: tuple[IndexStep | None, ...] = ()


def with_codes(
    adjustments: pd.DataFrame, tables: SourceTables, components: Mapping[str, Component]
) -> tuple[pd.DataFrame, list[Finding]]:
    """The adjustments with the code of the component that each names; one that no rule knows, or
    that cannot be changed so, is left out and holds its payee (REB-052).
    """
    named = by_alias(components)
    kinds = (CHANGE, "one_off_gross", GARNISHMENT)
    change, once, seized = (adjustments["kind"] == kind for kind in kinds)
    codes, bad = [], []
    for text, changes, is_once, seizes in zip(
        adjustments["component"], change, once, seized, strict=True
    ):
        found = named.get(plain(text))
        own = plain(text) in (_DEDUCTIONS if changes else _SEIZED if seizes else ())
        codes.append(found.code if found else plain(text) if own else text)
        fits = found is not None and found.enters == "gross"
        fits &= found is not None and (is_once or found.nature == "recurring")
        fits &= found is not None and found.code != HOLIDAY_PAY  # [holiday_pay] of the order
        asks = changes or ((is_once or seizes) and bool(text.strip()))
        bad.append(asks and not own and (seizes or not fits))
    adjustments = adjustments.assign(component=pd.Series(codes, adjustments.index, dtype=TEXT))
    wrong = pd.Series(bad, adjustments.index, dtype=bool)
    return adjustments[~wrong], _held("REB-052", adjustments[wrong], tables)


def _held(rule_id: str, rows: pd.DataFrame, tables: SourceTables) -> list[Finding]:
    cells = [tables.cell(source, "component") for source in rows["source"]]
    told = rows.assign(source=cells, observed=rows["component"], limit=rows["adjustment_id"])
    return findings_for(rule_id, told)


def with_changes(
    known: pd.DataFrame,
    adjustments: pd.DataFrame,
    people: StaffMonth,
    *,
    detailed: npt.NDArray[np.bool_],
    days: Matrix,
    book: RuleBook,
    order: PayrunOrder,
    tables: SourceTables,
) -> tuple[Recurring, list[Finding]]:
    """The recurring lines of the known month with what changed since.

    known: the lines of a whole month; detailed: whose register shows the components; days: per
    person of `changed_people` the working time (millionths) of each thirtieth. A typed amount is
    that of full time; of several, the newest holds. Who has no component of the register to change
    is held (REB-056).
    """
    rows = adjustments[
        (adjustments["kind"] == CHANGE) & ~adjustments["component"].isin(_DEDUCTIONS)
    ]
    rows = rows.assign(person=people.positions(rows["payee_id"]))
    rows = rows[people.is_paid(rows["person"].to_numpy())]
    base = (rows["component"] == BASE_SALARY) & ~people.frame["in_register"].to_numpy()[
        rows["person"]
    ]
    lump = people.frame["in_register"].to_numpy()[rows["person"]] & ~detailed[rows["person"]]
    findings = _held("REB-056", rows[base | lump], tables)
    rows = rows[~(base | lump)].sort_values(["from", "source"], kind="stable")
    chosen = changed_people(adjustments, people)
    full_time = known_fte(people.frame["fte_millionths"])
    parts: list[dict[str, object]] = []
    typed: list[dict[str, object]] = []
    steps: list[IndexStep | None] = []
    for _, own in rows.groupby(["person", "component"], sort=True):
        person, code = int(own["person"].iloc[0]), str(own["component"].iloc[0])
        grid = days[np.searchsorted(chosen, person)]
        component = book.components[code]
        weight = grid if component.prorated else np.where(grid > 0, FULL_TIME, 0)
        holds = _holding(own, order)
        whole = DAYS * (int(full_time[person]) if component.prorated else FULL_TIME)
        mine = np.flatnonzero((known["person"] == person) & (known["component"] == code))
        left = int(weight[holds == _KNOWN].sum())
        if left != whole:
            cells = "; ".join(own["source"])
            shown = f"{int((holds == _KNOWN).sum())}/{DAYS}"
            parts += [_part(int(row), left, whole, shown, cells) for row in mine]
        for number, item in enumerate(own.to_dict("records")):
            share = int(weight[holds == number].sum())
            if not share:
                continue
            shown = f"{int((holds == number).sum())}/{DAYS}"
            parts.append(_part(len(known) + len(typed), share, DAYS * FULL_TIME, shown, ""))
            typed.append(_typed(item, component))
            since = order.last_known.first_day if pd.isna(item["from"]) else item["from"].date()
            steps.append(index_step(book.parameters, since, order.period.first_day))
    whole_rows = pd.concat([known, pd.DataFrame(typed)], ignore_index=True) if typed else known
    found = Recurring(whole_rows, PARTS.from_rows(parts), len(known), tuple(steps))
    return found, findings


#: Days on which the known amount holds, and on which none does.
_KNOWN, _NONE = -1, -2


def changed_people(adjustments: pd.DataFrame, people: StaffMonth) -> npt.NDArray[np.intp]:
    """The positions of those whose recurring pay changes, in order."""
    rows = adjustments[adjustments["kind"] == CHANGE]
    person = people.positions(rows["payee_id"])
    return np.unique(person[people.is_paid(person)])


def days_of_changed(
    order: PayrunOrder, people: StaffMonth, changing: pd.DataFrame, chosen: npt.NDArray[np.intp]
) -> Matrix:
    """Per thirtieth of the month the working time of some people, 0 where it is not paid."""
    frame = people.frame
    within = changing[changing["person"].isin(chosen)]
    within = within.assign(person=np.searchsorted(chosen, within["person"].to_numpy()))
    is_fte = within["kind"] == "fte_change"
    fte = known_fte(frame["fte_millionths"])
    return paid_days(
        fte[chosen],
        Employed(*(frame[name].to_numpy()[chosen] for name in EMPLOYED)),
        changes=within[is_fte],
        absences=within[~is_fte],
        period=order.period,
    )


def _holding(own: pd.DataFrame, order: PayrunOrder) -> npt.NDArray[np.int64]:
    """Per thirtieth of the month which row of a person's changes of one component holds."""
    holds = np.full(DAYS, _KNOWN, dtype=np.int64)
    first, last = first_index(own["from"], order.period), last_index(own["to"], order.period)
    known = pd.Timestamp(order.last_known.last_day)
    begun = ~(own["from"] > known).to_numpy()
    for number, (start, stop, before) in enumerate(zip(first, last, begun, strict=True)):
        holds[start - 1 : stop] = number
        holds[max(stop, start - 1) :] = _NONE if before else _KNOWN
    return holds


def _part(row: int, numerator: int, whole: int, quantity: str, source: str) -> dict[str, object]:
    return {
        "row": row,
        "numerator": numerator,
        "denominator": whole,
        "quantity": quantity,
        "source": source,
    }


def _typed(row: Mapping[Hashable, Any], component: Component) -> dict[str, object]:
    return {
        "person": row["person"],
        "amount_cents": row["amount"],
        "component": component.code,
        "rule_id": f"component:{component.code}",
        "source": row["source"],
        "prorated": True,
    }
