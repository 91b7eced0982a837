"""`payroll keys`, `pack`, `unpack`, `forget`, and `verify` of what was forgotten, as called."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from payroll.atomic_files import write_tree
from payroll.cli import common
from payroll.cli.common import passphrase
from payroll.ledger import keys
from payroll.model.errors import UsageError
from tests.unit.cli.command_line import Payroll

PHRASE = "cheval correct agrafe"
RUN_ID = "2022-05-abc123"
EMPLOYER = """
name = "Hôpital Fictif"
enterprise_number = "0468651441"
account = [{ id = "main", iban = "BE68 5390 0754 7034", bank_profile = "generic_be_2022" }]
[release]
approvers = ["Anne Fictive", "Zoé Modèle"]
"""


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys.new_key, "__defaults__", (4,))
    monkeypatch.setenv("PAYROLL_PASSPHRASE", PHRASE)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    digest = hashlib.sha256(b"a;b\n").hexdigest()
    manifest = {
        "run_id": RUN_ID,
        "created_at": "2022-05-23T09:00:00",
        "files": {"payments.csv": digest},
    }
    folder = tmp_path / "w"
    write_tree(
        folder,
        {
            "employer.toml": EMPLOYER.encode(),
            f"2022-05/runs/{RUN_ID}/payments.csv": b"a;b\n",
            f"2022-05/runs/{RUN_ID}/manifest.json": json.dumps(manifest).encode(),
        },
    )
    monkeypatch.chdir(tmp_path)
    return folder


def test_from_a_key_to_an_opened_bundle_to_a_forgotten_run(
    payroll: Payroll, workspace: Path
) -> None:
    run = Path("w/2022-05/runs") / RUN_ID
    made = payroll(
        "keys",
        "new",
        "--name",
        "Anne Fictive",
        "--out",
        "anne.key",
        "--enrol",
        "w",
        "--role",
        "finance",
        "--json",
    )
    assert made.code == 0
    told = json.loads(made.text)
    assert told["public_key"] in (workspace / "employer.toml").read_text("utf-8")
    shown = json.loads(payroll("keys", "show", "anne.key", "--json").text)
    assert shown == {key: told[key] for key in ("name", "public_key", "fingerprint")}
    assert shown["name"] == "Anne Fictive"

    packed = payroll("pack", run, "--to", "Anne Fictive")
    assert (packed.code, packed.text.strip()) == (0, f"{RUN_ID}.age")
    assert told["fingerprint"] in packed.stderr
    opened = payroll("unpack", f"{RUN_ID}.age", "--key", "anne.key", "--into", "archive", "--json")
    assert opened.code == 0
    assert json.loads(opened.text)["folder"] == f"archive/{RUN_ID}"
    assert payroll("verify", Path("archive") / RUN_ID, "--quick").code == 0

    done = payroll("forget", run, "--by", "Anne Fictive", "--reason", "paid", "--yes", "--json")
    assert (done.code, json.loads(done.text)["wiped"]) == (0, 1)
    checked = payroll("verify", run, "--json")
    assert checked.code == 0
    assert json.loads(checked.text)["forgotten"]["by"] == "Anne Fictive"
    assert json.loads(checked.text)["intact"] is None
    assert json.loads(opened.text)["manifest_sha256"] in checked.stderr
    (run / "manifest.json").write_bytes((run / "manifest.json").read_bytes() + b" ")
    assert payroll("verify", run).code == 1
    for verb in (["trace", run, "x"], ["pack", run, "--to", "Anne Fictive"]):
        again = payroll(*verb)
        assert again.code == 3
        assert "forgotten" in again.stderr


def test_without_enrol_the_block_is_printed_and_nothing_is_overwritten(
    payroll: Payroll, workspace: Path
) -> None:
    done = payroll("keys", "new", "--name", "Zoé Modèle", "--out", "z.key")
    assert done.code == 0
    assert done.text.startswith('[[release.approvers]]\nname = "Zoé Modèle"\npublic_key = "ssh-ed')
    assert {path.stat().st_mode & 0o777 for path in Path().glob("z.key*")} == {0o600}
    before = Path("z.key").read_bytes()
    again = payroll("keys", "new", "--name", "Zoé Modèle", "--out", "z.key")
    assert (again.code, Path("z.key").read_bytes()) == (2, before)
    Path("z.key").unlink()
    assert payroll("keys", "new", "--name", "Zoé Modèle", "--out", "z.key").code == 2
    assert not Path("z.key").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "A"),
        ("--name", "Anne\nFictive"),
        ("--name", "Anne ", "--enrol", "w"),
        ("--name", "Anne Fictive", "--limit", "a lot"),
        ("--name", "Anne Fictive", "--enrol", "none"),
    ],
)
def test_a_refused_key_leaves_no_file(
    payroll: Payroll, workspace: Path, arguments: tuple[str, ...]
) -> None:
    done = payroll("keys", "new", *arguments, "--out", "a.key")
    assert done.code in (2, 4)
    assert list(Path().glob("a.key*")) == []


def test_forget_is_never_an_accident(payroll: Payroll, workspace: Path) -> None:
    run = Path("w/2022-05/runs") / RUN_ID
    assert payroll("forget", run, "--by", "Anne", "--reason", "paid").code == 2
    assert payroll("forget", run, "--by", " ", "--reason", "paid", "--yes").code == 2
    assert payroll("forget", run, "--yes").code == 2
    (workspace / "ledger.sqlite").write_bytes(b"damaged")  # what is not proven settled is open
    assert payroll("forget", run, "--by", "Anne Fictive", "--reason", "paid", "--yes").code in (
        3,
        4,
    )
    assert (run / "payments.csv").exists()


def test_wrong_passphrase_and_strange_files_are_clear(
    payroll: Payroll, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert payroll("keys", "new", "--name", "Zoé Modèle", "--out", "z.key").code == 0
    assert payroll("pack", Path("w/2022-05/runs") / RUN_ID, "--to", "z.key.pub").code == 0
    monkeypatch.setenv("PAYROLL_PASSPHRASE", "another phrase")
    wrong = payroll("unpack", f"{RUN_ID}.age", "--key", "z.key", "--into", "x")
    assert wrong.code == 2
    assert "passphrase" in wrong.stderr
    Path("phrase").write_text(f"{PHRASE}\nsecond line\n", "utf-8")
    good = ("unpack", f"{RUN_ID}.age", "--key", "z.key", "--into", "x", "--passphrase-file")
    assert payroll(*good, "phrase").code == 0
    assert payroll("unpack", "z.key.pub", "--key", "z.key", "--passphrase-file", "phrase").code == 4
    assert payroll("keys", "show", "phrase").code == 4
    assert payroll("pack", "w", "--to", "z.key.pub").code == 2


def test_passphrase_is_asked_twice_and_hidden(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PAYROLL_PASSPHRASE")
    for given in (None, tmp_path / "empty"):
        (tmp_path / "empty").write_text("", "utf-8")
        with pytest.raises(UsageError) as caught:
            passphrase("en", confirm=False, file=given)
        assert caught.value.error_id == "passphrase_missing"
    answers = iter(["first phrase", "first phrase", "first phrase", "other", "once"])
    asked: list[bool] = []

    def prompt(_words: str, *, hide_input: bool, err: bool) -> str:
        asked.append(hide_input and err)
        return next(answers)

    monkeypatch.setattr(common.click, "prompt", prompt)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert passphrase("en", confirm=True) == "first phrase"
    with pytest.raises(UsageError) as differs:
        passphrase("en", confirm=True)
    assert differs.value.error_id == "passphrase_differs"
    assert passphrase("en", confirm=False) == "once"
    assert asked == [True] * 5
    assert "PAYROLL_PASSPHRASE" not in os.environ
