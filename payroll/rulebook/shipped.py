"""The rules as they shipped: part of the program, whatever lies in a rules/ folder of this PC."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

#: Made by scripts/shipped_rules.py; store.code_version covers it, and so the rules.
PACKED = Path(__file__).with_name("shipped_rules.zip")


@cache
def shipped_rules() -> Mapping[str, bytes]:
    """The bytes of each rule file by its path below rules/."""
    with zipfile.ZipFile(PACKED) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def other_than_shipped(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The rule files, as in RuleBook, that did not ship so: another, one more, or one missing."""
    shipped = shipped_rules()
    return tuple(
        name
        for name in sorted(files.keys() | shipped.keys())
        if files.get(name) != shipped.get(name)
    )
