"""approve, release, status, bank, reissue and ledger verify as people and machines call them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from payroll.release.workspace import LEDGER
from tests.release_world import (
    APPROVERS,
    WORDS,
    Sent,
    World,
    debit,
    hospital,
    keys,
    statement,
    status_report,
)
from tests.unit.cli.command_line import Done, Payroll

MAY = "2022-05"
ZOE, HERVE = APPROVERS


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYROLL_PASSPHRASE", WORDS)
    monkeypatch.delenv("PAYROLL_KEY", raising=False)


def key_files(folder: Path) -> list[Path]:
    paths = [folder / f"{name}.key" for name in "zh"]
    for path, (private, _) in zip(paths, keys(), strict=True):
        path.write_bytes(private)
    return paths


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A month that was run, and another copy of which is released."""
    world = World(tmp_path_factory.mktemp("made") / "w", hospital(staff=2))
    run, _ = world.run(MAY)
    shutil.copytree(world.folder, world.folder.with_name("before"))
    world.release(run)
    return world


@pytest.fixture
def run(made: World, tmp_path: Path) -> Path:
    """A run folder that nobody has approved."""
    shutil.copytree(made.folder.with_name("before"), tmp_path / "w")
    return next((tmp_path / "w" / MAY / "runs").iterdir())


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    """A workspace whose month is released."""
    shutil.copytree(made.folder, tmp_path / "r")
    return World(tmp_path / "r", made.made)


def sent(world: World, stream: str) -> Sent:
    return next(file for file in world.sent().values() if f"-{stream}-" in file.message_id)


def put(world: World, name: str, content: bytes) -> Path:
    path = world.folder / MAY / "bank" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def quiet(world_or_made: World, *told: Done) -> None:
    """Neither names nor accounts nor national numbers on the screen, and no traceback."""
    made = world_or_made.made
    words = [agent.last_name for agent in made.staff] + [agent.iban for agent in made.staff]
    words += [agent.national_number for agent in made.staff]
    words += [item.iban for item in (*made.practitioners, *made.suppliers)]
    words += [item.name for item in (*made.practitioners, *made.suppliers)]
    for done in told:
        said = done.text + done.stderr
        assert "Traceback" not in said
        assert not [word for word in words if word in said]
        assert not re.search(r"\bBE\d{14}\b", said)


