"""`payroll reissue PAYRUN`: a run of only what the bank rejected or returned, with new ids."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from payroll.cli.common import PERSON_NAME, verb
from payroll.cli.main import help_text, language_asked


@verb("reissue")
@click.argument("payrun", type=click.Path(path_type=Path))
@click.option(
    "--pay-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help=help_text("option_pay_on"),
)
@click.option(
    "--created-at",
    type=click.DateTime(),
    metavar="YYYY-MM-DDTHH:MM:SS",
    help=help_text("option_created_at"),
)
@click.option(
    "--by", type=PERSON_NAME, default="", metavar="NAME", help=help_text("option_prepared_by")
)
def command(
    payrun: Path,
    *,
    pay_on: datetime | None,
    created_at: datetime | None,
    by: str,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit codes as `payroll run`; 3 too when nothing of the month has failed."""
    from payroll.cli.run import make_run
    from payroll.model.errors import PayrollError
    from payroll.model.released import reissue_of
    from payroll.rebuild.payment_keys import has_failed, periods
    from payroll.record.run import ledger_extract
    from payroll.release.ledger_input import to_reissue, with_ledger
    from payroll.release.workspace import person_if_named
    from payroll.store import load_book, load_payrun

    found = load_payrun(payrun)
    person = person_if_named(found.folder.parent, by)
    rulebook = load_book(found.folder.parent)
    found = with_ledger(found, rulebook)
    if not has_failed(ledger_extract(found.inputs).released, periods(found.order)):
        raise PayrollError("nothing_to_reissue", where=str(payrun))
    day: date | None = pay_on.date() if pay_on is not None else None
    found = to_reissue(found, day, person, created_at)
    again = reissue_of(found.inputs)
    created = again.created_at if again is not None else None
    return make_run(found, rulebook, created, lang or language_asked(), as_json=as_json)
