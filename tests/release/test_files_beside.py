"""A file of the bank beside the order that nobody named blocks; the run folder proves it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from payroll.demo.bank import Ghost, salary_file
from payroll.model.beside import BESIDE
from payroll.model.errors import PayrollError
from payroll.pipeline import build_run
from payroll.record.run import Run, files_beside
from payroll.release import proven_run
from payroll.release.ledger_input import to_reissue, with_ledger
from payroll.release.proven_run import prepare
from payroll.release.release import near_rule, release_run
from payroll.store import load_payrun, what_lies_beside
from tests.command import payroll
from tests.release_world import World, hospital, rulebook

UNUSED, FILE_UNUSED = "BANK-012", "INPUT-017"
NAME = "bank/salaires.xml"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, hospital())


def bank_file(world: World) -> bytes:
    """The bank's file of April's salaries."""
    ghost = Ghost(number="9", name="PERSONNE FICTIVE", iban=world.made.accounts[1], cents=100)
    return salary_file(world.made.staff, ghost, world.made.accounts[0])


def put(world: World, name: str, content: bytes, month: str = "2022-05") -> Path:
    path = world.write(month) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def built(world: World, *, reissue: bool = False, more: str = "") -> Run:
    place = world.write("2022-05")
    order = place / "payrun.toml"
    order.write_text(order.read_text("utf-8") + more, "utf-8")
    found = with_ledger(load_payrun(place), rulebook())
    found = to_reissue(found, None, "Noëlle Fictif") if reissue else found
    return build_run(found.request(rulebook()))


def told(run: Run, rule: str = UNUSED) -> list[tuple[str, str]]:
    rows = run.findings[run.findings["rule_id"] == rule]
    return list(zip(rows["subject_id"], rows["severity"], strict=True))


def named(name: str = NAME, kind: str = "bank_payments") -> str:
    return f'[[source]]\nkind = "{kind}"\nfile = "{name}"\n'


@pytest.mark.parametrize("name", [NAME, "salaires", "exports/april.txt", "a/b/c/x.csv"])
def test_left_out_of_the_order_it_blocks_under_any_name(world: World, name: str) -> None:
    put(world, name, bank_file(world))
    run = built(world)
    assert run.refused
    assert told(run) == [(name, "block")]
    rows = run.findings[run.findings["rule_id"] == UNUSED]
    assert "payrun.toml" in rows["remedy"].tolist()[0]


def test_named_it_is_a_source_and_its_copy_is_nothing_new(world: World) -> None:
    put(world, NAME, bank_file(world))
    put(world, "bank/copy.xml", bank_file(world))
    run = built(world, more=named())
    assert BESIDE not in run.inputs
    assert not told(run)
    assert not told(run, FILE_UNUSED)


def test_one_of_two_files_left_out_blocks_too(world: World) -> None:
    put(world, NAME, bank_file(world))
    put(world, "bank/fees.xml", bank_file(world).replace(b"PAIE-2022-04", b"FEES-2022-04"))
    assert told(built(world, more=named())) == [("bank/fees.xml", "block")]


def test_the_bank_of_another_month_and_a_list_are_told(world: World) -> None:
    put(world, "bank/march.xml", bank_file(world).replace(b"2022-04-29", b"2022-03-31"))
    put(world, "adjustments/joiners.csv", b"id;name;from\n1;A;2022-05-01\n2;B;2022-05-02\n")
    put(world, "notes.txt", b"a note\n")
    put(world, ".hidden.csv", b"id;name;from\n1;A;2022-05-01\n2;B;2022-05-02\n")
    put(world, "~$joiners.csv", b"id;name;from\n1;A;2022-05-01\n2;B;2022-05-02\n")
    run = built(world)
    assert told(run, FILE_UNUSED) == [
        ("adjustments/joiners.csv", "warn"),
        ("bank/march.xml", "warn"),
    ]
    assert not told(run)
    assert not run.refused


def test_what_the_bank_answers_to_this_month_makes_no_other_run(world: World) -> None:
    before = built(world)
    put(world, "bank/may.xml", bank_file(world).replace(b"2022-04-29", b"2022-05-31"))
    after = built(world)
    assert (before.run_id, before.inputs) == (after.run_id, after.inputs)


def test_what_is_paid_again_is_told_only(world: World) -> None:
    put(world, NAME, bank_file(world))
    assert told(built(world, reissue=True)) == [(NAME, "warn")]


def test_it_is_an_input_of_the_run_and_the_folder_is_rebuilt_without_the_file(world: World) -> None:
    path = put(world, "exports/more.csv", b"id;name;from\n1;A;2022-05-01\n2;B;2022-05-02\n")
    folder, run = world.run("2022-05")
    rows = files_beside(run.inputs)
    assert rows["file"].tolist() == ["exports/more.csv"]
    assert rows["bytes"].tolist() == [len(path.read_bytes())]
    assert (folder / "inputs" / BESIDE).is_file()
    path.unlink()
    proven_run._REBUILT.clear()
    done = payroll("run", folder.parent.parent)  # a whole folder, with its documents
    assert done.returncode in (0, 1), done.stderr
    assert payroll("verify", done.stdout.strip()).returncode == 0


def test_struck_from_the_folder_it_is_seen(world: World) -> None:
    put(world, "exports/more.csv", b"id;name;from\n1;A;2022-05-01\n2;B;2022-05-02\n")
    done = payroll("run", world.folder / "2022-05")
    run = Path(done.stdout.strip())
    (run / "inputs" / BESIDE).unlink()
    assert payroll("verify", run).returncode != 0
    with pytest.raises(PayrollError, match="run_altered"):
        prepare(run)


def test_a_file_of_the_bank_that_comes_after_the_run_stops_the_release(world: World) -> None:
    run, _ = world.run("2022-05")
    if world.decide_all(run):
        run, _ = world.run("2022-05")
    path = world.folder / "2022-05" / NAME
    path.parent.mkdir()
    path.write_bytes(bank_file(world))
    with pytest.raises(PayrollError, match="changed_since") as error:
        world.release(run)
    assert error.value.params["files"] == NAME
    assert not world.outbox()
    path.unlink()
    prepared = prepare(run)
    release_run(prepared, "Zoé Modèle", near_rule(prepared))
    assert world.outbox()


def test_folders_of_the_program_and_links_are_not_looked_at(world: World, tmp_path: Path) -> None:
    place = world.write("2022-05")
    for folder in ("runs/x", "outbox", "june"):
        (place / folder).mkdir(parents=True)
        (place / folder / "a.xml").write_bytes(bank_file(world))
    shutil.copy(place / "payrun.toml", place / "june")
    (tmp_path / "elsewhere.xml").write_bytes(bank_file(world))
    (place / "link.xml").symlink_to(tmp_path / "elsewhere.xml")
    assert what_lies_beside(place, load_payrun(place).order).empty
