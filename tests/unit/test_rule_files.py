"""Whatever lies in a rules folder is a rule that counts, or is refused: nothing is ignored."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from payroll import rule_files
from payroll.model.errors import PayrollError
from payroll.store import load_book, load_rule_files
from tests.shipped import OWN_PREMIUM, controls, override, override_file

TINY = Path(__file__).parents[2] / "fixtures" / "tiny"
CONTROL = next(iter(override_file(override("COMPL-001", severity="warn")).values())).decode()
DAYS = """
[parameter.own_days]
unit = "days"
checked_on = 2026-11-24
title = { fr = "Jours", nl = "Dagen", en = "Days" }
[[parameter.own_days.values]]
from = 2022-01-01
value = 3
source = "a test"
status = "sourced"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copytree(TINY, tmp_path / "w")
    return tmp_path / "w"


def put(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")


def refused(workspace: Path) -> tuple[str, str, list[tuple[str, str]]]:
    """(error, where, what it says with the nearest name)."""
    with pytest.raises(PayrollError) as caught:
        load_book(workspace)
    error = caught.value
    assert error.exit_code == 3
    said = [(item.text_id, str(item.params.get("near", ""))) for item in error.detail]
    return error.error_id, error.where, said


@pytest.mark.parametrize(
    ("name", "text_id", "near"),
    [
        ("rules/control/own.toml", "rule_place_folder", "controls"),
        ("rules/Controls/own.toml", "rule_place_folder", "controls"),
        ("rules/.controls/own.toml", "rule_place_folder", "controls"),
        ("rules/workspace/controls/own.toml", "rule_place_folder", "-"),
        ("rules/own.toml", "rule_place_none", ""),
        ("rules/controls/own.TOML", "rule_place_ending", ""),
        ("rules/controls/own.toml.txt", "rule_place_ending", ""),
        ("rules/controls/own", "rule_place_ending", ""),
        ("rules/scales/own.csv", "rule_place_ending", ""),
        ("rule/controls/own.toml", "rule_place_workspace", ""),
        ("Rules/controls/own.toml", "rule_place_workspace", ""),
        ("2022-05/rules/controls/own.toml", "rule_place_workspace", ""),
    ],
)
def test_a_rule_file_where_nobody_reads_is_refused(
    workspace: Path, name: str, text_id: str, near: str
) -> None:
    put(workspace, {name: CONTROL})
    error, where, said = refused(workspace)
    assert (error, said) == ("rule_file_misplaced", [(text_id, near)])
    assert where in (name.replace("rules/", "workspace/", 1), name.partition("/controls")[0])


@pytest.mark.parametrize(
    ("name", "content", "table", "near"),
    [
        ("controls/own.toml", "[[controls]]", "controls", "[[control]] (controls/)"),
        ("controls/own.toml", DAYS, "parameter", "[parameter.<id>] (parameters/)"),
        ("controls/own.toml", "checked_on = 2022-01-01", "checked_on", "-"),
        ("parameters/own.toml", "[parameters.x]", "parameters", "[parameter.<id>] (parameters/)"),
        ("parameters/own.toml", "[[control]]", "control", "[[control]] (controls/)"),
        ("scales/own.toml", "[scales.x]", "scales", "[scale.<id>] (scales/)"),
        ("bank/own.toml", "[[Profile]]", "Profile", "[[profile]] (bank/)"),
        ("formats/employees.toml", "[field]", "field", "[fields] (formats/)"),
    ],
)
def test_a_table_that_nobody_reads_is_refused(
    workspace: Path, name: str, content: str, table: str, near: str
) -> None:
    put(workspace, {f"rules/{name}": content})
    with pytest.raises(PayrollError) as caught:
        load_book(workspace)
    assert caught.value.error_id == "rule_table_unknown"
    assert caught.value.where == f"workspace/{name}"
    assert caught.value.params["text"] == table
    assert caught.value.params["near"] == near


@pytest.mark.parametrize(
    ("folder", "content"),
    [
        ("parameters", DAYS),
        ("parameters", OWN_PREMIUM),
        ("controls", CONTROL),
        ("scales", "own"),
        ("bank", "own"),
        ("parameters", "step"),
    ],
)
def test_what_stands_twice_is_refused_and_both_files_are_named(
    workspace: Path, folder: str, content: str
) -> None:
    shipped = load_rule_files(TINY.parents[1] / "rules")
    named = {"scales": "scales/withholding.toml", "bank": "bank/sepa_countries.toml"}
    if content in ("own", "step"):
        content = shipped[named.get(folder, "parameters/steps.toml")].decode()
    put(workspace, {f"rules/{folder}/a.toml": content, f"rules/{folder}/b.toml": content})
    with pytest.raises(PayrollError, match="rule_entry_twice") as caught:
        load_book(workspace)
    assert caught.value.where.startswith(f"workspace/{folder}/b.toml, ")
    assert caught.value.params["other"] == f"workspace/{folder}/a.toml"
    (workspace / "rules" / folder / "b.toml").unlink()
    load_book(workspace)


def test_the_headings_of_a_kind_stand_in_one_file(workspace: Path) -> None:
    headings = '[fields]\nsite = { fr = ["Lieu-dit"], nl = ["Plek"], en = ["Spot"] }\n'
    put(workspace, {f"rules/formats/{name}employees.toml": headings for name in ("", "more/")})
    assert refused(workspace)[:2] == (
        "rule_entry_twice",
        "workspace/formats/more/employees.toml, employees",
    )


@pytest.mark.parametrize("content", ["parameter = [1]", "parameter = 5", "[[parameter]]"])
def test_a_table_is_a_table(workspace: Path, content: str) -> None:
    put(workspace, {"rules/parameters/own.toml": content})
    where = "workspace/parameters/own.toml, parameter"
    assert refused(workspace) == ("rule_entry_invalid", where, [("field_table", "")])


@pytest.mark.parametrize(
    ("content", "text_id"),
    [
        (DAYS.replace("value = 3", "value = inf"), "toml_number"),
        (DAYS.replace("value = 3", "value = -nan"), "toml_number"),
        (DAYS.replace("value = 3", "value = 1e999999999"), "toml_number"),
        (DAYS.replace("value = 3", "value = 1e-999999999"), "toml_number"),
        (DAYS.replace("value = 3", "value = " + "9" * 5000), "toml_number"),
        (DAYS.replace("value = 3", "value = 0x" + "f" * 5000), "toml_number"),
        ("a = " + "[" * 100_000, "toml_deep"),
        ("a = " + "{a=" * 50_000, "toml_deep"),
        ("a" + ".a" * 20_000 + " = 1", "toml_deep"),
        ("[a" + ".a" * 20_000 + "]", "toml_deep"),
    ],
    ids=range(10),
)
def test_hostile_numbers_and_depths_are_refused(
    workspace: Path, content: str, text_id: str
) -> None:
    put(workspace, {"rules/parameters/own.toml": content})
    error, where, said = refused(workspace)
    assert (error, where) == ("rule_file_unreadable", "workspace/parameters/own.toml")
    assert said == [(text_id, "")]


@pytest.mark.parametrize("name", ["requires", "implied_by_unread"])
def test_a_control_names_kinds_of_source_that_there_are(workspace: Path, name: str) -> None:
    file = override_file(override("COMPL-001", **{name: ("employees", "zzz")}))
    put(workspace, {f"rules/{path[10:]}": content.decode() for path, content in file.items()})
    where = f"workspace/controls/overrides.toml, COMPL-001, {name} 2"
    assert refused(workspace) == ("rule_entry_invalid", where, [("field_source_kind", "")])


def test_a_control_is_implied_by_rules_that_there_are(workspace: Path) -> None:
    file = override_file(override("COMPL-001", implied_by=("IBAN-003", "ZZZ-001")))
    put(workspace, {f"rules/{path[10:]}": content.decode() for path, content in file.items()})
    said = [("field_names_unknown", "")]
    assert refused(workspace) == ("rule_entry_invalid", "COMPL-001, implied_by", said)


@pytest.mark.parametrize(
    "path", ["rules/controls/own.toml", "rules/controls", "rules", "rules/gone.toml"]
)
def test_a_link_is_refused(workspace: Path, tmp_path: Path, path: str) -> None:
    target = tmp_path / "elsewhere"
    if path == "rules/controls/own.toml":
        target.write_text(CONTROL, "utf-8")
    elif "gone" not in path:
        put(target, {"own.toml": CONTROL})
    (workspace / path).parent.mkdir(parents=True, exist_ok=True)
    (workspace / path).symlink_to(target)
    assert refused(workspace)[:2] == ("rule_file_not_plain", path.replace("rules/", "workspace/"))


def test_a_pipe_is_refused_and_not_waited_for(workspace: Path) -> None:
    (workspace / "rules").mkdir()
    os.mkfifo(workspace / "rules" / "own.toml")
    assert refused(workspace)[:2] == ("rule_file_not_plain", "workspace/own.toml")


def test_a_file_in_place_of_the_folder_is_refused(workspace: Path) -> None:
    put(workspace, {"rules": CONTROL})
    assert refused(workspace)[:2] == ("rule_file_not_plain", "rules")


@pytest.mark.parametrize(
    "limit", [("ENTRIES_MAX", 2), ("FILE_BYTES_MAX", 100), ("BYTES_MAX", len(CONTROL) + 10)]
)
def test_a_folder_larger_than_any_rules_is_refused(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, limit: tuple[str, int]
) -> None:
    put(workspace, {"rules/controls/a.toml": CONTROL, "rules/parameters/b.toml": DAYS})
    monkeypatch.setattr(rule_files, *limit)
    with pytest.raises(PayrollError, match="rules_too_large"):
        rule_files.rules_below(workspace / "rules")


def test_what_programs_leave_in_a_folder_is_no_rule(workspace: Path) -> None:
    names = ("Thumbs.db", "controls/desktop.ini", ".DS_Store", "controls/._own.toml")
    more = ("controls/~$own.toml", "controls/.~lock.own.toml#", "controls/.writing-x")
    put(workspace, {f"rules/{name}": "\0" for name in (*names, *more)})
    put(workspace, {"rules/controls/own.toml": CONTROL})
    assert load_book(workspace).controls["COMPL-001"].severity == "warn"
    assert controls()["COMPL-001"].severity != "warn"


def test_the_rules_of_a_run_under_those_of_its_workspace(workspace: Path, tmp_path: Path) -> None:
    """They hold the same files of the workspace; where these changed since, nobody guesses."""
    put(workspace, {"rules/controls/own.toml": CONTROL})
    inside = tmp_path / "rulebook"
    shutil.copytree(TINY.parents[1] / "rules", inside)
    put(inside, {"workspace/controls/own.toml": CONTROL})
    assert load_book(workspace, inside).controls["COMPL-001"].severity == "warn"
    put(inside, {"workspace/controls/own.toml": CONTROL + "# before"})
    with pytest.raises(PayrollError, match="rule_entry_twice"):
        load_book(workspace, inside)
