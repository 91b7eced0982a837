"""Whoever may write into the folders softens employer.toml, forges events, or changes the lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from payroll.ledger.approvals import approve, key_of
from payroll.ledger.book import Event
from payroll.ledger.enrolment import ENROLLED, enrolled_in, enrolment
from payroll.ledger.keys import open_key
from payroll.ledger.payment_keys import claim_run
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.release.approval_facts import ApprovalFacts, approval_facts
from payroll.release.enrol import enrol_key, waits
from payroll.release.guards import changes_since
from payroll.release.release import release_run
from payroll.release.workspace import prove, reading, writing
from tests.release.desk_samples import NAMES, NEAR, PHRASE, Desk, another_run, approver, keys

ZOE, HERVE, NOELLE = NAMES
STRANGER = "Stranger"
PREPARED = "Anne Fictive"


def error_of(desk: Desk, by: str = "", **given: str | None) -> PayrollError:
    """Why a release is refused; nothing is claimed and nothing delivered."""
    before = claims(desk)
    with pytest.raises(PayrollError) as refused:
        release_run(desk.prepare(), by or NOELLE, NEAR, **given)
    assert desk.delivered() == {}
    assert claims(desk) == before
    return refused.value


def claims(desk: Desk) -> int:
    with reading(desk.workspace) as ledger:
        if ledger is None:
            return 0
        return int(ledger.connection.execute("SELECT count(*) FROM claim").fetchone()[0])


def told(desk: Desk) -> list[str]:
    return [what for what, _ in prove(desk.workspace)[0]]


def facts(desk: Desk) -> ApprovalFacts:
    return approval_facts(desk.prepare())


def chained(desk: Desk, *entries: Event) -> None:
    """Events of the insider's own, chained and sealed as the program does it."""
    with writing(desk.workspace) as ledger, ledger.transaction():
        ledger.append(*entries)


# 1. employer.toml softened ------------------------------------------------------------------

STRICT = 'roles = ["finance", "HR"]\n'


def entries(**changed: str) -> list[str]:
    """Zoé of finance for fees and invoices up to a limit, Hervé of HR, Noëlle of nothing."""
    zoe = {"role": '"finance"', "limit": '"9000000.00"', "streams": '["fees", "invoices"]'}
    return [approver(ZOE, **{**zoe, **changed}), approver(HERVE, role='"HR"'), approver(NOELLE)]


def strict_desk(desk: Desk, listed: Sequence[str]) -> Desk:
    desk.approvers(*listed, extra=STRICT)
    return another_run(desk, PREPARED)


def test_a_limit_or_stream_loosened_since_the_run_loosens_nothing(unapproved: Desk) -> None:
    for changed, refused in (
        ({"limit": '"1.00"'}, "approval_limit"),
        ({"streams": '["fees"]'}, "approval_stream"),
        ({"streams": '["salaries"]'}, "approval_stream"),
    ):
        desk = strict_desk(unapproved, entries(**changed))
        desk.approvers(*entries(limit='"99000000.00"', streams="[]"), extra=STRICT)
        with pytest.raises(PayrollError) as error:
            desk.approve(ZOE)
        assert error.value.error_id == refused


def test_streams_of_two_lists_without_any_in_common_are_none(unapproved: Desk) -> None:
    desk = strict_desk(unapproved, entries(streams='["fees", "invoices"]'))
    desk.approvers(*entries(streams='["salaries"]'), extra=STRICT)
    with pytest.raises(PayrollError, match="approval_stream"):
        desk.approve(ZOE)


def test_a_role_or_a_number_struck_since_the_run_is_still_asked_for(unapproved: Desk) -> None:
    desk = strict_desk(unapproved, entries())
    desk.approve(ZOE)
    path = desk.workspace / "employer.toml"
    strict = path.read_text("utf-8")
    for soft in (
        strict.replace(STRICT, ""),
        strict.replace("approvals = 2", "approvals = 1"),
        strict.replace(STRICT, "").replace("approvals = 2", "approvals = 1"),
        strict.replace('role = "finance"', 'role = "HR"'),
    ):
        path.write_text(soft, "utf-8")
        assert soft != strict
        assert error_of(desk).error_id in {"approvals_missing", "approval_forged"}
    path.write_text(strict.replace(STRICT, ""), "utf-8")
    desk.approve(NOELLE)  # two of them, nobody of HR
    error = error_of(desk)
    assert (error.error_id, error.params["roles"]) == ("approvals_missing", "HR")


