"""A return without our id: proposed, bound by two people, proved again, and then paid again."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from payroll.ledger.book import GENESIS, canonical, event_of
from payroll.ledger.states import State
from payroll.model.errors import PayrollError, UsageError
from payroll.release.bank_loop import standing
from payroll.release.loose_ends import Loose, match, settle, settle_many
from payroll.release.workspace import prove, reading
from tests.release_world import APPROVERS, Entry, Sent, World, debit, hospital, returned, statement

MAY = "2022-05"
ONE, TWO = APPROVERS


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "w", hospital(), streams=("invoices",))
    made.pay(MAY)
    return made


def the_file(world: World) -> Sent:
    (file,) = world.sent().values()
    return file


def loose(world: World) -> Loose:
    (item,) = standing(world.folder).unmatched
    return item


def without_id(payment: tuple[str, int, str], text: str = "", *, account: str = "") -> Entry:
    """The return of a payment that does not name it."""
    entry = returned(("NOTPROVIDED", payment[1], ""))
    parties = (
        f"<RltdPties><CdtrAcct><Id><IBAN>{account}</IBAN></Id></CdtrAcct></RltdPties>"
        if account
        else ""
    )
    said = f"{parties}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    return replace(entry, details=(entry.details[0].replace("</TxDtls>", said),))


def comes_back(world: World, *, text: str = "") -> tuple[Loose, tuple[str, int, str]]:
    file = the_file(world)
    payment = file.payments[0]
    imported = world.answer(statement(file.debtor, [without_id(payment, text)]))
    assert (imported.events, imported.freed, len(imported.unmatched)) == (0, 0, 1)
    return loose(world), payment


def test_a_return_without_id_is_proposed_and_moves_nothing(world: World) -> None:
    item, payment = comes_back(world)
    assert (item.may_be, item.is_ours, item.matched_by) == ((payment[0],), True, ())
    assert (item.amount_cents, item.booked_on) == (payment[1], "2022-06-02")
    assert standing(world.folder).files[0].counts == {State.RELEASED: 2}
    assert world.run(MAY, reissue=True)[1].payments.empty


def test_two_people_bind_it_and_it_is_paid_again(world: World) -> None:
    item, payment = comes_back(world)
    assert match(world.folder, item.id, [payment[0]], ONE, "extrait 151").done is False
    assert loose(world).matched_by == (ONE,)
    assert prove(world.folder)[0] == []
    assert standing(world.folder).files[0].counts == {State.RELEASED: 2}
    assert match(world.folder, item.id, [payment[0].upper()], TWO, "vu à l'écran").done is True
    found = standing(world.folder)
    assert found.unmatched == ()
    assert found.files[0].counts == {State.RELEASED: 1, State.RETURNED: 1}
    assert prove(world.folder)[0] == []
    assert world.run(MAY, reissue=True)[1].payments["amount_cents"].tolist() == [payment[1]]


@pytest.mark.parametrize("again", [ONE, ONE.upper(), "  zoe   modele "])
def test_one_person_is_never_two(world: World, again: str) -> None:
    item, payment = comes_back(world)
    match(world.folder, item.id, [payment[0]], ONE, "extrait")
    with pytest.raises(PayrollError) as caught:
        match(world.folder, item.id, [payment[0]], again, "extrait")
    assert caught.value.error_id == "match_repeated"
    assert standing(world.folder).files[0].counts == {State.RELEASED: 2}


def test_two_words_for_two_payments_bind_neither(world: World) -> None:
    made = world.made
    made.invoice(0, "N-1", 20_500)
    world.pay(MAY)
    twins = [
        (file, payment)
        for file in world.sent().values()
        for payment in file.payments
        if payment[1] == 20_500
    ]
    assert len(twins) == 2
    entry = without_id(twins[0][1])
    world.answer(statement(twins[0][0].debtor, [entry]))
    item = loose(world)
    assert set(item.may_be) == {payment[0] for _, payment in twins}
    for name, (_, payment) in zip((ONE, TWO), twins, strict=True):
        assert match(world.folder, item.id, [payment[0]], name, "extrait").done is False
    assert not {State.RETURNED} & {s for f in standing(world.folder).files for s in f.counts}
    assert match(world.folder, item.id, [twins[0][1][0]], TWO, "extrait").done is True
    with pytest.raises(UsageError) as caught:
        match(world.folder, item.id, [twins[1][1][0]], ONE, "extrait")
    assert caught.value.error_id == "settle_unknown"
    assert prove(world.folder)[0] == []


@pytest.mark.parametrize("by_text", [True, False])
def test_the_text_or_the_account_tells_which_of_two(world: World, *, by_text: bool) -> None:
    world.made.invoice(0, "N-1", 20_500)
    world.pay(MAY)
    twins = {
        payment[0]: payment
        for file in world.sent().values()
        for payment in file.payments
        if payment[1] == 20_500
    }
    payment = twins[max(twins)]
    debtor = the_debtor(world, payment[0])
    with reading(world.folder) as ledger:
        assert ledger is not None
        (name,) = ledger.connection.execute(
            "SELECT creditor_name FROM payment WHERE end_to_end_id = ?", (payment[0],)
        ).fetchone()
    told = (
        without_id(payment, f"RETOUR {name.upper()}")
        if by_text
        else without_id(payment, account=payment[2])
    )
    world.answer(statement(debtor, [told]))
    assert loose(world).may_be == (payment[0],)


def the_debtor(world: World, key: str) -> str:
    files = world.sent().values()
    return next(file.debtor for file in files if key in {p[0] for p in file.payments})


def test_what_cannot_be_a_return_of_the_payment_is_not_bound(world: World) -> None:
    file = the_file(world)
    one, other = file.payments
    world.answer(statement(file.debtor, [without_id(one)], number="1"))
    with pytest.raises(PayrollError) as caught:
        match(world.folder, loose(world).id, [other[0]], ONE, "extrait")
    assert caught.value.error_id == "match_differs"
    world.answer(statement(file.debtor, [returned(one)], number="2"))
    with pytest.raises(PayrollError) as caught:
        match(world.folder, loose(world).id, [one[0]], ONE, "extrait")
    assert caught.value.error_id == "match_failed"
    for what, payment, by, reason, error in (
        ("U-0", one[0], ONE, "extrait", "settle_unknown"),
        (loose(world).id, "E-else", ONE, "extrait", "match_unknown"),
        (loose(world).id, one[0], "Noé Autre", "extrait", "approver_unknown"),
        (loose(world).id, one[0], ONE, " ", "settle_who_and_why"),
    ):
        with pytest.raises(UsageError) as wrong:
            match(world.folder, what, [payment], by, reason)
        assert wrong.value.error_id == error


def test_what_is_only_announced_is_not_bound(world: World) -> None:
    file = the_file(world)
    entry = replace(without_id(file.payments[0]), booked=False)
    world.answer(statement(file.debtor, [entry], kind="054"))
    with pytest.raises(PayrollError) as caught:
        match(world.folder, loose(world).id, [file.payments[0][0]], ONE, "avis")
    assert caught.value.error_id == "match_differs"


# --- a whole file, several payments, and less than was paid --------------------------------------


def batch_back(file: Sent, *, cents: int = 0, block: bool = True) -> Entry:
    """The credit of a whole file, with the id of its block or with nothing."""
    entry = debit(file, cents or file.total, day="2022-06-02", reference="BACK")
    return replace(entry, direction="CRDT", batch=entry.batch if block else "")


@pytest.mark.parametrize("block", [True, False])
@pytest.mark.parametrize("name", ["message_id", "block_id", "outbox", "payments"])
def test_a_whole_file_that_came_back_is_bound_and_paid_again(
    world: World, name: str, *, block: bool
) -> None:
    file = the_file(world)
    world.answer(statement(file.debtor, [debit(file, file.total)], number="1"))
    imported = world.answer(statement(file.debtor, [batch_back(file, block=block)], number="2"))
    assert (len(imported.unmatched), imported.freed) == (1, 0)
    item = loose(world)
    assert (item.may_be, item.is_ours) == ((file.message_id,), True)
    (state,) = standing(world.folder).files
    names = {
        "message_id": [file.message_id.upper()],
        "block_id": [file.block_id],
        "outbox": [state.outbox_name],
        "payments": [payment[0] for payment in reversed(file.payments)],
    }[name]
    ids = sorted(payment[0] for payment in file.payments)
    once = match(world.folder, item.id, names, ONE, "extrait 2")
    assert (once.done, list(once.payments), once.missing_cents) == (False, ids, 0)
    assert standing(world.folder).files[0].counts == {State.EXECUTED: 2}
    with pytest.raises(PayrollError) as caught:
        match(world.folder, item.id, ids, ONE, "extrait 2")
    assert caught.value.error_id == "match_repeated"
    assert match(world.folder, item.id, [file.message_id], TWO, "tout revenu").done is True
    found = standing(world.folder)
    assert (found.unmatched, found.files[0].counts) == ((), {State.RETURNED: 2})
    assert prove(world.folder)[0] == []
    again = world.run(MAY, reissue=True)[1].payments["amount_cents"].tolist()
    assert sorted(again) == sorted(payment[1] for payment in file.payments)


def test_what_is_left_of_a_file_comes_back(world: World) -> None:
    """One was returned by its id; the credit of the rest is the file without it."""
    file = the_file(world)
    one, other = file.payments
    world.answer(statement(file.debtor, [returned(one)], number="1"))
    world.answer(statement(file.debtor, [batch_back(file, cents=other[1])], number="2"))
    item = loose(world)
    assert match(world.folder, item.id, [file.message_id], ONE, "le reste").payments == (other[0],)
    match(world.folder, item.id, [other[0]], TWO, "le reste")
    assert standing(world.folder).files[0].counts == {State.RETURNED: 2}
    assert prove(world.folder)[0] == []


@pytest.mark.parametrize("named", [True, False])
def test_a_return_less_charges_is_bound_and_what_is_missing_stays_listed(
    world: World, *, named: bool
) -> None:
    file = the_file(world)
    payment = file.payments[0]
    less = (payment[0], payment[1] - 500, payment[2])
    entry = returned(less) if named else without_id(less, account=payment[2])
    world.answer(statement(file.debtor, [entry]))
    item = loose(world)
    assert item.may_be == (payment[0],)
    for name in (ONE, TWO):
        found = match(world.folder, item.id, [payment[0]], name, "frais de retour 5,00")
        assert found.missing_cents == 500
    (left,) = standing(world.folder).unmatched
    assert (left.id, left.why, left.amount_cents) == (item.id, "short", 500)
    assert (left.is_ours, left.may_be, left.matched_by) == (True, (), ())
    assert standing(world.folder).files[0].counts == {State.RELEASED: 1, State.RETURNED: 1}
    assert prove(world.folder)[0] == []
    assert world.run(MAY, reissue=True)[1].payments["amount_cents"].tolist() == [payment[1]]
    with pytest.raises(UsageError) as caught:
        match(world.folder, item.id, [payment[0]], ONE, "encore")
    assert caught.value.error_id == "settle_unknown"
    settle(world.folder, item.id, ONE, "frais comptabilisés")
    assert standing(world.folder).unmatched == ()
    assert prove(world.folder)[0] == []


@pytest.mark.parametrize("cents", [-1, 5_001])
def test_more_than_was_paid_or_much_less_is_not_bound(world: World, cents: int) -> None:
    file = the_file(world)
    payment = file.payments[0]
    world.answer(statement(file.debtor, [returned((payment[0], payment[1] - cents, payment[2]))]))
    with pytest.raises(PayrollError) as caught:
        match(world.folder, loose(world).id, [payment[0]], ONE, "extrait")
    assert caught.value.error_id == "match_differs"


def test_two_words_for_a_file_and_for_one_payment_of_it_bind_neither(world: World) -> None:
    file = the_file(world)
    world.answer(statement(file.debtor, [batch_back(file)]))
    item = loose(world)
    match(world.folder, item.id, [file.message_id], ONE, "extrait")
    with pytest.raises(PayrollError) as caught:
        match(world.folder, item.id, [file.payments[0][0]], TWO, "extrait")
    assert caught.value.error_id == "match_differs"
    world.answer(statement(file.debtor, [returned(file.payments[0])], number="2"))
    with pytest.raises(PayrollError) as caught:  # what is left is no longer what came
        match(world.folder, item.id, [file.message_id], TWO, "extrait")
    assert caught.value.error_id == "match_differs"
    assert prove(world.folder)[0] == []


@pytest.mark.parametrize(
    ("spoil", "whole"),
    [*product(("by", "item", "amount", "alone"), (True, False)), ("fewer", True)],
)
def test_a_return_bound_without_two_words_is_found_out(
    world: World, spoil: str, *, whole: bool
) -> None:
    """Whoever rewrites the whole chain still needs two people's words behind a return by hand."""
    if whole:
        file = the_file(world)
        world.answer(statement(file.debtor, [batch_back(file)]))
        item, named = loose(world), file.message_id
    else:
        item, (named, *_) = comes_back(world)
    for name in (ONE, TWO):
        match(world.folder, item.id, [named], name, "extrait")
    with sqlite3.connect(world.folder / "ledger.sqlite") as connection:
        rechain(connection, spoil)
    problems = {what for what, _ in prove(world.folder)[0]}
    assert "match_unproved" in problems
    assert not {"event_changed", "event_broken"} & problems


