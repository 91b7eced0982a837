"""Make command_line.py importable from the tests beside it; the fixture that calls a verb."""

from __future__ import annotations

import gc
import sys

import pytest

from payroll.cli.main import main
from tests.unit.cli.command_line import Done, Payroll


@pytest.fixture
def payroll(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Payroll:
    def call(*arguments: object, language: str = "en") -> Done:
        monkeypatch.setenv("PAYROLL_LANG", language)
        monkeypatch.setattr(sys, "argv", ["payroll", *map(str, arguments)])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        gc.enable()  # `run` ends it
        out, err = capfdbinary.readouterr()
        return Done(int(caught.value.code or 0), out, err.decode())

    return call
