"""A run as the files of its folder, and back: what is written is read back as the same run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from payroll.model.errors import require
from payroll.record.files import (
    INPUTS,
    RULEBOOK,
    StoredFrames,
    frame_files,
    require_whole,
    unreadable,
)
from payroll.record.manifest import MANIFEST, backtest_in, sepa_files_in, sources_in
from payroll.record.run import Run


def record_files(run: Run) -> dict[str, bytes]:
    """Every file of the record but the manifest: inputs, rules, frames and payment files.

    Raises InvariantError when the lines of a payment do not come to it.
    """
    require_lines_of_payments(run.frames)
    files = {f"{INPUTS}{name}": content for name, content in run.inputs.items()}
    files |= {f"{RULEBOOK}{name}": content for name, content in run.rules.items()}
    files |= frame_files(run.frames)
    files |= {item.path: item.content for item in run.sepa_files}
    return files


def read_run(manifest: Mapping[str, Any], files: Mapping[str, bytes], where: str) -> Run:
    """The run of a folder's manifest and files; frames and rules are read when asked for.

    where: the folder, for messages. Raises DamagedInputError run_file_unreadable, also for the
    folder of an older version of the program.
    """
    require_whole(files, where)
    with unreadable(where, MANIFEST):
        return Run(
            run_id=str(manifest["run_id"]),
            refused=bool(manifest["refused"]),
            created_at=datetime.fromisoformat(manifest["created_at"]),
            code_version=str(manifest["tool_version"]),
            inputs_digest=str(manifest["inputs_digest"]),
            inputs=files_below(files, INPUTS),
            rules=files_below(files, RULEBOOK),
            frames=StoredFrames(files, where),
            sources=sources_in(manifest),
            sepa_files=sepa_files_in(manifest, files),
            backtest_facts=backtest_in(manifest),
        )


def files_below(files: Mapping[str, bytes], prefix: str) -> dict[str, bytes]:
    """The files of a run below a folder, by their path in it."""
    return {
        name.removeprefix(prefix): content
        for name, content in files.items()
        if name.startswith(prefix)
    }


def require_lines_of_payments(frames: Mapping[str, pd.DataFrame]) -> None:
    """Raise InvariantError unless each payment, made or not, is the sum of its own lines."""
    made = ("payments", "already_paid", "awaiting_reissue")
    amounts = pd.concat([frames[name][["payment_id", "amount_cents"]] for name in made])
    lines = frames["lines"]
    sums = lines[lines["payment_id"] != ""].groupby("payment_id")["amount_cents"].sum()
    paid = amounts.set_index("payment_id")["amount_cents"]
    same = paid.index.is_unique and len(paid) == len(sums)
    require(
        same and bool((sums.reindex(paid.index) == paid).all()),
        "the lines of a payment do not come to it",
    )