def rechain(connection: sqlite3.Connection, spoil: str) -> None:
    """Change the words on a return and chain every event anew, as a thief who can write would."""
    rows = [*connection.execute("SELECT * FROM event ORDER BY seq")]
    connection.execute("DELETE FROM event")
    previous, seq = GENESIS, 0
    words = 0
    for row in rows:
        event = event_of(row)
        body = json.loads(row[6])
        words += event.kind == "matched"
        if event.kind == "matched" and words == 2 and spoil == "alone":
            continue
        if event.kind == "return_booked" and spoil == "fewer":
            spoil = ""
            continue
        if event.kind == "matched" and spoil == "by":
            body["by"] = ONE
        if event.kind == "matched" and spoil == "item":
            body["item"] = "U-00000000"
        if event.kind == "return_booked" and spoil == "amount":
            body["amount_cents"] += 1
        seq += 1
        event = replace(event, body=body)
        digest = event.chained(seq, previous)
        connection.execute(
            "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?)",
            (seq, *row[1:6], canonical(body), previous, digest),
        )
        previous = digest


# --- the flood of others' entries ----------------------------------------------------------------


def foreign(number: int, day: str = "2022-06-01", name: str = "Assurances Fictives") -> Entry:
    detail = (
        f"<TxDtls><Refs><EndToEndId>DD-{number}</EndToEndId></Refs><RltdPties><Cdtr><Nm>{name}</Nm>"
        "</Cdtr><CdtrAcct><Id><IBAN>BE62510007547061</IBAN></Id></CdtrAcct></RltdPties></TxDtls>"
    )
    return Entry(cents=1_000 + number, day=day, reference=f"F{number}", details=(detail,))


