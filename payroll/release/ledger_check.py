"""A run folder against what the ledger recorded of it, and among the other runs of its month."""

from __future__ import annotations

import hashlib
from pathlib import Path

from payroll.model.errors import DamagedInputError, UsageError
from payroll.model.json_bytes import json_object
from payroll.record.manifest import MANIFEST
from payroll.release.workspace import reading, workspace_of
from payroll.store import RunFolder, read_input


def differs_from_ledger(stored: RunFolder) -> list[tuple[str, str]]:
    """Files of a run that are not those the ledger knows: (path, 'not_recorded'), sorted.

    The manifest is the one that was released, else one that somebody approved; a run that nobody
    approved yet, or that lies outside a workspace, is not compared. Raises DamagedInputError as
    `reading`.
    """
    run_id = stored.folder.resolve().name
    try:
        workspace = workspace_of(stored.folder)
    except UsageError:
        return []
    with reading(workspace) as ledger:
        if ledger is None:
            return []
        events = ledger.events("kind IN ('prepared', 'released') AND run_id = ?", run_id)
        files = ledger.connection.execute(
            "SELECT path, sha256 FROM file WHERE run_id = ?", (run_id,)
        ).fetchall()
    released = [event for event in events if event.kind == "released"]
    known = {event.body.get("manifest_sha256") for event in released or events}
    problems = {
        str(path)
        for path, digest in files
        if hashlib.sha256(stored.files.get(str(path), b"")).hexdigest() != digest
    }
    if known and stored.manifest_sha256 not in known:
        problems.add(MANIFEST)
    return sorted((name, "not_recorded") for name in problems)


def newer_run(run: Path) -> str:
    """The newest run of the same pay-run that was made after this one; '' when there is none."""
    own = run.resolve().name
    made: dict[str, str] = {}
    for manifest in run.resolve().parent.glob(f"*/{MANIFEST}"):
        try:
            made[manifest.parent.name] = str(json_object(read_input(manifest))["created_at"])
        except (DamagedInputError, ValueError, KeyError, TypeError):
            continue  # a damaged neighbour is for `verify` to report
    newest = max(made, key=lambda name: (made[name], name), default=own)
    return newest if own in made and made[newest] > made[own] else ""