def test_a_role_given_to_an_approver_since_the_run_is_none(unapproved: Desk) -> None:
    desk = strict_desk(unapproved, entries())
    desk.approvers(*entries()[:2], approver(NOELLE, role='"HR"'), extra=STRICT)
    desk.approve(ZOE)
    assert desk.approve(NOELLE).lacking_roles == ("HR",)
    assert error_of(desk).error_id == "approvals_missing"


def test_who_or_whose_key_came_after_the_run_does_not_approve_it(unapproved: Desk) -> None:
    more = approver(STRANGER)
    swapped = approver(HERVE, public_key=f'"{keys()[STRANGER][1]}"')
    for listed, name in (([*map(approver, NAMES), more], STRANGER), ([swapped], HERVE)):
        unapproved.approvers(*listed)
        with pytest.raises(UsageError) as error:
            unapproved.approve(name, key=STRANGER)
        assert error.value.error_id == "approver_since_run"
    unapproved.approvers(*map(approver, NAMES), more)
    unapproved.approve(ZOE)
    with reading(unapproved.workspace) as ledger:
        assert {item.name for item in enrolled_in(ledger).entries} == set(NAMES)


def test_softened_between_approval_and_release(unapproved: Desk) -> None:
    unapproved.approvers(*map(approver, NAMES), extra="")
    path = unapproved.workspace / "employer.toml"
    path.write_text(path.read_text("utf-8").replace("approvals = 2", "approvals = 3"), "utf-8")
    desk = another_run(unapproved, PREPARED)
    desk.approve(ZOE)
    desk.approve(HERVE)
    path.write_text(path.read_text("utf-8").replace("approvals = 3", "approvals = 1"), "utf-8")
    error = error_of(desk)
    assert (error.error_id, error.params["count"]) == ("approvals_missing", "1")


def test_what_differs_from_the_last_release_is_listed_field_by_field(released: Desk) -> None:
    assert facts(released).since_release == ()
    assert facts(released).last_release[0] == released.run_id
    released.approvers(approver(ZOE, limit='"5.00"'), approver(STRANGER), extra='roles = ["x"]\n')
    found = {field: (was, now) for field, was, now in facts(released).since_release}
    assert found['release.approvers["Zoé Modèle"].limit'] == ("", "5.00")
    assert found["release.roles"] == ("", "x")
    assert found['release.approvers["Stranger"]'] == ("", "+")
    assert found['release.approvers["Hervé Spécimen"]'] == ("+", "")
    assert found['release.approvers["Stranger"].public_key'][1].startswith("SHA256:")
    assert {field: (was, now) for field, was, now in facts(released).since_run} == found


# 2. who signs -------------------------------------------------------------------------------


def signed_by_stranger(desk: Desk, name: str) -> Event:
    """An approval in somebody's name, with a key that employer.toml may well list."""
    prepared = desk.prepare()
    listed = next(item for item in prepared.employer.all_approvers if item.name == name)
    person = listed.model_copy(update={"public_key": keys()[STRANGER][1]})
    with reading(desk.workspace) as ledger:
        assert ledger is not None
        head = ledger.head()[1]
    key = open_key(keys()[STRANGER][0], PHRASE)
    at = "2022-05-24T10:00:00"
    return approve(prepared.subject, prepared.employer, person, key, [], at=at, head=head)


def enrolled(desk: Desk) -> dict[str, str]:
    with reading(desk.workspace) as ledger:
        return {item.name: item.signed_by for item in enrolled_in(ledger).entries}