def test_what_may_be_ours_comes_first_and_a_filter_settles_the_rest(world: World) -> None:
    file = the_file(world)
    entries = [foreign(n) for n in range(30)] + [foreign(40, day="2022-06-05", name="Autre")]
    world.answer(statement(file.debtor, [*entries, without_id(file.payments[0])]))
    found = standing(world.folder).unmatched
    assert [item.is_ours for item in found] == [True] + [False] * 31
    assert (found[1].name, found[1].account) == ("Assurances Fictives", "BE62510007547061")
    for given in ({"name": "ASSUR"}, {}):
        ids = settle_many(world.folder, ONE, "autre dossier", account="BE62510007547061", **given)
        assert len(ids) == (30 if given else 1)
    with pytest.raises(UsageError) as caught:
        settle_many(world.folder, ONE, "autre dossier", name="assur")
    assert caught.value.error_id == "settle_unknown"
    (left,) = standing(world.folder).unmatched
    assert left.is_ours
    settle(world.folder, left.id, ONE, "extourne déjà vue")
    assert standing(world.folder).unmatched == ()
    assert prove(world.folder)[0] == []


def test_a_filter_by_day_takes_what_is_booked_before_it(world: World) -> None:
    file = the_file(world)
    days = ("2022-05-30", "2022-05-31", "2022-06-01")
    world.answer(statement(file.debtor, [foreign(n, day) for n, day in enumerate(days)]))
    assert len(settle_many(world.folder, ONE, "assurance", before=date(2022, 5, 31))) == 1
    assert [item.booked_on for item in standing(world.folder).unmatched] == list(days[1:])


def test_a_file_of_another_account_is_refused_by_its_account(world: World) -> None:
    with pytest.raises(PayrollError) as caught:
        world.answer(statement("BE43068999999501", [foreign(1)]))
    error = caught.value
    assert (error.error_id, error.exit_code) == ("answer_other_account", 4)
    assert error.params["accounts"] == "BE43…9501"
    assert standing(world.folder).unmatched == ()
    file = the_file(world)  # what names us is listed, wherever it stands
    world.answer(statement("BE43068999999501", [debit(file, file.total)]))
    assert loose(world).why == "account"
