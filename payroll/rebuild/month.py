"""The month rebuilt: every stream that is ordered, then the payments they come to."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pandas as pd

from payroll.model.backtest import no_backtest
from payroll.model.findings import Finding
from payroll.model.frames import LINES, NOT_CARRIED_OVER, PAYMENT_TARGETS, TO_SETTLE, FrameSchema
from payroll.model.order import Employer, PayrunOrder
from payroll.model.record_frames import CHANGES, OPEN_INVOICES, PEOPLE
from payroll.model.released import LedgerExtract
from payroll.model.results import Rebuilt
from payroll.model.streams import BONUSES, INVOICES, SALARIES, STREAMS, Stream
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import read_adjustments
from payroll.rebuild.invoices import invoices_not_ordered
from payroll.rebuild.lines import FACTORED_LINES, line_sums
from payroll.rebuild.netting import net_bonuses
from payroll.rebuild.payees import adjustments_typed, payees_named
from payroll.rebuild.payments import BEYOND, EATEN_UP, assemble_payments
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.rulebook.book import RuleBook


def rebuild(
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
    employer: Employer,
    ledger: LedgerExtract | None = None,
) -> tuple[Rebuilt, list[Finding]]:
    """Rebuild every stream that is ordered (all amounts in int64 cents).

    ledger: what it knows of earlier runs; an invoice that was released is not paid again.
    Raises PayrollError when the rule book lacks a parameter or policy that the month needs.
    """
    given = RebuildInput(tables, order, rulebook, employer.language, ledger or LedgerExtract())
    findings: list[Finding] = []
    if SALARIES.name not in order.streams:  # whom people asked to hold matters to every stream
        findings += read_adjustments(tables, order)[1]
    made = {name: given.once(_function_of(STREAMS[name])) for name in order.streams}
    if SALARIES.name in made and BONUSES.name in made:
        both = net_bonuses(made[SALARIES.name], made[BONUSES.name], order)
        made |= zip((SALARIES.name, BONUSES.name), both, strict=True)
    results = list(made.values())
    for result in results:
        findings += result.findings
    lines = _joined(FACTORED_LINES, [result.lines for result in results])
    targets = _joined(PAYMENT_TARGETS, [result.targets for result in results])
    payments, receivables, found = assemble_payments(
        lines,
        targets,
        order.period,
        employer.enterprise_number,
        most_cents=rulebook.controls[BEYOND].cents("limit"),
        least_percent=rulebook.controls[EATEN_UP].whole("least_percent"),
    )
    open_invoices = [result.open_invoices for result in results]
    if INVOICES.name not in order.streams:
        open_invoices = [invoices_not_ordered(tables)]
    people = (result.record for result in results if len(result.record))
    backtests = (result.backtest for result in results if result.backtest is not None)
    rebuilt = Rebuilt(
        lines=lines[list(LINES.columns)],
        targets=targets,
        payments=payments,
        not_carried_over=_joined(NOT_CARRIED_OVER, [result.not_carried_over for result in results]),
        to_settle=_joined(TO_SETTLE, [result.to_settle for result in results]),
        changes=_joined(CHANGES, [result.changes for result in results]),
        receivables=receivables,
        backtest=next(backtests, no_backtest(str(order.last_known))),
        people=next(people, PEOPLE.empty()),
        payees=payees_named(tables),
        open_invoices=_joined(OPEN_INVOICES, open_invoices),
        line_sums=line_sums(lines),
        typed=adjustments_typed(tables),
    )
    return rebuilt, findings + found


def _function_of(stream: Stream[Any]) -> Callable[[RebuildInput], StreamResult]:
    module, _, name = stream.rebuild.rpartition(".")
    function: Callable[[RebuildInput], StreamResult] = getattr(import_module(module), name)
    return function


def _joined(schema: FrameSchema, frames: list[pd.DataFrame]) -> pd.DataFrame:
    frames = [frame for frame in frames if len(frame)]
    return schema.conform(pd.concat(frames, ignore_index=True)) if frames else schema.empty()
