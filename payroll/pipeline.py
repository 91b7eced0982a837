"""The run as a table of contents: a request in, a Run out. Knows no disk and no clock.

Nothing that people look at is made here: payroll.publish turns a Run into documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd

from payroll.bank_status.recognise import read_answer
from payroll.checks.data import CheckData
from payroll.checks.decisions import judge
from payroll.checks.engine import apply_holds, evaluate, findings_frame, with_cells
from payroll.checks.suppress_implied import told_once
from payroll.ingest.read import read_sources
from payroll.model.backtest import Backtest
from payroll.model.decisions import recorded
from payroll.model.errors import require
from payroll.model.findings import RuledFinding, Severity
from payroll.model.frames import PAYMENTS, TEXT
from payroll.model.order import PayrunOrder
from payroll.model.record_frames import (
    FINDING_WORDS,
    FINDINGS,
    RECORD_LINES,
    RECORD_PAYMENTS,
    TEXT_CHANGES,
)
from payroll.model.released import PAYMENT_KEYS, reissue_of, reissued, replaced_by
from payroll.model.results import NameChange, Rebuilt, SepaFile
from payroll.model.sections import StreamOrder
from payroll.model.streams import SALARIES, STREAMS
from payroll.rebuild.month import rebuild
from payroll.rebuild.payment_keys import not_made, payment_keys
from payroll.record.identity import identity
from payroll.record.run import BacktestFacts, Run, RunRequest, ledger_extract
from payroll.rulebook.ruling import ruled_of_stage
from payroll.sepa.files import write_sepa

#: The sources and the control kinds that a back-test needs.
STAFF_KINDS = ("employees", "register_totals", "register_lines", "adjustments")
OF_BACKTEST = ("known_month_unexplained", "backtest_agreement", "raised_by_engine")


def build_run(request: RunRequest, announce: Callable[[str], None] = lambda _stage: None) -> Run:
    """Rebuild the month, check it, write the bank files: one pure function.

    announce: told each stage as it begins. Raises PayrollError when the run cannot go on. A block
    finding does not raise: the run is refused and holds every finding, but no payment file.
    """
    again = reissue_of(request.inputs)
    if again is not None:
        request = replace(request, order=reissued(request.order, again))
    order, employer, rulebook = request.order, request.employer, request.rulebook
    ledger = ledger_extract(request.inputs)

    announce("ingest")
    tables, raised = read_sources(order, request.inputs, rulebook.formats, read_answer)
    findings = ruled_of_stage(raised, rulebook.controls, order)
    announce("rebuild")
    rebuilt, raised = rebuild(tables, order, rulebook, employer, ledger)
    findings += ruled_of_stage(raised, rulebook.controls, order)
    keys = payment_keys(rebuilt.lines, rebuilt.payments, tables, order)
    announce("checks")
    data = CheckData(
        order=order,
        employer=employer,
        tables=tables,
        rebuilt=rebuilt,
        parameters=rulebook.parameters,
        created_at=request.created_at,
        value_status=rulebook.value_status(*_days(order)),
        values_behind=partial(rulebook.values_behind, law=rulebook.law(*_days(order))),
        stage_findings=tuple(findings),
        own_rules=tuple(name for name in rulebook.files if name.startswith("workspace/")),
        ledger=ledger,
        payment_keys=keys,
    )
    findings += evaluate(data, rulebook.controls)
    verdicts = judge(findings, recorded(request.inputs), rulebook.controls, tables["adjustments"])
    findings += ruled_of_stage(verdicts.findings, rulebook.controls, order)
    released, held = verdicts.released, verdicts.held
    payments = apply_holds(rebuilt.payments, findings, released, held)
    why = not_made(payments, keys, ledger.released, reissue=ledger.reissue)
    made = payments.loc[why == "", "payment_id"]
    rebuilt = replace(
        rebuilt,
        already_paid=PAYMENTS.conform(payments[why == "already_paid"]),
        awaiting_reissue=PAYMENTS.conform(payments[why == "awaiting_reissue"]),
        payment_keys=PAYMENT_KEYS.conform(keys[keys["payment_id"].isin(made)]),
    )
    payments = PAYMENTS.conform(payments[why == ""])
    sepa_files: Sequence[SepaFile] = ()
    text_changes: Sequence[NameChange] = ()
    if not _refused(findings, released):
        announce("sepa")
        written, files, changes, raised = write_sepa(
            payments,
            order,
            employer,
            rulebook.bank_profiles,
            request.created_at,
            replaces=replaced_by(keys, ledger.released),
        )
        findings += ruled_of_stage(raised, rulebook.controls, order)
        if not _refused(findings, released):
            payments, sepa_files, text_changes = written, files, changes
    payments, findings = told_once(payments, findings, rulebook.controls, released, held)
    _require_nothing_lost(rebuilt, payments, sepa_files)
    findings = with_cells(findings, rebuilt)
    run_id, inputs_digest = identity(
        order, request.inputs, rulebook.files, request.code_version, request.created_at
    )
    return Run(
        run_id=run_id,
        refused=_refused(findings, released),
        created_at=request.created_at,
        code_version=request.code_version,
        inputs_digest=inputs_digest,
        inputs=request.inputs,
        rules=rulebook.files,
        frames={
            **_rebuilt_frames(rebuilt, payments),
            "findings": FINDINGS.conform(
                findings_frame(findings, rulebook.controls, employer.language, verdicts.shown)
            ),
            "finding_words": _words_of(findings),
            "text_changes": _text_changes(text_changes),
        },
        sources=tables.summaries,
        sepa_files=tuple(sepa_files),
        backtest_facts=BacktestFacts(
            period=rebuilt.backtest.period,
            not_compared=rebuilt.backtest.not_compared,
            causes=rebuilt.backtest.causes,
        ),
    )


def _rebuilt_frames(rebuilt: Rebuilt, payments: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The record's frames of the rebuilt month; payments: those that this run makes or holds."""
    return {
        "payments": RECORD_PAYMENTS.conform(payments),
        "lines": _lines_of_payments(rebuilt),
        "line_sums": rebuilt.line_sums,
        "people": rebuilt.people,
        "payees": rebuilt.payees,
        "changes": rebuilt.changes,
        "not_carried_over": rebuilt.not_carried_over,
        "to_settle": rebuilt.to_settle,
        "receivables": rebuilt.receivables,
        "already_paid": RECORD_PAYMENTS.conform(rebuilt.already_paid),
        "awaiting_reissue": RECORD_PAYMENTS.conform(rebuilt.awaiting_reissue),
        "open_invoices": rebuilt.open_invoices,
        "adjustments": rebuilt.typed,
        "payment_keys": rebuilt.payment_keys,
        "backtest": rebuilt.backtest.rows,
    }


