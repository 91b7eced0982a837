"""`payroll approve RUN --by NAME`: show what would be paid, then sign the manifest's digest."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import (
    PASSPHRASE_FILE,
    PERSON_NAME,
    never_collect,
    passphrase,
    print_json,
    progress,
    say,
    verb,
)
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.ledger.enrolment import Enrolment
    from payroll.release.approval_facts import ApprovalFacts
    from payroll.release.proven_run import ProvenRun
    from payroll.release.release import Approval


@verb("approve")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--by", type=PERSON_NAME, required=True, metavar="NAME", help=help_text("option_approver")
)
@click.option(
    "--key", type=click.Path(path_type=Path), metavar="FILE", help=help_text("option_private_key")
)
@PASSPHRASE_FILE
def command(
    run: Path,
    *,
    by: str,
    key: Path | None,
    passphrase_file: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: approved; 3: this person may not approve it; 4: the run is not intact."""
    from payroll.cli.approve_screen import show
    from payroll.model.errors import UsageError
    from payroll.release.approval_facts import approval_facts
    from payroll.release.proven_run import prepare
    from payroll.release.release import approve_run, check_approver
    from payroll.store import read_input
    from payroll.texts import text

    language = lang or language_asked()
    never_collect()
    with progress(language) as announce:
        proven = prepare(run, announce)
        check_approver(proven, by, announce)
    facts = approval_facts(proven)
    show(proven, facts, language)
    given = key or os.environ.get("PAYROLL_KEY")
    if not given:
        raise UsageError("approve_key_missing")
    private = read_input(Path(given))
    if sys.stdin.isatty():
        click.confirm(text("approve_confirm", language), abort=True, err=True)
    words = passphrase(language, confirm=False, file=passphrase_file)
    approval = approve_run(proven, by, private, words)
    if as_json:
        print_json(_machine(proven, approval, facts))
    say(
        text(
            "approve_done",
            language,
            by=approval.event.body["by"],
            run=proven.subject.run_id,
            digest=proven.subject.manifest_sha256,
        )
    )
    if approval.needed:
        roles = ", ".join(approval.lacking_roles) or "-"
        say(text("approve_needed", language, count=approval.needed, roles=roles))
    else:
        say(text("approve_enough", language, run=run))
    return 0


def _machine(proven: ProvenRun, approval: Approval, facts: ApprovalFacts) -> dict[str, object]:
    from payroll.ledger.approvals import shown

    subject = proven.subject
    return {
        "run_id": subject.run_id,
        "manifest_sha256": subject.manifest_sha256,
        "payments": subject.payments,
        "total_cents": subject.total_cents,
        "approvals": shown(approval.valid),
        "needed": approval.needed,
        "lacking_roles": list(approval.lacking_roles),
        "enrolled": [_enrolled(item) for item in facts.enrolled],
        "enrolled_by_one": [_enrolled(item) for item in facts.alone],
        "not_enrolled": [_enrolled(item) for item in facts.strangers],
        "employer_since_release": [list(item) for item in facts.since_release],
        "employer_since_run": [list(item) for item in facts.since_run],
        "rests_on": [
            {"file": item.name, "brought_by": item.by, "sha256": item.sha256}
            for item in facts.rests_on
        ],
    }


def _enrolled(item: Enrolment) -> dict[str, str]:
    from payroll.ledger.keys import fingerprint

    return {
        "name": item.name,
        "role": item.role,
        "fingerprint": fingerprint(item.public_key),
        "by": item.by,
        "at": item.at,
    }