def test_from_the_first_signature_to_the_last_statement(
    payroll: Payroll, run: Path, made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, herve = key_files(tmp_path)
    told = [payroll("release", run)]
    assert told[-1].code == 3  # nobody has approved it
    told.append(payroll("approve", run, "--by", ZOE, "--key", zoe, "--json"))
    first = json.loads(told[-1].text)
    assert told[-1].code == 0
    assert (first["needed"], len(first["approvals"])) == (1, 1)
    assert first.keys() == {
        "run_id",
        "manifest_sha256",
        "payments",
        "total_cents",
        "approvals",
        "needed",
        "lacking_roles",
        "enrolled",
        "enrolled_by_one",
        "not_enrolled",
        "employer_since_release",
        "employer_since_run",
        "rests_on",
    }
    assert [item["name"] for item in first["enrolled"]] == [ZOE, HERVE]
    assert first["employer_since_run"] == first["employer_since_release"] == []
    assert payroll("approve", run, "--by", ZOE, "--key", zoe).code == 3  # twice the same person
    assert payroll("release", run).code == 3
    monkeypatch.setenv("PAYROLL_KEY", str(herve))
    assert payroll("approve", run, "--by", HERVE).code == 0
    told.append(payroll("release", run, "--by", ZOE, "--json"))
    assert told[-1].code == 0
    released = json.loads(told[-1].text)
    assert [item["by"] for item in released["approvals"]] == list(APPROVERS)
    assert sum(item["total_cents"] for item in released["files"]) == first["total_cents"]
    assert all(Path(item["path"]).is_file() for item in released["files"])
    told.append(payroll("release", run))
    assert told[-1].code == 3
    monkeypatch.chdir(run)
    told.append(payroll("status", "--json"))
    assert told[-1].code == 1
    states = json.loads(told[-1].text)
    assert {item["to_do"] for item in states["files"]} == {"upload"}
    told += [payroll("ledger", "verify", language=language) for language in ("fr", "nl", "en")]
    assert [done.code for done in told[-3:]] == [0, 0, 0]
    assert len({done.stderr for done in told[-3:]}) == 3
    shown = json.loads(payroll("ledger", "verify", "--json").text)
    assert shown["intact"] is True
    assert shown["problems"] == []
    # approvers see payees by number; their own names are shown
    quiet(made, *told)


def test_answers_then_paid_again(payroll: Payroll, world: World) -> None:
    """Refused, shown, paid again on two people's word, executed: the month is closed."""
    salaries = sent(world, "SAL")
    bad = salaries.payments[0][0]
    refusal = put(world, "a.xml", status_report(salaries, group="PART", payments={bad: "RJCT"}))
    month = world.folder / MAY
    assert payroll("reissue", month).code == 3  # nothing failed yet
    done = payroll("bank", "import", refusal, "--json")
    assert done.code == 1  # read, and something is to be decided
    (shown,) = json.loads(done.text)
    assert (shown["freed"], shown["already"], shown["unmatched"]) == (1, False, [])
    assert json.loads(payroll("bank", "import", refusal, "--json").text)[0]["already"] is True
    told = [payroll("status", "--workspace", world.folder, language=lang) for lang in ("fr", "nl")]
    assert [item.code for item in told] == [1, 1]
    assert "AC04" in told[0].stderr
    quiet(world, *told, done)
    standing = json.loads(payroll("status", "--workspace", month, "--json").text)
    (problem,) = standing["problems"]
    assert (problem["end_to_end_id"], problem["state"]) == (bad, "rejected")
    assert problem["actions"] == ["hr"]
    again = payroll("reissue", month, "--by", "Noëlle Fictif")
    assert again.code == 1
    run = Path(again.text.strip())
    (waiting,) = json.loads(payroll("decide", run, "--json").text)
    assert (waiting["rule_id"], waiting["override"]) == ("LED-005", "two_people")
    assert payroll("approve", run, "--by", ZOE, "--key", key_files(world.folder)[0]).code == 3
    for person in APPROVERS:
        decided = payroll(
            "decide",
            run,
            waiting["finding_id"],
            "--pay",
            "--by",
            person,
            "--reason",
            "compte confirmé",
            "--evidence",
            "note 12",
        )
        assert decided.code == 0, decided.stderr
    last = payroll("reissue", month, "--by", "Noëlle Fictif")
    assert last.code == 0, last.stderr
    new = Path(last.text.strip())
    assert new != run
    for person, key in zip(APPROVERS, key_files(world.folder), strict=True):
        assert payroll("approve", new, "--by", person, "--key", key).code == 0
    assert payroll("release", new).code == 0
    for number, file in enumerate(world.sent().values()):
        cents = file.total - (salaries.payments[0][1] if file == salaries else 0)
        entry = debit(file, cents, reference=f"D{number}")
        path = put(world, f"s{number}.xml", statement(file.debtor, [entry], number=str(number)))
        assert payroll("bank", "import", path, "--workspace", world.folder).code == 0
    done = payroll("status", "--workspace", world.folder, "--json")
    files = json.loads(done.text)["files"]
    states = {json.dumps(item["counts"], sort_keys=True) for item in files}
    assert states == {'{"executed": 2}', '{"executed": 1, "reissued": 1}', '{"executed": 1}'}
    assert {item["to_do"] for item in files} == {"nothing"}
    assert done.code == 0
    assert payroll("ledger", "verify", "--workspace", world.folder).code == 0
    assert payroll("reissue", month).code == 3


def test_what_was_uploaded_is_noted_by_name_path_or_message_id(
    payroll: Payroll, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, file = world.outbox()[0], sent(world, "SAL")
    assert (
        payroll("bank", "uploaded", path, "--by", "Noëlle Fictif", "--reference", "ISA").code == 0
    )
    monkeypatch.chdir(world.folder)
    done = payroll("bank", "uploaded", file.message_id, "--by", "Noëlle Fictif", "--json")
    assert done.code == 0
    assert json.loads(done.text)["state"] == "uploaded"
    assert payroll("bank", "uploaded", "other.xml", "--by", "Noëlle Fictif").code == 2
    assert payroll("bank", "uploaded", path).code == 2  # by whom?
    status = payroll("status", "--json")
    assert sorted(item["to_do"] for item in json.loads(status.text)["files"]) == [
        "upload",
        "wait",
        "wait",
    ]


def test_what_matches_nothing_is_listed_until_somebody_sees_it(
    payroll: Payroll, world: World
) -> None:
    strange = status_report(sent(world, "SAL"), payments={"E-NOT-OURS": "RJCT"})
    done = payroll("bank", "import", put(world, "x.xml", strange))
    assert done.code == 1
    told = [
        payroll("status", "--workspace", world.folder, language=lang) for lang in ("fr", "nl", "en")
    ]
    assert [item.code for item in told] == [1, 1, 1]
    assert all("RJCT" in item.stderr for item in told)
    quiet(world, done, *told)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("approve", "nowhere", "--by", ZOE), 2),
        (("approve", "{run}", "--by", "Personne Inconnue"), 2),
        (("approve", "{run}", "--by", ZOE), 2),  # no key
        (("approve", "{run}", "--by", ZOE, "--key", "{herve}"), 2),
        (("approve", "{run}", "--by", ZOE, "--key", "nowhere.key"), 4),
        (("approve", "{run}", "--by", ZOE, "--key", "{run}/payments.csv"), 4),
        (("approve", "{run}"), 2),
        (("approve", "{copy}", "--by", ZOE, "--key", "{zoe}"), 2),
        (("release", "nowhere"), 2),
        (("release", "{copy}"), 2),
        (("release", "{workspace}"), 2),
        (("status", "--workspace", "/"), 2),
        (("ledger", "verify", "--workspace", "/"), 2),
        (("ledger", "verify", "--workspace", "{workspace}"), 4),  # nothing released yet
        (("bank", "import", "{run}/payments.csv", "--workspace", "{workspace}"), 4),
        (("bank", "import", "nowhere.xml", "--workspace", "{workspace}"), 4),
        (("bank", "import", "{answer}", "--workspace", "{workspace}"), 4),  # no ledger
        (("bank", "import", "{answer}", "--workspace", "/"), 2),
        (("bank", "uploaded", "x.xml", "--by", ZOE, "--workspace", "{workspace}"), 4),
        (("bank", "uploaded", "x.xml", "--by", ZOE, "--workspace", "/"), 2),
        (("reissue", "{workspace}"), 3),
        (("reissue", "nowhere"), 2),
        (("reissue", "{workspace}", "--pay-on", "31/05/2022"), 2),
    ],
)
def test_what_cannot_be_done_says_why(
    payroll: Payroll, run: Path, made: World, arguments: tuple[str, ...], code: int
) -> None:
    tmp_path = run.parents[3]
    zoe, herve = key_files(tmp_path)
    copy = tmp_path / "elsewhere" / run.name
    shutil.copytree(run, copy)
    answer = tmp_path / "answer.xml"
    answer.write_bytes(status_report(sent(made, "SAL"), group="ACCP"))
    places = {
        "run": run,
        "workspace": tmp_path / "w",
        "zoe": zoe,
        "herve": herve,
        "copy": copy,
        "answer": answer,
    }
    given = [item.format(**places) for item in arguments]
    told = [payroll(*given, language=language) for language in ("fr", "nl", "en")]
    assert [done.code for done in told] == [code] * 3, told[2].stderr
    assert all(done.stderr.strip() for done in told)
    quiet(made, *told)
    assert not (tmp_path / "w" / LEDGER).exists()
    assert not (tmp_path / "w" / MAY / "outbox").exists()


