"""`payroll bank import|match|settle` as people and machines call them: every file stands alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import Done, payroll
from tests.release_world import (
    APPROVERS,
    Entry,
    World,
    debit,
    hospital,
    returned,
    statement,
    status_report,
)

MAY = "2022-05"


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("bank") / "w", hospital(), streams=("invoices",))
    world.pay(MAY)
    return world


def give(world: World, *words: object) -> Done:
    return payroll("bank", *words, "--lang", "en", "--workspace", world.folder)


def write(world: World, name: str, content: bytes) -> Path:
    path = world.folder / name
    path.write_bytes(content)
    return path


def test_one_file_that_cannot_be_read_stops_none_of_the_others(paid: World) -> None:
    (file,) = paid.sent().values()
    good = write(paid, "good.xml", statement(file.debtor, [debit(file, file.total)], number="1"))
    cut = write(paid, "cut.xml", good.read_bytes()[:200])
    other = write(paid, "photo.xml", b"\xff\xd8\xff\xe0 JFIF")
    late = write(paid, "late.xml", status_report(file, group="ACSP"))
    missing = paid.folder / "gone.xml"
    done = give(paid, "import", cut, good, other, missing, late, "--json")
    assert done.returncode == 4
    told = json.loads(done.stdout)
    assert [item["file"] for item in told] == [
        "cut.xml",
        "good.xml",
        "photo.xml",
        "gone.xml",
        "late.xml",
    ]
    assert [item.get("error") for item in told] == [
        "answer_malformed",
        None,
        "answer_not_recognised",
        "file_not_found",
        None,
    ]
    assert [item.get("events") for item in told] == [None, 1, None, None, 1]
    lines = done.stderr.splitlines()
    for name in ("cut.xml", "good.xml: camt.053", "photo.xml", "gone.xml", "late.xml: pain.002"):
        assert any(line.startswith(name) for line in lines), (name, lines)
    assert "2 files read, 3 not read." in done.stderr
    again = give(paid, "import", good, late, "--json")
    assert again.returncode == 0
    assert [item["already"] for item in json.loads(again.stdout)] == [True, True]


def test_a_single_file_has_its_entry_too_when_it_is_refused(paid: World) -> None:
    bad = write(paid, "bad.xml", b"<x/>")
    done = give(paid, "import", bad, "--json")
    assert done.returncode == 4
    (entry,) = json.loads(done.stdout)
    assert (entry["file"], entry["error"]) == ("bad.xml", "answer_not_recognised")
    assert entry["told"] == done.stderr.splitlines()


def test_an_order_among_the_answers_is_named_and_fails_nothing(paid: World) -> None:
    (path,) = paid.outbox()
    (file,) = paid.sent().values()
    ours = path.read_text("utf-8")
    house = write(paid, "april.xml", ours.replace(file.message_id, "PAIE-2022-04").encode())
    other = write(paid, "theirs.xml", house.read_bytes().replace(file.debtor.encode(), b""))
    newer = write(paid, "v9.xml", ours.replace("pain.001.001.03", "pain.001.001.09").encode())
    late = write(paid, "late2.xml", status_report(file, group="ACSP", answer_id="ANS-9"))
    done = give(paid, "import", path, house, other, newer, late, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [item.get("whose") for item in told] == ["ours", "house", "other", "ours", None]
    assert told[0]["message_id"] == file.message_id
    assert "our own order" in done.stderr
    assert "as last month's: PAIE-2022-04, 2 payments" in done.stderr
    cut = write(paid, "cut-order.xml", ours[:900].encode())
    assert give(paid, "import", cut).returncode == 4


def test_a_return_is_matched_by_two_and_the_rest_settled_by_a_filter(paid: World) -> None:
    (file,) = paid.sent().values()
    key, cents, _ = file.payments[0]
    back = statement(file.debtor, [returned(("NOTPROVIDED", cents, ""))], number="7")
    done = give(paid, "import", write(paid, "back.xml", back))
    assert done.returncode == 1
    shown = payroll("status", "--lang", "en", "--workspace", paid.folder)
    assert key in shown.stderr
    (item,) = json.loads(payroll("status", "--json", "--workspace", paid.folder).stdout)[
        "unmatched"
    ]
    assert (item["may_be"], item["ours"], item["amount_cents"]) == ([key], True, cents)
    for name, code in zip(APPROVERS, (1, 0), strict=True):
        word = ("match", item["id"], key, "--by", name, "--reason", "extrait 7")
        done = give(paid, *word, "--json")
        assert done.returncode == code, done.stderr
        assert json.loads(done.stdout)["bound"] is (code == 0)
    assert "Perhaps the return" not in payroll("status", "--workspace", paid.folder).stderr
    both = give(paid, "settle", item["id"], "--name", "x", "--by", APPROVERS[0], "--reason", "vu")
    assert both.returncode == 2


def test_a_chain_that_is_broken_ends_with_one(paid: World) -> None:
    (file,) = paid.sent().values()

    def of(number: int, opening: str, closing: str, moved: int = 0) -> Path:
        balances = "".join(
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
            "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2022-06-01</Dt></Dt></Bal>"
            for code, amount in (("OPBD", opening), ("CLBD", closing))
        )
        entries = [Entry(cents=moved, direction="CRDT")] if moved else []
        content = statement(file.debtor, entries, number=f"C{number}").decode()
        content = content.replace("<Acct>", f"<ElctrncSeqNb>{number}</ElctrncSeqNb><Acct>", 1)
        return write(
            paid, f"c{number}.xml", content.replace("</Acct>", f"</Acct>{balances}", 1).encode()
        )

    assert give(paid, "import", of(10, "5.00", "5.00"), of(11, "5.00", "5.00")).returncode == 0
    done = give(paid, "import", of(14, "7.00", "7.00"))
    assert (done.returncode, "between no. 11 and no. 14" in done.stderr) == (1, True)
    done = give(paid, "import", of(15, "8.00", "8.00"))
    assert (done.returncode, "difference 1.00 EUR" in done.stderr) == (1, True)
    told = payroll("status", "--workspace", paid.folder, "--lang", "en")
    assert told.returncode == 1
    assert "between no. 11 and no. 14" in told.stderr
    assert "difference 1.00 EUR" in told.stderr
    give(paid, "import", of(12, "5.00", "6.00", 100), of(13, "6.00", "7.00", 100))
    standing = json.loads(payroll("status", "--workspace", paid.folder, "--json").stdout)
    assert [(item["kind"], item["before"], item["cents"]) for item in standing["chain"]] == [
        ("balance", "14", 100)
    ]
    done = give(paid, "import", of(16, "8.00", "9.99", 100), "--json")
    assert (done.returncode, "do not explain its balances" in done.stderr) == (1, True)
    (told_of,) = json.loads(done.stdout)[0]["breaks"]
    assert (told_of["kind"], told_of["after"], told_of["cents"]) == ("entries", "16", 99)