def test_the_first_approval_enrols_whoever_may_approve(unapproved: Desk) -> None:
    shown = facts(unapproved)
    assert (shown.head, {item.name for item in shown.enrolled}) == (None, set(NAMES))
    unapproved.approve(ZOE)
    assert enrolled(unapproved) == dict.fromkeys(NAMES, "")
    assert told(unapproved) == []
    shown = facts(unapproved)
    assert shown.head is not None
    assert shown.head.seq == 6  # opened, three keys, prepared, approved
    assert {item.name for item in shown.enrolled} == set(NAMES)


def test_a_signer_who_was_never_enrolled_is_found_everywhere(unapproved: Desk) -> None:
    unapproved.approve(ZOE)
    listed = [approver(ZOE), approver(HERVE, public_key=f'"{keys()[STRANGER][1]}"')]
    unapproved.approvers(*listed)
    desk = another_run(unapproved, PREPARED)
    assert [item.name for item in facts(desk).strangers] == [HERVE]
    with pytest.raises(PayrollError) as refused:
        desk.approve(HERVE, key=STRANGER)
    assert refused.value.error_id == "signer_not_enrolled"
    desk.approve(ZOE)
    chained(desk, signed_by_stranger(desk, HERVE))
    assert told(desk) == ["signer_unknown"]
    assert error_of(desk, ZOE).error_id == "signer_not_enrolled"


def forged_enrolment(desk: Desk, by: str, *, signature: bool) -> Event:
    with reading(desk.workspace) as ledger:
        assert ledger is not None
        head = ledger.head()[1]
    listed = next(item for item in desk.prepare().employer.all_approvers if item.name == HERVE)
    person = listed.model_copy(update={"public_key": keys()[STRANGER][1]})
    key = open_key(keys()[STRANGER][0], PHRASE)
    made = enrolment(person, key_of(person), by, key, at="2022-05-24T10:00:00", head=head)
    body = {**made.body} if signature else {**made.body, "signature": "", "by": ""}
    return replace(made, body=body)


@pytest.mark.parametrize(("by", "signature"), [(ZOE, True), (STRANGER, True), ("", False)])
def test_an_enrolment_that_nobody_enrolled_signed_is_none(
    by: str, signature: bool, unapproved: Desk
) -> None:
    unapproved.approve(ZOE)
    chained(unapproved, forged_enrolment(unapproved, by, signature=signature))
    assert told(unapproved) == ["enrolment_forged"]
    with reading(unapproved.workspace) as ledger:
        assert not enrolled_in(ledger).signs(HERVE, keys()[STRANGER][1])


def enrol(desk: Desk, name: str, by: str, key: str = "") -> bool:
    """Whether the signature waits for a second one."""
    made = enrol_key(desk.workspace, name, by, keys()[key or by][0], PHRASE)
    return waits(desk.workspace, made)


def test_a_key_that_comes_later_is_signed_for_by_who_is_enrolled(unapproved: Desk) -> None:
    with pytest.raises(UsageError, match="enrol_first_use"):
        enrol(unapproved, ZOE, HERVE)
    unapproved.approve(ZOE)
    new = f'"{keys()[STRANGER][1]}"'
    unapproved.approvers(approver(ZOE), approver(HERVE, public_key=new), approver(NOELLE))
    desk = another_run(unapproved, PREPARED)
    with pytest.raises(PayrollError, match="signer_not_enrolled"):
        enrol(desk, HERVE, HERVE, STRANGER)  # their own new key
    with pytest.raises(PayrollError, match="signer_not_enrolled"):
        enrol(desk, HERVE, ZOE, STRANGER)
    with pytest.raises(UsageError, match="approver_unknown"):
        enrol(desk, STRANGER, ZOE)
    with pytest.raises(UsageError, match="key_enrolled"):
        enrol(desk, NOELLE, ZOE)
    for _ in range(2):  # one person is one, however often
        assert enrol(desk, HERVE, ZOE)
        with pytest.raises(PayrollError, match="signer_not_enrolled"):
            desk.approve(HERVE, key=STRANGER)
        assert (told(desk), enrolled(desk)[HERVE]) == ([], "")
    with pytest.raises(PayrollError, match="signer_not_enrolled"):
        enrol(desk, HERVE, HERVE, STRANGER)
    assert not enrol(desk, HERVE, NOELLE)
    assert (told(desk), enrolled(desk)[HERVE]) == ([], f"{ZOE} + {NOELLE}")
    shown = facts(desk)
    assert [item.by for item in shown.enrolled if item.name == HERVE] == ["", ZOE]
    assert shown.alone == ()
    with pytest.raises(UsageError, match="key_enrolled"):
        enrol(desk, HERVE, ZOE)
    desk.approve(NOELLE)
    desk.approve(HERVE, key=STRANGER)
    desk.release()
    assert told(desk) == []
    desk.approvers(*map(approver, NAMES))
    with pytest.raises(PayrollError, match="signer_not_enrolled"):
        enrol(desk, HERVE, HERVE)  # the key that was replaced signs nothing any more