def test_a_wrong_passphrase_signs_nothing(
    payroll: Payroll, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, _ = key_files(tmp_path)
    monkeypatch.setenv("PAYROLL_PASSPHRASE", "not these words")
    assert payroll("approve", run, "--by", ZOE, "--key", zoe).code == 2
    monkeypatch.delenv("PAYROLL_PASSPHRASE")
    assert payroll("approve", run, "--by", ZOE, "--key", zoe).code == 2  # nobody to ask
    words = tmp_path / "words"
    words.write_text(WORDS + "\n", "utf-8")
    given = ("--passphrase-file", words)
    assert payroll("approve", run, "--by", ZOE, "--key", zoe, *given).code == 0


def test_a_changed_byte_stops_everything(payroll: Payroll, run: Path, tmp_path: Path) -> None:
    zoe, _ = key_files(tmp_path)
    path = next((run / "sepa").iterdir())
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"EUR", b"EUR ", 1))
    for arguments in (("approve", run, "--by", ZOE, "--key", zoe), ("release", run)):
        done = payroll(*arguments)
        assert done.code == 4
        assert path.name in done.stderr


def test_whoever_prepared_the_run_does_not_approve_it(
    payroll: Payroll, run: Path, tmp_path: Path
) -> None:
    order = tmp_path / "w" / MAY / "payrun.toml"
    text = order.read_text("utf-8").replace(
        'prepared_by = "Noëlle Fictif"', f'prepared_by = "{ZOE}"'
    )
    order.write_text(text, "utf-8")
    own = Path(payroll("run", order.parent).text.strip())
    zoe, herve = key_files(tmp_path)
    assert payroll("approve", own, "--by", ZOE, "--key", zoe).code == 3
    assert payroll("approve", own, "--by", HERVE, "--key", herve).code == 0


