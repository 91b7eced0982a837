"""What `payroll approve` shows before it asks for a key: the payments, and who may sign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from payroll.cli.bank import answer_line
from payroll.cli.common import say, say_file
from payroll.texts import text
from payroll.texts.shown import euros_shown, iban_shown

if TYPE_CHECKING:
    from payroll.ledger.employer_facts import Difference
    from payroll.ledger.enrolment import Enrolment
    from payroll.release.approval_facts import ApprovalFacts
    from payroll.release.proven_run import ProvenRun

_LARGEST = 5


def show(proven: ProvenRun, facts: ApprovalFacts, language: str) -> None:
    """What the approver sees before signing: files, totals, held, changed accounts, the largest."""
    from payroll.release.guards import changes_since

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
    changes = changes_since(proven)
    if changes.files:
        say(text("approve_inputs_changed", language, files=", ".join(changes.files)))
    if changes.payees:
        say(text("approve_payees_changed", language, payees=", ".join(changes.payees)))
    if facts.rests_on:
        say(text("approve_rests_on", language))
        for item in facts.rests_on:
            say(answer_line(item, language))
    _show_employer(facts, language)
    _show_ledger(facts, language)
    if not subject.prepared_by:
        say(text("approve_unknown_preparer", language))
    say(text("approve_digest", language, digest=subject.manifest_sha256))


def _own_rules(proven: ProvenRun, language: str) -> list[str]:
    """What differs from the rules that shipped, whichever folder the run's rules came from."""
    from payroll.rulebook.own_rules import days_of, own_rules

    found = own_rules(proven.run.rules, days_of(proven.run.order))
    if not found:
        return [text("own_rules_none", language)]
    return [found.heading(language), *(f"    {line}" for line in found.lines(language))]


def _show_employer(facts: ApprovalFacts, language: str) -> None:
    """One line for each field of employer.toml that is other than before."""
    run, at = facts.last_release
    if facts.since_release:
        say(text("approve_employer_release", language, run=run, day=at[:10]))
        _show_differences(facts.since_release, language)
    if facts.since_run:
        say(text("approve_employer_run", language))
        _show_differences(facts.since_run, language)


def _show_differences(differences: Iterable[Difference], language: str) -> None:
    for field, was, is_now in differences:
        say(text("approve_field", language, field=field, was=was or "-", now=is_now or "-"))


def _show_ledger(facts: ApprovalFacts, language: str) -> None:
    """The last event of the ledger, and the keys that are new in it or that it does not know."""
    head = facts.head
    if head is None:
        say(text("approve_ledger_first", language))
    else:
        say(text("approve_ledger", language, events=head.seq, at=head.at, head=head.digest))
        if facts.enrolled:
            say(text("approve_enrolled", language))
    _show_people("approve_enrolled_one", facts.enrolled, language)
    if facts.alone:
        say(text("approve_alone", language))
        _show_people("approve_enrolled_one", facts.alone, language)
    if facts.strangers:
        say(text("approve_strangers", language))
        _show_people("approve_stranger", facts.strangers, language)


def _show_people(text_id: str, people: Iterable[Enrolment], language: str) -> None:
    from payroll.ledger.keys import fingerprint

    for item in people:
        key = fingerprint(item.public_key)
        by = item.signed_by or "employer.toml"
        role = item.role or "-"
        say(text(text_id, language, name=item.name, role=role, key=key, by=by))
