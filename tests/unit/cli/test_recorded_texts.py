"""What a verb records is a line of signs that can be seen, whichever verb it is."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from payroll.cli.main import VERBS
from payroll.model.errors import UsageError

RECORDED = {"--by", "--reason", "--reference", "--evidence", "--because", "--name", "--role"}
#: What a verb makes a file or a folder of.
MADE = {"-o", "--output", "--out", "--into"}
UNSEEN = [
    "a\nb",
    "a\rb",
    "a\tb",
    "a\x00b",
    "a\x1b[2Jb",
    "a\u202eb",
    "a\u200bb",
    "a\u2028b",
    "\udc80",
]


def options(command: click.Command, name: str) -> Iterator[tuple[str, click.Parameter]]:
    if isinstance(command, click.Group):
        for sub, inner in command.commands.items():
            yield from options(inner, f"{name} {sub}")
    for item in command.params:
        yield name, item


FOUND = [
    (f"{name} {item.opts[0]}", item)
    for verb, module in VERBS.items()
    for name, item in options(importlib.import_module(f"payroll.cli.{module}").command, verb)
    if RECORDED.intersection(item.opts)
]


MADE_FILES = [
    (f"{name} {item.opts[0]}", item)
    for verb, module in VERBS.items()
    for name, item in options(importlib.import_module(f"payroll.cli.{module}").command, verb)
    if (MADE.intersection(item.opts) and (name, item.name) != ("rules import", "workspace"))
    or (verb, item.name) == ("demo", "folder")
]


def test_the_verbs_that_record_are_found() -> None:
    assert len(FOUND) >= 15
    names = {name for name, _ in FOUND}
    assert {"approve --by", "release --reason", "keys enrol --by", "keys new --name"} <= names
    made = {name.split(" -")[0] for name, _ in MADE_FILES}
    assert {"keys new", "rules export", "template", "pack", "unpack", "calc"} <= made


@pytest.mark.parametrize("item", [item for _, item in MADE_FILES], ids=[n for n, _ in MADE_FILES])
@pytest.mark.parametrize("text", UNSEEN)
def test_no_file_is_made_whose_name_cannot_be_seen(item: click.Parameter, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        item.type.convert(text, item, None)
    assert refused.value.error_id == "text_refused"
    assert item.type.convert("dossier d’Hervé/a b.xlsx", item, None) == Path(
        "dossier d’Hervé/a b.xlsx"
    )


@pytest.mark.parametrize("item", [item for _, item in FOUND], ids=[name for name, _ in FOUND])
@pytest.mark.parametrize("text", UNSEEN)
def test_signs_that_cannot_be_seen_are_refused(item: click.Parameter, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        item.type.convert(text, item, None)
    assert refused.value.error_id == "text_refused"
    assert refused.value.where == item.opts[0]


@pytest.mark.parametrize("item", [item for _, item in FOUND], ids=[name for name, _ in FOUND])
def test_a_name_or_a_reason_as_people_write_it_is_taken(item: click.Parameter) -> None:
    assert item.type.convert("Zoé d\u2019Hervé-Modèle", item, None)