def test_the_ledger_may_be_read_only_for_a_run_but_not_for_a_release(
    payroll: Payroll, world: World, tmp_path: Path
) -> None:
    path = world.folder / LEDGER
    path.chmod(0o400)
    done = payroll("run", world.folder / MAY)
    assert done.code in (0, 1)
    assert payroll("status", "--workspace", world.folder).code == 1
    assert path.stat().st_mode & 0o777 == 0o400


def test_an_altered_ledger_is_told_and_nothing_is_added(payroll: Payroll, world: World) -> None:
    path = world.folder / LEDGER
    content = path.read_bytes()
    name = sent(world, "SAL").message_id.encode()
    assert name in content
    path.write_bytes(content.replace(name, name[:-1] + b"x"))
    answer = put(world, "a.xml", status_report(sent(world, "SAL"), group="ACCP"))
    told = [
        payroll("ledger", "verify", "--workspace", world.folder),
        payroll("bank", "import", answer),
    ]
    assert [done.code for done in told] == [1, 4]
    quiet(world, *told)


def test_a_file_of_one_payment(payroll: Payroll, tmp_path: Path) -> None:
    one = World(tmp_path / "one", hospital(staff=1), streams=("salaries",))
    one.pay(MAY)
    (file,) = one.sent().values()
    refusal = put(one, "a.xml", status_report(file, block="RJCT"))
    done = payroll("bank", "import", refusal, "--json")
    assert (done.code, json.loads(done.text)[0]["freed"]) == (1, 1)
    (shown,) = json.loads(payroll("status", "--workspace", one.folder, "--json").text)["files"]
    assert (shown["state"], shown["counts"], shown["to_do"]) == (
        "rejected",
        {"rejected": 1},
        "reissue",
    )
    again = one.pay(MAY, reissue=True)
    assert again.name.startswith(MAY)
    new = next(item for item in one.sent().values() if item != file)
    assert (new.total, len(new.payments)) == (file.total, 1)
    plain = statement(new.debtor, [debit(new, new.total)])
    assert payroll("bank", "import", put(one, "s.xml", plain)).code == 0
    done = payroll("status", "--workspace", one.folder)
    assert done.code == 0, done.stderr
