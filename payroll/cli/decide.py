"""`payroll decide RUN [FINDING]`: record who clears or upholds a finding, and on what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import PERSON_NAME, SEEN_LINE, print_json, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.model.decisions import Decision
    from payroll.release.decide import DecisionContext, Wish


@verb("decide")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("finding", required=False)
@click.option("--pay", is_flag=True)
@click.option("--hold", is_flag=True)
@click.option("--by", type=PERSON_NAME, default="", metavar="NAME")
@click.option("--reason", type=SEEN_LINE, default="", metavar="TEXT")
@click.option("--evidence", type=SEEN_LINE, default="", metavar="REF")
@click.option("--reissue", is_flag=True, help=help_text("option_of_reissue"))
@click.option(
    "--pay-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help=help_text("option_pay_on"),
)
@click.option("--from", "workbook", type=click.Path(path_type=Path), metavar="REVIEW.XLSX")
def command(
    run: Path,
    *,
    finding: str | None,
    pay: bool,
    hold: bool,
    by: str,
    reason: str,
    evidence: str,
    reissue: bool,
    pay_on: datetime | None,
    workbook: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Record decisions beside the pay-run's order; the run itself is never changed."""
    from payroll.model.errors import UsageError
    from payroll.release.decide import Wish, decide, decision_context
    from payroll.release.ledger_check import newer_run
    from payroll.texts import text

    language = lang or language_asked()
    if pay and hold:
        raise UsageError("decide_both")
    action = "pay" if pay else "hold" if hold else None
    day = pay_on.date() if pay_on is not None else None
    context = decision_context(run, reissue=reissue or day is not None, pay_on=day)
    if newer := newer_run(run):
        say(text("decide_newer", language, run=newer))
    if workbook is not None:
        wishes = _wishes_in(workbook)
    elif finding is None and action is None:
        return _list(context, language, as_json=as_json)
    elif finding is None or action is None:
        raise UsageError("decide_which")
    else:
        wishes = [Wish(finding=finding, action=action, by=by, reason=reason, evidence=evidence)]
    made = decide(context, wishes)
    if as_json:
        print_json([decision.model_dump(mode="json") for decision in made])
    _tell(context, made, language)
    return 0


def _wishes_in(workbook: Path) -> list[Wish]:
    from payroll.release.decide import wishes_of
    from payroll.store import read_input
    from payroll.views.workbook.decisions import read_sheet

    return wishes_of(read_sheet(workbook.name, read_input(workbook)), workbook.name)


def _list(context: DecisionContext, language: str, *, as_json: bool) -> int:
    """What waits for a decision, the gravest first."""
    from payroll.texts import text

    rows = [
        {str(key): str(value) for key, value in row.items()}
        for row in context.waiting(language).to_dict("records")
    ]
    if as_json:
        columns = ("finding_id", "rule_id", "severity", "subject_id", "stream", "message")
        print_json(
            [
                {name: row[name] for name in columns}
                | {
                    "override": context.control(row["rule_id"]).override,
                    "pays_nothing": context.pays_nothing(row),
                }
                for row in rows
            ]
        )
        return 0
    if not rows:
        say(text("decide_nothing", language))
        return 0
    say(text("decide_list", language, count=len(rows), run=context.named))
    for row in rows:
        level: str = context.control(row["rule_id"]).override
        level = "nothing" if context.pays_nothing(row) else level
        click.echo(
            f"{row['finding_id']}  {row['rule_id']:<9} {row['subject_id']:<12} "
            f"[{text(f'dec_level_{level}', language)}]"
        )
        click.echo(f"    {row['message']}")
    return 0


def _tell(context: DecisionContext, made: Sequence[Decision], language: str) -> None:
    from payroll.release.decide import still_asked
    from payroll.texts import text

    for decision in made:
        word = text(f"dec_action_{decision.action}", language)
        say(
            text(
                "decide_recorded",
                language,
                rule=decision.rule,
                payee=decision.subject,
                action=word,
                by=decision.by,
            )
        )
        if still_asked(context, made, decision):
            say(text("decide_waiting", language))
    say(text("decide_next", language, command=context.next_command))
