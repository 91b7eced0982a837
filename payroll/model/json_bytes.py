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
