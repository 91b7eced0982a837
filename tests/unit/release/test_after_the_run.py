"""What comes after a run was made, and after it was released: nothing of it passes unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from payroll.ledger.near_duplicates import Near
from payroll.ledger.states import State
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.release.bank_loop import record_upload, standing
from payroll.release.decide import Wish, decide, decision_context
from payroll.release.loose_ends import settle
from payroll.release.proven_run import prepare
from payroll.release.release import approve_run, release_run
from payroll.release.workspace import prove
from tests.release_world import (
    APPROVERS,
    WHY,
    WORDS,
    World,
    debit,
    hospital,
    keys,
    statement,
    status_report,
)

MAY = "2022-05"
NEAR = Near(days=25)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.release_world.near_rule", lambda _prepared: NEAR)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "w", hospital(), streams=("fees",))


def approve(run: Path, *people: int) -> None:
    for at in people:
        approve_run(prepare(run), APPROVERS[at], keys()[at][0], WORDS)


def refused(run: Path) -> str:
    with pytest.raises(PayrollError) as error:
        release_run(prepare(run), "", NEAR)
    return error.value.error_id


def rewrite(world: World, before: str, after: str) -> None:
    path = world.folder / "employer.toml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_fewer_approvals_asked_for_after_the_run_do_not_count(world: World) -> None:
    run, _ = world.run(MAY)
    rewrite(world, "approvals = 2", "approvals = 1")
    approve(run, 0)
    assert refused(run) == "approvals_missing"
    approve(run, 1)
    assert release_run(prepare(run), "", NEAR).files


def test_one_approval_beside_a_named_preparer_is_enough_when_the_employer_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests import release_world

    plain = release_world.employer_toml
    monkeypatch.setattr(
        release_world,
        "employer_toml",
        lambda *given: plain(*given).replace("approvals = 2", "approvals = 1"),
    )
    run, _ = world.run(MAY)
    assert refused(run) == "approvals_missing"
    approve(run, 0)
    assert release_run(prepare(run), "", NEAR).files


def test_an_approver_put_on_the_list_after_the_run_does_not_approve_it(world: World) -> None:
    run, _ = world.run(MAY)
    rewrite(world, f'name = "{APPROVERS[1]}"', 'name = "Tard Venu"')
    approve(run, 0)
    with pytest.raises(PayrollError) as error:
        approve_run(prepare(run), "Tard Venu", keys()[1][0], WORDS)
    assert error.value.error_id == "approver_since_run"
    assert refused(run) == "approvals_missing"


def test_a_hold_decided_after_the_approvals_stops_the_release(tmp_path: Path) -> None:
    world = World(tmp_path / "w", hospital(), streams=("invoices",))
    world.pay(MAY)
    world.made.invoice(0, "N-1", 5_000)
    world.made.suppliers[0].iban = world.made.register.iban()
    run, _ = world.run(MAY)
    assert world.decide_all(run)
    run, _ = world.run(MAY)
    approve(run, 0, 1)
    context = decision_context(run)
    findings = context.run.findings
    paid = findings["subject_id"].isin(prepare(run).payments["payee_id"])
    finding = findings.loc[paid, "finding_id"].iat[0]
    decide(context, [Wish(finding=finding, action="hold", by=APPROVERS[0], **WHY)])
    assert refused(run) == "held_since"


def test_a_list_changed_after_the_run_stops_the_release(world: World) -> None:
    run, _ = world.run(MAY)
    approve(run, 0, 1)
    path = world.folder / MAY / "exports" / "fee_statements.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert refused(run) == "changed_since"
    done = release_run(prepare(run), "Noëlle Fictif", NEAR, as_approved="a blank line")
    assert done.changes.files == ("exports/fee_statements.csv",)


def test_a_ledger_that_is_gone_while_the_outbox_is_not(world: World) -> None:
    run = world.pay(MAY)
    for path in world.folder.glob("ledger.sqlite*"):
        path.unlink()
    for attempt in (
        lambda: world.run(MAY),
        lambda: approve(run, 0),
        lambda: standing(world.folder),
    ):
        with pytest.raises(DamagedInputError) as error:
            attempt()
        assert error.value.error_id == "ledger_missing"


def test_a_ledger_altered_by_hand_stops_a_run(world: World) -> None:
    world.pay(MAY)
    path = world.folder / "ledger.sqlite"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedInputError) as error:
        world.run(MAY)
    assert error.value.error_id == "ledger_altered"


def test_what_is_given_to_the_bank_is_what_was_released_and_only_once(world: World) -> None:
    world.pay(MAY)
    (path,) = world.outbox()
    assert record_upload(world.folder, str(path), "Zoé Modèle", "ISA-1").state == State.UPLOADED
    assert record_upload(world.folder, path.name, "Zoé Modèle", "ISA-1").state == State.UPLOADED
    with pytest.raises(PayrollError) as again:
        record_upload(world.folder, path.name, "Zoé Modèle", "ISA-2")
    assert (again.value.error_id, again.value.params["reference"]) == ("upload_again", "ISA-1")
    assert record_upload(world.folder, path.name, "Zoé Modèle", "ISA-2", again=True)
    path.write_bytes(path.read_bytes().replace(b"<Ctry>", b"<Ctry >") + b"\n")
    for name in (str(path), path.name):
        with pytest.raises(PayrollError) as other:
            record_upload(world.folder, name, "Zoé Modèle", "ISA-1")
        assert other.value.error_id == "upload_differs"
    assert standing(world.folder).altered == set(world.sent())


def test_what_pays_again_a_payment_that_was_debited_after_all_must_not_go(world: World) -> None:
    world.pay(MAY)
    (first,) = world.sent().values()
    world.answer(status_report(first, group="RJCT"))
    world.pay(MAY, reissue=True)
    (second,) = (file for file in world.sent().values() if file != first)
    assert standing(world.folder).stopped == frozenset()
    imported = world.answer(statement(first.debtor, [debit(first, first.total)]), "s.xml")
    assert imported.contradictory == len(first.payments)
    assert standing(world.folder).stopped == {second.message_id}
    with pytest.raises(PayrollError) as error:
        record_upload(world.folder, second.message_id, "Zoé Modèle", "ISA-1")
    assert error.value.error_id == "upload_stop"


def test_a_statement_of_another_account_says_nothing_of_our_payments(world: World) -> None:
    world.pay(MAY)
    (file,) = world.sent().values()
    other = world.made.register.iban()
    imported = world.answer(statement(other, [debit(file, file.total)]))
    assert [item.why for item in imported.unmatched] == ["account"]
    assert standing(world.folder).files[0].state == State.RELEASED


def test_another_account_than_the_one_last_released_holds(tmp_path: Path) -> None:
    world = World(tmp_path / "w", hospital(), streams=("invoices",))
    world.pay(MAY)
    world.made.invoice(0, "N-1", 5_000)
    _, output = world.run(MAY)
    assert "LED-010" not in set(output.findings["rule_id"])
    world.made.suppliers[0].iban = world.made.register.iban()
    _, output = world.run(MAY)
    rows = output.payments[output.payments["payee_id"] == "F1001"]
    assert rows["status"].tolist() == ["held"]
    assert "LED-010" in rows["hold_rules"].iat[0]


def test_what_failed_is_set_aside_and_what_was_paid_is_left_out(world: World) -> None:
    world.pay(MAY)
    (file,) = world.sent().values()
    world.answer(status_report(file, group="PART", payments={file.payments[0][0]: "RJCT"}))
    _, output = world.run(MAY)
    frames = output.frames
    assert len(frames["awaiting_reissue"]) == 1
    assert len(frames["already_paid"]) == len(file.payments) - 1
    assert len(output.payments) == 0
    _, output = world.run(MAY, reissue=True)
    assert (len(output.payments), len(output.frames["awaiting_reissue"])) == (1, 0)


def test_what_was_looked_into_is_settled_on_record(world: World) -> None:
    world.pay(MAY)
    (file,) = world.sent().values()
    world.answer(status_report(replace(file, message_id="SOMEBODY-ELSE"), group="RJCT"))
    (loose,) = standing(world.folder).unmatched
    for by, reason, what in (("", "seen", loose.id), ("Zoé", "", loose.id), ("Zoé", "seen", "U-0")):
        with pytest.raises(UsageError):
            settle(world.folder, what, by, reason)
    settle(world.folder, loose.id, "Zoé Modèle", "fichier de la mutuelle")
    assert standing(world.folder).unmatched == ()
    assert prove(world.folder)[0] == []
