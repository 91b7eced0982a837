"""The run as a table of contents: bytes in, bytes out. Knows no disk and no clock."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

import pandas as pd

from payroll import __version__
from payroll.bank_status.recognise import read_answer
from payroll.checks.data import CheckData
from payroll.checks.decisions import judge
from payroll.checks.engine import apply_holds, evaluate, findings_frame, in_force, with_cells
from payroll.checks.suppress_implied import told_once
from payroll.ingest.read import read_sources
from payroll.model.backtest import Backtest
from payroll.model.decisions import recorded
from payroll.model.errors import require
from payroll.model.findings import Finding, Severity
from payroll.model.frames import PAYMENTS, rows_of
from payroll.model.order import Employer, PayrunOrder
from payroll.model.released import CLAIMS, PAYMENT_KEYS, REISSUE, reissue_of, reissued, replaced_by
from payroll.model.results import NameChange, Rebuilt, SepaFile
from payroll.model.sections import StreamOrder
from payroll.model.streams import SALARIES, STREAMS
from payroll.model.tables import SourceTables
from payroll.rebuild.month import rebuild
from payroll.rebuild.payment_keys import not_made, payment_claims
from payroll.record.csv_files import csv_bytes, known_of
from payroll.record.totals import summary_rows
from payroll.rulebook.book import RuleBook
from payroll.sepa.facts import file_facts
from payroll.sepa.files import write_sepa
from payroll.views.control_sheet.sheet import build_control_sheet
from payroll.views.page.page import build_page
from payroll.views.review_data import display_names, titles_of
from payroll.views.workbook.workbook import ReviewData, build_workbook

#: The sources and the control kinds that a back-test needs.
STAFF_KINDS = ("employees", "register_totals", "register_lines", "adjustments")
OF_BACKTEST = ("known_month_unexplained", "backtest_agreement")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Everything a run is a function of. `created_at` is recorded, never read from a clock here.

    code_version: version and digest of the program, so that changed code makes another run.
    """

    order: PayrunOrder
    employer: Employer
    inputs: Mapping[str, bytes]
    rulebook: RuleBook
    created_at: datetime
    code_version: str = __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutput:
    """What a run came to. A refused run (a block finding) has no files."""

    run_id: str
    refused: bool
    payments: pd.DataFrame
    rebuilt: Rebuilt
    findings: pd.DataFrame
    blocks: tuple[Finding, ...]
    sepa_files: tuple[SepaFile, ...]
    files: Mapping[str, bytes]
    timings: Mapping[str, float] = field(default_factory=dict)  # seconds per stage


