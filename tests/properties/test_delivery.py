"""Bundles give back what was packed, and an enrolment changes nothing but one key."""

from __future__ import annotations

import hashlib
import json
import tempfile
import tomllib
from itertools import combinations
from pathlib import Path

import pyrage
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from payroll.ledger.keys import new_key
from payroll.model.errors import UsageError
from payroll.model.people import person_key, same_person
from payroll.release.pack import pack
from payroll.release.recipients import Recipient
from payroll.release.register_key import enrolled
from payroll.release.unpack import unpack
from payroll.store import write_run

RUN_ID = "2022-05-abc123"
IDENTITY = pyrage.x25519.Identity.generate()
TO = [Recipient(str(IDENTITY.to_public()), "")]
_, KEY = new_key("cheval correct agrafe", rounds=4)

letters = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/\\:\0")
part = st.text(letters, min_size=1, max_size=40).filter(
    lambda text: text not in (".", "..") and len(text.encode()) < 200
)
paths = st.lists(part, min_size=1, max_size=3).map(lambda parts: "/".join(["d", *parts, "f"]))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(paths, st.binary(max_size=2000), max_size=6))
def test_any_run_comes_out_as_it_was_packed(files: dict[str, bytes]) -> None:
    folders = {name[:end] for name in files for end in range(len(name)) if name[end] == "/"}
    files = {name: content for name, content in files.items() if name not in folders}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = json.dumps({"run_id": RUN_ID, "files": digests}).encode()
    with tempfile.TemporaryDirectory() as place:
        run, _ = write_run(Path(place, "runs"), RUN_ID, {**files, "manifest.json": manifest})
        packed = pack(run, TO, Path(place, "run.age"))
        done = unpack(packed.path, [IDENTITY], Path(place, "into"))
        for name, content in {**files, "manifest.json": manifest}.items():
            assert (done.folder / name).read_bytes() == content
        assert done.files == packed.files == len(files) + 1


BASE = """name = "Hôpital Fictif"
enterprise_number = "0468651441"
account = [{ id = "main", iban = "BE68 5390 0754 7034", bank_profile = "generic_be_2022" }]
"""
#: What a name may hold (payroll.model.order): visible ASCII, accents, some letters of Europe.
visible = [*map(chr, range(32, 127)), *"éèçñüÅŠőğıßøłÆ’"]
names = (
    st.text(st.sampled_from(visible), min_size=3, max_size=20)
    .map(str.strip)
    .filter(lambda name: len(name) >= 3)
)


@settings(max_examples=200, deadline=None)
@given(
    people=st.lists(names, max_size=4, unique_by=person_key),
    name=names,
    form=st.sampled_from(["list", "tables", "inline"]),
    comment=st.booleans(),
)
def test_an_enrolment_adds_one_key_and_nothing_else(
    people: list[str], name: str, form: str, comment: bool
) -> None:
    assume(all(not same_person(*pair) for pair in combinations({*people, name}, 2)))  # refused
    quoted = [json.dumps(person, ensure_ascii=False) for person in people]
    if form == "tables":
        release = "".join(f"[[release.approvers]]\nname = {person}\n" for person in quoted)
    elif form == "inline":
        tables = ", ".join(f"{{ name = {person} }}" for person in quoted)
        release = f"[release]\napprovers = [{tables}]\n"
    else:
        release = f"[release]\napprovers = [{', '.join(quoted)}]\n"
    old = BASE + (f"# {json.dumps(name, ensure_ascii=False)}\n" if comment else "") + release
    try:
        new = enrolled(old.encode(), {"name": name, "public_key": KEY}).decode()
    except UsageError as error:
        assert error.error_id == "enrol_impossible"  # noqa: PT017 - only this refusal is lawful
        raise AssertionError("every one of these forms can be enrolled") from error
    before, after = tomllib.loads(old), tomllib.loads(new)
    assert {**before, "release": 0, "approvers": 0} == {**after, "release": 0, "approvers": 0}
    listed = [
        item if isinstance(item, dict) else {"name": item}
        for item in after.get("release", {}).get("approvers", []) + after.get("approvers", [])
    ]
    keys = {item["name"]: item.get("public_key", "") for item in listed}
    assert keys == {**dict.fromkeys(people, ""), name: KEY}
    assert len(listed) == len(keys)
