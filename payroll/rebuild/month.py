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

#: What each stream hands back of the same kind, by its name in StreamResult and in Rebuilt.
_JOINED = {
    "lines": FACTORED_LINES,
    "targets": PAYMENT_TARGETS,
    "not_carried_over": NOT_CARRIED_OVER,
    "to_settle": TO_SETTLE,
    "changes": CHANGES,
}


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
    del made, given  # and with them what only the streams needed of each other
    for result in results:
        findings += result.findings
    open_invoices = [result.open_invoices for result in results]
    if INVOICES.name not in order.streams:
        open_invoices = [invoices_not_ordered(tables)]
    parts = {name: [getattr(result, name) for result in results] for name in _JOINED}
    people = next((result.record for result in results if len(result.record)), PEOPLE.empty())
    backtests = (result.backtest for result in results if result.backtest is not None)
    backtest = next(backtests, no_backtest(str(order.last_known)))
    del results, result
    joined = {name: _joined(schema, parts.pop(name)) for name, schema in _JOINED.items()}
    lines, targets = joined.pop("lines"), joined.pop("targets")
    payments, receivables, found = assemble_payments(
        lines,
        targets,
        order.period,
        employer.enterprise_number,
        most_cents=rulebook.controls[BEYOND].cents("limit"),
        least_percent=rulebook.controls[EATEN_UP].whole("least_percent"),
    )
    rebuilt = Rebuilt(
        lines=lines[list(LINES.columns)],
        targets=targets,
        payments=payments,
        receivables=receivables,
        backtest=backtest,
        people=people,
        payees=payees_named(tables),
        open_invoices=_joined(OPEN_INVOICES, open_invoices),
        line_sums=line_sums(lines),
        typed=adjustments_typed(tables),
        **joined,
    )
    return rebuilt, findings + found


def _function_of(stream: Stream[Any]) -> Callable[[RebuildInput], StreamResult]:
    module, _, name = stream.rebuild.rpartition(".")
    function: Callable[[RebuildInput], StreamResult] = getattr(import_module(module), name)
    return function


def _joined(schema: FrameSchema, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The frames as one; the list is emptied, for the lines of all streams are most of a run."""
    kept = [frame for frame in frames if len(frame)]
    frames.clear()
    if not kept:
        return schema.empty()
    whole = pd.concat(kept, ignore_index=True)
    del kept
    return schema.conform(whole)
