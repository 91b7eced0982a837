"""A stream that the program does not know: one object and one function carry it to the bank.

Everything below is what a new stream needs: nothing else knows of it, nothing else is patched.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree
from openpyxl import load_workbook
from pydantic import ValidationError

from payroll.demo.exports import ADJUSTMENT_HEADINGS
from payroll.demo.files import Export
from payroll.model.errors import UsageError
from payroll.model.findings import SubjectKind
from payroll.model.frames import TEXT
from payroll.model.order import Approver
from payroll.model.sections import StreamOrder
from payroll.model.streams import STREAMS, Sending, Stream
from payroll.publish import documents
from payroll.rebuild.adjustments import staff_targets
from payroll.rebuild.lines import finish_lines
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.record.csv import read_frame
from payroll.record.files import FRAMES
from payroll.rulebook import book
from payroll.store import load_payrun, load_rule_files, rules_folder
from payroll.texts import catalogue, languages, text
from tests import release_world
from tests.release_world import World, euro, hospital
from tests.unit.cli.command_line import Payroll
from tests.unit.cli.conftest import payroll  # noqa: F401 - a fixture

MONTH, CENTS = "2022-05", 12_345
CODES = ("CtgyPurp", "Purp")
ALLOWANCES = Stream(
    name="allowances",
    section=StreamOrder,
    payee=SubjectKind.EMPLOYEE,
    prefix="ALW",
    remittance="remittance_allowance",
    rebuild=f"{__name__}.rebuild_allowances",
    sending=Sending(
        date_rule="previous", batch_booking=True, category_purpose="PENS", purpose={"any": "BENE"}
    ),
)
WORDS = {
    "stream_allowances": "Indemnités",
    "checks_stream_allowances": "les indemnités",
    "remittance_allowance": "Indemnité {period}",
}


def rebuild_allowances(given: RebuildInput) -> StreamResult:
    """The same amount for everybody on the list of staff."""
    staff = given.tables["employees"].rename(columns={"employee_id": "payee_id"})
    fixed = {
        "stream": ALLOWANCES.name,
        "component": "allowance",
        "earning_period": str(given.order.period),
        "basis": "known",
        "legal_nature": "final",
    }
    lines = staff[["payee_id", "source"]].assign(
        amount_cents=CENTS,
        **{name: pd.Series(word, staff.index, dtype=TEXT) for name, word in fixed.items()},
    )
    remittance = text(ALLOWANCES.remittance, given.language, period=given.order.period)
    people = staff.assign(register_iban=staff["iban"])
    return StreamResult(
        lines=finish_lines(lines),
        targets=staff_targets(given.tables, given.order, ALLOWANCES.name, people, remittance),
    )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A hospital that pays salaries and the new stream, by the rules as they are read with it."""
    monkeypatch.setitem(STREAMS, ALLOWANCES.name, ALLOWANCES)
    for entries in (catalogue(), *map(catalogue, languages())):
        for text_id, words in WORDS.items():
            monkeypatch.setitem(entries, text_id, words)
    book._loaded.cache_clear()  # the streams of the rules that were read before are fewer
    rules = book.load_rulebook(load_rule_files(rules_folder()))
    monkeypatch.setattr(release_world, "rulebook", lambda: rules)
    yield World(tmp_path, hospital(), streams=("salaries", "allowances"))
    book._loaded.cache_clear()


def allowances(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["stream"] == ALLOWANCES.name]


def test_it_reaches_the_bank_as_its_object_says(world: World) -> None:
    folder, run = world.run(MONTH)
    paid = allowances(run.frames["payments"])
    file = f"sepa/allowances_{MONTH}-31_01.xml"
    assert sorted(paid["payee_id"]) == sorted(agent.number for agent in world.made.staff)
    assert paid["payment_id"].str.fullmatch(r"ALW-2205-[A-Z2-7]{12}").all()
    assert set(paid["amount_cents"]) == {CENTS}
    assert set(paid["remittance"]) == {f"Indemnite {MONTH}"}
    assert set(paid["file"]) == {file}
    tree = etree.parse(folder / file)
    codes = {name: {node.findtext("{*}Cd") for node in tree.iter(f"{{*}}{name}")} for name in CODES}
    assert codes == {"CtgyPurp": {"PENS"}, "Purp": {"BENE"}}
    assert {node.text for node in tree.iter("{*}Ustrd")} == {f"Indemnite {MONTH}"}
    assert str(tree.findtext(".//{*}MsgId")).startswith("20220531-ALW-")