class _Stages:
    """Tells the caller which stage begins and keeps how long each took."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self._announce(name)
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun


def build_run(
    request: RunRequest, announce: Callable[[str], None] = lambda _stage: None
) -> RunOutput:
    """Rebuild the month, check it, write the bank files and the review: one pure function.

    Raises PayrollError when the run cannot go on. A block finding does not raise: the output is
    marked refused and carries every finding, but no payment file.
    """
    again = reissue_of(request.inputs)
    if again is not None:
        request = replace(request, order=reissued(request.order, again))
    order, employer, rulebook = request.order, request.employer, request.rulebook
    language = employer.language
    known = known_of(request.inputs)
    stage = _Stages(announce)

    with stage("ingest"):
        tables, findings = read_sources(order, request.inputs, rulebook.formats, read_answer)
    with stage("rebuild"):
        rebuilt, rebuild_findings = rebuild(tables, order, rulebook, employer, known)
        findings += rebuild_findings
        claims = payment_claims(rebuilt.lines, rebuilt.payments, tables, order)
    with stage("checks"):
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
            known=known,
            claims=claims,
        )
        findings += evaluate(data, rulebook.controls)
        verdicts = judge(
            findings, recorded(request.inputs), rulebook.controls, tables["adjustments"]
        )
        findings += verdicts.findings
        released, held = verdicts.released, verdicts.held
        payments = apply_holds(rebuilt.payments, findings, released, held)
        why = not_made(payments, claims, known.released, reissue=known.reissue)
        made = payments.loc[why == "", "payment_id"]
        rebuilt = replace(
            rebuilt,
            left_out=PAYMENTS.conform(payments[why == "released"]),
            set_aside=PAYMENTS.conform(payments[why == "aside"]),
            claims=CLAIMS.conform(claims[claims["payment_id"].isin(made)]),
        )
        payments = PAYMENTS.conform(payments[why == ""])
    blocks = tuple(
        finding
        for finding in findings
        if finding.severity is Severity.BLOCK and finding.finding_id not in released
    )
    refused = bool(blocks)
    sepa_files: list[SepaFile] = []
    name_changes: list[NameChange] = []
    if not refused:
        with stage("sepa"):
            payments, sepa_files, name_changes, sepa_findings = write_sepa(
                payments,
                order,
                employer,
                rulebook.bank_profiles,
                request.created_at,
                replaces=replaced_by(claims, known.released),
            )
            findings += in_force(sepa_findings, rulebook.controls, order)
    payments, findings = told_once(payments, findings, rulebook.controls, released, held)
    _require_nothing_lost(rebuilt, payments, sepa_files)
    findings = with_cells(findings, rebuilt)
    told = findings_frame(findings, rulebook.controls, language, verdicts.shown)
    run_id, inputs_digest = identify(request)
    output = RunOutput(
        run_id=run_id,
        refused=refused,
        payments=payments,
        rebuilt=rebuilt,
        findings=told,
        blocks=blocks,
        sepa_files=tuple(sepa_files),
        files={},
        timings=stage.seconds,
    )
    if refused:
        return output
    with stage("review"):
        shown = _review_data(request, output, tables, name_changes, inputs_digest)
        review = _review(shown)
    with stage("files"):
        files = _run_files(request, output, review)
        files["manifest.json"] = _manifest(request, output, tables, files, inputs_digest)
    return replace(output, files=files)


def _days(order: PayrunOrder) -> tuple[date, date]:
    """The day that dates what is earned, and the day that dates what is paid."""
    return order.period.last_day, order.pay_on(*STREAMS)


def build_backtest(request: RunRequest) -> tuple[Backtest, tuple[Finding, ...]]:
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


def inputs_digest_of(inputs: Mapping[str, bytes], rulebook: RuleBook, code_version: str) -> str:
    """SHA-256 over everything that decides a run but its recorded creation time."""
    return _inputs_digest(inputs, rulebook.files, code_version)


def _inputs_digest(
    inputs: Mapping[str, bytes], rules: Mapping[str, bytes], code_version: str
) -> str:
    return _digest(
        {
            "inputs": {name: _sha256(content) for name, content in inputs.items()},
            "rulebook": {name: _sha256(content) for name, content in rules.items()},
            "code": code_version,
        }
    )


def identify(request: RunRequest) -> tuple[str, str]:
    """(run id `<period>-<digest6>`, digest of the inputs)."""
    return identity(
        request.order,
        request.inputs,
        request.rulebook.files,
        request.code_version,
        request.created_at,
    )


def identity(
    order: PayrunOrder,
    inputs: Mapping[str, bytes],
    rules: Mapping[str, bytes],
    code_version: str,
    created_at: datetime,
) -> tuple[str, str]:
    """As identify, of a run of which only the bytes are at hand. rules: by path, as in RuleBook."""
    inputs_digest = _inputs_digest(inputs, rules, code_version)
    whole = _digest({"inputs": inputs_digest, "created_at": created_at.isoformat()})
    return f"{order.period}-{whole[:6]}", inputs_digest


def _require_nothing_lost(rebuilt: Rebuilt, payments: pd.DataFrame, files: list[SepaFile]) -> None:
    parts = (payments, rebuilt.left_out, rebuilt.set_aside)
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


def _review_data(
    request: RunRequest,
    output: RunOutput,
    tables: SourceTables,
    changes: list[NameChange],
    inputs_digest: str,
) -> ReviewData:
    return ReviewData(
        language=request.employer.language,
        employer_name=request.employer.name,
        period=str(request.order.period),
        run_id=output.run_id,
        reissue=REISSUE in request.inputs,
        created_at=request.created_at,
        payments=output.payments,
        rebuilt=output.rebuilt,
        findings=output.findings,
        summaries=tables.summaries,
        files=output.sepa_files,
        name_changes=tuple(changes),
        names=display_names(tables),
        overrides={key: item.override for key, item in request.rulebook.controls.items()},
        sites={
            ("employee", key): site
            for key, site in rows_of(tables["employees"], "employee_id", "site")
            if site
        },
        titles=titles_of(request.rulebook, request.employer.language),
        unverified=tuple(
            sorted(output.findings.loc[output.findings["rule_id"] == "PARAM-001", "observed"])
        ),
        tables=tables,
        order=request.order,
        employer=request.employer,
        rulebook=request.rulebook,
        inputs_digest=inputs_digest,
        code_version=request.code_version,
    )


def _review(shown: ReviewData) -> dict[str, bytes]:
    """What people look at; the control sheet from the bytes of each file, re-read one by one."""
    reread = (file_facts(file.path, file.content) for file in shown.files)
    return {
        "review.xlsx": build_workbook(shown),
        "review.html": build_page(shown),
        "control-sheet.pdf": build_control_sheet(shown, reread),
    }


def _run_files(
    request: RunRequest, output: RunOutput, review: Mapping[str, bytes]
) -> dict[str, bytes]:
    lines = output.rebuilt.lines
    internal = {"payment_group"}
    files = {f"inputs/{name}": content for name, content in request.inputs.items()}
    files |= {f"rulebook/{name}": content for name, content in request.rulebook.files.items()}
    files["lines.csv"] = csv_bytes(lines.drop(columns=["payment_group", "legal_nature"]))
    payment_columns = [name for name in PAYMENTS.columns if name not in internal]
    files["payments.csv"] = csv_bytes(output.payments[payment_columns])
    files["findings.csv"] = csv_bytes(output.findings)
    files[PAYMENT_KEYS] = csv_bytes(output.rebuilt.claims)
    files |= review
    files |= {item.path: item.content for item in output.sepa_files}
    return files


def _manifest(
    request: RunRequest,
    output: RunOutput,
    tables: SourceTables,
    files: Mapping[str, bytes],
    inputs_digest: str,
) -> bytes:
    manifest = {
        "run_id": output.run_id,
        "tool_version": request.code_version,
        "period": str(request.order.period),
        "created_at": request.created_at.isoformat(),
        "prepared_by": _preparers(request.order, tables),
        "reissue": REISSUE in request.inputs,
        "inputs_digest": inputs_digest,
        "decisions": [
            {
                "finding": item.finding,
                "rule": item.rule,
                "subject": item.subject,
                "action": item.action,
                "by": item.by,
                "at": item.at.isoformat(),
            }
            for item in recorded(request.inputs)
        ],
        "totals": stream_totals(output),
        "backtest": dict(output.rebuilt.backtest.headline()),
        "sources": [
            {
                "kind": item.kind,
                "file": item.file,
                "sheet": item.sheet,
                "sha256": item.sha256,
                "encoding": item.encoding,
                "header_row": item.header_row,
                "rows_read": item.rows_read,
                "rows_used": item.rows_used,
                "rows_excluded": item.rows_excluded,
                "totals_cents": dict(item.totals_cents),
                "excluded_cents": dict(item.excluded_cents),
            }
            for item in tables.summaries
        ],
        "sepa": [
            {
                "path": item.path,
                "message_id": item.message_id,
                "account": item.account_id,
                "execution_date": item.execution_date,
                "transactions": item.transactions,
                "total_cents": item.total_cents,
                "sha256": item.sha256,
            }
            for item in output.sepa_files
        ],
        "files": {name: _sha256(files[name]) for name in sorted(files)},
    }
    return (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _preparers(order: PayrunOrder, tables: SourceTables) -> list[str]:
    """Who prepared the run or typed an adjustment of it, and so may not approve it."""
    names = [order.prepared_by, *tables["adjustments"]["entered_by"].tolist()]
    return sorted({name.strip() for name in names} - {""})


def stream_totals(output: RunOutput) -> dict[str, dict[str, int]]:
    """Per stream: how many and how much (cents) is paid, held and to be recovered."""
    rows = summary_rows(output.payments, output.rebuilt.receivables)
    return {row.stream: row.counts() for row in rows if row.stream in STREAMS}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(value: object) -> str:
    return _sha256(json.dumps(value, sort_keys=True).encode())
