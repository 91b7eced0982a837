"""The month rebuilt: every stream that is ordered, then the payments they come to."""

from __future__ import annotations

from functools import partial

import pandas as pd

from payroll.model.backtest import no_backtest
from payroll.model.findings import Finding
from payroll.model.frames import DROPPED, LINES, PAYMENT_TARGETS, TO_TRUE_UP, FrameSchema
from payroll.model.order import Employer, PayrunOrder
from payroll.model.record_frames import CHANGES, OPEN_INVOICES
from payroll.model.released import Known
from payroll.model.results import Rebuilt
from payroll.model.streams import BONUSES, FEES, INVOICES, SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import read_adjustments
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.fees import rebuild_fees
from payroll.rebuild.invoices import invoices_not_ordered, rebuild_invoices
from payroll.rebuild.lines import FACTORED_LINES, line_sums
from payroll.rebuild.payees import adjustments_typed, payees_named
from payroll.rebuild.payments import assemble_payments
from payroll.rebuild.salaries import rebuild_salaries
from payroll.rulebook.book import RuleBook


def rebuild(
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
    employer: Employer,
    known: Known | None = None,
) -> tuple[Rebuilt, list[Finding]]:
    """Rebuild every stream that is ordered (all amounts in int64 cents).

    known: what the ledger knows; an invoice that was released is not paid again.
    Raises PayrollError when the rule book lacks a parameter or policy that the month needs.
    """
    language = employer.language
    lines: list[pd.DataFrame] = []
    targets: list[pd.DataFrame] = []
    true_up: list[pd.DataFrame] = []
    findings: list[Finding] = []
    dropped = DROPPED.empty()
    changes: list[pd.DataFrame] = []
    open_invoices = [] if order.section(INVOICES) else [invoices_not_ordered(tables)]
    backtest = no_backtest(str(order.last_known))
    if order.section(SALARIES) is None:  # whom people asked to hold matters to every stream
        findings += read_adjustments(tables, order)[1]
    if order.section(SALARIES) is not None or order.section(BONUSES) is not None:
        staff = rebuild_salaries(tables, order, rulebook, language)
        backtest = staff.backtest
        if order.section(SALARIES) is not None:
            lines.append(staff.lines)
            targets.append(staff.targets)
            true_up.append(staff.to_true_up)
            findings += staff.findings
            dropped = staff.dropped
            changes.append(staff.changes)
        if order.section(BONUSES) is not None:
            bonus_lines, bonus_targets, waiting, found = rebuild_bonuses(
                tables, order, rulebook, staff, language
            )
            lines.append(bonus_lines)
            targets.append(bonus_targets)
            true_up.append(waiting)
            findings += found
    invoices = partial(rebuild_invoices, known=known or Known())
    for ordered, function in (
        (order.section(FEES), rebuild_fees),
        (order.section(INVOICES), invoices),
    ):
        if ordered is not None:
            result = function(tables, order, rulebook, language)
            lines.append(result.lines)
            targets.append(result.targets)
            true_up.append(result.to_true_up)
            findings += result.findings
            changes.append(result.changes)
            open_invoices.append(result.open_invoices)
    all_lines, all_targets = _joined(FACTORED_LINES, lines), _joined(PAYMENT_TARGETS, targets)
    payments, receivables, found = assemble_payments(
        all_lines, all_targets, order.period, employer.enterprise_number
    )
    findings += found
    rebuilt = Rebuilt(
        lines=all_lines[list(LINES.columns)],
        targets=all_targets,
        payments=payments,
        dropped=dropped,
        to_true_up=_joined(TO_TRUE_UP, true_up),
        changes=_joined(CHANGES, changes),
        receivables=receivables,
        backtest=backtest,
        payees=payees_named(tables),
        open_invoices=_joined(OPEN_INVOICES, open_invoices),
        line_sums=line_sums(all_lines),
        typed=adjustments_typed(tables),
    )
    return rebuilt, findings


def _joined(schema: FrameSchema, frames: list[pd.DataFrame]) -> pd.DataFrame:
    frames = [frame for frame in frames if len(frame)]
    return schema.conform(pd.concat(frames, ignore_index=True)) if frames else schema.empty()
