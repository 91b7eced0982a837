"""What makes a run that run: a digest over its inputs, its rules, the program and its creation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from payroll.model.order import PayrunOrder


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def inputs_digest_of(
    inputs: Mapping[str, bytes], rules: Mapping[str, bytes], code_version: str
) -> str:
    """SHA-256 over everything that decides a run but its recorded creation time.

    rules: by path, as in RuleBook.files.
    """
    return _digest(
        {
            "inputs": {name: sha256(content) for name, content in inputs.items()},
            "rulebook": {name: sha256(content) for name, content in rules.items()},
            "code": code_version,
        }
    )


def identity(
    order: PayrunOrder,
    inputs: Mapping[str, bytes],
    rules: Mapping[str, bytes],
    code_version: str,
    created_at: datetime,
) -> tuple[str, str]:
    """(run id `<period>-<digest6>`, digest of the inputs)."""
    inputs_digest = inputs_digest_of(inputs, rules, code_version)
    whole = _digest({"inputs": inputs_digest, "created_at": created_at.isoformat()})
    return f"{order.period}-{whole[:6]}", inputs_digest


def _digest(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode())
