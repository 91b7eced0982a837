"""Who may open an encrypted bundle: age and ssh-ed25519 public keys, and the keys that open it.

Standards: age-encryption.org/v1 (X25519 and ssh-ed25519 recipients), OpenSSH key formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from payroll.ledger.keys import (
    compact_public,
    fingerprint,
    needs_passphrase,
    open_key,
    without_passphrase,
)
from payroll.model.errors import DamagedInputError, UsageError
from payroll.model.order import Employer
from payroll.model.refusals import parse_toml
from payroll.release.register_key import EMPLOYER
from payroll.store import read_input

KEY_BYTES_MAX = 64 * 1024
_AGE = "age1"
_SSH = "ssh-"
_AGE_SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - how such a line begins
_ENCRYPTED = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One public key. shown: its fingerprint as ssh-keygen -lf writes it, or the age key itself."""

    line: str
    shown: str


def recipients_of(asked: Iterable[str], workspace: Path) -> tuple[Recipient, ...]:
    """The public keys meant by each --to: a key, a file of keys, or the name of an approver.

    Each once, in the order asked. Raises UsageError recipient_unknown, recipient_is_secret,
    approver_without_key.
    """
    found: dict[str, Recipient] = {}
    for number, item in enumerate(asked, start=1):
        for recipient in _one(item.strip(), f"--to {number}", workspace):
            found.setdefault(recipient.line, recipient)
    return tuple(found.values())


def _one(item: str, where: str, workspace: Path) -> list[Recipient]:
    if item.startswith((_AGE, _SSH)):
        return [_recipient(item, where)]
    if item.upper().startswith(_AGE_SECRET):
        raise UsageError("recipient_is_secret", where=where)
    if item and Path(item).is_file():
        return _from_file(Path(item))
    return [_approver(item, where, workspace)]


def _recipient(line: str, where: str) -> Recipient:
    import pyrage

    try:
        if line.startswith(_AGE):
            pyrage.x25519.Recipient.from_str(line)
            return Recipient(line, line)
        public = compact_public(line)
        return Recipient(public, fingerprint(public))
    except (pyrage.RecipientError, ValueError) as error:
        raise UsageError("recipient_unknown", where=where) from error


def _from_file(path: Path) -> list[Recipient]:
    content = read_input(path)
    if b"PRIVATE KEY-----" in content or _AGE_SECRET.encode() in content.upper():
        raise UsageError("recipient_is_secret", where=path.name)
    if len(content) > KEY_BYTES_MAX:
        raise UsageError("recipient_unknown", where=path.name)
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError("recipient_unknown", where=path.name) from error
    numbered = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    found = [
        _recipient(line, f"{path.name}!{number}")
        for number, line in numbered
        if line and not line.startswith("#")
    ]
    if not found:
        raise UsageError("recipient_unknown", where=path.name)
    return found


def _approver(name: str, where: str, workspace: Path) -> Recipient:
    path = workspace / EMPLOYER
    if not path.is_file():
        raise UsageError("recipient_unknown", where=where)
    people = parse_toml(Employer, EMPLOYER, read_input(path)).all_approvers
    person = next((item for item in people if item.name == name), None)
    if person is None:
        raise UsageError("recipient_unknown", where=where)
    if not person.public_key:
        raise UsageError("approver_without_key", where=f"{where}, {EMPLOYER}")
    return _recipient(person.public_key, EMPLOYER)


def age_recipients(recipients: Iterable[Recipient]) -> list[Any]:
    """The recipients as pyrage takes them."""
    import pyrage

    return [
        pyrage.x25519.Recipient.from_str(item.line)
        if item.line.startswith(_AGE)
        else pyrage.ssh.Recipient.from_str(item.line)
        for item in recipients
    ]


def identities_of(path: Path, passphrase: Callable[[], str]) -> list[Any]:
    """What opens a bundle, from an age identity file or an OpenSSH private key.

    passphrase: called only for a key that is protected by one; such a key is opened in memory only.
    Raises UsageError passphrase_wrong, DamagedInputError key_unreadable.
    """
    import pyrage

    content = read_input(path)
    if len(content) > KEY_BYTES_MAX:
        raise DamagedInputError("key_unreadable", where=path.name)
    if content.lstrip().startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----"):
        phrase = passphrase() if needs_passphrase(content) else ""
        key = open_key(content, phrase, path.name)
        return [pyrage.ssh.Identity.from_buffer(without_passphrase(key))]
    if content.startswith(_ENCRYPTED):
        try:
            content = pyrage.passphrase.decrypt(content, passphrase())
        except pyrage.DecryptError as error:
            raise UsageError("passphrase_wrong", where=path.name) from error
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
        found = [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
    except (UnicodeDecodeError, pyrage.IdentityError) as error:
        raise DamagedInputError("key_unreadable", where=path.name) from error
    if not found:
        raise DamagedInputError("key_unreadable", where=path.name)
    return found
