"""Nothing but the bank's file survives: the run ends in payments and says what it could not see."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from payroll.demo.planted import BANK_FILE
from payroll.demo.workspace import make_hospital, planted
from payroll.ingest.bank_file import read_bank_file
from payroll.model.order import SourceOrder
from tests.command import payroll
from tests.test_end_to_end import FIXTURE, table

NOBODY = ("joiners", "leavers", "deceased")


def run_with(folder: Path, kinds: Iterable[str], none_known: Iterable[str] = ()) -> Path:
    """Run the small hospital's salaries with these sources only; its run folder."""
    shutil.copytree(FIXTURE, folder)
    order = folder / "2022-05" / "payrun.toml"
    head, *sources = order.read_text("utf-8").split("[[source]]")
    kept = [text for text in sources if re.findall(r'kind = "(\w+)"', text)[0] in kinds]
    for stream in ("holiday_pay", "bonuses", "fees", "invoices"):
        head = re.sub(rf"\[{stream}\]\n(.+\n)+", "", head)
    declared = (f'{name} = "Noëlle Fictif, 2022-05-20"\n' for name in ("holiday_pay", *none_known))
    head += "[none_known]\n" + "".join(declared)
    order.write_text("".join([head, *("[[source]]" + text for text in kept)]), "utf-8")
    done = payroll("run", order)
    assert done.returncode in (0, 1), done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_with(tmp_path_factory.mktemp("alone") / "w", {"bank_payments"}, NOBODY)


@pytest.fixture(scope="module")
def with_staff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kinds = {"bank_payments", "employees", "adjustments"}
    return run_with(tmp_path_factory.mktemp("staff") / "w", kinds)


def test_the_bank_alone_ends_in_the_payments_of_last_month(alone: Path) -> None:
    source = SourceOrder(kind="bank_payments", file=BANK_FILE)
    april, _, _ = read_bank_file(source, (FIXTURE / "2022-05" / BANK_FILE).read_bytes())
    rows = table(alone / "payments.csv")
    assert {row["status"] for row in rows} == {"pay"}
    assert sorted((row["iban"], int(row["amount_cents"])) for row in rows) == sorted(
        zip(april["iban"], april["amount_cents"], strict=True)
    )
    assert {row["legal_nature"] for row in rows} == {"full_estimate"}
    lines = table(alone / "lines.csv")
    assert {line["basis"] for line in lines} == {"estimated"}
    assert all(line["source"].startswith(f"{BANK_FILE}!SAL-2204-") for line in lines)
    assert (alone / "sepa").is_dir()


def test_it_says_what_it_could_not_check(alone: Path) -> None:
    found = table(alone / "findings.csv")
    told = {row["rule_id"] for row in found if row["severity"] == "warn"}
    assert {"REB-047", "EVAL-002"} <= told
    missing = {row["observed"] for row in found if row["rule_id"] == "EVAL-002"}
    assert missing == {"register_totals"}


def test_the_people_of_the_list_are_held_where_list_and_bank_differ(with_staff: Path) -> None:
    held = {
        row["payee_id"] for row in table(with_staff / "payments.csv") if row["status"] == "held"
    }
    holding = {
        "accounts_swapped",
        "account_changed_everywhere",
        "iban_differs_from_register",
        "iban_changed_after_attack",
        "deceased",
    }
    assert held == {case["subject_id"] for case in planted("small", 1) if case["kind"] in holding}


def test_everybody_untouched_gets_aprils_net_to_the_cent(with_staff: Path) -> None:
    touched = {case["subject_id"] for case in planted("small", 1)}
    paid = {row["payee_id"]: int(row["amount_cents"]) for row in table(with_staff / "payments.csv")}
    plain = [agent for agent in make_hospital("small", 1).staff if agent.number not in touched]
    assert len(plain) > 10
    for agent in plain:
        assert paid[agent.number] == agent.pay.net


@pytest.mark.parametrize("folder", ["alone", "with_staff"])
def test_the_run_proves_itself_and_explains_each_person(
    folder: str, request: pytest.FixtureRequest
) -> None:
    run: Path = request.getfixturevalue(folder)
    assert payroll("verify", run).returncode == 0
    row = table(run / "payments.csv")[0]
    shown = payroll("explain-pay", run, row["payee_id"], "--lang", "en")
    assert shown.returncode == 0, shown.stderr
    assert "Estimation policy: 100% of what the bank paid" in " ".join(shown.stdout.split())
    traced = payroll("trace", run, row["payee_id"], "--lang", "en")
    assert f"{BANK_FILE}!SAL-2204-" in traced.stdout


def test_our_own_files_are_read_as_what_they_pay(alone: Path) -> None:
    """A second opinion: what one part writes another reads, to the cent."""
    found = []
    for path in sorted((alone / "sepa").iterdir()):
        source = SourceOrder(kind="bank_payments", file=path.name)
        rows, read, _ = read_bank_file(source, path.read_bytes())
        assert not read.findings
        found += list(zip(rows["end_to_end_id"], rows["iban"], rows["amount_cents"], strict=True))
    assert sorted(found) == sorted(
        (row["end_to_end_id"], row["iban"], int(row["amount_cents"]))
        for row in table(alone / "payments.csv")
    )
