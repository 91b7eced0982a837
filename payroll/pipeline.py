"""The run as a table of contents: a request in, a Run out. Knows no disk and no clock.

Nothing that people look at is made here: payroll.publish turns a Run into documents.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from payroll.bank_status.recognise import read_answer
from payroll.checks.catalogue import OF_TOTALS
from payroll.checks.data import CheckData
from payroll.checks.decisions import Deciders, Verdicts, bound_to_payments, judge
from payroll.checks.engine import (
    apply_holds,
    evaluate,
    findings_frame,
    refuses,
    rules_of_holds,
    with_cells,
)
from payroll.checks.suppress_implied import told_once
from payroll.ingest.read import read_sources
from payroll.model.backtest import Backtest
from payroll.model.decisions import recorded
from payroll.model.errors import Said, UsageError
from payroll.model.findings import RuledFinding
from payroll.model.frames import PAYMENTS
from payroll.model.order import PayrunOrder
from payroll.model.refusals import seen
from payroll.model.released import PAYMENT_KEYS, LedgerExtract, reissue_of, reissued, replaced_by
from payroll.model.results import NameChange, Rebuilt, SepaFile
from payroll.model.sections import StreamOrder
from payroll.model.streams import SALARIES, STREAMS
from payroll.model.tables import SourceTables
from payroll.rebuild.month import rebuild
from payroll.rebuild.payment_keys import not_made, payment_keys
from payroll.rebuild.replaced import without_replaced
from payroll.record.assemble import assembled, backtest_facts, require_nothing_lost
from payroll.record.identity import identity
from payroll.record.run import Run, RunRequest, files_beside, ledger_extract
from payroll.rulebook.controls import Control
from payroll.rulebook.ruling import ruled_of_stage
from payroll.rulebook.shipped import other_than_shipped
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
    _require_known_lists(order, rulebook.controls)
    ledger = ledger_extract(request.inputs)
    ruled = partial(ruled_of_stage, controls=rulebook.controls, order=order)

    announce("ingest")
    tables, raised = read_sources(order, request.inputs, rulebook.formats, read_answer)
    findings = ruled(raised)
    adjustments = tables["adjustments"]
    tables, raised = without_replaced(tables)
    findings += ruled(raised)
    announce("rebuild")
    rebuilt, raised = rebuild(tables, order, rulebook, employer, ledger)
    findings += ruled(raised)
    keys = payment_keys(rebuilt.lines, rebuilt.payments, tables, order)
    announce("checks")
    deciders = Deciders(
        people=employer.people,
        prepared_by=order.prepared_by,
        payees=rebuilt.payees,
        adjustments=adjustments,
    )
    data = _check_data(request, tables, rebuilt)
    data = replace(data, stage_findings=tuple(findings), ledger=ledger, payment_keys=keys)
    findings, verdicts = _checked(data, request, deciders)
    findings += ruled(verdicts.findings)
    sources = tables.summaries
    del data, tables, deciders  # a third of the memory of a large run, which the rest does not need
    released, held = verdicts.released, verdicts.held
    payments = apply_holds(rebuilt.payments, findings, released, held)
    rebuilt, payments = _made_now(rebuilt, payments, keys, ledger)
    sepa_files: Sequence[SepaFile] = ()
    text_changes: Sequence[NameChange] = ()
    if not refuses(findings, released):
        announce("sepa")
        replaces = replaced_by(keys, ledger.released)
        written, files, changes, raised = write_sepa(
            payments, order, employer, rulebook.bank_profiles, request.created_at, replaces=replaces
        )
        findings += ruled(raised)
        if not refuses(findings, released):
            payments, sepa_files, text_changes = written, files, changes
    payments, findings = told_once(payments, findings, rulebook.controls, released, held)
    require_nothing_lost(rebuilt, payments, sepa_files)
    findings = with_cells(findings, rebuilt)
    run_id, inputs_digest = identity(
        order, request.inputs, rulebook.files, request.code_version, request.created_at
    )
    return Run(
        run_id=run_id,
        refused=refuses(findings, released),
        created_at=request.created_at,
        code_version=request.code_version,
        inputs_digest=inputs_digest,
        inputs=request.inputs,
        rules=rulebook.files,
        frames=assembled(
            rebuilt,
            payments,
            findings_frame(findings, rulebook.controls, employer.language, verdicts.shown),
            {item.finding_id: item.params for item in findings},
            text_changes,
        ),
        sources=sources,
        sepa_files=tuple(sepa_files),
        backtest_facts=backtest_facts(rebuilt.backtest),
    )


#: Lists that orders declare empty though no control asks for them.
_DECLARED_UNASKED = frozenset({"returners"})


def _require_known_lists(order: PayrunOrder, controls: Mapping[str, Control]) -> None:
    """Raise UsageError order_invalid for a list declared empty that there is not."""
    asked = {
        str(item.params["declared"]) for item in controls.values() if "declared" in item.params
    }
    known = sorted(asked | _DECLARED_UNASKED)
    for name in sorted(set(order.none_known).difference(known)):
        near = difflib.get_close_matches(name, known, 1) or ["-"]
        params = {"text": seen(name), "near": near[0], "known": ", ".join(known)}
        where = f"payrun.toml, [none_known] {params['text']}"
        raise UsageError("order_invalid", where=where, detail=(Said("field_unknown", params),))


def _check_data(request: RunRequest, tables: SourceTables, rebuilt: Rebuilt) -> CheckData:
    """What the controls look at, before anything of this run was found."""
    order, rulebook = request.order, request.rulebook
    days = order.period.last_day, order.pay_on(*STREAMS)  # of what is earned, of what is paid
    return CheckData(
        order=order,
        employer=request.employer,
        tables=tables,
        rebuilt=rebuilt,
        parameters=rulebook.parameters,
        created_at=request.created_at,
        value_status=rulebook.value_status(*days),
        value_source=rulebook.value_source(*days),
        values_behind=partial(rulebook.values_behind, law=rulebook.law(*days)),
        own_rules=other_than_shipped(rulebook.files),
        beside=files_beside(request.inputs),
    )


def _checked(
    data: CheckData, request: RunRequest, deciders: Deciders
) -> tuple[list[RuledFinding], Verdicts]:
    """(the findings of the stages and of all controls, what was decided on them).

    The totals come last: they count what is paid, not what another finding holds.
    """
    controls, decisions = request.rulebook.controls, recorded(request.inputs)
    totals = {key: control for key, control in controls.items() if control.kind in OF_TOTALS}
    others = {key: control for key, control in controls.items() if key not in totals}
    bound = partial(
        bound_to_payments, payments=data.rebuilt.payments, adjustments=deciders.adjustments
    )
    findings = bound([*data.stage_findings, *evaluate(data, others)])
    verdicts = judge(findings, decisions, controls, deciders)
    held = rules_of_holds(findings, verdicts.released, verdicts.held)
    findings += bound(evaluate(replace(data, held=frozenset(held)), totals))
    return findings, judge(findings, decisions, controls, deciders)


def _made_now(
    rebuilt: Rebuilt, payments: pd.DataFrame, keys: pd.DataFrame, ledger: LedgerExtract
) -> tuple[Rebuilt, pd.DataFrame]:
    """(the rebuilt month with what this run does not make, the payments that it makes or holds)."""
    why = not_made(payments, keys, ledger.released, reissue=ledger.reissue)
    made = payments.loc[why == "", "payment_id"]
    rebuilt = replace(
        rebuilt,
        already_paid=PAYMENTS.conform(payments[why == "already_paid"]),
        awaiting_reissue=PAYMENTS.conform(payments[why == "awaiting_reissue"]),
        payment_keys=PAYMENT_KEYS.conform(keys[keys["payment_id"].isin(made)]),
    )
    return rebuilt, PAYMENTS.conform(payments[why == ""])


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
