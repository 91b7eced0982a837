"""Signing keys: Ed25519 in the OpenSSH formats, so that public tools read and check them too.

The private key file is encrypted with a passphrase (bcrypt, AES-256-CTR). Standards: RFC 8032
(Ed25519), RFC 8709 (ssh-ed25519), OpenSSH PROTOCOL.key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from payroll.model.errors import DamagedInputError, UsageError

#: bcrypt rounds of the key file: some tenths of a second per guess.
ROUNDS = 64
PASSPHRASE_MIN = 10
_MAGIC = b"openssh-key-v1\0"


def new_key(passphrase: str, rounds: int = ROUNDS) -> tuple[bytes, str]:
    """A new key: (private key file, public line `ssh-ed25519 AAAA...`).

    Raises UsageError passphrase_short.
    """
    if len(passphrase) < PASSPHRASE_MIN:
        raise UsageError("passphrase_short", least=PASSPHRASE_MIN)
    key = Ed25519PrivateKey.generate()
    encryption = (
        serialization.PrivateFormat.OpenSSH.encryption_builder()
        .kdf_rounds(rounds)
        .build(passphrase.encode("utf-8", "surrogateescape"))
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, encryption
    )
    return private, _public_line(key.public_key())


def open_key(private: bytes, passphrase: str, where: str = "") -> Ed25519PrivateKey:
    """Open a private key file; one that no passphrase protects opens with any.

    Raises UsageError passphrase_wrong, DamagedInputError key_unreadable.
    """
    public_in(private, where)
    phrase = passphrase.encode("utf-8", "surrogateescape") if needs_passphrase(private) else b""
    try:
        key = serialization.load_ssh_private_key(private, phrase or None)
    except (ValueError, TypeError) as error:
        raise UsageError("passphrase_wrong", where=where) from error
    except UnsupportedAlgorithm as error:
        raise DamagedInputError("key_unreadable", where=where) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DamagedInputError("key_unreadable", where=where)
    return key


def public_in(private: bytes, where: str = "") -> str:
    """The public line that stands in clear in a private key file: no passphrase is needed.

    Raises DamagedInputError key_unreadable. Standard: OpenSSH PROTOCOL.key, first part.
    """
    try:
        head, _, rest = private.decode("ascii").strip().partition("\n")
        body, mark, _ = rest.partition("-----END OPENSSH PRIVATE KEY-----")
        if head.strip() != "-----BEGIN OPENSSH PRIVATE KEY-----" or not mark:
            raise ValueError("no OpenSSH private key")
        blob = base64.b64decode("".join(body.split()), validate=True)
        if not blob.startswith(_MAGIC):
            raise ValueError("no OpenSSH private key")
        place = len(_MAGIC)
        for _name in ("cipher", "kdf", "kdf options"):
            _, place = _string_at(blob, place)
        public, _ = _string_at(blob, place + 4)  # after the number of keys
        return compact_public("ssh-ed25519 " + base64.b64encode(public).decode())
    except (ValueError, struct.error) as error:
        raise DamagedInputError("key_unreadable", where=where) from error


def needs_passphrase(private: bytes) -> bool:
    """Whether the file is a private key that opens with a passphrase only."""
    try:
        serialization.load_ssh_private_key(private, None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return False


def without_passphrase(key: Ed25519PrivateKey) -> bytes:
    """The OpenSSH form of an opened key, for a library that takes no other. Never on a disk."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )


def public_of(key: Ed25519PrivateKey) -> str:
    """The public line of an opened key."""
    return _public_line(key.public_key())


def verify(public_line: str, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the key signed exactly these bytes."""
    try:
        key = serialization.load_ssh_public_key(public_line.encode())
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(signature, message)
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True


def signed(public_line: str, text: str, signature: str) -> bool:
    """Whether the holder of the key signed that text; the signature in base64."""
    try:
        content = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):  # a letter outside ASCII is a plain ValueError
        return False
    return verify(public_line, text.encode(), content)


def compact_public(line: str) -> str:
    """A public line without its comment. Raises ValueError when it is no ssh-ed25519 key."""
    parts = line.split()
    if len(parts) < 2 or parts[0] != "ssh-ed25519":
        raise ValueError("not an ssh-ed25519 public key")
    try:
        key = serialization.load_ssh_public_key(" ".join(parts[:2]).encode())
    except (UnsupportedAlgorithm, ValueError) as error:
        raise ValueError("not an ssh-ed25519 public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an ssh-ed25519 public key")  # noqa: TRY004 - a value, not a type
    return _public_line(key)


def fingerprint(public_line: str) -> str:
    """`SHA256:...`, as ssh-keygen -lf shows it."""
    try:
        blob = base64.b64decode(public_line.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return ""
    digest = hashlib.sha256(blob).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _public_line(key: Ed25519PublicKey) -> str:
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return line.decode()


def _string_at(blob: bytes, place: int) -> tuple[bytes, int]:
    """(a string of the SSH wire format, where the next begins): RFC 4251, section 5."""
    (length,) = struct.unpack_from(">I", blob, place)
    end = place + 4 + int(length)
    if end > len(blob):
        raise ValueError("cut short")
    return blob[place + 4 : end], end
