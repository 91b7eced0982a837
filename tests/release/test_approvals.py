"""Who may approve, and which approvals count: two people, their own keys, this very run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payroll.ledger.approvals import approve, may_approve
from payroll.ledger.book import Event
from payroll.ledger.keys import open_key
from payroll.model.errors import PayrollError, UsageError
from payroll.release.workspace import prove, reading, writing
from tests.release.desk_samples import NAMES, PHRASE, Desk, another_run, approver, keys

ZOE, HERVE, NOELLE = NAMES


def key_of(name: str) -> str:
    return f'"{keys()[name][1]}"'


def refused(desk: Desk, name: str, *, key: str = "") -> str:
    """The id of the error with which an approval is refused; nothing is recorded."""
    before = events(desk)
    with pytest.raises(PayrollError) as error:
        desk.approve(name, key=key)
    assert events(desk) == before
    return error.value.error_id


def release_refused(desk: Desk) -> PayrollError:
    with pytest.raises(PayrollError) as error:
        desk.release()
    assert desk.delivered() == {}
    return error.value


def events(desk: Desk) -> list[str]:
    with reading(desk.workspace) as ledger:
        return [] if ledger is None else [e.kind for e in ledger.events("kind = 'approved'")]


def record(desk: Desk, *entries: Event) -> None:
    """Events of somebody's own, chained and sealed as the program does it."""
    with writing(desk.workspace) as ledger, ledger.transaction():
        ledger.append(*entries)


def made(desk: Desk, name: str, *, signer: str = "", run_id: str = "", manifest: str = "") -> Event:
    """An approval by `name`, signed with the key of `signer`, of a run as it is told here."""
    prepared = desk.prepare()
    subject = replace(
        prepared.subject,
        run_id=run_id or desk.run_id,
        manifest_sha256=manifest or prepared.subject.manifest_sha256,
    )
    found = next(item for item in prepared.employer.all_approvers if item.name == name)
    with reading(desk.workspace) as ledger:
        assert ledger is not None
        head = ledger.head()[1]
    signing = replace_key(found, signer or name)
    key = open_key(keys()[signer or name][0], PHRASE)
    return approve(
        subject, prepared.employer, signing, key, [], at="2022-05-23T10:00:00", head=head
    )


def replace_key(found: object, name: str) -> object:
    return found.model_copy(update={"public_key": keys()[name][1]})  # type: ignore[attr-defined]


def test_two_people_approve_and_no_third_is_needed(unapproved: Desk) -> None:
    first = unapproved.approve(ZOE)
    assert first.needed == 1
    error = release_refused(unapproved)
    assert (error.error_id, error.params["count"]) == ("approvals_missing", "1")
    assert unapproved.approve(HERVE).needed == 0
    unapproved.release()
    with pytest.raises(PayrollError, match="run_released"):
        unapproved.approve(NOELLE)


def test_the_same_person_does_not_count_twice(unapproved: Desk) -> None:
    unapproved.approve(ZOE)
    assert refused(unapproved, ZOE) == "approval_repeated"
    assert refused(unapproved, "zoe modele", key=ZOE) == "approval_repeated"


def test_one_key_under_two_names_does_not_count_twice(unapproved: Desk) -> None:
    unapproved.approvers(approver(ZOE), approver(HERVE, public_key=key_of(ZOE)))
    with pytest.raises(PayrollError, match="order_invalid"):
        another_run(unapproved, "Anne Fictive")


def test_somebody_elses_key_a_strangers_name_or_no_key(unapproved: Desk) -> None:
    assert refused(unapproved, HERVE, key=ZOE) == "key_not_theirs"
    assert refused(unapproved, ZOE, key="Stranger") == "key_not_theirs"
    assert refused(unapproved, "Stranger") == "approver_unknown"
    unapproved.approvers(approver(ZOE), approver(HERVE, public_key='""'))
    assert refused(unapproved, HERVE) == "approver_without_key"
    unapproved.approvers(approver(ZOE), approver("Zoe Modele", public_key=key_of(HERVE)))
    assert refused(unapproved, ZOE) == "order_invalid"  # two of one name are nobody


@pytest.mark.parametrize(
    "prepared_by",
    [
        ZOE,
        "ZOE MODELE",
        "zoé  modèle",
        "Modèle Zoé",
        "Zoé-Modèle",
        "Z\u043eé M\u043edèle",
        "Zoé\u200b Modèle",
        "Zoe\u0301 Mode\u0300le",
    ],
)
def test_nobody_approves_what_they_prepared_however_it_is_written(
    prepared_by: str, unapproved: Desk
) -> None:
    prepared = unapproved.prepare()
    zoe = next(item for item in prepared.employer.all_approvers if item.name == ZOE)
    subject = replace(prepared.subject, prepared_by=("Anne Fictive", prepared_by))
    with pytest.raises(PayrollError, match="approval_own_work"):
        may_approve(subject, zoe, [])
    herve = next(item for item in prepared.employer.all_approvers if item.name == HERVE)
    may_approve(subject, herve, [])


def test_who_ordered_the_run_does_not_approve_it(unapproved: Desk) -> None:
    own = another_run(unapproved, "HERVE SPECIMEN")
    assert refused(own, HERVE) == "approval_own_work"
    assert own.approve(ZOE).needed == 1