def test_where_one_is_enrolled_that_one_enrols_alone_and_every_approval_says_so(
    unapproved: Desk,
) -> None:
    unapproved.approvers(approver(ZOE), approver(HERVE, public_key='""'))
    desk = another_run(unapproved, PREPARED)
    desk.approve(ZOE)
    assert enrolled(desk) == {ZOE: ""}
    desk.approvers(approver(ZOE), approver(HERVE))
    assert not enrol(desk, HERVE, ZOE)
    assert enrolled(desk) == {ZOE: "", HERVE: ZOE}
    for again in (ZOE, HERVE):  # neither who signed nor whose key it is
        with pytest.raises(UsageError, match="key_enrolled"):
            enrol(desk, HERVE, again)
    desk.approvers(*map(approver, NAMES))
    assert enrol(desk, NOELLE, ZOE)  # two are enrolled now: the key waits
    assert not enrol(desk, NOELLE, HERVE)
    assert [item.name for item in facts(desk).alone] == [HERVE]
    assert not enrol(desk, HERVE, NOELLE)
    assert (told(desk), facts(desk).alone) == ([], ())
    assert enrolled(desk)[HERVE] == f"{ZOE} + {NOELLE}"


def test_another_role_is_another_enrolment(unapproved: Desk) -> None:
    unapproved.approve(ZOE)
    new = {"public_key": f'"{keys()[STRANGER][1]}"'}
    for by, role, waiting in (
        (ZOE, "HR", True),
        (NOELLE, "finance", True),
        (ZOE, "finance", False),
    ):
        changed = approver(HERVE, role=f'"{role}"', **new)
        unapproved.approvers(approver(ZOE), changed, approver(NOELLE))
        assert enrol(unapproved, HERVE, by) is waiting


def without_enrolments(desk: Desk) -> None:
    """The ledger as an earlier version wrote it: the same events but for the enrolments."""
    with reading(desk.workspace) as ledger:
        assert ledger is not None
        kept = ledger.events("kind <> ?", ENROLLED)
    for name in ("ledger.sqlite", "ledger.sqlite.seal"):
        (desk.workspace / name).unlink()
    with writing(desk.workspace):
        pass
    for event in kept[1:]:
        if event.kind == "approved":
            prepared, by = desk.prepare(), str(event.body["by"])
            with reading(desk.workspace) as ledger:
                assert ledger is not None
                head = ledger.head()[1]
            person = next(item for item in prepared.employer.all_approvers if item.name == by)
            key = open_key(keys()[by][0], PHRASE)
            made = approve(
                prepared.subject, prepared.employer, person, key, [], at=event.at, head=head
            )
            chained(desk, made)
        else:
            chained(desk, event)


def test_a_ledger_of_an_earlier_version_is_told_in_words_and_taken_over(approved: Desk) -> None:
    without_enrolments(approved)
    assert told(approved) == ["not_enrolled"]
    assert error_of(approved).error_id == "ledger_not_enrolled"
    with pytest.raises(PayrollError, match="ledger_not_enrolled"):
        approved.approve(NOELLE)
    with pytest.raises(PayrollError, match="signer_not_enrolled"):
        enrol(approved, NOELLE, NOELLE)  # never approved anything there
    enrol(approved, ZOE, ZOE)
    assert error_of(approved).error_id == "signer_not_enrolled"  # Hervé's is not enrolled yet
    enrol(approved, HERVE, ZOE)
    assert told(approved) == []
    approved.release()
    assert (told(approved), approved.delivered()) == ([], approved.expected())


