"""`payroll calc MONTH FILE`: gross to net alone, for checking by hand and for what-if."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import NEW_FILE, RULES_OPTION, print_json, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.calc import CalcResult
    from payroll.model.findings import Finding
    from payroll.model.period import Period
    from payroll.rulebook.book import RuleBook


@verb("calc")
@click.argument("month", metavar="MONTH")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=NEW_FILE, metavar="OUT.csv", help=help_text("option_calc_output")
)
@RULES_OPTION
def command(
    month: str,
    file: Path,
    *,
    output: Path | None,
    rules_path: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: every row computed; 1: rows left out; 3: a figure is missing; 4: damaged."""
    from payroll.atomic_files import replace_private_file
    from payroll.calc import calc
    from payroll.record.csv import csv_bytes
    from payroll.store import load_book, read_input

    language = lang or language_asked()
    period = _period(month)
    content = read_input(file)
    rulebook = load_book(rules=rules_path)
    result = calc(file.name, content, period, rulebook)
    table = csv_bytes(result.rows)
    if output is not None:
        replace_private_file(output, table, file)
    if as_json:
        print_json(_as_json(result, period, output, rulebook, language))
    elif output is not None:
        click.echo(str(output))
    else:
        click.echo(table, nl=False)
    _tell(result, period, rulebook, language)
    return 1 if result.left_out else 0


def _period(month: str) -> Period:
    from payroll.model.errors import UsageError
    from payroll.model.period import Period

    try:
        period = Period.parse(month)
        period.first_day  # noqa: B018 - there is no year 0
    except ValueError as error:
        raise UsageError("month_invalid", month=month) from error
    return period


def _words(finding: Finding, rulebook: RuleBook, language: str) -> tuple[str, str]:
    """What was found and what to do; a rule book without the rule leaves only its id."""
    from payroll.rulebook.wording import message, remedy

    control = rulebook.controls.get(finding.rule_id)
    if control is None:
        return f"{finding.subject_id} {finding.observed}", ""
    return message(control, finding.words, language), remedy(control, finding.words, language)


def _tell(result: CalcResult, period: Period, rulebook: RuleBook, language: str) -> None:
    from payroll.texts import text

    for finding in result.findings:
        words, to_do = _words(finding, rulebook, language)
        say(f"{finding.rule_id}  {words}")
        if finding.source:
            say(f"    {finding.source}")
        if to_do:
            say(f"    {text('remedy_mark', language)} {to_do}")
    say(text("calc_done", language, month=period, count=len(result.rows), left_out=result.left_out))
    if result.left_out:
        say(text("calc_next", language))


def _as_json(
    result: CalcResult, period: Period, output: Path | None, rulebook: RuleBook, language: str
) -> dict[str, object]:
    findings = []
    for finding in result.findings:
        words, to_do = _words(finding, rulebook, language)
        findings.append(
            {
                "rule_id": finding.rule_id,
                "severity": str(finding.severity),
                "subject_id": finding.subject_id,
                "observed": finding.observed,
                "limit": finding.limit,
                "source": finding.source,
                "message": words,
                "remedy": to_do,
            }
        )
    return {
        "month": str(period),
        "rows": result.rows.to_dict("records"),
        "left_out": result.left_out,
        "findings": findings,
        "file": str(output) if output else None,
    }