def test_it_stands_in_every_total_and_in_what_people_look_at(world: World) -> None:
    folder, run = world.run(MONTH)
    count = len(world.made.staff)
    totals = json.loads((folder / "manifest.json").read_bytes())["totals"]
    assert list(totals) == sorted(STREAMS)
    assert (totals["allowances"]["paid"], totals["allowances"]["paid_cents"]) == (
        count,
        count * CENTS,
    )
    found = documents(run)
    workbook = load_workbook(io.BytesIO(found["review.xlsx"]))
    cover = [[cell.value for cell in row] for row in workbook.worksheets[0].iter_rows()]
    row = next(row for row in cover if "Indemnités" in row)
    assert count * CENTS / 100 in row
    payments = workbook["Paiements"]
    assert sum(cell.value == "Indemnités" for row in payments.iter_rows() for cell in row) == count
    assert "Indemnités".encode() in found["review.html"]
    assert b"ALW-2205-" in found["review.html"]


def test_what_was_released_of_it_is_never_paid_again(world: World) -> None:
    folder, run = world.run(MONTH)
    keys = allowances(run.frames["payment_keys"])
    assert set(zip(keys["period"], keys["item"], strict=True)) == {(MONTH, "")}
    world.release(folder)
    assert len(world.outbox()) == 2
    world.made.staff[0] = replace(world.made.staff[0], monthly_cents=260_000)
    _, again = world.run(MONTH)
    assert again.frames["payments"].empty
    assert len(allowances(again.frames["already_paid"])) == len(world.made.staff)
    findings = again.frames["findings"]
    told = findings[findings["rule_id"] == "LED-001"]
    assert set(told["stream"]) == {"salaries", "allowances"}


def test_a_hold_of_its_payee_and_a_control_of_all_streams_hold_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, wrong, fine = world.made.staff
    hold = ("AJ-1", asked.number, "hold", None, None, None, "plainte", "note 3", "Noé B.", "Zoé M.")
    table = Export(
        name="csv", titles=("Ajustements",), headings=ADJUSTMENT_HEADINGS, rows=[list(hold)]
    )
    monkeypatch.setattr(release_world, "_adjustments", lambda *_: table)
    world.made.staff[1] = replace(wrong, iban=wrong.iban[:-1] + str(9 - int(wrong.iban[-1])))
    _, run = world.run(MONTH)
    paid = allowances(run.frames["payments"]).set_index("payee_id")
    assert paid["status"].to_dict() == {
        asked.number: "held",
        wrong.number: "held",
        fine.number: "pay",
    }
    assert "REB-010" in paid.loc[asked.number, "hold_rules"]
    assert "IBAN-001" in paid.loc[wrong.number, "hold_rules"]


def test_the_verbs_tell_it(world: World, payroll: Payroll) -> None:  # noqa: F811 - the fixture
    done = payroll("run", world.write(MONTH))
    assert done.code == 0, done.stderr
    assert "Indemnités" in done.stderr
    run = Path(done.text.strip())
    assert payroll("verify", run).code == 0
    paid = allowances(read_frame((run / "payments.csv").read_bytes(), FRAMES["payments"]))
    told = payroll("trace", run, paid["payment_id"].iat[0]).text
    assert "Indemnités" in told
    assert euro(CENTS) in told
    world.release(run)
    assert "Indemnités" in payroll("status", "--workspace", world.folder).stderr


def test_files_that_people_write_may_name_it(world: World) -> None:
    place = world.write(MONTH)
    order = place / "payrun.toml"
    assert load_payrun(place).order.ordered(ALLOWANCES).account == "main"
    order.write_text(order.read_text("utf-8").replace('"main"', '"none"'), "utf-8")
    with pytest.raises(UsageError) as caught:
        load_payrun(place)
    assert caught.value.where == "payrun.toml, salaries.account"
    assert Approver(name="Zoé Modèle", streams=("allowances",)).streams == ("allowances",)
    with pytest.raises(ValidationError):
        Approver(name="Zoé Modèle", streams=("allowance",))


def test_without_its_object_its_table_is_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.write(MONTH)
    monkeypatch.delitem(STREAMS, ALLOWANCES.name)
    with pytest.raises(UsageError) as caught:
        load_payrun(place)
    assert caught.value.error_id == "order_invalid"
    assert caught.value.where == "payrun.toml, allowances"