def _lines_of_payments(rebuilt: Rebuilt) -> pd.DataFrame:
    """RECORD_LINES: each line with the payment that its group made, '' where it made none."""
    group = ["stream", "payee_id", "payment_group"]
    keys = pd.MultiIndex.from_frame(rebuilt.payments[group])
    place = keys.get_indexer(pd.MultiIndex.from_frame(rebuilt.lines[group]))
    ids = [*rebuilt.payments["payment_id"].tolist(), ""]
    of_line = pd.Series([ids[row] for row in place.tolist()], rebuilt.lines.index, dtype=TEXT)
    return RECORD_LINES.conform(rebuilt.lines.assign(payment_id=of_line))


def _words_of(findings: Sequence[RuledFinding]) -> pd.DataFrame:
    return FINDING_WORDS.from_rows(
        {"finding_id": finding_id, "name": name, "value": value}
        for finding_id, params in {item.finding_id: item.params for item in findings}.items()
        for name, value in params.items()
    )


def _text_changes(changes: Sequence[NameChange]) -> pd.DataFrame:
    names = tuple(TEXT_CHANGES.columns)
    return TEXT_CHANGES.from_rows({name: getattr(item, name) for name in names} for item in changes)


def _refused(findings: Iterable[RuledFinding], released: Collection[str]) -> bool:
    """Whether a finding refuses the run that no decision has cleared."""
    return any(
        finding.severity is Severity.BLOCK and finding.finding_id not in released
        for finding in findings
    )


def _days(order: PayrunOrder) -> tuple[date, date]:
    """The day that dates what is earned, and the day that dates what is paid."""
    return order.period.last_day, order.pay_on(*STREAMS)


def build_backtest(request: RunRequest) -> tuple[Backtest, tuple[RuledFinding, ...]]:
    """Work out the last known month alone: the back-test, and what its controls find.

    Only the staff's sources are read. Raises PayrollError as `build_run`.
    """
    order = request.order
    staff = tuple(source for source in order.source if source.kind in STAFF_KINDS)
    salaries = order.section(SALARIES) or StreamOrder(pay_on=order.period.last_day, account="")
    order = order.model_copy(
        update={**dict.fromkeys(STREAMS), SALARIES.name: salaries, "source": staff}
    )
    rulebook = request.rulebook
    tables, _ = read_sources(order, request.inputs, rulebook.formats, read_answer)
    rebuilt, _ = rebuild(tables, order, rulebook, request.employer)
    data = CheckData(
        order=order,
        employer=request.employer,
        tables=tables,
        rebuilt=rebuilt,
        created_at=request.created_at,
    )
    controls = {
        key: control for key, control in rulebook.controls.items() if control.kind in OF_BACKTEST
    }
    return rebuilt.backtest, tuple(evaluate(data, controls))


def _require_nothing_lost(
    rebuilt: Rebuilt, payments: pd.DataFrame, files: Sequence[SepaFile]
) -> None:
    parts = (payments, rebuilt.already_paid, rebuilt.awaiting_reissue)
    same = int(rebuilt.payments["amount_cents"].sum()) == sum(
        int(part["amount_cents"].sum()) for part in parts
    )
    counted = len(rebuilt.payments) == sum(map(len, parts))
    require(same and counted, "a payment was lost or changed after rebuild")
    for file in files:
        rows = payments[payments["file"] == file.path]
        require(
            len(rows) == file.transactions and int(rows["amount_cents"].sum()) == file.total_cents,
            f"{file.path} does not hold what payments.csv says",
        )
