"""Whatever verb records a name, it is one that employer.toml lists, and is told with the list."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from payroll.cli.main import VERBS
from payroll.release.decide import decision_context
from tests.command import payroll
from tests.error_cases import TINY
from tests.release_world import World, hospital

STRANGER = "Passant Fictif"
WHY = ("--reason", "vu sur papier", "--by", STRANGER)
#: Every verb with --by, as somebody calls it; {run}, {file} and so on are what is there.
CALLS: dict[str, tuple[str, ...]] = {
    "approve": ("{run}", "--by", STRANGER),
    "release": ("{run}", "--as-approved", *WHY),
    "reissue": ("{month}", "--by", STRANGER),
    "decide": ("{run}", "{finding}", "--pay", "--evidence", "note 12", *WHY),
    "forget": ("{run}", "--yes", *WHY),
    "rules import": ("{file}", "--into", "{workspace}", "--accept", *WHY),
    "bank import": ("{file}", "--workspace", "{workspace}", "--by", STRANGER),
    "bank uploaded": ("{file}", "--workspace", "{workspace}", "--by", STRANGER),
    "bank match": ("U-00000000", "E-x", "--workspace", "{workspace}", *WHY),
    "bank settle": ("U-00000000", "--workspace", "{workspace}", *WHY),
    "keys enrol": (
        "Zoé Modèle", "--by", STRANGER, "--key", "{file}", "--passphrase-file", "{file}",
        "--workspace", "{workspace}",
    ),
}  # fmt: skip


def with_by(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for sub, inner in command.commands.items():
            yield from with_by(inner, f"{name} {sub}")
    elif any("--by" in item.opts for item in command.params):
        yield name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run that both have approved, in a workspace that lists two approvers and a preparer."""
    world = World(tmp_path_factory.mktemp("by") / "w", hospital(), streams=("fees",))
    run = world.pay("2022-05")
    file = world.folder / "file.txt"
    file.write_text("x\n", "utf-8")
    finding = decision_context(run).run.findings["finding_id"].iat[0]
    place = {"month": run.parents[1], "workspace": world.folder, "file": file}
    return {"run": run, "finding": finding, **place}


def test_every_verb_with_by_is_tried() -> None:
    found = {
        name
        for verb, module in VERBS.items()
        for name in with_by(importlib.import_module(f"payroll.cli.{module}").command, verb)
    }
    assert found == set(CALLS)


@pytest.mark.parametrize("verb", CALLS)
def test_a_name_that_is_not_listed_is_refused_with_the_list(
    verb: str, desk: dict[str, Any]
) -> None:
    done = payroll(*verb.split(), *(word.format(**desk) for word in CALLS[verb]), "--lang", "en")
    assert done.returncode == 2, done.stderr
    assert f"'{STRANGER}'" in done.stderr
    assert "Zoé Modèle, Hervé Spécimen" in done.stderr
    assert (desk["run"] / "manifest.json").is_file()


@pytest.mark.parametrize(
    "verb",
    [
        ("bank", "import", "employer.toml"),
        ("bank", "uploaded", "x", "--by", "Zoé Modèle"),
        ("bank", "settle", "U-0", "--by", "Zoé Modèle", "--reason", "vu au guichet"),
        ("reissue", "2022-05"),
        ("run", "2022-05"),
    ],
    ids=lambda verb: " ".join(verb[:2]),
)
def test_a_slip_in_employer_toml_is_told_as_what_it_is(
    verb: tuple[str, ...], desk: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One account's digits are wrong, and the ledger has been begun."""
    shutil.copytree(TINY, tmp_path, dirs_exist_ok=True)
    for name in ("ledger.sqlite", "ledger.sqlite.seal"):
        shutil.copy(desk["workspace"] / name, tmp_path / name)
    path = tmp_path / "employer.toml"
    path.write_text(path.read_text("utf-8").replace("BE25377600027182", "BE25377600027183"))
    monkeypatch.chdir(tmp_path)
    done = payroll(*verb, "--lang", "en")
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("employer.toml, [[account]] 2, iban"), done.stderr
    assert "locked" not in done.stderr
