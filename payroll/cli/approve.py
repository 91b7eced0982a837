"""`payroll approve RUN --by NAME`: show what would be paid, then sign the manifest's digest."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import (
    PASSPHRASE_FILE,
    passphrase,
    print_json,
    progress,
    say,
    say_file,
    verb,
)
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.release.proven_run import ProvenRun
    from payroll.release.release import Approval

_LARGEST = 5


@verb("approve")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--by", required=True, metavar="NAME", help=help_text("option_approver"))
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
    from payroll.ledger.approvals import newly_listed
    from payroll.model.errors import UsageError
    from payroll.release.proven_run import prepare
    from payroll.release.release import approve_run, check_approver
    from payroll.store import read_input
    from payroll.texts import text

    language = lang or language_asked()
    with progress(language) as announce:
        proven = prepare(run, announce)
    check_approver(proven, by)
    _show(proven, language)
    given = key or os.environ.get("PAYROLL_KEY")
    if not given:
        raise UsageError("approve_key_missing")
    private = read_input(Path(given))
    if sys.stdin.isatty():
        click.confirm(text("approve_confirm", language), abort=True, err=True)
    words = passphrase(language, confirm=False, file=passphrase_file)
    approval = approve_run(proven, by, private, words)
    if as_json:
        print_json(_machine(proven, approval))
    say(
        text(
            "approve_done",
            language,
            by=approval.event.body["by"],
            run=proven.subject.run_id,
            digest=proven.subject.manifest_sha256,
        )
    )
    changed = newly_listed(proven.subject, approval.valid)
    if changed:
        say(text("approvers_changed", language, names=", ".join(changed)))
    if approval.needed:
        roles = ", ".join(approval.lacking_roles) or "-"
        say(text("approve_needed", language, count=approval.needed, roles=roles))
    else:
        say(text("approve_enough", language, run=run))
    return 0


def _show(proven: ProvenRun, language: str) -> None:
    """What the approver sees before signing: files, totals, held, changed accounts, the largest."""
    from payroll.release.release import changed_inputs
    from payroll.texts import text
    from payroll.texts.shown import euros_shown, iban_shown

    say(text("approve_title", language, run=proven.subject.run_id))
    for file in proven.files:
        digest = f"{file.sha256[:8]} … {file.sha256[-8:]}"
        say_file("approve_file", language, file, file=file.path, digest=digest)
    subject = proven.subject
    say(
        text(
            "approve_total",
            language,
            count=subject.payments,
            total=euros_shown(subject.total_cents, language),
        )
    )
    held = proven.held
    say(
        text(
            "approve_held",
            language,
            count=len(held),
            total=euros_shown(int(held["amount_cents"].sum()), language),
        )
    )
    changed = proven.changed_accounts
    say(text("approve_accounts", language, count=len({payee for payee, *_ in changed})))
    for payee, *accounts in changed:
        before, now = map(iban_shown, accounts)
        say(text("approve_account", language, payee=payee, before=before, now=now))
    largest = proven.payments.nlargest(_LARGEST, "amount_cents")
    amounts = [
        f"{payee} {euros_shown(int(cents), language)}"
        for payee, cents in zip(largest["payee_id"], largest["amount_cents"], strict=True)
    ]
    say(text("approve_largest", language, payments=" · ".join(amounts)))
    for line in _own_rules(proven, language):
        say(line)
    changed_since = changed_inputs(proven)
    if changed_since:
        say(text("approve_inputs_changed", language, files=", ".join(changed_since)))
    if not subject.prepared_by:
        say(text("approve_unknown_preparer", language))
    say(text("approve_digest", language, digest=subject.manifest_sha256))


def _own_rules(proven: ProvenRun, language: str) -> list[str]:
    """What differs from the rules that shipped, whichever folder the run's rules came from."""
    from payroll.rulebook.own_rules import days_of, own_rules
    from payroll.texts import text

    found = own_rules(proven.run.rules, days_of(proven.run.order))
    if not found:
        return [text("own_rules_none", language)]
    return [found.heading(language), *(f"    {line}" for line in found.lines(language))]


def _machine(proven: ProvenRun, approval: Approval) -> dict[str, object]:
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
    }
