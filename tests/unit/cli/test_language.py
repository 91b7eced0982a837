"""The language asked for: one that nobody knows is refused, never taken for French."""

from __future__ import annotations

import pytest

from tests.unit.cli.command_line import Payroll


def test_a_language_that_is_not_known_is_refused_with_those_that_are(payroll: Payroll) -> None:
    done = payroll("rules", "lint", language="FR")
    assert (done.code, done.stdout) == (2, b"")
    assert done.stderr.startswith("PAYROLL_LANG : ")
    assert "FR" in done.stderr
    assert "fr, nl, en" in done.stderr


@pytest.mark.parametrize(
    ("variable", "arguments", "words"),
    [
        ("FR", ("--lang", "en"), "pay codes"),
        ("FR", ("--lang=nl",), "looncodes"),
        ("", (), "codes salaire"),
    ],
)
def test_what_the_command_says_comes_first(
    payroll: Payroll, variable: str, arguments: tuple[str, ...], words: str
) -> None:
    done = payroll("rules", "lint", *arguments, language=variable)
    assert done.code == 0
    assert words in done.text + done.stderr
