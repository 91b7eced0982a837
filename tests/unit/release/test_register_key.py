"""A key is put into employer.toml whole or not at all, and no other byte changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from payroll.ledger.keys import new_key
from payroll.model.errors import PayrollError, UsageError
from payroll.model.order import Approver, Employer
from payroll.model.refusals import parse_toml
from payroll.release.key_files import make_key
from payroll.release.register_key import approver_block, enrol, enrolled, write_enrolled

BASE = """# our employer, "Anne Fictive" checks it
name = "Hôpital Fictif"   # kept
enterprise_number = "0468651441"

[[account]]
id = "main"
iban = "BE68 5390 0754 7034"
bank_profile = "generic_be_2022"
"""
_, KEY = new_key("cheval correct agrafe", rounds=4)
FIELDS = {"name": "Anne Fictive", "public_key": KEY}


def approvers(content: bytes) -> dict[str, Approver]:
    people = parse_toml(Employer, "employer.toml", content).all_approvers
    assert len({person.name for person in people}) == len(people)
    return {person.name: person for person in people}


def only_added(old: str, new: bytes, *lost: str) -> None:
    """Every line of the old file stands in the new one, in order, but those that gave way."""
    rest = iter(new.decode().splitlines(keepends=True))
    for line in old.splitlines(keepends=True):
        if line not in lost:
            assert any(line == other for other in rest), line


@pytest.mark.parametrize(
    "release",
    [
        '[release]\napprovals = 2\napprovers = ["Zoé Modèle", "Anne Fictive"] # two\n',
        "[release]\napprovers = [\n  'Anne Fictive', # her\n  \"Zoé Modèle\",\n]\napprovals = 3\n",
        '[release]\napprovers = [{ name = "Anne Fictive", role = "" }, "Zoé Modèle"]\n',
        'release = { approvers = ["Anne Fictive", "Zoé Modèle"] }\n',
    ],
)
def test_a_listed_name_gets_its_key(release: str) -> None:
    old = release + BASE if release.startswith("release") else BASE + release
    new = enrolled(old.encode(), FIELDS)
    assert approvers(new)["Anne Fictive"].public_key == KEY
    assert approvers(new)["Zoé Modèle"].public_key == ""
    changed = [line for line in release.splitlines(keepends=True) if "Anne" in line]
    only_added(old, new, *changed)
    assert len(new.decode().splitlines()) == len(old.splitlines())


def test_a_table_without_key_gets_it_and_its_role() -> None:
    old = (
        BASE + "[[release.approvers]]\r\nname = 'Anne Fictive' # her\r\nrole = \"\"\r\n"
        "[[release.approvers]]\r\nname = \"Zoé Modèle\"\r\nrole = 'finance'\r\n"
    )
    new = enrolled(old.encode(), {**FIELDS, "limit": "5000000.00"})
    assert approvers(new)["Anne Fictive"].limit_cents == 500_000_000
    only_added(old, new)


def test_a_role_takes_the_place_of_an_empty_one() -> None:
    table = '[[release.approvers]]\nname = "Anne Fictive"\nrole = ""  # to be said\n'
    new = enrolled((BASE + table).encode(), {**FIELDS, "role": "finance"})
    assert approvers(new)["Anne Fictive"].role == "finance"
    only_added(BASE + table, new, 'role = ""  # to be said\n')


@pytest.mark.parametrize(
    "release",
    [
        "",
        '[release]\napprovers = ["Zoé Modèle"]',
        '[release]\n[[release.approvers]]\nname = "Zoé"\n',
        "[release]\napprovals = 2\n",
        '[[approvers]]\nname = "Zoé Modèle"\n',
    ],
)
def test_a_new_person_is_added_at_the_end(release: str) -> None:
    new = enrolled((BASE + release).encode(), {**FIELDS, "role": "finance"})
    assert new.decode().startswith(BASE + release)
    person = approvers(new)["Anne Fictive"]
    assert (person.public_key, person.role) == (KEY, "finance")


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    old = ("\ufeff" + BASE.replace("\n", "\r\n")).encode()
    new = enrolled(old, FIELDS)
    assert new.startswith(old)
    assert new.count(b"\n") == new.count(b"\r\n")


def test_a_key_is_never_replaced() -> None:
    once = enrolled(BASE.encode(), FIELDS)
    with pytest.raises(UsageError) as caught:
        enrolled(once, FIELDS)
    assert caught.value.error_id == "approver_enrolled"


@pytest.mark.parametrize(
    "release",
    [
        'release = { approvers = ["Zoé Modèle"] }\napprovers = ["Hervé Spécimen"]\n',
        '[release]\napprovers = ["\\u0041nne Fictive"]\n',
        '[[release.approvers]]\nname = "Anne Fictive"\nrole = "other"\n',
    ],
)
def test_a_structure_we_do_not_know_is_left_alone(release: str) -> None:
    old = release + BASE if release.startswith("release") else BASE + release
    with pytest.raises(UsageError) as caught:
        enrolled(old.encode(), {**FIELDS, "role": "finance"})
    assert caught.value.error_id == "enrol_impossible"


@pytest.mark.parametrize("listed", ['"Zoé Modèle"', '{ name = "Zoé-Modèle" }', '"ZOE  MODELE"'])
def test_nobody_is_enrolled_twice_under_two_spellings(listed: str) -> None:
    old = f'{BASE}[release]\napprovers = ["Hervé Spécimen", {listed}]\n'
    with pytest.raises(UsageError) as caught:
        enrolled(old.encode(), {**FIELDS, "name": "Zoe Modele"})
    assert caught.value.error_id == "approver_otherwise"
    assert "Mod" not in str(caught.value.params)


def test_a_refused_limit_or_file_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "employer.toml"
    for content, fields in ((BASE, {**FIELDS, "limit": "a lot"}), ("name = ", FIELDS)):
        path.write_text(content, "utf-8")
        with pytest.raises(PayrollError):
            enrol(tmp_path, fields)
        assert path.read_text("utf-8") == content


def test_the_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "employer.toml"
    path.write_text(BASE, "utf-8")
    write_enrolled(tmp_path, enrol(tmp_path, FIELDS))
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["employer.toml"]


def test_a_linked_file_is_refused_and_what_it_leads_to_untouched(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.toml"
    theirs.write_text(BASE, "utf-8")
    (tmp_path / "employer.toml").symlink_to(theirs)
    key = tmp_path / "key"
    for act in (
        lambda: enrol(tmp_path, FIELDS),
        lambda: write_enrolled(tmp_path, b"x"),
        lambda: make_key("Anne Fictive", key, {}, lambda: "cheval correct agrafe", tmp_path),
    ):
        with pytest.raises(PayrollError) as caught:
            act()
        assert caught.value.error_id == "link_refused"
    assert theirs.read_text("utf-8") == BASE
    assert not key.exists()


def test_the_printed_block_can_be_pasted() -> None:
    odd = 'Anne "Nan" Fictive\\'
    block = approver_block({"name": odd, "public_key": KEY})
    assert tomllib.loads(block)["release"]["approvers"] == [
        {"name": odd, "public_key": KEY, "role": ""}
    ]
    assert approvers((BASE + block).encode())[odd].public_key == KEY
