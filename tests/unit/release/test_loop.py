"""From one run to the next: what was released is left out, what failed waits to be asked for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from payroll.demo.staff import RegisterLine
from payroll.ledger.near_duplicates import Near
from payroll.model.errors import UsageError
from payroll.record.run import Run
from payroll.release.bank_loop import standing
from payroll.release.decide import decision_context
from payroll.release.proven_run import prepare
from payroll.release.workspace import prove
from tests.release_world import (
    World,
    debit,
    hospital,
    known_keys,
    returned,
    statement,
    status_report,
)

MAY, JUNE = "2022-05", "2022-06"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the review."""
    monkeypatch.setattr("tests.release_world.near_rule", lambda _prepared: Near(days=25))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "w", hospital(), streams=("invoices",))


def paid(run: Path, stream: str = "invoices") -> dict[str, int]:
    """By payee what a run's files pay (cents)."""
    rows = pd.read_csv(run / "payments.csv", dtype={"payee_id": str}, keep_default_na=False)
    rows = rows[(rows["file"] != "") & (rows["stream"] == stream)]
    return {
        str(key): int(cents)
        for key, cents in rows.groupby("payee_id")["amount_cents"].sum().items()
    }


def told(output: Run, rule: str) -> set[str]:
    rows = output.findings
    return set(rows.loc[rows["rule_id"] == rule, "subject_id"])


def refuse(world: World, *payees: str, reason: str = "AC04", name: str = "r") -> None:
    """The bank refuses the payments of some payees of the newest run that pays them."""
    ids = {}
    for run in sorted(world.folder.glob("*/runs/*"), key=lambda path: path.stat().st_mtime):
        known = known_keys(run)
        known = known[known["payee_id"].isin(payees) | known["item"].isin(payees)]
        ids |= {row.end_to_end_id: row.file for row in known.itertuples() if row.file}
    for number, file in enumerate(world.sent().values()):
        wanted = {key: "RJCT" for key, _, _ in file.payments if key in ids}
        if wanted:
            world.answer(
                status_report(
                    file, group="PART", payments=wanted, reason=reason, answer_id=f"{name}{number}"
                )
            )


def test_only_the_new_invoice_of_a_supplier_is_paid(world: World) -> None:
    may = world.pay(MAY)
    assert paid(may) == {"F1001": 40_700, "F1002": 20_500}
    world.made.invoice(0, "N-1", 5_000)
    run, output = world.run(JUNE)
    assert paid(run) == {"F1001": 5_000}
    assert told(output, "LED-002") == {"F1001", "F1002"}
    world.release(run)
    again, output = world.run(JUNE)
    assert paid(again) == {}
    assert prove(world.folder)[0] == []


def test_a_credit_note_is_netted_once(world: World) -> None:
    world.made.invoice(0, "CN-1", -700)
    assert paid(world.pay(MAY))["F1001"] == 40_000
    world.made.invoice(0, "N-1", 5_000)
    assert paid(world.pay(JUNE)) == {"F1001": 5_000}


def test_a_credit_note_whose_payment_failed_is_netted_again_with_it(world: World) -> None:
    world.made.invoice(0, "CN-1", -700)
    world.pay(MAY)
    refuse(world, "F1001")
    world.made.suppliers[0].iban = world.made.register.iban()
    world.made.invoice(0, "N-1", 5_000)
    _, output = world.run(MAY)
    assert output.payments["amount_cents"].tolist() == [5_000]  # neither netted nor paid unasked
    assert told(output, "LED-010") == {"F1001"}  # another account than that of what failed
    assert paid(world.pay(MAY, reissue=True)) == {"F1001": 40_000}
    assert paid(world.run(MAY)[0]) == {"F1001": 5_000}


