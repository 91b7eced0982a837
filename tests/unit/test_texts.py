"""Every text that the code names stands in the catalogue, in three languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import payroll
from payroll.texts import LANGUAGES, catalogue

PACKAGE = Path(payroll.__file__).parent
#: text("id", ...), say("id", ...), data.say("id") ...; ids that are put together are left out.
_NAMED = re.compile(r"(?<![\w_])(?:text|say)\(\s*\"([a-z0-9_]+)\"")


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_texts_named_in_the_code_exist(path: Path) -> None:
    if path.parent.name == "demo" or "control.text(" in path.read_text("utf-8"):
        return  # Control.text names a parameter, not a text
    missing = [
        name
        for name in _NAMED.findall(path.read_text("utf-8"))
        if name not in catalogue() or set(LANGUAGES) - set(catalogue()[name])
    ]
    assert missing == []
