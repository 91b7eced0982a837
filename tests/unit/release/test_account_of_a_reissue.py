"""A payment that failed is paid again to its own account, or two people have confirmed another.

That a payment failed is what anybody can write: a status report is a file like any other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from payroll.record.run import Run
from payroll.release.proven_run import prepare
from payroll.rulebook.wording import message
from payroll.texts.shown import iban_shown
from tests.release_world import Hospital, World, hospital, rulebook, status_report

MAY, JUNE = "2022-05", "2022-06"
STREAM = {"F1001": "invoices", "P101": "fees"}


def failed(folder: Path, stream: str, made: Hospital | None = None) -> World:
    """A world whose payments of May all came back, as a hand-made answer says."""
    world = World(folder / "w", made or hospital(), streams=(stream,))
    world.pay(MAY)
    for number, file in enumerate(world.sent().values()):
        world.answer(status_report(file, group="RJCT", reason="AC04", answer_id=f"R{number}"))
    return world


def holds(output: Run, payee: str) -> set[str]:
    """The rules that hold all payments of a payee; there is one at least."""
    rows = output.payments[output.payments["payee_id"] == payee]
    assert set(rows["status"]) == {"held"}, rows
    return set(" ".join(rows["hold_rules"]).split())


def told(output: Run, payee: str, rule: str) -> list[str]:
    rows = output.findings
    rows = rows[(rows["rule_id"] == rule) & (rows["subject_id"] == payee)]
    return rows["message"].tolist()


def move(made: Hospital, payee: str) -> tuple[str, str]:
    """Another account on the list itself: (before, now)."""
    for people in (made.suppliers, made.practitioners, made.staff):
        for at, item in enumerate(people):
            if item.number == payee:
                new = made.register.iban()
                people[at] = replace(item, iban=new)  # type: ignore[index]
                return item.iban, new
    raise AssertionError(payee)


@pytest.mark.parametrize("payee", ["F1001", "P101", "staff"])
@pytest.mark.parametrize("month", [MAY, JUNE])
def test_another_account_on_the_list_is_held_and_both_are_shown(
    tmp_path: Path, payee: str, month: str
) -> None:
    made = hospital()
    payee = made.staff[0].number if payee == "staff" else payee
    world = failed(tmp_path, STREAM.get(payee, "salaries"), made)
    before, now = move(made, payee)
    if month == JUNE:
        made.invoice(0, "N-1", 5_000)
    _, output = world.run(month, reissue=month == MAY)
    rules = holds(output, payee) & {"LED-010", "IBAN-003"}
    assert rules
    (said,) = {line for rule in rules for line in told(output, payee, rule)}
    assert iban_shown(before) in said
    assert iban_shown(now) in said


def test_another_account_by_an_adjustment_is_held_and_both_are_shown(tmp_path: Path) -> None:
    world = failed(tmp_path, "invoices")
    before = world.made.suppliers[0].iban
    world.made.moved["F1001"] = now = world.made.register.iban()
    _, output = world.run(MAY, reissue=True)
    assert "IBAN-003" in holds(output, "F1001")
    (said,) = told(output, "F1001", "IBAN-003")
    assert iban_shown(before) in said
    assert iban_shown(now) in said


def test_an_adjustment_that_is_not_in_force_excuses_no_account_on_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list was altered, and a row of a later day names the same account."""
    world = failed(tmp_path, "invoices")
    _, now = move(world.made, "F1001")
    world.made.moved["F1001"] = now

    class Later(date):
        @classmethod
        def fromisoformat(cls, text: str) -> date:
            return max(date(2022, 12, 1), date.fromisoformat(text))

    monkeypatch.setattr("tests.release_world.date", Later)
    _, output = world.run(MAY, reissue=True)
    assert "LED-010" in holds(output, "F1001")


def test_the_same_account_is_no_change(tmp_path: Path) -> None:
    world = failed(tmp_path, "invoices")
    _, output = world.run(MAY, reissue=True)
    assert told(output, "F1001", "LED-010") == []
    assert "LED-005" in holds(output, "F1001")  # a closed account is not mended by asking again


def test_two_people_release_it_and_who_approves_sees_both_accounts(tmp_path: Path) -> None:
    world = failed(tmp_path, "invoices")
    before, now = move(world.made, "F1001")
    run = world.pay(MAY, reissue=True)
    rows = pd.read_csv(run / "payments.csv", keep_default_na=False)
    assert set(rows.loc[rows["payee_id"] == "F1001", "iban"]) == {now}
    assert prepare(run).changed_accounts == [("F1001", before, now)]
    world.made.invoice(0, "N-1", 5_000)
    _, output = world.run(JUNE)  # confirmed and paid: it is the last account now
    assert told(output, "F1001", "LED-010") == []
    back, _ = now, move(world.made, "F1001")
    _, output = world.run(JUNE)
    (said,) = told(output, "F1001", "LED-010")
    assert iban_shown(back) in said


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_a_change_of_account_shows_both_in_every_language(language: str) -> None:
    before, now = "BE71096123456769", "BE88063954965641"
    words = {"observed": now, "limit": before, "last": before, "subject": "1", "run": "r"}
    rules = ("IBAN-003", "BANK-001", "LED-010", "MOVE-004")
    for rule in rules:
        said = message(
            rulebook().controls[rule], {**words, "day": "2022-05-31", "source": "x"}, language
        )
        assert iban_shown(before) in said, rule
        assert iban_shown(now) in said, rule
    for rule in ("MOVE-002", "MOVE-003"):
        said = message(rulebook().controls[rule], {**words, "limit": "3"}, language)
        assert iban_shown(before) in said, rule
        assert iban_shown(now) in said, rule
