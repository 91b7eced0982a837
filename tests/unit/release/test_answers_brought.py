"""A file that is said to be the bank's: who brought it and its digest stand wherever it counts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from payroll.ledger.answer_files import failed_by
from payroll.model.errors import UsageError
from payroll.release.approval_facts import approval_facts
from payroll.release.bank_loop import import_file, standing
from payroll.release.decide import Wish, decide, decision_context
from payroll.release.loose_ends import settle
from payroll.release.proven_run import prepare
from payroll.release.workspace import prove, reading, writing
from payroll.store import load_book, rules_folder
from tests.command import payroll
from tests.release_world import APPROVERS, WHY, World, hospital, keys, status_report

MAY = "2022-05"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("brought") / "w", hospital(), streams=("fees",))
    made.pay(MAY)
    return made


def brought(world: World, name: str, content: bytes, by: str) -> str:
    """Its digest."""
    path = world.folder / name
    path.write_bytes(content)
    import_file(world.folder, path, load_book(world.folder), by)
    return hashlib.sha256(content).hexdigest()


def rejected(world: World) -> str:
    """The first payment fails; read twice it changes nothing."""
    file = min(world.sent().values(), key=lambda item: item.message_id)
    payments = {file.payments[0][0]: "RJCT"}
    answer = status_report(file, group="PART", payments=payments, reason="TM01", answer_id="B")
    return brought(world, "no.xml", answer, "modele ZOÉ")


def test_who_brought_an_answer_is_shown_on_the_status_and_to_who_approves_a_reissue(
    world: World, tmp_path: Path
) -> None:
    (file,) = world.sent().values()
    first, second = (key for key, *_ in file.payments)
    accepted = brought(world, "ok.xml", status_report(file, group="ACTC", answer_id="A"), "")
    refused = rejected(world)
    told = payroll("status", "--lang", "en", "--workspace", world.folder).stderr
    assert f"ok.xml: unauthenticated, brought by nobody named, SHA-256 {accepted}" in told
    assert f"no.xml: unauthenticated, brought by Zoé Modèle, SHA-256 {refused}" in told
    with reading(world.folder) as ledger:
        assert ledger is not None
        assert [item.name for item in failed_by(ledger, [first])] == ["no.xml"]
        assert failed_by(ledger, [second]) == []

    run, _ = world.run(MAY, reissue=True)
    world.decide_all(run)
    run, _ = world.run(MAY, reissue=True)
    (answer,) = approval_facts(prepare(run)).rests_on
    assert (answer.by, answer.sha256) == ("Zoé Modèle", refused)
    key = tmp_path / "key"
    key.write_bytes(keys()[0][0])
    words = tmp_path / "words"
    words.write_text("correct horse battery", "utf-8")
    signed = ("--by", APPROVERS[0], "--key", key, "--passphrase-file", words)
    shown = payroll("approve", run, *signed, "--lang", "en").stderr
    assert f"no.xml: unauthenticated, brought by Zoé Modèle, SHA-256 {refused}" in shown
    assert "nothing proves that the bank wrote it" in shown
    assert prove(world.folder)[0] == []


def test_who_brought_what_matched_nothing_stands_beside_it(world: World) -> None:
    (file, *_) = world.sent().values()
    stray = replace(file, message_id="SOMEBODY-ELSE")
    digest = brought(world, "stray.xml", status_report(stray, group="RJCT", answer_id="D"), "")
    told = payroll("status", "--lang", "en", "--workspace", world.folder).stderr
    assert f"stray.xml: unauthenticated, brought by nobody named, SHA-256 {digest}" in told
    item = next(item for item in standing(world.folder).unmatched if item.answer == digest)
    settle(world.folder, item.id, "Zoé Modèle", "pas à nous")
    assert digest not in payroll("status", "--workspace", world.folder).stderr


def test_an_error_while_the_ledger_is_read_is_told_itself(world: World) -> None:
    """A question that was cut short keeps the ledger from being put away; that is no matter."""

    def cut_short() -> None:
        with writing(world.folder) as ledger:
            rows = ledger.connection.execute("SELECT * FROM event")
            next(rows)
            raise UsageError("match_unknown")

    with pytest.raises(UsageError, match="match_unknown"):
        cut_short()
    assert prove(world.folder)[0] == []


def test_nobody_brings_a_file_under_a_name_that_is_not_listed(world: World) -> None:
    (file, *_) = world.sent().values()
    before = len(standing(world.folder).answers)
    with pytest.raises(UsageError) as error:
        brought(world, "x.xml", status_report(file, group="RCVD", answer_id="C"), "Passant Fictif")
    assert error.value.error_id == "person_unlisted"
    assert "Zoé Modèle" in str(error.value.params["people"])
    assert len(standing(world.folder).answers) == before


def test_a_reissue_that_was_refused_is_decided_on_as_the_reissue_that_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What refuses it is no finding of the month's own run; it is no run folder either."""
    rejected(world)
    month = world.folder / MAY
    own = world.folder / "rules/controls/overrides.toml"
    own.parent.mkdir(parents=True)
    shipped = (rules_folder() / "controls/ledger.toml").read_text("utf-8").split("[[control]]\n")
    (rule,) = (part for part in shipped if part.startswith('id = "LED-005"'))
    own.write_text("[[control]]\n" + rule.replace('"hold"', '"block"', 1), "utf-8")
    again = ("reissue", month, "--pay-on", "2022-06-07", "--lang", "en")
    refused = payroll(*again)
    assert refused.returncode == 3, refused.stderr
    named = f"{month} --reissue --pay-on 2022-06-07"
    hint = re.search(f"payroll decide {re.escape(named)} (F-[0-9a-f]+) --pay", refused.stderr)
    assert hint, refused.stderr
    with pytest.raises(UsageError, match="finding_unknown"):
        decide(decision_context(month), [Wish(finding=hint[1], action="pay", by="Zoé", **WHY)])
    flags = ("decide", month, "--reissue", "--pay-on", "2022-06-07", "--lang", "en")
    assert f"payroll decide {named} FINDING" in payroll(*flags).stderr
    why = ("--reason", WHY["reason"], "--evidence", WHY["evidence"])
    for person in APPROVERS:
        done = payroll(*flags[:2], hint[1], *flags[2:], "--pay", "--by", person, *why)
        assert done.returncode == 0, done.stderr
    assert f"payroll reissue {month} --pay-on 2022-06-07;" in done.stderr
    done = payroll(*again)
    assert done.returncode == 0, done.stderr
    own.unlink()
    (month / "decisions.toml").unlink()