def test_what_is_retained_for_an_office_is_released_once(world: World) -> None:
    world.made.invoice(1, "W-1", 121_000, ("social", "tax"))
    may = world.pay(MAY)
    assert set(known_keys(may)["item"]) == {
        "A-100",
        "A-101",
        "A-102",
        "W-1",
        "social:W-1",
        "tax:W-1",
    }
    assert paid(may) == {"F1001": 40_700, "F1002": 20_500 + 121_000}
    assert paid(world.run(JUNE)[0]) == {}


@pytest.mark.parametrize("item", ["social:W-1", "W-1"])
def test_what_failed_of_an_invoice_alone_is_paid_again(world: World, item: str) -> None:
    """The office's part without the supplier's, or the supplier's without the office's."""
    world.made.invoice(1, "W-1", 121_000, ("social",))
    world.pay(MAY)
    refuse(world, item)
    waiting = standing(world.folder).problems
    assert len(waiting) == 1
    run, output = world.run(JUNE)
    assert paid(run) == {}
    assert told(output, "LED-004") == {"F1002"}
    again = world.pay(MAY, reissue=True)
    expected = {"social:W-1"} if item == "social:W-1" else {"W-1", "A-101"}
    known = known_keys(again)
    assert set(known["item"]) == expected
    assert sum(paid(again).values()) == waiting[0].amount_cents
    assert paid(world.run(MAY, reissue=True)[0]) == {}


def test_a_like_number_and_a_like_amount_are_told(world: World) -> None:
    world.pay(MAY)
    world.made.invoice(0, "A100", 4_400)  # A-100 in another writing
    world.made.invoice(1, "Z-9", 20_500)  # what F1002 got in May
    _, output = world.run(MAY)
    assert told(output, "LED-007") == {"F1001"}
    assert told(output, "LED-006") == {"F1002"}
    rows = output.findings.groupby("rule_id")["severity"].first()
    assert (rows["LED-006"], rows["LED-007"]) == ("hold", "hold")
    held = output.payments.set_index("payee_id")["status"]
    assert held.to_dict() == {"F1001": "held", "F1002": "held"}


@pytest.fixture
def people(tmp_path: Path) -> World:
    return World(tmp_path / "w", hospital(), streams=("salaries", "fees"))


def test_people_are_told_what_became_of_their_month(people: World) -> None:
    people.pay(MAY)
    staff = [agent.number for agent in people.made.staff]
    refuse(people, staff[0])
    pay = people.made.staff[1].monthly_cents + 10_000
    people.made.staff[1] = replace(
        people.made.staff[1], monthly_cents=pay, components=(RegisterLine(code="1000", cents=pay),)
    )
    people.made.fees["P101", "2022-04"] = 600_000
    run, output = people.run(MAY)
    assert known_keys(run).empty
    assert told(output, "LED-001") == {*staff[1:], "P101", "P102"}
    assert told(output, "LED-003") == {staff[1], "P101"}
    assert told(output, "LED-008") == {staff[0]}
    rows = output.findings.set_index("rule_id")
    assert rows.loc["LED-008", "message"].count("AC04") == 1
    _, june = people.run(JUNE)  # every month anew, though the amounts are those of May
    assert not {"LED-001", "LED-003", "LED-006", "LED-008"} & set(june.findings["rule_id"])
    assert (june.payments["stream"] == "salaries").sum() == 3


def test_a_failed_salary_waits_for_a_mended_account_or_for_two_people(people: World) -> None:
    people.pay(MAY)
    staff = [agent.number for agent in people.made.staff]
    refuse(people, staff[0], staff[1])
    people.made.moved[staff[1]] = people.made.register.iban()
    run, output = people.run(MAY, reissue=True)
    assert set(known_keys(run)["payee_id"]) == set(staff[:2])
    assert told(output, "LED-005") == {staff[0]}
    assert set(output.payments["status"]) == {"held"}  # the new account waits for a word too
    assert people.decide_all(run) > 0
    again, output = people.run(MAY, reissue=True)
    assert again != run
    assert set(output.payments["status"]) == {"pay"}
    old = {key for file in people.sent().values() for key, _, _ in file.payments}
    assert not old & set(output.payments["end_to_end_id"])
    people.release(again)
    assert people.run(MAY, reissue=True)[1].payments.empty
    assert prove(people.folder)[0] == []