# 3. a release that nobody made --------------------------------------------------------------


def forged_release(desk: Desk, *, approvals: int = 0, dearer: int = 0, short: bool = False) -> None:
    """A 'released' event with its rows, chained and sealed; its approvals those of the ledger."""
    prepared = desk.prepare()
    with writing(desk.workspace) as ledger:
        known = [event.digest for event in ledger.events("kind = 'approved'")][:approvals]
        payments, files, claimed = prepared.payments, prepared.files, prepared.payment_keys
        if dearer:
            payments = payments.assign(amount_cents=payments["amount_cents"] + dearer)
        if short:
            last = payments["end_to_end_id"].iat[-1]
            payments = payments[payments["end_to_end_id"] != last]
            claimed = claimed[claimed["end_to_end_id"] != last]
        claim_run(
            ledger,
            run_id=desk.run_id,
            files=files,
            payments=payments,
            payment_keys=claimed,
            at="2022-05-24T10:00:00",
            by=NOELLE,
            body={"manifest_sha256": prepared.subject.manifest_sha256, "approvals": known},
        )


def not_resumed(desk: Desk) -> str:
    with pytest.raises(PayrollError) as refused:
        desk.release()
    assert desk.delivered() == {}
    return refused.value.error_id


@pytest.mark.parametrize("approvals", [0, 1])
def test_a_forged_release_without_its_approvals_delivers_nothing(
    approvals: int, approved: Desk
) -> None:
    forged_release(approved, approvals=approvals)
    assert told(approved) == ["release_unapproved"]
    assert not_resumed(approved) == "run_not_as_released"


def test_a_forged_release_of_a_run_that_nobody_approved(unapproved: Desk) -> None:
    other = another_run(unapproved, "Somebody Else")
    other.approve(ZOE)
    other.approve(HERVE)
    forged_release(unapproved, approvals=2)  # those of the other run
    assert "release_unapproved" in told(unapproved)
    assert not_resumed(unapproved) == "run_not_as_released"


@pytest.mark.parametrize("how", [{"dearer": 100}, {"short": True}])
def test_a_forged_release_of_other_rows_delivers_nothing(
    how: dict[str, int], approved: Desk
) -> None:
    forged_release(approved, approvals=2, **how)
    assert not_resumed(approved) == "run_not_as_released"


def test_a_forged_release_is_no_reason_to_spare_the_rebuilding(unapproved: Desk) -> None:
    """A run folder exchanged together with a release of it that nobody signed."""
    from tests.release.test_tampered_run import consistent

    unapproved.approve(ZOE)
    name = "review.html"
    consistent(unapproved, name, (unapproved.run / name).read_bytes() + b"<p>")
    with writing(unapproved.workspace) as ledger, ledger.transaction():
        ledger.append(
            Event(
                at="2022-05-24T10:00:00",
                kind="released",
                run_id=unapproved.run_id,
                body={"manifest_sha256": "0" * 64, "approvals": [], "files": []},
            )
        )
    with pytest.raises(DamagedInputError) as refused:
        unapproved.prepare()
    assert refused.value.error_id == "run_not_rebuilt"


