"""`payroll rules lint|list|explain`: read and check the rule book."""

from __future__ import annotations

import difflib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import print_json, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.rulebook.book import RuleBook

#: A figure not looked at for this long is called stale.
STALE_DAYS = 400

RULES_OPTION = click.option("--rules", "rules_path", type=click.Path(path_type=Path), metavar="DIR")


@click.group(name="rules", help=help_text("rules"), short_help=help_text("rules").split("\n")[0])
def command() -> None:
    """Hold the three sub-verbs."""


def _load(rules_path: Path | None) -> RuleBook:
    from payroll.rulebook.book import load_rulebook
    from payroll.store import load_rule_files, rules_folder

    return load_rulebook(load_rule_files(rules_path or rules_folder()))


@verb("rules_lint")
@RULES_OPTION
def lint(rules_path: Path | None, lang: str | None, as_json: bool) -> int:
    """Load everything; then tell what is unverified or not checked for long."""
    from payroll.store import now
    from payroll.texts import text

    language = lang or language_asked()
    book = _load(rules_path)
    oldest = now().date() - timedelta(days=STALE_DAYS)
    checked = {rule_id: rule.checked_on for rule_id, rule in book.parameters.items()}
    checked |= {rule_id: rule.checked_on for rule_id, rule in book.controls.items()}
    stale = {rule_id: day for rule_id, day in checked.items() if day < oldest}
    unverified = [
        (rule_id, value.from_)
        for rule_id, rule in book.parameters.items()
        for value in rule.values
        if value.status == "unverified"
    ]
    counts = {
        "files": len(book.files),
        "parameters": len(book.parameters),
        "controls": len(book.controls),
    }
    if as_json:
        print_json(
            counts
            | {
                "stale": {rule_id: str(day) for rule_id, day in stale.items()},
                "unverified": [[rule_id, str(day)] for rule_id, day in unverified],
            }
        )
    for rule_id, day in sorted(stale.items()):
        say(text("rules_stale", language, id=rule_id, day=day, days=STALE_DAYS))
    for rule_id, day in sorted(unverified):
        say(text("rules_unverified", language, id=rule_id, day=day))
    say(text("rules_ok", language, **counts))
    return 0


@verb("rules_list")
@RULES_OPTION
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD")
def list_rules(
    rules_path: Path | None,
    at: datetime | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Print one line per parameter in force at the date, then one per control."""
    from payroll.store import now

    language = lang or language_asked()
    day = (at or now()).date()
    book = _load(rules_path)
    parameters = [
        _parameter_row(book, parameter_id, day) for parameter_id in sorted(book.parameters)
    ]
    controls = [
        {
            "id": control_id,
            "severity": str(control.severity),
            "kind": control.kind,
            "title": control.title[language],
        }
        for control_id, control in sorted(book.controls.items())
    ]
    if as_json:
        print_json({"at": str(day), "parameters": parameters, "controls": controls})
        return 0
    for row in parameters:
        click.echo(f"{row['id']:<44} {row['value']:>18}  {row['status']:<10} {row['unit']}")
    for control in controls:
        click.echo(f"{control['id']:<10} {control['severity']:<6} {control['title']}")
    return 0


def _parameter_row(book: RuleBook, parameter_id: str, day: date) -> dict[str, str]:
    parameter = book.parameters[parameter_id]
    found = [item for item in parameter.values if item.from_ <= day]
    if not found or found[-1].ended:
        return {"id": parameter_id, "value": "-", "status": "-", "unit": parameter.unit}
    return {
        "id": parameter_id,
        "value": shown_value(found[-1].value),
        "status": found[-1].status,
        "unit": parameter.unit,
    }


def shown_value(value: object) -> str:
    """A parameter's exact value as a decimal where it is one, else as it stands."""
    from decimal import Decimal
    from fractions import Fraction

    if isinstance(value, Fraction):
        decimal = Decimal(value.numerator) / Decimal(value.denominator)
        return f"{decimal.normalize():f}"
    return str(value)


@verb("rules_explain")
@click.argument("rule_id")
@RULES_OPTION
def explain(rule_id: str, rules_path: Path | None, lang: str | None, as_json: bool) -> int:
    """Print a control's or a parameter's words, values and sources."""
    from payroll.model.errors import UsageError

    language = lang or language_asked()
    book = _load(rules_path)
    if rule_id in book.controls:
        facts = _control_facts(book, rule_id, language)
    elif rule_id in book.parameters:
        facts = _parameter_facts(book, rule_id, language)
    else:
        known = [*book.controls, *book.parameters]
        near = ", ".join(difflib.get_close_matches(rule_id, known, n=3, cutoff=0.3) or known[:3])
        raise UsageError("rule_unknown", id=rule_id, near=near)
    if as_json:
        print_json(dict(facts))
    else:
        for label, value in facts:
            click.echo(f"{label}: {value}" if label else value)
    return 0


def _control_facts(book: RuleBook, rule_id: str, language: str) -> list[tuple[str, str]]:
    from payroll.texts import text

    control = book.controls[rule_id]
    return [
        ("", f"{rule_id}  {control.title[language]}"),
        (text("rule_severity", language), text(f"severity_{control.severity}", language)),
        ("kind", control.kind),
        ("params", ", ".join(f"{key} = {value}" for key, value in control.params.items()) or "-"),
        ("", control.message[language]),
        (text("rule_remedy", language), control.remedy[language]),
        (text("rule_override", language), control.override),
        (text("rule_source", language), control.source),
        (text("rule_checked", language), str(control.checked_on)),
    ]


def _parameter_facts(book: RuleBook, rule_id: str, language: str) -> list[tuple[str, str]]:
    from payroll.texts import text

    parameter = book.parameters[rule_id]
    facts = [
        ("", f"{rule_id}  {parameter.title[language]}"),
        (text("rule_checked", language), str(parameter.checked_on)),
        (text("rule_values", language), parameter.unit),
    ]
    facts += [
        (f"  {item.from_}", f"{shown_value(item.value)}  [{item.status}] {item.source}")
        for item in parameter.values
    ]
    return facts


command.add_command(lint, "lint")
command.add_command(list_rules, "list")
command.add_command(explain, "explain")
