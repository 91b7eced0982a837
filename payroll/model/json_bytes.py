"""JSON that somebody else may have changed: manifests, seals, the events of the ledger."""

from __future__ import annotations

import json
from typing import Any


def json_object(content: bytes | str) -> dict[str, Any]:
    """The object in it. Raises ValueError for anything else, however it is nested."""
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - one error for all that is none
    return found


def manifest_object(content: bytes) -> dict[str, Any]:
    """The manifest of a run in it. Raises ValueError for what names no run, files and rows."""
    found = json_object(content)
    whole = isinstance(found.get("run_id"), str) and _for_each(found.get("files"), str)
    if not whole or not _for_each(found.get("rows", {}), int):
        raise ValueError("no manifest of a run")
    return found


def _for_each(value: object, kind: type) -> bool:
    """Whether one thing of a kind is said for each file."""
    return isinstance(value, dict) and all(type(item) is kind for item in value.values())
