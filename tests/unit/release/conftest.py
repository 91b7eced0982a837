"""A small run folder, as `payroll run` would leave it, and the keys of two people."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from payroll.ledger.keys import new_key
from payroll.store import write_run
from tests.unit.release.run_samples import FILES, PHRASE, RUN_ID, Person


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """WORKSPACE/2022-05/runs/<run id>."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    manifest = {"run_id": RUN_ID, "created_at": "2022-05-23T09:00:00", "files": digests}
    files = {**FILES, "manifest.json": json.dumps(manifest).encode()}
    return write_run(tmp_path / "w" / "2022-05" / "runs", RUN_ID, files)[0]


@pytest.fixture(scope="session")
def anne(tmp_path_factory: pytest.TempPathFactory) -> Person:
    private, public = new_key(PHRASE, rounds=4)
    file = tmp_path_factory.mktemp("anne") / "anne.key"
    file.write_bytes(private)
    file.with_name("anne.key.pub").write_text(f"{public} Anne Fictive\n", "utf-8")
    return Person(file, public)
