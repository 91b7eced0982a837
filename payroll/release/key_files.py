"""The two files of a signing key, and whose key a file is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from payroll.atomic_files import write_new_private_file
from payroll.ledger.keys import compact_public, new_key, public_in
from payroll.model.errors import DamagedInputError, UsageError
from payroll.model.order import Approver
from payroll.model.refusals import parse_toml
from payroll.release.register_key import approver_block, enrol, write_enrolled
from payroll.store import read_input


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFiles:
    """A key that was made. block: what employer.toml must say of its owner; enrolled_in: the
    employer.toml that says it already, '' for none.
    """

    file: Path
    public_file: Path
    public: str
    block: str
    enrolled_in: str


def make_key(
    name: str,
    file: Path,
    more: dict[str, str],
    passphrase: Callable[[], str],
    workspace: Path | None = None,
) -> KeyFiles:
    """Make a key of a person: the private file, its .pub, and its entry in a workspace.

    more: the role and the limit, where given. Nothing is written before all of it is lawful. Raises
    UsageError file_exists, key_name_refused, and as register_key.enrol.
    """
    public_file = file.with_name(f"{file.name}.pub")
    for path in (file, public_file):
        if path.exists() or path.is_symlink():
            raise UsageError("file_exists", where=str(path))
    if name != name.strip():
        raise UsageError("key_name_refused", where="--name")
    private, public = new_key(passphrase())
    fields = {"name": name, "public_key": public, **more}
    block = approver_block(fields)
    # The same model as employer.toml's: what is printed can be pasted.
    parse_toml(Approver, "--name, --role, --limit", block.split("\n", 1)[1].encode())
    employer = enrol(workspace, fields) if workspace is not None else None
    write_new_private_file(file, private)
    write_new_private_file(public_file, f"{public} {name}\n".encode())
    enrolled_in = ""
    if workspace is not None and employer is not None:
        enrolled_in = str(write_enrolled(workspace, employer))
    return KeyFiles(
        file=file, public_file=public_file, public=public, block=block, enrolled_in=enrolled_in
    )


def public_key_of(file: Path) -> tuple[str, str]:
    """(name, public line) of a private key file or of its .pub file.

    Raises DamagedInputError key_unreadable.
    """
    content = read_input(file)
    if b"-----BEGIN" in content:
        public, beside = public_in(content, file.name), file.with_name(f"{file.name}.pub")
        name, shown = public_key_of(beside) if beside.is_file() else ("", public)
        return (name if shown == public else ""), public
    try:
        line = content.decode("utf-8").strip()
        public = compact_public(line)
    except (ValueError, UnicodeDecodeError) as error:
        raise DamagedInputError("key_unreadable", where=file.name) from error
    comment = line.split(None, 2)[2] if len(line.split(None, 2)) == 3 else ""
    return "".join(letter for letter in comment if letter.isprintable()), public
