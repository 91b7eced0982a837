"""The rules that shipped are in the program, so that no rules folder can speak for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from payroll import version
from payroll.rulebook.shipped import PACKED, shipped_rules
from tests.shipped import rule_files


def test_the_rules_in_the_program_are_those_of_the_rules_folder() -> None:
    same = dict(shipped_rules()) == dict(rule_files())
    assert same, "rules/ changed: .venv-dev/bin/python scripts/shipped_rules.py packs it anew"


def test_the_version_of_the_program_covers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "payroll"
    shutil.copytree(PACKED.parent, package / "rulebook")
    (package / "_rules" / "controls").mkdir(parents=True)
    monkeypatch.setattr(version, "__file__", str(package / "version.py"))
    before = version.code_version()
    version._own_digest.cache_clear()
    own = package / "_rules" / "controls" / "own.toml"
    own.write_bytes(b"# the folder that people may change: a run holds its rules itself")
    assert version.code_version() == before
    packed = package / "rulebook" / PACKED.name
    packed.write_bytes(packed.read_bytes() + b"\0")
    version._own_digest.cache_clear()
    assert version.code_version() != before
