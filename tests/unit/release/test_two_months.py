"""The sample hospital in May and June: nothing of May is paid again, whatever lists say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from payroll.ledger.keys import fingerprint
from payroll.model.released import ledger_head_of
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.record.run import Run
from payroll.release.bank_loop import standing
from payroll.release.ledger_input import with_ledger
from payroll.release.workspace import prove, reading
from payroll.store import load_payrun, write_run
from payroll.version import code_version
from tests.release_world import (
    APPROVERS,
    World,
    hospital,
    keys,
    known_keys,
    rulebook,
    status_report,
)
from tests.test_end_to_end import FIXTURE

NEXT = {
    'period = "2022-05"': 'period = "2022-06"',
    "pay_on = 2022-05-3": "pay_on = 2022-06-3",
    "2022-06-31": "2022-06-30",
    "due_until = 2022-06-10": "due_until = 2022-07-10",
    "created_at = 2022-05-23": "created_at = 2022-06-23",
}
KEYS = ["stream", "payee_id", "item"]


def built(folder: Path) -> tuple[Path, Run]:
    found = with_ledger(load_payrun(folder), rulebook())
    created = found.order.created_at
    assert created is not None
    output = build_run(found.request(rulebook(), created, code_version()))
    return write_run(folder / "runs", output.run_id, publish(output))[0], output


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path, Path, Run]:
    """May is released and one salary refused; then June is run on May's own lists."""
    folder = tmp_path_factory.mktemp("demo") / "w"
    shutil.copytree(FIXTURE, folder)
    path = folder / "employer.toml"
    head, _, _ = path.read_text("utf-8").partition("[release]")
    people = "".join(
        f'[[release.approvers]]\nname = "{name}"\npublic_key = "{public}"\n'
        for name, (_, public) in zip(APPROVERS, keys(), strict=True)
    )
    path.write_text(f"{head}[release]\napprovals = 2\n{people}", "utf-8")
    world = World(folder, hospital())
    may, _ = built(folder / "2022-05")
    world.release(may)
    file = next(item for item in world.sent().values() if "-SAL-" in item.message_id)
    world.answer(status_report(file, group="PART", payments={file.payments[0][0]: "RJCT"}))
    june = folder / "2022-06"
    shutil.copytree(folder / "2022-05", june, ignore=shutil.ignore_patterns("runs", "outbox"))
    order = (june / "payrun.toml").read_text("utf-8")
    for old, new in NEXT.items():
        assert old in order or old == "2022-06-31"
        order = order.replace(old, new)
    (june / "payrun.toml").write_text(order, "utf-8")
    run, output = built(june)
    return world, may, run, output


def keyed(run: Path, *, sent: bool = False) -> pd.DataFrame:
    known = known_keys(run)
    return known[known["file"] != ""] if sent else known


def test_may_pays_each_stream(months: tuple[World, Path, Path, Run]) -> None:
    world, may, _, _ = months
    sent = keyed(may, sent=True)
    assert set(sent["stream"]) == {"salaries", "bonuses", "holiday_pay", "fees", "invoices"}
    payments = {key for file in world.sent().values() for key, _, _ in file.payments}
    assert payments == set(sent["end_to_end_id"])
    assert sent["item"].str.startswith(("social:", "tax:")).any()
    assert prove(world.folder)[0] == []


def test_june_pays_nothing_of_may_again_but_salaries(months: tuple[World, Path, Path, Run]) -> None:
    _, may, june, output = months
    once = keyed(may, sent=True)
    once = once[once["stream"] != "salaries"]
    now = keyed(june)
    assert once.merge(now, on=KEYS).empty
    assert (now["stream"] == "salaries").sum() > 30
    told = output.findings.groupby("rule_id")["subject_id"].agg(set)
    people = once[once["stream"] != "invoices"]
    assert told["LED-001"] <= set(people["payee_id"])
    gone_or_nothing_due = told["REB-026"] | told["PAY-002"]
    assert set(people["payee_id"]) - told["LED-001"] <= gone_or_nothing_due
    assert told["LED-002"] == set(once.loc[once["stream"] == "invoices", "payee_id"])
    # an index was due on 1 June: the same hours would leave another net
    assert told["LED-003"] <= set(people["payee_id"])
    assert "LED-008" not in told  # of May's salary, which June does not concern


def test_what_was_held_in_may_may_still_be_paid_in_june(
    months: tuple[World, Path, Path, Run],
) -> None:
    _, may, june, _ = months
    every = keyed(may)
    held = every[(every["file"] == "") & (every["stream"] == "invoices")]
    assert len(held)
    assert len(held.merge(keyed(june), on=KEYS)) == len(held)


def test_may_again_leaves_everything_out_and_waits_for_the_refused(
    months: tuple[World, Path, Path, Run],
) -> None:
    world, may, _, _ = months
    again, output = built(world.folder / "2022-05")
    assert keyed(again, sent=True).empty
    assert keyed(may, sent=True).merge(keyed(again), on=KEYS).empty
    (problem,) = standing(world.folder).problems
    told = output.findings.set_index("rule_id")
    assert told.loc["LED-008", "subject_id"] == problem.payee_id
    salaries = keyed(may, sent=True)["stream"] == "salaries"
    of_salaries = output.findings[output.findings["rule_id"] == "LED-001"]
    assert (of_salaries["stream"] == "salaries").sum() == salaries.sum() - 1


def test_june_knows_the_release_of_may_and_no_later_event(
    months: tuple[World, Path, Path, Run],
) -> None:
    """The bank's answer came after it: what is said of the ledger makes no other run."""
    world, may, _, output = months
    head = ledger_head_of(output.inputs)
    assert head is not None
    with reading(world.folder) as ledger:
        assert ledger is not None
        (event,) = ledger.events("kind = 'released'")
        assert ledger.head()[0] > event.seq
    assert (head.run_id, head.digest, head.events) == (may.name, event.digest, event.seq)
    assert [item.name for item in head.key] == list(APPROVERS)
    assert {item.fingerprint for item in head.key} == {fingerprint(key) for _, key in keys()}
    assert ledger_head_of({}) is None