@pytest.mark.parametrize(
    "name", ["Z\u043eé Modèle", "\uff3aoé Modèle", "Zoé\u200b Modèle", "Ζoé Modèle", "Zoé\u202e"]
)
def test_a_name_that_only_looks_like_another_is_no_approver(name: str, unapproved: Desk) -> None:
    unapproved.approvers(approver(ZOE), approver(name, public_key=key_of(HERVE)))
    with pytest.raises(UsageError) as error:
        unapproved.prepare()
    assert error.value.error_id == "order_invalid"
    assert error.value.detail[0].text_id == "field_person_name"


def test_limits_and_streams_bind_the_person(unapproved: Desk) -> None:
    total = unapproved.prepare().subject.total_cents
    below, exact = (f'"{cents // 100}.{cents % 100:02d}"' for cents in (total - 1, total))
    unapproved.approvers(
        approver(ZOE, limit=below),
        approver(HERVE, streams='["fees"]'),
        approver(NOELLE, limit=exact, streams='["fees", "invoices"]'),
    )
    assert refused(unapproved, ZOE) == "approval_limit"
    assert refused(unapproved, HERVE) == "approval_stream"
    assert unapproved.approve(NOELLE).needed == 1


def test_every_role_that_is_asked_for_must_approve(unapproved: Desk) -> None:
    entries = [
        approver(name, role=role)
        for name, role in zip(NAMES, ('"finance"', '"finance"', '"HR"'), strict=True)
    ]
    unapproved.approvers(*entries, extra='roles = ["finance", "HR"]\n')
    desk = another_run(unapproved, "Anne Fictive")
    desk.approve(ZOE)
    second = desk.approve(HERVE)
    assert (second.needed, second.lacking_roles) == (1, ("HR",))
    assert release_refused(desk).params["roles"] == "HR"
    assert desk.approve(NOELLE).needed == 0
    desk.release()


def test_a_role_written_into_an_approval_is_not_the_role_of_the_approver(unapproved: Desk) -> None:
    entries = [
        approver(name, role=role)
        for name, role in zip(NAMES, ('"finance"', '"finance"', '"HR"'), strict=True)
    ]
    unapproved.approvers(*entries, extra='roles = ["finance", "HR"]\n')
    unapproved.approve(ZOE)
    event = made(unapproved, HERVE)
    record(unapproved, replace(event, body={**event.body, "role": "HR"}))
    assert release_refused(unapproved).error_id == "approval_forged"


def test_an_approver_whose_limit_sank_no_longer_counts(approved: Desk) -> None:
    approved.approvers(approver(ZOE, limit='"1.00"'), approver(HERVE), approver(NOELLE))
    assert release_refused(approved).error_id == "approval_limit"


def test_an_approver_who_left_or_has_a_new_key_no_longer_counts(approved: Desk) -> None:
    approved.approvers(approver(HERVE), approver(NOELLE))
    assert release_refused(approved).error_id == "approval_forged"
    stranger = approver(ZOE, public_key=key_of("Stranger"))
    approved.approvers(stranger, approver(HERVE), approver(NOELLE))
    assert release_refused(approved).error_id == "approval_forged"


def test_an_approval_of_another_run_is_not_one_of_this(unapproved: Desk) -> None:
    other = another_run(unapproved, "Somebody Else")
    other.approve(ZOE)
    other.approve(HERVE)
    with reading(other.workspace) as ledger:
        assert ledger is not None
        foreign = ledger.events("kind = 'approved'")
    record(unapproved, *(replace(event, run_id=unapproved.run_id) for event in foreign))
    error = release_refused(unapproved)
    assert (error.error_id, error.params["void"]) == ("approvals_missing", "2")
    mine = {"manifest_sha256": unapproved.prepare().subject.manifest_sha256}
    record(
        unapproved,
        *(
            replace(event, run_id=unapproved.run_id, body={**event.body, **mine})
            for event in foreign
        ),
    )
    assert {what for what, _ in prove(unapproved.workspace)[0]} == {"approval_forged"}


def test_an_approval_signed_by_another_is_seen_by_release(unapproved: Desk) -> None:
    unapproved.approve(ZOE)
    record(unapproved, made(unapproved, HERVE, signer="Stranger"))
    assert release_refused(unapproved).error_id == "approval_forged"


def test_a_repeated_event_is_seen(approved: Desk) -> None:
    with reading(approved.workspace) as ledger:
        assert ledger is not None
        last = ledger.events("kind = 'approved'")[-1]
    record(approved, last)
    assert prove(approved.workspace)[0] == [("approval_forged", str(last.seq + 1))]
    assert release_refused(approved).error_id == "approval_forged"


@pytest.mark.parametrize("field", ["statement", "signature", "public_key", "role", "by"])
def test_a_self_made_event_is_seen(field: str, approved: Desk) -> None:
    event = made(approved, NOELLE)
    record(approved, replace(event, body={**event.body, field: "é x"}))
    assert [what for what, _ in prove(approved.workspace)[0]] == ["approval_forged"]
    with pytest.raises(PayrollError):
        approved.release()
    assert approved.delivered() == {}
