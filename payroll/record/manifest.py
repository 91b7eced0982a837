"""manifest.json: what a run was made of, what it came to, and the digest of each of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from payroll.model.backtest import Cause
from payroll.model.decisions import recorded
from payroll.model.results import SepaFile
from payroll.model.streams import STREAMS
from payroll.model.tables import SourceSummary
from payroll.record.files import FRAMES, file_of
from payroll.record.identity import sha256
from payroll.record.run import BacktestFacts, Run
from payroll.record.totals import summary_rows

MANIFEST = "manifest.json"


def manifest_bytes(run: Run, files: Mapping[str, bytes]) -> bytes:
    """The manifest over every other file of the run folder."""
    facts = run.backtest_facts
    manifest = {
        "run_id": run.run_id,
        "refused": run.refused,
        "tool_version": run.code_version,
        "period": str(run.order.period),
        "created_at": run.created_at.isoformat(),
        "prepared_by": preparers(run),
        "reissue": run.reissue,
        "inputs_digest": run.inputs_digest,
        "decisions": [
            {
                "finding": item.finding,
                "rule": item.rule,
                "subject": item.subject,
                "action": item.action,
                "by": item.by,
                "at": item.at.isoformat(),
            }
            for item in recorded(run.inputs)
        ],
        "totals": stream_totals(run),
        "backtest": {
            **run.backtest.headline(),
            "period": facts.period,
            "causes": [asdict(cause) for cause in facts.causes],
        },
        "sources": [_source(item) for item in run.sources],
        "sepa": [
            {
                "path": item.path,
                "stream": item.stream,
                "message_id": item.message_id,
                "account": item.account_id,
                "debtor_iban": item.debtor_iban,
                "execution_date": item.execution_date,
                "transactions": item.transactions,
                "total_cents": item.total_cents,
                "sha256": item.sha256,
            }
            for item in run.sepa_files
        ],
        "rows": {file_of(name): len(run.frames[name]) for name in FRAMES},
        "files": {name: sha256(files[name]) for name in sorted(files)},
    }
    return (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _source(item: SourceSummary) -> dict[str, object]:
    return {
        **asdict(item),
        "totals_cents": dict(item.totals_cents),
        "excluded_cents": dict(item.excluded_cents),
    }


def sources_in(manifest: Mapping[str, Any]) -> tuple[SourceSummary, ...]:
    """What each source file gave. Raises KeyError or TypeError for no such manifest."""
    return tuple(SourceSummary(**item) for item in manifest["sources"])


def sepa_files_in(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[SepaFile, ...]:
    """The payment files with their bytes. Raises KeyError or TypeError."""
    return tuple(
        SepaFile(
            account_id=item["account"],
            content=files[item["path"]],
            **{name: value for name, value in item.items() if name != "account"},
        )
        for item in manifest["sepa"]
    )


def backtest_in(manifest: Mapping[str, Any]) -> BacktestFacts:
    """What the back-test says beside its rows. Raises KeyError or TypeError."""
    found = manifest["backtest"]
    return BacktestFacts(
        period=found["period"],
        not_compared=found["not_compared"],
        causes=tuple(Cause(**item) for item in found["causes"]),
    )


def preparers(run: Run) -> list[str]:
    """Who prepared the run or typed an adjustment of it, and so may not approve it."""
    names = [run.order.prepared_by, *run.frames["adjustments"]["entered_by"].tolist()]
    return sorted({name.strip() for name in names} - {""})


def stream_totals(run: Run) -> dict[str, dict[str, int]]:
    """Per stream: how many and how much (cents) is paid, held and to be recovered."""
    rows = summary_rows(run.payments, run.frames["receivables"])
    return {row.stream: row.counts() for row in rows if row.stream in STREAMS}
