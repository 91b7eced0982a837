"""`payroll ledger verify`: find any row or byte of the ledger that is not as it was written."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import print_json, say, verb
from payroll.cli.main import help_text, language_asked


@click.group(name="ledger", help=help_text("ledger"), short_help=help_text("ledger"))
def command() -> None:
    """Hold the sub-verbs."""


@verb("ledger_verify")
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def verify(workspace: Path | None, lang: str | None, as_json: bool) -> int:
    """Exit code 0: intact; 1: something differs; 4: it cannot be opened."""
    from payroll.release.workspace import LEDGER, find_workspace, prove
    from payroll.texts import text

    language = lang or language_asked()
    found, (seq, head) = prove(find_workspace(workspace or Path.cwd()))
    if as_json:
        print_json(
            {
                "intact": not found,
                "events": seq,
                "head": head,
                "problems": [{"problem": what, "which": which} for what, which in found],
            }
        )
    for what, which in found:
        say(text(f"ledger_problem_{what}", language, which=which))
    if found:
        say(text("ledger_not_intact", language, count=len(found)))
        return 1
    say(text("ledger_intact", language, file=LEDGER, events=seq, head=head))
    return 0


command.add_command(verify, "verify")