def test_a_cause_that_data_cannot_mend_is_asked_though_the_account_is_another(
    people: World,
) -> None:
    people.pay(MAY)
    number = people.made.staff[0].number
    refuse(people, number, reason="AM04")
    people.made.moved[number] = people.made.register.iban()
    assert told(people.run(MAY, reissue=True)[1], "LED-005") == {number}


def test_two_failures_paid_again_as_one_are_both_to_be_mended(world: World) -> None:
    """One was refused for its account, the other for lack of money: a new account mends one."""
    world.pay(MAY)
    refuse(world, "F1001", reason="AC04")
    world.made.invoice(0, "N-1", 5_000)
    world.pay(JUNE)
    refuse(world, "N-1", reason="AM04", name="s")
    world.made.suppliers[0].iban = world.made.register.iban()
    run, output = world.run(JUNE, reissue=True)
    assert set(known_keys(run)["item"]) == {"A-100", "A-102", "N-1"}
    assert len(output.payments) == 1
    assert told(output, "LED-005") == {"F1001"}


def test_a_refused_month_is_decided_on_what_the_ledger_knows(people: World) -> None:
    """No run folder to open: the findings are worked out now, with what was released."""
    people.pay(MAY)
    order = people.folder / MAY / "payrun.toml"
    text = order.read_text("utf-8").replace('leavers = "Noëlle Fictif"\n', "")
    order.write_text(text, "utf-8")
    rules = set(decision_context(people.folder / MAY).run.findings["rule_id"])
    assert {"LED-001", "INPUT-003"} <= rules


def test_both_sides_that_match_nothing_are_listed(world: World) -> None:
    world.pay(MAY)
    (file,) = world.sent().values()
    world.answer(status_report(replace(file, message_id="NOT-OURS"), group="RJCT"))
    found = standing(world.folder)
    assert [(item.why, item.code) for item in found.unmatched] == [("unknown", "RJCT")]
    assert [(item.state, item.answered) for item in found.files] == [("released", False)]
    world.answer(statement(file.debtor, [debit(file, file.total)]))
    found = standing(world.folder)
    assert [(item.state, item.answered) for item in found.files] == [("executed", True)]


def test_a_workspace_that_was_moved_goes_on(world: World, tmp_path: Path) -> None:
    run, _ = world.run(MAY)
    shutil.move(world.folder, tmp_path / "elsewhere")
    moved = World(tmp_path / "elsewhere", world.made, streams=("invoices",))
    moved.release(moved.folder / MAY / "runs" / run.name)
    assert len(moved.sent()) == 1
    assert prove(moved.folder)[0] == []


def test_a_run_outside_a_workspace_is_not_released(world: World, tmp_path: Path) -> None:
    run, _ = world.run(MAY)
    copy = tmp_path / "copy" / run.name
    shutil.copytree(run, copy)
    with pytest.raises(UsageError) as caught:
        prepare(copy)
    assert caught.value.error_id == "run_outside_workspace"


def test_a_return_is_paid_again_only_once_its_credit_is_booked(people: World) -> None:
    people.pay(MAY)
    file = next(file for file in people.sent().values() if "SAL" in file.message_id)
    people.answer(statement(file.debtor, [debit(file, file.total)], number="1"))
    back = file.payments[0]
    people.answer(statement(file.debtor, [returned(back, booked=False)], kind="054", number="2"))
    assert people.run(MAY, reissue=True)[1].payments.empty
    people.answer(statement(file.debtor, [returned(back)], number="3"))
    assert people.run(MAY, reissue=True)[1].payments["amount_cents"].tolist() == [back[1]]
