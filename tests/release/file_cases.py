"""Verbs that write folders and files, interrupted at any moment: whole or not at all, and again.

`run` and `reissue` write their folder by one function; `rules import` replaces one file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyrage

from payroll.atomic_files import replace_private_file, write_tree
from payroll.ledger.keys import new_key, open_key
from payroll.model.errors import PayrollError
from payroll.release import key_files
from payroll.release.pack import pack
from payroll.release.recipients import Recipient
from payroll.release.unpack import unpack
from payroll.release.workspace import employer_of
from payroll.store import write_run
from tests.release.crash_cases import Case, Checked
from tests.release.desk_samples import PHRASE

RUN = "2022-05-a1b2c3"
NAME = "Zoé Modèle"
OLD, NEW = b"# old\n" * 500, b"# new\n" * 700
EMPLOYER = """name = "Clinique"
enterprise_number = "0468651441"

[[account]]
id = "main"
iban = "BE68539007547034"
bank_profile = "generic_be_2022"
"""


def run_files() -> dict[str, bytes]:
    files = {"lines.csv": b"1;2\n" * 4000, "sepa/fees.xml": b"<Document/>"}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = json.dumps({"run_id": RUN, "files": digests}).encode()
    return {**files, "manifest.json": manifest}


def tree(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


class FileCase(Case):
    """Something that is written into an empty folder; its start is made by `begin`."""

    done_again = ""  # the error with which it is refused when it was done already

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.start = scratch / "start"
        self.start.mkdir(parents=True)
        self.begin(self.start)

    def begin(self, folder: Path) -> None:
        """What is there before."""

    def done(self, folder: Path) -> bool:
        """Whether it was done whole; raises where it was in part."""
        raise NotImplementedError

    def ended(self, folder: Path) -> Iterator[str]:
        """What is wrong with what lies there at the end."""
        del folder
        return iter(())

    def before_all(self, workspace: Path) -> Iterator[str]:
        del workspace
        return iter(())

    at_the_end = before_all

    def wrong(self, workspace: Path, checked: Checked) -> Iterator[str]:
        done = self.done(workspace)
        checked.done_before += done
        try:
            self.act(workspace)
        except PayrollError as error:
            if not done or error.error_id != self.done_again:
                raise
        if not self.done(workspace):
            yield "not done at the end"
        yield from self.ended(workspace)


class WritingRun(FileCase):
    """The folder of a run."""

    def act(self, workspace: Path) -> None:
        write_run(workspace / "runs", RUN, run_files())

    def done(self, folder: Path) -> bool:
        target = folder / "runs" / RUN
        if target.exists() and tree(target) != run_files():
            raise ValueError("a run in part")
        return target.exists()

    def ended(self, folder: Path) -> Iterator[str]:
        yield from (path.name for path in (folder / "runs").iterdir() if path.name != RUN)


class Unpacking(FileCase):
    """A bundle that is opened."""

    done_again = "run_exists"

    def begin(self, folder: Path) -> None:
        self.identity = pyrage.x25519.Identity.generate()
        write_tree(self.scratch / RUN, run_files())
        to = Recipient(str(self.identity.to_public()), "")
        pack(self.scratch / RUN, [to], folder / "run.age")

    def act(self, workspace: Path) -> None:
        unpack(workspace / "run.age", [self.identity], workspace / "into")

    def done(self, folder: Path) -> bool:
        target = folder / "into" / RUN
        if target.exists() and tree(target) != run_files():
            raise ValueError("a run in part")
        return target.exists()

    def ended(self, folder: Path) -> Iterator[str]:
        yield from (path.name for path in (folder / "into").iterdir() if path.name != RUN)


class Packing(Unpacking):
    """A run that is packed: the bundle opens, or is not there."""

    done_again = "file_exists"

    def begin(self, folder: Path) -> None:
        self.identity = pyrage.x25519.Identity.generate()
        write_tree(folder / RUN, run_files())

    def act(self, workspace: Path) -> None:
        to = Recipient(str(self.identity.to_public()), "")
        pack(workspace / RUN, [to], workspace / "out/run.age")

    def done(self, folder: Path) -> bool:
        bundle = folder / "out/run.age"
        if bundle.exists():
            pyrage.decrypt(bundle.read_bytes(), [self.identity])
        return bundle.exists()

    def ended(self, folder: Path) -> Iterator[str]:
        if tree(folder / RUN) != run_files():
            yield "the run was touched"


class ImportingRules(FileCase):
    """The employer's own rules, replaced by those of a workbook."""

    def begin(self, folder: Path) -> None:
        write_tree(folder / "rules/controls", {"overrides.toml": OLD})
        (folder / "controls.xlsx").write_bytes(b"workbook")

    def act(self, workspace: Path) -> None:
        target = workspace / "rules/controls/overrides.toml"
        replace_private_file(target, NEW, workspace / "controls.xlsx")

    def done(self, folder: Path) -> bool:
        content = (folder / "rules/controls/overrides.toml").read_bytes()
        if content not in (OLD, NEW):
            raise ValueError("rules in part")
        return content == NEW


class MakingKey(FileCase):
    """A key: the private half is whole before anybody is told of the public one."""

    done_again = "file_exists"

    def begin(self, folder: Path) -> None:
        (folder / "employer.toml").write_text(EMPLOYER, "utf-8")
        key_files.new_key = lambda phrase: new_key(phrase, rounds=1)

    def act(self, workspace: Path) -> None:
        key_files.make_key(NAME, workspace / "zoe.key", {}, lambda: PHRASE, workspace)

    def done(self, folder: Path) -> bool:
        private, public = folder / "zoe.key", folder / "zoe.key.pub"
        listed = employer_of(folder).all_approvers
        if private.exists():
            open_key(private.read_bytes(), PHRASE)
        known = key_files.public_key_of(private)[1] if private.exists() else ""
        told = [item.public_key for item in listed]
        told += [key_files.public_key_of(public)[1]] if public.exists() else []
        if any(line != known for line in told):
            raise ValueError("a public key whose private half is not there")
        return private.exists()

    def ended(self, folder: Path) -> Iterator[str]:
        if not employer_of(folder).all_approvers:  # cut off before it was listed: another file does
            key_files.make_key(NAME, folder / "again.key", {}, lambda: PHRASE, folder)
        if [item.name for item in employer_of(folder).all_approvers] != [NAME]:
            yield "the approver is not listed once"


def file_cases(scratch: Path) -> list[Case]:
    """Each of them in a folder of its own."""
    kinds = (WritingRun, Unpacking, Packing, ImportingRules, MakingKey)
    return [kind(scratch / kind.__name__) for kind in kinds]