def test_an_honest_release_that_was_interrupted_goes_on(
    approved: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("payroll.release.release._deliver", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            approved.release()
    approved.approvers(approver(HERVE), approver(NOELLE))  # somebody left meanwhile
    done = approved.release()
    assert done.resumed
    assert len(done.valid) == 2
    assert approved.delivered() == approved.expected()


# 4. lists and decisions that changed since --------------------------------------------------


def source_of(desk: Desk) -> Path:
    names = sorted(name for name in desk.prepare().run.inputs if "/" in name)
    return desk.workspace / "2022-05" / names[0]


@pytest.mark.parametrize("change", ["changed", "gone", "order"])
def test_a_list_or_an_order_that_changed_stops_the_release(change: str, approved: Desk) -> None:
    path = source_of(approved)
    if change == "order":
        path = approved.workspace / "2022-05/payrun.toml"
    sound = path.read_bytes()
    path.write_bytes(sound + b"\n") if change != "gone" else path.unlink()
    error = error_of(approved)
    assert error.error_id == "changed_since"
    assert error.params["files"] == path.relative_to(approved.workspace / "2022-05").as_posix()
    for by, reason in ((NOELLE, ""), (NOELLE, " - ")):
        refused = error_of(approved, by, as_approved=reason)
        assert refused.error_id == "as_approved_who_and_why"
    done = release_run(approved.prepare(), NOELLE, NEAR, as_approved="only sorted")
    assert done.changes.files == (error.params["files"],)
    with reading(approved.workspace) as ledger:
        assert ledger is not None
        body = ledger.events("kind = 'released'")[0].body
    assert body["by"] == NOELLE
    assert body["as_approved"] == {
        "reason": "only sorted",
        "files": [error.params["files"]],
        "payees": [],
    }


def test_a_rule_of_the_house_that_is_other_since_stops_the_release(approved: Desk) -> None:
    """The run obeyed the rules of its day; who releases must know that there are others."""
    name, rule = "controls/overrides.toml", b'[[control]]\nid = "IBAN-003"\nseverity = "hold"\n'
    path, where = approved.workspace / "rules" / name, f"rules/{name}"
    path.parent.mkdir(parents=True)
    path.write_bytes(rule)
    error = error_of(approved)
    assert (error.error_id, error.params["files"]) == ("changed_since", where)
    proven = approved.prepare()
    ruled = {**proven.run.rules, f"workspace/{name}": rule}
    proven = replace(proven, run=replace(proven.run, rules=ruled))
    assert changes_since(proven).files == ()
    path.write_bytes(rule + b"# since")
    assert changes_since(proven).files == (where,)
    path.unlink()
    assert changes_since(proven).files == (where,)


HOLD = """[[decision]]
finding = "F-0123456789ab"
rule = "X"
subject = "{payee}"
action = "hold"
by = "Zoé Modèle"
reason = "seen on paper"
evidence = "note 12"
at = 2022-05-24T10:00:00
"""


def test_a_hold_that_came_since_stops_the_release_unless_somebody_answers_for_it(
    approved: Desk,
) -> None:
    payee = approved.prepare().payments["payee_id"].iat[0]
    path = approved.workspace / "2022-05/decisions.toml"
    path.write_text(HOLD.format(payee="nobody of this run"), "utf-8")
    assert facts(approved) is not None
    path.write_text(HOLD.format(payee=payee), "utf-8")
    error = error_of(approved)
    assert (error.error_id, error.params["payees"]) == ("held_since", payee)
    done = release_run(approved.prepare(), NOELLE, NEAR, as_approved="hold was of last month")
    assert done.changes.payees == (payee,)


def test_nothing_changed_and_nothing_to_answer_for_is_recorded(approved: Desk) -> None:
    release_run(approved.prepare(), NOELLE, NEAR, as_approved="to be sure")
    with reading(approved.workspace) as ledger:
        assert ledger is not None
        assert "as_approved" not in ledger.events("kind = 'released'")[0].body


# 5. a copied workspace ----------------------------------------------------------------------


def test_two_copies_release_the_same_messages_so_that_the_bank_refuses_one(
    approved_desk: Desk, tmp_path: Path
) -> None:
    """Nothing here can see the other copy: the bank can, by message ids that it knows already."""
    released = []
    for name in ("one", "two"):
        desk = approved_desk.copy(tmp_path / name)
        desk.release()
        released.append(desk.delivered())
    assert released[0] == released[1]
    assert len(released[0]) == 2


def test_two_copies_that_each_run_and_approve_name_the_same_messages(
    prepared_desk: Desk, tmp_path: Path
) -> None:
    messages = []
    for name, signers in (("one", NAMES[:2]), ("two", NAMES[1:])):
        desk = another_run(prepared_desk.copy(tmp_path / name), PREPARED)
        for signer in signers:
            desk.approve(signer)
        desk.release()
        messages.append(desk.delivered())
    assert messages[0] == messages[1]
