"""Put an approver's public key into employer.toml, whole or not at all, keeping every other byte.

An edit is only tried: it stands when the file then says exactly what it said before, plus the key.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import tomli

from payroll.atomic_files import replace_whole, require_no_link
from payroll.model.errors import UsageError
from payroll.model.order import Employer
from payroll.model.people import person_key
from payroll.model.refusals import parse_toml
from payroll.store import read_input

EMPLOYER = "employer.toml"
#: More places where a name can stand between quotes than any honest file has.
_EDITS_MAX = 200


def approver_block(fields: Mapping[str, str], table: str = "release.approvers") -> str:
    """The TOML block of an approver, to be pasted into employer.toml.

    fields: name, public_key, and role and limit where they are known.
    """
    lines = [f"[[{table}]]", *(f"{key} = {quoted(value)}" for key, value in fields.items())]
    if "role" not in fields:
        lines.append('role = ""            # e.g. "finance", as [release] roles may ask for')
    if "limit" not in fields:
        lines.append('# limit = "5000000.00"')
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """A printable text as a TOML basic string."""
    return json.dumps(value, ensure_ascii=False)


def enrolled(content: bytes, fields: Mapping[str, str]) -> bytes:
    """employer.toml with an approver's key added to it.

    An approver listed by name only gets the key there; one who is not listed is added at the end.
    Raises PayrollError where the file is no employer.toml, UsageError approver_enrolled when the
    person has another key already, approver_otherwise when the file writes the name otherwise,
    enrol_impossible when the structure of the file is another.
    """
    parse_toml(Employer, EMPLOYER, content)
    old = content.decode("utf-8")  # with its byte-order mark, if it has one
    data = _parsed(old)
    if data is None:
        raise UsageError("enrol_impossible", where=EMPLOYER)
    _refuse_other_spelling(data, fields["name"])
    for new, wanted in islice(_edits(old, data, fields), _EDITS_MAX):
        if _parsed(new) == wanted:
            result = new.encode("utf-8")
            parse_toml(Employer, EMPLOYER, result)  # the key, the role and the limit are lawful
            return result
    raise UsageError("enrol_impossible", where=EMPLOYER)


def enrol(workspace: Path, fields: Mapping[str, str]) -> bytes:
    """What employer.toml of a workspace will be; nothing is written.

    Raises PayrollError link_refused, and as enrolled.
    """
    require_no_link(workspace / EMPLOYER)
    return enrolled(read_input(workspace / EMPLOYER), fields)


def write_enrolled(workspace: Path, content: bytes) -> Path:
    """Replace employer.toml whole. Raises PayrollError link_refused, run_not_written."""
    path = workspace.resolve() / EMPLOYER
    require_no_link(path)
    replace_whole(path, content)
    return path


Data = dict[str, object]


def _parsed(text: str) -> Data | None:
    try:
        return tomli.loads(text.removeprefix("\ufeff"), parse_float=str)
    except tomli.TOMLDecodeError:
        return None


def _edits(old: str, data: Data, fields: Mapping[str, str]) -> Iterator[tuple[str, Data]]:
    """(a text to try, what it must say), the best first."""
    for people in _lists_of_approvers(data):
        for index, person in enumerate(people):
            if person == fields["name"]:
                yield from _key_for_a_name(old, data, fields, people, index)
                return
            if isinstance(person, dict) and person.get("name") == fields["name"]:
                yield from _key_for_a_table(old, data, fields, people, index)
                return
    end = "\r\n" if "\r\n" in old else "\n"
    gap = end if old.endswith("\n") or not old else end * 2
    for table in ("release.approvers", "approvers"):
        block = approver_block(fields, table).replace("\n", end)
        yield old + gap + block, _with_another(data, table, fields)


def _refuse_other_spelling(data: Data, name: str) -> None:
    """An approver named twice, with and without accents, could never approve again."""
    people = [person for people in _lists_of_approvers(data) for person in people]
    listed = [person.get("name") if isinstance(person, dict) else person for person in people]
    others = {item for item in listed if isinstance(item, str)} - {name}
    if person_key(name) in {person_key(other) for other in others}:
        raise UsageError("approver_otherwise", where=EMPLOYER)


def _lists_of_approvers(data: Data) -> list[list[object]]:
    release = data.get("release")
    places = [release.get("approvers") if isinstance(release, dict) else None]
    places.append(data.get("approvers"))
    return [place for place in places if isinstance(place, list)]


def _key_for_a_name(
    old: str, data: Data, fields: Mapping[str, str], people: list[object], index: int
) -> Iterator[tuple[str, Data]]:
    """`"Anne"` in a list of names becomes `{ name = "Anne", public_key = "..." }`."""
    pairs = ", ".join(f"{key} = {quoted(value)}" for key, value in fields.items())
    wanted = _with_entry(data, people, index, dict(fields))
    for start, end in _places(old, fields["name"]):
        yield f"{old[:start]}{{ {pairs} }}{old[end:]}", wanted


def _key_for_a_table(
    old: str, data: Data, fields: Mapping[str, str], people: list[object], index: int
) -> Iterator[tuple[str, Data]]:
    """A table of that name gets the key on a line of its own, or in line."""
    entry = people[index]
    known: Data = dict(entry) if isinstance(entry, dict) else {}
    if known.get("public_key"):
        raise UsageError("approver_enrolled", where=EMPLOYER)
    added = {key: value for key, value in fields.items() if not known.get(key)}
    if any(known[key] != value for key, value in fields.items() if key not in added):
        raise UsageError("enrol_impossible", where=EMPLOYER)
    wanted = _with_entry(data, people, index, {**known, **added})
    bare = old
    for key in added.keys() & known.keys():  # `role = ""` gives way to the role
        bare = re.sub(rf'^{key}[ \t]*=[ \t]*(?:""|\'\')[^\r\n]*\r?\n', "", bare, flags=re.MULTILINE)
    end_of_line = "\r\n" if "\r\n" in old else "\n"
    lines = [f"{key} = {quoted(value)}" for key, value in added.items()]
    texts = [old] if bare == old else [old, bare]
    for text in texts:
        for start, end in _places(text, fields["name"]):
            yield f"{text[:end]}, {', '.join(lines)}{text[end:]}", wanted
            line = text.rfind("\n", 0, start) + 1
            yield text[:line] + "".join(item + end_of_line for item in lines) + text[line:], wanted


def _places(text: str, name: str) -> list[tuple[int, int]]:
    """Where the name stands between quotes."""
    forms = "|".join(re.escape(form) for form in {quoted(name), f'"{name}"', f"'{name}'"})
    return [found.span() for found in re.finditer(forms, text)]


def _with_entry(data: Data, people: list[object], index: int, entry: Data) -> Data:
    kept, people[index] = people[index], entry
    wanted = copy.deepcopy(data)
    people[index] = kept
    return wanted


def _with_another(data: Data, table: str, fields: Mapping[str, str]) -> Data:
    wanted = copy.deepcopy(data)
    place = wanted
    if table == "release.approvers":
        release = wanted.setdefault("release", {})
        place = release if isinstance(release, dict) else {}
    people = place.setdefault("approvers", [])
    if isinstance(people, list):
        people.append({"role": "", **fields})
    return wanted
